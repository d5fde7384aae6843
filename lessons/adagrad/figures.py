"""Live figures: AdaGrad's step sizes on the bowl, and rare words where they help."""

from dataclasses import replace

import numpy as np

import helpers
from lessons.adagrad.experiments import (
    FREQUENCIES,
    LRS,
    METHODS,
    RANKS,
    SAMPLES,
    SEEDS,
    Recorder,
    excess,
    frequency,
    trained,
)
from workbench.descent import landscapes, theory
from workbench.descent.trajectory import Trajectory
from workbench.drawing.panels import Losses, Plane
from workbench.drawing.styles import MUTED, STYLES
from workbench.live.controls import choice, log_slider, slider
from workbench.live.figure import LiveFigure
from workbench.words import number, point

UPDATES = 60
NOISE = np.random.default_rng(0).normal(size=(UPDATES, 2))
ALONG_X = {"color": "#009E73", "marker": "^", "linestyle": "-"}
ALONG_Y = {"color": "#0072B2", "marker": "s", "linestyle": "--"}
CONSTANT = {"color": "#000000", "marker": None, "linestyle": "-", "linewidth": 0.8}


def curves(values):
    """Arrays of shape (k,) by name as what a panel of the kind of Losses draws: Runs without a path."""
    return {name: Trajectory(None, v, None) for name, v in values.items()}


class StepSizes(LiveFigure):
    """AdaGrad on the bowl: path and loss beside SGD's, and under them √h and the step size of each coordinate."""

    title = "AdaGrad and SGD on a bowl: paths and losses; √h and AdaGrad's step size along x and y. Noise of seed 0."
    size = (9.0, 5.6)
    folded = ("start_x", "start_y")
    presets = {"Turned by 45°": {"rotation": 45, "start_x": -4.5 * 2**0.5, "start_y": -2.5 * 2**0.5}}

    def make_controls(self):
        return {
            "lr": slider("η of AdaGrad", 1.5, 0.01, 3.0, 0.01),
            "eps": log_slider("ε", 1e-8, 1e-8, 10, per_decade=5),
            "condition": slider("condition number κ", 20, 1, 100, 1),
            "rotation": slider("rotation in degrees", 0, 0, 90, 1),
            "noise": slider("noise in the gradient", 0.0, 0.0, 2.0, 0.1, digits=1),
            "steps": slider("updates", 30, 1, UPDATES, 1),
            "start_x": slider("start x", -7.0, -10.0, 10.0, 0.1, digits=1),
            "start_y": slider("start y", 2.0, -5.0, 5.0, 0.1, digits=1),
        }

    def build(self, figure):
        (plane, losses), (roots, sizes) = figure.subplots(2, 2, width_ratios=[1.25, 1])
        both = {name: STYLES[name] for name in ("SGD", "AdaGrad")}
        xy = {"along x": ALONG_X, "along y": ALONG_Y}
        self.plane = Plane(self, plane, landscapes.bowl(), both)
        self.losses = Losses(self, losses, UPDATES, styles=both)
        self.roots = Losses(self, roots, UPDATES, 1e-1, 1e2, styles=xy | {"ε": CONSTANT | {"color": MUTED}})
        self.sizes = Losses(self, sizes, UPDATES, 1e-2, 1e2, styles=xy | {"SGD": CONSTANT})
        roots.set_ylabel("√h of AdaGrad")
        sizes.set_ylabel("step size η / (√h + ε)")
        self.drag_axes, self.drag_controls = plane, ("start_x", "start_y")

    def scene(self, condition, rotation):
        self.landscape = landscapes.bowl(condition, rotation)
        self.plane.scene(self.landscape)

    def draw(self, lr, eps, condition, rotation, noise, steps, start_x, start_y):
        start, best = (start_x, start_y), theory.best_lr(2 / condition, 2.0)
        runs, seen = {}, {}
        for name, optimizer in ("SGD", helpers.SGD(best)), ("AdaGrad", helpers.AdaGrad(lr, eps)):
            gradient = Recorder(self.landscape, noise * NOISE)
            runs[name] = Trajectory.of(optimizer, replace(self.landscape, gradient=gradient), start, steps)
            seen[name] = np.array(gradient.seen)
        root = np.sqrt(np.cumsum(seen["AdaGrad"] ** 2, axis=0))
        size = lr / (root + eps)
        share = eps / (root[-1] + eps)
        self.plane.draw(runs, start, f"κ = {condition}, {rotation}°: {steps} updates from {point(start)}")
        self.losses.draw(runs, f"AdaGrad η = {number(lr)}, SGD η = {number(best)}")
        constant = {"ε": np.full(steps, eps)} if eps >= self.roots.floor else {}
        self.roots.draw(curves({"along x": root[:, 0], "along y": root[:, 1]} | constant), f"ε = {number(eps)}")
        self.sizes.draw(curves({"along x": size[:, 0], "along y": size[:, 1], "SGD": np.full(steps, best)}), "")
        return (
            f"AdaGrad: {runs['AdaGrad'].result}.\n"
            f"SGD with η = {number(best)}, the best in the long run: {runs['SGD'].result}.\n"
            f"√h ends at {number(root[-1, 0])} along x and {number(root[-1, 1])} along y; "
            f"ε makes up {number(share[0])} and {number(share[1])} of √h + ε.\n"
            f"The step size goes from {number(size[0, 0])} to {number(size[-1, 0])} along x, "
            f"from {number(size[0, 1])} to {number(size[-1, 1])} along y."
        )


