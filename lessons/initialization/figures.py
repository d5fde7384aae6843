"""Live figures: values and gradients in five layers, and how far they carry in up to 30."""

from functools import lru_cache

import numpy as np

from lessons.initialization.experiments import HE, XAVIER, carried
from workbench.drawing.histograms import HistogramRow, LinearBins, OctaveBins, counts
from workbench.drawing.panels import apart
from workbench.live.controls import choice, slider, stops
from workbench.live.figure import LiveFigure
from workbench.networks.activations import five_layers, measures
from workbench.networks.layers import ACTIVATIONS
from workbench.words import number, round_numbers

LAYERS = 5
WEIGHTS = "drawn from N(0, σ²)", "all equal to σ"

# A little wider than the range of sigmoid and tanh, so that the ends of the range lie inside.
VALUES = {
    "sigmoid": LinearBins(-1e-6, 1 + 1e-6, 40, ticks=(0, 0.5, 1)),
    "tanh": LinearBins(-1 - 1e-6, 1 + 1e-6, 40, ticks=(-1, 0, 1)),
    "ReLU": LinearBins(0, 5, 40, ticks=(1, 2, 3, 4), ends=("0", ">5")),
}
GRADIENTS = OctaveBins(-40, 20)


def sigma_slider(value):
    """A slider over standard deviations from 0.001 to 3, with those of Xavier and He for 100 units, and 0."""
    sigmas = sorted({0.0, *round_numbers(1e-3, 3, 10), XAVIER, HE})
    names = {0.0: "0", XAVIER: f"{number(XAVIER)} Xavier", HE: f"{number(HE)} He"}
    return stops("σ of the weights", [(names.get(sigma, number(sigma)), sigma) for sigma in sigmas], value)


def short(value):
    """Three significant digits: more of them differ between processors."""
    return number(float(f"{value:.3g}"))


LABELS = "std", "saturated, %", "dead units, %", "between samples, %", "between units, %"


def layer_numbers(found):
    """The numbers above each histogram: five of LABELS for the values of each layer, one for its gradients.

    found: Measures. The spread between samples and between units is given in percent of the std of the layer.
    """
    scale = np.where(found.std > 0, found.std, 1) / 100
    percent = np.stack(
        [100 * found.saturated, 100 * found.dead, found.between_samples / scale, found.between_units / scale]
    )
    values = [[short(std), *(f"{p:.0f}" for p in column)] for std, column in zip(found.std, percent.T, strict=True)]
    return values, [[short(std)] for std in found.gradient]


def what_is_shown(signals):
    """What a figure shows of Signals, forward and backward: the counts of the values, and the numbers above them."""
    values, gradients = layer_numbers(measures(signals))
    forward = counts(VALUES[signals.activation], signals.outputs), values
    return forward, (counts(GRADIENTS, signals.gradients), gradients)


@lru_cache(maxsize=1024)  # dragging to and fro comes back to what was computed: more than half of a frame
def five_layers_shown(activation, sigma, equal, seed):
    return what_is_shown(five_layers(activation, sigma, seed, layers=LAYERS, equal=equal))


class Layers(LiveFigure):
    """Histograms of what goes forward through five layers, and of the gradients that come back."""

    title = "Values and gradients in five layers of 100 units, for 1000 samples, before any training."
    size = (9.0, 5.2)
    presets = {
        "all zero": {"sigma": 0.0},
        "all equal": {"sigma": XAVIER, "weights": WEIGHTS[1]},
        "σ = 0.01": {"sigma": 0.01},
        "Xavier": {"sigma": XAVIER},
        "He": {"sigma": HE},
    }
    preset_keeps = "activation", "seed"
    gradients_at = "the layer's sums"

    def make_controls(self):
        return {
            "activation": choice("activation", list(ACTIVATIONS), "sigmoid"),
            "sigma": sigma_slider(1.0),
            "weights": choice("weights", list(WEIGHTS), WEIGHTS[0]),
            "seed": slider("seed", 0, 0, 19, 1),
        }

    def build(self, figure):
        forward, backward = figure.subplots(2, LAYERS)
        self.forward = HistogramRow(self, forward, color="#0072B2", labels=LABELS)
        self.backward = HistogramRow(self, backward, color="#D55E00", labels=["std"])
        self.backward.scene(GRADIENTS)
        forward[0].set_ylabel("share of values")
        backward[0].set_ylabel("share of gradients")
        self.setting = self.moving(forward[0].text(0, -0.2, "", transform=forward[0].transAxes, va="top"))
        backward[2].set_xlabel(f"size of the gradient at {self.gradients_at}")

    def scene(self, activation):
        self.forward.scene(VALUES[activation])
        self.forward.axes[2].set_xlabel(f"value that leaves the layer ({activation})")

    def draw(self, activation, sigma, weights, seed):
        forward, backward = five_layers_shown(activation, sigma, weights == WEIGHTS[1], seed)
        self.forward.draw(*forward)
        self.backward.draw(*backward)
        self.setting.set_text(f"all equal {number(sigma)}" if weights == WEIGHTS[1] else f"σ = {number(sigma)}")
        lines = []
        for k, (numbers, (gradient,)) in enumerate(zip(forward[1], backward[1], strict=True), start=1):
            std, flat, dead, samples, units = numbers
            lines.append(
                f"Layer {k}: std {std}, of it {samples}% between samples and {units}% between units; "
                f"{flat}% saturated, {dead}% of the units dead; gradients of std {gradient}."
            )
        return "\n".join(lines)


