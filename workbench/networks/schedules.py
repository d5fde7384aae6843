"""Learning-rate schedules: functions of the iteration k, from 0, that return the learning rate of that update.

k may be a whole number or an array of them: `schedule(np.arange(iterations))` is the whole schedule, to be drawn.
Schedules that do something at a place in the run take its length, `iterations`, and refuse a place outside of it.
"""

from collections.abc import Callable, Sequence

import numpy as np

from helpers import Optimizer
from workbench.checks import (
    ABOVE_0,
    NOT_NEGATIVE,
    TINIEST,
    AFunction,
    Array,
    Having,
    Number,
    Numbers,
    Whole,
    checked,
    refuse,
)

Schedule = Callable[[np.ndarray | int], np.ndarray | float]

UPDATES = Numbers("the number of an update, 0 or larger, or an array of them", 0, 1e15)


@checked(lr=NOT_NEGATIVE)
def constant(lr: float) -> Schedule:
    """η_k = η₀"""
    return lambda k: lr * np.ones_like(_updates(k), float)[()]


@checked(lr=NOT_NEGATIVE, iterations=Whole(1), boundaries=Array((None,)), factor=Number("0 to 1", 0, 1))
def step(lr: float, iterations: int, boundaries: Sequence[int], factor: float = 0.1) -> Schedule:
    """η_k = η₀ · factor^(number of boundaries at k or before): constant between drops.

    boundaries: the iterations from which on the learning rate is lower, in rising order.
    Raises ValueError for a boundary that no update reaches: such a schedule would be constant, and nobody would notice.
    """
    for b in boundaries:
        if not 0 < b < iterations:
            raise ValueError(f"boundaries has {b}; allowed: 1 to {iterations - 1}, inside of {iterations} iterations")
    if (np.diff(boundaries) <= 0).any():
        raise ValueError(f"boundaries is {boundaries.tolist()}; allowed: numbers in rising order")
    return lambda k: lr * float(factor) ** np.searchsorted(boundaries, _updates(k), side="right")


@checked(lr=NOT_NEGATIVE, rate=Number("above 0, to 1", TINIEST, 1))
def exponential(lr: float, rate: float) -> Schedule:
    """η_k = η₀ · rate^k: the same share taken off with every update."""
    return lambda k: lr * rate ** _updates(k)


@checked(lr=NOT_NEGATIVE, decay=Number("0 or larger, up to 1e30", 0, 1e30))
def inverse_time(lr: float, decay: float) -> Schedule:
    """η_k = η₀ / (1 + decay · k), the 1/t schedule (Robbins and Monro 1951): half of η₀ at k = 1 / decay."""
    return lambda k: lr / (1 + decay * _updates(k))


@checked(lr=NOT_NEGATIVE, iterations=Whole(1), end=NOT_NEGATIVE)
def cosine(lr: float, iterations: int, end: float = 0.0) -> Schedule:
    """η_k = end + (η₀ − end) (1 + cos(π k / iterations)) / 2: half a cosine (Loshchilov and Hutter 2017).

    end: the learning rate after the last update; from there on it stays.
    """
    Number(f"0 to {lr}, the first learning rate", 0, lr).check("end", end)
    return lambda k: end + (lr - end) * (1 + np.cos(np.pi * np.minimum(_updates(k), iterations) / iterations)) / 2


@checked(schedule=AFunction(), iterations=Whole(1), updates=ABOVE_0)
def warmup(schedule: Schedule, iterations: int, updates: int) -> Schedule:
    """η_k = schedule(k) · min(1, (k + 1) / updates): any schedule, started in `updates` equal steps.

    Raises ValueError for a warm-up that does not end inside of the run.
    """
    if not updates < iterations:
        refuse("updates", updates, f"1 to {iterations - 1}, inside of {iterations} iterations")
    return lambda k: schedule(k) * np.minimum(1, (_updates(k) + 1) / updates)


@checked(optimizer=Having("lr", "an optimizer, as SGD(lr=0.1)"), schedule=AFunction())
def follow(optimizer: Optimizer, schedule: Schedule) -> Callable[..., None]:
    """Let the learning rate of an optimizer follow a schedule; returns the function that `train` takes as `each`."""

    def set_lr(k):
        lr = np.asarray(schedule(k))[()]  # a schedule written with np.where returns an array, of no dimension
        optimizer.lr = float(NOT_NEGATIVE.check(f"schedule({k})", lr))

    set_lr(0)
    return lambda run: set_lr(run.done)


def _updates(k):
    """Numbers of updates, from 0, as floats: an array, or one number."""
    return np.asarray(UPDATES.check("k", k), float)[()]
