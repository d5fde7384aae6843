"""Live figures: moving averages, the map of (η, β), the way off a saddle."""

import functools

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap

from lessons.momentum.experiments import BEST, CRITICAL, RATE, leave_saddle, moving_average
from workbench.checks import checked
from workbench.descent import landscapes, theory
from workbench.descent.optimizers import OPTIMIZERS
from workbench.descent.trajectory import Trajectory
from workbench.drawing.panels import Losses, Plane
from workbench.drawing.styles import MUTED, STYLES, with_own
from workbench.live import as_code
from workbench.live.controls import log_slider, slider, with_more
from workbench.live.figure import LiveFigure
from workbench.live.own_optimizers import OwnOptimizers, attempt
from workbench.words import number, point

START = (-7.0, 2.0)


class MovingAverage(LiveFigure):
    """A noisy signal that jumps, its moving average, and the weights of what is past."""

    title = "Moving average of a noisy signal that jumps from 1 to −1, beside it the weight of past values."
    steps = 400
    ages = np.arange(101)

    def make_controls(self):
        return {
            "beta": slider("β", 0.9, 0.0, 0.999, 0.001, digits=3),
            "noise": slider("noise σ", 0.5, 0.0, 1.0, 0.05),
            "seed": slider("seed", 0, 0, 9, 1),
        }

    def build(self, figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.6, 1])
        self.t = np.arange(1, self.steps + 1)
        self.truth = np.where(self.t <= self.steps // 2, 1.0, -1.0)
        left.set(xlim=(0, self.steps), ylim=(-2.6, 2.6), xlabel="step t", ylabel="value")
        self.data = self.moving_line(left, ".", color="0.6", markersize=3, label="signal with noise")
        left.plot(self.t, self.truth, "--", color=MUTED, linewidth=1, label="signal without noise")
        self.average = self.moving_line(left, color="#D55E00", linewidth=2, label="moving average")
        left.legend(loc="lower left")
        self.left_title = self.moving(left.set_title("average"))
        right.set(xlim=(0, self.ages[-1]), ylim=(0, 1.05), xlabel="age k in steps", ylabel="weight, newest = 1")
        right.grid()
        self.weights = self.moving_line(right, "o-", color="#D55E00", markersize=3, markevery=2)
        self.half = self.moving_line(right, "--", color=MUTED)
        self.right_title = self.moving(right.set_title("weight"))

    def draw(self, beta, noise, seed):
        signal = self.truth + noise * np.random.default_rng(seed).normal(size=self.steps)
        average = moving_average(signal, beta)
        half = theory.half_life(beta) if beta else 0.0
        self.data.set_data(self.t, signal)
        self.average.set_data(self.t, average)
        self.weights.set_data(self.ages, beta**self.ages)
        self.half.set_data([0, half, half], [0.5, 0.5, 0])
        self.left_title.set_text(f"β = {number(beta)}, σ = {number(noise)}, seed {seed}: ends at {number(average[-1])}")
        self.right_title.set_text(f"half-life {number(half)} steps")
        last = average[-self.steps // 4 :]
        return (
            f"Half-life {number(half)} steps, lag {number(beta / (1 - beta))} steps. The average ends at "
            f"{number(average[-1])}. Its standard deviation over the last {len(last)} steps is {number(last.std())}; "
            f"in the long run {number(noise * np.sqrt((1 - beta) / (1 + beta)))}."
        )


@checked(optimizers=OwnOptimizers())
class StabilityMap(LiveFigure):
    """The rate of a method at every η and β, and the path and loss at one of them, chosen by sliders or by dragging.

    optimizers: one's own, a dict from names to classes, whose paths and losses are drawn beside those of the method, at
    the same η and β where they take lr and momentum (or beta). settings: as for every LiveFigure.
    """

    title = "Rate of the heavy ball on a bowl at every learning rate η and momentum β, and the path at one of them."
    size = (9.0, 5.4)
    method = "Momentum"
    presets = {
        "The best η and β": {"lr": 1.34, "momentum": 0.4},
        "A round bowl": {"condition": 1, "lr": 0.5, "momentum": 0.9},
    }
    bands = (0, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
    lrs = np.linspace(0.005, 2.0, 200)
    betas = np.linspace(0.0, 1.0, 151)[:-1]
    shared = {"lr": "lr", "momentum": "momentum", "beta": "momentum"}  # arguments, and the sliders of the map

    def __init__(self, optimizers=None, **settings):
        self.own = optimizers or {}
        self.styles = with_own(self.own, {self.method: STYLES[self.method]})
        if self.own:
            self.given = {"optimizers": as_code.of_objects({name: own.make for name, own in self.own.items()})}
        super().__init__(**settings)

    def make_controls(self):
        controls = {
            "lr": slider("η", 0.1, 0.01, 2.0, 0.01),
            "momentum": slider("β", 0.9, 0.0, 0.99, 0.01),
            "condition": slider("condition number κ", 20, 1, 100, 1),
            "steps": slider("updates", 30, 0, 60, 1),
        }
        for own in self.own.values():
            controls = with_more(controls, own.wide_controls(without=self.shared))
        return controls

    def build(self, figure):
        panels = figure.subplot_mosaic([["map", "plane"], ["map", "loss"]], width_ratios=[1, 1.05])
        chart = panels["map"]
        chart.set(xlim=(0, 2), ylim=(0, 1), xlabel="learning rate η", ylabel="momentum β")
        chart.set_title("rate (dashed: x swings above it; dotted: y)")
        colors = ListedColormap(["0.35", "0.5", "0.62", "0.74", "0.84", "0.93"]).with_extremes(over="white")
        self.rates = self.scenery(
            chart.imshow(
                np.zeros((len(self.betas), len(self.lrs))),
                extent=(0, 2, 0, 1),
                origin="lower",
                aspect="auto",
                interpolation="nearest",
                cmap=colors,
                norm=BoundaryNorm(self.bands, colors.N),
            )
        )
        figure.colorbar(self.rates, ax=chart, location="bottom", ticks=self.bands, aspect=40)
        self.scenery(chart.text(1.96, 0.03, "diverges", ha="right"))
        self.critical = self.scenery([chart.plot([], [], dash, color="black", linewidth=1)[0] for dash in ("--", ":")])
        (self.best,) = self.scenery(chart.plot([], [], "+", color="black", markersize=11, markeredgewidth=2))
        self.best_name = self.scenery(chart.text(0, 0, "best", ha="center", backgroundcolor="white", fontsize=8))
        (self.here,) = self.moving(
            chart.plot([], [], "o", color="#D55E00", markersize=11, markerfacecolor="white", markeredgewidth=2.5)
        )
        self.plane = Plane(self, panels["plane"], landscapes.bowl(), styles=self.styles)
        self.losses = Losses(
            self, panels["loss"], steps=60, floor=1e-10, styles=self.styles, theory="theory, slope of rate$^{2k}$"
        )
        self.drag_axes, self.drag_controls = chart, ("lr", "momentum")

    def scene(self, condition):
        self.landscape = landscapes.bowl(condition)
        self.plane.scene(self.landscape)
        lrs, betas = np.meshgrid(self.lrs, self.betas)
        self.rates.set_data(np.max([RATE[self.method](lrs, c, betas) for c in (2 / condition, 2.0)], axis=0))
        for line, curvature in zip(self.critical, (2 / condition, 2.0), strict=True):
            line.set_data(self.lrs, CRITICAL[self.method](self.lrs * curvature))
        self.optimum = BEST[self.method](2 / condition, 2.0)
        lr, beta, _ = self.optimum
        self.best.set_data([lr], [beta])
        self.best_name.set_position((lr, beta + 0.035))

    def draw(self, lr, momentum, condition, steps, **others):
        method = self.method
        result = Trajectory.of(OPTIMIZERS[method](lr, momentum), self.landscape, START, steps)
        rates = {axis: RATE[method](lr, c, momentum) for axis, c in (("x", 2 / condition), ("y", 2.0))}
        rate = max(rates.values())
        self.here.set_data([lr], [momentum])
        runs = {method: result} | self._own_runs(steps, {"lr": lr, "momentum": momentum}, others)
        self.plane.draw(runs, START, f"{method}, η = {number(lr)}, β = {number(momentum)}, κ = {condition}")
        self.losses.draw(runs, f"rate {number(rate)}: {result.result.split(' at (')[0]}", {method: rate})
        swings = [
            axis for axis, c in (("x", 2 / condition), ("y", 2.0)) if momentum > CRITICAL[method](np.array(lr * c))
        ]
        return (
            f"After {steps} updates from {point(START)}: {result.result}. Theory: rate {number(rate)} per update, "
            f"along x {number(rates['x'])}, along y {number(rates['y'])}; "
            f"{' and '.join(swings) or 'neither x nor y'} swing{'s' if len(swings) < 2 else ''}.\n"
            f"Best for {method} on this bowl: η = {number(self.optimum[0])}, β = {number(self.optimum[1])}, "
            f"rate {number(self.optimum[2])}."
            + "".join(f"\n{name}: {run.result}." for name, run in runs.items() if name != method)
        )

    def _own_runs(self, steps, at, others):
        """The Trajectories of one's own optimizers at a place of the map; those that raise are told and left out."""
        runs = {}
        for name, own in self.own.items():
            place = {argument: at[self.shared[argument]] for argument in own.numbers if argument in self.shared}
            make = functools.partial(own.new, **own.chosen(others) | place)
            if run := attempt(lambda: Trajectory.of(make(), self.landscape, START, steps), self.tell, name):  # noqa: B023
                runs[name] = run
        return runs


class Saddle(LiveFigure):
    """How long each method stays on a saddle: |y| after each update, and the updates until |y| > 1."""

    title = "Leaving the saddle x² − y² from beside its ridge: |y| after each update, and updates until |y| > 1."
    size = (9.0, 4.0)
    steps = 200
    names = ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam")

    def make_controls(self):
        return {
            "lr": log_slider("η, the same for all", 0.05, 0.005, 0.5),
            "start_y": log_slider("start y", 1e-3, 1e-6, 0.1),
            "momentum": slider("momentum β", 0.9, 0.0, 0.99, 0.01),
        }

    def build(self, figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.2, 1])
        left.set(xlim=(0, self.steps), ylim=(1e-6, 10), yscale="log", xlabel="update k", ylabel="|y|")
        left.grid()
        left.axhline(1, color=MUTED, linestyle="--", linewidth=1)
        self.left_title = self.moving(left.set_title("|y|"))
        right.set(xlim=(0, self.steps * 1.25), ylim=(5.6, -0.6), xlabel="updates until |y| > 1")
        right.set_yticks(range(len(self.names)), self.names)
        self.right_title = self.moving(right.set_title("updates"))
        self.curves, self.bars, self.ends, self.counts = {}, {}, {}, {}
        for row, name in enumerate(self.names):
            style = {"markersize": 5, "markevery": 8} | STYLES[name]
            self.curves[name] = self.moving_line(left, **style)
            self.bars[name] = self.moving_line(right, color=style["color"], linewidth=4)
            self.ends[name] = self.moving_line(right, style["marker"], color=style["color"], markersize=8)
            self.counts[name] = self.moving(right.text(0, row, "", va="center"))

    def draw(self, lr, start_y, momentum):
        counts = {}
        for row, name in enumerate(self.names):
            memory = [momentum] if name in ("Momentum", "Nesterov") else []
            path = leave_saddle(OPTIMIZERS[name](lr, *memory), start_y, self.steps)
            updates, gone = len(path) - 1, path[-1] > 1
            counts[name] = str(updates) if gone else f"more than {self.steps}"
            self.curves[name].set_data(np.arange(len(path)), path)
            self.bars[name].set_data([0, updates], [row, row])
            self.ends[name].set_data([updates], [row])
            self.counts[name].set_position((updates + 6, row))
            self.counts[name].set_text(str(updates) if gone else f"> {self.steps}")
        start = 1.0, start_y
        growth = {"SGD": 1 + 2 * lr, "Momentum": theory.momentum_rate(lr, -2.0, momentum)}
        self.left_title.set_text(f"from {point(start)}, η = {number(lr)}, β = {number(momentum)}")
        self.right_title.set_text(
            f"growth of y: SGD × {number(growth['SGD'])}, Momentum × {number(growth['Momentum'])}"
        )
        return (
            f"Updates until |y| > 1 from {point(start)}: {', '.join(f'{n} {c}' for n, c in counts.items())}.\n"
            f"In the long run an update of SGD multiplies y by {number(growth['SGD'])}, "
            f"one of Momentum by {number(growth['Momentum'])}."
        )
