"""What the tests of arguments need beside the declarations: objects, arguments that fit together, relations.

The names are those of `declared()` in test_bad_arguments.py: module, class, function. A name with () is what a class
inherits or a function returns. What a lesson's own functions need stands in lessons/NAME/arguments.py.
"""

from collections.abc import Sized
from dataclasses import dataclass, field

import numpy as np

import helpers
from workbench.data import mnist
from workbench.descent import landscapes, sweep
from workbench.drawing import histograms
from workbench.networks import (
    activations,
    convolution,
    lenet,
    network,
    normalization,
    regularization,
    schedules,
    training,
)

nan, inf, HUGE = np.nan, np.inf, 10**400

# Objects: whose methods are called, and what stands for an argument of their class.

BOWL = landscapes.bowl()
X, LABELS = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4), np.array([0, 1, 1])
RGB, KERNELS = np.ones((2, 3, 4, 4)), np.ones((5, 3, 3, 3))
IMAGES = np.arange(3 * 784).reshape(3, 28, 28).astype(np.uint8)


def mlp():
    return network.MLP((4, 3, 2))


def precise():
    return network.MLP((4, 3, 2), dtype=np.float64)


def after_forward(layer, x, **options):
    layer.forward(x, **options)
    return layer


def measured():
    stopping = regularization.EarlyStopping(lambda network: 1.0, 3)
    stopping(training.Run(1, mlp(), [1.0]))
    return stopping


OBJECTS = {
    activations.Signals: lambda: activations.five_layers("tanh", "He", layers=2, samples=3),
    convolution.Convolution: lambda: after_forward(convolution.Convolution(KERNELS, np.ones(5)), RGB),
    convolution.Halves: lambda: convolution.Halves(mlp().layers, (4,), 2),
    convolution.MaxPool: lambda: after_forward(convolution.MaxPool(), RGB),
    helpers.Optimizer: helpers.SGD,
    (histograms.LinearBins, histograms.OctaveBins): lambda: histograms.LinearBins(-1, 1, 4, ()),
    landscapes.Landscape: lambda: BOWL,
    lenet.LeNet: lenet.LeNet,
    network.MLP: mlp,
    network.Network: lambda: after_forward(mlp(), X),
    normalization.BatchNorm: lambda: after_forward(normalization.BatchNorm(4), X, training=True),
    regularization.Dropout: lambda: after_forward(regularization.Dropout(0.5), X, training=True),
    regularization.EarlyStopping: measured,
    regularization.L2: lambda: regularization.L2(mlp(), 0.1),
    sweep.Sweep: lambda: sweep.sweep(helpers.SGD(), BOWL, (1.0, 2.0), 3, [0.1, 0.2]),
    str: lambda: "Words.",
    helpers.Adam: helpers.Adam,
    Sized: lambda: [1],
    training.Run: lambda: training.Run(3, mlp(), [1.0, 2.0]),
}

# Functions that other functions return, with what their arguments may be.
RETURNED = {
    **{
        f"landscapes.Landscape.{name}()": (getattr(BOWL, name), getattr(BOWL, name).constraints)
        for name in ("value", "gradient", "hessian")
    },
    **{
        f"schedules.{name}()": (schedule, {"k": schedules.UPDATES})
        for name, schedule in (
            ("constant", schedules.constant(0.1)),
            ("step", schedules.step(0.1, 9, [5])),
            ("exponential", schedules.exponential(0.1, 0.9)),
            ("inverse_time", schedules.inverse_time(0.1, 0.9)),
            ("cosine", schedules.cosine(0.1, 9)),
            ("warmup", schedules.warmup(schedules.constant(0.1), 9, 3)),
        )
    },
}

SAMPLES = {"x": X, "labels": LABELS}
SET = {"images": X, "labels": LABELS}
DIGITS = mnist.Digits(np.zeros((20_000, 28, 28), np.uint8), np.zeros(20_000, np.uint8), IMAGES, LABELS)
JOBS = {"a": lambda run: training.train(mlp(), helpers.SGD(), X, LABELS, 1, 2, run=run)}
DY = np.ones((2, 5, 2, 2))

