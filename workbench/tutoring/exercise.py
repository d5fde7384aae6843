"""What an exercise is (a task, a reference, problems, known mistakes, hints), and how an answer to it is judged."""

import copy
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

import numpy as np

from workbench.tutoring import running

# Relative to the largest number of a problem. float32 reaches 1e-6; known mistakes are off by more than 1e-3 (tested).
TOLERANCE = 1e-5
NOT_STARTED = None, ..., NotImplemented


class Refusal(Exception):
    """An answer that cannot be compared; the message is the sentence for the learner."""


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer: what it is called, how to get out of it, and `answer`, the same kind of thing as a
    learner's answer, which makes it."""

    name: str
    way_out: str
    answer: object


@dataclass(frozen=True)
class Problem:
    """What an answer is tried on: `words` name it, `args` are handed to the answer, in this order.

    by_hand: the result, worked by hand with round numbers; the first problem of an exercise has it.
    """

    words: str
    args: tuple = ()
    by_hand: object = None


@dataclass(frozen=True)
class Walk(Problem):
    """A problem for an optimizer: `args` are its hyper-parameters; it then walks from `start`, a dict of arrays.

    gradient: a function from the dict of parameters to a dict of gradients. by_hand: the parameters at the end.
    """

    _: KW_ONLY
    start: dict
    gradient: Callable
    steps: int


