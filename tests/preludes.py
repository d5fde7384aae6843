"""First cells as people have them, and what a lesson then shows otherwise than its notebook."""

from matplotlib import cycler

import conftest
from tools import same_text

STYLES = {
    # as seaborn's
    "axes.grid": True,
    "axes.formatter.use_locale": True,
    "axes.prop_cycle": cycler(color=["r"]),
    "figure.autolayout": True,
    "font.family": "serif",
    "font.size": 20,
    "lines.linewidth": 5,
    "mathtext.fontset": "stix",
    # for print
    "figure.dpi": 200,
    "figure.facecolor": "red",
    "image.interpolation": "bicubic",
    "image.origin": "lower",
    "path.simplify": False,
    "savefig.dpi": 300,
    "savefig.facecolor": "red",
    "text.hinting": "force_autohint",
}
# Together they are run before a lesson; they do not touch each other.
PRELUDES = {
    "errors of NumPy raise": "import numpy as np\nnp.seterr(all='raise');",
    "warnings raise": "import warnings\nwarnings.simplefilter('error')",
    "random numbers": "import random\nimport numpy as np\nnp.random.seed(0)\nrandom.seed(0)",
    "deep recursion": "import sys\nsys.setrecursionlimit(100_000)",
    "decimals": "import decimal\ndecimal.getcontext().prec = 2\ndecimal.getcontext().traps[decimal.Inexact] = True",
    # What locale.localeconv() tells in Germany; few machines have that locale.
    "locale": "import locale\nlocale._override_localeconv = {'decimal_point': ',', 'thousands_sep': '.'}",
    "styles": "import matplotlib.pyplot as plt\nfrom matplotlib import cycler\nplt.style.use('dark_background')\n"
    f"plt.rcParams.update({STYLES!r})",
    "another folder": "import os, tempfile\nos.chdir(tempfile.gettempdir())",
}

ALL = "\n".join(PRELUDES.values())


def text(cell):
    """What a cell says."""
    return "\n".join(
        output.text if output.output_type == "stream" else output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


def differences(stored, found, texts=True):
    """Yield what the cells of a lesson show otherwise than the notebook."""
    for number, (cell, other) in enumerate(zip(stored, found, strict=True), start=1):
        if cell.cell_type != "code":
            continue
        for output in other.outputs:
            if output.output_type == "error":
                yield f"cell {number} raised {output.ename}: {output.evalue}"
        if texts and (difference := same_text.difference(text(cell), text(other))):
            yield f"cell {number}: {difference}"
        expected, actual = conftest.pictures(cell.outputs), conftest.pictures(other.outputs)
        if [image.size for image in expected] != [image.size for image in actual]:
            yield f"cell {number}: {len(actual)} pictures, or another size"
        elif conftest.INSTALLED == conftest.PINNED:
            for pair in zip(expected, actual, strict=True):
                if (error := conftest.rms(*pair)) > conftest.RMS_LIMIT:
                    yield f"cell {number}: a picture differs by RMS {error:.4f}"