# Arguments that must fit one another, or the object, or that no constraint has an example of. All others are the first
# good value of their constraint.
GOOD = {
    "activations.five_layers": {"layers": 2, "samples": 3, "before": None},
    "convolution.Convolution": {"W": KERNELS, "b": np.ones(5)},
    "convolution.Convolution.forward": {"x": RGB},
    "convolution.Convolution.gradients": {"dy": DY},
    "convolution.Convolution.backward": {"dy": DY},
    "convolution.Halves.logits": {"x": X},
    "convolution.Halves.loss_and_gradients": SAMPLES,
    "convolution.MaxPool.forward": {"x": RGB},
    "convolution.MaxPool.backward": {"dy": np.ones((2, 3, 2, 2))},
    **{f"curvature.{name}": {"network": precise()} | SAMPLES for name in ("hessian_times", "sharpness")},
    "curves.by_rate": {"best": {"SGD": 1}},
    "landscapes.own": {"f": lambda x, y: x**2 + y**2, "view": ((-5.0, 5.0), (-5.0, 5.0)), "start": (1.0, 2.0)},
    "landscapes.lowest": {"landscape": BOWL},
    "digits.picture": {"images": IMAGES, "captions": ["0", "1", "2"]},
    "digits.confidently_wrong": {"network": network.MLP((784, 2)), "images": IMAGES, "labels": LABELS},
    "gradient_check.numeric_gradient": {"function": lambda: 1.0},
    "gradient_check.numeric_hessian": {"network": mlp()} | SAMPLES,
    "histograms.counts": {"values": np.zeros((2, 3))},
    "landscapes.Landscape": {name: getattr(BOWL, name) for name in vars(BOWL)},
    "network.MLP": {"before": None, "after": None},
    **{f"network.Network.{name}": {"x": X} for name in ("logits", "forward", "predict")},
    **{f"network.Network.{name}": SAMPLES for name in ("loss", "loss_and_gradients")},
    "network.Network.backward": {"dy": np.ones((3, 2))},
    **{f"normalization.BatchNorm.{name}": {"x": X} for name in ("forward",)},
    **{f"normalization.BatchNorm.{name}": {"dy": X} for name in ("gradients", "backward")},
    "regularization.L2.loss_and_gradients": SAMPLES,
    "regularization.Dropout.backward": {"dy": X},
    "regularization.EarlyStopping": {"measure": len},
    "regularization.EarlyStopping.__call__": {"run": training.Run(1, mlp(), [1.0])},
    "regularization.EarlyStopping.restore": {"network": mlp()},
    "schedules.step": {"iterations": 100, "boundaries": [10, 50]},
    "schedules.cosine": {"lr": 0.5, "end": 0.1},
    "schedules.warmup": {"schedule": schedules.constant(0.1), "iterations": 100, "updates": 10},
    "schedules.follow": {"optimizer": helpers.SGD(), "schedule": schedules.constant(0.1)},
    "stored.load": {"name": "mnist"},
    "stored.arrays": {"name": "lenet"},
    "sweep.sweep": {"optimizer": helpers.SGD(), "start": (1.0, 2.0)},
    "sweep.Sweep.cut": {"steps": 2},
    "training.train": {"network": mlp(), "optimizer": helpers.SGD()} | SET | {"batch": 2},
    "training.accuracy": {"network": mlp()} | SET,
    "training.logits": {"network": mlp(), "images": X},
    **{f"{module}.compare": {"jobs": JOBS, "test": None, "watch": None} for module in ("training", "live.training")},
    "live.training.run_all": {"job": abs, "cases": [(1,), (-2,)], "executor": None},
    "many_runs.run_all": {"job": abs, "cases": [(1,), (-2,)], "executor": None, "bar": None},
    "mnist.split": {"digits": DIGITS},
    **{f"theory.{name}": {"smallest": 0.5, "largest": 2.0} for name in ("best_lr", "best_momentum", "best_nesterov")},
}

BAD_X = [X[:, :3], X[0], np.ones((3, 4, 1)), np.full_like(X, nan), np.full_like(X, inf), np.where(X == 1, nan, X)]
BAD_LABELS = [LABELS[:2], LABELS[:, None], [0, 1, 1, 1], LABELS + 1, LABELS - 1, LABELS / 2, [nan] * 3, []]
NO_NUMBERS = [None, "1", 1j, [1.0], np.ones(1)]

