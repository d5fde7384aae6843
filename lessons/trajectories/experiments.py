"""The learning rates that made this bowl known, the optimizers that go with them, and their rates."""

import numpy as np

from workbench.checks import NOT_NEGATIVE, Choice, checked
from workbench.descent import theory
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
