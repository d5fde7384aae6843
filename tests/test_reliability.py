"""The tables of docs/reliability.md say what is so: each row has its tests, each message is the one that is raised."""

import ast
import importlib
import re
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.machinery

TESTS = Path(__file__).resolve().parent
LINES = (TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8").splitlines()
ROWS = [re.split(r"\s*\|\s*", line.strip("| ")) for line in LINES if line.startswith("| ") and "| what the" not in line]
CALLS = [(what[1:-1], seen[1:-1]) for what, seen, *_ in ROWS if what.startswith("`")]
# The files in which every test stands in a table.
WHOLE = "test_bad_arguments.py", "test_disk.py", "test_interrupted.py", "test_sensible_results.py", "test_stored.py"


def names_in(file):
    functions = [node for node in ast.parse((TESTS / file).read_text(encoding="utf-8")).body if hasattr(node, "name")]
    return {f"{file}::{function.name}" for function in functions if function.name.startswith("test_")}


ROOMS = "networks", "descent", "drawing", "data"


def module(name):
    """A module by its last name, helpers', of a room of workbench, or the experiments of a lesson."""
    places = [name, *(f"workbench.{room}.{name}" for room in ROOMS), f"lessons.{name}.experiments"]
    return importlib.import_module(next(place for place in places if is_there(place)))


def is_there(place):
    return (TESTS.parent / f"{place.replace('.', '/')}.py").is_file()


def named(row):
    return re.findall(r"`(test_\w+\.py::test_\w+)`", row[-1])


def test_every_row_has_three_cells_and_a_test():
    assert len(ROWS) > 60
    assert not [row for row in ROWS if len(row) != 3 or not all(row) or not named(row)]


def test_every_test_of_a_row_exists():
    names = {name for row in ROWS for name in named(row)}
    existing = set().union(*(names_in(file) for file in {name.partition("::")[0] for name in names}))
    assert not names - existing


def test_every_test_on_bad_input_stands_in_a_row():
    names = {name for row in ROWS for name in named(row)}
    assert not set().union(*(names_in(file) for file in WHOLE)) - names


@pytest.mark.parametrize(("call", "message"), CALLS)
def test_the_message_is_the_one_of_the_table(call, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        eval(call, {"np": np} | {name: module(name) for name in re.findall(r"\b([a-z_]+)\.", call) if name != "np"})
