"""Every known mistake, written in lessons/NAME/answers.py, is given its name; other right answers pass."""

import importlib
import itertools
import re
from pathlib import Path

import jupytext
import numpy as np
import pytest

from lessons.adam.answers import AdamOfTheBook
from workbench.tutoring.answers import RIGHT, WRONG
from workbench.tutoring.catalogue import ALL, EXERCISES, LESSONS
from workbench.tutoring.exercise import Walk
from workbench.tutoring.judging import TOLERANCE, judge, results, same

FOLDER = Path(__file__).resolve().parent.parent / "lessons"
for lesson in LESSONS:
    importlib.import_module(f"lessons.{lesson}.answers")  # which registers them


@pytest.mark.parametrize(("exercise", "mistake"), WRONG)
def test_a_mistake_is_given_its_name(exercise, mistake):
    verdict = judge(EXERCISES[exercise], WRONG[exercise, mistake])
    assert verdict.mistake is not None, verdict.words
    assert verdict.mistake.name == mistake, verdict.words
    assert not verdict.passed
    assert mistake in verdict.words
    assert verdict.mistake.way_out in verdict.words


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
    facts, changed = exercise.try_on(exercise.reference, first)
    assert changed == ""
    words = [str(value) for _, value in facts if value.dtype.kind == "U"]
    if words:
        assert words == ([first.by_hand] if isinstance(first.by_hand, str) else first.by_hand)
    elif isinstance(first, Walk):
        assert first.by_hand.keys() == first.start.keys()
        for (_, w), by_hand in zip(facts[-len(first.start) :], first.by_hand.values(), strict=True):
            np.testing.assert_allclose(w, by_hand, rtol=1e-12)
    else:
        array = np.concatenate([value.ravel() for _, value in facts])
        np.testing.assert_allclose(array, np.ravel(first.by_hand), rtol=1e-12)


@each
def test_names_and_hints(exercise):
    assert len(set(exercise.hints)) == len(exercise.hints) == 3
    for text in [*exercise.hints, *(mistake.way_out for mistake in exercise.mistakes)]:
        assert text[-1] in ".?`"
        assert "!" not in text
    assert not exercise.task.endswith(".")
    assert exercise.name == exercise.name.lower()
    assert all(mistake.way_out for mistake in exercise.mistakes)


def test_no_two_exercises_share_a_name():
    assert len(EXERCISES) == len(ALL) > 40


CALL = re.compile(r'^tutor\.(check|hint)\("([^"]+)"(.*)\)$', re.MULTILINE)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_lesson_has_the_cells_of_every_exercise(lesson):
    """A check, a hint, and a folded solution whose check says that it is one; no name is unknown."""
    cells = [
        cell for cell in jupytext.read(FOLDER / lesson / "lesson.md", fmt="md:myst").cells if cell.cell_type == "code"
    ]
    found = []
    for cell in cells:
        folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        gives_away = "tutor.predict(" in cell.source or "solution=True" in cell.source
        assert folded == gives_away, f"a cell is folded when it holds an answer, and only then: {cell.source}"
        for call, name, rest in CALL.findall(cell.source):
            found.append((name, "solution" if rest.endswith(", solution=True") else call))
    names = [exercise.name for exercise in LESSONS[lesson]]
    expected = [(name, kind) for name in names for kind in ("check", "hint", "solution")]
    assert sorted(found) == sorted(expected)
    assert 2 <= len(names) <= 4
    calls = [line for cell in cells for line in cell.source.splitlines()]
    assert "tutor.predictions()" in calls
    assert f'tutor.progress("{lesson}")' in calls
