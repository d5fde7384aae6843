"""Live figures: what ρ remembers, a landscape that changes half-way, ε inside or outside of the root."""

import numpy as np

import helpers
from lessons.rmsprop.experiments import HALF, SIGNAL, SIGNALS, second_landscape, watched
from workbench.descent import landscapes, theory
from workbench.descent.trajectory import Trajectory, diverged_at
from workbench.drawing.panels import Losses, Plane
from workbench.drawing.styles import MUTED, STYLES
from workbench.live.controls import choice, log_slider, slider
from workbench.live.figure import LiveFigure
from workbench.words import number, point

BOTH = {name: STYLES[name] for name in ("AdaGrad", "RMSProp")}


def memory(rho):
    """The half-life of h, in words."""
    return f"h forgets half in {number(theory.half_life(rho))} updates" if rho else "h forgets all with every update"


class Memory(LiveFigure):
    """What AdaGrad and RMSProp make of the same gradients: √h, the length of each step, the way so far."""

    title = "AdaGrad and RMSProp see the same 200 gradients g of one weight: √h, length of the steps, way so far."
    size = (9.0, 3.6)

    def make_controls(self):
        return {
            "signal": choice("gradients", list(SIGNAL), "a hundredth after update 100"),
            "rho": slider("ρ of RMSProp", 0.9, 0.0, 0.999, 0.001, digits=3),
        }

    def build(self, figure):
        roots, lengths, way = figure.subplots(1, 3)
        self.k = np.arange(1, SIGNALS + 1)
        self.lines = {}
        for axes, name, limits, scale in (
            (roots, "√h", (3e-3, 30), "log"),
            (lengths, "length of a step / η", (3e-4, 100), "log"),
            (way, "way so far / η", (-320, 80), "linear"),
        ):
            axes.set(xlim=(0, SIGNALS), ylim=limits, yscale=scale, xlabel="update k")
            title = axes.set_title(name)
            axes.grid()
            for optimizer, style in BOTH.items():
                style = {"markersize": 4, "markevery": 15} | style
                self.lines[optimizer, name] = self.moving_line(axes, **style, label=optimizer)
            if axes is roots:
                self.setting = self.moving(title)
        self.gradients = self.moving_line(roots, ".", color="0.6", markersize=3, label="|g|")
        roots.legend(loc="lower left")

    def draw(self, signal, rho):
        g = SIGNAL[signal]
        self.gradients.set_data(self.k, np.abs(g))
        self.setting.set_text(f"√h, ρ = {number(rho)}")
        words = [f"With ρ = {number(rho)} {memory(rho)}."]
        for name, optimizer in ("AdaGrad", helpers.AdaGrad(1.0)), ("RMSProp", helpers.RMSProp(1.0, rho)):
            each = iter(g)
            path, h = watched(optimizer, lambda w, each=each: [next(each)], [0.0], SIGNALS)
            root, step = np.sqrt(h[:, 0]), np.diff(path[:, 0])
            self.lines[name, "√h"].set_data(self.k, root)
            self.lines[name, "length of a step / η"].set_data(self.k, np.abs(step))
            self.lines[name, "way so far / η"].set_data(self.k, path[1:, 0])
            words.append(
                f"{name}: first step {number(abs(step[0]))} η, last step {number(abs(step[-1]))} η; "
                f"√h ends at {number(root[-1])}, the weight at {number(path[-1, 0])} η."
            )
        return "\n".join(words)


