"""Lines of numbers right above a panel, their names at its left edge: each line drawn in one go, without a layout."""

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties

from workbench.drawing.glyphs import width

LINE = 14  # pixels from one line to the next
BASE = 4  # pixels below the feet of the characters
SIZE = 8  # points
FONT = FontProperties(family="DejaVu Sans", size=SIZE)  # comes with Matplotlib


class Numbers(Artist):
    """Lines of numbers that end at the right edge of the axes, the last line right above the panel.

    `set_lines(lines)` takes the texts from top to bottom, all of the same number of lines.
    """

    def __init__(self, axes: Axes):
        super().__init__()
        self.lines = []
        axes.add_artist(self)
        self.set_clip_on(False)

    def set_lines(self, lines: list[str]) -> None:
        self.lines = lines
        self.stale = True

    def draw(self, renderer):
        if not self.get_visible():
            return
        right, top = self.axes.transAxes.transform((1, 1))
        gc = renderer.new_gc()
        for k, line in enumerate(reversed(self.lines)):
            x, y = right - width(line, FONT, self.figure.dpi), round(top) + k * LINE + BASE
            renderer.draw_text(gc, x, renderer.height - y, line, FONT, 0)
        gc.restore()


def label_lines(axes: Axes, labels: Sequence[str]) -> None:
    """Names of the lines of Numbers at the left edge of the axes, from top to bottom; drawn once, as text."""
    points = 72 / axes.figure.dpi
    for k, label in enumerate(reversed(labels)):
        axes.annotate(
            label,
            (0, 1),
            xytext=(0, (k * LINE + BASE) * points),
            xycoords="axes fraction",
            textcoords="offset points",
            font=FONT,
            va="baseline",
        )
