"""Live figures: Adam in three steps, one update as arrows, weight decay, a case without convergence."""

import ipywidgets as widgets
import numpy as np
from matplotlib.patches import FancyArrowPatch

import helpers
from lessons.adam.experiments import Uncorrected, decayed, drift, online, updates
from workbench.descent import landscapes
from workbench.descent.trajectory import Trajectory, diverged_at
from workbench.drawing.panels import Losses, Plane
from workbench.drawing.styles import MUTED, STYLES
from workbench.live.controls import ROW, choice, log_slider, slider
from workbench.live.figure import LiveFigure
from workbench.words import number, point

UPDATES = 60  # the longest run on the bowl


def bowl_controls(lr=0.3):
    """Sliders that the figures on the bowl share; a β is set by its distance from 1, the share that is new."""
    return {
        "lr": log_slider("learning rate η", lr, 0.01, 3),
        "new1": log_slider("1 − β₁", 0.1, 0.01, 1),
        "new2": log_slider("1 − β₂", 0.001, 1e-4, 1),
        "eps": log_slider("ε", 1e-8, 1e-10, 10, per_decade=5),
        "start_x": slider("start x", -7.0, -10.0, 10.0, 0.1, digits=1),
        "start_y": slider("start y", 2.0, -5.0, 5.0, 0.1, digits=1),
    }


class ThreeSteps(LiveFigure):
    """The three stages of Adam from one start: normalized gradient, with momentum, with bias correction."""

    title = "Adam built in three steps, on the bowl x²/20 + y²."
    size = (9.0, 5.0)
    folded = ("start_x", "start_y")
    styles = {
        "step 1": STYLES["RMSProp"],
        "step 2": {"color": "#666666", "marker": "P", "linestyle": (0, (5, 2))},
        "step 3": STYLES["Adam"],
    }

    def make_controls(self):
        return {"steps": slider("updates", 30, 1, UPDATES, 1)} | bowl_controls()

    def build(self, figure):
        panels = figure.subplot_mosaic([["plane", "loss"], ["plane", "moves"]], width_ratios=[1.3, 1])
        self.landscape = landscapes.bowl()
        self.plane = Plane(self, panels["plane"], self.landscape, styles=self.styles)
        self.plane.scene(self.landscape)
        self.losses = Losses(self, panels["loss"], steps=UPDATES, floor=1e-6, styles=self.styles)
        moves = panels["moves"]
        moves.set(xlim=(0, 1.27 * UPDATES), ylim=(1e-3, 1e2), yscale="log", xlabel="update k", ylabel="move in x / η")
        moves.set_xticks(np.linspace(0, UPDATES, 7))
        moves.grid()
        moves.axhline(1, color=MUTED, linewidth=0.8)
        self.moves_title = self.moving(moves.set_title("length of the moves"))
        words = {"step 1": r"1: $g\ /\ (\sqrt{v} + ε)$", "step 2": r"2: $m\ /\ (\sqrt{v} + ε)$"}
        words["step 3"] = r"3: $\hat{m}\ /\ (\sqrt{\hat{v}} + ε)$, Adam"
        self.moves = self.moving_lines(moves, self.styles, markersize=4, markevery=5)
        for name, style in self.styles.items():
            panels["plane"].plot([], [], markersize=4, **style, label=words[name])
        figure.legend(loc="outside lower left", ncols=3)
        self.drag_axes, self.drag_controls = panels["plane"], ("start_x", "start_y")

    def draw(self, steps, lr, new1, new2, eps, start_x, start_y):
        start = start_x, start_y
        optimizers = {
            "step 1": helpers.RMSProp(lr, 1 - new2, eps),
            "step 2": Uncorrected(lr, 1 - new1, 1 - new2, eps),
            "step 3": helpers.Adam(lr, 1 - new1, 1 - new2, eps),
        }
        runs = {name: Trajectory.of(optimizer, self.landscape, start, steps) for name, optimizer in optimizers.items()}
        self.plane.draw(
            runs, start, f"η = {number(lr)}, β₁ = {number(1 - new1)}, β₂ = {number(1 - new2)}, ε = {number(eps)}"
        )
        self.losses.draw(runs, f"loss after {steps} updates")
        first = {}
        for name, r in runs.items():
            moves = np.abs(np.diff(r.path[:, 0])) / lr
            self.moves[name].set_data(np.arange(1, steps + 1), np.maximum(moves, 1e-30))
            first[name] = moves[0]
        self.moves_title.set_text("first moves: " + ", ".join(number(move) for move in first.values()))
        return "\n".join(f"{name}: first move {number(first[name])} η in x; {r.result}." for name, r in runs.items())


