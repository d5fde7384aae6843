"""Live figures: schedules on a noisy bowl; the sharpness of a network, with and without a warm-up."""

import functools

import numpy as np

from lessons.schedules import experiments
from lessons.schedules.experiments import LENGTH, LOOKED_AT, STARTS, WATCHED, expected_losses, limit, rate
from workbench.descent.trajectory import Trajectory
from workbench.drawing.panels import Losses
from workbench.drawing.styles import MUTED
from workbench.live.controls import choice, log_slider, slider, stops
from workbench.live.figure import LiveFigure
from workbench.networks import schedules
from workbench.words import number

stored = functools.cache(experiments.stored)


def short(value):
    """Two significant digits, for people."""
    return number(float(f"{value:.2g}"))


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
    size = (9.0, 5.6)
    folded = ("factor", "rate", "decay", "end")
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


# The sharpness

SHOWN = 300  # updates


class Sharpness(LiveFigure):
    """Loss and largest curvature of a network on the way, beside the curvature that the learning rate allows."""

    title = "Momentum on 300 digits: the loss, and the curvature of the loss in its steepest direction."
    size = (9.0, 5.2)
    presets = {"With a warm-up": {"start": "warm-up"}, "A tenth of η": {"start": "a tenth of η"}}

    def make_controls(self):
        return {
            "start": choice("learning rate", list(STARTS), "at once"),
            "update": stops("update", LOOKED_AT[LOOKED_AT <= SHOWN].tolist(), 10),
            "seed": slider("seed", 0, 0, WATCHED - 1, 1),
        }

    def build(self, figure):
        loss, curvature = figure.subplots(2, 1, height_ratios=(1, 1.3), sharex=True)
        loss.set(xlim=(0, SHOWN), ylim=(1e-4, 20), yscale="log", ylabel="loss of 300 digits")
        curvature.set(ylim=(0.02, 3000), yscale="log", xlabel="update k", ylabel="largest curvature")
        self.thin, self.thick, self.now = [], [], []
        for axes in loss, curvature:
            axes.grid()
            self.thin.append(
                [self.scenery(axes.plot([], [], color="#0072B2", linewidth=0.4))[0] for _ in range(WATCHED)]
            )
            self.thick.append(self.moving_line(axes, "-o", color="#0072B2", markersize=4, label="measured"))
            self.now.append(self.moving(axes.axvline(0, color=MUTED, linewidth=1)))
        (self.allowed,) = self.scenery(
            curvature.plot([], [], color="#D55E00", linestyle=(0, (3, 1)), label="the most that η allows")
        )
        curvature.legend(loc="upper right")
        self.loss_title = self.moving(loss.set_title(" "))
        self.title_below = self.moving(curvature.set_title(" "))

    def scene(self, start):
        self.runs = stored().watched[start]
        for lines, measured in zip(self.thin, np.moveaxis(self.runs, 1, 0), strict=True):
            for line, values in zip(lines, measured, strict=True):
                line.set_data(LOOKED_AT, values)
        k = np.arange(SHOWN + 1)
        self.allowed.set_data(k, limit(rate(start, k)))

    def draw(self, start, update, seed):
        run, at = self.runs[seed], list(LOOKED_AT).index(update)
        for line, values in zip(self.thick, run, strict=True):
            line.set_data(LOOKED_AT, values)
        for line in self.now:
            line.set_xdata([update, update])
        loss, curvature = run[:, at]
        eta = rate(start, update)
        self.title_below.set_text(f"η = {short(eta)} allows a curvature of {short(limit(eta))}")
        if np.isnan(loss):
            self.loss_title.set_text(f"{start}, seed {seed}: diverged")
            return f"Before update {update} the run has diverged: its loss is no number any more."
        self.loss_title.set_text(f"{start}, seed {seed}, after {update} updates: loss {short(loss)}")
        return (
            f"After {update} updates: loss {short(loss)}, largest curvature {short(curvature)}. "
            f"The next update has η = {short(eta)}, which allows a curvature of {short(limit(eta))}."
        )
