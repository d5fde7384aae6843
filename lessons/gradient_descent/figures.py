"""Live figures: the slope at a point, descent on a parabola, two valleys."""

import numpy as np

import helpers
from workbench.descent import landscapes, theory
from workbench.descent.trajectory import diverged_at, drawable
from workbench.drawing.styles import MUTED, START
from workbench.live.controls import log_slider, slider
from workbench.live.figure import LiveFigure
from workbench.words import number


def curve(axes, landscape, bottom, top):
    """Draw a loss of one parameter over its view; returns what turns x into points of the curve, shape (..., 2)."""
    (left, right) = landscape.view[0]
    x = np.linspace(left, right, 401)
    axes.plot(x, landscape.value(x[:, None]), color=MUTED, zorder=1)
    axes.set(xlim=(left, right), ylim=(bottom, top), xlabel="x", ylabel="f(x)")
    return lambda x: np.stack([x, landscape.value(np.asarray(x)[..., None])], axis=-1)


class Slope(LiveFigure):
    """The slope at a point by formula and by finite differences, and how the error of the latter depends on h."""

    title = "Slope of f(x) = x⁴/4 − x² + x/4: by formula, and by finite differences of width h."
    widths = np.logspace(-12, 0, 121)

    def make_controls(self):
        return {
            "x": slider("point x", 1.8, -2.2, 2.2, 0.05),
            "h": log_slider("width h", 0.5, 1e-12, 1, per_decade=10),
        }

    def build(self, figure):
        self.landscape = landscapes.two_valleys()
        left, right = figure.subplots(1, 2)
        self.on_curve = curve(left, self.landscape, -2, 2.5)
        big = {"markersize": 7}
        self.tangent = self.moving_line(left, "-", color="#0072B2", label="slope by formula")
        (self.secant,) = self.moving(
            left.plot([], [], "--o", color="#D55E00", label="through f(x) and f(x + h)", **big)
        )
        left.legend(loc="lower center")
        self.left_title = self.moving(left.set_title("f and its slope"))
        right.set(
            xscale="log", yscale="log", xlim=(1e-12, 1), ylim=(1e-15, 1e2), xlabel="h", ylabel="error of the slope"
        )
        right.set_title("How far the differences are off")
        right.grid()
        self.forward = self.moving_line(right, "--", color="#D55E00", label="forward: (f(x+h) − f(x)) / h")
        self.central = self.moving_line(right, "-", color="#009E73", label="central: (f(x+h) − f(x−h)) / 2h")
        self.here = self.moving_line(right, "o", color="#D55E00", **big)
        self.here_central = self.moving_line(right, "s", color="#009E73", **big)
        right.legend(loc="upper left")

    def differences(self, x, h):
        f = lambda x: self.landscape.value(np.asarray(x)[..., None])  # noqa: E731
        return (f(x + h) - f(x)) / h, (f(x + h) - f(x - h)) / (2 * h)

    def draw(self, x, h):
        slope = self.landscape.gradient(np.array([x]))[0]
        errors = np.abs(np.array(self.differences(x, self.widths)) - slope)
        here = np.abs(np.array(self.differences(x, h)) - slope)
        shown = np.maximum(errors, 1e-15)  # an error of zero has no place on a log scale
        self.forward.set_data(self.widths, shown[0])
        self.central.set_data(self.widths, shown[1])
        self.here.set_data([h], [max(here[0], 1e-15)])
        self.here_central.set_data([h], [max(here[1], 1e-15)])
        x0, y0 = self.on_curve(x)
        ends = np.array([-10.0, 10.0])
        self.tangent.set_data(x0 + ends, y0 + slope * ends)
        self.secant.set_data(*self.on_curve(np.array([x, x + h])).T)
        forward, central = self.differences(x, h)
        self.left_title.set_text(f"x = {number(x)}: slope {number(slope)}, forward difference {number(forward)}")
        return (
            f"Slope by formula {number(slope)}. Forward difference {number(forward)}, error {number(here[0])}. "
            f"Central difference {number(central)}, error {number(here[1])}."
        )


