"""Drawing that the lessons share: the look, one style per optimizer, landscapes, paths, pictures with words."""

import base64
import html
import struct
import threading
import zlib
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from contourpy import contour_generator
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

import helpers
from workbench import checks
from workbench.descent.landscapes import Landscape
from workbench.drawing.glyphs import TextCanvas

LOOK = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.unicode_minus": True,
    "font.size": 9,
    "grid.color": "0.9",
    "legend.fontsize": 8,
    "lines.linewidth": 1.5,
    "lines.markersize": 5,
    "mathtext.default": "regular",
}

# Color (Okabe and Ito's palette, told apart by color-blind people), marker and dash pattern of each optimizer.
STYLES = {
    "SGD": {"color": "#000000", "marker": "o", "linestyle": "-"},
    "Momentum": {"color": "#E69F00", "marker": "s", "linestyle": (0, (6, 1))},
    "Nesterov": {"color": "#56B4E9", "marker": "D", "linestyle": (0, (4, 1, 1, 1))},
    "AdaGrad": {"color": "#009E73", "marker": "^", "linestyle": (0, (3, 1))},
    "RMSProp": {"color": "#CC79A7", "marker": "v", "linestyle": (0, (1, 1))},
    "Adam": {"color": "#D55E00", "marker": "X", "linestyle": (0, (8, 1, 1, 1))},
    "AdamW": {"color": "#0072B2", "marker": "*", "linestyle": (0, (2, 2))},
}
OPTIMIZERS = {name: getattr(helpers, name) for name in STYLES}

MUTED = "0.45"  # gray of everything that is not the subject of a figure


# JupyterLab's callbacks and cells run on two threads; Matplotlib, whose settings are the whole process's, needs one.
DRAWING = threading.RLock()


@contextmanager
def look():
    """A context in which Matplotlib draws the course's way, whatever the user's own settings are."""
    with DRAWING, mpl.rc_context({k: v for k, v in mpl.rcParamsDefault.items() if k != "backend"} | LOOK):
        yield


def new_figure(size=(9.0, 4.0), dpi=100):
    """A figure of `size` inches on an Agg canvas with fast text, without pyplot: nothing stays open behind it."""
    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    TextCanvas(figure)
    return figure


def png(figure):
    """The figure's canvas as it is now, as PNG bytes (W3C PNG specification, third edition, 2025).

    The canvas's own bytes, unfiltered, at compression level 1: less than half the time of Pillow, which tries all
    filters on each row, and line drawings become no larger. Encoding is the larger part of a live figure's work.
    """
    pixels = np.asarray(figure.canvas.buffer_rgba())
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 4 * width), np.uint8)  # each row starts with the number of its filter, 0 for none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits each of red, green, blue and alpha
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def mimebundle(png, words):
    """Data and metadata of a picture for Jupyter: PNG for eyes, words for screen readers and for comparison."""
    data = {"image/png": base64.b64encode(png).decode(), "text/plain": words}
    return data, {"image/png": {"alt": words}}


class Picture:
    """A finished figure and the same in words; the last line of a cell shows it."""

    def __init__(self, figure, words):
        with look():
            figure.canvas.draw()
        self.png, self.words = png(figure), words

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = mimebundle(self.png, self.words)
        # JupyterLab shows this before the PNG, and leaves out the alt text that the PNG's metadata holds.
        image = f'<img alt="{html.escape(self.words)}" src="data:image/png;base64,{data["image/png"]}">'
        return data | {"text/html": image}, metadata


def number(value):
    """Four significant digits, for people."""
    return f"{value:.4g}".replace("-", "−")


def point(p):
    """Coordinates for people: (−7, 2)."""
    return f"({', '.join(number(c) for c in p)})"


def grid(landscape, n=101):
    """n × n points that fill the view of a landscape, shape (n, n, 2)."""
    return np.stack(np.meshgrid(*(np.linspace(*limits, n) for limits in landscape.view)), axis=-1)


