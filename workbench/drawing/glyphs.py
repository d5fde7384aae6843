"""A Matplotlib canvas that draws text from kept pictures of its characters: many times as fast as letter by letter.

Numbers in titles change with every frame of a live figure, and Matplotlib renders each letter of them anew.
"""

import unicodedata
from functools import cache, lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.font_manager import FontProperties

FORMULAS = RendererAgg(1, 1, 72).mathtext_parser  # it keeps what it has read, which takes long: one for all figures
SHIFTS = 4  # a character is kept as it looks at so many places between two pixels


class TextCanvas(FigureCanvasAgg):
    """An Agg canvas whose renderer is a TextRenderer."""

    _renderer = None

    def get_renderer(self):
        size = (*self.get_width_height(physical=True), self.figure.dpi)
        if self._renderer is None or (self._renderer.width, self._renderer.height, self._renderer.dpi) != size:
            self._renderer = TextRenderer(*size)
        return self._renderer


class TextRenderer(RendererAgg):
    """Agg, but plain horizontal text stands on whole pixels and its characters on quarters of a pixel."""

    def __init__(self, width, height, dpi):
        super().__init__(width, height, dpi)
        self.mathtext_parser = FORMULAS

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        """Draw `s` with its baseline at (x, y), in pixels from the upper left corner."""
        if angle or ismath:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        characters, color = kept(prop, self.dpi), gc.get_rgb()
        baseline, parts = self.height - round(y), clusters(s)
        for part, following in zip(parts, [*parts, ""][1:], strict=True):
            pixel, shift = divmod(round(x * SHIFTS), SHIFTS)
            image, left, bottom = characters.picture(part, color, shift)
            if image.size:
                self.draw_image(gc, pixel + left, baseline + bottom, image)
            x += characters.advance(part, following)


def width(s: str, prop: FontProperties, dpi: float) -> float:
    """Width of a line of text in pixels."""
    characters, parts = kept(prop, dpi), clusters(s)
    return sum(map(characters.advance, parts, [*parts[1:], ""]))


def extents(s: str, prop: FontProperties, dpi: float) -> tuple[float, float, float]:
    """Width of a line of text, its height and how far it goes below the baseline, in pixels."""
    characters = kept(prop, dpi)
    above, below = zip(*map(characters.heights, clusters(s)), strict=True) if s else ((0.0,), (0.0,))
    return width(s, prop, dpi), max(above) + max(below), max(below)


def clusters(s: str) -> list[str]:
    """The characters of a text, each together with the accents that follow it (m̂ is two characters)."""
    parts = []
    for character in s:
        if parts and unicodedata.combining(character):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


@lru_cache(maxsize=32)
def kept(prop: FontProperties, dpi: float) -> "Characters":
    """The Characters of a font at its size and at `dpi` pixels per inch."""
    return Characters(prop.copy(), dpi)  # a copy, since its owner may change it


class Characters:
    """The characters of one font: how wide they are and how they look, each asked of Agg once."""

    def __init__(self, prop, dpi):
        self.prop, self.dpi = prop, dpi
        self.em = int(np.ceil(prop.get_size_in_points() * dpi / 72))
        self.measure = RendererAgg(1, 1, dpi).get_text_width_height_descent
        self.advance, self.heights, self.picture = map(cache, (self.advance, self.heights, self.picture))

    def advance(self, part, following):
        """Pixels from the start of a character to the start of the one that follows ("" for none), with kerning."""
        return self._width(part + following) - self._width(following)

    def heights(self, part):
        """Pixels of a character above the baseline, and below."""
        _, height, descent = self.measure(part, self.prop, False)
        return height - descent, descent

    def _width(self, text):
        return self.measure(text, self.prop, False)[0] if text else 0.0

    def picture(self, part, rgba, shift):
        """A character as it looks `shift` / SHIFTS of a pixel to the right: RGBA from bottom to top, and its place.

        The place is that of the picture's lower left corner, seen from the pixel where the baseline starts.
        """
        em = self.em
        renderer = RendererAgg(4 * em, 4 * em, self.dpi)
        renderer.draw_text(renderer.new_gc(), em + shift / SHIFTS, 2 * em, part, self.prop, 0)
        cover = np.asarray(renderer.buffer_rgba())[::-1, :, 3]
        rows, columns = (np.flatnonzero(cover.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return np.zeros((0, 0, 4), np.uint8), 0, 0
        cover = cover[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        image = np.empty((*cover.shape, 4), np.uint8)
        image[..., :3], image[..., 3] = np.round(255 * np.array(rgba[:3])), np.round(cover * rgba[3])
        return image, int(columns[0]) - em, int(rows[0]) - 2 * em
