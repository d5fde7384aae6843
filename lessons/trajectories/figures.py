"""Live figure: paths of the optimizers on the bowl, with their losses beside them."""

import ipywidgets as widgets

from lessons.trajectories.experiments import BOOK, optimizer, rate
from workbench.descent import landscapes
from workbench.descent.trajectory import Trajectory
from workbench.drawing.panels import Losses, Plane
from workbench.drawing.styles import STYLES
from workbench.live.controls import ROW, slider
from workbench.live.figure import LiveFigure
from workbench.words import number, point

GLYPHS = {"o": "●", "s": "■", "D": "◆", "^": "▲", "v": "▼", "X": "✖", "*": "★"}


FOUR = {f"show_{name}": name in ("SGD", "Momentum", "AdaGrad", "Adam") for name in STYLES}


def optimizer_rows(live):
    """The control box of a figure of optimizers: a row for each, its `show_` and its `lr_` control; the rest above."""
    general = [control for name, control in live.controls.items() if not name.startswith(("show_", "lr_"))]
    pairs = [[live.controls[f"show_{name}"], live.controls[f"lr_{name}"]] for name in STYLES]
    rows = [widgets.HBox(pair, layout={"width": "33em"}) for pair in pairs]
    return widgets.VBox([widgets.Box([*general, *live.buttons()], layout=ROW), widgets.Box(rows, layout=ROW)])


class Trajectories(LiveFigure):
    """Descent on the bowl by any of the optimizers: the paths, and the loss per update with its theory."""

    title = "Paths over the contours of a bowl, arrows pointing downhill; beside them the loss after each update."
    size = (9.0, 4.2)
    presets = {
        "The book's learning rates": FOUR,
        "The same, turned by 45°": FOUR | {"rotation": 45, "start_x": -4.5 * 2**0.5, "start_y": -2.5 * 2**0.5},
    }

    def make_controls(self):
        controls = {
            "steps": slider("updates", 30, 0, 60, 1),
            "condition": slider("condition number κ", 20, 1, 100, 1),
            "rotation": slider("rotation in degrees", 0, 0, 90, 1),
            "start_x": slider("start x", -7.0, -10.0, 10.0, 0.1, digits=1),
            "start_y": slider("start y", 2.0, -5.0, 5.0, 0.1, digits=1),
        }
        for name, style in STYLES.items():
            glyph = GLYPHS[style["marker"]]
            show = widgets.Checkbox(name == "SGD", description=f"{glyph} {name}", indent=False, layout={"width": "9em"})
            lr = slider("η", BOOK[name], 0.01, 3.0, 0.01)
            lr.style.description_width, lr.layout.width = "2em", "24em"
            lr.tooltip = f"η of {name}"
            lr.observe(lambda change, name=name: self._show_path(name, change), names="value")
            controls |= {f"show_{name}": show, f"lr_{name}": lr}
        return controls

    def control_box(self):
        return optimizer_rows(self)

    def _show_path(self, name, change):
        """Moving the learning rate of a hidden path shows it."""
        moved = abs(change["new"] - change["old"]) > 0.005  # a browser may round a slider's value when it appears
        if moved and not self.paused and not self.controls[f"show_{name}"].value:
            self.set(**{f"show_{name}": True})

    def settings_in_words(self):
        s = self.settings
        return (
            f"{s['steps']} updates from {point((s['start_x'], s['start_y']))}, κ = {s['condition']}, "
            f"turned by {s['rotation']}°, β = 0.9 of Momentum and Nesterov, ρ = 0.99 of RMSProp"
        )

    def build(self, figure):
        plane, losses = figure.subplots(1, 2, width_ratios=[1.25, 1])
        self.plane = Plane(self, plane, landscapes.bowl())
        self.losses = Losses(self, losses, steps=60, theory="theory, slope of rate$^{2k}$")
        self.drag_axes, self.drag_controls = plane, ("start_x", "start_y")

    def scene(self, condition, rotation):
        self.landscape = landscapes.bowl(condition, rotation)
        self.plane.scene(self.landscape)

    def draw(self, steps, condition, rotation, start_x, start_y, **settings):
        start = start_x, start_y
        lrs = {name: settings[f"lr_{name}"] for name in STYLES if settings[f"show_{name}"]}
        runs = {name: Trajectory.of(optimizer(name, lr), self.landscape, start, steps) for name, lr in lrs.items()}
        rates = {name: rate(name, lr, condition) for name, lr in lrs.items()}
        rates = {name: r for name, r in rates.items() if r is not None}
        self.plane.draw(runs, start, f"κ = {condition}, {rotation}°: {steps} updates from {point(start)}")
        if len(runs) == 1:
            (name,) = runs
            title = f"{name}, η = {number(lrs[name])}: {runs[name].result.split(' at (')[0]}"
        else:
            title = f"loss after {steps} updates"
        self.losses.draw(runs, title, rates)
        sentences = [
            f"{name} with η = {number(lrs[name])}: {r.result}"
            + (f" (theory: rate {number(rates[name])} per update)." if name in rates else ".")
            for name, r in runs.items()
        ]
        return "\n".join(sentences) or "No path is chosen."