class Anatomy(LiveFigure):
    """One update of Adam taken apart: gradient, moving averages and step as arrows, and the averages over time."""

    title = "One update of Adam on the bowl x²/20 + y², taken apart."
    size = (9.0, 5.6)
    folded = ("eps", "start_x", "start_y")
    times = 5  # a step of usual length is too short to be seen on the map
    # Name, color, dashes of the curve, width of the arrow: −g is wide, to show under −m̂ where the two are equal.
    parts = (
        ("−g", "#000000", "-", 3),
        ("−m̂", "#E69F00", (0, (6, 1)), 1.5),
        ("√v̂", "#CC79A7", (0, (1, 1)), 1.5),
        ("step / η", "#D55E00", "-", 1.5),
    )

    def make_controls(self):
        correct = {"correction": choice("bias correction", ["with", "without"], "with")}
        return {"k": slider("update k", 1, 1, UPDATES, 1)} | bowl_controls() | correct

    def control_box(self):
        k = self.controls["k"]
        play = widgets.Play(value=k.value, min=k.min, max=k.max, interval=250)
        widgets.jslink((play, "value"), (k, "value"))  # the browser counts; the slider tells the kernel
        return widgets.Box([widgets.HBox([play, k]), *list(self.unfolded.values())[1:], *self.buttons()], layout=ROW)

    def build(self, figure):
        panels = figure.subplot_mosaic([["map", "arrows"], ["x", "y"]], height_ratios=[1.4, 1], width_ratios=[1.15, 1])
        self.landscape = landscapes.bowl()
        styles = {"to come": {"color": "0.6", "linestyle": "-", "linewidth": 0.8}, "Adam": STYLES["Adam"]}
        self.plane = Plane(self, panels["map"], self.landscape, styles=styles)
        self.plane.scene(self.landscape)
        self.on_map = self.arrows_on(panels["map"], (self.parts[0], self.parts[1], self.parts[3]))
        self.arrow_panel(panels["arrows"])
        self.lines, self.now = {}, {}
        for axis in "xy":
            panel = panels[axis]
            panel.set(xlim=(0, UPDATES), ylim=(-20, 20), xlabel="update k")
            panel.set_yscale("symlog", linthresh=0.1, linscale=0.5)
            panel.set_yticks([-10, -1, -0.1, 0, 0.1, 1, 10], ["−10", "−1", "−0.1", "0", "0.1", "1", "10"])
            panel.grid()
            panel.set_title(f"{axis}: the gradient and its averages")
            self.lines[axis] = [
                self.moving_line(panel, color=color, linestyle=dash, label=name)
                for name, color, dash, _ in self.parts[:3]
            ]
            self.now[axis] = self.moving_line(panel, color=MUTED, linewidth=0.8)
        figure.legend(handles=self.lines["y"], loc="outside lower left", ncols=3)
        self.drag_axes, self.drag_controls = panels["map"], ("start_x", "start_y")

    def arrow_panel(self, axes):
        rows = (8, 7, 6, 5, 3, 2, 1, 0)
        axes.set(xlim=(-200, 200), ylim=(-0.6, 9.3), yticks=rows, yticklabels=[name for name, *_ in self.parts] * 2)
        axes.set_xlabel("logarithmic on both sides of 0")
        axes.set_xscale("symlog", linthresh=0.01, linscale=0.5)
        axes.set_xticks([-100, -1, 0, 1, 100], ["−100", "−1", "0", "1", "100"])
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.grid(axis="x")
        across = axes.get_yaxis_transform()
        for row, name in (8.8, "along x"), (3.8, "along y"):
            axes.text(0.01, row, name, transform=across, va="center", fontsize=8, color=MUTED)
        self.arrows_title = self.moving(axes.set_title("coordinate by coordinate"))
        self.arrows = self.arrows_on(axes, self.parts * 2)
        self.values = [
            self.moving(axes.text(0.99, row, "", transform=across, ha="right", va="center", fontsize=8)) for row in rows
        ]

    def arrows_on(self, axes, parts):
        style = {"arrowstyle": "-|>", "mutation_scale": 10, "shrinkA": 0, "shrinkB": 0, "zorder": 4}
        arrows = [
            FancyArrowPatch((0, 0), (0, 0), color=color, linestyle=dash, linewidth=width, **style)
            for _, color, dash, width in parts
        ]
        for arrow in arrows:
            axes.add_patch(arrow)
        return self.moving(arrows)

    def draw(self, k, lr, new1, new2, eps, start_x, start_y, correction):
        correct = correction == "with"
        beta1, beta2 = 1 - new1, 1 - new2
        optimizer = (helpers.Adam if correct else Uncorrected)(lr, beta1, beta2, eps)
        path, g, m, v = updates(optimizer, self.landscape.gradient, (start_x, start_y), UPDATES)
        t = np.arange(1, UPDATES + 1)[:, None]
        m, root = (m / (1 - beta1**t), np.sqrt(v / (1 - beta2**t))) if correct else (m, np.sqrt(v))
        step = np.diff(path, axis=0)
        now, here = k - 1, path[k - 1]
        self.draw_map(path, k, here, (-g[now], -m[now], self.times * step[now]))
        for axis, values in enumerate(np.stack([-g[now], -m[now], root[now], step[now] / lr], axis=1)):
            for row, value in enumerate(values, start=4 * axis):
                y = self.values[row].get_position()[1]
                self.arrows[row].set_positions((0, y), (value, y))
                self.values[row].set_text(number(value))
        for axis, lines in enumerate(self.lines.values()):
            for line, values in zip(lines, (-g, -m, root), strict=True):
                line.set_data(t, values[:, axis])
        self.arrows_title.set_text("update " + (f"{k}" if correct else f"{k}, not corrected: m̂ is m, v̂ is v"))
        for line in self.now.values():
            line.set_data([k, k], [-20, 20])
        first, second = ("m̂", "√v̂") if correct else ("without correction m", "√v")
        return (
            f"Update {k} from {point(here)}: gradient {point(g[now])}, {first} = {point(m[now])}, "
            f"{second} = {point(root[now])}, step {point(step[now])}, in learning rates {point(step[now] / lr)}.\n"
            f"Then loss {number(self.landscape.value(path[k]))} at {point(path[k])}."
        )

    def draw_map(self, path, k, here, arrows):
        losses = self.landscape.value(path)
        runs = {
            name: Trajectory(p, f, diverged_at(p, f, self.landscape.view))
            for name, p, f in (("to come", path, losses), ("Adam", path[: k + 1], losses[: k + 1]))
        }
        self.plane.draw(runs, path[0], f"update {k} from {point(path[0])}: −g, −m̂ and step × {self.times}")
        for patch, arrow in zip(self.on_map, arrows, strict=True):
            patch.set_positions(here, here + arrow)


