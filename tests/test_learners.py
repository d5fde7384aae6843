"""Answers that learners might write: wrong ones are caught and truly named, right ones pass, nothing crashes."""

import re
from itertools import groupby

import pytest
from learners import ANSWERS

from workbench.tutoring.catalogue import EXERCISES
from workbench.tutoring.judging import judge

GROUPS = {name: list(group) for name, group in groupby(sorted(ANSWERS, key=lambda a: a.exercise), lambda a: a.exercise)}
WITHOUT_A_NAME = "It is none of the mistakes known here"


def verdict(written):
    # An odd one may be a loop without end, and gets a sentence however soon it is stopped.
    return judge(EXERCISES[written.exercise], written.answer(), seconds=0.5 if written.kind == "odd" else 2.0)


def test_every_exercise_has_a_dozen_answers():
    assert GROUPS.keys() == EXERCISES.keys()
    assert min(len(group) for group in GROUPS.values()) >= 9
    assert len(ANSWERS) >= 12 * len(GROUPS)


@pytest.mark.slow
@pytest.mark.parametrize("name", GROUPS)
def test_the_answers_to_an_exercise(name):
    """A wrong answer that is marked as "unnamed" is caught, and only that."""
    trouble = []
    for written in GROUPS[name]:
        found = verdict(written)
        assert found.words
        if written.kind == "right" and not found.passed:
            trouble.append(f"line {written.line}: a right answer is refused: {found.words}")
        if written.kind.startswith("wrong") and found.passed:
            trouble.append(f"line {written.line}: a wrong answer passes")
        named = re.search(written.truth, found.words, re.IGNORECASE) and WITHOUT_A_NAME not in found.words
        if written.kind == "wrong" and not named:
            trouble.append(f"line {written.line}: not named {written.truth}: {found.words}")
    assert trouble == []


def test_nine_of_ten_wrong_answers_are_named():
    wrong = [written.kind for written in ANSWERS if written.kind.startswith("wrong")]
    assert wrong.count("wrong") >= 0.9 * len(wrong)
