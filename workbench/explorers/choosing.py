"""Live figures of lesson 08: a race of all optimizers on a choice of landscapes, and a sweep over learning rates."""

import functools
from dataclasses import replace

import ipywidgets as widgets
import numpy as np

from workbench import figures, landscapes
from workbench.explorers.trajectories import BOOK, GLYPHS
from workbench.figures import MUTED, OPTIMIZERS, STYLES, number, point
from workbench.live import ROW, LiveFigure, choice, log_slider, slider
from workbench.panels import Losses, Plane, Run, run
from workbench.sweep import LRS, sweep, updates_to

STEPS = 200  # the longest race; all runs are this long, a shorter race shows their beginning
SADDLE = landscapes.saddle()
LANDSCAPES = {
    "bowl": landscapes.bowl(),
    "rotated bowl": replace(landscapes.bowl(rotation=45), start=(-6.36, -3.54)),  # (−7, 2), turned with the bowl
    # 4 more than x² − y², which changes no gradient: the loss is 0 where the picture ends, as at all other minima.
    "saddle": replace(SADDLE, value=lambda p: SADDLE.value(p) + 4, start=(1.0, 0.01)),
    "Rosenbrock": landscapes.rosenbrock(),
    "Beale": landscapes.beale(),
    "Himmelblau": landscapes.himmelblau(),
    "plateau": landscapes.plateau(),
}


@functools.lru_cache(maxsize=64)
def long_run(name, lr, landscape, start):
    """A Run of STEPS updates; kept, since a slider changes one run of seven."""
    return run(OPTIMIZERS[name](lr=lr), LANDSCAPES[landscape], start, STEPS)


@functools.lru_cache(maxsize=64)
def swept(name, landscape, start):
    """A Sweep of STEPS updates over the learning rates of the sliders; kept."""
    return sweep(OPTIMIZERS[name](), LANDSCAPES[landscape], start, STEPS)


