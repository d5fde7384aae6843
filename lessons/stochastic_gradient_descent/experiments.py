"""Stochastic gradient descent: orders of samples, batches, a line and a wave that are fitted by them."""

from dataclasses import dataclass

import numpy as np

import helpers
from workbench.descent.landscapes import Landscape
from workbench.descent.trajectory import Trajectory, diverged_at
from workbench.words import number, point

POINTS = 32  # of the line
TARGET = 0.05  # loss above the minimum at which a line counts as fitted
WAVE_VIEW = 0.4, 6.0
DRAWS = "shuffled epochs", "independent draws"


def sample_order(n, count, seed, draw=DRAWS[0]):
    """Which of n samples come when: `count` indices, shape (count,).

    draw: "shuffled epochs" goes through all samples in a new order, again and again; "independent draws" takes any
    sample each time. The same seed gives the same order.
    """
    if draw not in DRAWS:
        raise ValueError(f"draw is {draw!r}; allowed: {', '.join(DRAWS)}")
    rng = np.random.default_rng(seed)
    if draw == "independent draws":
        return rng.integers(n, size=count)
    epochs = -(-count // n)
    return rng.permuted(np.tile(np.arange(n), (epochs, 1)), axis=1).ravel()[:count]


def in_batches(order, size):
    """Cut an order of samples, shape (..., count), into batches, shape (count // size, ..., size)."""
    order = np.asarray(order)
    updates = order.shape[-1] // size
    return np.moveaxis(order[..., : updates * size].reshape(*order.shape[:-1], updates, size), -2, 0)


def descend(gradient, inputs, targets, batches, start, lr, decay=0.0):
    """The path of stochastic gradient descent, one update a batch, shape (updates + 1, *shape of start).

    gradient: a function of the parameters and of the inputs and targets of one batch.
    inputs, targets: the data, n samples along the first axis. batches: indices of samples, shape (updates, ..., size);
    axes in the middle run several descents at once, and start then has them too.
    decay: η = lr / (1 + decay · epochs so far), an epoch being n samples. Divergence runs on to inf and nan.
    """
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


def line_data(copies=1, outlier=0.0):
    """Inputs u and targets t of 32 points near the line t = 1.5 u − 0.5, each as often as `copies`; shape (32 copies,).

    The target of the point with the largest input is lowered by `outlier`.
    """
    rng = np.random.default_rng(3)
    u = np.sort(rng.uniform(-1, 2, POINTS))
    t = 1.5 * u - 0.5 + rng.normal(0, 0.3, POINTS)
    t[-1] -= outlier
    return np.tile(u, copies), np.tile(t, copies)


def design(u):
    """The inputs of a line with slope and intercept: a row (u, 1) for each sample, shape (..., 2)."""
    return np.stack([u, np.ones_like(u)], axis=-1)


def line_gradient(w, rows, t):
    """Mean gradient of (x u + y − t)²/2 over a batch, for w = (x, y).

    w: shape (..., 2); rows: (u, 1) of each sample, shape (..., m, 2); t: shape (..., m). Returns shape (..., 2).
    """
    residuals = (rows @ w[..., None])[..., 0] - t
    return (residuals[..., None, :] @ rows)[..., 0, :] / t.shape[-1]


def least_squares(u, t):
    """The loss of a line over its slope x and its intercept y, as a Landscape: the mean of (x u + y − t)²/2."""
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
        start=(-2.0, 3.0),
    )


def gradient_noise(u, t, w):
    """Covariance of the gradients of single samples at w = (x, y), shape (2, 2)."""
    gradients = line_gradient(np.broadcast_to(w, (len(u), 2)), design(u)[:, None], t[:, None])
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


def fit_line(u, t, batches, start, lr, decay=0.0):
    """Fit a line to inputs u and targets t by `descend`; returns a Descent."""
    landscape = least_squares(u, t)
    path = descend(line_gradient, design(u), t, batches, start, lr, decay)
    losses = landscape.value(path) - landscape.value(landscape.minima[0])
    return Descent(path, losses, diverged_at(path, losses, landscape.view), batches.shape[-1])


def wave_data(seed=7):
    """Inputs u and targets t of 20 points near the wave t = sin(2u); shape (20,)."""
    rng = np.random.default_rng(seed)
    u = rng.uniform(0, 3, 20)
    return u, np.sin(2 * u) + rng.normal(0, 0.1, 20)


def wave_gradient(w, u, t):
    """Mean gradient of (sin(w u) − t)²/2 over a batch. w: shape (...); u, t: shape (..., m). Returns shape (...)."""
    angle = w[..., None] * u
    return ((np.sin(angle) - t) * np.cos(angle) * u).sum(axis=-1) / u.shape[-1]


def wave_loss(u, t):
    """The loss of a wave over its frequency w, as a Landscape with one parameter: the mean of (sin(w u) − t)²/2."""
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
    for _ in range(4):  # Newton's method turns three digits into all digits
        minima = minima - gradient(minima) / hessian(minima)[..., 0]
    minima = minima[np.argsort(value(minima))]
    return Landscape("mean of (sin(w u) − t)²/2", value, gradient, hessian, minima, (WAVE_VIEW,), tuple(minima[-1]))


def near(w, valley):
    """Whether w lies within 0.5 of the minimum of a valley."""
    return np.abs(w - valley) < 0.5
