"""Live figure of lesson 02: paths of the optimizers on the bowl, with their losses beside them."""

import ipywidgets as widgets
import numpy as np

import helpers
from workbench import figures, landscapes, theory
from workbench.figures import MUTED, STYLES, number, point
from workbench.live import ROW, LiveFigure, slider

# The learning rates of the figure that made this bowl known (Saitoh 2016); RMSProp, Nesterov and AdamW added to it.
BOOK = {"SGD": 0.95, "Momentum": 0.1, "Nesterov": 0.1, "AdaGrad": 1.5, "RMSProp": 0.1, "Adam": 0.3, "AdamW": 0.3}
# What else the figure fixes: its RMSProp has the long memory of .99.
FIXED = {"RMSProp": {"rho": 0.99}}
GLYPHS = {"o": "●", "s": "■", "D": "◆", "^": "▲", "v": "▼", "X": "✖", "*": "★"}


def optimizer(name, lr):
    """A new optimizer with the settings of the figure, apart from the learning rate."""
    return figures.OPTIMIZERS[name](lr=lr, **FIXED.get(name, {}))


def shown(*names):
    return {f"show_{name}": name in names for name in STYLES}


FOUR = shown("SGD", "Momentum", "AdaGrad", "Adam")


class Trajectories(LiveFigure):
    """Descent on the bowl by any of the optimizers: the paths, and the loss per update with its theory."""

    title = "Paths over the contours of a bowl, arrows pointing downhill; beside them the loss after each update."
    size = (9.0, 4.2)
    presets = {
        "The book's learning rates": FOUR,
        "The same, turned by 45°": FOUR | {"rotation": 45, "start_x": -4.5 * 2**0.5, "start_y": -2.5 * 2**0.5},
    }
    floor = 1e-7  # lowest loss on the axis

    def make_controls(self):
        controls = {
            "steps": slider("updates", 30, 0, 60, 1),
            "condition": slider("condition number κ", 20, 1, 100, 1),
            "rotation": slider("rotation in degrees", 0, 0, 90, 1),
            "start_x": slider("start x", -7.0, -10.0, 10.0, 0.1, digits=1),
            "start_y": slider("start y", 2.0, -5.0, 5.0, 0.1, digits=1),
        }
        for name, style in STYLES.items():
            controls[f"show_{name}"] = widgets.Checkbox(
                value=name == "SGD",
                description=f"{GLYPHS[style['marker']]} {name}",
                indent=False,
                layout={"width": "8em"},
            )
            controls[f"lr_{name}"] = slider("η", BOOK[name], 0.01, 3.0, 0.01)
            controls[f"lr_{name}"].style, controls[f"lr_{name}"].layout.width = {"description_width": "1.5em"}, "18em"
            controls[f"lr_{name}"].observe(lambda change, name=name: self._show_path(name), names="value")
        return controls

    def control_box(self):
        rows = [
            widgets.HBox([self.controls[f"show_{name}"], self.controls[f"lr_{name}"]], layout={"width": "26em"})
            for name in STYLES
        ]
        general = [control for name, control in self.controls.items() if not name.startswith(("show_", "lr_"))]
        return widgets.Box([*general, *rows, *self.buttons()], layout=ROW)

    def _show_path(self, name):
        """Moving the learning rate of a hidden path shows it."""
        if not self.paused:
            self.set(**{f"show_{name}": True})

    def settings_in_words(self):
        s = self.settings
        return (
            f"{s['steps']} updates from {point((s['start_x'], s['start_y']))}, κ = {s['condition']}, "
            f"turned by {s['rotation']}°, β = 0.9, ρ = 0.99"
        )

    def build(self, figure):
        plane, loss = figure.subplots(1, 2, width_ratios=[1.25, 1])
        self.view = landscapes.bowl().view
        plane.set(xlim=self.view[0], ylim=self.view[1], xlabel="x", ylabel="y", xticks=range(-10, 11, 5))
        self.plane_title = self.moving(plane.set_title("paths"))
        self.rings = self.scenery(figures.empty_lines(plane, colors="0.75", linewidths=0.8))
        self.arrows = self.scenery(figures.downhill_arrows(plane, landscapes.bowl()))
        plane.plot(0, 0, "+", color=MUTED, markersize=10, zorder=1)
        loss.set(xlim=(0, 76), ylim=(self.floor, 1e3), yscale="log", xlabel="update k", ylabel="loss f")
        loss.set_xticks(range(0, 61, 10))
        loss.grid()
        self.loss_title = self.moving(loss.set_title("loss"))
        self.paths, self.losses, self.theory, self.labels = {}, {}, {}, {}
        for name, style in STYLES.items():
            (self.paths[name],) = self.moving(plane.plot([], [], **style, linewidth=1.2, markersize=4))
            (self.theory[name],) = self.moving(loss.plot([], [], ":", color=style["color"], linewidth=1))
            (self.losses[name],) = self.moving(loss.plot([], [], **style, markersize=4, markevery=5))
            self.labels[name] = self.moving(loss.text(0, 0, name, va="center", fontsize=8, clip_on=False))
        (self.first,) = self.moving(plane.plot([], [], "o", color="black", markerfacecolor="white", markersize=10))
        self.note = self.moving(
            plane.text(0.02, 0.97, "", transform=plane.transAxes, va="top", backgroundcolor="white")
        )
        loss.plot([], [], ":", color=MUTED, label="theory: slope of ρ²ᵏ")
        loss.legend(loc="lower left")
        self.drag_axes, self.drag_controls = plane, ("start_x", "start_y")

    def scene(self, condition, rotation):
        self.landscape = landscapes.bowl(condition, rotation)
        self.rings.set_segments(figures.rings(self.landscape))
        figures.point_downhill(self.arrows, self.landscape)

    def draw(self, steps, condition, start_x, start_y, **settings):
        names = [name for name in STYLES if settings[f"show_{name}"]]
        self.first.set_data([start_x], [start_y])
        words, diverged, ends = [], [], {}
        for name in STYLES:
            for artists in (self.paths, self.losses, self.theory, self.labels):
                artists[name].set_visible(name in names)
        for name in names:
            lr = settings[f"lr_{name}"]
            path = helpers.trajectory(optimizer(name, lr), self.landscape.gradient, (start_x, start_y), steps)
            losses = self.landscape.value(path)
            step = figures.diverged_at(path, losses, self.view)
            self.paths[name].set_data(*figures.drawable(path, step).T)
            k = np.arange(steps + 1)
            self.losses[name].set_data(k, self._drawable_loss(losses))
            rate = self._rate(name, lr, condition)
            self.theory[name].set_data(k, self._drawable_loss(losses[0] * rate ** (2 * k)))
            ends[name] = self._drawable_loss(losses[-1])
            result = f"loss {number(losses[-1])} at {point(path[-1])}"
            if step is not None:
                result = f"diverged at step {step}"
                diverged.append(f"{name} {result}")
            theory_words = "" if np.isnan(rate) else f" (theory: rate {number(rate)} per update)"
            words.append(f"{name} with η = {number(lr)}: {result}{theory_words}.")
        self._place_labels(ends, steps)
        self.note.set_text("\n".join(diverged))
        self.plane_title.set_text(
            f"κ = {condition}, {settings['rotation']}°: {steps} updates from {point((start_x, start_y))}"
        )
        one = f"{names[0]}, η = {number(settings[f'lr_{names[0]}'])}: " if len(names) == 1 else "loss after "
        last = f"f = {number(losses[-1])}" if len(names) == 1 else f"{steps} updates"
        self.loss_title.set_text(one + last if names else "no path chosen")
        return "\n".join(words) or "No path is chosen."

    def _drawable_loss(self, losses):
        """Losses within what the axis can draw; overflow is drawn as far too high, zero as far too low."""
        return np.clip(np.nan_to_num(losses, nan=1e30, posinf=1e30), 1e-30, 1e30)

    def _rate(self, name, lr, condition):
        """The rate of a method on the bowl; nan where there is no theory (the adaptive methods)."""
        curvatures = np.array([2 / condition, 2.0])
        if name == "SGD":
            return theory.sgd_rate(lr, curvatures).max()
        if name == "Momentum":
            return theory.momentum_rate(lr, curvatures, 0.9).max()
        if name == "Nesterov":
            return theory.nesterov_rate(lr, curvatures, 0.9).max()
        return np.nan

    def _place_labels(self, ends, steps):
        """Names at the ends of the loss curves, pushed apart where they would overlap."""
        low, high = np.log10(self.floor), 3
        at = np.inf
        for name in sorted(ends, key=ends.get, reverse=True):
            at = min(np.clip(np.log10(ends[name]), low, high), at - 0.5)
            self.labels[name].set_position((steps + 2, 10.0**at))
