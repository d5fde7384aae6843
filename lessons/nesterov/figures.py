"""Live figures: one update of two methods as arrows, and the map of (η, β) for Nesterov's method."""

import dataclasses

import numpy as np

import helpers
from lessons.momentum.figures import StabilityMap
from lessons.nesterov.experiments import look_ahead
from workbench.descent import landscapes
from workbench.descent.trajectory import Trajectory, diverged_at, drawable
from workbench.drawing.panels import Plane
from workbench.drawing.styles import MUTED, STYLES
from workbench.live.controls import slider
from workbench.live.figure import LiveFigure
from workbench.words import number, point

BOTH = {name: STYLES[name] for name in ("Momentum", "Nesterov")}


class LookAhead(LiveFigure):
    """One update of the heavy ball and of Nesterov's method from the same place with the same velocity, as arrows."""

    title = "One update as arrows: the heavy ball takes the gradient where it stands, Nesterov's method one look ahead."
    size = (9.0, 4.2)
    folded = ("start_x", "start_y")
    steps = 30

    def make_controls(self):
        return {
            "k": slider("update k", 2, 0, self.steps - 1, 1),
            "lr": slider("η", 0.2, 0.01, 1.0, 0.01),
            "momentum": slider("β", 0.9, 0.0, 0.99, 0.01),
            "start_x": slider("start x", -7.0, -8.0, 8.0, 0.1, digits=1),
            "start_y": slider("start y", 2.0, -4.0, 4.0, 0.1, digits=1),
        }

    def build(self, figure):
        # Rounder than the bowl of the other figures, so that the arrows of one update do not lie upon each other.
        self.landscape = dataclasses.replace(landscapes.bowl(condition=4), view=((-8.0, 8.0), (-4.0, 4.0)))
        plane, right = figure.subplots(1, 2, width_ratios=[1.5, 1])
        self.plane = Plane(self, plane, self.landscape, styles={"Momentum": {"color": "0.5", "marker": "."}})
        self.plane.scene(self.landscape)
        colors = ["black", *(style["color"] for style in BOTH.values())]
        self.arrows = self.moving(
            plane.quiver(*np.zeros((4, 3)), color=colors, angles="xy", scale_units="xy", scale=1, width=0.007)
        )
        self.ahead = self.moving_line(plane, "o", color="black", markersize=4)
        self.tips = {
            name: self.moving_line(plane, style["marker"], color=style["color"], markersize=7)
            for name, style in BOTH.items()
        }
        names = {"black": "momentum alone, βv", BOTH["Momentum"]["color"]: "−ηg here: heavy ball"}
        names |= {BOTH["Nesterov"]["color"]: "−ηg ahead: Nesterov"}
        for (color, name), marker in zip(names.items(), ("o", "s", "D"), strict=True):
            plane.plot([], [], color=color, marker=marker, linewidth=2.5, markersize=5, label=name)
        self.scenery(plane.legend(loc="lower right"))
        right.set(xlim=(0, self.steps), ylim=(-4, 4), xlabel="update k", ylabel="y, the steep direction")
        right.grid()
        self.curves = {
            name: self.moving_line(right, **style, markevery=2, label=label)
            for (name, style), label in zip(BOTH.items(), ("heavy ball", "Nesterov"), strict=True)
        }
        self.now = self.moving_line(right, "--", color=MUTED, linewidth=1)
        right.legend(loc="lower right")
        self.right_title = self.moving(right.set_title("y"))

    def draw(self, k, lr, momentum, start_x, start_y):
        start = np.array([start_x, start_y])
        ball = Trajectory.of(helpers.Momentum(lr, momentum), self.landscape, start, self.steps).path
        nesterov = look_ahead(self.landscape.gradient, start, lr, momentum, self.steps)
        gradient = lambda p: np.round(self.landscape.gradient(p), 12) + 0.0  # noqa: E731, not −4.4e−16 and not −0
        w = np.round(ball[k], 12) + 0.0
        ahead = w + (momentum * (w - ball[k - 1]) if k else 0.0)
        tips = {"Momentum": ahead - lr * gradient(w), "Nesterov": ahead - lr * gradient(ahead)}
        self.arrows.set_offsets([w, ahead, ahead])
        self.arrows.set_UVC(*np.subtract([ahead, *tips.values()], [w, ahead, ahead]).T)
        self.ahead.set_data(*ahead[:, None])
        for name, tip in tips.items():
            self.tips[name].set_data(*tip[:, None])
        walked = Trajectory(ball[: k + 1], self.landscape.value(ball[: k + 1]), None)
        self.plane.draw({"Momentum": walked}, start, f"update {k + 1}: η = {number(lr)}, β = {number(momentum)}")
        ends = {}
        for name, path in (("Momentum", ball), ("Nesterov", nesterov)):
            diverged = diverged_at(path, self.landscape.value(path), self.landscape.view)
            shown = drawable(path, diverged)
            self.curves[name].set_data(np.arange(len(shown)), shown[:, 1])
            ends[name] = f"ends at y = {number(path[-1, 1])}" if diverged is None else f"diverged at step {diverged}"
        self.now.set_data([k, k], [-4, 4])
        self.right_title.set_text(f"Nesterov {ends['Nesterov']}")
        return (
            f"Update {k + 1} starts at {point(w)}; the momentum alone leads to {point(ahead)}. "
            f"Gradient here {point(gradient(w))}: the heavy ball goes to {point(tips['Momentum'])}. "
            f"Gradient ahead {point(gradient(ahead))}: Nesterov's method goes to {point(tips['Nesterov'])}.\n"
            f"In {self.steps} updates from {point(start)} the heavy ball {ends['Momentum']}, "
            f"Nesterov's method {ends['Nesterov']}."
        )


class LookAheadMap(StabilityMap):
    """The map of (η, β) for Nesterov's method."""

    title = "Rate of Nesterov's method on a bowl at every learning rate η and momentum β, and the path at one of them."
    method = "Nesterov"
    presets = {
        "The best η and β": {"lr": 0.66, "momentum": 0.59},
        "A round bowl": {"condition": 1, "lr": 0.5, "momentum": 0.9},
    }
