"""Points for exercises: `tutor.require`, the assignments, and nbgrader and Otter themselves on them."""

import json
import os
import re
import sqlite3
import subprocess
import sys

import classroom
import nbformat
import pytest
from nbclient import NotebookClient

from lessons import ORDER, stem
from tools import assignments
from tools.course import ROOT
from workbench.tutoring import passed, tutor
from workbench.tutoring.catalogue import EXERCISES, LESSONS
from workbench.tutoring.passed import Progress

pytestmark = pytest.mark.machinery
LESSON = stem("gradient_descent")
# What somebody writes into the skeletons of that lesson, by the exercise: all right; or one right, one known mistake,
# one with an exception.
RIGHT = {
    "gradient descent": EXERCISES["gradient descent"].code,
    "learning-rate limit": EXERCISES["learning-rate limit"].code,
    "across the hilltop": EXERCISES["across the hilltop"].code,
}
MIXED = RIGHT | {
    "learning-rate limit": "def my_limit(second_derivative, x):\n    return 1 / second_derivative(x)",
    "across the hilltop": "my_lr = 1 / 0",
}
POINTS = {"ann": dict.fromkeys(RIGHT, 1), "ben": {"gradient descent": 1} | dict.fromkeys([*RIGHT][1:], 0)}


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A progress of nobody yet, in a file of its own."""
    monkeypatch.setattr(tutor, "_progress", Progress())
    monkeypatch.setattr(tutor, "_tried", set())
    path = tmp_path / "progress.json"
    monkeypatch.setenv(passed.VARIABLE, str(path))
    return path


def test_what_is_right_is_let_through_without_a_word(fresh, capsys):
    tutor.require("learning-rate limit", lambda second_derivative, x: 2 / second_derivative(x))
    assert capsys.readouterr() == ("", "")


def test_what_is_wrong_raises_with_the_words_of_the_check(fresh, capsys):
    def half(second_derivative, x):
        return 1 / second_derivative(x)

    tutor.check("learning-rate limit", half)
    told = capsys.readouterr().out
    with pytest.raises(AssertionError) as raised:
        tutor.require("learning-rate limit", half)
    assert str(raised.value) == told.rstrip("\n")
    assert "This is a known mistake: best learning rate for the limit." in told
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("answer", [None, lambda *_: 1 / 0, lambda *_: None, 3])
def test_what_is_nothing_or_raises_gets_no_points(fresh, answer):
    with pytest.raises(AssertionError, match="^learning-rate limit: not yet"):
        tutor.require("learning-rate limit", answer)


@pytest.mark.parametrize("name", ["learning rate limit", None, 3, []])
def test_a_name_of_no_exercise_is_the_graders_mistake(name):
    with pytest.raises(ValueError, match="^name is .*; allowed: gradient descent, "):
        tutor.require(name, 1)


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_exercise_of_a_lesson_has_its_points(lesson):
    notebook = assignments.read_lesson(ROOT / "lessons" / lesson / "lesson.md")
    names = sorted(exercise.name for exercise in LESSONS[lesson])
    assert sorted(name for _, name, _ in assignments.checks(notebook)) == names
    source = assignments.for_nbgrader(notebook)
    nbformat.validate(source)
    locked = [cell for cell in source.cells if "nbgrader" in cell.metadata]
    assert [cell.metadata.nbgrader.grade_id for cell in locked] == [
        assignments.grade_id(name) for _, name, _ in assignments.checks(notebook)
    ]
    assert all(cell.source.startswith("tutor.require(") for cell in locked)
    assert [cell for cell in source.cells if cell not in locked] == notebook.cells
    learners, tests = assignments.for_otter(notebook)
    nbformat.validate(learners)
    assert [cell.source for cell in learners.cells] == [cell.source for cell in notebook.cells]
    found = [cell.metadata.otter.tests[0] for cell in learners.cells if "otter" in cell.metadata]
    assert found == list(tests)
    for test in tests.values():
        compile(test, "test", "exec")


def test_no_two_exercises_share_their_points():
    assert len({assignments.grade_id(name) for name in EXERCISES}) == len(EXERCISES)
    assert all(re.fullmatch("[a-z0-9-]+", assignments.grade_id(name)) for name in EXERCISES)


def test_settings_of_a_teacher_are_left_alone(tmp_path, capsys):
    (tmp_path / "nbgrader").mkdir()
    config = tmp_path / "nbgrader" / "nbgrader_config.py"
    config.write_text("mine")
    assert assignments.main(["--to", str(tmp_path), ORDER[0]]) == 0
    assert config.read_text() == "mine"
    assert f"{LESSON:<32} 3 exercises, 3 points\n" in capsys.readouterr().out


def hand_in(notebook, answers, path):
    """Write a notebook with somebody's answers in the place of the skeletons, without a program that does it."""
    notebook = nbformat.read(notebook, as_version=4)
    for k, name, _ in assignments.checks(notebook):
        notebook.cells[k - 1].source = answers[name]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


