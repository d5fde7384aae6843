"""How an answer to an exercise is judged: tried on all problems, compared with the reference, mistakes and slips."""

import ast
import contextlib
import functools
import inspect
import itertools
import re
import textwrap
import time
import warnings
from dataclasses import dataclass

import numpy as np

from workbench.tutoring import running
from workbench.tutoring.comparing import difference, place, problems_right, relations, same, shape
from workbench.tutoring.exercise import (
    NOT_STARTED,
    Exercise,
    FunctionExercise,
    Mistake,
    NotStarted,
    OptimizerExercise,
    Refusal,
    Trial,
)
from workbench.tutoring.probes import Probe, probes, variations
from workbench.tutoring.slips import slips

SEARCH = 1.5  # seconds that the search for slips may take
PROBLEMS = 4  # so many are varied to see whether an argument is ignored
TOLD = 3  # so many slips with the same results are told


@dataclass(frozen=True)
class Verdict:
    """What `judge` found: `words` for the learner, whether it passed, and the known mistake, if it is one.

    started: whether there was anything to judge.
    """

    words: str
    passed: bool = False
    mistake: Mistake | None = None
    started: bool = True


def judge(exercise: Exercise, answer: object, seconds: float = running.TIME_LIMIT) -> Verdict:
    """Run an answer on all problems of an exercise and return a Verdict. Raises nothing for any answer."""
    with running.undisturbed() as replaced:
        verdict = _judged(exercise, answer, seconds)
    if replaced:
        names = ", ".join(replaced[:3])
        verdict = _with(
            verdict,
            f"In this kernel {names} was replaced; the check used NumPy's own. Restart the kernel to get it back.",
        )
    return verdict


def _with(verdict, line):
    return Verdict(f"{verdict.words}\n{line}", verdict.passed, verdict.mistake, verdict.started)


def _judged(exercise, answer, seconds):
    if any(answer is nothing for nothing in NOT_STARTED):
        return Verdict(f"Nothing to check yet: the answer is {answer}. The task: {exercise.task}.", started=False)
    tried, asked = ([_trial(exercise, answer, p) for p in problems] for problems in _all_problems(exercise))
    outcomes, answered = running.attempts_and_more(
        tried, asked, lambda outcomes: not _trouble(exercise, outcomes, seconds), seconds
    )
    given = [outcome.result for outcome in outcomes]
    trials = list(itertools.takewhile(lambda result: isinstance(result, Trial), given))
    trouble = _trouble(exercise, outcomes, seconds)
    if isinstance(outcomes[-1].result, NotStarted):
        return Verdict(f"Nothing to check yet: {outcomes[-1].result} The task: {exercise.task}.", started=False)
    found = Found(exercise, answer, trials, [o.result if isinstance(o.result, Trial) else None for o in answered])
    verdict = _compared(found) or _probed(found, answered, seconds)
    if trouble and (verdict is None or verdict.passed):
        verdict = Verdict(f"{trouble}{_signature(exercise, answer)}")
    elif trouble and verdict.mistake is None:
        verdict = _with(verdict, trouble)
    elif verdict is None:
        verdict = Verdict(f"Agrees on: {'; '.join(p.words for p in exercise.problems)}.", passed=True)
    if verdict.passed and (changed := next((trial.changed for trial in trials if trial.changed), "")):
        verdict = _with(verdict, changed)
    if printed := "\n".join(outcome.printed for outcome in outcomes if outcome.printed):
        shown = running.Printed()
        shown.write(printed)
        verdict = _with(verdict, f"Your code printed:\n{shown.shown()}")
    return verdict


def _trial(exercise, answer, problem):
    """A function that tries the answer; a Refusal is returned, not raised, so that it is not told as an error."""

    def trial():
        if sentence := exercise.wrong_kind(answer):
            return Refusal(f"This cannot be checked. {sentence}")
        try:
            return exercise.try_on(answer, problem)
        except Refusal as refusal:
            return refusal

    return trial


