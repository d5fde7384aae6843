"""Live figure: paths of the optimizers on the bowl, with their losses beside them."""

import functools
import textwrap

import ipywidgets as widgets

from lessons.trajectories.experiments import BOOK, optimizer, rate
from workbench.checks import checked
from workbench.descent import landscapes
from workbench.descent.trajectory import Trajectory
from workbench.drawing.panels import Losses, Plane, loss_limits
from workbench.drawing.styles import STYLES, with_own
from workbench.live import as_code
from workbench.live.controls import ROW, place_slider, slider, with_more
from workbench.live.figure import LiveFigure
from workbench.live.own_landscapes import OwnLandscape, counted_from_zero
from workbench.live.own_optimizers import OwnOptimizers, attempt
from workbench.words import number, point

GLYPHS = {"o": "●", "s": "■", "D": "◆", "^": "▲", "v": "▼", "X": "✖", "*": "★", "P": "✚", "p": "⬟", "h": "⬢", "d": "♦"}


FOUR = {f"show_{name}": name in ("SGD", "Momentum", "AdaGrad", "Adam") for name in STYLES}


def optimizer_rows(live):
    """The control box of a figure of optimizers: a row for each, its `show_` control and its sliders; the rest above.

    `live.own` has a learner's own optimizers, by name.
    """
    names = {name: [f"lr_{name}"] for name in STYLES} | {name: list(own.controls()) for name, own in live.own.items()}
    rows, general = [], live.unfolded
    for name, keys in names.items():
        show, *sliders = [general.pop(key) for key in (f"show_{name}", *keys)]
        flow = "row"
        if len(sliders) > 1:  # in a column, which a narrow screen has below the name
            for one in sliders:
                one.layout.width = "auto"
            sliders = [widgets.VBox(sliders, layout={"flex": "1 1 18em", "min_width": "0"})]
            flow = "row wrap"
        rows.append(widgets.HBox([show, *sliders], layout={"width": "33em", "max_width": "100%", "flex_flow": flow}))
    return widgets.VBox([widgets.Box([*general.values(), *live.buttons()], layout=ROW), widgets.Box(rows, layout=ROW)])


def own_rows(live):
    """The controls of a learner's own optimizers, each shown, by the names of the settings."""
    found = {}
    for name, own in live.own.items():
        label = f"{GLYPHS[live.styles[name]['marker']]} {name}"
        show = widgets.Checkbox(True, description=label, indent=False, layout={"width": "9em"})
        found |= {f"show_{name}": show} | own.controls()
    return found


def settings_of(name, own, settings):
    """An optimizer and its numbers in words: "mine, η = 0.1, decay = 0.5"."""
    chosen = own.chosen(settings) if own else {"lr": settings[f"lr_{name}"]}
    return ", ".join([name, *(f"{'η' if key == 'lr' else key} = {number(value)}" for key, value in chosen.items())])