class WeightDecay(LiveFigure):
    """What weight decay leaves of weights whose gradients are noise of different size: L2 in Adam, and AdamW."""

    title = "Weights that start at 1, and gradients that are nothing but noise."
    size = (9.0, 4.0)
    updates = 300
    scales = np.logspace(-2, 2, 13)
    pairs = 6
    watched = (3, 9)  # the scales 0.1 and 10

    def make_controls(self):
        return {
            "decay": log_slider("weight decay λ", 0.1, 1e-3, 1),
            "lr": log_slider("learning rate η", 0.01, 1e-4, 0.1),
            "seed": slider("seed", 0, 0, 20, 1),
        }

    def build(self, figure):
        left, right = figure.subplots(1, 2)
        left.set(xscale="log", xlim=(0.007, 140), ylim=(-0.35, 1.1))
        left.set(xlabel="size of the gradients (standard deviation)", ylabel=f"weight after {self.updates} updates")
        right.set(xlim=(0, self.updates), ylim=(-0.35, 1.1), xlabel="update k", ylabel="weight")
        for axes in left, right:
            axes.grid()
        self.left, self.right = {}, {}
        for name, style in {"L2 in Adam": STYLES["Adam"], "AdamW": STYLES["AdamW"]}.items():
            self.left[name] = self.moving_line(left, **style, label=name)
            for i, face in zip(self.watched, (style["color"], "white"), strict=True):
                (line,) = right.plot([], [], **style, markevery=30 + i, markerfacecolor=face)
                self.right[name, i] = self.moving(line)
        self.theory = self.moving_line(left, ":", color=MUTED, label="decay alone: (1 − ηλ)ᵏ")
        figure.legend(loc="outside lower left", ncols=3)
        self.left_title = self.moving(left.set_title("what is left"))
        right.set_title("filled: gradients of size 0.1, hollow: of size 10")

    def draw(self, decay, lr, seed):
        noise = np.random.default_rng(seed).normal(size=(self.updates, self.pairs, 1)) * self.scales
        weights = {
            "L2 in Adam": decayed(helpers.Adam(lr), noise, decay),
            "AdamW": decayed(helpers.AdamW(lr, weight_decay=decay), noise),
        }
        for name, w in weights.items():
            self.left[name].set_data(self.scales, w[-1])
            for i in self.watched:
                self.right[name, i].set_data(np.arange(self.updates + 1), w[:, i])
        theory = (1 - lr * decay) ** self.updates
        self.theory.set_data([0.007, 140], [theory, theory])
        self.left_title.set_text(f"λ = {number(decay)}, η = {number(lr)}: (1 − ηλ)ᵏ = {number(theory)}")
        return (
            "\n".join(
                f"{name}: of weights with gradients of size 0.01, 0.1, 1, 10, 100 is left "
                f"{', '.join(number(x) for x in w[-1, ::3].round(3) + 0.0)}."
                for name, w in weights.items()
            )
            + f"\nBy decay alone: (1 − ηλ)ᵏ = {number(theory)}."
        )


