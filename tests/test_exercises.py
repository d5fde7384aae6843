"""Every known mistake, written in lessons/NAME/answers.py, is given its name; other right answers pass."""

import ast
import functools
import importlib
import itertools
import re
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest

from lessons import ORDER, stem
from lessons.adam.answers import AdamOfTheBook
from workbench.tutoring.answers import RIGHT, WRONG
from workbench.tutoring.catalogue import ALL, ALL_QUESTIONS, EXERCISES, LESSONS, MODULES, QUESTIONS
from workbench.tutoring.comparing import TOLERANCE, same
from workbench.tutoring.exercise import Walk
from workbench.tutoring.judging import judge, results

ROOT = Path(__file__).resolve().parent.parent
for lesson in LESSONS:
    importlib.import_module(f"lessons.{lesson}.answers")  # which registers them


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "mistake"), WRONG)
def test_a_mistake_is_given_its_name(exercise, mistake):
    verdict = judge(EXERCISES[exercise], WRONG[exercise, mistake])
    assert verdict.mistake is not None, verdict.words
    assert verdict.mistake.name == mistake, verdict.words
    assert not verdict.passed
    assert mistake in verdict.words
    assert verdict.mistake.way_out in verdict.words


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_another_right_answer_passes(exercise, answer):
    verdict = judge(EXERCISES[exercise], answer)
    assert verdict.passed, verdict.words


def test_every_mistake_has_an_answer_that_makes_it():
    catalog = {(exercise.name, mistake.name) for exercise in EXERCISES.values() for mistake in exercise.mistakes}
    assert catalog == WRONG.keys()


each = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES.keys())


@each
def test_mistakes_are_told_apart(exercise):
    """From each other and from the reference, by a hundred times the tolerance."""
    found = {"the reference": results(exercise, exercise.reference)}
    known = *exercise.mistakes, *exercise.variants
    found |= {mistake.name: results(exercise, mistake.answer) for mistake in known}
    assert len(found) == len(known) + 1
    alike = [
        (one, other)
        for one, other in itertools.combinations(found, 2)
        if all(same(a, b, 100 * TOLERANCE) for a, b in zip(found[one], found[other], strict=False))
    ]
    assert alike == []


def test_another_form_of_the_rule_passes_with_a_remark():
    verdict = judge(EXERCISES["adam"], AdamOfTheBook)
    assert verdict.passed
    assert verdict.words.startswith("It is another form of the rule: ε added to the root of the uncorrected v. Keras")


@each
def test_the_reference_passes_and_the_first_problem_was_worked_by_hand(exercise):
    assert judge(exercise, exercise.reference).passed
    first = exercise.problems[0]
    assert first.by_hand is not None
    trial = exercise.try_on(exercise.reference, first)
    assert trial.changed == ""
    words = [str(value) for _, value in trial.facts if value.dtype.kind == "U"]
    if words:
        assert words == ([first.by_hand] if isinstance(first.by_hand, str) else first.by_hand)
    elif isinstance(first, Walk):
        assert first.by_hand.keys() == first.start.keys()
        for (_, w), by_hand in zip(trial.facts[-len(first.start) :], first.by_hand.values(), strict=True):
            np.testing.assert_allclose(w, by_hand, rtol=1e-12)
    else:
        array = np.concatenate([value.ravel() for _, value in trial.facts])
        np.testing.assert_allclose(array, np.ravel(first.by_hand), rtol=1e-12)


@each
def test_problems_hand_over_arrays(exercise):
    """So that `1 - lr * curvatures` works: numbers come in arrays of floats, indices in arrays of whole numbers."""
    for problem in exercise.problems:
        for value in problem.args:
            assert not (isinstance(value, list | tuple) and all(np.isscalar(entry) for entry in value)), value


@each
def test_names_and_hints(exercise):
    assert len(set(exercise.hints)) == len(exercise.hints) == 3
    for text in [*exercise.hints[:2], *(mistake.way_out for mistake in exercise.mistakes)]:
        assert text[-1] in ".?`"
        assert "!" not in text
    assert not exercise.task.endswith(".")
    assert exercise.name == exercise.name.lower()
    assert all(mistake.way_out for mistake in exercise.mistakes)


def test_no_two_exercises_and_no_two_questions_share_a_name():
    assert len(EXERCISES) == len(ALL) > 40
    assert len(QUESTIONS) == len(ALL_QUESTIONS) > 40


@functools.cache
def lesson_cells(lesson):
    return jupytext.read(ROOT / "lessons" / lesson / "lesson.md", fmt="md:myst").cells


def code_of(lesson):
    return [cell for cell in lesson_cells(lesson) if cell.cell_type == "code"]