class Parabola(LiveFigure):
    """Gradient descent on x², its four regimes, and the distance to the minimum beside its theory."""

    title = "Gradient descent on f(x) = x²."
    size = (9.0, 4.6)
    steps = 20

    def make_controls(self):
        return {
            "lr": slider("learning rate η", 0.1, 0.01, 1.2, 0.01),
            "start": slider("start x", -5.0, -8.0, 8.0, 0.1, digits=1),
        }

    def build(self, figure):
        self.landscape = landscapes.parabola()
        self.limits = theory.sgd_regime_limits(2.0, self.steps)
        panels = figure.subplot_mosaic([["curve", "distance"], ["regimes", "regimes"]], height_ratios=[6, 1])
        left, right, strip = panels["curve"], panels["distance"], panels["regimes"]
        self.on_curve = curve(left, self.landscape, -3, 66)
        self.path = self.moving_line(left, "-o", color="#000000", linewidth=1)
        self.first = self.moving_line(left, **START)
        self.left_title = self.moving(left.set_title("path"))
        right.set(xlim=(0, self.steps), ylim=(1e-4, 1e4), yscale="log", xlabel="update k", ylabel="distance |x|")
        right.set_xticks(range(0, self.steps + 1, 5))
        right.grid()
        self.theory = self.moving_line(right, "--", color="#0072B2", label="theory: |1 − 2η|ᵏ |x₀|")
        self.distance = self.moving_line(right, "o", color="#000000", label="measured")
        right.legend(loc="lower left")
        self.right_title = self.moving(right.set_title("distance"))
        self._regimes(strip)
        self.drag_axes, self.drag_controls = left, ("start",)

    def _regimes(self, strip):
        edges = (0, *self.limits, 1.2)
        for name, low, high, gray in zip(theory.REGIMES, edges, edges[1:], ("0.75", "1", "0.9", "0.6"), strict=False):
            strip.axvspan(low, high, color=gray)
            narrow = high - low < 0.1
            strip.text(
                0 if narrow else (low + high) / 2, 1.2 if narrow else 0.4, name, ha="left" if narrow else "center"
            )
        strip.set(xlim=(0, 1.2), ylim=(0, 1), yticks=[], xlabel="learning rate η", xticks=[0, *self.limits, 1.2])
        strip.set_xticklabels([number(t) for t in strip.get_xticks()])
        self.marker = self.moving_line(strip, "v", color="#D55E00", markersize=11, clip_on=False)

    def draw(self, lr, start):
        path = helpers.trajectory(helpers.SGD(lr), self.landscape.gradient, [start], self.steps)
        losses = self.landscape.value(path)
        diverged = diverged_at(path, losses, self.landscape.view)
        self.path.set_data(*self.on_curve(drawable(path, diverged)[:, 0]).T)
        self.first.set_data(*self.on_curve(np.array([start])).T)
        k = np.arange(self.steps + 1)
        self.theory.set_data(k, np.maximum(theory.sgd_rate(lr, 2.0) ** k * abs(start), 1e-30))
        self.distance.set_data(k, np.maximum(np.abs(path[:, 0]), 1e-30))
        self.marker.set_data([lr], [0.9])
        regime = theory.sgd_regime(lr, 2.0, self.steps)
        end = f"x = {number(path[-1, 0])}"
        self.left_title.set_text(
            f"η = {number(lr)}: {regime}" if diverged is None else f"η = {number(lr)}: diverged at step {diverged}"
        )
        self.right_title.set_text(f"after {self.steps} updates: {end}")
        words = f"It {regime}: each update multiplies x by 1 − 2η = {number(1 - 2 * lr)}."
        if diverged is not None:
            words += f" Diverged at step {diverged}."
        return f"{words} After {self.steps} updates {end}, f(x) = {number(losses[-1])}."


class TwoValleys(LiveFigure):
    """Where descent ends depends on where it starts, and on the learning rate."""

    title = "Gradient descent on f(x) = x⁴/4 − x² + x/4, a deep valley on the left and a shallow one on the right."
    steps = 60

    def make_controls(self):
        return {
            "lr": slider("learning rate η", 0.1, 0.01, 0.7, 0.01),
            "start": slider("start x", 2.0, -2.4, 2.4, 0.01),
        }

    def build(self, figure):
        self.landscape = landscapes.two_valleys()
        left, right = figure.subplots(1, 2)
        self.on_curve = curve(left, self.landscape, -2.1, 3)
        self.minima = self.landscape.minima[:, 0]
        left.plot(*self.on_curve(self.minima).T, "x", color="#D55E00", markersize=9, markeredgewidth=2)
        self.path = self.moving_line(left, "-o", color="#000000", linewidth=1, markersize=4)
        self.first = self.moving_line(left, **START)
        self.left_title = self.moving(left.set_title("path"))
        self.starts = np.linspace(-2.4, 2.4, 241)
        right.set(xlim=(-2.4, 2.4), ylim=(-2.4, 2.4), xlabel="start x", ylabel=f"x after {self.steps} updates")
        for x, name in zip(self.minima, ("deep valley", "shallow valley"), strict=True):
            right.axhline(x, color="#D55E00", linewidth=0.8)
            right.text(-2.35 if x > 0 else 2.35, x + 0.08, f"{name}, x = {number(x)}", ha="left" if x > 0 else "right")
        self.ends = self.moving_line(right, ".", color="#000000", markersize=3)
        self.here = self.moving_line(right, **START)
        self.right_title = self.moving(right.set_title("every start at once"))
        self.drag_axes, self.drag_controls = left, ("start",)

    def descend(self, lr, starts):
        gradient = lambda x: self.landscape.gradient(x[:, None])[:, 0]  # noqa: E731
        return helpers.trajectory(helpers.SGD(lr), gradient, starts, self.steps)

    def draw(self, lr, start):
        path = self.descend(lr, [start])
        ends = self.descend(lr, self.starts)[-1]
        diverged = diverged_at(path, self.landscape.value(path), self.landscape.view)
        self.path.set_data(*self.on_curve(drawable(path, diverged)[:, 0]).T)
        self.first.set_data(*self.on_curve(np.array([start])).T)
        shown = np.abs(ends) < 2.4
        self.ends.set_data(self.starts[shown], ends[shown])
        end = path[-1, 0]
        self.here.set_data([start], [end] if abs(end) < 2.4 else [np.nan])
        deep = np.abs(ends - self.minima[0]) < 0.01
        if diverged is not None:
            result = f"diverged at step {diverged}"
        else:
            near = [n for n, x in zip(("deep", "shallow"), self.minima, strict=True) if abs(end - x) < 0.01]
            result = f"ends at x = {number(end)}, " + (f"the {near[0]} valley" if near else "in neither valley yet")
        self.left_title.set_text(f"η = {number(lr)} from {number(start)}: {result}")
        self.right_title.set_text(f"of all starts, {deep.mean():.0%} end in the deep valley")
        return f"The path {result}. Of {len(self.starts)} starts in view {deep.mean():.0%} end in the deep valley."