def contour_levels(landscape, n=12):
    """Levels below which (k/(n + 1))² of the view lies: evenly spaced rings on a bowl, none wasted on a steep wall."""
    return np.quantile(landscape.value(grid(landscape)), (np.arange(1, n + 1) / (n + 1)) ** 2)


def empty_lines(axes, **style):
    """A collection for lines that are set later with `set_segments`."""
    return axes.add_collection(LineCollection([], **style), autolim=False)


def rings(landscape):
    """Contour lines of a landscape, a list of arrays of shape (k, 2)."""
    points = grid(landscape)
    contours = contour_generator(points[..., 0], points[..., 1], landscape.value(points))
    return [line for level in contour_levels(landscape) for line in contours.lines(level)]


def downhill_arrows(axes, landscape, columns=15, rows=9):
    """Arrows all over the view of a landscape; `point_downhill` turns them."""
    (left, right), (bottom, top) = landscape.view
    x = np.linspace(left, right, columns + 2)[1:-1]
    y = np.linspace(bottom, top, rows + 2)[1:-1]
    x, y = np.meshgrid(x, y)
    return axes.quiver(x, y, 0 * x, 0 * y, color="0.8", pivot="tail", angles="xy", scale=22, width=0.003)


def point_downhill(arrows, landscape):
    """Turn arrows against the gradient; their length grows with its fourth root, so that the flat parts show some."""
    g = landscape.gradient(arrows.get_offsets())
    steepness = np.linalg.norm(g, axis=1, keepdims=True)
    u, v = (-g / np.maximum(steepness, 1e-12) * steepness**0.25).T
    arrows.set_UVC(u, v)


def inside(path, view):
    """Which points of a path, shape (k, n), lie in the picture: shape (k,); nan and inf do not."""
    low, high = np.transpose(view)
    return ((path >= low) & (path <= high)).all(axis=1)


def drawable(path, diverged):
    """The part of a path, shape (k, n), to draw: one that diverged ends with its first stroke out of the picture."""
    return path if diverged is None else path[: diverged + 1]


def diverged_at(path, losses, view):
    """The update from which on a path stays outside of the picture, or None.

    A path that swings out and comes back has not diverged, nor has one that is outside with less loss than at first.
    """
    if not len(path) or inside(path[-1:], view)[0] or losses[-1] < losses[0]:
        return None
    seen = np.flatnonzero(inside(path, view))
    return int(seen[-1]) + 1 if len(seen) else 0


def surface(landscape, path, optimizer="SGD"):
    """A Picture of a landscape of two parameters as a surface in space, a path drawn on it.

    path: points from start to end, shape (k, 2). optimizer: the name of whose style the path is drawn in.
    Raises ValueError for anything else, and for a path that holds inf or nan.
    """
    checks.kind("landscape", landscape, Landscape, "a Landscape")
    path = checks.finite("path", path, (None, 2))
    checks.choice("optimizer", optimizer, STYLES)
    with look():
        figure = new_figure((7.0, 4.6))
        axes = figure.add_subplot(projection="3d")
        points = grid(landscape, 61)
        height = landscape.value(points)
        axes.plot_surface(*points.transpose(2, 0, 1), height, cmap="Greys", alpha=0.6, rstride=3, cstride=3)
        axes.plot(*path.T, landscape.value(path), **STYLES[optimizer], markersize=3, zorder=10)
        axes.set(xlabel="x", ylabel="y", zlabel="loss f", xticks=np.linspace(*landscape.view[0], 5))
        axes.set_title(f"{landscape.name}, {optimizer} from {point(path[0])}")
        axes.view_init(elev=40, azim=-70)
        return Picture(
            figure,
            f"{landscape.name} as a surface over x and y, from {number(height.min())} to {number(height.max())}. "
            f"On it a path of {len(path) - 1} updates of {optimizer} from {point(path[0])} "
            f"(f = {number(landscape.value(path[0]))}) "
            f"to {point(path[-1])} (f = {number(landscape.value(path[-1]))}).",
        )
