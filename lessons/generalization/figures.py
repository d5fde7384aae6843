"""Live figures: weight decay on 300 digits, early stopping beside weight decay, schedules."""

import functools

import numpy as np

import helpers
from lessons.generalization import experiments as overfitting
from lessons.generalization.experiments import (
    DECAYS,
    EDGES,
    LABELS,
    LENGTH,
    MEASURED,
    METHODS,
    MINIMUM,
    STEEP,
    WEIGHED,
    decayed,
    expected_losses,
    moved_bowl,
    stopped,
)
from workbench.descent.trajectory import Trajectory
from workbench.drawing.panels import Losses, Plane
from workbench.drawing.styles import MUTED
from workbench.live.controls import choice, log_slider, slider, stops
from workbench.live.figure import LiveFigure
from workbench.networks import schedules
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
    size = (9.0, 6.2)
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
    """Early stopping and weight decay on one bowl, from weights of 0: where both end, and what they keep of it."""

    title = "A path from (0, 0) cut short, beside the minimum of loss + λ/2 (x² + y²)."
    size = (9.0, 4.2)
    presets = {"λ = 1 / (ηt)": {"decay": 0.5}, "Round bowl": {"condition": 1}}

    def make_controls(self):
        return {
            "updates": slider("updates t", 20, 0, 200, 1),
            "decay": log_slider("weight decay λ", 0.05, 0.001, 10.0, per_decade=10),
            "lr": slider("learning rate η", 0.1, 0.01, 0.5, 0.01),
            "condition": slider("condition number κ", 20, 1, 100, 1),
        }

    def build(self, figure):
        plane, share = figure.subplots(1, 2, width_ratios=(1.25, 1))
        self.plane = Plane(self, plane, moved_bowl(), SHRINK)
        self.ends = {n: self.moving_line(plane, **_end(style)) for n, style in SHRINK.items()}
        share.set(xlim=(0.01, 4), xscale="log", ylim=(-0.05, 1.25), xlabel="curvature h", ylabel="share kept")
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

    def draw(self, updates, decay, lr, condition):
        h = np.array([STEEP / condition, STEEP])
        strengths = np.append(np.geomspace(1e4, decay, 40), decay)[:, None]
        minima = np.vstack([[0, 0], MINIMUM * decayed(h, strengths)])
        runs = {
            "early stopping": Trajectory.of(helpers.SGD(lr), self.landscape, (0, 0), updates),
            "weight decay": Trajectory(minima, self.landscape.value(minima), None),
        }
        ends = {name: r.path[-1] for name, r in runs.items()}
        self.plane.draw(runs, (0, 0), f"t = {updates} at η = {number(lr)}, λ = {number(decay)}, κ = {condition}")
        for name, every in ("early stopping", max(1, updates // 20)), ("weight decay", (len(minima), 1)):
            self.plane.paths[name].set_markevery(every)
        shares = {"early stopping": stopped(self.h, lr, updates), "weight decay": decayed(self.h, decay)}
        for name, end in ends.items():
            self.ends[name].set_data(end[:1], end[1:])
            self.curves[name].set_data(self.h, np.where(self.h <= STEEP, shares[name], np.nan))
            self.marks[name].set_data(h, end / MINIMUM)
        apart = np.linalg.norm(ends["early stopping"] - ends["weight decay"])
        match = f"1 / (ηt) = {number(1 / (lr * updates))}" if updates else "no update yet"
        self.share_title.set_text(f"{match}, λ = {number(decay)}: {short(apart)} apart")
        words = [
            f"{name[0].upper()}{name[1:]} ends at {point(end)}, keeps {end[0] / MINIMUM[0]:.0%} of x and "
            f"{end[1] / MINIMUM[1]:.0%} of y."
            for name, end in ends.items()
        ]
        return "\n".join([*words, f"The two ends are {number(apart)} apart; {match}."])


def _end(style):
    return {
        "color": style["color"],
        "marker": style["marker"],
        "linestyle": "",
        "markersize": 9,
        "markeredgecolor": "white",
    }


# Learning-rate schedules


SCHEDULES = {
    "constant": {"color": "#000000", "marker": "o", "linestyle": "-"},
    "step": {"color": "#E69F00", "marker": "s", "linestyle": (0, (6, 1))},
    "exponential": {"color": "#56B4E9", "marker": "D", "linestyle": (0, (4, 1, 1, 1))},
    "1/t": {"color": "#009E73", "marker": "^", "linestyle": (0, (3, 1))},
    "cosine": {"color": "#CC79A7", "marker": "v", "linestyle": (0, (1, 1))},
    "warm-up, then cosine": {"color": "#D55E00", "marker": "X", "linestyle": (0, (8, 1, 1, 1))},
}


class Schedules(LiveFigure):
    """Five schedules beside a constant learning rate, and the loss that each produces on a noisy bowl."""

    title = "Learning-rate schedules on the bowl x²/20 + y² from (−7, 2) with noisy gradients."
    size = (9.0, 6.2)
    presets = {"Past the last step": {"boundary": 400}, "No noise": {"noise": 0.0}}

    def make_controls(self):
        return {
            "lr": slider("learning rate η₀", 0.5, 0.05, 0.95, 0.05),
            "noise": slider("gradient noise σ", 1.0, 0.0, 4.0, 0.1, digits=1),
            "boundary": slider("step: drop at", 150, 10, 400, 10),
            "factor": slider("step: factor", 0.1, 0.0, 1.0, 0.05),
            "rate": slider("exponential: rate", 0.98, 0.95, 1.0, 0.001, digits=3),
            "decay": log_slider("1/t: decay", 0.02, 0.001, 1.0, per_decade=5),
            "end": slider("cosine: end / η₀", 0.0, 0.0, 1.0, 0.05),
            "warmup": slider("warm-up: updates", 30, 1, 250, 1),
        }

    def build(self, figure):
        rates, loss = figure.subplots(2, 1, height_ratios=(1, 1.4), sharex=True)
        rates.set(ylim=(-0.03, 1.0), ylabel="learning rate η")
        rates.grid()
        self.rates = {}
        for name, style in SCHEDULES.items():
            self.rates[name] = self.moving_line(rates, **style, markersize=4, markevery=25, label=name)
        rates.legend(loc="upper right")
        self.rates_title = self.moving(rates.set_title(" "))
        self.losses = Losses(self, loss, LENGTH, floor=1e-3, ceiling=1e2, styles=SCHEDULES)
        loss.set_ylabel("expected loss")

    def draw(self, lr, noise, boundary, factor, rate, decay, end, warmup):
        cosine = schedules.cosine(lr, LENGTH, end * lr)
        made = {
            "constant": schedules.constant(lr),
            "exponential": schedules.exponential(lr, rate),
            "1/t": schedules.inverse_time(lr, decay),
            "cosine": cosine,
            "warm-up, then cosine": schedules.warmup(cosine, LENGTH, warmup),
        }
        refused = ""
        try:
            made["step"] = schedules.step(lr, LENGTH, [boundary], factor)
        except ValueError as error:
            refused = str(error)
        k = np.arange(LENGTH)
        lrs = {name: schedule(k) for name, schedule in made.items()}
        losses = expected_losses(np.stack(list(lrs.values())), noise)
        for name, line in self.rates.items():
            line.set_visible(name in lrs)
            line.set_data(k, lrs.get(name, np.zeros(LENGTH)))
        runs = {name: Trajectory(None, curve, None) for name, curve in zip(lrs, losses, strict=True)}
        self.losses.draw(runs, f"expected loss on the bowl, noise σ = {number(noise)}")
        self.rates_title.set_text(f"step is refused: {refused}" if refused else f"η₀ = {number(lr)}, {LENGTH} updates")
        ends = sorted(runs, key=lambda name: runs[name].losses[-1])
        words = f"Expected loss after {LENGTH} updates, lowest first: "
        words += ", ".join(f"{name} {short(runs[name].losses[-1])}" for name in ends) + "."
        return words + (f"\nThe step schedule is refused: {refused}." if refused else "")