@dataclass(frozen=True)
class Exercise:
    """The base of all exercises. A subclass says what it takes for an answer, and how it is run on a problem.

    name, lesson: what `check` is called with, and the number of the lesson. task: what to write, in a phrase.
    reference: a correct answer. problems: several, the first one worked by hand. mistakes: the known ones; the
    problems tell all of them from each other and from the reference. hints: three, from a nudge to the line itself.
    variants: answers with other results that pass nevertheless, because books or libraries have them; written as
    mistakes are, the way out being a remark on the difference.
    """

    _: KW_ONLY
    name: str
    lesson: int
    task: str
    reference: object
    problems: tuple
    mistakes: tuple
    hints: tuple
    variants: tuple = ()

    def __post_init__(self):
        if len(self.hints) != 3:
            raise ValueError(f"hints of {self.name!r} has {len(self.hints)} entries; allowed: 3")

    def wrong_kind(self, answer):
        """A sentence when `answer` is not the kind of thing that this exercise takes, else ""."""
        raise NotImplementedError

    def run(self, answer, problem):
        """Run the answer on a problem: its facts, a list of (label, array); and what it changed, a sentence or "".

        Raises Refusal, NotImplementedError where the answer has not been started, and whatever the answer raises.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class FunctionExercise(Exercise):
    """An exercise whose answer is a function; it is called with the `args` of each problem.

    rows: "update", say, when the result is a list that holds the start and then an entry for each update.
    facts: where the result itself is not what counts (a random order, any number that does it): a function of the
    result and of the problem's args to a dict from label to number, array or words. It may raise Refusal.
    """

    rows: str = ""
    facts: Callable | None = None

    def wrong_kind(self, answer):
        if callable(answer):
            return ""
        return f"It takes a function, and this is {_kind(answer)}. Hand over the function itself, without brackets."

    def run(self, answer, problem):
        args = copy.deepcopy(problem.args)
        result = answer(*args)
        if any(result is nothing for nothing in NOT_STARTED):
            raise NotImplementedError(f"it returns {result}. A function gives back only what stands after `return`.")
        return self._facts(result, problem), _changed(args, problem.args)

    def _facts(self, result, problem):
        if self.facts is not None:
            return _labeled(self.facts(result, *problem.args))
        array = as_array(result)
        if not self.rows or array.ndim == 0:
            return [("the result", array)]
        labels = ["the start", *(f"{self.rows} {k}" for k in range(1, len(array)))]
        return list(zip(labels, array, strict=False))


@dataclass(frozen=True)
class ValueExercise(Exercise):
    """An exercise whose answer is a number, or several. Its one problem has no args.

    facts: as in FunctionExercise, a function of the answer.
    """

    facts: Callable | None = None

    def wrong_kind(self, answer):
        return f"It takes a number, and this is {_kind(answer)}." if callable(answer) else ""

    def run(self, answer, problem):
        array = as_array(answer)
        if self.facts is None:
            return [("the answer", array)], ""
        return _labeled(self.facts(array)), ""


@dataclass(frozen=True)
class OptimizerExercise(Exercise):
    """An exercise whose answer is an optimizer: a class, or a function that makes one, called with the `args` of a
    Walk; it has `update(params, grads)`, which changes the arrays of `params` in place."""

    def wrong_kind(self, answer):
        if not callable(answer):
            if hasattr(answer, "update"):
                return "Hand over the class itself, without brackets: the check makes optimizers of its own."
            return f"It takes a class with a method update(params, grads), and this is {_kind(answer)}."
        return ""

    def run(self, answer, problem):
        optimizer = answer(*problem.args)
        if not hasattr(optimizer, "update"):
            raise Refusal(f"{_kind(optimizer)} has no method update(params, grads).")
        if running.is_empty(optimizer.update):
            raise NotImplementedError
        arrays = {key: np.array(w) for key, w in problem.start.items()}  # as a network holds them
        params, facts, changed = dict(arrays), [], ""
        for t in range(1, problem.steps + 1):
            grads = problem.gradient(arrays)
            given = copy.deepcopy(grads)
            optimizer.update(params, given)
            changed = changed or _changed([given], [grads])
            facts += [(f"{key} after update {t}", np.array(w, float)) for key, w in arrays.items()]
        return facts, changed


@dataclass(frozen=True)
class Verdict:
    """What `judge` found: `words` for the learner, whether it passed, and the known mistake, if it is one."""

    words: str
    passed: bool = False
    mistake: Mistake | None = None


def judge(exercise, answer, seconds=running.TIME_LIMIT):
    """Run an answer on all problems of an exercise and return a Verdict. Raises nothing for any answer."""
    if any(answer is nothing for nothing in NOT_STARTED):
        return Verdict(f"Nothing to check yet: the answer is {answer}. The task: {exercise.task}.")
    if sentence := exercise.wrong_kind(answer):
        return Verdict(f"This cannot be checked. {sentence}")
    found, trouble, changed, printed = [], "", "", running.Printed()
    for number, problem in enumerate(exercise.problems, start=1):
        with running.caught_printing(printed):
            outcome = running.run(lambda problem=problem: exercise.run(answer, problem), seconds)
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


def same(found, expected, tolerance=TOLERANCE):
    """Whether two lists of facts agree: as many, of the same shapes, and equal up to `tolerance`."""
    return len(found) == len(expected) and _first_difference(found, expected, tolerance) is None


def as_array(result):
    """A result as an array of floats; raises Refusal where it is none."""
    try:
        array = np.asarray(result)
        if array.dtype.kind not in "biufO":
            raise TypeError
        return np.asarray(array, float)
    except (TypeError, ValueError):
        raise Refusal(f"{_kind(result)} cannot be read as numbers; a list or an array of numbers can be.") from None


def _labeled(facts):
    return [(label, np.asarray(value, None if isinstance(value, str) else float)) for label, value in facts.items()]


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


def results(exercise, answer):
    """The facts of an answer on each problem, up to the first that it cannot do."""
    found = []
    for problem in exercise.problems:
        try:
            with np.errstate(all="ignore"):
                found.append(exercise.run(answer, problem)[0])
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


def _changed(args, originals):
    """A sentence when a list, dict or array among the arguments was changed, else ""."""
    for a, b in zip(args, originals, strict=True):
        pairs = zip(a.values(), b.values(), strict=False) if isinstance(b, dict) else [(a, b)]
        for x, y in pairs:
            if isinstance(y, np.ndarray | list) and not np.array_equal(x, y, equal_nan=True):
                what = "gradients" if isinstance(b, dict) else "arrays"
                return (
                    f"But your code changes the {what} that it was given, and whoever called it still needs them: "
                    "`a = a - b` makes a new array, `a -= b` changes the old one."
                )
    return ""


def _kind(thing):
    """What a thing is, for a sentence: a list, the class Momentum, an object of class Momentum."""
    if isinstance(thing, type):
        return f"the class {thing.__name__}"
    name = type(thing).__name__
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"
