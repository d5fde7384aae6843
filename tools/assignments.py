"""Make assignments of the lessons for nbgrader and Otter-Grader: python -m tools.assignments [--to FOLDER] [NAME …]

    FOLDER/nbgrader/source/04_momentum/04_momentum.ipynb   what `nbgrader generate_assignment 04_momentum` takes
    FOLDER/nbgrader/nbgrader_config.py                     written where there is none
    FOLDER/otter/04_momentum/04_momentum.ipynb             what learners get
    FOLDER/otter/04_momentum/tests/momentum.py             what `otter generate -t tests` takes, a file an exercise

An assignment is the lesson without outputs. The cell that checks an exercise stays as it is, so that learners are told
what is wrong; what gives the points is `tutor.require`, which raises: for nbgrader in a locked cell of its own, for
Otter in a test. No solution is in either. docs/classroom.md says how to go on from there.
"""

import argparse
import copy
import re
import sys
from pathlib import Path

import nbformat

from tools.build import chosen, read_lesson
from tools.course import ROOT, CourseError
from workbench import files

FOLDER = ROOT / "build" / "assignments"
POINTS = 1  # of an exercise
CHECK = re.compile(r'^tutor\.check\("([^"]+)", (.+)\)$')
CONFIG = r"""\
# Settings of nbgrader for this course; it reads them in this folder.
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "downhill"
c.Execute.timeout = 120  # seconds a cell: some train several networks
# Of files for `nbgrader zip_collect`: ann_04_momentum.ipynb is what the learner ann hands in.
c.FileNameCollectorPlugin.named_regexp = r"(?:.*[/\\])?(?P<student_id>[^/\\]+?)_(?P<file_id>\d\d_\w+)"
"""
TEST = """\
OK_FORMAT = True

test = {{
    "name": {name!r},
    "points": {points},
    "suites": [
        {{
            "cases": [{{"code": {code!r}, "hidden": False, "locked": False}}],
            "scored": True,
            "setup": "",
            "teardown": "",
            "type": "doctest",
        }}
    ],
}}
"""


def grade_id(exercise: str) -> str:
    """The name of an exercise as both graders take it: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", exercise).strip("-")


def checks(notebook: nbformat.NotebookNode) -> list[tuple[int, str, str]]:
    """(index of the cell, name of the exercise, the answer as code) of all cells that check an exercise."""
    found = [(k, CHECK.match(cell.source)) for k, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    return [(k, *match.groups()) for k, match in found if match]


def for_nbgrader(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The source notebook: behind each cell that checks, a locked one that gives the points."""
    made = copy.deepcopy(notebook)
    for k, name, answer in reversed(checks(notebook)):
        marks = {"schema_version": 3, "grade_id": grade_id(name), "points": POINTS, "cell_type": "code"}
        marks |= {"grade": True, "locked": True, "solution": False, "task": False}
        cell = nbformat.v4.new_code_cell(f'tutor.require("{name}", {answer})', metadata={"nbgrader": marks})
        cell.id = f"{notebook.cells[k].id}-points"
        made.cells.insert(k + 1, cell)
    return made


def for_otter(notebook: nbformat.NotebookNode) -> tuple[nbformat.NotebookNode, dict[str, str]]:
    """The learners' notebook, whose cells that check say which test belongs to them, and the tests by their names."""
    made, tests = copy.deepcopy(notebook), {}
    for k, name, answer in checks(notebook):
        made.cells[k].metadata["otter"] = {"tests": [grade_id(name)]}
        code = f'>>> tutor.require("{name}", {answer})\n'
        tests[grade_id(name)] = TEST.format(name=grade_id(name), points=POINTS, code=code)
    return made, tests


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns 0 when all was made."""
    parser = argparse.ArgumentParser(description="Make assignments of the lessons, for nbgrader and Otter-Grader.")
    parser.add_argument("lessons", nargs="*", metavar="NAME", help="a lesson, as momentum; default: all")
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER", help="default: build/assignments")
    options = parser.parse_args(arguments)
    try:
        wanted = chosen(options.lessons)
    except CourseError as error:
        parser.error(str(error))
    config = options.to / "nbgrader" / "nbgrader_config.py"
    if not config.exists():
        files.write(config, CONFIG)
    for lesson in wanted:
        notebook, name = read_lesson(lesson.file), lesson.notebook.stem
        learners, tests = for_otter(notebook)
        source = options.to / "nbgrader" / "source" / name / f"{name}.ipynb"
        files.write(source, nbformat.writes(for_nbgrader(notebook)) + "\n")
        files.write(options.to / "otter" / name / f"{name}.ipynb", nbformat.writes(learners) + "\n")
        for test, text in tests.items():
            files.write(options.to / "otter" / name / "tests" / f"{test}.py", text)
        print(f"{name:<32} {len(tests)} exercises, {len(tests) * POINTS} points")
    print(f"They lie in {options.to}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
