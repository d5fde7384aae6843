"""Probes: a problem of an exercise with one argument changed, to see what an answer depends on."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from workbench.tutoring.comparing import same
from workbench.tutoring.exercise import Exercise, Problem, Trial


@dataclass(frozen=True)
class Probe:
    """A problem with another value of one argument, and what the reference makes of it."""

    argument: str
    words: str
    problem: Problem
    expected: Trial


def probes(exercise: Exercise, base: Problem, expected: Trial) -> list[Probe]:
    """Up to two probes for each argument of the problem `base` for which the reference then gives something else.

    expected: what it gives on `base`.
    """
    names, found = exercise.parameters(), []
    if len(names) < len(base.args):
        return []
    for k, (name, value) in enumerate(zip(names, base.args, strict=False)):
        count = 0
        if exercise.vary is not None and name not in exercise.vary:
            continue
        others = _others(value)
        if isinstance(exercise.vary, dict):
            others = [(other, f"{other} in place of {value}") for other in exercise.vary[name]]
        for other, words in others:
            args = (*base.args[:k], other, *base.args[k + 1 :])
            problem = dataclasses.replace(base, args=args, by_hand=None)
            try:
                trial = exercise.try_on(exercise.reference, problem)
            except Exception:  # not every other value is allowed
                continue
            finite = all(np.isfinite(a).all() for _, a in trial.facts if a.dtype.kind == "f")
            if finite and not same(trial.facts, expected.facts, 1e-3):
                found.append(Probe(name, words, problem, trial))
                count += 1
            if count == 2:
                break
    return found


def variations(exercise: Exercise, problem: Problem, name: str) -> list[Problem]:
    """The problem with other values of the argument `name`, whatever the reference makes of them."""
    names = exercise.parameters()
    if name not in names or names.index(name) >= len(problem.args):
        return []
    k = names.index(name)
    if isinstance(exercise.vary, dict):
        others = exercise.vary[name]
    else:
        others = [*(other for other, _ in _others(problem.args[k])), *_wilder(problem.args[k])]
    return [
        dataclasses.replace(problem, args=(*problem.args[:k], other, *problem.args[k + 1 :]), by_hand=None)
        for other in others
    ]


def _wilder(value):
    """Values of the same kind that differ in another way: another sign, unequal entries, entries that are alike."""
    if isinstance(value, bool | np.bool_):
        yield not value
    elif isinstance(value, np.ndarray) and value.size:
        if value.dtype.kind == "f":
            yield -value
            yield value * np.linspace(0.5, 1.5, value.size).reshape(value.shape)
        yield np.full_like(value, value.min())
        yield np.full_like(value, value.max())
    elif isinstance(value, dict) and all(isinstance(a, np.ndarray) for a in value.values()):
        others = [list(_wilder(a)) for a in value.values()]
        for changed in zip(*others, strict=False):
            yield dict(zip(value, changed, strict=True))
    elif callable(value) and not isinstance(value, type):
        yield lambda *args: -value(*args)
        yield lambda *args: value(*args) + 0.3


def _others(value):
    """(another value of the same kind, how it is called) for an argument, the tamest first."""
    if isinstance(value, bool | np.bool_):
        return
    if isinstance(value, int | np.integer):
        for other in value + 1, value - 1, 2 * value:
            if other >= 0:
                yield other, f"{other} in place of {value}"
    elif isinstance(value, float | np.floating):
        for other in 0.7 * value, 1.3 * value, value + 0.3:
            if not 0 < value < 1 or 0 < other < 1:  # what may have to be a share stays one
                yield other, f"{other:.4g} in place of {value:.4g}"
    elif isinstance(value, np.ndarray) and value.size:
        order = "the rows" if value.ndim > 1 else "the entries"
        yield np.roll(value, 1, axis=0), f"{order} in another order"
        if value.dtype.kind == "f" and not np.isclose(value.sum(), 1):  # probabilities stay probabilities
            yield value * 1.3, "1.3 times as large"
            yield value + 0.7, "all entries larger by 0.7"
    elif isinstance(value, dict) and all(isinstance(a, np.ndarray) and a.dtype.kind == "f" for a in value.values()):
        yield {key: a * 1.3 for key, a in value.items()}, "all arrays 1.3 times as large"
    elif callable(value) and not isinstance(value, type):
        yield (lambda *args: 0.8 * value(*args)), "a function with 0.8 times the values"
