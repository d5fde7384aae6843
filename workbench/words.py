"""Numbers, points and sentences as people write them."""

import textwrap
from collections.abc import Iterable

import numpy as np

WIDTH = 100  # characters; a cell of JupyterLab has room for these beside the file browser

# Round numbers at nearly equal ratios, so that a logarithmic slider stops at values people would write down.
MANTISSAS = {
    5: (1, 1.5, 2.5, 4, 6),
    10: (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8),
    20: (1, 1.1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9),
}


def round_numbers(low: float, high: float, per_decade: int = 10) -> list[float]:
    """Round numbers from `low` to `high`, 5, 10 or 20 in each power of ten, at nearly equal ratios."""
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    numbers = [float(f"{m}e{k}") for k in decades for m in MANTISSAS[per_decade]]
    return [n for n in numbers if low * (1 - 1e-9) <= n <= high * (1 + 1e-9)]


def number(value: float) -> str:
    """Four significant digits, for people."""
    return f"{value:.4g}".replace("-", "−")


def point(p: Iterable[float]) -> str:
    """Coordinates for people: (−7, 2)."""
    return f"({', '.join(number(c) for c in p)})"


def folded(text: str) -> str:
    """The text, each of its lines broken into lines of at most WIDTH characters, or of one longer word.

    JupyterLab breaks a long line anywhere, and GitHub does not break it.
    """
    return "".join(
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n" for line in text.split("\n")
    )


def say(text: str) -> None:
    """Print a text, `folded`."""
    print(folded(text), end="")
