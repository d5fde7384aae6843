"""The live figures: a bowl made round by its inputs, histograms with batch normalization, 16 scales."""

from functools import lru_cache

import numpy as np

import helpers
from lessons.initialization.figures import HE, LAYERS, Layers, sigma_slider, what_is_shown
from lessons.normalization.experiments import EPOCHS, SCALES, batch_norm, cloud, prepared, squared_error, stored
from workbench.checks import Constraint, Finite, Whole, checked, refuse
from workbench.descent import theory
from workbench.descent.trajectory import Trajectory
from workbench.drawing import styles
from workbench.drawing.panels import Losses, Plane
from workbench.drawing.picture import Picture
from workbench.drawing.styles import MUTED
from workbench.live.controls import checkbox, choice, slider, stops
from workbench.live.figure import LiveFigure
from workbench.networks.activations import five_layers
from workbench.networks.layers import ACTIVATIONS
from workbench.networks.normalization import PREPARATIONS
from workbench.words import number

INPUTS = {
    "raw": {"color": "#000000", "marker": "o", "linestyle": "-"},
    "centered": {"color": "#E69F00", "marker": "s", "linestyle": (0, (6, 1))},
    "scaled": {"color": "#009E73", "marker": "^", "linestyle": (0, (3, 1))},
    "PCA whitened": {"color": "#0072B2", "marker": "D", "linestyle": (0, (1, 1))},
    "ZCA whitened": {"color": "#D55E00", "marker": "X", "linestyle": (0, (4, 1, 1, 1))},
}
# Batch normalization and its absence, in every figure of the lesson.
WITHOUT = {"color": "#000000", "linestyle": (0, (3, 1)), "marker": "o"}
WITH = {"color": "#0072B2", "linestyle": "-", "marker": "s"}


# Inputs


class Inputs(LiveFigure):
    """Two features raw, centered, scaled or whitened: the samples, the bowl of the loss, the losses of all five."""

    title = "A linear fit of two features: the samples, the bowl of its loss with a path of SGD, and all losses."
    size = (9.6, 3.7)
    steps = 20
    presets = {
        "One far from 0": {"correlation": 0.0, "spread": 1.0, "mean": 4.0},
        "One wide": {"correlation": 0.0, "spread": 3.0, "mean": 0.0},
        "Correlated": {"correlation": 0.95, "spread": 1.0, "mean": 0.0},
    }

    def make_controls(self):
        return {
            "preparation": choice("inputs", list(PREPARATIONS), "raw"),
            "correlation": slider("correlation", 0.8, -0.95, 0.95, 0.05),
            "spread": slider("spread of feature 1", 2.0, 1.0, 3.0, 0.1, digits=1),
            "mean": slider("mean", 3.0, 0.0, 4.0, 0.1, digits=1),
            "share": slider("η / best η", 1.0, 0.05, 1.25, 0.05),
            "start_x": slider("start w₁", 3.0, -4.0, 4.0, 0.1, digits=1),
            "start_y": slider("start w₂", 1.5, -4.0, 4.0, 0.1, digits=1),
        }

    def build(self, figure):
        data, plane, losses = figure.subplots(1, 3)
        data.set(xlim=(-9, 13), ylim=(-9, 13), aspect="equal", xlabel="feature 1", ylabel="feature 2")
        for axis in data.xaxis, data.yaxis:
            axis.set_ticks([-5, 0, 5, 10])
        for line in data.axhline, data.axvline:
            line(0, color="0.85", linewidth=1)
        (self.points,) = self.scenery(data.plot([], [], "o", color=MUTED, markerfacecolor="white", markersize=3))
        self.data_title = self.scenery(data.set_title("samples"))
        self.plane = Plane(self, plane, squared_error(*cloud(0, 1, 0)), INPUTS)
        plane.set(aspect="equal", xlabel="weight w₁", ylabel="weight w₂")
        self.drag_axes, self.drag_controls = plane, ("start_x", "start_y")
        drawn = {name: style for name, style in INPUTS.items() if name != "ZCA whitened"}
        self.losses = Losses(self, losses, self.steps, 1e-6, 1e2, drawn)
        self.losses.labels["PCA whitened"].set_text("both whitened")  # from equal starts, the same losses
        losses.set(xlim=(0, 1.7 * self.steps), ylabel="loss above the minimum")

    def scene(self, preparation, correlation, spread, mean):
        x, t = cloud(correlation, spread, mean)
        self.all = {name: prepared(x, t, name) for name in PREPARATIONS}
        z, _, self.landscape = self.all[preparation]
        self.points.set_data(*z.T)
        self.data_title.set_text(f"{preparation} samples")
        self.plane.scene(self.landscape)

    def draw(self, preparation, share, start_x, start_y):
        runs, lrs, conditions = {}, {}, {}
        # Every path starts from the weights that give the same function of x, but for a constant.
        w = self.all[preparation][1] @ (start_x, start_y)
        for name, (_, W, loss) in self.all.items():
            smallest, largest = np.linalg.eigvalsh(loss.hessian(w))
            conditions[name] = number(largest / smallest)
            lrs[name] = share * theory.best_lr(smallest, largest)
            runs[name] = Trajectory.of(helpers.SGD(lrs[name]), loss, np.linalg.solve(W, w), self.steps)
        title = f"κ = {conditions[preparation]}, η = {number(lrs[preparation])}"
        self.plane.draw({preparation: runs[preparation]}, (start_x, start_y), title)
        self.losses.draw({name: runs[name] for name in self.losses.curves}, f"η = {number(share)} × best η of each")
        return "\n".join(
            f"{name[0].upper()}{name[1:]}: condition number κ = {conditions[name]}, η = {number(lrs[name])}, "
            f"{self._end(run)}."
            for name, run in runs.items()
        )

    def _end(self, run):
        if run.diverged is not None:
            return run.result
        arrived = np.flatnonzero(run.losses < 1e-12)
        if len(arrived):
            return f"at the minimum after {arrived[0]} update{'s' * bool(arrived[0] != 1)}"
        return f"loss {number(run.losses[-1])} above the minimum after {self.steps} updates"