class Online(LiveFigure):
    """Reddi, Kale and Kumar's linear example: one large gradient in n updates, small ones of the other sign between."""

    title = "Loss C x once in n updates, −x in the others, on −1 ≤ x ≤ 1."
    size = (9.0, 4.0)
    updates = 400

    def make_controls(self):
        return {
            "period": slider("period n", 3, 3, 20, 1),
            "surplus": slider("C − (n − 1)", 1.0, 0.5, 10.0, 0.5, digits=1),
            "new1": log_slider("1 − β₁", 1, 0.01, 1),
            "new2": log_slider("1 − β₂", 0.9, 1e-4, 1),
            "lr": log_slider("learning rate η", 0.5, 0.01, 1),
        }

    def build(self, figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(0, self.updates), ylim=(-1.15, 1.15), xlabel="update t", ylabel="x")
        left.grid()
        self.paths = {
            name: self.moving_line(left, **STYLES[name] | {"linewidth": 1}, markevery=40, label=name)
            for name in ("SGD", "Adam")
        }
        left.text(0.5, 1.04, "worst", transform=left.get_yaxis_transform(), ha="center", va="bottom", fontsize=8)
        left.text(0.5, -1.04, "best", transform=left.get_yaxis_transform(), ha="center", va="top", fontsize=8)
        figure.legend(loc="outside lower left", ncols=2)
        self.left_title = self.moving(left.set_title("x"))
        self.shares = np.logspace(-4, 0, 121)[:-1]
        right.set(
            xscale="log", xlim=(1e-4, 1.3), ylim=(-0.8, 1), xlabel="1 − β₂", ylabel="mean step / η in the long run"
        )
        right.axhline(0, color="black", linewidth=0.8)
        right.grid()
        right.text(1.2e-4, 0.9, "away from the minimum")
        right.text(1.2e-4, -0.74, "toward the minimum")
        self.curve = self.moving_line(right, color=STYLES["Adam"]["color"])
        self.here = self.moving_line(right, "X", color=STYLES["Adam"]["color"], markersize=10)
        self.right_title = self.moving(right.set_title("Adam's drift"))

    def draw(self, period, surplus, new1, new2, lr):
        high = period - 1 + surplus
        beta1, beta2 = 1 - new1, 1 - new2
        optimizers = {"SGD": helpers.SGD(lr), "Adam": helpers.Adam(lr, beta1, beta2)}
        ends = {}
        for name, optimizer in optimizers.items():
            x = online(optimizer, period, high, lr, self.updates)
            self.paths[name].set_data(np.arange(self.updates + 1), x)
            ends[name] = x[-period:].mean()
        here = drift(period, high, beta1, beta2)
        self.curve.set_data(self.shares, drift(period, high, beta1, 1 - self.shares))
        self.here.set_data([new2], [here])
        self.left_title.set_text(f"C = {number(high)}, n = {period}, β₁ = {number(beta1)}, η = {number(lr)} / √t")
        where = "away from" if here > 0 else "toward"
        self.right_title.set_text(f"β₂ = {number(beta2)}: Adam drifts {where} the minimum")
        means = ", ".join(f"{name} {number(end)}" for name, end in ends.items())
        return (
            f"C = {number(high)}: the gradients of one period sum to {number(surplus)}, so x = −1 is best.\n"
            f"Mean x over the last {period} of {self.updates} updates: {means}.\n"
            f"Adam drifts {where} the minimum, by {number(abs(here))} η per update in the long run."
        )
