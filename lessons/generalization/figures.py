"""Live figures: weight decay on 300 digits, early stopping beside weight decay."""

import functools

import numpy as np

import helpers
from lessons.generalization import experiments as overfitting
from lessons.generalization.experiments import (
    DECAYS,
    EDGES,
    LABELS,
    MEASURED,
    METHODS,
    MINIMUM,
    STEEP,
    WEIGHED,
    decayed,
    moved_bowl,
    stopped,
)
from workbench.descent.trajectory import Trajectory
from workbench.drawing.panels import Plane
from workbench.drawing.styles import MUTED
from workbench.live.controls import choice, log_slider, slider, stops
from workbench.live.figure import LiveFigure
from workbench.words import number, point

stored = functools.cache(overfitting.stored)

CURVES = {
    "training": {"color": "#000000", "marker": "o", "linestyle": "-"},
    "validation": {"color": "#D55E00", "marker": "^", "linestyle": (0, (3, 1))},
}


def short(value):
    """Two significant digits, for people."""
    return f"{value:.2g}".replace("-", "−")


class Overfitting(LiveFigure):
    """Training and validation curves and the weights of a network for 300 digits, over the strength of the decay."""

    title = "300 digits, a network of 130,010 parameters: loss, accuracy and weights under weight decay."
    size = (9.0, 5.6)
    presets = {"The book's λ": {"decay": 0.1}, "Wrong labels": {"labels": "one in five wrong"}}

    def make_controls(self):
        return {
            "decay": log_slider("weight decay λ", 1e-5, 1e-5, 1.0, per_decade=5),
            "epoch": stops("epoch", WEIGHED.tolist(), WEIGHED[-1].item()),
            "method": choice("method", METHODS, METHODS[0]),
            "labels": choice("training labels", list(LABELS), next(iter(LABELS))),
        }

    def build(self, figure):
        grid = figure.add_gridspec(2, 2)
        loss, accuracy = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
        self.weights = figure.add_subplot(grid[1, :])
        loss.set(ylim=(0, 5), ylabel="loss without the penalty")
        accuracy.set(ylim=(0, 1.12), ylabel="accuracy", yticks=np.linspace(0, 1, 6))
        self.lines, self.bands, self.plain, self.now = [], [], [], []
        for axes in loss, accuracy:
            axes.set(xlim=(0, MEASURED[-1]), xlabel="epoch")
            axes.grid()
            self.now.append(self.moving(axes.axvline(0, ymax=0.72, color=MUTED, linewidth=1)))
            for name, style in CURVES.items():
                (plain,) = axes.plot([], [], ":", color=style["color"], label=f"{name}, λ = 0")
                self.plain.append(self.scenery(plain))
                self.bands.append([self.moving_line(axes, color=style["color"], linewidth=0.5) for _ in "ab"])
                (line,) = axes.plot([], [], **style, markersize=4, markevery=5, label=name)
                self.lines.append(self.moving(line))
        self.best = self.moving_line(loss, "D", color="#0072B2", markersize=8, label="lowest validation")
        loss.legend(loc="upper right", ncols=2)
        self.titles = [self.moving(axes.set_title(" ")) for axes in (loss, accuracy, self.weights)]
        self.weights.set(xlim=(EDGES[0], EDGES[-1]), ylim=(1e-5, 1.5), yscale="log")
        self.weights.set(xlabel="weight (the last bins hold all beyond)", ylabel="share of the weights")
        self.weights.grid()
        empty = np.zeros(len(EDGES) - 1)
        self.start = self.scenery(self.weights.stairs(empty, EDGES, color=MUTED, linestyle=":", label="at the start"))
        self.bars = self.moving(self.weights.stairs(empty, EDGES, fill=True, color="0.4", label="now"))
        self.weights.legend(loc="upper right")

    def scene(self, method, labels):
        at = METHODS.index(method), list(LABELS).index(labels)
        self.curves, self.histograms = stored().curves[at], stored().histograms[at]
        for line, curve in zip(self.plain, np.median(self.curves[0], axis=0), strict=True):
            line.set_data(MEASURED, curve)
        self.start.set_data(np.maximum(self.histograms[0, 0], 1e-9))

    def draw(self, decay, epoch, method, labels):
        at = DECAYS.index(decay)
        curves, histogram = self.curves[at], self.histograms[at, list(WEIGHED).index(epoch)]
        middle = np.median(curves, axis=0)
        for line, band, curve, low, high in zip(
            self.lines, self.bands, middle, curves.min(axis=0), curves.max(axis=0), strict=True
        ):
            line.set_data(MEASURED, curve)
            band[0].set_data(MEASURED, low)
            band[1].set_data(MEASURED, high)
        for line in self.now:
            line.set_xdata([epoch, epoch])
        lowest = middle[1].argmin()
        self.best.set_data([MEASURED[lowest]], [middle[1, lowest]])
        self.bars.set_data(np.maximum(histogram, 1e-9))
        now = middle[:, list(MEASURED).index(epoch)]
        centers = (EDGES[1:] + EDGES[:-1]) / 2
        size, before = (_size(np.sqrt(h @ centers**2 / h.sum())) for h in (histogram, self.histograms[at, 0]))
        self.titles[0].set_text(f"epoch {epoch}: training loss {short(now[0])}, validation {short(now[1])}")
        self.titles[1].set_text(f"training accuracy {now[2]:.0%}, validation {now[3]:.0%}")
        self.titles[2].set_text(f"{method}, λ = {number(decay)}: weights of size {size}, at the start {before}")
        return (
            f"Median of {len(curves)} seeds after epoch {epoch}: "
            f"training loss {short(now[0])}, validation {short(now[1])}; "
            f"training accuracy {now[2]:.0%}, validation {now[3]:.0%}. "
            f"The validation loss is lowest after epoch {MEASURED[lowest]}, {short(middle[1, lowest])}. "
            f"Root mean square of the weights: {size}, at the start {before}."
        )


