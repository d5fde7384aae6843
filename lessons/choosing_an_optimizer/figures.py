"""Live figures: a race of all optimizers on a choice of landscapes, and a sweep over learning rates."""

import functools

import ipywidgets as widgets
import numpy as np

from lessons.choosing_an_optimizer.experiments import (
    LANDSCAPES,
    STEPS,
    long_run_of,
    swept_on,
    swept_one_by_one,
)
from lessons.trajectories.figures import BOOK, GLYPHS, optimizer_rows, own_rows, settings_of
from workbench.checks import checked
from workbench.descent.optimizers import OPTIMIZERS
from workbench.descent.sweep import LRS, updates_to
from workbench.descent.trajectory import Trajectory, diverged_at, inside
from workbench.drawing.panels import Losses, Plane, loss_limits, on_log_axis
from workbench.drawing.styles import MUTED, STYLES, with_own
from workbench.live import as_code
from workbench.live.controls import choice, log_slider, place_step, slider, with_more
from workbench.live.figure import LiveFigure
from workbench.live.own_landscapes import OwnLandscapes, counted_from_zero
from workbench.live.own_optimizers import OwnOptimizers, attempt
from workbench.words import number, point

LOSSES = 1e-7, 1e4  # the limits of losses on the course's landscapes


def legend(figure, lines):
    """Name the lines of all optimizers under the panels; lines: a dict from names to lines."""
    columns = len(lines) if len(lines) <= 8 else (len(lines) + 1) // 2
    figure.legend(handles=list(lines.values()), labels=list(lines), loc="outside lower center", ncols=columns)


class WithOwn:
    """What a LiveFigure of optimizers on a choice of landscapes needs so that a learner may add both.

    landscapes: one's own, a dict from names to landscapes or functions of x and y; their losses are counted from the
    lowest one in view. optimizers: one's own, a dict from names to classes. settings: as for every LiveFigure.
    """

    def __init__(self, landscapes=None, optimizers=None, **settings):
        self.own, given = optimizers or {}, landscapes or {}
        self.styles = with_own(self.own)
        counted = {name: counted_from_zero(landscape) for name, landscape in given.items()}
        self.landscapes = LANDSCAPES | {name: landscape for name, (landscape, _) in counted.items()}
        self.notes = {name: note for name, (_, note) in counted.items()}
        objects = {"landscapes": given, "optimizers": {name: own.make for name, own in self.own.items()}}
        self.given = {name: as_code.of_objects(things) for name, things in objects.items() if things}
        super().__init__(**settings)

    def sweep(self, name, landscape, start, settings):
        """The Sweep of an optimizer over all learning rates; None, and told, where one's own raises or has no `lr`."""
        if name not in self.own:
            return swept_on(name, self.landscapes[landscape], start)
        own = self.own[name]
        if "lr" not in own.numbers:
            self.tell(f"{name} has no learning rate lr.")
            return None
        arguments = own.chosen(settings) | {"lr": own.numbers["lr"]}
        run = functools.partial(swept_one_by_one, own.make, tuple(arguments.items()), self.landscapes[landscape], start)
        try:
            return run()
        except Exception as error:  # whatever a learner's code raises, the figure goes on
            self.tell(f"{name} has raised {type(error).__name__}: {error}.")
            return None


