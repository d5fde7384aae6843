"""Moving averages, where a direction swings, what the heavy ball does on bowls, the way off a saddle."""

import numpy as np

import helpers
from workbench.checks import (
    BELOW_1,
    FINITE,
    NOT_NEGATIVE,
    OPTIMIZER,
    TINIEST,
    Choice,
    Finite,
    Number,
    Seed,
    Whole,
    checked,
)
from workbench.descent import landscapes, theory
from workbench.descent.optimizers import OPTIMIZERS

START = -7.0, 2.0
CONVENTIONS = "heavy ball", "averaging", "PyTorch"


@checked(signal=Finite((None,)), beta=BELOW_1)
def moving_average(signal, beta):
    """m ← β m + (1 − β) s over a signal of shape (n,), from m = 0: shape (n,)."""
    average, m = np.empty(len(signal)), 0.0
    for t, s in enumerate(signal):
        m = beta * m + (1 - beta) * s
        average[t] = m
    return average


# The β above which a direction swings, by s = ηλ: where the two roots of theory's rates become complex.
# For Nesterov's method with s > 1 there is none.
CRITICAL = {
    "Momentum": lambda s: theory.critical_momentum(s, 1.0),
    "Nesterov": lambda s: np.where(s <= 1, (1 - np.sqrt(s)) / (1 + np.sqrt(s)), np.nan),
}
RATE = {"Momentum": theory.momentum_rate, "Nesterov": theory.nesterov_rate}
BEST = {"Momentum": theory.best_momentum, "Nesterov": theory.best_nesterov}


def leave_saddle(optimizer, y, steps):
    """|y| after each update on the saddle x² − y², from the start until it is above 1 or `steps` are used up.

    Returns shape (updates + 1,).
    """
    y, path = np.array([y]), [y]
    while path[-1] <= 1 and len(path) <= steps:
        optimizer.update({"y": y}, {"y": -2 * y})  # x never enters: no rule here mixes two parameters
        path.append(abs(y.item()))
    return np.array(path)


@checked(momentum=BELOW_1, updates=Whole(1, 10_000))
def lowest_loss(momentum, updates=30):
    """(loss, η): the lowest loss of the heavy ball on the bowl after these updates, of η = 0.01, 0.02 and so on."""
    lrs = np.arange(0.01, theory.momentum_stability_limit(2.0, momentum), 0.01)
    w, v = np.multiply.outer(START, np.ones_like(lrs)), 0.0
    for _ in range(updates):
        v = momentum * v - lrs * np.array([[0.1], [2.0]]) * w
        w = w + v
    losses = w[0] ** 2 / 20 + w[1] ** 2
    return float(losses.min()), float(lrs[losses.argmin()])


@checked(lr=NOT_NEGATIVE, momentum=BELOW_1)
def measured_rate(lr, momentum):
    """By what an update of the heavy ball shrinks the distance on w²/2: the mean over the updates 21 to 120."""
    path = helpers.trajectory(helpers.Momentum(lr, momentum), lambda w: w, [1.0], steps=121)[:, 0]
    with np.errstate(all="ignore"):
        return float((np.hypot(*path[120:122]) / np.hypot(*path[20:22])) ** (1 / 100))


@checked(
    optimizer=OPTIMIZER, condition=Number("1 to 10000", 1, 10_000), left=Number("above 0, below 1", TINIEST, 0.999)
)
def updates_needed(optimizer, condition, left=0.01):
    """How many updates it takes until no more than this part of the loss is left, on the bowl of a condition number.

    Counted is the last update that leaves more; at most 5000.
    """
    bowl = landscapes.bowl(condition)
    losses = bowl.value(helpers.trajectory(optimizer, bowl.gradient, START, steps=5000))
    return int(np.flatnonzero(losses > losses[0] * left)[-1]) + 1


@checked(convention=Choice(CONVENTIONS), lrs=Finite((None,)), momentum=BELOW_1)
def walk(convention, lrs, momentum=0.9):
    """The path on the bowl with a learning rate for each update, in one of CONVENTIONS: shape (updates + 1, 2)."""
    w, v = np.array(START), np.zeros(2)
    path = [w]
    for lr in lrs:
        g = np.array([0.1, 2.0]) * w
        if convention == "heavy ball":
            v = momentum * v - lr * g
            w = w + v
        elif convention == "averaging":
            v = momentum * v + (1 - momentum) * g
            w = w - lr * v
        else:
            v = momentum * v + g
            w = w - lr * v
        path.append(w)
    return np.array(path)


@checked(name=Choice(OPTIMIZERS), lr=NOT_NEGATIVE, y=FINITE)
def updates_to_leave(name, lr, y=1e-3):
    """How many updates an optimizer takes until |y| > 1 on the saddle x² − y²; at most 2000."""
    return len(leave_saddle(OPTIMIZERS[name](lr), y, 2000)) - 1


@checked(lr=NOT_NEGATIVE, momentum=BELOW_1, seed=Seed())
def spread(lr, momentum, seed):
    """How far w is from the minimum of w²/2 when each gradient has noise of standard deviation 1.

    The standard deviation of 1000 copies of w after 2000 updates.
    """
    rng = np.random.default_rng(seed)
    noisy = lambda w: w + rng.normal(size=w.shape)  # noqa: E731
    return float(helpers.trajectory(helpers.Momentum(lr, momentum), noisy, np.zeros(1000), steps=2000)[-1].std())