# Relations between arguments, or between an argument and the object: values that break them, one argument at a time.
RELATIONS = {
    "convolution.Convolution": {
        "W": [np.ones((5, 3, 3, 2)), np.ones((5, 3, 0, 0)), np.ones((4, 3, 3, 3)), np.ones((0, 3, 3, 3))],
        "b": [np.ones(4), np.ones(0)],
    },
    "convolution.Convolution.forward": {"x": [RGB[:, :2], RGB[:, :, :2], RGB[:, :, :, :1]]},
    **{
        f"convolution.Convolution.{name}": {"dy": [np.ones((3, 5, 2, 2)), np.ones((2, 4, 2, 2)), np.ones((2, 5, 2, 1))]}
        for name in ("gradients", "backward")
    },
    "convolution.Halves.logits": {"x": BAD_X},
    "convolution.Halves.loss_and_gradients": {"x": BAD_X, "labels": BAD_LABELS},
    "convolution.MaxPool.forward": {"x": [RGB[:, :, :3], RGB[:, :, :, 1:]]},
    "convolution.MaxPool.backward": {"dy": [RGB, np.ones((1, 3, 2, 2)), np.ones((2, 3, 2, 1))]},
    "curves.many_seeds": {
        "accuracies": [{"SGD": [0.9]}, {"SGD": [0.9, 0.8, 0.7]}, {"Adam": [0.9, 0.8]}, {"SGD": [1, 1], "Adam": [1, 1]}]
    },
    "curves.by_rate": {"best": [{"SGD": -1}, {"SGD": 2}, {"SGD": 0.5}, {"Adam": 1}, {"SGD": 1, "Adam": 1}]},
    "digits.picture": {"captions": [[], ["0"], [0, 1, 2], [None] * 3, "012", ["0"] * 4]},
    "digits.confidently_wrong": {
        "images": [IMAGES[:0], IMAGES[:, :5], np.ones((3, 784, 2))],
        "labels": [LABELS[:2], LABELS[:, None], []],
    },
    "digits.as_captions": {"labels": [[], [4]], "classes": [[], [4]]},
    "landscapes.own": {
        "f": [lambda x: x, lambda x, y: None, lambda x, y: nan, lambda x, y: 1 / 0, lambda x, y: 1j, lambda x, y: X],
        "view": [((1.0, 1.0), (0.0, 1.0)), ((1.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (0.0, 1e200))],
        "start": [(6.0, 0.0), (0.0, -5.1)],
    },
    "histograms.counts": {"values": [1.0, np.ones(3), []]},
    "gradient_check.numeric_gradient": {"function": [lambda a=a: a for a in NO_NUMBERS]},
    "gradient_check.relative_error": {"a": [[1.0], [[1.0], [2.0]]], "b": [[1.0], [[1.0], [2.0]]]},
    "landscapes.Landscape": {
        "minima": [np.ones((1, 3)), np.ones((2, 1))],
        "view": [((0.0, 1.0),), np.ones((2, 3))],
        "start": [[1.0], [1.0, 2.0, 3.0]],
    },
    **{f"network.Network.{name}": {"x": BAD_X} for name in ("logits", "forward", "predict")},
    **{
        f"network.Network.{name}": {"x": [*BAD_X, X[:0]], "labels": BAD_LABELS}
        for name in ("loss", "loss_and_gradients")
    },
    "network.Network.backward": {"dy": [np.ones((2, 2)), np.ones((3, 3)), np.ones((4, 2))]},
    "network.softmax": {"logits": [X[:, :0]]},
    "normalization.BatchNorm.forward": {"x": [X[:, :3], np.ones((3, 5))]},
    **{f"normalization.BatchNorm.{name}": {"dy": [X[:2], X[:, :3]]} for name in ("gradients", "backward")},
    "regularization.L2.loss_and_gradients": {"x": [*BAD_X, X[:0]], "labels": BAD_LABELS},
    "regularization.Dropout.backward": {"dy": [X[0], X[:2], X[:, :3]]},
    "regularization.EarlyStopping.restore": {"network": [network.MLP((4, 2, 2)), network.MLP((4, 2))]},
    "schedules.step": {"iterations": [50, 10], "boundaries": [[0], [100], [-1], [50, 10], [10, 10], [nan]]},
    "schedules.cosine": {"end": [0.6, 1e300]},
    "schedules.warmup": {"iterations": [10, 1], "updates": [100, 1e300]},
    "schedules.follow": {"schedule": [lambda k, a=a: a for a in (*NO_NUMBERS, nan, -1.0)]},
    "sweep.sweep": {"start": [[1.0], [1.0, 2.0, 3.0]], "steps": [10**7]},
    "sweep.Sweep.cut": {"steps": [4, 100]},
    "sweep.updates_to": {"losses": [[], np.ones((0, 2)), np.ones((2, 0))]},
    "training.batches": {"n": [1], "size": [1000, 10**12]},
    "training.train": {
        "images": [X[:, :3], X[:2], np.full_like(X, nan), np.full_like(X, inf)],
        "labels": [LABELS[:2], [], LABELS + 5, LABELS - 5, LABELS / 2, [nan] * 3],
        "batch": [4, 10**12],
    },
    **{
        f"training.{name}": {"images": [X[:, :3], X.astype(int), np.full_like(X, nan)]}
        for name in ("logits", "accuracy")
    },
    "training.accuracy": {"labels": [LABELS[:2], [0, 1, 1, 1], []]},
    **{
        f"theory.{name}": {"smallest": [2.5, [0.5, 3.0]], "largest": [0.05, [2.0, 0.1]]}
        for name in ("best_lr", "best_momentum", "best_nesterov")
    },
}

# Names that a message may give to an argument, beside its own: of two that do not fit, the other one; the value that a
# function returned.
CALLED = {
    "accuracies": "swept|curves",
    "images": "x|labels",
    "test": "test images|test labels",
    "n": "size",
    "classes": "labels",
    "options": "answer",
    "x": "labels|the size of the batch",
    "labels": "x|x and labels",
    "W": "b",
    "a": "b",
    "start": "view|minima",
    "view": "start",
    "smallest": "largest",
    "iterations": "boundaries|updates",
    "lr": "end",
    "schedule": "lr",
}

# Methods whose names lessons call, but of other classes: what calls these, with arguments that it has made or checked.
OURS = {
    "layers.*": "Network",
    "own_function.OwnFunction.*": "Landscape",
    "convolution.Flatten.*": "LeNet",
    "histograms.*Bins.index": "counts",
    "live.loss_curves.LossCurves.__call__": "compare",
    "mnist.experiments.Settings.train": "trained",
    "mnist.figures.Training.train": "a button",
    "training.Bar.update": "compare",
    "notebooks.contents.Contents.get": "the server",
    "lenet.experiments.Only.update": "train",
    "lenet.experiments.LargestOfAll.*": "Network",
}
# What prints a sentence for every name and answer, and raises nothing: test_tutor.py.
ELSEWHERE = ["tutor.check", "tutor.predict", "tutor.progress"]
# What hands its arguments on to Matplotlib.
ELSEWHERE += ["picture.Picture", "styles.new_figure"]

# helpers.py checks its arguments itself, since it stands alone on NumPy; so its bad values are listed.


@dataclass
class Row:
    """A function, arguments that it takes, and for each argument the values that it refuses.

    called: names that its messages may give to an argument, beside its own.
    """

    function: object
    good: dict
    bad: dict
    called: dict = field(default_factory=dict)


NUMBERS = [None, "1", 1j, {}, [], len, object(), nan, inf, -inf, HUGE, -HUGE, [1.0], np.ones(2)]
NEGATIVE = [*NUMBERS, -1, -1e-300, -1e300]
POSITIVE = [*NEGATIVE, 0]
BELOW_1 = [*NEGATIVE, 1, 1e300]
STEPS = [*(value for value in NEGATIVE if value is not HUGE), 0.5, 2.0, 10**12, HUGE]
FUNCTIONS = [None, 3, nan, "f", [], {}, object(), np.ones(2)]
OPTIMIZERS = [None, 3, "SGD", helpers.SGD, {}, [], object()]
ARRAYS = [None, 3, 1.0, nan, "w", [1.0], 1j, {}, object()]
ARRAYS += [np.ones(2, int), 1j * np.ones(2), np.ones(3), np.ones((1, 2))]
DICTS = [None, 3, "w", [], [1.0], np.ones(2), object(), {}, {"v": np.ones(2)}]
METHODS = [helpers.SGD, helpers.Momentum, helpers.Nesterov]
METHODS += [helpers.AdaGrad, helpers.RMSProp, helpers.Adam, helpers.AdamW]


def optimizer_row(kind):
    hyper = {"lr": 0.1} | {k: v for k, v in vars(kind()).items() if k not in ("state", "lr")}
    bounds = {"lr": NEGATIVE, "weight_decay": NEGATIVE, "eps": POSITIVE}
    return Row(kind, hyper, {name: bounds.get(name, BELOW_1) for name in hyper})


HELPERS = {f"helpers.{kind.__name__}": optimizer_row(kind) for kind in METHODS}
HELPERS |= {
    "helpers.Optimizer": Row(helpers.Optimizer, {"lr": 0.1}, {"lr": NEGATIVE}),
    "helpers.Optimizer.update": Row(
        lambda params, grads: helpers.Adam().update(params, grads),
        {"params": {"w": np.ones(2)}, "grads": {"w": np.ones(2)}},
        {name: [*DICTS, *({"w": a} for a in ARRAYS)] for name in ("params", "grads")},
        called={"params": "grads", "grads": "params"},  # one of two shapes is another one
    ),
    "helpers.trajectory": Row(
        helpers.trajectory,
        {"optimizer": helpers.SGD(), "gradient": BOWL.gradient, "start": [1.0, 2.0], "steps": 3},
        {
            "optimizer": OPTIMIZERS,
            "gradient": [*FUNCTIONS, *(lambda w, a=a: a for a in (None, "g", 1j, [1j, 2j], [1.0], np.ones((2, 1))))],
            "start": [None, "1", 1j, {}, len, 1.0, [], [[1.0, 2.0]], [nan, 1.0], [inf, 1.0], ["a", "b"], [1j, 2]],
            "steps": STEPS,
        },
        called={"gradient": "grads"},
    ),
}
