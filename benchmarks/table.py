"""The table of the benchmarks: what a row says, how figures are written, how one group of rows is measured alone."""

import argparse
import math
from typing import NamedTuple

HEAD = ("what", "figure", "yardstick", "ratio", "to reach")
NOT_INSTALLED, LINUX_ONLY = "not installed", "only on Linux"
ABSENT = (NOT_INSTALLED, LINUX_ONLY)  # what stands in the place of a figure that this machine cannot give


class Row(NamedTuple):
    """What is measured, in which unit, what it is compared with, and what is to be reached ("" for no goal)."""

    what: str
    unit: str
    yardstick: str
    goal: str = ""


class Measured(NamedTuple):
    """A figure and its yardstick, both in the unit of the row; one of ABSENT where there is none."""

    figure: float | str
    yardstick: float | str


def number(x):
    """A positive number with three significant digits, more before the decimal point; 0 as "0"."""
    if not x:
        return "0"
    power = math.floor(math.log10(float(f"{x:.3g}")))  # rounded: 9.996 is written 10.0
    return f"{x:.{max(0, 2 - power)}f}"


def ratio(figure, yardstick):
    """Figure over yardstick, both as written, so that who reads the table finds the same; "" where there is none."""
    if figure in ABSENT or yardstick in ABSENT or not float(yardstick):
        return ""
    return number(float(figure) / float(yardstick))


def cells(row, measured):
    """The five cells of a row."""
    figure, yardstick = (value if value in ABSENT else number(value) for value in measured)
    with_unit = [text if text in ABSENT else f"{text} {row.unit}" for text in (figure, yardstick)]
    return row.what, with_unit[0], f"{row.yardstick}: {with_unit[1]}", ratio(figure, yardstick), row.goal


def markdown(rows, measured):
    """The table in Markdown. Cells have no padding: after a second run only figures differ."""
    lines = [HEAD, ("---", "---:", "---", "---:", "---")]
    lines += [cells(row, values) for row, values in zip(rows, measured, strict=True)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def alone(group):
    """Measure one group, a module with ROWS and `measure(quick)`, and print its table."""
    parser = argparse.ArgumentParser(description=group.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few steps: to try whether it runs")
    print(markdown(group.ROWS, group.measure(parser.parse_args().quick)), end="")