class Race(LiveFigure):
    """All optimizers from one start on one of seven landscapes: paths, losses, and who is within the tolerance first."""

    title = "A race of optimizers from one start: paths over a landscape, beside them the loss after each update."
    size = (9.0, 4.6)

    def make_controls(self):
        first, (x, y) = "bowl", LANDSCAPES["bowl"].start
        controls = {
            "landscape": choice("landscape", list(LANDSCAPES), first),
            "steps": slider("updates", 100, 0, STEPS, 1),
            "start_x": slider("start x", x, -10.0, 10.0, 0.01),
            "start_y": slider("start y", y, -5.0, 5.0, 0.01),
            "tolerance": log_slider("tolerance of the loss", 0.01, 1e-6, 1, per_decade=5),
        }
        controls["landscape"].observe(self._move_start, names="value")
        for name, style in STYLES.items():
            label = f"{GLYPHS[style['marker']]} {name}"
            show = widgets.Checkbox(True, description=label, indent=False, layout={"width": "9em"})
            lr = log_slider("η", BOOK[name], LRS[0], LRS[-1], per_decade=10)
            lr.style, lr.layout = {"description_width": "2em"}, {"width": "24em"}
            lr.observe(functools.partial(self._show_path, show), names="value")
            controls |= {f"show_{name}": show, f"lr_{name}": lr}
        return controls

    def control_box(self):
        general = [control for name, control in self.controls.items() if not name.startswith(("show_", "lr_"))]
        pairs = [[self.controls[f"show_{name}"], self.controls[f"lr_{name}"]] for name in STYLES]
        rows = [widgets.HBox(pair, layout={"width": "33em"}) for pair in pairs]
        return widgets.Box([*general, *rows, *self.buttons()], layout=ROW)

    def buttons(self):
        """Reset, and two that keep landscape and start and set all learning rates."""
        buttons = super().buttons()
        for name, lrs in ("The book's learning rates", lambda: BOOK), ("Each method's own best here", self.own_best):
            buttons.append(widgets.Button(description=name, layout={"width": "auto"}))
            buttons[-1].on_click(lambda button, lrs=lrs: self.race_with(lrs()))
        return buttons

    def race_with(self, lrs):
        """Show all optimizers, each with its learning rate of a dict."""
        self.set(**{f"show_{name}": True for name in lrs}, **{f"lr_{name}": lr for name, lr in lrs.items()})

    def own_best(self):
        """The best learning rate of each optimizer for the present landscape, start, updates and tolerance: a dict."""
        s = self.settings
        best = {}
        for name in OPTIMIZERS:
            found = swept(name, s["landscape"], (s["start_x"], s["start_y"]))
            found = replace(found, losses=found.losses[:, : s["steps"] + 1])
            best[name] = float(found.lrs[found.best(s["tolerance"])])
        return best

    def _move_start(self, change):
        """Another landscape has other limits, and a start of its own."""
        landscape, paused, self.paused = LANDSCAPES[change["new"]], self.paused, True
        try:
            for name, (low, high), value in zip(("start_x", "start_y"), landscape.view, landscape.start, strict=True):
                with self.controls[name].hold_trait_notifications():
                    self.controls[name].min, self.controls[name].max, self.controls[name].value = low, high, value
        finally:
            self.paused = paused

    def _show_path(self, show, change):
        """Moving the learning rate of a hidden path shows it."""
        if not self.paused:
            show.value = True

    def build(self, figure):
        plane, losses = figure.subplots(1, 2, width_ratios=[1.25, 1])
        self.plane = Plane(self, plane, LANDSCAPES["bowl"])
        self.losses = Losses(self, losses, STEPS, floor=1e-7, ceiling=1e4)
        (self.goal,) = self.moving(losses.plot([0, 1], [0, 0], "--", color=MUTED, transform=losses.get_yaxis_transform()))
        self.drag_axes, self.drag_controls = plane, ("start_x", "start_y")

    def scene(self, landscape):
        self.landscape = LANDSCAPES[landscape]
        self.plane.scene(self.landscape)
        self.plane.axes.set(xlim=self.landscape.view[0], ylim=self.landscape.view[1])
        self.refresh()

    def draw(self, landscape, steps, start_x, start_y, tolerance, **settings):
        start = start_x, start_y
        lrs = {name: settings[f"lr_{name}"] for name in STYLES if settings[f"show_{name}"]}
        runs = {name: self._cut(long_run(name, lr, landscape, start), steps) for name, lr in lrs.items()}
        needed = {name: updates_to(r.losses, tolerance) for name, r in runs.items()}
        self.plane.draw(runs, start, f"{landscape}: {steps} updates from {point(start)}")
        self.goal.set_ydata([tolerance, tolerance])
        arrived = sum(np.isfinite(n) for n in needed.values())
        self.losses.draw(runs, f"{arrived} of {len(runs)} within {number(tolerance)}")
        order = sorted(runs, key=lambda name: (needed[name], np.nan_to_num(runs[name].losses[-1], nan=np.inf)))
        rows = [
            f"{place}. {name}, η = {number(lrs[name])}: {self._result(runs[name])}, {_arrival(needed[name])}."
            for place, name in enumerate(order, start=1)
        ]
        return "\n".join(rows) or "No path is chosen."

    def _cut(self, run, steps):
        """The beginning of a run; its path ends with its first stroke out of the picture if it stays outside."""
        path, losses, view = run.path[: steps + 1], run.losses[: steps + 1], self.landscape.view
        seen = np.flatnonzero(figures.inside(path, view))
        return Run(path[: seen[-1] + 2], losses, figures.diverged_at(path, losses, view))

    def _result(self, run):
        if run.diverged is None and not figures.inside(run.path[-1:], self.landscape.view)[0]:
            return f"left the picture at step {len(run.path) - 1}"
        return run.result


def _arrival(needed):
    if needed == np.inf:
        return "not within the tolerance"
    return f"within the tolerance after {number(needed)} updates"
