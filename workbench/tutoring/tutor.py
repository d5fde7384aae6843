"""What lessons call to teach: check an exercise, give a hint, ask for a prediction, show the progress, report it."""

import difflib

from workbench.tutoring import report as reports
from workbench.tutoring.catalogue import COURSE, EXERCISES, LESSONS, QUESTIONS
from workbench.tutoring.help_buttons import HelpButtons
from workbench.tutoring.judging import judge
from workbench.tutoring.passed import Progress
from workbench.tutoring.predictions import Prediction, Summary
from workbench.words import folded, say

_progress = Progress()
_tried = set()  # names of exercises with an answer of the learner's own, or whose solution was asked for once
_predictions = {}  # from the name of a question to its Prediction, in the order of the lesson
_summaries = []


def check(name: str, answer: object) -> None:
    """Say how an answer to the exercise `name` compares with the reference, and where it first goes wrong.

    answer: a class, a function or a number, as the exercise says; whatever it is or does, nothing is raised.
    In a notebook, buttons for hints and for the solution stand below.
    """
    if (exercise := _find(name, EXERCISES, "exercise")) is None:
        return
    try:
        verdict = judge(exercise, answer)
    except Exception as error:  # of ours, or of a NumPy that was changed beyond repair
        say(f"{name}: the check itself failed ({type(error).__name__}: {error}). Restart the kernel and run it again.")
        return
    trouble = _note(name, verdict)
    say("\n".join(filter(None, [f"{name}: {'passed' if verdict.passed else 'not yet'}. {verdict.words}", trouble])))
    if _has_widgets():
        from IPython.display import display

        display(HelpButtons(name, _next_hint, _solution))


def require(name: str, answer: object) -> None:
    """Raise AssertionError, with the words of `check`, unless an answer to the exercise `name` passes; print nothing.

    For whoever gives points by what a cell raises. Raises ValueError for a name of no exercise.
    """
    if not (isinstance(name, str) and name in EXERCISES):
        raise ValueError(f"name is {name!r}; allowed: {', '.join(EXERCISES)}")
    verdict = judge(EXERCISES[name], answer)
    _note(name, verdict)
    if not verdict.passed:
        raise AssertionError(folded(f"{name}: not yet. {verdict.words}").rstrip("\n"))


def hint(name: str) -> None:
    """Print the next of the three hints of the exercise `name`; after the third, the third again."""
    if _find(name, EXERCISES, "exercise") is not None:
        words, code = _next_hint(name)
        say(words)
        _print(code)


def solution(name: str) -> None:
    """Print the code that solves the exercise `name`: after a try of one's own, or when it is asked for twice."""
    if _find(name, EXERCISES, "exercise") is not None:
        words, code = _solution(name)
        say(words)
        _print(code)


def predict(name: str) -> Prediction | None:
    """The question `name` to commit to, as a widget: the first answer counts, then the right one is told, and why.

    What was answered before is shown as it was left, also by another kernel.
    """
    if (question := _find(name, QUESTIONS, "question")) is None:
        return None
    before, given = _predictions.get(name), _progress.prediction(name)
    if before is not None and before.chosen is not None:
        given = before.chosen
    prediction = Prediction(question, told=lambda given: _predicted(name, given))
    _predictions[name] = prediction
    if given is not None and (given in question.options or not (question.options or isinstance(given, str))):
        prediction.choose(given)
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
        done = [exercise.name for exercise in exercises if passed & {exercise.name, exercise.earlier}]
        left = [name for name in names if name not in done]
        parts = [f"Lesson {COURSE.number(name)}: {len(done)} of {len(names)} exercises passed."]
        parts += [f"Passed: {', '.join(done)}."] if done else []
        parts += [f"Open: {', '.join(left)}."] if left else []
        say(" ".join(parts))
    if trouble:
        say(trouble)


def report(learner: str | None = None, folder: str = ".") -> None:
    """Write what the learner did so far to a file in `folder`, to be handed in; nothing is sent anywhere.

    learner: the name that the teacher knows them by; by default the name of the account.
    """
    if not (learner is None or (isinstance(learner, str) and learner.strip())):
        say(f"learner is {learner!r}; allowed: a name, or None for the name of the account.")
        return
    try:
        path, written = reports.write(learner or reports.learner_here(), _progress.all(), folder)
    except OSError as error:
        say(f"The report could not be written to {folder} ({error.strerror or error}).")
        return
    done = [one["passed"] for one in written["exercises"].values()]
    counts = f"passed {sum(done)} of the exercises begun, {len(done)}; predictions made: {len(written['predictions'])}"
    say(f"{path} says of {written['learner']}: {counts}. Hand in this file; nothing was sent anywhere.")


def _note(name, verdict):
    """Keep what a check found; returns a sentence on trouble with that, where something new was passed, else ""."""
    if not verdict.started:
        return ""
    _tried.add(name)
    trouble = _progress.add_try(name, verdict.passed, verdict.mistake and verdict.mistake.name)
    return trouble if verdict.passed else ""


def _find(name, among, what):
    """The exercise or question of that name; without one, print the nearest names and return None."""
    if isinstance(name, str) and name in among:
        return among[name]
    near = difflib.get_close_matches(str(name), among, n=3, cutoff=0.5) or among
    say(f"There is no {what} {name!r}. Did you mean: {', '.join(near)}?")
    return None


def _has_widgets():
    """Whether this runs in a notebook, which shows widgets."""
    try:
        from IPython import get_ipython

        return hasattr(get_ipython(), "kernel")
    except ImportError:
        return False


def _print(code):
    """Print code as it is: `say` would break its lines."""
    if code:
        print(code)


def _next_hint(name):
    number = min(_progress.hints(name) + 1, 3)
    _progress.add_hint(name, number)
    again = " Ask again for the next." if number < 3 else ""
    words, code = EXERCISES[name].hint(number)
    return f"Hint {number} of 3: {words}{again}", code


def _solution(name):
    if name in _tried or name in _progress.passed()[0]:
        _progress.add_solution(name)
        return "One solution; it can stand in the place of the cell above the check.", EXERCISES[name].code
    _tried.add(name)
    return "Try it first: a check of your own answer tells more. Asked for again, the solution is shown.", ""


def _predicted(name, given):
    if _progress.prediction(name) != given:
        _progress.add_prediction(name, given)
    for summary in _summaries:
        summary.update()
