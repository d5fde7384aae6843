"""A finished figure as Jupyter shows it: PNG for eyes, words for screen readers and for GitHub."""

import base64
import html
import struct
import zlib

import numpy as np
from matplotlib.figure import Figure

from workbench.drawing.styles import look


def png(figure: Figure) -> bytes:
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


def mimebundle(png: bytes, words: str) -> tuple[dict, dict]:
    """Data and metadata of a picture for Jupyter: PNG for eyes, words for screen readers and for comparison."""
    data = {"image/png": base64.b64encode(png).decode(), "text/plain": words}
    return data, {"image/png": {"alt": words}}


class Picture:
    """A finished figure and the same in words; the last line of a cell shows it."""

    def __init__(self, figure: Figure, words: str):
        with look():
            figure.canvas.draw()
        self.png, self.words = png(figure), words

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = mimebundle(self.png, self.words)
        # JupyterLab shows this before the PNG, and leaves out the alt text that the PNG's metadata holds.
        image = f'<img alt="{html.escape(self.words)}" src="data:image/png;base64,{data["image/png"]}">'
        return data | {"text/html": image}, metadata
