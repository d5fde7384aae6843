"""What an exercise is: a task, a reference, problems, known mistakes and hints; three kinds, by what is handed in."""

import copy
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, KeysView, ValuesView
from dataclasses import KW_ONLY, dataclass

import numpy as np

from workbench.tutoring import running

NOT_STARTED = None, ..., NotImplemented


class Refusal(Exception):
    """An answer that cannot be compared; the message is the sentence for the learner."""


class NotStarted(Refusal):
    """An answer that is still the skeleton."""


@dataclass
class Trial:
    """What an answer gave on a problem.

    facts: a list of (label, array). changed: a sentence on what it changed of what it was handed, or "".
    rebound: whether it put other arrays into params. drew: whether it drew from a generator that it was handed.
    """

    facts: list
    changed: str = ""
    rebound: bool = False
    drew: bool = False


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer: what it is called, how to get out of it, and `answer`, the same kind of thing as a
    learner's answer, which makes it; `others` make the same mistake and have other results."""

    name: str
    way_out: str
    answer: object
    others: tuple = ()


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
    problems tell all of them from each other and from the reference.
    solution: code that solves it, as it is shown: a function or class, by its source, or such code as text.
    hints: three, from a nudge to the lines that do it; the third is code, lines of the solution.
    variants: answers with other results that pass nevertheless, because books or libraries have them; written as
    mistakes are, the way out being a remark on the difference.
    earlier: its name in an earlier version, under which it may have been passed.
    vary: the names of the arguments that a check may change, or a dict from them to other values; None for all.
    forms: right code in other forms, whose slips are known, too.
    """

    _: KW_ONLY
    name: str
    task: str
    reference: object
    solution: object
    problems: tuple
    mistakes: tuple
    hints: tuple
    variants: tuple = ()
    earlier: str = ""
    vary: tuple | dict | None = None
    forms: tuple = ()

    def __post_init__(self):
        if len(self.hints) != 3:
            raise ValueError(f"hints of {self.name!r} has {len(self.hints)} entries; allowed: 3")

    @property
    def code(self) -> str:
        """The solution, as code that can stand in the place of the learner's."""
        code = self.solution if isinstance(self.solution, str) else inspect.getsource(self.solution)
        return textwrap.dedent(code).rstrip()

    def hint(self, number: int) -> tuple[str, str]:
        """Hint `number`, 1 to 3: words, and code or ""."""
        return (self.hints[number - 1], "") if number < 3 else ("These lines do it.", self.hints[2])

    def wrong_kind(self, answer: object) -> str:
        """A sentence when `answer` is not the kind of thing that this exercise takes, else ""."""
        raise NotImplementedError

    def try_on(self, answer: object, problem: Problem) -> Trial:
        """Run the answer on a problem. Raises Refusal, NotStarted, and whatever the answer raises."""
        raise NotImplementedError

    def parameters(self) -> list[str]:
        """The names of the args of a problem, as the skeleton has them."""
        function = self.reference if isinstance(self.solution, str) else self.solution
        return list(inspect.signature(function).parameters) if callable(function) else []


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

    def try_on(self, answer: object, problem: Problem) -> Trial:
        args = copy.deepcopy(problem.args)
        before = _generators(args)
        try:
            result = answer(*args)
        except NotImplementedError:
            raise _without_result(answer, "it comes to the line `raise NotImplementedError`") from None
        if _is_nothing(result):
            raise _without_result(answer, f"it returned {result}")
        facts = self._facts(result, problem)
        return Trial(facts, _changed(args, problem.args), drew=_generators(args) != before)

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

    facts: as in FunctionExercise, a function of the answer. untouched: what the cell has before it is changed.
    """

    facts: Callable | None = None
    untouched: object = None

    def wrong_kind(self, answer: object) -> str:
        return f"It takes a number, and this is {_kind(answer)}." if callable(answer) else ""

    def try_on(self, answer: object, problem: Problem) -> Trial:
        array = as_array(answer)
        if self.untouched is not None and np.array_equal(array, self.untouched):
            raise NotStarted("the answer is still the one that the cell began with.")
        return Trial([("the answer", array)] if self.facts is None else _labeled(self.facts(array)))


@dataclass(frozen=True)
class OptimizerExercise(Exercise):
    """An exercise whose answer is an optimizer: a class, or a function that makes one, called with the `args` of a
    Walk; it has `update(params, grads)`, which changes the arrays of `params` in place."""

    def wrong_kind(self, answer: object) -> str:
        if callable(answer) or hasattr(answer, "update"):
            return ""
        return f"It takes a class with a method update(params, grads), and this is {_kind(answer)}."

    def try_on(self, answer: object, problem: Problem) -> Trial:
        make = answer if callable(answer) else type(answer)  # of an object that was handed over, its class
        optimizer = make(*problem.args)
        if not hasattr(optimizer, "update"):
            raise Refusal(f"{_kind(optimizer)} has no method update(params, grads).")
        arrays = {key: np.array(w) for key, w in problem.start.items()}  # as a network holds them
        params, trial = dict(arrays), Trial([])
        for t in range(1, problem.steps + 1):
            grads = problem.gradient(arrays)
            given = copy.deepcopy(grads)
            try:
                optimizer.update(params, given)
            except NotImplementedError:
                raise _without_result(
                    optimizer.update, "update comes to the line `raise NotImplementedError`"
                ) from None
            if t == 1 and running.is_empty(optimizer.update) and _same_arrays(arrays, problem.start):
                raise NotStarted("update does nothing yet.")
            trial.changed = trial.changed or _changed([given], [grads])
            trial.rebound = trial.rebound or any(params.get(key) is not w for key, w in arrays.items())
            trial.facts += [(f"{key} after update {t}", np.array(w, float)) for key, w in arrays.items()]
        return trial

    def parameters(self) -> list[str]:
        return list(inspect.signature(self.solution).parameters)


def as_array(result: object) -> np.ndarray:
    """A result as an array of floats; raises Refusal where it is none."""
    if isinstance(result, Iterator | KeysView | ValuesView):
        result = list(result)
    try:
        array = np.asarray(result)
    except (TypeError, ValueError):
        raise Refusal(f"{_kind(result)} cannot be read as numbers; {_odd_entry(result)}.") from None
    if array.dtype.kind == "c" and not array.imag.any():
        array = array.real
    if array.dtype.kind == "c":
        raise Refusal(
            "The result has complex numbers: is it the root of a negative number, or the eigenvalues of a matrix that "
            "is not symmetric?"
        )
    try:
        if array.dtype.kind not in "biufO" or (array.dtype.kind == "O" and any(x is None for x in array.ravel())):
            raise TypeError
        return np.asarray(array, float)
    except (TypeError, ValueError):
        raise Refusal(f"{_kind(result)} cannot be read as numbers; {_odd_entry(result)}.") from None


def _odd_entry(result):
    """Which entry of a list is no number, or has another shape than the first, in words."""
    if isinstance(result, list | tuple):
        shapes = {}
        for k, entry in enumerate(result):
            try:
                array = np.asarray(entry)
                if array.dtype.kind not in "biuf":
                    raise ValueError
                shapes.setdefault(array.shape, k)
            except ValueError:
                return f"entry {k} is {'None' if entry is None else _kind(entry)}"
            if len(shapes) > 1:
                (one, first), (other, second) = shapes.items()
                return f"entry {first} is {_shape(one)}, and entry {second} is {_shape(other)}"
    return "a list or an array of numbers can be"


def _shape(shape):
    return f"an array of shape {shape}" if len(shape) > 1 else f"{shape[0]} numbers" if shape else "a single number"


def _generators(args):
    """The states of the random generators among the arguments."""
    return [a.bit_generator.state for a in args if isinstance(a, np.random.Generator)]


def _is_nothing(result):
    if isinstance(result, tuple) and result:
        return all(part is None for part in result)
    return any(result is nothing for nothing in NOT_STARTED)


def _without_result(function, how):
    """The exception for a function that gives nothing: it is still the skeleton, or one of its ways has no result."""
    if running.is_empty(function):
        return NotStarted("it returns None.")
    try:
        code = inspect.getsource(function)
    except (OSError, TypeError):
        code = ""
    if assigned := re.search(r"(\w+)\s*=\s*\1\.(append|extend|sort|insert|shuffle)\(", code):
        name, method = assigned.groups()
        return Refusal(
            f"{how}. `{name}.{method}(…)` changes {name} itself and gives None: "
            f"write it without `{name} =`, or {name} is None from then on."
        )
    if given := re.search(r"return\s+([\w.]+\.(?:append|extend|sort|insert|shuffle|fill|update))\(", code):
        return Refusal(f"{how}: {given[1]}(…) changes something in place and gives None. Return what it has changed.")
    if "return" not in code and "lambda" not in code and code:
        return Refusal(f"{how}: there is no `return`. A function gives back only what stands after it.")
    return Refusal(f"{how}. Some way through your function ends without a `return`, or what is returned is None there.")


def _same_arrays(some, others):
    return all(np.array_equal(some[key], others[key]) for key in others)


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
                    f"One remark: your code changes the {what} that it was given, which whoever "
                    f"called it may still need: "
                    "`a = a - b` makes a new array, `a -= b` changes the old one."
                )
    return ""


def _kind(thing):
    """What a thing is, for a sentence: a list, the class Momentum, an object of class Momentum."""
    if isinstance(thing, type):
        return f"the class {thing.__name__}"
    name = type(thing).__name__
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"
