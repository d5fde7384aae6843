"""A loss surface drawn: contour lines and arrows downhill in the plane, or the surface itself in space."""

import numpy as np
from contourpy import contour_generator
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.quiver import Quiver

from workbench.checks import FINITE, Choice, Finite, checked
from workbench.descent.landscapes import A_LANDSCAPE, Landscape
from workbench.descent.optimizers import OPTIMIZERS
from workbench.drawing.picture import Picture
from workbench.drawing.styles import START, STYLES, look, new_figure
from workbench.words import number, point


def grid(landscape: Landscape, n: int = 101) -> np.ndarray:
    """n × n points that fill the view of a landscape, shape (n, n, 2)."""
    return np.stack(np.meshgrid(*(np.linspace(*limits, n) for limits in landscape.view)), axis=-1)


def contour_levels(landscape: Landscape, n: int = 12) -> np.ndarray:
    """Levels below which (k/(n + 1))² of the view lies: evenly spaced rings on a bowl, none wasted on a steep wall."""
    return np.quantile(landscape.value(grid(landscape)), (np.arange(1, n + 1) / (n + 1)) ** 2)


def empty_lines(axes: Axes, **style) -> LineCollection:
    """A collection for lines that are set later with `set_segments`."""
    return axes.add_collection(LineCollection([], **style), autolim=False)


def rings(landscape: Landscape) -> list[np.ndarray]:
    """Contour lines of a landscape, a list of arrays of shape (k, 2)."""
    points = grid(landscape)
    contours = contour_generator(points[..., 0], points[..., 1], landscape.value(points))
    return [line for level in contour_levels(landscape) for line in contours.lines(level)]


def downhill_arrows(axes: Axes, landscape: Landscape, columns: int = 15, rows: int = 9) -> Quiver:
    """Arrows all over the view of a landscape; `point_downhill` turns them."""
    (left, right), (bottom, top) = landscape.view
    x = np.linspace(left, right, columns + 2)[1:-1]
    y = np.linspace(bottom, top, rows + 2)[1:-1]
    x, y = np.meshgrid(x, y)
    return axes.quiver(x, y, 0 * x, 0 * y, color="0.8", pivot="tail", angles="xy", scale=22, width=0.003)


def point_downhill(arrows: Quiver, landscape: Landscape) -> None:
    """Turn arrows against the gradient; their length grows with its fourth root, so that the flat parts show some."""
    g = landscape.gradient(arrows.get_offsets())
    steepness = np.linalg.norm(g, axis=1, keepdims=True)
    u, v = (-g / np.maximum(steepness, 1e-12) * steepness**0.25).T
    arrows.set_UVC(u, v)


@checked(landscape=A_LANDSCAPE, path=Finite((None, 2)), optimizer=Choice(OPTIMIZERS), azimuth=FINITE)
def surface(landscape: Landscape, path: np.ndarray, optimizer: str = "SGD", azimuth: float = -70) -> Picture:
    """A Picture of a landscape of two parameters as a surface in space, a path drawn on it from a white circle.

    path: points from start to end, shape (k, 2). optimizer: the name of whose style the path is drawn in.
    azimuth: where the viewer stands, in degrees around the vertical axis, counterclockwise from the x-axis.
    Raises ValueError for anything else, and for a path that holds inf or nan.
    """
    with look():
        figure = new_figure((7.0, 4.6))
        axes = figure.add_subplot(projection="3d")
        points = grid(landscape, 61)
        height = landscape.value(points)
        axes.plot_surface(*points.transpose(2, 0, 1), height, cmap="Greys", alpha=0.6, rstride=3, cstride=3)
        losses = landscape.value(path)
        axes.plot(*path.T, losses, **STYLES[optimizer], markersize=3, zorder=10)
        axes.plot(*path[:1].T, losses[:1], **START, zorder=11)
        axes.set(xlabel="x", ylabel="y", zlabel="loss f", xticks=np.linspace(*landscape.view[0], 5))
        axes.set_title(f"{landscape.name}, {optimizer} from {point(path[0])}")
        axes.view_init(elev=40, azim=azimuth)
        return Picture(
            figure,
            f"{landscape.name} as a surface over x and y, from {number(height.min())} to {number(height.max())}. "
            f"On it a path of {len(path) - 1} updates of {optimizer} from {point(path[0])} "
            f"(f = {number(losses[0])}) "
            f"to {point(path[-1])} (f = {number(losses[-1])}).",
        )