def _trouble(exercise, outcomes, seconds):
    """A sentence on the problem on which an answer gave no result, else ""."""
    for number, (problem, outcome) in enumerate(zip(exercise.problems, outcomes, strict=False), start=1):
        where = f"Problem {number}, {problem.words}"
        if outcome.ended:
            return (
                f"{where}: your code ended Python itself, {outcome.ended}. Only the copy that the "
                f"check runs in has ended. "
                "exit(), quit() and os._exit do that; `return` ends a function."
            )
        if outcome.timed_out:
            stop = "" if outcome.stopped else " It could not be stopped: restart the kernel."
            return (
                f"{where}: it was still running after {seconds:g} seconds, so it was stopped. "
                f"Does every loop come to an end?{stop}"
            )
        if isinstance(outcome.result, Refusal):
            cannot = str(outcome.result).startswith("This cannot be checked")
            return str(outcome.result) if cannot else f"{where}: {outcome.result}"
        if outcome.error:
            return f"{where}: your code raised an exception.\n{outcome.error}"
    return ""


@dataclass
class Found:
    """What an answer gave: on the problems, as many as it could do, and on the probes, None where it could not."""

    exercise: Exercise
    answer: object
    trials: list
    probed: list

    @property
    def facts(self):
        return [trial.facts for trial in self.trials]


def results(exercise: Exercise, answer: object) -> list[list]:
    """The facts of an answer of ours on each problem, up to the first that it cannot do."""
    return [trial.facts for trial in _trials(exercise, answer, exercise.problems)]


def _trials(exercise, answer, problems):
    found = []
    for problem in problems:
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found.append(exercise.try_on(answer, problem))
        except Exception:  # a known mistake may end in an exception, as a learner's does
            break
    return found


@functools.lru_cache(maxsize=256)
def _of_reference(name):
    exercise = _by_name[name]
    return _trials(exercise, exercise.reference, exercise.problems)


def _expected(name):
    return [trial.facts for trial in _of_reference(name)]


@functools.lru_cache(maxsize=256)
def _cached_probes(name):
    exercise = _by_name[name]
    base = exercise.problems[min(1, len(exercise.problems) - 1)]
    trial = exercise.try_on(exercise.reference, base)
    return probes(exercise, base, trial)


_by_name = {}  # the exercises that were judged; a lesson's module may be loaded anew with others


def _known(exercise):
    if _by_name.get(exercise.name) is not exercise:
        _by_name[exercise.name] = exercise
        for cached in _of_reference, _cached_probes, _slips, _kept:
            cached.cache_clear()
    return exercise.name


@functools.lru_cache(maxsize=64)
def _slips(name):
    exercise = _by_name[name]
    return [slip for form in (exercise.solution, *exercise.forms) for slip in slips(form)]


def _all_problems(exercise):
    """The problems of an exercise, and those of its probes."""
    return exercise.problems, [probe.problem for probe in _probes(exercise)]


def _probes(exercise) -> list[Probe]:
    return _cached_probes(_known(exercise))


@functools.lru_cache(maxsize=64)
def _kept(name):
    """What answers of ours to an exercise gave, by the answer and the number of the problem or probe."""
    return {}


def _ours(exercise, answer, number, problem):
    """The Trial of an answer of ours on one problem alone, or None. Kept: all checks compare with the same ones."""
    kept, key = _kept(_known(exercise)), (id(answer), number)
    if key not in kept:
        kept[key] = next(iter(_trials(exercise, answer, [problem])), None), answer  # whose id is taken as long
    return kept[key][0]


def _fits(found, answer):
    """Whether an answer of ours has the learner's results, on all problems that theirs could do, and on the probes."""
    exercise = found.exercise
    for number, (problem, theirs) in enumerate(zip(exercise.problems, found.facts, strict=False)):
        ours = _ours(exercise, answer, number, problem)
        if not ours or not same(theirs, ours.facts):
            return False
    for number, (probe, theirs) in enumerate(zip(_probes(exercise), found.probed, strict=False)):
        ours = _ours(exercise, answer, -1 - number, probe.problem)
        if theirs is not None and (not ours or not same(theirs.facts, ours.facts)):
            return False
    return bool(found.facts)


