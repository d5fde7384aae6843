"""Moving averages, Nesterov's look-ahead, and how the theory says where a direction swings; the way off a saddle."""

import numpy as np

from workbench.descent import theory


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


def look_ahead(gradient, start, lr, momentum, steps):
    """The path of Nesterov's method with g taken where the momentum alone would lead, shape (steps + 1, n)."""
    w, v = np.array(start, float), np.zeros(len(start))
    path = [w]
    for _ in range(steps):
        v = momentum * v - lr * gradient(w + momentum * v)
        w = w + v
        path.append(w)
    return np.array(path)


def leave_saddle(optimizer, y, steps):
    """|y| after each update on the saddle x² − y², from the start until it is above 1 or `steps` are used up.

    Returns shape (updates + 1,).
    """
    y, path = np.array([y]), [y]
    while path[-1] <= 1 and len(path) <= steps:
        optimizer.update({"y": y}, {"y": -2 * y})  # x never enters: no rule here mixes two parameters
        path.append(abs(y.item()))
    return np.array(path)
