"""The face in which the page draws the text of live figures: DejaVu Sans, the one that comes with Matplotlib.

`face.woff` holds a part of it, made from Matplotlib's own file by tools/face.py: CHARACTERS, which say where a text is
drawn as text. All other characters, formulas and other faces are drawn as paths.
"""

from functools import cache, lru_cache
from pathlib import Path

import ipywidgets as widgets
import matplotlib as mpl
from matplotlib import font_manager
from traitlets import Bytes

FILE = Path(__file__).with_name("face.woff")
NAME = "DejaVuSans.ttf"

RANGES = (
    (0x20, 0x7E),  # Latin
    (0xA0, 0x17F),
    (0x300, 0x36F),  # accents over the character before: m̂
    (0x370, 0x3FF),  # Greek
    (0x1D2C, 0x1D6A),  # raised letters: ᵏ
    (0x2010, 0x2027),  # dashes, quotes, dots
    (0x2030, 0x2044),
    (0x2070, 0x209C),  # raised and lowered digits
    (0x2190, 0x2195),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x25A0, 0x25FF),  # markers: ▼
)
CHARACTERS = frozenset(chr(code) for first, last in RANGES for code in range(first, last + 1))


class Face(widgets.Widget):
    """The face as a widget that is not shown: all live figures of a kernel name it, and it is sent once."""

    data = Bytes(read_only=True).tag(sync=True)

    def __init__(self):
        self.set_trait("data", FILE.read_bytes())
        super().__init__()


_shared = None


def shared():
    """The one Face of this kernel; another one where the last was closed, as by Widget.close_all()."""
    global _shared
    if _shared is None or _shared.comm is None:
        _shared = Face()
    return _shared


def has(text, prop):
    """Whether a text in a font of Matplotlib's can be drawn with this face."""
    return CHARACTERS.issuperset(text) and _is_ours(prop)


@lru_cache(maxsize=64)
def _is_ours(prop):
    return font_manager.findfont(prop) == _path()


@cache
def _path():
    return str(Path(mpl.get_data_path(), "fonts", "ttf", NAME))