def _compared(found):
    """A Verdict on the first problem whose facts differ from those of the reference, or None."""
    exercise = found.exercise
    expected = _expected(_known(exercise))
    wrong = next((k for k, ours in enumerate(found.facts) if not same(ours, expected[k])), None)
    if wrong is None:
        return _unused_generator(found)
    for variant in exercise.variants:
        if _fits(found, variant.answer):
            return Verdict(f"It is another form of the rule: {variant.name}. {variant.way_out}", passed=True)
    words = f"Problem {wrong + 1}, {exercise.problems[wrong].words}: {difference(found.facts[wrong], expected[wrong])}."
    if wrong:
        words = f"{wrong} of {len(exercise.problems)} problems agree. {words}"
    return _left_over(found, words, wrong) or _diagnosed(found, words, wrong)


def _left_over(found, words, wrong):
    """A Verdict when a problem is right as soon as it is tried alone, without those before it, or None.

    Where answers are drawn at random, this may be by chance and says nothing.
    """
    exercise = found.exercise
    problem = exercise.problems[wrong]
    if not wrong or any(isinstance(value, np.random.Generator) for value in problem.args):
        return None
    (alone,) = running.attempts([_trial(exercise, found.answer, problem)], SEARCH)
    if not isinstance(alone.result, Trial) or not same(alone.result.facts, _expected(_known(exercise))[wrong]):
        return None
    where = "in `__init__`" if isinstance(exercise, OptimizerExercise) else "inside of the function"
    return Verdict(
        f"{words}\nTried alone, this problem is right: something is left over from the problems before it. What stands "
        f"in the class itself, outside of the function, or as the default of an argument (`v = {{}}`, `path=[]`) is "
        f"made once and shared by all runs: make it {where}."
    )


def _diagnosed(found, words, wrong):
    """The Verdict on a wrong answer: a known mistake, slips with the same results, or what is true of its results."""
    exercise = found.exercise
    expected = _expected(_known(exercise))
    lines = [words]
    if note := _standing_still(found):
        return Verdict("\n".join([*lines, note[0]]), mistake=note[1])
    known = [m for m in exercise.mistakes if any(_fits(found, answer) for answer in (m.answer, *m.others))]
    if len(known) == 1:
        way_out = f"This is a known mistake: {known[0].name}.\n{known[0].way_out}"
        return Verdict("\n".join([*lines, way_out]), mistake=known[0])
    if known:
        names = " or ".join(f"“{mistake.name}”" for mistake in known)
        lines.append(f"Two known mistakes fit: {names}." if len(known) == 2 else f"Known mistakes fit: {names}.")
        lines += [f"{mistake.name}: {mistake.way_out}" for mistake in known]
        return Verdict("\n".join(lines))
    told = relations(
        [*found.facts, *(trial.facts for trial in found.probed if trial)],
        [
            *expected[: len(found.facts)],
            *(p.expected.facts for p, t in zip(_probes(exercise), found.probed, strict=True) if t),
        ]
        if found.probed
        else expected[: len(found.facts)],
        _scalars(found),
    )
    ignored = _ignored(found)
    lines += ignored
    lines += told
    if fitting := _fitting_slips(found):
        if len(fitting) == 1:
            lines.append(f"Your results are those of this slip: {fitting[0]}.")
        else:
            lines.append("Your results are those of one of these slips:")
            lines += [f"- {words}" for words in fitting]
    if unused := _unused_generator(found):
        lines.append(unused.words)
    lines.append(_signature(exercise, found.answer).strip())
    if len([line for line in lines if line]) == 1:
        ours = found.facts[wrong]
        if any(a.dtype.kind == "f" and np.isnan(a).any() for _, a in ours):
            lines.append("nan comes from 0/0, from inf − inf, or from the root of a negative number.")
        form = shape(ours, expected[wrong])
        where = form or place(ours, expected[wrong], bool(getattr(exercise, "rows", "")))
        agree = problems_right(found.facts, expected, [problem.words for problem in exercise.problems])
        lines += [where, agree]
        if not (form or agree or where.startswith("Right")):
            lines.append("It is none of the mistakes known here: work this problem by hand, line by line.")
    return Verdict("\n".join(line for line in lines if line))


