"""Live figures: a line fitted by batches of three sizes, and noise that leaves a shallow valley."""

import numpy as np

from lessons.stochastic_gradient_descent.experiments import (
    DRAWS,
    POINTS,
    TARGET,
    WAVE_VIEW,
    descend,
    fit_line,
    in_batches,
    least_squares,
    line_data,
    near,
    sample_order,
    wave_data,
    wave_gradient,
    wave_loss,
)
from workbench.drawing.panels import Plane, on_log_axis
from workbench.drawing.styles import MUTED, START
from workbench.live.controls import choice, slider
from workbench.live.figure import LiveFigure
from workbench.words import number, point

# A line through 32 points


SIZES = {
    "one sample": {"color": "#D55E00", "linestyle": "-", "linewidth": 0.7, "marker": ".", "markersize": 2},
    "mini-batch": {"color": "#0072B2", "linestyle": (0, (3, 1)), "marker": "s"},
    "full batch": {"color": "#000000", "linestyle": "-", "marker": "o"},
}


class BatchSizes(LiveFigure):
    """A line fitted by full batch, one sample and mini-batch: data, paths, loss per update and loss per sample."""

    title = "A line fitted to points: full batch, one sample and mini-batch on one loss surface."
    size = (9.0, 5.6)
    folded = ("decay", "copies", "outlier", "start_x", "start_y")
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
            name: self.moving_line(data, color=style["color"], linestyle=style["linestyle"])
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
            "one sample": fit_line(u, t, in_batches(order, 1), start, lr, decay),
            "mini-batch": fit_line(u, t, in_batches(order, size), start, lr, decay),
            "full batch": fit_line(u, t, in_batches(np.arange(self.samples) % n, n), start, lr, decay),
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
        losses = on_log_axis(run.losses)
        self.over_updates[name].set_data(k, losses)
        self.over_samples[name].set_data(k * run.size, losses)
        # Markers evenly spaced on the logarithmic axis.
        marks = np.unique(np.geomspace(1, len(k), 12).astype(int)) - 1
        self.over_updates[name].set_markevery(marks)
        self.over_samples[name].set_markevery(marks)


# A wave through 20 points


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
        self.share = self.moving_line(share, color="#000000", label="in the deep valley")
        self.stay = self.moving_line(share, ":", color="#000000", label="in the shallow valley")
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
        self.wave = self.moving_line(axes, "--", color="#D55E00", label="end of the run")
        axes.set(xlim=(0, 3), ylim=(-1.4, 2.6), xlabel="input u", ylabel="target t")
        axes.legend(loc="upper right")
        self.data_title = self.moving(axes.set_title("data"))

    def _build_loss(self, axes):
        w = np.linspace(*WAVE_VIEW, 401)
        axes.plot(w, self.landscape.value(w[:, None]), color=MUTED)
        axes.set(xlim=WAVE_VIEW, ylim=(-0.05, 1.05), xlabel="frequency w", ylabel="loss of all 20 points")
        self.path = self.moving_line(axes, "-o", color="#0072B2", linewidth=0.4, markersize=2.5)
        self.last = self.moving_line(axes, "D", color="#D55E00", markersize=8)
        self.first = self.moving_line(axes, **START)
        self.loss_title = self.moving(axes.set_title("path"))
        self.drag_axes, self.drag_controls = axes, ("start",)

    def draw(self, size, lr, start, seed):
        order = in_batches(self.orders[:, : self.updates * size], size)
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
