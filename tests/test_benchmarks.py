"""The benchmarks' page: every row that the code declares, in order, with ratios that follow from its figures."""

import re
import sys
from pathlib import Path

import pytest

from lessons import ORDER

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import bench  # noqa: E402
import table  # noqa: E402
from table import ABSENT, LINUX_ONLY, NOT_INSTALLED, Measured, Row  # noqa: E402

pytestmark = pytest.mark.machinery

PAGE = bench.PAGE.read_text(encoding="utf-8")
FIGURE = r"[0-9]+(\.[0-9]+)?"
SOME_ROWS = (Row("a step", "ms", "an empty one", "ratio at most 2"), Row("a run", "s", "PyTorch"))


def lines(text, head=table.HEAD):
    """The rows of the table under `head` in a page: tuples of cells."""
    _, found, rest = text.partition(f"| {' | '.join(head)} |\n")
    assert found, f"no table with the columns {head}"
    cells = [tuple(cell.strip() for cell in line[1:-1].split("|")) for line in rest.split("\n\n")[0].splitlines()]
    return cells[1:]  # the first one aligns the columns


def value(cell, unit):
    """What a cell says without its unit; AssertionError for what is neither a figure nor one of ABSENT."""
    if cell in ABSENT:
        return cell
    assert re.fullmatch(rf"{FIGURE} {unit}", cell), f"{cell!r} is no figure in {unit}"
    return cell.removesuffix(f" {unit}")


# What is measured of each lesson. Lessons come, go and move without a new measurement.
OF_A_LESSON = re.compile(r"slider step( until drawn)?, \w+: \w+(, again|, unforeseen)?|notebook, \w+")
DECLARED = {(row.what, row.yardstick): row for row in bench.ROWS}


def row(line):
    """The Row that a line of the page is of."""
    what, figure, (yardstick, _, _), _, goal = line[0], line[1], line[2].partition(":"), line[3], line[4]
    if OF_A_LESSON.fullmatch(what):
        return DECLARED.get((what, yardstick), Row(what, figure.partition(" ")[2], yardstick, goal))
    return DECLARED[what, yardstick]


LINES = [(row(line), line) for line in lines(PAGE)]


def test_page_has_every_row_in_order():
    declared = [row for row in bench.ROWS if not OF_A_LESSON.fullmatch(row.what)]
    assert [row for row, line in LINES if not OF_A_LESSON.fullmatch(line[0])] == declared
    assert [line[4] for row, line in LINES] == [row.goal for row, line in LINES]
    assert len(DECLARED) == len(bench.ROWS)


def test_every_lesson_is_measured():
    measured = [row.what for row in bench.ROWS if OF_A_LESSON.fullmatch(row.what)]
    for name in ORDER:
        assert [what for what in measured if what == f"notebook, {name}"]
        assert [what for what in measured if what.startswith(f"slider step, {name}: ")]


@pytest.mark.parametrize(("row", "line"), LINES, ids=[f"{row.what}: {row.yardstick}" for row, _ in LINES])
def test_ratio_is_that_of_the_figures(row, line):
    figure, yardstick = value(line[1], row.unit), value(line[2].partition(": ")[2], row.unit)
    if figure in ABSENT or yardstick in ABSENT:
        assert line[3] == ""
    else:
        assert float(line[3]) == pytest.approx(float(figure) / float(yardstick), rel=0.006)  # three digits


def test_only_figures_differ_between_runs():
    """The page is what its figures and facts are put into, and nothing else."""
    facts = dict(lines(PAGE, ("machine and versions", "value")))
    assert facts["processor"]
    assert facts["NumPy"]
    values = [[value(cell, row.unit) for cell in (line[1], line[2].partition(": ")[2])] for row, line in LINES]
    measured = [Measured(*(v if v in ABSENT else float(v) for v in pair)) for pair in values]
    assert bench.page(facts, measured, [row for row, _ in LINES]) == PAGE


def test_page_names_no_place_of_the_machine():
    assert not re.search(r"/(home|root|tmp|opt|usr|work)\b|localhost|127\.0\.0\.1", PAGE)


def test_table():
    text = table.markdown(SOME_ROWS, [Measured(26.04, 13.26), Measured(12.345, NOT_INSTALLED)])
    assert lines(text) == [
        ("a step", "26.0 ms", "an empty one: 13.3 ms", "1.95", "ratio at most 2"),  # not 26.04 / 13.26 = 1.96
        ("a run", "12.3 s", "PyTorch: not installed", "", ""),
    ]


def test_a_row_without_figures_or_too_many():
    with pytest.raises(ValueError, match="zip"):
        table.markdown(SOME_ROWS, [Measured(1, 1)])
    with pytest.raises(ValueError, match="zip"):
        table.markdown(SOME_ROWS, 3 * [Measured(1, 1)])


@pytest.mark.parametrize(
    ("x", "written"), [(0, "0"), (0.0476, "0.0476"), (1, "1.00"), (9.996, "10.0"), (147.4, "147"), (1099, "1099")]
)
def test_number(x, written):
    assert table.number(x) == written


@pytest.mark.parametrize(
    ("pair", "written"),
    [(("26.0", "13.0"), "2.00"), (("0", "13.0"), "0"), (("1.00", LINUX_ONLY), ""), ((NOT_INSTALLED, "1.00"), "")],
)
def test_ratio(pair, written):
    assert table.ratio(*pair) == written
