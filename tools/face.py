"""Make workbench/live/face.woff, the part of Matplotlib's DejaVu Sans with which the page draws text: run this file.

fontTools, which comes with Matplotlib, keeps of the face the characters that workbench/live/face.py names.
"""

import sys
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from fontTools import subset

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from workbench.live import face  # noqa: E402


def made():
    """The bytes of face.woff."""
    options = subset.Options(
        flavor="woff",
        hinting=False,  # a canvas places text between pixels
        layout_features=["kern", "mark", "mkmk", "ccmp"],
        drop_tables=["FFTM"],
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],  # the license among them
    )
    font = subset.load_font(str(Path(mpl.get_data_path(), "fonts", "ttf", face.NAME)), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in face.CHARACTERS])
    subsetter.subset(font)
    file = BytesIO()
    subset.save_font(font, file, options)
    return file.getvalue()


if __name__ == "__main__":
    face.FILE.write_bytes(made())
    print(f"{face.FILE.name}: {face.FILE.stat().st_size / 1000:.0f} kB")
