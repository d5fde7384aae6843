"""Runs that keep h, given gradients, a landscape that changes half-way, ε inside the root, and where runs end."""

from dataclasses import replace

import numpy as np

import helpers
from workbench.checks import ABOVE_0, FINITE, NOT_NEGATIVE, OPTIMIZER, Anything, Finite, checked
from workbench.descent import landscapes
from workbench.descent.sweep import sweep
from workbench.words import number, point


def watched(optimizer, gradient, start, steps):
    """`helpers.trajectory`, and h after each of its updates: shapes (steps + 1, n) and (steps, n)."""
    before = []

    def watching(w):
        before.append(optimizer.state["w"]["h"].copy() if optimizer.state else np.zeros_like(w))
        return gradient(w)

    path = helpers.trajectory(optimizer, watching, start, steps)
    return path, np.array([*before[1:], optimizer.state["w"]["h"]])


@checked(optimizer=OPTIMIZER, gradients=Finite((None,)), signed=Anything())
def step_lengths(optimizer, gradients, signed=False):
    """How long each step of one weight is that gets these gradients, shape (k,); if signed, which way, too."""
    given = iter(gradients)
    steps = np.diff(helpers.trajectory(optimizer, lambda w: [next(given)], [0.0], len(gradients))[:, 0])
    return steps if signed else np.abs(steps)


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


START = (-7.0, 2.0)
METHODS = {
    "SGD": helpers.SGD,
    "AdaGrad": helpers.AdaGrad,
    "RMSProp, ρ = 0.99": lambda lr: helpers.RMSProp(lr, rho=0.99),
    "RMSProp, ρ = 0.9": lambda lr: helpers.RMSProp(lr, rho=0.9),
}


@checked(lr=NOT_NEGATIVE)
def short_memory(lr):
    """RMSProp that has forgotten half of a square with the next update."""
    return helpers.RMSProp(lr, rho=0.5)


@checked(optimizer=OPTIMIZER)
def shares_left(optimizer):
    """What is left of the loss of the start after 100 updates on the bowl; then, after 100 more on a second landscape.

    The second is flatter by 100, and its share is that of the loss at (0, 0); inf for a run that diverges.
    """
    bowl, second = landscapes.bowl(), second_landscape(100)
    with np.errstate(over="ignore", invalid="ignore"):
        middle = helpers.trajectory(optimizer, bowl.gradient, START, HALF)[-1]
        if not np.isfinite(middle).all():
            return np.inf, np.inf
        end = helpers.trajectory(optimizer, second.gradient, middle, HALF)[-1]
        shares = bowl.value(middle) / bowl.value(np.array(START)), second.value(end) / second.value(np.zeros(2))
    return tuple(np.nan_to_num(shares, nan=np.inf))


def second_half():
    """By name, the share of the loss that is left on the second landscape: AdaGrad goes on, is new; RMSProp goes on."""
    second = second_landscape(100)
    new = helpers.trajectory(helpers.AdaGrad(lr=1.5), second.gradient, (0, 0), HALF)[-1]
    return {
        "AdaGrad that goes on": shares_left(helpers.AdaGrad(lr=1.5))[1],
        "AdaGrad that is new": second.value(new) / second.value(np.zeros(2)),
        "RMSProp that goes on": shares_left(helpers.RMSProp(lr=0.2, rho=0.9))[1],
    }


class Inside(helpers.RMSProp):
    """RMSProp with ε inside the root, as in Keras and Optax."""

    def rule(self, w, g, t, h):
        h[...] = self.rho * h + (1 - self.rho) * g**2
        w -= self.lr * g / np.sqrt(h + self.eps)


@checked(optimizer=OPTIMIZER, center=Finite((2,)))
def at_the_end(optimizer, center):
    """Where 20 runs on the bowl around `center` end, under noise of a millionth in the gradient.

    Returns the root mean square distance from the minimum along x and y in updates 2501 to 3000, shape (2,), and the
    mean loss after the last.
    """
    bowl, rng = landscapes.bowl(), np.random.default_rng(0)
    w, far = np.tile(START, (20, 1)), []
    for _ in range(3000):
        optimizer.update({"w": w}, {"w": bowl.gradient(w - center) + 1e-6 * rng.normal(size=(20, 2))})
        far.append(w - center)
    return np.sqrt(np.mean(np.square(far[2500:]), axis=(0, 1))), bowl.value(far[-1]).mean()


@checked(rotation=FINITE)
def tuned_losses(rotation):
    """Each method's lowest mean loss after 100 updates from eight starts around the bowl, of 31 learning rates."""
    bowl, angle = landscapes.bowl(rotation=rotation), np.radians(rotation)
    around = np.pi / 8 + np.arange(8) * np.pi / 4
    c, s = np.cos(angle), np.sin(angle)
    starts = np.column_stack([7 * np.cos(around), 2 * np.sin(around)]) @ np.array([[c, s], [-s, c]])
    lowest = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for name, method in METHODS.items():
            found = [sweep(method(0.1), bowl, start, 100, np.geomspace(0.03, 30, 31)) for start in starts]
            ends = np.mean([of_start.losses[:, -1] for of_start in found], axis=0)
            lowest[name] = np.nan_to_num(ends, nan=np.inf).min()
    return lowest