@checked(landscapes=OwnLandscapes(LANDSCAPES), optimizers=OwnOptimizers())
class Race(WithOwn, LiveFigure):
    """All optimizers from one start on one of seven landscapes: paths, losses, who is within the tolerance first.

    landscapes, optimizers, settings: as for WithOwn.
    """

    title = "A race of optimizers from one start: paths over a landscape, beside them the loss after each update."
    size = (9.0, 4.6)
    folded = ("start_x", "start_y")

    def make_controls(self):
        first, (x, y) = "bowl", LANDSCAPES["bowl"].start
        controls = {
            "landscape": choice("landscape", list(self.landscapes), first),
            "steps": slider("updates", STEPS, 0, STEPS, 1),
            "start_x": slider("start x", x, -10.0, 10.0, 0.01),
            "start_y": slider("start y", y, -5.0, 5.0, 0.01),
            "tolerance": log_slider("tolerance of the loss", 0.01, 1e-6, 1, per_decade=5),
        }
        controls["landscape"].observe(self._move_start, names="value")
        for name, style in STYLES.items():
            label = f"{GLYPHS[style['marker']]} {name}"
            show = widgets.Checkbox(True, description=label, indent=False, layout={"width": "9em"})
            lr = log_slider("η", BOOK[name], LRS[0], LRS[-1], per_decade=10)
            lr.style.description_width, lr.layout.width = "2em", "24em"
            lr.tooltip = f"η of {name}"
            lr.observe(functools.partial(self._show_path, show), names="value")
            controls |= {f"show_{name}": show, f"lr_{name}": lr}
        return with_more(controls, own_rows(self))

    def settings_in_words(self):
        s = self.settings
        return (
            f"{s['landscape']}, {s['steps']} updates from {point((s['start_x'], s['start_y']))}, "
            f"tolerance {number(s['tolerance'])}, all but η at its default"
        )

    def control_box(self):
        return optimizer_rows(self)

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
        for name in self.styles:
            if found := self.sweep(name, s["landscape"], (s["start_x"], s["start_y"]), s):
                found = found.cut(s["steps"])
                best[name] = float(found.lrs[found.best(s["tolerance"])])
        return best

    def _move_start(self, change):
        """Another landscape has other limits, and a start of its own."""
        landscape, paused, self.paused = self.landscapes[change["new"]], self.paused, True
        try:
            for name, (low, high), value in zip(("start_x", "start_y"), landscape.view, landscape.start, strict=True):
                control = self.controls[name]
                with control.hold_sync():
                    # Limits one after the other, so that they never cross.
                    control.min, control.max = min(low, control.min), max(high, control.max)
                    control.min, control.max, control.value = low, high, value
                    control.step, control.readout_format = place_step(low, high)
                    # All at once, limits first: a browser pushes a value that is outside of them to the edge.
                    control.send_state(["min", "max", "step", "readout_format", "value"])
        finally:
            self.paused = paused

    def _show_path(self, show, change):
        """Moving the learning rate of a hidden path shows it."""
        if not self.paused:
            show.value = True

    def build(self, figure):
        plane, losses = figure.subplots(1, 2, width_ratios=[1.25, 1])
        self.plane = Plane(self, plane, LANDSCAPES["bowl"], self.styles)
        plane.locator_params(nbins=5, integer=True)  # labels of one width: the axes stay where the first frame has them
        if self.notes:  # places may have longer names there
            plane.yaxis.set_label_coords(-0.14, 0.5)
        self.losses = Losses(self, losses, STEPS, *LOSSES, styles=self.styles)
        losses.set_xlim(0, STEPS)
        legend(figure, self.losses.curves)
        (self.goal,) = self.moving(
            losses.plot([0, 1], [0, 0], "--", color=MUTED, transform=losses.get_yaxis_transform())
        )
        self.drag_axes, self.drag_controls = plane, ("start_x", "start_y")

    def scene(self, landscape):
        self.landscape = self.landscapes[landscape]
        axes, arrows = self.plane.axes, self.plane.arrows
        shares = axes.transLimits.transform(arrows.get_offsets())
        axes.set(xlim=self.landscape.view[0], ylim=self.landscape.view[1])
        arrows.XY = axes.transLimits.inverted().transform(shares)
        arrows.set_offsets(arrows.XY)
        self.plane.scene(self.landscape)
        longest = np.hypot(arrows.U, arrows.V).max()
        shorter = 1.7 / longest if longest else 0.0  # the longest are as long on every landscape
        arrows.set_UVC(shorter * arrows.U, shorter * arrows.V)
        if self.notes:
            limits = loss_limits(self.landscape) if landscape in self.notes else LOSSES
            self.losses.axes.set_ylim(*limits)
            axes.xaxis.get_major_locator().set_params(integer=landscape not in self.notes)
            axes.yaxis.get_major_locator().set_params(integer=landscape not in self.notes)
        self.refresh()

    def draw(self, landscape, steps, start_x, start_y, tolerance, **settings):
        start, runs = (start_x, start_y), {}
        for name in [name for name in self.styles if settings[f"show_{name}"]]:
            if run := self._run(name, start, settings):
                runs[name] = self._cut(run, steps)
        needed = {name: updates_to(r.losses, tolerance) for name, r in runs.items()}
        self.plane.draw(runs, start, f"{landscape}: {steps} updates from {point(start)}")
        for name, r in runs.items():
            self.plane.paths[name].set_markevery(max(1, len(r.path) // 20))
        self.goal.set_ydata([tolerance, tolerance])
        arrived = sum(np.isfinite(n) for n in needed.values())
        self.losses.draw(runs, f"{arrived} of {len(runs)} within {number(tolerance)} (dashed)")
        for label in self.losses.labels.values():
            label.set_visible(False)  # seven would not find room at the ends of their curves
        order = sorted(runs, key=lambda name: (needed[name], np.nan_to_num(runs[name].losses[-1], nan=np.inf)))
        rows = [
            f"{place}. {settings_of(name, self.own.get(name), settings)}: {self._result(runs[name])}, "
            f"{_arrival(needed[name])}."
            for place, name in enumerate(order, start=1)
        ]
        return "\n".join(filter(None, ["\n".join(rows) or "No path is chosen.", self.notes.get(landscape)]))

    def _run(self, name, start, settings):
        """The Trajectory of an optimizer in STEPS updates; None, and told, where one's own raises."""
        if own := self.own.get(name):
            arguments = tuple(own.chosen(settings).items())
            run = functools.partial(long_run_of, own.make, arguments, self.landscape, start)
            return attempt(run, self.tell, name)
        return long_run_of(OPTIMIZERS[name], (("lr", settings[f"lr_{name}"]),), self.landscape, start)

    def _cut(self, run, steps):
        """The beginning of a run; its path ends with its first stroke out of the picture if it stays outside."""
        path, losses, view = run.path[: steps + 1], run.losses[: steps + 1], self.landscape.view
        seen = np.flatnonzero(inside(path, view))
        return Trajectory(path[: seen[-1] + 2], losses, diverged_at(path, losses, view))

    def _result(self, run):
        if run.diverged is not None:
            return run.result
        if not inside(run.path[-1:], self.landscape.view)[0]:
            return f"left the picture at step {len(run.path) - 1}"
        return f"loss {number(run.losses[-1])} at {point(run.path[-1].round(3) + 0.0)}"


def _arrival(needed):
    return "not within the tolerance" if needed == np.inf else f"within the tolerance from update {number(needed)} on"


@checked(landscapes=OwnLandscapes(LANDSCAPES), optimizers=OwnOptimizers())
class LearningRates(WithOwn, LiveFigure):
    """All learning rates of all optimizers on one landscape: how many updates each needs, and where it ends.

    landscapes, optimizers, settings: as for WithOwn.
    """

    title = "What each learning rate leads to, for all optimizers: updates to the tolerance, and the loss at the end."
    size = (9.0, 4.2)

    def make_controls(self):
        controls = {
            "landscape": choice("landscape", list(self.landscapes), "bowl"),
            "steps": slider("updates", STEPS, 1, STEPS, 1),
            "tolerance": log_slider("tolerance of the loss", 0.01, 1e-6, 1, per_decade=5),
        }
        for own in self.own.values():
            controls = with_more(controls, own.wide_controls(without=["lr"]))
        return controls

    def settings_in_words(self):
        s = self.settings
        others = [f", {c.description} = {number(c.value)}" for c in list(self.controls.values())[3:]]
        return (
            f"{s['landscape']}, {s['steps']} updates from {point(self.landscapes[s['landscape']].start)}, "
            f"tolerance {number(s['tolerance'])}, {len(LRS)} learning rates from {number(LRS[0])} to {number(LRS[-1])}"
        ) + "".join(others)

    def build(self, figure):
        left, right = figure.subplots(1, 2)
        for axes in left, right:
            axes.set(xscale="log", xlim=(LRS[0] / 1.2, LRS[-1] * 1.2), xlabel="learning rate η")
            axes.grid()
        left.set(ylim=(0, 1.02 * STEPS), ylabel="updates to the tolerance")
        right.set(ylim=LOSSES, yscale="log", ylabel="loss at the end")
        self.left_title = self.moving(left.set_title("updates"))
        self.right_title = self.moving(right.set_title("loss"))
        (self.goal,) = self.moving(right.plot([0, 1], [0, 0], "--", color=MUTED, transform=right.get_yaxis_transform()))
        small = {"linewidth": 1.2, "markersize": 3}
        self.right = right
        self.needed = self.moving_lines(left, self.styles, **small)
        self.ends = self.moving_lines(right, self.styles, **small)
        self.best = {
            name: self.moving(
                left.plot([], [], **look | {"linestyle": "", "markersize": 9, "markeredgecolor": "black"})
            )[0]
            for name, look in self.styles.items()
        }
        legend(figure, self.best)

    def scene(self, landscape):
        if self.notes:
            limits = loss_limits(self.landscapes[landscape]) if landscape in self.notes else LOSSES
            self.right.set_ylim(*limits)
            self.refresh()

    def draw(self, landscape, steps, tolerance, **others):
        rows = []
        for name in self.styles:
            found = self.sweep(name, landscape, self.landscapes[landscape].start, others)
            for group in self.needed, self.ends, self.best:
                group[name].set_visible(found is not None)
            if found is None:
                continue
            found = found.cut(steps)
            needed, end, best = found.updates(tolerance), found.losses[:, -1], found.best(tolerance)
            arrived = np.isfinite(needed)
            self.needed[name].set_data(found.lrs, np.where(arrived, needed, np.nan))
            self.ends[name].set_data(found.lrs, on_log_axis(end))
            self.best[name].set_data(found.lrs[best : best + 1], needed[best : best + 1])
            self.best[name].set_visible(bool(arrived[best]))
            rows.append(f"{name}: " + _found(found, tolerance) + ".")
        self.goal.set_ydata([tolerance, tolerance])
        self.left_title.set_text(f"{landscape}: updates to a loss of {number(tolerance)}, best marked")
        self.right_title.set_text(f"loss after {steps} updates")
        return "\n".join(filter(None, [*rows, self.notes.get(landscape)]))


def _found(found, tolerance):
    """What a sweep found, in words."""
    best, needed = found.best(tolerance), found.updates(tolerance)
    within = found.lrs[np.isfinite(needed)]
    if not len(within):
        return (
            f"no η is within the tolerance; lowest loss {number(found.losses[best, -1])}, η = {number(found.lrs[best])}"
        )
    return (
        f"best η = {number(found.lrs[best])}, {_arrival(needed[best])}; "
        f"so are {len(within)} of {len(found.lrs)} η, between {number(within[0])} and {number(within[-1])}"
    )