def _standing_still(found):
    """A sentence when the parameters of an optimizer never change, and the mistake if it is known; else None."""
    exercise = found.exercise
    if not isinstance(exercise, OptimizerExercise):
        return None
    still = all(
        np.allclose(a, problem.start[label.split(" after update ")[0]])
        for problem, trial in zip(exercise.problems, found.trials, strict=False)
        for label, a in trial.facts
    )
    if not still:
        return None
    rebound = next((mistake for mistake in exercise.mistakes if "rebound" in mistake.name), None)
    if any(trial.rebound for trial in found.trials) or _rebinds(found.answer):
        name = f"This is a known mistake: {rebound.name}.\n{rebound.way_out}" if rebound else ""
        words = "`w = w - …` and `params[key] = …` make new arrays, and the arrays of the network never change."
        return name or words, rebound
    return (
        "The arrays of params never change. Is the line reached that changes them, and does it change them in place, "
        "`w -= …` or `params[key] -= …`?",
        None,
    )


def _rebinds(answer):
    """Whether the code of an optimizer has `w = w - …` for a w that stands for an array of params."""
    for tree in _codes(answer):
        handed = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        for node in ast.walk(tree):
            if isinstance(node, ast.For | ast.comprehension):
                handed |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
            if isinstance(node, ast.Assign) and re.fullmatch(r"params\[\w+\]", ast.unparse(node.value)):
                handed |= {n.id for n in ast.walk(node.targets[0]) if isinstance(n, ast.Name)}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and isinstance(node.value, ast.BinOp)
            ):
                name = node.targets[0].id
                if name in handed and any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node.value)):
                    return True
    return False


def _codes(answer):
    """The syntax trees of a function, or of the methods of a class (of a class of a notebook Python knows no more)."""
    parts = [vars(part).values() for part in getattr(answer, "__mro__", ())] or [[answer]]
    for function in itertools.chain(*parts):
        with contextlib.suppress(OSError, TypeError, SyntaxError, ValueError):
            if hasattr(function, "__code__"):
                yield ast.parse(textwrap.dedent(inspect.getsource(function)))


def _scalars(found):
    """For each problem and probe that was answered: its numbers by name, and how many entries its arrays have."""
    exercise = found.exercise
    problems = list(exercise.problems[: len(found.facts)])
    problems += [p.problem for p, t in zip(_probes(exercise), found.probed, strict=False) if t]
    names, told = exercise.parameters(), []
    for problem in problems:
        numbers = {}
        for name, value in zip(names, problem.args, strict=False):
            if isinstance(value, int | float | np.number) and not isinstance(value, bool):
                numbers[name] = value
            elif isinstance(value, np.ndarray) and value.ndim:
                numbers[f"len({name})"] = len(value)
                if value.ndim > 1:
                    numbers[f"{name}.shape[1]"] = value.shape[1]
                    numbers[f"{name}.size"] = value.size
        told.append(numbers)
    return told


def _ignored(found):
    """Sentences on arguments on which the reference depends and the answer does not."""
    exercise, same_as = found.exercise, {}
    base = min(1, len(exercise.problems) - 1)
    if len(found.facts) <= base or any(a.dtype.kind == "f" and not np.isfinite(a).all() for _, a in found.facts[base]):
        return []  # nan stays nan, whatever is handed over
    for probe, trial in zip(_probes(exercise), found.probed, strict=False):
        if trial is not None:
            unchanged = same(trial.facts, found.facts[base], 1e-9)
            same_as[probe.argument] = same_as.get(probe.argument, True) and unchanged
    names = [name for name, unchanged in same_as.items() if unchanged]
    names = [f"`{name}`" for name in names if not _depends(found, name)]
    if not names:
        return []
    if len(names) == len(same_as) and len(names) > 1:
        return ["Your result does not depend on any argument: it is the same whatever is handed over."]
    which = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return [
        f"Your result does not change with {which}: is {'it' if len(names) == 1 else 'each of them'} ignored, "
        "or does a number of its own stand in its place?"
    ]


