"""pytest -p tests.one_lesson --lesson NAME: the tests that concern this lesson, by what they are parametrized over.

Of the files that have tests for each lesson, the tests of this one and those of all together; nothing is listed here.
"""

import ast
from pathlib import Path

from lessons import ORDER
from workbench.tutoring.catalogue import LESSONS

KEYS = "lesson", "exercise", "name", "path"  # the parameters that are or are of a lesson
LESSON_OF = {exercise.name: lesson for lesson, exercises in LESSONS.items() for exercise in exercises}


def pytest_addoption(parser):
    parser.addoption("--lesson", choices=ORDER, help="only the tests of this lesson and of all lessons together")


def pytest_ignore_collect(collection_path, config):
    """Whether a file has no function that takes one of KEYS: then no test of it is of a lesson, and it stays unread."""
    if config.getoption("lesson") and collection_path.match("test_*.py"):
        nodes = ast.walk(ast.parse(collection_path.read_text(encoding="utf-8")))
        return None if any(isinstance(node, ast.arg) and node.arg in KEYS for node in nodes) else True
    return None


def pytest_collection_modifyitems(config, items):
    if not (lesson := config.getoption("lesson")):
        return
    modules = {item.path for item in items if lesson_of(item)}  # those that concern lessons
    for_each = {test(item) for item in items if lesson_of(item)}
    kept = [
        item for item in items if lesson_of(item) == lesson or (item.path in modules and test(item) not in for_each)
    ]
    config.hook.pytest_deselected(items=list(set(items).difference(kept)))
    items[:] = kept


def test(item):
    """A test without its parameters."""
    return item.path, getattr(item, "originalname", None)


def lesson_of(item):
    """The lesson that a test or the cell of a notebook is of; None for a test that is not parametrized over lessons."""
    if item.path.suffix == ".ipynb":
        return named("lesson", item.path.stem[3:])  # 04_momentum
    found = item.callspec.params if hasattr(item, "callspec") else {}
    return next(filter(None, map(named, found, found.values())), None)


def named(key, value):
    """The lesson that a parameter is or is of: `lesson`, an `exercise` or its name, a `name` in it, a file: `path`."""
    if key not in KEYS:
        return None
    if key == "exercise":
        value = LESSON_OF[getattr(value, "name", value)]
    elif key == "name" and isinstance(value, str) and "." in value:  # momentum.Saddle, lessons.momentum.figures
        value = value.removeprefix("lessons.").split(".")[0]
    elif key == "path" and isinstance(value, Path):
        value = value.parent.name
    elif key != "lesson":  # another kind of name or path
        return None
    return value if value in ORDER else None
