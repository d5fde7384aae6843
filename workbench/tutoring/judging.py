"""How an answer to an exercise is judged: tried on all problems, compared with the reference and known mistakes."""

from dataclasses import dataclass

import numpy as np

from workbench.tutoring import running
from workbench.tutoring.exercise import NOT_STARTED, Exercise, Mistake, Refusal

# Relative to the largest number of a problem. float32 reaches 1e-6; known mistakes are off by more than 1e-3 (tested).
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Verdict:
    """What `judge` found: `words` for the learner, whether it passed, and the known mistake, if it is one."""

    words: str
    passed: bool = False
    mistake: Mistake | None = None


def judge(exercise: Exercise, answer: object, seconds: float = running.TIME_LIMIT) -> Verdict:
    """Run an answer on all problems of an exercise and return a Verdict. Raises nothing for any answer."""
    if any(answer is nothing for nothing in NOT_STARTED):
        return Verdict(f"Nothing to check yet: the answer is {answer}. The task: {exercise.task}.")
    if sentence := exercise.wrong_kind(answer):
        return Verdict(f"This cannot be checked. {sentence}")
    found, trouble, changed, printed = [], "", "", running.Printed()
    for number, problem in enumerate(exercise.problems, start=1):
        with running.caught_printing(printed):
            outcome = running.attempt(lambda problem=problem: exercise.try_on(answer, problem), seconds)
        if trouble := _trouble(exercise, f"Problem {number}, {problem.words}", outcome, seconds):
            break
        facts, change = outcome.result
        found.append(facts)
        changed = changed or change
    verdict = _compare(exercise, found)
    right = verdict is None or verdict.passed
    if right and trouble:
        verdict = Verdict(trouble)
    elif right and changed:
        verdict = Verdict(f"The results are right. {changed}")
    elif verdict is None:
        verdict = Verdict(f"Agrees on: {'; '.join(p.words for p in exercise.problems)}.", passed=True)
    if shown := printed.shown():
        verdict = Verdict(f"{verdict.words}\nYour code printed:\n{shown}", verdict.passed, verdict.mistake)
    return verdict


def same(found: list, expected: list, tolerance: float = TOLERANCE) -> bool:
    """Whether two lists of facts agree: as many, of the same shapes, and equal up to `tolerance`."""
    return len(found) == len(expected) and _first_difference(found, expected, tolerance) is None


def _first_difference(found, expected, tolerance=TOLERANCE):
    """The number of the first fact that differs, or None; facts that one of the two lists lacks do not count."""
    sizes = [np.abs(a[np.isfinite(a)]).max(initial=0.0) for _, a in expected if a.dtype.kind == "f"]
    atol = tolerance * max(sizes, default=0.0)
    for k, ((_, a), (_, b)) in enumerate(zip(found, expected, strict=False)):
        if a.size == b.size == 1:
            a, b = a.ravel(), b.ravel()
        if a.dtype.kind == "U":
            if a != b:
                return k
        elif a.shape != b.shape or not np.allclose(a, b, rtol=tolerance, atol=atol, equal_nan=True):
            return k
    return None


def results(exercise: Exercise, answer: object) -> list[list]:
    """The facts of an answer on each problem, up to the first that it cannot do."""
    found = []
    for problem in exercise.problems:
        try:
            with np.errstate(all="ignore"):
                found.append(exercise.try_on(answer, problem)[0])
        except Exception:  # a known mistake may end in an exception, as a learner's does
            break
    return found


def _compare(exercise, found):
    """A Verdict on the first fact that differs from the reference, or None."""
    expected = results(exercise, exercise.reference)
    for variant in exercise.variants:
        theirs = results(exercise, variant.answer)
        if not all(map(same, found, expected)) and all(map(same, found, theirs)):
            return Verdict(f"It is another form of the rule: {variant.name}. {variant.way_out}", passed=True)
    for k, (ours, problem) in enumerate(zip(found, exercise.problems, strict=False)):
        if same(ours, expected[k]):
            continue
        words = f"Problem {k + 1}, {problem.words}: {_difference(ours, expected[k])}."
        if k:
            words = f"{k} of {len(exercise.problems)} problems agree. {words}"
        for mistake in exercise.mistakes:
            theirs = results(exercise, mistake.answer)
            if len(theirs) >= len(found) and all(map(same, found, theirs)):
                return Verdict(f"{words}\nThis is a known mistake: {mistake.name}.\n{mistake.way_out}", mistake=mistake)
        if any(a.dtype.kind == "f" and np.isnan(a).any() for _, a in ours):
            return Verdict(f"{words}\nnan comes from 0/0, from inf − inf, or from the root of a negative number.")
        return Verdict(f"{words}\nIt is none of the known mistakes; work this one by hand, line by line.")
    return None


def _difference(found, expected):
    """What should be, and what is: the number of facts, or else the first fact that differs."""
    if len(found) != len(expected):
        return f"the result should have {len(expected)} entries, yours has {len(found)}"
    number = _first_difference(found, expected)
    (label, a), (_, b) = found[number], expected[number]
    if a.dtype.kind == "U":
        return f"{label} should be {b}, yours is {a}"
    if a.size == b.size == 1:
        a, b = a.reshape(()), b.reshape(())
    if a.shape != b.shape:
        return f"{label} should have shape {b.shape}, yours has {a.shape}"
    if a.size > 6:
        wrong = ~np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * np.abs(b).max(), equal_nan=True)
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        label, a, b = f"entry {list(index)} of {label}", a[index], b[index]
    for digits in 4, 8, 16:
        ours, theirs = _numbers(a, digits), _numbers(b, digits)
        if ours != theirs:
            break
    return f"{label} should be {theirs}, yours is {ours}"


def _numbers(array, digits):
    """Numbers for people, at least `digits` significant ones: 5, (−7, 2), ((1, 2), (3, 4))."""
    if np.ndim(array) == 0:
        return f"{array + 0.0:.{digits}g}".replace("-", "−")
    return f"({', '.join(_numbers(a, digits) for a in array)})"


def _trouble(exercise, where, outcome, seconds):
    """A sentence on an answer that gave no result on the problem that `where` names, else ""."""
    if outcome.timed_out:
        stop = "" if outcome.stopped else " It could not be stopped: restart the kernel."
        return (
            f"{where}: it was still running after {seconds:g} seconds, so it was stopped. "
            f"Does every loop come to an end?{stop}"
        )
    if isinstance(outcome.error, NotImplementedError):
        reason = str(outcome.error)
        return f"Nothing to check yet{': ' + reason if reason else '.'} The task: {exercise.task}."
    if isinstance(outcome.error, Refusal):
        return f"{where}: {outcome.error}"
    if outcome.error is not None:
        return f"{where}: your code raised {running.describe(outcome.error)}"
    return ""
