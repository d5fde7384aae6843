"""What an exercise is: a task, a reference, problems, known mistakes and hints; three kinds, by what is handed in."""

import copy
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

import numpy as np

from workbench.tutoring import running

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

    name: what `check` is called with. task: what to write, in a phrase.
    reference: a correct answer. problems: several, the first one worked by hand. mistakes: the known ones; the
    problems tell all of them from each other and from the reference. hints: three, from a nudge to the line itself.
    variants: answers with other results that pass nevertheless, because books or libraries have them; written as
    mistakes are, the way out being a remark on the difference.
    """

    _: KW_ONLY
    name: str
    task: str
    reference: object
    problems: tuple
    mistakes: tuple
    hints: tuple
    variants: tuple = ()

    def __post_init__(self):
        if len(self.hints) != 3:
            raise ValueError(f"hints of {self.name!r} has {len(self.hints)} entries; allowed: 3")

    def wrong_kind(self, answer: object) -> str:
        """A sentence when `answer` is not the kind of thing that this exercise takes, else ""."""
        raise NotImplementedError

    def try_on(self, answer: object, problem: Problem) -> tuple[list, str]:
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

    def wrong_kind(self, answer: object) -> str:
        if callable(answer):
            return ""
        return f"It takes a function, and this is {_kind(answer)}. Hand over the function itself, without brackets."

    def try_on(self, answer: object, problem: Problem) -> tuple[list, str]:
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

    def wrong_kind(self, answer: object) -> str:
        return f"It takes a number, and this is {_kind(answer)}." if callable(answer) else ""

    def try_on(self, answer: object, problem: Problem) -> tuple[list, str]:
        array = as_array(answer)
        if self.facts is None:
            return [("the answer", array)], ""
        return _labeled(self.facts(array)), ""


@dataclass(frozen=True)
class OptimizerExercise(Exercise):
    """An exercise whose answer is an optimizer: a class, or a function that makes one, called with the `args` of a
    Walk; it has `update(params, grads)`, which changes the arrays of `params` in place."""

    def wrong_kind(self, answer: object) -> str:
        if not callable(answer):
            if hasattr(answer, "update"):
                return "Hand over the class itself, without brackets: the check makes optimizers of its own."
            return f"It takes a class with a method update(params, grads), and this is {_kind(answer)}."
        return ""

    def try_on(self, answer: object, problem: Problem) -> tuple[list, str]:
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


def as_array(result: object) -> np.ndarray:
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
