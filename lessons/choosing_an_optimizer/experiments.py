"""Seven landscapes, and what each optimizer does on them: long runs, and sweeps over learning rates."""

import functools
from dataclasses import replace

import numpy as np

from lessons.trajectories.experiments import BOOK
from workbench.checks import NOT_NEGATIVE, Choice, Finite, checked
from workbench.descent import landscapes
from workbench.descent.optimizers import OPTIMIZERS
from workbench.descent.sweep import LRS, sweep
from workbench.descent.trajectory import Trajectory

STEPS = 200  # the longest race; all runs are this long, a shorter race shows their beginning
SADDLE = landscapes.saddle()
LANDSCAPES = {
    "bowl": landscapes.bowl(),
    "rotated bowl": replace(landscapes.bowl(rotation=45), start=(-6.36, -3.54)),  # (−7, 2), turned with the bowl
    # 4 more than x² − y², which changes no gradient: the loss is 0 where the picture ends, as at all other minima.
    "saddle": replace(SADDLE, value=lambda p: SADDLE.value(p) + 4, start=(1.0, 0.01)),
    "Rosenbrock": landscapes.rosenbrock(),
    "Beale": landscapes.beale(),
    "Himmelblau": landscapes.himmelblau(),
    "plateau": landscapes.plateau(),
}


class Place(Finite):
    """Two numbers, handed on as a tuple, for which results can be kept."""

    def check(self, name, value):
        return tuple(super().check(name, value).tolist())


@checked(name=Choice(OPTIMIZERS), lr=NOT_NEGATIVE, landscape=Choice(LANDSCAPES), start=Place((2,)))
@functools.lru_cache(maxsize=64)
def long_run(name, lr, landscape, start):
    """A Run of STEPS updates; kept, since a slider changes one run of seven."""
    with np.errstate(over="ignore", invalid="ignore"):
        return Trajectory.of(OPTIMIZERS[name](lr=lr), LANDSCAPES[landscape], start, STEPS)


@checked(name=Choice(OPTIMIZERS), landscape=Choice(LANDSCAPES), start=Place((2,)))
@functools.lru_cache(maxsize=128)
def swept(name, landscape, start):
    """A Sweep of STEPS updates over the learning rates of the slider, the book's included; kept."""
    return sweep(OPTIMIZERS[name](), LANDSCAPES[landscape], start, STEPS, sorted({*LRS, BOOK[name]}))
