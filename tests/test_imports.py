"""Imports point one way: lessons → workbench → helpers → NumPy; numerics know no drawing; one name means one thing."""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DRAWING = {"IPython", "anywidget", "ipywidgets", "matplotlib", "traitlets"}
BELOW = {"checks", "files", "pixels", "words"}  # what stands below the rooms
ROOMS = {  # a room: the rooms that it may use
    "notebooks": set(),
    "tutoring": {"live", "drawing", "networks", "descent", "data"},
    "live": {"drawing", "networks", "descent", "data"},
    "drawing": {"networks", "descent", "data"},
    "networks": set(),
    "descent": set(),
    "data": set(),
}
NUMERICS = {"networks", "descent", "data"}
OF_A_LESSON = "experiments", "rules", "grammar", "training"  # the modules of lessons that know no drawing


def modules(*patterns):
    """The files of Python modules, by their dotted names."""
    found = sorted(path.relative_to(ROOT) for pattern in patterns for path in ROOT.glob(pattern))
    return {".".join(path.with_suffix("").parts).removesuffix(".__init__"): ROOT / path for path in found}


OURS = modules("helpers.py", "workbench/**/*.py", "lessons/**/*.py")


@cache
def parsed(path):
    """The syntax tree of a module: a hundred tests look at the same ones."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(path):
    """The dotted names that a module imports, those of modules of ours in full."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: an import from `.`"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inside & OURS.keys()) or {node.module}
    return found


each = pytest.mark.parametrize("name", OURS)


@each
def test_what_a_module_may_import(name):
    packages = {other.split(".")[0] for other in imported(OURS[name])}
    allowed = {"helpers": set(), "workbench": {"workbench", "helpers"}, "lessons": {"workbench", "lessons", "helpers"}}
    assert packages & allowed.keys() <= allowed[name.split(".")[0]]
    if name == "helpers":
        assert packages - {"numpy"} <= sys.stdlib_module_names
    parts = name.split(".")
    if (parts[0] == "workbench" and parts[1:2] and parts[1] in NUMERICS) or (
        parts[0] == "lessons" and parts[-1] in OF_A_LESSON
    ):
        assert not packages & DRAWING
        rooms = {other.split(".")[1] for other in imported(OURS[name]) if other.startswith("workbench.")}
        assert rooms <= NUMERICS | BELOW


@pytest.mark.parametrize("name", [name for name in OURS if name.startswith("workbench.")])
def test_the_arrows_between_the_rooms(name):
    room = name.split(".")[1]
    assert room in ROOMS.keys() | BELOW, f"{room} stands neither in ROOMS nor in BELOW"
    used = {other.split(".")[1] for other in imported(OURS[name]) if other.startswith("workbench.")}
    assert used - {room} <= ROOMS.get(room, set()) | BELOW


@pytest.mark.parametrize("name", [name for name in OURS if name.count(".") == 2 and name.startswith("lessons.")])
def test_a_lesson_uses_the_runs_and_the_figures_of_another_and_nothing_else_of_it(name):
    lesson, part = name.split(".")[1:]
    for other in imported(OURS[name]):
        if other.startswith("lessons."):
            assert other.split(".")[1] == lesson or other.split(".")[2] in ("experiments", "figures")
            assert part != "experiments" or other.split(".")[2] not in ("figures", "exercises")  # runs of runs
            assert other.split(".")[2] != "answers", "answers are for the tests"


@pytest.mark.parametrize(
    "name", modules("*.py", "workbench/**/*.py", "lessons/**/*.py", "tools/*.py", "benchmarks/*.py")
)
def test_no_module_is_named_as_one_of_the_standard_library(name):
    assert name.split(".")[-1] not in sys.stdlib_module_names


def defined(path):
    """The functions and classes that a module defines, methods not counted."""
    return {node.name for node in parsed(path).body if hasattr(node, "name")}


@pytest.mark.parametrize(
    ("thing", "place"),
    [
        ("Run", "workbench.networks.training"),  # a training, while it goes on and after
        ("batches", "workbench.networks.training"),  # endless batches of indices
        ("progress", "workbench.tutoring.tutor"),  # which exercises the learner has passed
        ("Trajectory", "workbench.descent.trajectory"),  # what an optimizer did on a landscape
    ],
)
def test_one_name_one_thing(thing, place):
    assert [name for name, path in OURS.items() if thing in defined(path)] == [place]


@pytest.mark.parametrize("thing", ["run", "stored", "network"])
def test_what_each_lesson_has_of_its_own_stands_in_its_experiments(thing):
    """The run, the stored results and the network of a lesson have the same names in all lessons, and nowhere else."""
    for name, path in OURS.items():
        if thing in defined(path):
            assert name.startswith("lessons.")
            assert name.endswith(".experiments")