class Rows(Constraint):
    """Rows of images by name, as many in each."""

    allowed = "a dict from names to images, as many in each row"

    def check(self, name, value):
        if not isinstance(value, dict) or not value:
            refuse(name, value, self.allowed)
        rows = {key: Finite((..., None)).check(f"{name}[{key!r}]", images) for key, images in value.items()}
        if len(set(map(len, rows.values()))) > 1:
            refuse(name, value, self.allowed)
        return rows

    def bad(self):
        rows = [None, 3, "x", 1j, [], 1.0, [np.nan], np.ones((0, 4)), ["a"]]
        uneven = {"a": np.ones((2, 9)), "b": np.ones((3, 9))}
        return [None, 3, "x", [], [1], {}, len, object(), np.ones((2, 9)), uneven, *({"a": images} for images in rows)]

    def good(self):
        return [{"a": np.ones((2, 9)), "b": np.ones((2, 9))}, {"a": np.ones((2, 3, 3))}]


@checked(rows=Rows(), size=Whole(1))
def digit_rows(rows, size):
    """A Picture of digits, row by row: `rows` is a dict from a row's name to images, shape (k, size, size).

    Gray is 0; white and black are the size that one value in 200 of a row exceeds, so that negative ones are seen.
    """
    for name, images in rows.items():
        if images[0].size != size**2:
            refuse("size", size, f"√{images[0].size}, as an image of {name} has {images[0].size} numbers")
    with styles.look():
        figure = styles.new_figure((7.0, 0.68 * len(rows)))
        k = len(next(iter(rows.values())))
        panels = figure.subplots(len(rows), k, squeeze=False)
        for (name, images), line in zip(rows.items(), panels, strict=True):
            limit = np.quantile(np.abs(images), 0.995)
            for panel, image in zip(line, images, strict=True):
                panel.imshow(image.reshape(size, size), cmap="gray", vmin=-limit, vmax=limit)
                panel.set(xticks=[], yticks=[])
            line[0].set_ylabel(name, rotation=0, ha="right", va="center")
        words = "; ".join(
            f"{name}: from {number(images.min())} to {number(images.max())}" for name, images in rows.items()
        )
        return Picture(figure, f"{k} digits in {len(rows)} rows. {words}.")


# Layers


@lru_cache(maxsize=1024)  # as in initialization
def normalized_layers_shown(activation, sigma, normalized, gamma, beta):
    before = batch_norm(gamma, beta) if normalized else None
    return what_is_shown(five_layers(activation, sigma, layers=LAYERS, before=before))


