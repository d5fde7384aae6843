"""Numbers that change with every frame, drawn from small pictures of their characters: many times as fast as text."""

from functools import lru_cache

import numpy as np
from matplotlib.artist import Artist

from workbench import figures

LINE = 14  # pixels from one line to the next
BASE = 4  # pixels below the feet of the characters
SIZE = 8  # points


@lru_cache(maxsize=64)
def _character(character, dpi):
    """The picture of one character, black on nothing: RGBA of shape (LINE, width, 4)."""
    with figures.look():
        figure = figures.new_figure((1.0, LINE / dpi), dpi)
        figure.patch.set_alpha(0)
        figure.text(0, BASE / LINE, character, fontsize=SIZE, va="baseline")
        figure.draw_without_rendering()
        # Ten of them: the width of one alone is rounded.
        measured = figure.text(0, 0, character * 10, fontsize=SIZE, va="baseline")
        width = round(measured.get_window_extent().width / 10)
        measured.remove()
        figure.canvas.draw()
        return np.asarray(figure.canvas.buffer_rgba())[:, : max(width, 1)].copy()


class Numbers(Artist):
    """Lines of numbers that end at the right edge of the axes, the last line right above the panel.

    `set_lines(lines)` takes the texts from top to bottom, all of the same number of lines.
    """

    def __init__(self, axes):
        super().__init__()
        self.lines = []
        axes.add_artist(self)
        self.set_clip_on(False)

    def set_lines(self, lines):
        self.lines = lines
        self.stale = True

    def draw(self, renderer):
        if not self.get_visible():
            return
        right, top = self.axes.transAxes.transform((1, 1))
        for k, text in enumerate(reversed(self.lines)):
            picture = np.concatenate([_character(c, self.figure.dpi) for c in text], axis=1)
            gc = renderer.new_gc()
            renderer.draw_image(gc, round(right) - picture.shape[1], round(top) + k * LINE, picture[::-1])
            gc.restore()


def label_lines(axes, labels):
    """Names of the lines of Numbers at the left edge of the axes, from top to bottom; drawn once, as text."""
    points = 72 / axes.figure.dpi
    for k, label in enumerate(reversed(labels)):
        axes.annotate(
            label,
            (0, 1),
            xytext=(0, (k * LINE + BASE) * points),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=SIZE,
            va="baseline",
        )