CALL = re.compile(r'^tutor\.(check|predict)\("([^"]+)"(?:, (.+))?\)$')


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_exercise_is_one_cell_to_write_and_one_to_check(lesson):
    """No name is unknown, none is left out, and no cell is folded: none has anything to hide."""
    cells = code_of(lesson)
    found = {"check": [], "predict": []}
    for before, cell in itertools.pairwise(cells):
        assert "jupyter" not in cell.metadata
        if "tutor.check(" in cell.source or "tutor.predict(" in cell.source:
            call, name, answer = CALL.match(cell.source).groups()
            found[call].append(name)
            if call == "check":
                for part in answer.strip("()").split(", "):
                    assert re.search(rf"^(def |class )?{part}\b|, {part} =", before.source, re.MULTILINE), part
    names = [exercise.name for exercise in LESSONS[lesson]]
    assert sorted(found["check"]) == sorted(names)
    assert 2 <= len(names) <= 4
    assert found["predict"] == [question.name for question in getattr(MODULES[lesson], "QUESTIONS", ())]
    calls = [line for cell in cells for line in cell.source.splitlines()]
    assert not [line for line in calls if re.search(r"tutor\.(hint|solution)\b", line)]
    assert "tutor.predictions()" in calls
    assert f'tutor.progress("{lesson}")' in calls


def in_the_lesson(exercise):
    """The skeleton of an exercise, what its check is handed, and a namespace with what the lesson has before it."""
    lesson = next(name for name, exercises in LESSONS.items() if exercise in exercises)
    cells, names = code_of(lesson), {"tutor": None}
    exec(cells[0].source, names)
    names |= {name: value for name, value in vars(MODULES[lesson]).items() if name not in names}
    place = next(k for k, cell in enumerate(cells) if cell.source.startswith(f'tutor.check("{exercise.name}"'))
    return cells[place - 1].source, CALL.match(cells[place].source)[3], names


@pytest.mark.slow
@each
def test_the_solution_passes_in_the_place_of_the_learners(exercise):
    _, answer, names = in_the_lesson(exercise)
    exec(compile(exercise.code, "<solution>", "exec"), names)
    verdict = judge(exercise, eval(answer, names))
    assert verdict.passed, verdict.words


@each
def test_the_third_hint_pasted_in_passes(exercise):
    """Its lines are lines of the solution: taken out and put in again, the solution is whole and passes."""
    hint, code = exercise.hints[2].splitlines(), exercise.code.splitlines()
    places = [
        k
        for k in range(len(code) - len(hint) + 1)
        if all(a.strip() == b.strip() for a, b in zip(code[k:], hint, strict=False))
    ]
    assert len(places) == 1, f"{hint} stands in the solution {len(places)} times"
    k = places[0]
    indent = code[k][: len(code[k]) - len(code[k].lstrip())]
    pasted = [*code[:k], *(f"{indent}{line}" for line in hint), *code[k + len(hint) :]]
    _, answer, names = in_the_lesson(exercise)
    exec(compile("\n".join(pasted), "<hint>", "exec"), names)
    verdict = judge(exercise, eval(answer, names))
    assert verdict.passed, verdict.words


@each
def test_the_skeleton_is_not_started(exercise):
    skeleton, answer, names = in_the_lesson(exercise)
    wanted = set(answer.strip("()").split(", "))
    for node in ast.parse(skeleton).body:
        given = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if getattr(node, "name", None) in wanted or (isinstance(node, ast.Assign) and wanted <= given):
            exec(compile(ast.Module([node], []), "<skeleton>", "exec"), names)
    verdict = judge(exercise, eval(answer, names))
    assert not verdict.started, verdict.words
    assert verdict.words.startswith("Nothing to check yet")


# What gives an answer away must not stand where it is read before it is asked for.


def secrets(lesson):
    """Hints, solutions and answers to predictions, in pieces that do not stand in a notebook for another reason."""
    for exercise in LESSONS[lesson]:
        yield from exercise.hints[:2]
        yield exercise.code
        yield from (mistake.way_out for mistake in exercise.mistakes)
    for question in getattr(MODULES[lesson], "QUESTIONS", ()):
        yield question.why
        yield f"it is {question.answer}."


@pytest.mark.parametrize("lesson", ORDER)
def test_no_notebook_gives_a_hint_a_solution_or_the_answer_to_a_prediction(lesson):
    """Neither in a cell nor in what Run All printed: the outputs in the file are those of Run All."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{stem(lesson)}.ipynb", as_version=4)
    texts = [cell.source for cell in notebook.cells]
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            texts.append(output.get("text", ""))
            texts += [text for kind, text in output.get("data", {}).items() if kind.startswith("text/")]
    page = " ".join("\n".join(texts).split())
    assert [secret for secret in secrets(lesson) if " ".join(secret.split()) in page] == []
