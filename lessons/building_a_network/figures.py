"""Live figures: one neuron, moved by hand; a small network that learns to enclose points, update by update."""

from functools import lru_cache

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from lessons.building_a_network.experiments import learn_ring, logits, ring
from workbench.drawing.panels import apart
from workbench.live.controls import choice, log_slider, slider
from workbench.live.figure import LiveFigure
from workbench.networks.layers import ACTIVATIONS
from workbench.networks.network import softmax
from workbench.words import number, point

REACH = 3.0  # of the plane of inputs, to all sides
GRID = 121  # values along each side
TINT = LinearSegmentedColormap.from_list("tint", ["#FFFFFF", "#B9CFE4"])  # light enough for black on it
PLANE = {"xlim": (-REACH, REACH), "ylim": (-REACH, REACH), "aspect": "equal", "xlabel": "$x_1$", "ylabel": "$x_2$"}
DARK = {"marker": "o", "color": "black", "linestyle": "", "markersize": 4}
LIGHT = {"marker": "s", "color": "black", "markerfacecolor": "white", "linestyle": "", "markersize": 4}


@lru_cache
def grid():
    """The points of a picture of the plane, row by row from below, shape (GRID², 2)."""
    side = np.linspace(-REACH, REACH, GRID)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def plane_image(live, axes):
    """An image of a number from 0 to 1 at each of the points of `grid`; white is 0."""
    blank = np.zeros((GRID, GRID))
    extent = (-REACH, REACH, -REACH, REACH)
    image = axes.imshow(blank, cmap=TINT, vmin=0, vmax=1, extent=extent, origin="lower", interpolation="none")
    axes.set(**PLANE)
    return live.moving(image)


def line_of(w, b):
    """Two points of the line w · x + b = 0 beyond the plane, shape (2, 2); nan where w is 0."""
    length = np.hypot(*w)
    if length < 1e-12:
        return np.full((2, 2), np.nan)
    foot, along = -b * w / length**2, np.array([-w[1], w[0]]) / length
    return foot + np.array([[-3 * REACH], [3 * REACH]]) * along


def arrow(w, b, length=0.5):
    """An arrow from the line w · x + b = 0 to the side where the sum is positive, as one line; nan where w is 0."""
    size = np.hypot(*w)
    if size < 1e-12:
        return np.full((5, 2), np.nan)
    forward, aside = length * w / size, 0.25 * length * np.array([-w[1], w[0]]) / size
    tip = -b * w / size**2 + forward
    return np.stack([tip - forward, tip, tip - forward / 2.5 + aside, tip, tip - forward / 2.5 - aside])


# One neuron

NEURON_POINTS = np.array([(2.0, 1.0), (-1.0, 1.5), (1.0, -1.5), (-2.0, -0.5), (-1.5, 2.5), (-0.5, -0.5)])


