"""The look of all figures: Matplotlib's settings, a style for each optimizer, a new figure on a canvas of its own."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.figure import Figure

from workbench.checks import as_in_a_new_process
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

# The same for optimizers of a learner's own.
OWN_STYLES = (
    {"color": "#7B3FA0", "marker": "P", "linestyle": (0, (10, 2))},
    {"color": "#7A5200", "marker": "p", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    {"color": "#A5003C", "marker": "h", "linestyle": (0, (2, 1))},
    {"color": "#4F5B00", "marker": "d", "linestyle": (0, (12, 1, 3, 1))},
)
# The same for optimizers that stand with a lesson and not in helpers.py; further colors of Tol's muted palette.
NEWER = {
    "SignSGD": {"color": "#999933", "marker": "<", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    "Lion": {"color": "#882255", "marker": "P", "linestyle": (0, (3, 1, 1, 1))},
    "Muon": {"color": "#332288", "marker": "h", "linestyle": (0, (10, 1))},
    "Schedule-free": {"color": "#AA4499", "marker": "d", "linestyle": (0, (2, 1, 1, 1))},
}
ALL_STYLES = STYLES | NEWER

MUTED = "0.45"  # gray of everything that is not the subject of a figure
# The white circle where a path starts.
START = {"color": "#000000", "marker": "o", "markersize": 10, "markerfacecolor": "white", "linestyle": ""}


def with_own(names: Iterable[str], styles: dict[str, dict] = STYLES) -> dict[str, dict]:
    """`styles`, and one for each of a learner's own optimizers, at most as many as OWN_STYLES has."""
    return styles | dict(zip(names, OWN_STYLES, strict=False))


# JupyterLab's callbacks and cells run on two threads; Matplotlib, whose settings are the whole process's, needs one.
DRAWING = threading.RLock()


with mpl.rc_context({k: v for k, v in mpl.rcParamsDefault.items() if k != "backend"} | LOOK):
    _SETTINGS = {name: value for name, value in dict.items(mpl.rcParams) if name != "backend"}


@contextmanager
def look() -> Iterator[None]:
    """A context in which Matplotlib and NumPy work the course's way, whatever the user's own settings are.

    To be entered wherever figures are built and drawn, each frame of a live one, too: it costs some microseconds.
    What mpl.rc_context does takes a millisecond, since it checks all values anew.
    """
    with DRAWING, as_in_a_new_process():
        before = dict(dict.items(mpl.rcParams))  # by the methods of dict, which neither check nor warn
        del before["backend"]  # chosen when it is first needed, which may be now
        dict.update(mpl.rcParams, _SETTINGS)
        try:
            yield
        finally:
            dict.update(mpl.rcParams, before)


def new_figure(size: tuple[float, float] = (9.0, 4.0), dpi: int = 100) -> Figure:
    """A figure of `size` inches on an Agg canvas with fast text, without pyplot: nothing stays open behind it."""
    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    TextCanvas(figure)
    return figure
