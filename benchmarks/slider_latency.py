"""What a slider step costs in a real JupyterLab: python benchmarks/slider_latency.py.

Measured on one page with one kernel: the first live figure of each lesson, more histograms, and `interact`.

A step is one arrow key. Its time is taken inside the page, from the key to the animation frame that shows the new text
or the new picture, once loaded. In turns with each figure an empty slider beside it is moved, whose value the kernel
writes into a label: the least that any slider can take. The slider goes from its start to one end and back, so that
most values are new; "again" are values that were shown before, which some figures keep.
Then the mouse drags at up to 60 moves per second: how many pictures arrived per second.

Read the ratios, not the milliseconds: they hold on slow and on fast machines. Nothing else should run meanwhile.
"""

import math
import sys
from typing import NamedTuple

import steps
import table
from table import Measured, Row


class Figure(NamedTuple):
    """A live figure: its lesson, its module in workbench.explorers, its class, the slider to move, its goal."""

    lesson: str
    module: str
    name: str
    control: str
    goal: str = ""


FIGURES = (
    Figure("01", "gradient_descent", "Slope", "x"),
    Figure("02", "trajectories", "Trajectories", "lr_SGD", "ratio at most 1.8"),
    Figure("03", "stochastic", "BatchSizes", "lr"),
    Figure("04", "momentum", "MovingAverage", "beta"),
    Figure("05", "adagrad", "StepSizes", "lr"),
    Figure("06", "rmsprop", "Memory", "rho"),
    Figure("07", "adam", "ThreeSteps", "lr"),
    Figure("08", "choosing", "Race", "lr_SGD", "ratio at most 2.5"),
    Figure("09", "initialization", "Layers", "sigma", "ratio at most 2.5"),
    Figure("10", "mnist", "Training", "lr"),
    Figure("11", "normalization", "Inputs", "share"),
    Figure("12", "generalization", "Overfitting", "decay"),
    Figure("13", "lenet", "FeatureMaps", "angle"),
    Figure("11", "normalization", "NormalizedLayers", "sigma", "ratio at most 2.5"),
)
AGAIN = [figure for figure in FIGURES if figure.name in ("Layers", "NormalizedLayers")]  # these keep histograms
PICTURE = ".live-picture"

ROWS = (
    *(Row(f"slider step, lesson {f.lesson}: {f.name}", "ms", "empty slider", f.goal) for f in FIGURES),
    *(Row(f"slider step, lesson {f.lesson}: {f.name}, again", "ms", "empty slider", f.goal) for f in AGAIN),
    Row("slider step, interact with pyplot", "ms", "Trajectories of lesson 02", "ratio at least 4"),
    Row(
        "pictures while dragging a slider, lesson 02: Trajectories", "per s", "moves of the mouse", "figure at least 20"
    ),
    Row(
        "pictures while dragging the start, lesson 02: Trajectories",
        "per s",
        "moves of the mouse",
        "figure at least 20",
    ),
    Row("pictures while dragging a slider, interact with pyplot", "per s", "moves of the mouse"),
)

# The figure of lesson 02 as a learner would write it with ipywidgets and pyplot alone.
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
from workbench.explorers.{figure.module} import {figure.name}

shown = {figure.name}()
measured("{figure.name}", shown, shown.controls["{figure.control}"])
"""


def measure(quick=False):
    """Measure all ROWS in their order."""
    count, seconds = (4, 1) if quick else (30, 3)
    with steps.page([*map(cell, FIGURES), INTERACT]) as (_, notebook):
        found = [Measured(*steps.times(notebook, f.name, PICTURE, count)) for f in (*FIGURES, *AGAIN)]
        interact, _ = steps.times(notebook, "interact", ".widget-output", count)
        found.append(Measured(interact, found[1].figure))
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
    return (x, y), lambda seconds: (x + 50 * math.sin(2 * seconds), y)


def circle(page, name):
    """Points for dragging the start around on the left panel of the picture."""
    box = page.locator(f".bench-{name} {PICTURE}").bounding_box()
    x, y, radius = box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"], 0.15 * box["width"]
    return (x + radius, y), lambda seconds: (x + radius * math.cos(2 * seconds), y + radius * math.sin(2 * seconds))


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