class Neuron(LiveFigure):
    """A neuron with two inputs: the line where its sum is 0, what it passes on, and where six points lie on it."""

    title = "A neuron with two inputs: what it passes on in the plane of its inputs, and its activation."
    size = (9.0, 4.2)

    def make_controls(self):
        return {
            "w1": slider("weight w₁", 1.0, -3.0, 3.0, 0.1, digits=1),
            "w2": slider("weight w₂", -1.0, -3.0, 3.0, 0.1, digits=1),
            "b": slider("bias b", 0.5, -5.0, 5.0, 0.1, digits=1),
            "activation": choice("activation", list(ACTIVATIONS), "sigmoid"),
        }

    def build(self, figure):
        plane, bend = figure.subplots(1, 2, width_ratios=[1, 1.1])
        self.image = plane_image(self, plane)
        self.line = self.moving_line(plane, color="black", linestyle="--")
        self.arrow = self.moving_line(plane, color="#D55E00", linewidth=2)
        self.moving(plane.plot(*NEURON_POINTS.T, **DARK)[0])
        self.moving([plane.text(x + 0.12, y + 0.12, str(k)) for k, (x, y) in _numbered()])
        self.plane_title = self.moving(plane.set_title("sum"))
        bend.set(xlim=(-8, 8), xlabel="sum $a = w_1 x_1 + w_2 x_2 + b$", ylabel="output $y$")
        bend.grid()
        bend.axvline(0, color="0.6", linewidth=1)
        self.bend = bend
        self.curve = self.scenery(bend.plot([], [], color="#0072B2", linewidth=2)[0])
        self.dots = self.moving_line(bend, **DARK | {"markersize": 6})
        self.names = self.moving([bend.text(0, 0, str(k), ha="right", va="bottom") for k, _ in _numbered()])
        self.bend_title = self.scenery(bend.set_title("activation"))

    def scene(self, activation):
        a = np.linspace(-8, 8, 401)
        self.curve.set_data(a, ACTIVATIONS[activation]().forward(a))
        self.bend.set_ylim({"sigmoid": (-0.1, 1.2), "tanh": (-1.2, 1.3), "ReLU": (-0.8, 8.5)}[activation])
        self.bend_title.set_text(activation)
        self.refresh()

    def draw(self, w1, w2, b, activation):
        w, bend = np.array([w1, w2]), ACTIVATIONS[activation]()
        y = bend.forward(grid() @ w + b)
        low, high = {"sigmoid": (0, 1), "tanh": (-1, 1), "ReLU": (0, 8)}[activation]
        self.image.set_data(((y - low) / (high - low)).clip(0, 1).reshape(GRID, GRID))
        self.line.set_data(*line_of(w, b).T)
        self.arrow.set_data(*arrow(w, b).T)
        a = NEURON_POINTS @ w + b
        outputs = bend.forward(a)
        self.dots.set_data(a, outputs)
        last = -np.inf  # names that would lie on one another are left out
        for k in np.argsort(a):
            self.names[k].set_position((a[k] - 0.2, outputs[k] + 0.02 * (high - low)))
            self.names[k].set_visible(bool(-7 < a[k] < 7.5 and a[k] > last + 0.5))
            last = a[k] if self.names[k].get_visible() else last
        self.plane_title.set_text(f"w = {point((w1, w2))}, b = {number(b)}")
        positive = [str(k) for k, value in enumerate(a, start=1) if value > 1e-9]
        return (
            f"At point 1, {point(NEURON_POINTS[0])}, the sum is {number(round(a[0], 9))} and the output "
            f"{_short(outputs[0], 3)}. The sum is positive at {len(positive)} of {len(a)} points"
            + (f": {', '.join(positive)}." if positive else ".")
        )


def _numbered():
    return enumerate(NEURON_POINTS, start=1)


# A network that learns

UPDATES = 300
MOST = 8  # hidden units
DASHES = [(0, (5, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1)), (0, (8, 2))] * 2
SIZES = {
    "W1": {"color": "#0072B2", "linestyle": "-"},
    "W2": {"color": "#D55E00", "linestyle": (0, (4, 1))},
}
LOWEST, HIGHEST = 1e-4, 10.0


@lru_cache(maxsize=128)
def learned(units, activation, lr, seed):
    return learn_ring(units, activation, lr, seed, UPDATES)


