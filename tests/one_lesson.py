"""pytest -p tests.one_lesson --lesson NAME: the tests that concern this lesson, by what they are parametrized over.

Of the files that have tests for each lesson, the tests of this one and those of all together; nothing is listed here.
"""

from pathlib import Path

from lessons import ORDER
from workbench.tutoring.catalogue import LESSONS

LESSON_OF = {exercise.name: lesson for lesson, exercises in LESSONS.items() for exercise in exercises}

BY = "lesson", "exercise", "name", "path"  # what the parameters are called that tell a lesson; "momentum" may be a word


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
    found = item.callspec.params if hasattr(item, "callspec") else {"path": item.path}
    parameters = [found[key] for key in BY if key in found]
    return next(filter(None, map(named, parameters)), None)


def named(parameter):
    """The lesson that a parameter is, or is of: an exercise or its name, `momentum.Saddle`, a file."""
    if isinstance(parameter, Path):
        parts = *parameter.parts, parameter.stem[3:]  # notebooks/04_momentum.ipynb
    else:
        name = getattr(parameter, "name", parameter)
        parts = LESSON_OF.get(name, name).split(".")[:3] if isinstance(name, str) else ()
    return next((part for part in parts if part in ORDER), None)
