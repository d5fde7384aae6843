"""What a slider step costs in a real JupyterLab: python benchmarks/slider_latency.py.

Measured on one page with one kernel: the live figure of each lesson in README.md, more histograms, and `interact`.

A step is one arrow key, pressed at random moments between two frames of the screen. Its time is taken inside the page,
from the key until the new text or the new picture is drawn, and until the animation frame that shows it. In turns with
each figure an empty slider beside it is moved, whose value the kernel writes into a label: the least that any slider
can take. The slider goes from its start to one end and back, so that most values are new; "again" are values that were
shown before, which some figures keep. Between two steps there is a pause, as between two keys that a person presses.
Then the mouse drags at up to 60 moves per second, so fast that nearly each of them is another value of the slider: how
many pictures arrived per second. While it drags nothing can be made ahead.

Read the ratios, not the milliseconds: they hold on slow and on fast machines. Nothing else should run meanwhile.
"""

import math
import sys
from pathlib import Path
from typing import NamedTuple

import steps
import table
from table import Measured, Row

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.course import course


class Figure(NamedTuple):
    """A live figure: its lesson, its class, the control to move; without one, the first slider."""

    lesson: str
    name: str
    control: str | None


FIGURES = (
    *(Figure(lesson.name, lesson.header["figure"], lesson.header.get("slider")) for lesson in course()),
    Figure("normalization", "NormalizedLayers", "sigma"),
)
UNFORESEEN = [figure for figure in FIGURES if figure.name in ("Trajectories", "Race", "Layers", "BatchSizes")]
AGAIN = [figure for figure in FIGURES if figure.name in ("Layers", "NormalizedLayers")]  # these keep histograms
GOAL = "ratio at most 1.4"
DRAWN = {"Trajectories": 12, "Race": 16, "Layers": 16}  # ms
PICTURE = ".live-picture"


def step(figure, again="", goal=GOAL):
    """The rows of a live figure: until the frame of the screen, until it is drawn."""
    of = f"{figure.lesson}: {figure.name}{again}"
    drawn = f"figure at most {DRAWN[figure.name]}" if figure.name in DRAWN and goal else ""
    return (
        Row(f"slider step, {of}", "ms", "empty slider", goal),
        Row(f"slider step until drawn, {of}", "ms", "empty slider", drawn),
    )


ROWS = (
    *(row for figure in FIGURES for row in step(figure)),
    *(row for figure in UNFORESEEN for row in step(figure, ", unforeseen", "")),
    *(row for figure in AGAIN for row in step(figure, ", again")),
    Row("slider step, interact with pyplot", "ms", "Trajectories", "ratio at least 4"),
    Row("pictures while dragging a slider, Trajectories", "per s", "moves of the mouse", "figure at least 40"),
    Row("pictures while dragging the start, Trajectories", "per s", "moves of the mouse", "figure at least 40"),
    Row("pictures while dragging a slider, interact with pyplot", "per s", "moves of the mouse"),
)

# Trajectories as a learner would write it with ipywidgets and pyplot alone.
INTERACT = """
import matplotlib.pyplot as plt

import helpers
from workbench.descent import landscapes
from workbench.drawing import surfaces

bowl = landscapes.bowl()
points = surfaces.grid(bowl)
values = bowl.value(points)
sparse = points[::10, ::10]
slopes = bowl.gradient(sparse)


def two_panels(lr):
    path = helpers.trajectory(helpers.SGD(lr), bowl.gradient, (-7, 2), 30)
    figure, (plane, loss) = plt.subplots(1, 2, figsize=(9.0, 4.2), layout="constrained")
    plane.contour(points[..., 0], points[..., 1], values, 12)
    plane.quiver(sparse[..., 0], sparse[..., 1], -slopes[..., 0], -slopes[..., 1], color="0.6")
    plane.plot(*path.T, "-o")
    plane.set(xlim=bowl.view[0], ylim=bowl.view[1], xlabel="x", ylabel="y", title=f"η = {lr:.2f}")
    loss.semilogy(bowl.value(path), "-o")
    loss.set(xlim=(0, 60), ylim=(1e-7, 1e3), xlabel="update k", ylabel="loss f")
    loss.grid()
    plt.show()


again = ipywidgets.interactive(two_panels, lr=slider())
measured("interact", again, again.children[0])
"""


def cell(figure):
    """The source of the cell that shows a live figure."""
    return f"""
from lessons.{figure.lesson}.figures import {figure.name}

shown = {figure.name}()
sliders = (name for name, control in shown.controls.items() if "Slider" in type(control).__name__)
measured("{figure.name}", shown, shown.controls[{figure.control!r} or next(sliders)])
"""


def measure(quick=False):
    """Measure all ROWS in their order."""
    count, seconds = (4, 1) if quick else (30, 3)
    with steps.page([*map(cell, FIGURES), INTERACT]) as (_, notebook):
        taken = [steps.times(notebook, f.name, PICTURE, count) for f in FIGURES]
        taken += [steps.times(notebook, f.name, PICTURE, count, unlike=True) for f in UNFORESEEN]
        taken += [steps.times(notebook, f.name, PICTURE, count) for f in AGAIN]
        found = [Measured(*pair) for of, empty in taken for pair in ((of.frame, empty.frame), (of.drawn, empty.drawn))]
        interact, _ = steps.times(notebook, "interact", ".widget-output", count)
        trajectories, _ = taken[[figure.name for figure in FIGURES].index("Trajectories")]
        found.append(Measured(interact.frame, trajectories.frame))
        for name, content, points in (
            ("Trajectories", PICTURE, track),
            ("Trajectories", PICTURE, circle),
            ("interact", ".widget-output", track),
        ):
            steps.show(notebook, name)
            there = points(notebook.page, name)
            found.append(Measured(*steps.drag(notebook, f".bench-{name} {content}", *there, seconds)))
    return found


def track(page, name):
    """Points for dragging a slider's handle to and fro: where it is, and a function of the seconds since."""
    box = page.locator(steps.handle(name)).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return (x, y), lambda seconds: (x + 55 * math.sin(5 * seconds), y)


def circle(page, name):
    """Points for dragging the start around on the left panel of the picture."""
    box = page.locator(f".bench-{name} {PICTURE}").bounding_box()
    x, y, radius = box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"], 0.15 * box["width"]
    return (x + radius, y), lambda seconds: (x + radius * math.cos(2 * seconds), y + radius * math.sin(2 * seconds))


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