class Learning(LiveFigure):
    """A network 2-units-2 that learns to tell a ring from what it encloses: its answer, its hidden units, its loss."""

    title = "A small network learns which points lie inside of a ring: gradient descent with all 60 points at once."
    size = (9.0, 4.0)

    def make_controls(self):
        return {
            "update": slider("updates", 100, 0, UPDATES, 1),
            "units": slider("hidden units", 4, 1, MOST, 1),
            "activation": choice("activation", list(ACTIVATIONS), "ReLU"),
            "lr": log_slider("learning rate η", 0.3, 0.01, 10, per_decade=5),
            "seed": slider("seed", 0, 0, 19, 1),
        }

    def build(self, figure):
        plane, right = figure.subplots(1, 2, width_ratios=[1, 1.15])
        self.image = plane_image(self, plane)
        self.lines = [self.moving_line(plane, color="0.25", linewidth=1, linestyle=dashes) for dashes in DASHES]
        self.sides = [self.moving_line(plane, color="0.25", linewidth=1) for _ in DASHES]
        x, labels = ring()
        self.moving(plane.plot(*x[labels == 0].T, **DARK)[0])
        self.moving(plane.plot(*x[labels == 1].T, **LIGHT)[0])
        self.crosses = self.moving_line(
            plane, color="#D55E00", marker="x", linestyle="", markersize=9, markeredgewidth=2
        )
        self.plane_title = self.moving(plane.set_title("answer"))
        right.set(xlim=(0, UPDATES * 1.22), ylim=(LOWEST, HIGHEST), yscale="log", xlabel="updates")
        right.set_xticks(range(0, UPDATES + 1, 100))
        right.grid()
        self.right_title = self.moving(right.set_title("loss"))
        self.loss = self.moving_line(right, color="black", linewidth=2)
        self.sizes = self.moving_lines(right, SIZES, linewidth=1.3)
        self.now = self.moving_line(right, color="0.4", linewidth=1)
        names = {"loss": "loss", "W1": "∂L/∂W₁", "W2": "∂L/∂W₂"}
        self.names = {
            key: self.moving(right.text(UPDATES * 1.02, 1, text, va="center", fontsize=8))
            for key, text in names.items()
        }
        self.axes = right

    def draw(self, update, units, activation, lr, seed):
        found = learned(units, activation, lr, seed)
        last = len(found.losses) - 1
        k = min(update, last)
        params = {name: array[k] for name, array in found.params.items()}
        self._draw_plane(params, activation, units)
        curves = {"loss": found.losses} | found.sizes
        ends = {}
        for name, line in {"loss": self.loss, **self.sizes}.items():
            y = np.clip(curves[name], LOWEST / 10, HIGHEST * 10)
            line.set_data(np.arange(len(y)), y)
            ends[name] = float(np.clip(y[-1], LOWEST, HIGHEST))
        for name, at in apart(self.axes, ends).items():
            self.names[name].set_position((last + 0.02 * UPDATES, at))
        self.now.set_data([k, k], [LOWEST, HIGHEST])
        wrong = int(found.wrong[k])
        self.plane_title.set_text(f"{units} hidden units: {wrong} of 60 wrong")
        self.right_title.set_text(f"{activation}, η = {number(lr)}, after {k} updates: loss {_short(found.losses[k])}")
        sizes = " and ".join(f"{_short(found.sizes[name][k])} at {name}" for name in SIZES)
        return (
            f"After {k} updates the loss is {_short(found.losses[k])}; {wrong} of 60 points are on the wrong side. "
            f"The root mean square of the gradient is {sizes}."
            + (" The training ends there: the next loss is no finite number." if last < update else "")
        )

    def _draw_plane(self, params, activation, units):
        x, labels = ring()
        inside = softmax(logits(params, activation, grid()))[:, 0]
        # Three tints: who answers "ring" for sure, about as likely as not, and "inside" for sure.
        self.image.set_data(np.select([inside < 0.5, inside < 0.9], [0.0, 0.55], 1.0).reshape(GRID, GRID))
        for j, (line, side) in enumerate(zip(self.lines, self.sides, strict=True)):
            w, b = (params["W1"][:, j], params["b1"][j]) if j < units else (np.zeros(2), 0.0)
            line.set_data(*line_of(w, b).T)
            side.set_data(*arrow(w, b, 0.35).T)
        missed = logits(params, activation, x).argmax(axis=1) != labels
        self.crosses.set_data(*x[missed].T)


def _short(value, digits=2):
    return number(float(f"{value:.{digits}g}"))