class RareWords(LiveFigure):
    """Logistic regression on words that are frequent or rare: which words each method has learned, and at which η."""

    title = "A weight for each of 20 words, learned from 1000 samples; mean excess loss of 20 seeds by word and by η."
    styles = {
        "SGD": STYLES["SGD"],
        "decay": {"color": "#E69F00", "marker": "s", "linestyle": "--"},
        "AdaGrad": STYLES["AdaGrad"],
    }

    def make_controls(self):
        return {
            "frequencies": choice("frequency of a word", list(FREQUENCIES), "1 / rank (Zipf's law)"),
            "sgd": log_slider("η of SGD", 0.4, 0.1, 100, per_decade=10),
            "decay": log_slider("η of SGD with η/√t", 8, 0.1, 100, per_decade=10),
            "adagrad": log_slider("η of AdaGrad", 0.6, 0.1, 100, per_decade=10),
        }

    def build(self, figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(0.5, 20.5), ylim=(1e-3, 10), yscale="log", xlabel="word, the commonest first", xticks=RANKS[::2])
        left.set_ylabel("excess loss where the word occurs")
        right.set(xlim=(0.08, 120), ylim=(3e-3, 10), xscale="log", yscale="log", xlabel="learning rate η")
        right.set_ylabel("excess loss of all words")
        self.by_word, self.by_lr, self.here = {}, {}, {}
        for name, style in self.styles.items():
            style = {"markersize": 4} | style
            self.by_word[name] = self.moving_line(left, **style)
            self.by_lr[name] = self.moving_line(right, **style, markevery=5, label=METHODS[name])
            self.here[name] = self.moving_line(right, **style | {"markersize": 10})
        right.legend(loc="upper left")
        for axes in (left, right):
            axes.grid()
        self.left_title = self.moving(left.set_title("by word"))
        self.right_title = self.moving(right.set_title("by learning rate"))

    def draw(self, frequencies, sgd, decay, adagrad):
        exponent = FREQUENCIES[frequencies]
        share = frequency(exponent)
        total, words = {}, []
        for name, lr in zip(METHODS, (sgd, decay, adagrad), strict=True):
            i = int(np.argmin(np.abs(LRS - lr)))
            by_word = excess(trained(name, exponent))
            by_lr = (share * by_word).sum(axis=-1)
            total[name], mean = by_lr[:, i], by_lr.mean(axis=0)
            self.by_word[name].set_data(RANKS, by_word[:, i].mean(axis=0))
            self.by_lr[name].set_data(LRS, mean)
            self.here[name].set_data([LRS[i]], [mean[i]])
            words.append(
                f"{METHODS[name]}: excess loss {number(mean[i])} at η = {number(LRS[i])}, "
                f"at best {number(mean.min())} at η = {number(LRS[mean.argmin()])}."
            )
        lowest = sum(total["AdaGrad"] < np.minimum(total["SGD"], total["decay"]))
        often, seldom = (f"{SAMPLES * share[rank]:.0f}" for rank in (0, -1))
        self.left_title.set_text(f"{often} samples of word 1, {seldom} of word 20")
        self.right_title.set_text(f"AdaGrad lowest on {lowest} of {SEEDS} seeds")
        return "\n".join(
            [
                f"Of {SAMPLES} samples about {often} hold the commonest word, about {seldom} the rarest.",
                *words,
                f"At these η AdaGrad has the lowest excess loss of the three on {lowest} of {SEEDS} seeds.",
            ]
        )
