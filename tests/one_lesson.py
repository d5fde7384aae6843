"""pytest -p tests.one_lesson --lesson NAME: the tests that concern this lesson, by what they are parametrized over.

Of the files that have tests for each lesson, the tests of this one and those of all together; nothing is listed here.
"""

from pathlib import Path

from lessons import ORDER
from workbench.tutoring.catalogue import LESSONS

LESSON_OF = {exercise.name: lesson for lesson, exercises in LESSONS.items() for exercise in exercises}


def pytest_addoption(parser):
    parser.addoption("--lesson", choices=ORDER, help="only the tests of this lesson and of all lessons together")


def pytest_collection_modifyitems(config, items):
    if not (lesson := config.getoption("lesson")):
        return
    modules = {item.path for item in items if lesson_of(item)}  # those that concern lessons
    for_each = {test(item) for item in items if lesson_of(item)}
    kept = [
        item for item in items if lesson_of(item) == lesson or (item.path in modules and test(item) not in for_each)
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
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
    if key == "exercise":
        value = LESSON_OF[getattr(value, "name", value)]
    elif key == "name" and isinstance(value, str) and "." in value:  # momentum.Saddle, lessons.momentum.figures
        value = value.removeprefix("lessons.").split(".")[0]
    elif key == "path" and isinstance(value, Path):
        value = value.parent.name
    elif key != "lesson":
        return None
    return value if value in ORDER else None