@pytest.fixture
def environment(tmp_path):
    """The environment of whoever grades: folders of their own, and the progress that they have of their own."""
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / "jupyter" / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    own |= {"PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])}  # nbgrader runs alembic
    own |= {passed.VARIABLE: str(tmp_path / "progress of the grader.json")}
    (tmp_path / "progress of the grader.json").write_text('{"passed": ["rate"]}')
    yield os.environ | own
    assert (tmp_path / "progress of the grader.json").read_text() == '{"passed": ["rate"]}'


def run(environment, folder, *command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_who_executes_a_notebook_of_somebody_keeps_the_own_progress(tmp_path, environment):
    """And what the kernel was told is known in it all the same."""
    cells = [
        "from workbench.tutoring import tutor",
        'tutor.check("learning-rate limit", lambda second_derivative, x: 2 / second_derivative(x))',
        'tutor.require("learning-rate limit", lambda second_derivative, x: 2 / second_derivative(x))',
        'tutor.hint("momentum")',
        'tutor.progress("trajectories"); tutor.progress("gradient_descent")',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    words = notebook.cells[-1].outputs[0].text
    assert "Lesson 02: 0 of 3 exercises passed." in words  # what the grader has passed is not known to it
    assert "Lesson 01: 1 of 3 exercises passed." in words


@pytest.mark.slow
@pytest.mark.classroom
def test_nbgrader_gives_the_points(tmp_path, environment):
    classroom.need("nbgrader")
    assert assignments.main(["--to", str(tmp_path), "gradient_descent"]) == 0
    folder = tmp_path / "nbgrader"
    run(environment, folder, "nbgrader", "generate_assignment", LESSON)
    released = folder / "release" / LESSON / f"{LESSON}.ipynb"
    for name in RIGHT:
        assert EXERCISES[name].code not in released.read_text()
    archive = folder / "downloaded" / LESSON / "archive"
    for learner, answers in {"ann": RIGHT, "ben": MIXED}.items():
        hand_in(released, answers, archive / f"{learner}_{LESSON}.ipynb")
    # Who alters the cells that give the points gets none for it: they are put back.
    altered = archive / f"ben_{LESSON}.ipynb"
    altered.write_text(altered.read_text().replace("tutor.require(", "print("))
    run(environment, folder, "nbgrader", "zip_collect", LESSON)
    run(environment, folder, "nbgrader", "autograde", LESSON)
    run(environment, folder, "nbgrader", "generate_feedback", LESSON)
    assert points(folder / "gradebook.db") == {
        learner: {assignments.grade_id(name): found for name, found in by_name.items()}
        for learner, by_name in POINTS.items()
    }
    feedback = (folder / "feedback" / "ben" / LESSON / f"{LESSON}.html").read_text()
    assert "This is a known mistake: best learning rate for the limit." in feedback
    assert "ZeroDivisionError" in feedback


def points(gradebook):
    """What nbgrader gave: {learner: {grade_id: points}}."""
    query = (
        "SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score FROM grade"
        " JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id"
        " JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id"
        " JOIN base_cell ON grade.cell_id = base_cell.id"
    )
    found = {}
    connection = sqlite3.connect(gradebook)
    for learner, cell, score in connection.execute(query):
        found.setdefault(learner, {})[cell] = score
    connection.close()
    return found


@pytest.mark.slow
@pytest.mark.classroom
def test_otter_gives_the_points(tmp_path, environment):
    classroom.need("otter")
    assert assignments.main(["--to", str(tmp_path), "gradient_descent"]) == 0
    folder = tmp_path / "otter" / LESSON
    run(environment, folder, "otter", "generate", "-t", "tests")
    archive = next(folder.glob("*autograder*.zip"))
    for learner, answers in {"ann": RIGHT, "ben": MIXED}.items():
        submission = tmp_path / learner / f"{LESSON}.ipynb"
        hand_in(folder / f"{LESSON}.ipynb", answers, submission)
        run(environment, submission.parent, "otter", "run", "-a", str(archive), str(submission))
        results = json.loads((submission.parent / "results.json").read_text())
        found = {test["name"]: test["score"] for test in results["tests"] if test.get("max_score")}
        assert found == {assignments.grade_id(name): score for name, score in POINTS[learner].items()}
