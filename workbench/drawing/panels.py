"""Panels that live figures are made of: paths over a landscape, and the loss after each update beside it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from workbench.descent.landscapes import Landscape
from workbench.descent.trajectory import Trajectory, drawable
from workbench.drawing import surfaces
from workbench.drawing.styles import MUTED, START, STYLES


class Live(Protocol):
    """What panels use of the live figure that they are a part of."""

    def moving(self, artists): ...

    def scenery(self, artists): ...

    def moving_line(self, axes: Axes, *marks: str, **style) -> Line2D: ...

    def moving_lines(self, axes: Axes, styles: dict[str, dict], **look) -> dict[str, Line2D]: ...


class Plane:
    """Paths over the contours of a landscape of two parameters, with a start to drag.

    live: the LiveFigure whose `build` makes this; axes: where.
    view: limits of x and y. styles: from the names of the paths to their line styles; default: all optimizers.
    """

    def __init__(self, live: Live, axes: Axes, landscape: Landscape, styles: dict[str, dict] = STYLES):
        self.axes = axes
        axes.set(xlim=landscape.view[0], ylim=landscape.view[1], xlabel="x", ylabel="y")
        self.title = live.moving(axes.set_title("paths"))
        self.rings = live.scenery(surfaces.empty_lines(axes, colors="0.75", linewidths=0.8))
        self.arrows = live.scenery(surfaces.downhill_arrows(axes, landscape))
        (self.minima,) = live.scenery(axes.plot([], [], "+", color=MUTED, markersize=10))
        self.paths = live.moving_lines(axes, styles, linewidth=1.2, markersize=4)
        self.start = live.moving_line(axes, **START)
        self.note = live.moving(axes.text(0.02, 0.97, "", transform=axes.transAxes, va="top", backgroundcolor="white"))

    def scene(self, landscape: Landscape) -> None:
        """Draw another landscape."""
        self.rings.set_segments(surfaces.rings(landscape))
        surfaces.point_downhill(self.arrows, landscape)
        self.minima.set_data(*landscape.minima.T)

    def draw(self, runs: dict[str, Trajectory], start: Sequence[float], title: str) -> None:
        """Draw the paths of a dict of Trajectories; all other paths are hidden."""
        for name, line in self.paths.items():
            line.set_visible(name in runs)
        for name, run in runs.items():
            self.paths[name].set_data(*drawable(run.path, run.diverged).T)
        self.start.set_data([start[0]], [start[1]])
        self.note.set_text("\n".join(f"{name} {run.result}" for name, run in runs.items() if run.diverged is not None))
        self.title.set_text(title)


class Losses:
    """Loss after each update on a logarithmic scale, each curve named at its end, its theory dotted under it.

    live, axes, styles: as for Plane. steps: the longest run. floor, ceiling: the limits of the loss.
    theory: what the dotted lines are, in words; None for a panel without.
    """

    def __init__(
        self,
        live: Live,
        axes: Axes,
        steps: int,
        floor: float = 1e-7,
        ceiling: float = 1e3,
        styles: dict[str, dict] = STYLES,
        theory: str | None = None,
    ):
        self.axes, self.floor = axes, floor
        axes.set(xlim=(0, 1.27 * steps), ylim=(floor, ceiling), yscale="log", xlabel="update k", ylabel="loss f")
        axes.set_xticks(np.linspace(0, steps, 7 if steps % 6 == 0 else 6))
        axes.grid()
        self.title = live.moving(axes.set_title("loss"))
        self.theory, self.curves, self.labels = {}, {}, {}
        for name, style in styles.items():
            self.theory[name] = live.moving_line(axes, ":", color=style["color"], linewidth=1)
            look = {"markersize": 4, "markevery": max(1, steps // 12)} | style
            self.curves[name] = live.moving_line(axes, **look)
            self.labels[name] = live.moving(axes.text(0, 0, name, va="center", fontsize=8))
        if theory:  # not in a legend: the names of the curves go anywhere
            axes.set_xlabel(f"update k (dotted: {theory})")

    def draw(self, runs: dict[str, Trajectory], title: str, rates: dict[str, float] | None = None) -> None:
        """Draw the losses of a dict of Trajectories, and lines of slope rate²ᵏ for those named in `rates`."""
        rates = rates or {}
        for group, names in (self.theory, rates), (self.curves, runs), (self.labels, runs):
            for name, artist in group.items():
                artist.set_visible(name in names)
        for name, run in runs.items():
            k = np.arange(len(run.losses))
            self.curves[name].set_data(k, on_log_axis(run.losses))
            if name in rates:
                self.theory[name].set_data(k, on_log_axis(run.losses[0] * float(rates[name]) ** (2 * k)))
        self._place_labels(runs)
        self.title.set_text(title)

    def _place_labels(self, runs):
        """Names at the ends of the curves, pushed apart where they would overlap."""
        ends = {name: on_log_axis(run.losses[-1]) for name, run in runs.items()}
        beside = 0.02 * self.axes.get_xlim()[1]  # clear of a marker at the end
        for name, at in apart(self.axes, ends).items():
            self.labels[name].set_position((len(runs[name].losses) - 1 + beside, at))


def loss_limits(landscape: Landscape) -> tuple[float, float]:
    """Floor and ceiling for losses on any landscape: eleven powers of ten below the highest loss in view."""
    highest = float(np.clip(landscape.value(surfaces.grid(landscape)).max(), 1e-15, 1e30))
    ceiling = 10.0 ** np.ceil(np.log10(highest))
    return 1e-11 * ceiling, ceiling


LINE = 13  # pixels from one label of 8 points to the next


def apart(axes: Axes, ends: dict[str, float]) -> dict[str, float]:
    """Where labels of curves stand so that none overlap: inside of a logarithmic axis, near the ends of the curves.

    axes: of the curves. ends: a dict from names to the y of where each curve ends. Returns a dict like it.
    """
    low, high = np.log10(axes.get_ylim())
    gap = (high - low) * LINE / axes.bbox.height
    at, found = high + gap / 2, {}
    for k, name in enumerate(sorted(ends, key=ends.get, reverse=True)):
        lowest = low + (len(ends) - k - 0.5) * gap  # leaves room for those below it
        at = min(max(np.log10(ends[name]), lowest), at - gap)
        found[name] = 10.0**at
    return found


def on_log_axis(losses: np.ndarray) -> np.ndarray:
    """Losses that a logarithmic axis can draw: overflow far too high, zero and less far too low."""
    return np.clip(np.nan_to_num(losses, nan=1e30, posinf=1e30), 1e-30, 1e30)
