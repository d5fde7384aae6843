"""Learning-rate schedules: functions of the iteration k, from 0, that return the learning rate of that update.

k may be a whole number or an array of them: `schedule(np.arange(iterations))` is the whole schedule, to be drawn.
Schedules that do something at a place in the run take its length, `iterations`, and refuse a place outside of it.
"""

import numpy as np


def constant(lr):
    """η_k = η₀"""
    return lambda k: lr * np.ones_like(k, float)[()]


def step(lr, iterations, boundaries, factor=0.1):
    """η_k = η₀ · factor^(number of boundaries at k or before): constant between drops.

    boundaries: the iterations from which on the learning rate is lower, in rising order.
    Raises ValueError for a boundary that no update reaches: such a schedule would be constant, and nobody would notice.
    """
    boundaries = np.asarray(boundaries)
    for b in boundaries:
        if not 0 < b < iterations:
            raise ValueError(f"boundaries has {b}; allowed: 1 to {iterations - 1}, inside of {iterations} iterations")
    if (np.diff(boundaries) <= 0).any():
        raise ValueError(f"boundaries is {boundaries.tolist()}; allowed: numbers in rising order")
    _check("factor", factor, 0 <= factor <= 1, "0 to 1")
    return lambda k: lr * factor ** np.searchsorted(boundaries, k, side="right")


def exponential(lr, rate):
    """η_k = η₀ · rate^k: the same share taken off with every update."""
    _check("rate", rate, 0 < rate <= 1, "above 0, to 1")
    return lambda k: lr * rate ** np.asarray(k, float)[()]


def inverse_time(lr, decay):
    """η_k = η₀ / (1 + decay · k), the 1/t schedule (Robbins and Monro 1951): half of η₀ at k = 1 / decay."""
    _check("decay", decay, decay >= 0, "0 or larger")
    return lambda k: lr / (1 + decay * np.asarray(k, float)[()])


def cosine(lr, iterations, end=0.0):
    """η_k = end + (η₀ − end) (1 + cos(π k / iterations)) / 2: half a cosine (Loshchilov and Hutter 2017).

    end: the learning rate after the last update; from there on it stays.
    """
    _check("end", end, 0 <= end <= lr, f"0 to {lr}, the first learning rate")
    return lambda k: end + (lr - end) * (1 + np.cos(np.pi * np.minimum(k, iterations) / iterations)) / 2


def warmup(schedule, iterations, updates):
    """η_k = schedule(k) · min(1, (k + 1) / updates): any schedule, started in `updates` equal steps.

    Raises ValueError for a warm-up that does not end inside of the run.
    """
    _check("updates", updates, 0 < updates < iterations, f"1 to {iterations - 1}, inside of {iterations} iterations")
    return lambda k: schedule(k) * np.minimum(1, (np.asarray(k) + 1) / updates)


def follow(optimizer, schedule):
    """Let the learning rate of an optimizer follow a schedule; returns the function that `train` takes as `each`."""

    def each(run):
        optimizer.lr = float(schedule(run.done))

    optimizer.lr = float(schedule(0))
    return each


def _check(name, value, good, allowed):
    if not good:
        raise ValueError(f"{name} is {value!r}; allowed: {allowed}")
