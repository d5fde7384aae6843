"""Runs that keep h, signals of gradients, and a landscape that changes half-way."""

from dataclasses import replace

import numpy as np

import helpers
from workbench.checks import ABOVE_0, checked
from workbench.descent import landscapes
from workbench.words import number, point


def watched(optimizer, gradient, start, steps):
    """`helpers.trajectory`, and h after each of its updates: shapes (steps + 1, n) and (steps, n)."""
    before = []

    def watching(w):
        before.append(optimizer.state["w"]["h"].copy() if optimizer.state else np.zeros_like(w))
        return gradient(w)

    path = helpers.trajectory(optimizer, watching, start, steps)
    return path, np.array([*before[1:], optimizer.state["w"]["h"]])


SIGNALS = 200
SIGNAL = {
    "always 1": np.ones(SIGNALS),
    "a hundredth after update 100": np.where(np.arange(SIGNALS) < SIGNALS // 2, 1.0, 0.01),
    "nine times 0.1, then −0.9": np.where(np.arange(SIGNALS) % 10 == 9, -0.9, 0.1),
    "noise of seed 0": np.random.default_rng(0).normal(size=SIGNALS),
}
HALF = 100
CENTER = np.array([6.0, -2.0])


@checked(flatness=ABOVE_0)
def second_landscape(flatness):
    """The bowl again, with its minimum at (6, −2), and the loss divided by `flatness`."""
    bowl = landscapes.bowl()
    return replace(
        bowl,
        name=f"the bowl at {point(CENTER)}, divided by {number(flatness)}",
        value=lambda p: bowl.value(p - CENTER) / flatness,
        gradient=lambda p: bowl.gradient(p - CENTER) / flatness,
        hessian=lambda p: bowl.hessian(p - CENTER) / flatness,
        minima=bowl.minima + CENTER,
    )