class Change(LiveFigure):
    """One run over two landscapes: after 100 updates on the bowl it goes on, h included, on a flatter one elsewhere."""

    title = "AdaGrad and RMSProp: 100 updates on a bowl, then 100 on a flatter one whose minimum is at (6, −2)."
    size = (9.0, 5.6)
    folded = ("start_x", "start_y")

    def make_controls(self):
        return {
            "flatness": log_slider("flatness factor", 100, 1, 1000, per_decade=10),
            "rho": slider("ρ of RMSProp", 0.9, 0.0, 0.999, 0.001, digits=3),
            "rms_lr": slider("η of RMSProp", 0.2, 0.01, 1.0, 0.01),
            "ada_lr": slider("η of AdaGrad", 1.5, 0.1, 10.0, 0.1, digits=1),
            "start_x": slider("start x", -7.0, -10.0, 10.0, 0.1, digits=1),
            "start_y": slider("start y", 2.0, -5.0, 5.0, 0.1, digits=1),
        }

    def build(self, figure):
        (first, second), (roots, losses) = figure.subplots(2, 2)
        self.bowl = landscapes.bowl()
        self.planes = [Plane(self, axes, self.bowl, BOTH) for axes in (first, second)]
        self.planes[0].scene(self.bowl)
        self.roots = Losses(self, roots, 2 * HALF, 1e-4, 1e2, styles=BOTH)
        self.losses = Losses(self, losses, 2 * HALF, 1e-7, 1e2, styles=BOTH)
        roots.set_ylabel("√h along x")
        for axes in (roots, losses):
            axes.axvline(HALF, color=MUTED, linewidth=0.8)
        self.drag_axes, self.drag_controls = first, ("start_x", "start_y")

    def scene(self, flatness):
        self.second = second_landscape(flatness)
        self.planes[1].scene(self.second)

    def draw(self, flatness, rho, rms_lr, ada_lr, start_x, start_y):
        start, runs, roots, words = (start_x, start_y), ({}, {}, {}), {}, []
        for name, optimizer in ("AdaGrad", helpers.AdaGrad(ada_lr)), ("RMSProp", helpers.RMSProp(rms_lr, rho)):
            path, h, losses = [start], [], []
            for part, landscape in zip(runs, (self.bowl, self.second), strict=False):
                part_path, part_h = watched(optimizer, landscape.gradient, path[-1], HALF)
                loss = landscape.value(part_path)
                part[name] = Trajectory(part_path, loss, diverged_at(part_path, loss, landscape.view))
                path.extend(part_path[1:])
                h.extend(part_h)
                losses.extend(loss if len(losses) == 0 else loss[1:])
            runs[2][name] = Trajectory(np.array(path), np.array(losses), None)
            roots[name] = Trajectory(None, np.sqrt(np.array(h)[:, 0]), None)
            before, after = runs[0][name], runs[1][name]
            words.append(
                f"{name}: after {HALF} updates {before.result}; then the loss goes from {number(after.losses[0])} "
                f"to {number(after.losses[-1])} at {point(after.path[-1])}."
            )
        self.planes[0].draw(runs[0], start, f"updates 1 to {HALF}, on the bowl")
        self.planes[1].draw(
            runs[1], (np.nan, np.nan), f"updates {HALF + 1} to {2 * HALF}, loss divided by {number(flatness)}"
        )
        self.roots.draw(roots, "")
        self.losses.draw(runs[2], f"AdaGrad η = {number(ada_lr)}; RMSProp η = {number(rms_lr)}, ρ = {number(rho)}")
        return "\n".join([f"With ρ = {number(rho)} {memory(rho)}.", *words])


class Epsilon(LiveFigure):
    """The length of a step along a steady gradient of any size: ε outside of the root, and inside."""

    title = "Length of a step where all gradients have the same size |g|: ε outside of the root, and inside."
    size = (9.0, 3.6)
    sizes = np.logspace(-12, 0, 241)

    def make_controls(self):
        return {
            "eps": log_slider("ε", 1e-8, 1e-12, 1e-2, per_decade=5),
            "size": log_slider("gradient size |g|", 1e-5, 1e-12, 1, per_decade=5),
        }

    def build(self, figure):
        axes = figure.subplots()
        axes.set(xscale="log", xlim=(1e-12, 1), ylim=(0, 1.15), xlabel="size of the gradient |g|")
        axes.set_ylabel("length of a step / η")
        axes.grid()
        self.lines, self.points = {}, {}
        for name, style in (
            ("outside: |g| / (√h + ε)", {"color": "#CC79A7", "marker": "v", "linestyle": "-"}),
            ("inside: |g| / √(h + ε)", {"color": "#0072B2", "marker": "s", "linestyle": "--"}),
        ):
            self.lines[name] = self.moving_line(axes, **style | {"markevery": 20}, label=name)
            self.points[name] = self.moving_line(axes, **style | {"markersize": 11})
        axes.legend(loc="center left")
        self.caption = self.moving(axes.set_title("step"))

    def draw(self, eps, size):
        steps = [lambda g: g / (g + eps), lambda g: g / np.sqrt(g**2 + eps)]
        for step, line, dot in zip(steps, self.lines.values(), self.points.values(), strict=True):
            line.set_data(self.sizes, step(self.sizes))
            dot.set_data([size], [step(size)])
        outside, inside = (number(step(size)) for step in steps)
        self.caption.set_text(f"ε = {number(eps)}, |g| = {number(size)}: outside {outside} η, inside {inside} η")
        return (
            f"A step along gradients of size {number(size)} is {outside} η long with ε outside of the root, "
            f"{inside} η with ε inside.\n"
            f"Steps are halved at |g| = ε = {number(eps)} outside, at |g| = √(ε/3) = {number(np.sqrt(eps / 3))} inside."
        )