# Depth

DEEPEST = 30
CURVES = {
    "He": {"color": "#D55E00", "marker": "o", "linestyle": "-"},
    "Xavier": {"color": "#0072B2", "marker": "s", "linestyle": (0, (5, 1))},
    "σ": {"color": "#000000", "marker": "^", "linestyle": (0, (1, 1))},
}
FLOOR, CEILING = 1e-12, 1e8  # rounding shows below: sigmoid's values are near 1/2, known to 1e-16


def size(value):
    """A standard deviation in words; one below the picture is not to be told from rounding."""
    return f"below {number(FLOOR)}" if 0 < value < FLOOR else short(value)


class Depth(LiveFigure):
    """How far values, differences between samples and gradients carry through a deep network."""

    title = "How far three initializations carry: each layer's values, their spread over samples, its gradients."
    size = (9.0, 4.2)

    def make_controls(self):
        return {
            "activation": choice("activation", list(ACTIVATIONS), "ReLU"),
            "depth": slider("layers", 10, 2, DEEPEST, 1),
            "sigma": sigma_slider(0.01),
            "seed": slider("seed", 0, 0, 19, 1),
        }

    def build(self, figure):
        panels = figure.subplots(1, 3, sharey=True)
        panels[1].set_title("std between samples")
        panels[2].set_title("std of the gradients")
        for panel in panels:
            panel.set(ylim=(FLOOR, CEILING), yscale="log", xlabel="layer")
            panel.set_xticks([1, 10, 20, DEEPEST])
            panel.set_yticks([10.0**k for k in range(-12, 9, 4)])
            panel.grid()
        # Gradients go from the last layer to the first, and their curves are named there.
        self.panels = [Curves(self, panel, first=panel is panels[2]) for panel in panels]
        self.activation = self.scenery(panels[0].set_title("std of the values"))

    def scene(self, activation):
        self.activation.set_text(f"{activation}: std of the values")

    def draw(self, activation, depth, sigma, seed):
        found = {}
        for name, init in ("He", HE), ("Xavier", XAVIER), ("σ", sigma):
            found[name] = carried(activation, init, depth, seed)
        for panel, quantity in zip(self.panels, ("std", "between_samples", "gradient"), strict=True):
            panel.draw({name: getattr(m, quantity) for name, m in found.items()})
        names = {"He": "He", "Xavier": "Xavier", "σ": f"σ = {number(sigma)}"}
        self.panels[0].names["σ"].set_text(names["σ"])
        return "\n".join(
            f"{names[name]}: from layer 1 to layer {depth} the values go from std {size(m.std[0])} "
            f"to {size(m.std[-1])}, between samples from {size(m.between_samples[0])} "
            f"to {size(m.between_samples[-1])}; layer 1 gets gradients of std {size(m.gradient[0])}."
            for name, m in found.items()
        )


class Curves:
    """One panel: a number for each layer, a curve for each initialization, named at the last layer or at the first."""

    def __init__(self, live, axes, first):
        self.axes, self.first = axes, first
        axes.set_xlim((-6, DEEPEST + 1) if first else (0, DEEPEST + 9))
        self.lines = live.moving_lines(axes, CURVES, markersize=3, linewidth=1)
        place = {"va": "center", "ha": "right" if first else "left", "fontsize": 8}
        self.names = {name: live.moving(axes.text(0, 1, name, **place)) for name in CURVES}

    def draw(self, values):
        """values: from the names in CURVES to an array with a number for each layer."""
        ends = {}
        for name, y in values.items():
            y = np.clip(y, FLOOR / 10, CEILING * 10)  # what lies outside leaves the picture
            self.lines[name].set_data(np.arange(1, len(y) + 1), y)
            ends[name] = y[0 if self.first else -1]
        for name, at in apart(self.axes, ends).items():
            self.names[name].set_position((0 if self.first else len(values[name]) + 1, at))