def _depends(found, name):
    """Whether the answer depends on an argument after all: on another problem, or in a way the reference does not."""
    exercise = found.exercise
    asked = [
        (facts, problem)
        for facts, base in zip(found.facts[:PROBLEMS], exercise.problems, strict=False)
        for problem in variations(exercise, base, name)
    ]
    outcomes = running.attempts([_trial(exercise, found.answer, problem) for _, problem in asked], SEARCH, True)
    return any(
        isinstance(outcome.result, Trial) and not same(outcome.result.facts, facts, 1e-9)
        for (facts, _), outcome in zip(asked, outcomes, strict=False)
    )


def _fitting_slips(found):
    """What was slipped on, in words, for each slip that has the learner's results; the likely ones first, and few.

    In a process of its own: a slip may be a loop without end.
    """
    name = _known(found.exercise)
    known, kept = _slips(name), _kept(name)
    (outcome,) = running.attempts([lambda: _search(found, known)], 2 * SEARCH)
    told, gave = outcome.result or ([], {})
    answers = {id(slip.answer): slip.answer for slip in known}
    kept |= {key: (trial, answers[key[0]]) for key, trial in gave.items()}  # or each search would run all slips again
    return told


def _search(found, known):
    """What is told, and what the slips gave that were not kept yet."""
    kept = _kept(_known(found.exercise))
    before, fitting, end = set(kept), [], time.monotonic() + SEARCH
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for slip in known:
            if _fits(found, slip.answer):
                fitting.append(slip)
            if time.monotonic() > end:
                break
    best = min((slip.rank for slip in fitting), default=0)
    likely = [slip for slip in sorted(fitting, key=lambda slip: slip.rank) if slip.rank <= best + 1]
    told = list(dict.fromkeys(slip.words for slip in likely))[:TOLD]
    return told, {key: trial for key, (trial, _) in kept.items() if key not in before}


def _unused_generator(found):
    """A Verdict when the answer did not draw from the generator where the reference does, or None."""
    exercise = found.exercise
    ours = [trial.drew for trial in found.trials]
    theirs = [trial.drew for trial in _of_reference(_known(exercise))]
    if any(b and not a for a, b in zip(ours, theirs, strict=False)) and not any(ours):
        return Verdict(
            "Nothing was drawn from the generator rng: its own methods, such as rng.normal or "
            "rng.permutation, draw from "
            "it. Only then can a run be repeated with the same numbers."
        )
    return None


def _probed(found, outcomes, seconds):
    """A Verdict on an answer that agrees on all problems and not on a probe, or None."""
    for probe, trial, outcome in zip(_probes(found.exercise), found.probed, outcomes, strict=False):
        base = found.exercise.problems[min(1, len(found.exercise.problems) - 1)]
        where = f"All problems agree. But {base.words}, {probe.argument} {_changed_by(probe)}"
        if trial is None:
            if outcome.error or outcome.timed_out or outcome.ended or isinstance(outcome.result, Refusal):
                why = outcome.error or (str(outcome.result) if outcome.result else "it gave no result")
                return Verdict(f"{where}: {why}")
        elif not same(trial.facts, probe.expected.facts):
            words = f"{where}: {difference(trial.facts, probe.expected.facts)}."
            return _diagnosed(found, words, 0)
    return None


def _changed_by(probe):
    return f"= {probe.words}" if "in place of" in probe.words else f"({probe.words})"


def _signature(exercise, answer):
    """A line when the parameters of a function are those of the skeleton in another order, else ""."""
    if not isinstance(exercise, FunctionExercise):
        return ""
    try:
        theirs = [p for p in inspect.signature(answer).parameters if p in exercise.parameters()]
    except (TypeError, ValueError):
        return ""
    ours = exercise.parameters()
    if sorted(theirs) == sorted(ours) and theirs != ours:
        return f"\nYour parameters stand in another order than they are handed over: ({', '.join(ours)})."
    return ""
