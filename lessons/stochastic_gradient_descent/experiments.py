"""Stochastic gradient descent: orders of samples, batches, a line and a wave that are fitted by them."""

from dataclasses import dataclass

import numpy as np

import helpers
from workbench.checks import (
    FINITE,
    LARGEST,
    NOT_NEGATIVE,
    AFunction,
    Array,
    Choice,
    Finite,
    Seed,
    Whole,
    checked,
    refuse,
)
from workbench.descent.landscapes import Landscape
from workbench.descent.trajectory import Trajectory, diverged_at
from workbench.words import number, point

POINTS = 32  # of the line
TARGET = 0.05  # loss above the minimum at which a line counts as fitted
WAVE_VIEW = 0.4, 6.0
DRAWS = "shuffled epochs", "independent draws"
START = -2.0, 3.0  # slope and intercept at which the descents of the line begin
SEEDS = 200  # orders of the samples over which the lesson measures
RATES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3)  # learning rates to choose from


class Indices(Array):
    """Indices of samples."""

    allowed = "whole numbers, 0 or larger"

    def check(self, name, value):
        found = super().check(name, value)
        if found.dtype.kind not in "iu" or (found.size and found.min() < 0):
            refuse(name, value, self.allowed)
        return found

    def bad(self):
        floats = super().good()[0]
        return [*super().bad(), 0.5, "a", [1.5], [np.nan], floats, floats / 2, -floats.astype(int)]

    def good(self):
        return [array.astype(int) for array in super().good()]


_DATA = Finite((None,))