def _size(root_mean_square):
    """Within a single bin a histogram does not tell how small weights are."""
    half_a_bin = (EDGES[1] - EDGES[0]) / 2
    return short(root_mean_square) if root_mean_square > half_a_bin else f"below {short(half_a_bin)}"


# A path that is cut short, and a minimum that is moved


SHRINK = {
    "early stopping": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    "weight decay": {"color": "#D55E00", "marker": "^", "linestyle": (0, (3, 1))},
}


class EarlyOrDecay(LiveFigure):
    """Early stopping and weight decay on one bowl: where both end, and which share of the way they go."""

    title = "A path that is cut short, beside the minimum of loss + λ/2 (x² + y²)."
    size = (9.0, 4.2)
    folded = ("start_x", "start_y")
    presets = {"λ = 1 / (ηt)": {"decay": 0.5}, "Start elsewhere": {"decay": 0.5, "start_x": 7.5, "start_y": 3.5}}

    def make_controls(self):
        return {
            "updates": slider("updates t", 20, 0, 200, 1),
            "decay": log_slider("weight decay λ", 0.05, 0.001, 10.0, per_decade=10),
            "lr": slider("learning rate η", 0.1, 0.01, 0.5, 0.01),
            "condition": slider("condition number κ", 20, 1, 100, 1),
            "start_x": slider("start x", 0.0, -1.0, 8.0, 0.1, digits=1),
            "start_y": slider("start y", 0.0, -1.0, 4.0, 0.1, digits=1),
        }

    def build(self, figure):
        plane, share = figure.subplots(1, 2, width_ratios=(1.25, 1))
        self.plane = Plane(self, plane, moved_bowl(), SHRINK)
        self.drag_axes, self.drag_controls = plane, ("start_x", "start_y")
        self.ends = {n: self.moving_line(plane, **_end(style)) for n, style in SHRINK.items()}
        share.set(xlim=(0.01, 4), xscale="log", ylim=(-0.05, 1.25), xlabel="curvature h", ylabel="share of the way")
        share.set_xticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
        share.set_yticks(np.linspace(0, 1, 6))
        share.grid()
        self.h = np.geomspace(0.01, 4, 61)
        self.curves, self.marks = {}, {}
        for name, style in SHRINK.items():
            look = {"color": style["color"], "linestyle": style["linestyle"], "label": name}
            self.curves[name] = self.moving_line(share, **look)
            self.marks[name] = self.moving_line(share, **_end(style))
        share.legend(loc="upper left", ncols=2)
        self.share_title = self.moving(share.set_title(" "))

    def scene(self, condition):
        self.landscape = moved_bowl(condition)
        self.plane.scene(self.landscape)

    def draw(self, updates, decay, lr, condition, start_x, start_y):
        start = start_x, start_y
        h = np.array([STEEP / condition, STEEP])
        strengths = np.append(np.geomspace(1e4, decay, 40), decay)[:, None]
        minima = np.vstack([[0, 0], MINIMUM * decayed(h, strengths)])
        runs = {
            "early stopping": Trajectory.of(helpers.SGD(lr), self.landscape, start, updates),
            "weight decay": Trajectory(minima, self.landscape.value(minima), None),
        }
        ends = {name: r.path[-1] for name, r in runs.items()}
        self.plane.draw(runs, start, f"t = {updates} at η = {number(lr)}, λ = {number(decay)}, κ = {condition}")
        for name, every in ("early stopping", max(1, updates // 20)), ("weight decay", (len(minima), 1)):
            self.plane.paths[name].set_markevery(every)
        shares = {"early stopping": stopped(self.h, lr, updates), "weight decay": decayed(self.h, decay)}
        for name, end in ends.items():
            self.ends[name].set_data(end[:1], end[1:])
            self.curves[name].set_data(self.h, np.where(self.h <= STEEP, shares[name], np.nan))
        for name, share in ("early stopping", stopped(h, lr, updates)), ("weight decay", decayed(h, decay)):
            self.marks[name].set_data(h, share)
        apart = np.linalg.norm(ends["early stopping"] - ends["weight decay"])
        match = f"1 / (ηt) = {number(1 / (lr * updates))}" if updates else "no update yet"
        self.share_title.set_text(f"{match}, λ = {number(decay)}: {short(apart)} apart")
        gone = f"{stopped(h[0], lr, updates):.0%} of the way along x and {stopped(h[1], lr, updates):.0%} along y"
        kept = f"{decayed(h[0], decay):.0%} of the minimum along x and {decayed(h[1], decay):.0%} along y"
        return (
            f"From {point(start)} early stopping goes {gone}, to {point(ends['early stopping'])}.\n"
            f"Weight decay keeps {kept}, {point(ends['weight decay'])}, wherever the start is.\n"
            f"The two ends are {number(apart)} apart; {match}."
        )


def _end(style):
    return {
        "color": style["color"],
        "marker": style["marker"],
        "linestyle": "",
        "markersize": 9,
        "markeredgecolor": "white",
    }
