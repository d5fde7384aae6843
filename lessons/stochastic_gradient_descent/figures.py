"""Live figures of lesson 03: a line fitted by batches of three sizes, and noise that leaves a shallow valley."""

from dataclasses import dataclass

import numpy as np

import helpers
from workbench.descent.landscapes import Landscape
from workbench.descent.trajectory import Trajectory, diverged_at
from workbench.drawing.panels import Plane
from workbench.drawing.styles import MUTED
from workbench.live.controls import choice, slider
from workbench.live.figure import LiveFigure
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


def batches(order, size):
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


# A line through 32 points


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


SIZES = {
    "one sample": {"color": "#D55E00", "linestyle": "-", "linewidth": 0.7, "marker": ".", "markersize": 2},
    "mini-batch": {"color": "#0072B2", "linestyle": (0, (3, 1)), "marker": "s"},
    "full batch": {"color": "#000000", "linestyle": "-", "marker": "o"},
}


class BatchSizes(LiveFigure):
    """A line fitted by full batch, one sample and mini-batch: data, paths, loss per update and loss per sample."""

    title = "A line fitted to points: full batch, one sample and mini-batch on one loss surface."
    size = (9.0, 6.4)
    samples = 800
    presets = {
        "Double the data": {"copies": 2},
        "An outlier": {"outlier": 6.0},
        "Decay": {"decay": 1.0},
    }

    def make_controls(self):
        return {
            "size": slider("mini-batch size m", 8, 1, 32, 1),
            "lr": slider("learning rate η", 0.3, 0.01, 1.5, 0.01),
            "decay": slider("decay per epoch", 0.0, 0.0, 2.0, 0.1, digits=1),
            "copies": slider("copies of the data", 1, 1, 4, 1),
            "outlier": slider("outlier lowered by", 0.0, 0.0, 8.0, 0.5, digits=1),
            "draw": choice("samples come in", DRAWS, DRAWS[0]),
            "seed": slider("seed", 0, 0, 199, 1),
            "start_x": slider("start x", -2.0, -3.0, 4.0, 0.1, digits=1),
            "start_y": slider("start y", 3.0, -3.0, 4.0, 0.1, digits=1),
        }

    def build(self, figure):
        (data, plane), (updates, samples) = figure.subplots(2, 2)
        data.set(xlim=(-1.2, 2.2), ylim=(-6.5, 4.5), xlabel="input u", ylabel="target t")
        (self.points,) = self.scenery(data.plot([], [], "o", color=MUTED, markerfacecolor="white"))
        self.lines = {
            name: self.moving(data.plot([], [], color=style["color"], linestyle=style["linestyle"]))[0]
            for name, style in SIZES.items()
        }
        self.data_title = self.moving(data.set_title("data"))
        self.plane = Plane(self, plane, least_squares(*line_data()), SIZES)
        plane.set(xlabel="slope x", ylabel="intercept y")
        self.drag_axes, self.drag_controls = plane, ("start_x", "start_y")
        self.over_updates = self._curves(updates, "updates")
        self.over_samples = self._curves(samples, "samples used")
        updates.set_title("loss after each update")
        updates.legend(loc="lower left")
        samples.set_title("loss over its cost in samples")
        self.costs = self.moving(samples.text(0.03, 0.04, "", transform=samples.transAxes, va="bottom", fontsize=8))

    def _curves(self, axes, unit):
        axes.set_xscale("symlog", linthresh=1, linscale=0.3)
        axes.set(xlim=(0, self.samples), xlabel=unit, yscale="log", ylim=(1e-6, 1e3), ylabel="loss above the minimum")
        ticks = 0, 1, 10, 100, self.samples
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.grid()
        axes.axhline(TARGET, color=MUTED, linestyle=":")
        axes.text(0.1, TARGET * 0.8, f"target {TARGET}", va="top", fontsize=8)
        curves = {n: axes.plot([], [], **{"markersize": 4} | style, label=n)[0] for n, style in SIZES.items()}
        self.moving(list(curves.values()))
        return curves

    def scene(self, copies, outlier):
        u, t = self.data = line_data(copies, outlier)
        self.landscape = least_squares(u, t)
        self.plane.scene(self.landscape)
        self.points.set_data(u[:POINTS], t[:POINTS])
        self.points.set_markersize(3 + 2 * copies)

    def draw(self, size, lr, decay, copies, outlier, draw, seed, start_x, start_y):
        u, t = self.data
        start, n = (start_x, start_y), len(t)
        order = sample_order(n, self.samples, seed, draw)
        runs = {
            "one sample": fit_line(u, t, batches(order, 1), start, lr, decay),
            "mini-batch": fit_line(u, t, batches(order, size), start, lr, decay),
            "full batch": fit_line(u, t, batches(np.arange(self.samples) % n, n), start, lr, decay),
        }
        self.data_title.set_text(
            f"{POINTS} points"
            + f", {copies} copies of each" * (copies > 1)
            + f", one lowered by {number(outlier)}" * (outlier > 0)
        )
        self.plane.draw(runs, start, f"η = {number(lr)}, mini-batch of {size}, from {point(start)}")
        for name, run in runs.items():
            self._draw_run(name, run)
        costs = [f"{name}: {'not reached' if run.cost is None else run.cost}" for name, run in runs.items()]
        self.costs.set_text("\n".join(["samples to the target:", *costs]))
        return "\n".join(f"{name[0].upper()}{name[1:]}: {run.result}." for name, run in runs.items())

    def _draw_run(self, name, run):
        slope, intercept = run.path[-1] if run.diverged is None else (np.nan, np.nan)
        ends = np.array([-1.2, 2.2])
        self.lines[name].set_data(ends, slope * ends + intercept)
        k = np.arange(len(run.losses))
        losses = np.clip(np.nan_to_num(run.losses, nan=1e30), 1e-30, 1e30)
        self.over_updates[name].set_data(k, losses)
        self.over_samples[name].set_data(k * run.size, losses)
        # Markers evenly spaced on the logarithmic axis.
        marks = np.unique(np.geomspace(1, len(k), 12).astype(int)) - 1
        self.over_updates[name].set_markevery(marks)
        self.over_samples[name].set_markevery(marks)


