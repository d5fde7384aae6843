"""What lessons call to teach: check an exercise, give a hint, ask for a prediction, show the progress."""

import difflib
from collections.abc import Sequence

from workbench.checks import checked
from workbench.tutoring.catalogue import COURSE, EXERCISES, LESSONS
from workbench.tutoring.judging import judge
from workbench.tutoring.passed import Progress
from workbench.tutoring.predictions import A_PREDICTION, Prediction, Summary
from workbench.words import say

_progress = Progress()
_hints_given = {}  # from the name of an exercise to how many
_predictions = {}  # from question to Prediction, in the order of the lesson
_summaries = []


def check(name: str, answer: object, solution: bool = False) -> None:
    """Say how an answer to the exercise `name` compares with the reference, and where it first goes wrong.

    answer: a class, a function or a number, as the exercise says; whatever it is or does, nothing is raised.
    solution: the answer is the printed solution, which is not counted as the learner's progress.
    """
    if (exercise := _find(name)) is None:
        return
    verdict = judge(exercise, answer)
    if not verdict.passed:
        say(f"{name}: not yet.\n{verdict.words}")
    elif solution:
        say(f"{name}: the solution passes. {verdict.words}")
    else:
        trouble = _progress.add(name)
        say("\n".join(filter(None, [f"{name}: passed. {verdict.words}", trouble])))


def hint(name: str) -> None:
    """Print the next of the three hints of the exercise `name`; after the third, the third again."""
    if (exercise := _find(name)) is None:
        return
    number = min(_hints_given.get(name, 0) + 1, 3)
    _hints_given[name] = number
    again = " Run this cell again for the next." if number < 3 else ""
    say(f"Hint {number} of 3: {exercise.hints[number - 1]}{again}")


@checked(**A_PREDICTION)
def predict(question: str, options: Sequence[str], answer: str, why: str) -> Prediction:
    """A question to commit to, as a widget: buttons that count once, then the answer and `why`, a sentence.

    A cell that is run again shows the question as it was left. Raises ValueError as Prediction does.
    """
    prediction = Prediction(question, options, answer, why, told=_update_summaries)
    before = _predictions.get(question)
    _predictions[question] = prediction
    if before is not None and before.chosen is not None:
        prediction.choose(before.chosen)
    return prediction


def predictions() -> Summary:
    """The summary of the predictions of this notebook, as a widget that follows later clicks."""
    _summaries.append(Summary(_predictions.values()))
    return _summaries[-1]


def progress(lesson: str | None = None) -> None:
    """Print which exercises are passed and which are open, of one lesson (its name) or of all."""
    passed, trouble = _progress.passed()
    if lesson is not None and not (isinstance(lesson, str) and lesson in LESSONS):
        say(f"There are no exercises in lesson {lesson!r}; lessons with exercises: {', '.join(LESSONS)}.")
        return
    for name, exercises in LESSONS.items() if lesson is None else [(lesson, LESSONS[lesson])]:
        names = [exercise.name for exercise in exercises]
        done, left = [n for n in names if n in passed], [n for n in names if n not in passed]
        parts = [f"Lesson {COURSE.number(name)}: {len(done)} of {len(names)} exercises passed."]
        parts += [f"Passed: {', '.join(done)}."] if done else []
        parts += [f"Open: {', '.join(left)}."] if left else []
        say(" ".join(parts))
    if trouble:
        say(trouble)


def _find(name):
    """The exercise of that name; without one, print the nearest names and return None."""
    if isinstance(name, str) and name in EXERCISES:
        return EXERCISES[name]
    near = difflib.get_close_matches(str(name), EXERCISES, n=3, cutoff=0.5) or EXERCISES
    say(f"There is no exercise {name!r}. Did you mean: {', '.join(near)}?")
    return None


def _update_summaries():
    for summary in _summaries:
        summary.update()