class NormalizedLayers(Layers):
    """The histograms of initialization with batch normalization before each activation, which can be switched off."""

    title = "Values and gradients in five layers of 100 units, for 1000 samples, before any training."
    presets = {"σ = 0.01": {"sigma": 0.01}, "σ = 3": {"sigma": 3.0}, "He": {"sigma": HE}}
    preset_keeps = "activation", "normalized", "gamma", "beta"
    gradients_at = "the activation's input"

    def make_controls(self):
        return {
            "activation": choice("activation", list(ACTIVATIONS), "sigmoid"),
            "sigma": sigma_slider(1.0),
            "normalized": checkbox("batch normalization", True),
            "gamma": slider("γ of all units", 1.0, 0.1, 5.0, 0.1, digits=1),
            "beta": slider("β of all units", 0.0, -3.0, 3.0, 0.1, digits=1),
        }

    def draw(self, activation, sigma, normalized, gamma, beta):
        forward, backward = normalized_layers_shown(activation, sigma, normalized, gamma, beta)
        self.forward.draw(*forward)
        self.backward.draw(*backward)
        self.setting.set_text(
            f"σ = {number(sigma)}, "
            + (f"γ = {gamma:g}, β = {number(beta)}" if normalized else "no batch normalization")
        )
        return "\n".join(
            f"Layer {k}: std {std}, {samples}% of it between samples; {flat}% saturated, {dead}% of the units dead; "
            f"gradients of std {gradient}."
            for k, ((std, flat, dead, samples, _), (gradient,)) in enumerate(
                zip(forward[1], backward[1], strict=True), 1
            )
        )


# 16 scales


class Scales(LiveFigure):
    """Training from 16 scales of the first weights, with and without batch normalization; stored runs."""

    title = "Training digits that a network of five hidden layers gets right: the median of 5 seeds, and their range."
    size = (9.0, 3.9)

    def make_controls(self):
        scales = [(number(scale), scale) for scale in reversed(SCALES)]  # the smallest on the left, as on the axis
        return {
            "scale": stops("σ of the weights", scales, SCALES[7]),
            "epoch": slider("epochs of training", EPOCHS, 1, EPOCHS, 1),
        }

    def build(self, figure):
        self.right = 100 * stored("scales")["training"].transpose(1, 0, 3, 2)  # without and with, scale, epoch, seed
        epochs, scales = figure.subplots(1, 2)
        epochs.set(xlim=(0, EPOCHS), xlabel="epoch", ylabel="training digits right, %")
        scales.set(
            xlim=(SCALES[-1] / 1.3, SCALES[0] * 1.3), ylim=(0, 104), xscale="log", xlabel="σ of the first weights"
        )
        for axes in epochs, scales:
            axes.set(ylim=(0, 120), yticks=range(0, 101, 20))
            axes.grid()
        epochs.set_xticks(range(0, EPOCHS + 1, 5))
        scales.text(0.35, 3, "0: diverged", fontsize=8, ha="right")
        self.curves, self.bands = [], []
        for axes, x in (epochs, np.arange(EPOCHS + 1)), (scales, SCALES):
            for style, name in (WITHOUT, "without"), (WITH, "with batch normalization"):
                self.bands.append(self.moving(axes.fill_between(x, 0, 0, color=style["color"], alpha=0.2, linewidth=0)))
                self.curves += self.moving(axes.plot(x, 0 * np.array(x), **style, markersize=4, label=name))
        (self.now,) = self.moving(epochs.plot([0, 0], [0, 105], color=MUTED, linewidth=1))
        (self.here,) = self.moving(scales.plot([1, 1], [0, 105], color=MUTED, linewidth=1))
        scales.legend(loc="upper left", ncols=2)
        self.titles = self.moving([epochs.set_title("epochs"), scales.set_title("scales")])

    def draw(self, scale, epoch):
        k, past = SCALES.index(scale), f"after {epoch} epoch{'s' * (epoch > 1)}"
        shown = [*self.right[:, k], *self.right[:, :, epoch]]
        for curve, band, runs in zip(self.curves, self.bands, shown, strict=True):
            curve.set_ydata(np.median(runs, axis=-1))
            band.set_data(curve.get_xdata(), runs.min(axis=-1), runs.max(axis=-1))
        self.now.set_xdata([epoch, epoch])
        self.here.set_xdata([scale, scale])
        self.titles[0].set_text(f"σ = {number(scale)}")
        self.titles[1].set_text(past)
        without, with_it = np.median(self.right[:, :, epoch], axis=-1)
        ahead = [number(scale) for scale, a, b in zip(SCALES, without, with_it, strict=True) if a > b]
        lines = [
            f"{name}: {number(np.median(runs))}% right {past}, {number(runs.min())}% to {number(runs.max())}%."
            for name, runs in zip(("Without", "With batch normalization"), self.right[:, k, epoch], strict=True)
        ]
        where = f": σ = {', '.join(ahead)}" if ahead else ""
        lines.append(f"The network without is ahead at {len(ahead)} of {len(SCALES)} scales{where}.")
        return "\n".join(lines)