# A wave through 20 points


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


class Escape(LiveFigure):
    """The frequency of a wave fitted from a shallow valley of the loss: one run, and how many of 200 get out."""

    title = "The frequency of a wave fitted to 20 points: the run of one seed, and the ends of 200."
    size = (9.0, 5.8)
    updates, seeds = 100, 200

    def make_controls(self):
        return {
            "size": slider("batch size m", 1, 1, 20, 1),
            "lr": slider("learning rate η", 0.3, 0.02, 1.5, 0.02),
            "start": slider("start w", 4.16, 0.5, 5.9, 0.01),
            "seed": slider("seed shown", 0, 0, self.seeds - 1, 1),
        }

    def build(self, figure):
        self.data = u, t = wave_data()
        self.landscape = wave_loss(u, t)
        self.deep, self.shallow = self.landscape.minima[:, 0]
        self.orders = np.stack([sample_order(len(t), self.updates * len(t), seed) for seed in range(self.seeds)])
        (data, loss), (share, ends) = figure.subplots(2, 2)
        self._build_data(data)
        self._build_loss(loss)
        share.set(xlim=(0, self.updates), ylim=(0, 1.3), xlabel="updates", ylabel="share of 200 seeds")
        share.set_yticks(np.linspace(0, 1, 6))
        share.grid()
        (self.share,) = self.moving(share.plot([], [], color="#000000", label="in the deep valley"))
        (self.stay,) = self.moving(share.plot([], [], ":", color="#000000", label="in the shallow valley"))
        share.legend(loc="upper center", ncols=2)
        self.share_title = self.moving(share.set_title("share"))
        self.edges = np.linspace(*WAVE_VIEW, 57)
        self.bars = self.moving(ends.stairs(np.zeros(56), self.edges, fill=True, color="0.4"))
        ends.set(xlim=WAVE_VIEW, ylim=(0, self.seeds), xlabel="frequency w", ylabel="seeds that end here")
        self.ends_title = self.moving(ends.set_title("ends"))

    def _build_data(self, axes):
        axes.plot(*self.data, "o", color=MUTED, markerfacecolor="white")
        self.inputs = np.linspace(0, 3, 121)
        for w, style, name in (self.deep, "-", "deep"), (self.shallow, ":", "shallow"):
            axes.plot(self.inputs, np.sin(w * self.inputs), style, color="0.6", label=f"{name} valley, w = {number(w)}")
        (self.wave,) = self.moving(axes.plot([], [], "--", color="#D55E00", label="end of the run"))
        axes.set(xlim=(0, 3), ylim=(-1.4, 2.6), xlabel="input u", ylabel="target t")
        axes.legend(loc="upper right")
        self.data_title = self.moving(axes.set_title("data"))

    def _build_loss(self, axes):
        w = np.linspace(*WAVE_VIEW, 401)
        axes.plot(w, self.landscape.value(w[:, None]), color=MUTED)
        axes.set(xlim=WAVE_VIEW, ylim=(-0.05, 1.05), xlabel="frequency w", ylabel="loss of all 20 points")
        (self.path,) = self.moving(axes.plot([], [], "-o", color="#0072B2", linewidth=0.4, markersize=2.5))
        (self.last,) = self.moving(axes.plot([], [], "D", color="#D55E00", markersize=8))
        (self.first,) = self.moving(axes.plot([], [], "o", color="#000000", markerfacecolor="white", markersize=10))
        self.loss_title = self.moving(axes.set_title("path"))
        self.drag_axes, self.drag_controls = axes, ("start",)

    def draw(self, size, lr, start, seed):
        order = batches(self.orders[:, : self.updates * size], size)
        paths = descend(wave_gradient, *self.data, order, np.full(self.seeds, start), lr)
        path, end = paths[:, seed], paths[-1, seed]
        self.wave.set_data(self.inputs, np.sin(end * self.inputs))
        on_curve = np.stack([path, self.landscape.value(path[:, None])])
        self.path.set_data(*on_curve)
        self.first.set_data(*on_curve[:, :1])
        self.last.set_data(*on_curve[:, -1:])
        deep, shallow = near(paths, self.deep).sum(axis=1), near(paths, self.shallow).sum(axis=1)
        k = np.arange(self.updates + 1)
        self.share.set_data(k, deep / self.seeds)
        self.stay.set_data(k, shallow / self.seeds)
        self.bars.set_data(np.histogram(paths[-1], self.edges)[0])
        self.data_title.set_text(f"data and waves; the run ends at w = {number(end)}")
        self.loss_title.set_text(f"seed {seed}, m = {size}, η = {number(lr)}, from w = {number(start)}")
        self.share_title.set_text(f"{deep[-1]} of {self.seeds} end in the deep valley")
        elsewhere = self.seeds - deep[-1] - shallow[-1]
        self.ends_title.set_text(f"deep {deep[-1]}, shallow {shallow[-1]}, elsewhere {elsewhere}")
        return (
            f"After {self.updates} updates {deep[-1]} of {self.seeds} seeds are in the deep valley, "
            f"{shallow[-1]} in the shallow one, {elsewhere} elsewhere. "
            f"Seed {seed} ends at w = {number(end)}, loss {number(on_curve[1, -1])}."
        )
