"""The learning rates that made this bowl known, the optimizers that go with them, their rates, and the best steps."""

import numpy as np

from workbench.checks import NOT_NEGATIVE, Choice, Number, Whole, checked
from workbench.descent import landscapes, theory
from workbench.descent.optimizers import OPTIMIZERS

# The learning rates of the figure that made this bowl known (Saitoh 2016); RMSProp, Nesterov and AdamW added to it.
BOOK = {"SGD": 0.95, "Momentum": 0.1, "Nesterov": 0.1, "AdaGrad": 1.5, "RMSProp": 0.1, "Adam": 0.3, "AdamW": 0.3}
# RMSProp has a longer memory here than by default: with .9 it would first jump over a third of the way.
FIXED = {"RMSProp": {"rho": 0.99}}


@checked(name=Choice(OPTIMIZERS), lr=NOT_NEGATIVE)
def optimizer(name, lr):
    """A new optimizer with the settings of the figure, apart from the learning rate."""
    return OPTIMIZERS[name](lr=lr, **FIXED.get(name, {}))


def rate(name, lr, condition):
    """The rate of a method on the bowl; None where there is no theory (the adaptive methods)."""
    curvatures = np.array([2 / condition, 2.0])
    if name == "SGD":
        return theory.sgd_rate(lr, curvatures).max()
    if name == "Momentum":
        return theory.momentum_rate(lr, curvatures, 0.9).max()
    if name == "Nesterov":
        return theory.nesterov_rate(lr, curvatures, 0.9).max()
    return None


COORDINATE = Number("a number, −1e6 to 1e6", -1e6, 1e6)


@checked(x=COORDINATE, y=COORDINATE, steps=Whole(0, 10_000))
def best_steps(x, y, steps):
    """Descent on the bowl x²/20 + y² from (x, y), each update with the learning rate that has the lowest loss after it.

    Returns the path, shape (steps + 1, 2), and the learning rates, shape (steps,); they are 0 at the minimum.
    """
    H = landscapes.bowl().hessian(np.zeros(2))
    path, rates = np.empty((steps + 1, 2)), np.zeros(steps)
    path[0] = x, y
    for k in range(steps):
        g = H @ path[k]
        curvature = g @ H @ g  # along the gradient, times g·g
        rates[k] = g @ g / curvature if curvature > 0 else 0.0
        path[k + 1] = path[k] - rates[k] * g
    return path, rates
