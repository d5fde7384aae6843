"""What all exercises on optimizers share: problems to walk on, and the mistakes that every optimizer can have."""

import numpy as np

from workbench.tutoring.exercise import Mistake, Walk

CURVATURES = {"w": np.array([0.1, 2.0]), "b": np.array([1.0, 0.5])}  # same shapes: a shared state raises nothing


def steady(**gradients):
    """A gradient function that gives the same gradients everywhere."""
    return lambda params: {key: np.array(g, params[key].dtype) for key, g in gradients.items()}


def bowls(params):
    """The gradients of a bowl for each parameter."""
    return {key: CURVATURES[key] * w for key, w in params.items()}


def round_bowls(params):
    """The gradients of a round bowl for parameters of any shapes, in their own dtype."""
    return {key: w * w.dtype.type(0.5) for key, w in params.items()}


def walks(*hyper_parameters):
    """Problems for every optimizer but the one worked by hand: its hyper-parameters must keep the bowl stable."""
    two = {"w": np.array([-7.0, 2.0]), "b": np.array([3.0, 1.0])}
    layer = {"W": np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]), "b": np.array([2.0, -3.0])}
    single = {key: w.astype(np.float32) for key, w in layer.items()}
    return (
        Walk("20 updates of two parameters", hyper_parameters, start=two, gradient=bowls, steps=20),
        Walk("5 updates of a layer", hyper_parameters, start=layer, gradient=round_bowls, steps=5),
        Walk("5 updates of a layer in float32", hyper_parameters, start=single, gradient=round_bowls, steps=5),
    )


def common_mistakes(reference, state):
    """The mistakes that do not depend on the rule. reference: a class of helpers; state: what it keeps, in words."""

    class Rebound(reference):
        def update(self, params, grads):
            super().update({key: w.copy() for key, w in params.items()}, grads)

    class Shared(reference):
        def update(self, params, grads):
            for key, w in params.items():
                super().update({"all": w}, {"all": grads[key]})

    class Remade(reference):
        def update(self, params, grads):
            self.state = {}
            super().update(params, grads)

    return (
        Mistake(
            "parameters rebound instead of changed in place",
            "`w = w - …` and `params[key] = …` make new arrays, and the network keeps the old ones. "
            "Write `w -= …`, `w += …` or `w[...] = …`, with w = params[key].",
            Rebound,
        ),
        Mistake(
            "state shared between parameters",
            f"Every parameter needs {state} of its own: keep a dict with the keys of params.",
            Shared,
        ),
        Mistake(
            "state re-made every step",
            f"Nothing is remembered from update to update: keep {state} in self, and make it once, "
            "when the key is first seen.",
            Remade,
        ),
    )