@checked(n=Whole(1, LARGEST), count=Whole(0, LARGEST), seed=Seed(), draw=Choice(DRAWS))
def sample_order(n, count, seed, draw=DRAWS[0]):
    """Which of n samples come when: `count` indices, shape (count,).

    draw: "shuffled epochs" goes through all samples in a new order, again and again; "independent draws" takes any
    sample each time. The same seed gives the same order.
    """
    rng = np.random.default_rng(seed)
    if draw == "independent draws":
        return rng.integers(n, size=count)
    epochs = -(-count // n)
    return rng.permuted(np.tile(np.arange(n), (epochs, 1)), axis=1).ravel()[:count]


@checked(order=Indices((..., None)), size=Whole(1))
def in_batches(order, size):
    """Cut an order of samples, shape (..., count), into batches, shape (count // size, ..., size)."""
    updates = order.shape[-1] // size
    return np.moveaxis(order[..., : updates * size].reshape(*order.shape[:-1], updates, size), -2, 0)


@checked(
    gradient=AFunction(),
    inputs=Finite((..., None)),
    targets=_DATA,
    batches=Indices((..., None, None)),
    start=Array(),
    lr=NOT_NEGATIVE,
    decay=NOT_NEGATIVE,
)
def descend(gradient, inputs, targets, batches, start, lr, decay=0.0):
    """The path of stochastic gradient descent, one update a batch, shape (updates + 1, *shape of start).

    gradient: a function of the parameters and of the inputs and targets of one batch.
    inputs, targets: the data, n samples along the first axis. batches: indices of samples, shape (updates, ..., size);
    axes in the middle run several descents at once, and start then has them too.
    decay: η = lr / (1 + decay · epochs so far), an epoch being n samples. Divergence runs on to inf and nan.
    """
    _as_many(targets, inputs)
    if batches.size and batches.max() >= len(targets):
        refuse("batches", batches, f"indices of {len(targets)} samples, 0 to {len(targets) - 1}")
    w = np.array(start, float)
    path = np.empty((len(batches) + 1, *w.shape))
    path[0] = w
    optimizer = helpers.SGD(lr)
    epoch = batches.shape[-1] / len(targets)  # what one update adds
    with np.errstate(over="ignore", invalid="ignore"):
        for k, (x, t) in enumerate(zip(inputs[batches], targets[batches], strict=True)):
            optimizer.lr = lr / (1 + decay * epoch * k)
            optimizer.update({"w": w}, {"w": gradient(w, x, t)})
            path[k + 1] = w
    return path


def _as_many(t, u):
    if len(t) != len(u):
        raise ValueError(f"t has shape {t.shape}; allowed: as many as inputs, {len(u)}")


def _one_for_each(w, samples, t):
    """As many targets as samples, and the axes before these such that NumPy joins them with those of w."""
    try:
        fits = samples[-1:] == t[-1:] and np.broadcast_shapes(w, samples[:-1], t[:-1])
    except ValueError:
        fits = False
    if fits is False:
        raise ValueError(f"t has shape {t}; allowed: one for each of {samples} samples, at parameters of shape {w}")


@checked(copies=Whole(1, 10_000), outlier=FINITE)
def line_data(copies=1, outlier=0.0):
    """Inputs u and targets t of 32 points near the line t = 1.5 u − 0.5, each as often as `copies`; shape (32 copies,).

    The target of the point with the largest input is lowered by `outlier`.
    """
    rng = np.random.default_rng(3)
    u = np.sort(rng.uniform(-1, 2, POINTS))
    t = 1.5 * u - 0.5 + rng.normal(0, 0.3, POINTS)
    t[-1] -= outlier
    return np.tile(u, copies), np.tile(t, copies)


@checked(u=Array())
def design(u):
    """The inputs of a line with slope and intercept: a row (u, 1) for each sample, shape (..., 2)."""
    return np.stack([u, np.ones_like(u)], axis=-1)


@checked(w=Array((..., 2)), rows=Array((..., None, 2)), t=Array((..., None)))
def line_gradient(w, rows, t):
    """Mean gradient of (x u + y − t)²/2 over a batch, for w = (x, y).

    w: shape (..., 2); rows: (u, 1) of each sample, shape (..., m, 2); t: shape (..., m). Returns shape (..., 2).
    """
    _one_for_each(w.shape[:-1], rows.shape[:-1], t.shape)
    return _line_gradient(w, rows, t)


def _line_gradient(w, rows, t):
    residuals = (rows @ w[..., None])[..., 0] - t
    return (residuals[..., None, :] @ rows)[..., 0, :] / t.shape[-1]


@checked(u=_DATA, t=_DATA)
def least_squares(u, t):
    """The loss of a line over its slope x and its intercept y, as a Landscape: the mean of (x u + y − t)²/2."""
    _as_many(t, u)
    if np.ptp(u) == 0:
        refuse("u", u, "two different inputs or more, else there are many lines")
    rows = design(u)
    H = rows.T @ rows / len(t)
    best = np.linalg.solve(H, rows.T @ t / len(t))
    least = np.mean((rows @ best - t) ** 2) / 2
    return Landscape(
        name="mean of (x u + y − t)²/2",
        value=lambda p: (((p - best) @ H) * (p - best)).sum(axis=-1) / 2 + least,
        gradient=lambda p: (p - best) @ H,
        hessian=lambda p: np.broadcast_to(H, (*np.shape(p), 2)),
        minima=best[None],
        view=((-3.0, 4.0), (-3.0, 4.0)),
        start=START,
    )


@checked(u=_DATA, t=_DATA, w=Array((2,)))
def gradient_noise(u, t, w):
    """Covariance of the gradients of single samples at w = (x, y), shape (2, 2)."""
    _as_many(t, u)
    gradients = _line_gradient(np.broadcast_to(w, (len(u), 2)), design(u)[:, None], t[:, None])
    return np.cov(gradients.T, ddof=0)


@dataclass(frozen=True)
class Descent(Trajectory):
    """A run of stochastic gradient descent; `losses` are above the minimum, `size` is the number of samples a batch."""

    size: int

    @property
    def cost(self):
        """How many samples were used when the loss was first TARGET or less above the minimum; None if it never was."""
        below = np.flatnonzero(self.losses <= TARGET)
        return int(below[0]) * self.size if len(below) else None

    @property
    def result(self):
        if self.diverged is not None:
            return super().result
        reached = f"after {self.cost} samples" if self.cost is not None else "not reached"
        end = f"{point(self.path[-1])}, loss {number(self.losses[-1])} above the minimum"
        return f"{len(self.losses) - 1} updates to {end}, target {reached}"


@checked(u=_DATA, t=_DATA, batches=Indices((None, None)), start=Finite((2,)), lr=NOT_NEGATIVE, decay=NOT_NEGATIVE)
def fit_line(u, t, batches, start, lr, decay=0.0):
    """Fit a line to inputs u and targets t by `descend`; returns a Descent."""
    landscape = least_squares(u, t)
    path = descend(_line_gradient, design(u), t, batches, start, lr, decay)
    losses = landscape.value(path) - landscape.value(landscape.minima[0])
    return Descent(path, losses, diverged_at(path, losses, landscape.view), batches.shape[-1])


@checked(seed=Seed())
def wave_data(seed=7):
    """Inputs u and targets t of 20 points near the wave t = sin(2u); shape (20,)."""
    rng = np.random.default_rng(seed)
    u = rng.uniform(0, 3, 20)
    return u, np.sin(2 * u) + rng.normal(0, 0.1, 20)


@checked(w=Array(), u=Array((..., None)), t=Array((..., None)))
def wave_gradient(w, u, t):
    """Mean gradient of (sin(w u) − t)²/2 over a batch. w: shape (...); u, t: shape (..., m). Returns shape (...)."""
    _one_for_each(w.shape, u.shape, t.shape)
    angle = w[..., None] * u
    return ((np.sin(angle) - t) * np.cos(angle) * u).sum(axis=-1) / u.shape[-1]


@checked(u=_DATA, t=_DATA)
def wave_loss(u, t):
    """The loss of a wave over its frequency w, as a Landscape with one parameter: the mean of (sin(w u) − t)²/2."""
    _as_many(t, u)
    w = np.linspace(*WAVE_VIEW, 1001)

    def value(p):
        return np.mean((np.sin(np.asarray(p) * u) - t) ** 2, axis=-1) / 2

    def gradient(p):
        return wave_gradient(np.asarray(p)[..., 0], u, t)[..., None]

    def hessian(p):
        angle = np.asarray(p) * u
        return np.mean(u**2 * (np.cos(2 * angle) + t * np.sin(angle)), axis=-1)[..., None, None]

    slopes = gradient(w[:, None])[:, 0]
    minima = w[:-1][(slopes[:-1] < 0) & (slopes[1:] >= 0)][:, None]
    if not len(minima):
        refuse("u", u, "inputs whose loss has a minimum between {} and {}".format(*WAVE_VIEW))
    for _ in range(4):  # Newton's method turns three digits into all digits
        minima = minima - gradient(minima) / hessian(minima)[..., 0]
    minima = minima[np.argsort(value(minima))]
    return Landscape("mean of (sin(w u) − t)²/2", value, gradient, hessian, minima, (WAVE_VIEW,), tuple(minima[-1]))


@checked(w=Array(), valley=FINITE)
def near(w, valley):
    """Whether w lies within 0.5 of the minimum of a valley."""
    return np.abs(w - valley) < 0.5


# What the lesson measures, for many orders of the samples at once

_RUNS = {"u": _DATA, "t": _DATA, "size": Whole(1), "lr": NOT_NEGATIVE}
_SEEDS = {"seeds": Whole(1, 10_000), "first": Whole(0, LARGEST)}


@checked(
    **_RUNS,
    **_SEEDS,
    samples=Whole(1, 1_000_000),
    decay=NOT_NEGATIVE,
    draw=Choice(DRAWS),
    start=Finite((2,)),
)
def excess(u, t, size, lr=0.3, samples=1024, decay=0.0, draw=DRAWS[0], start=START, seeds=SEEDS, first=0):
    """Loss of a line above its minimum after each update, shape (updates + 1, seeds): a column for each order.

    size: samples a batch. samples: how many are used in all. The orders are those of the seeds first, first + 1, …
    """
    landscape = least_squares(u, t)
    orders = np.stack([sample_order(len(t), samples, seed, draw) for seed in range(first, first + seeds)])
    w = np.tile(np.array(start, float), (seeds, 1))
    paths = descend(_line_gradient, design(u), t, in_batches(orders, size), w, lr, decay)
    with np.errstate(over="ignore", invalid="ignore"):
        return landscape.value(paths) - landscape.value(landscape.minima[0])


@checked(**_RUNS, **_SEEDS)
def samples_to_target(u, t, size, lr=0.3, seeds=SEEDS, first=0):
    """How many samples it takes until the loss is first within TARGET of its minimum: the median of several seeds.

    Infinity, where half of the seeds or more do not come that far in 64 updates or in 64 epochs.
    """
    reached = excess(u, t, size, lr, samples=64 * max(size, len(t) // 4), seeds=seeds, first=first) <= TARGET
    return float(np.median(np.where(reached.any(axis=0), size * reached.argmax(axis=0), np.inf)))


@checked(u=_DATA, t=_DATA, size=Whole(1))
def tuned_cost(u, t, size):
    """(η, samples): of RATES the one with the lowest cost over 100 orders, and its cost over 400 other orders."""
    lr = min(RATES, key=lambda lr: samples_to_target(u, t, size, lr, seeds=100))
    return lr, samples_to_target(u, t, size, lr, seeds=400, first=1000)


@checked(**_RUNS, seeds=Whole(1, 10_000))
def longest_step(u, t, size, lr=0.3, seeds=SEEDS):
    """The longest step in one epoch that starts at the minimum: the mean of several seeds."""
    orders = np.stack([sample_order(len(t), len(t), seed) for seed in range(seeds)])
    w = np.tile(least_squares(u, t).minima[0], (seeds, 1))
    paths = descend(_line_gradient, design(u), t, in_batches(orders, size), w, lr)
    return float(np.linalg.norm(np.diff(paths, axis=0), axis=-1).max(axis=0).mean())


@checked(**_RUNS, start=FINITE, seeds=Whole(1, 10_000))
def wave_ends(u, t, size, lr, start, seeds=SEEDS):
    """The frequencies w to which 100 updates lead from `start`, one for each seed: shape (seeds,)."""
    orders = np.stack([sample_order(len(t), 100 * size, seed) for seed in range(seeds)])
    return descend(wave_gradient, u, t, in_batches(orders, size), np.full(seeds, start), lr)[-1]


@checked(draws=Whole(1, 1000))
def shallow_valleys(draws=20):
    """A list of (u, t, lowest, valley): data, the minimum of the deepest valley, and that of one of the shallow ones.

    The data are those of wave_data for the seeds 0 to draws − 1.
    """
    data = (wave_data(seed) for seed in range(draws))
    minima = ((u, t, *wave_loss(u, t).minima[:, 0]) for u, t in data)
    return [(u, t, lowest, valley) for u, t, lowest, *others in minima for valley in others]


@checked(size=Whole(1), lr=NOT_NEGATIVE, draws=Whole(1, 1000))
def escapes(size, lr=0.3, draws=20):
    """Of 200 seeds, how many get from a shallow valley into the deepest: a number for each of `shallow_valleys`."""
    return [
        int(near(wave_ends(u, t, size, lr, valley), lowest).sum()) for u, t, lowest, valley in shallow_valleys(draws)
    ]


@checked(u=_DATA, t=_DATA, waves=Whole(1, 100), lr=NOT_NEGATIVE, updates=Whole(0, 100_000), starts=Whole(1, 10_000))
def fit_waves(u, t, waves, lr=0.3, updates=300, starts=200):
    """The losses after descents with all samples that fit a sum of waves, a_j sin(w_j u), one for each random start."""
    _as_many(t, u)
    rng = np.random.default_rng(0)
    params = {"w": rng.uniform(0.4, 6.0, (starts, waves, 1)), "a": np.full((starts, waves, 1), 1 / waves)}
    optimizer = helpers.SGD(lr)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(updates):
            angle = params["w"] * u
            r = (params["a"] * np.sin(angle)).sum(axis=1, keepdims=True) - t
            grads = {
                "w": (r * params["a"] * np.cos(angle) * u).mean(axis=2, keepdims=True),
                "a": (r * np.sin(angle)).mean(axis=2, keepdims=True),
            }
            optimizer.update(params, grads)
        return (((params["a"] * np.sin(params["w"] * u)).sum(axis=1) - t) ** 2).mean(axis=1) / 2
