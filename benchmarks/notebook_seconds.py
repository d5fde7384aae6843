"""How long the notebooks run: python benchmarks/notebook_seconds.py.

Each lesson is built as `make notebooks` does it, from the start of its kernel to the last output, one after the other.
An empty notebook, a single cell with `pass`, says what the start of a kernel costs.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import table
from table import Measured, Row

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import build  # noqa: E402
from tools.course import course  # noqa: E402

LESSONS = course()
EMPTY = f"{build.HEADER}\n```{{code-cell}} ipython3\npass\n```\n"

ROWS = (
    *(Row(f"notebook, {lesson.name}", "s", "an empty notebook", "figure at most 60") for lesson in LESSONS),
    Row("notebooks, all in turn", "s", "as many empty notebooks"),
)


def seconds(file):
    """How long it takes to build the file of a lesson; nothing is written."""
    start = time.perf_counter()
    build.build(file, ROOT / "notebooks")
    return time.perf_counter() - start


def measure(quick=False):
    """Measure all ROWS in their order; quick: every lesson but the first counts as empty."""
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder) / "nothing.md"
        nothing.write_text(EMPTY, encoding="utf-8")
        empty = statistics.median(seconds(nothing) for _ in range(1 if quick else 5))
        found = [seconds(nothing if quick and lesson != LESSONS[0] else lesson.file) for lesson in LESSONS]
    return [*(Measured(one, empty) for one in found), Measured(sum(found), len(found) * empty)]


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
