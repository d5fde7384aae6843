"""Nesterov's look-ahead, a published bug in it, and a slope on which the heavy ball never arrives."""

import numpy as np

import helpers
from workbench.checks import BELOW_1, NOT_NEGATIVE, OPTIMIZER, Anything, Whole, checked
from workbench.descent import landscapes

START = -7.0, 2.0


def look_ahead(gradient, start, lr, momentum, steps, where=lambda w, v, momentum: w + momentum * v, ahead=False):
    """The path of Nesterov's method with g taken at `where`, by default where the momentum alone would lead.

    ahead: step from there and not from w, which is a mistake. Returns shape (steps + 1, n).
    """
    w, v = np.array(start, float), np.zeros(len(start))
    path = [w]
    for _ in range(steps):
        place = where(w, v, momentum)
        v = momentum * v - lr * gradient(place)
        w = (place if ahead else w) + v
        path.append(w)
    return np.array(path)


@checked(lr=NOT_NEGATIVE, momentum=BELOW_1, steps=Whole(0, 10_000), too_early=Anything())
def on_the_bowl(lr, momentum=0.9, steps=30, too_early=False):
    """The path on the bowl x²/20 + y² with the gradient at w, shape (steps + 1, 2).

    too_early: renew v one line too early, which is the published bug.
    """
    bowl = landscapes.bowl()
    w, v = np.array(START), np.zeros(2)
    path = [w]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            g = bowl.gradient(w)
            new = momentum * v - lr * g
            w = w + momentum**2 * (new if too_early else v) - (1 + momentum) * lr * g
            v = new
            path.append(w)
        return np.array(path)


@checked(lr=NOT_NEGATIVE, too_early=Anything())
def diverges(lr, too_early=False):
    """Whether the loss on the bowl is larger after 300 updates than at the start, with β = 0.9."""
    first, last = landscapes.bowl().value(on_the_bowl(lr, steps=300, too_early=too_early)[[0, -1]])
    return not last < first


@checked(optimizer=OPTIMIZER)
def on_the_broken_slope(optimizer):
    """Where the updates 1000, 1001 and 1002 lead from x = 3.3, on a slope with the curvatures 25, 1 and 25.

    The curvature is 1 between x = 1 and x = 2; the only minimum is at 0 (Lessard, Recht and Packard 2016).
    """
    slope = lambda x: np.where(x < 1, 25 * x, np.where(x < 2, x + 24, 25 * x - 24))  # noqa: E731
    return helpers.trajectory(optimizer, slope, [3.3], steps=1002)[1000:, 0]