@checked(landscape=OwnLandscape(), optimizers=OwnOptimizers())
class Trajectories(LiveFigure):
    """Descent on the bowl by any of the optimizers: the paths, and the loss per update with its theory.

    landscape: one's own in place of the bowl, or a function of x and y. optimizers: one's own, a dict from names to
    classes. settings: as for every LiveFigure.
    """

    title = "Paths over the contours of a bowl, arrows pointing downhill; beside them the loss after each update."
    size = (9.0, 4.2)
    folded = ("start_x", "start_y")
    presets = {
        "The book's learning rates": FOUR,
        "The same, turned by 45°": FOUR | {"rotation": 45, "start_x": -4.5 * 2**0.5, "start_y": -2.5 * 2**0.5},
    }

    def __init__(self, landscape=None, optimizers=None, **settings):
        self.own, self.own_landscape, self.note = optimizers or {}, None, ""
        self.styles = with_own(self.own)
        if landscape is not None:
            self.own_landscape, self.note = counted_from_zero(landscape)
            self.title = "Paths over the contours of a landscape, beside them the loss after each update."
            self.presets = {"The book's learning rates": FOUR}
            self.given = {"landscape": as_code.of_object(landscape)}
        if self.own:
            self.given = self.given | {"optimizers": as_code.of_objects({n: own.make for n, own in self.own.items()})}
        super().__init__(**settings)

    def make_controls(self):
        controls = {"steps": slider("updates", 30, 0, 60, 1)}
        if self.own_landscape is None:
            controls |= {
                "condition": slider("condition number κ", 20, 1, 100, 1),
                "rotation": slider("rotation in degrees", 0, 0, 90, 1),
                "start_x": slider("start x", -7.0, -10.0, 10.0, 0.1, digits=1),
                "start_y": slider("start y", 2.0, -5.0, 5.0, 0.1, digits=1),
            }
        else:
            places = zip("xy", self.own_landscape.start, self.own_landscape.view, strict=True)
            controls |= {f"start_{axis}": place_slider(f"start {axis}", *place) for axis, *place in places}
        for name, style in STYLES.items():
            glyph = GLYPHS[style["marker"]]
            show = widgets.Checkbox(name == "SGD", description=f"{glyph} {name}", indent=False, layout={"width": "9em"})
            lr = slider("η", BOOK[name], 0.01, 3.0, 0.01)
            lr.style.description_width, lr.layout.width = "2em", "24em"
            lr.tooltip = f"η of {name}"
            lr.observe(lambda change, name=name: self._show_path(name, change), names="value")
            controls |= {f"show_{name}": show, f"lr_{name}": lr}
        return with_more(controls, own_rows(self))

    def control_box(self):
        return optimizer_rows(self)

    def _show_path(self, name, change):
        """Moving the learning rate of a hidden path shows it."""
        moved = abs(change["new"] - change["old"]) > 0.005  # a browser may round a slider's value when it appears
        if moved and not self.paused and not self.controls[f"show_{name}"].value:
            self.set(**{f"show_{name}": True})

    def settings_in_words(self):
        s = self.settings
        if self.own_landscape is None:
            where = f"κ = {s['condition']}, turned by {s['rotation']}°"
        else:
            where = f"loss {self.own_landscape.name}"
        return (
            f"{s['steps']} updates from {point((s['start_x'], s['start_y']))}, {where}, "
            "β = 0.9 of Momentum and Nesterov, ρ = 0.99 of RMSProp"
        )

    def build(self, figure):
        plane, losses = figure.subplots(1, 2, width_ratios=[1.25, 1])
        if self.own_landscape is None:
            landscape, limits, theory = landscapes.bowl(), (), "theory, slope of rate$^{2k}$"
        else:
            landscape, limits, theory = self.own_landscape, loss_limits(self.own_landscape), None
        self.plane = Plane(self, plane, landscape, self.styles)
        self.losses = Losses(self, losses, 60, *limits, styles=self.styles, theory=theory)
        self.drag_axes, self.drag_controls = plane, ("start_x", "start_y")

    def scene(self, condition=None, rotation=None):
        self.landscape = self.own_landscape or landscapes.bowl(condition, rotation)
        self.plane.scene(self.landscape)

    def draw(self, steps, start_x, start_y, condition=None, rotation=None, **settings):
        start = start_x, start_y
        runs, rates = {}, {}
        for name in [name for name in self.styles if settings[f"show_{name}"]]:
            if own := self.own.get(name):
                make = functools.partial(own.new, **own.chosen(settings))
                if run := attempt(lambda: Trajectory.of(make(), self.landscape, start, steps), self.tell, name):  # noqa: B023
                    runs[name] = run
            else:
                lr = settings[f"lr_{name}"]
                runs[name] = Trajectory.of(optimizer(name, lr), self.landscape, start, steps)
                rates[name] = None if condition is None else rate(name, lr, condition)
        rates = {name: r for name, r in rates.items() if r is not None}
        where = self.landscape.name if condition is None else f"κ = {condition}, {rotation}°"
        self.plane.draw(runs, start, f"{textwrap.shorten(where, 24)}: {steps} updates from {point(start)}")
        said = {name: settings_of(name, self.own.get(name), settings) for name in runs}
        if len(runs) == 1:
            (name,) = runs
            title = f"{textwrap.shorten(said[name], 36)}: {runs[name].result.split(' at (')[0]}"
        else:
            title = f"loss after {steps} updates"
        self.losses.draw(runs, title, rates)
        sentences = [
            f"{said[name].replace(', ', ' with ', 1)}: {r.result}"
            + (f" (theory: rate {number(rates[name])} per update)." if name in rates else ".")
            for name, r in runs.items()
        ]
        return "\n".join(filter(None, ["\n".join(sentences) or "No path is chosen.", self.note]))
