"""What lessons call: every kind of answer gets a sentence, hints come in order, progress is the learner's own."""

import html
import json
import math
import warnings

import numpy as np
import pytest

import helpers
from lessons import ORDER
from workbench import words
from workbench.tutoring import passed, running, tutor
from workbench.tutoring.catalogue import EXERCISES, LESSONS
from workbench.tutoring.help_buttons import HelpButtons
from workbench.tutoring.judging import judge
from workbench.tutoring.passed import Progress

pytestmark = pytest.mark.machinery


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(tutor, "_progress", Progress())
    monkeypatch.setattr(tutor, "_tried", set())
    monkeypatch.setattr(words, "WIDTH", 10_000)  # what is said is tested here; test_words.py tests how lines are broken


DESCENT, MOMENTUM, HILLTOP = (EXERCISES[name] for name in ("gradient descent", "momentum", "across the hilltop"))
TASK = f"The task: {DESCENT.task}."


def descend(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        x = x - lr * gradient(x)
        path.append(x)
    return path


def skeleton(gradient, x, lr, steps):
    path = None
    return path  # noqa: RET504 (as a lesson has it)


def to_be_done(gradient, x, lr, steps):
    raise NotImplementedError


def with_a_typo(gradient, x, lr, steps):
    return [x, x - lr * gradeint(x)]  # noqa: F821


def endless(gradient, x, lr, steps):
    path = [x]
    while len(path) > 0:
        path = [x]
    return path


def generator(gradient, x, lr, steps):
    yield x


def nans(gradient, x, lr, steps):
    return [x] + [np.float64(0) / 0] * steps


def close(gradient, x, lr, steps):
    path = descend(gradient, x, lr, steps)
    return [*path[:-1], path[-1] + 2e-4]


def fails_later(gradient, x, lr, steps):
    return descend(gradient, x, lr, steps) if steps else [][0]


def with_none_inside(gradient, x, lr, steps):
    return [x, *[None] * steps]


def says_goodbye(gradient, x, lr, steps):
    raise SystemExit("goodbye")


class Vague(Exception):
    def __str__(self):
        raise ValueError("no words")


def raises_what_cannot_be_printed(gradient, x, lr, steps):
    raise Vague


FUNCTIONS = {
    "None": (None, f"Nothing to check yet: the answer is None. {TASK}"),
    "dots": (..., f"Nothing to check yet: the answer is Ellipsis. {TASK}"),
    "skeleton": (skeleton, f"Nothing to check yet: it returns None. {TASK}"),
    "NotImplementedError": (to_be_done, f"Nothing to check yet: it returns None. {TASK}"),
    "the result": ([4.0, 2.0], "It takes a function, and this is a list. Hand over the function itself"),
    "too few arguments": (lambda x: x, "<lambda> has 1 parameters, and it was called with 4 arguments"),
    "a typo": (with_a_typo, "NameError: name 'gradeint' is not defined"),
    "endless": (endless, "it was still running after 0.2 seconds"),
    "generator": (generator, "the result should have 2 entries, yours has 1"),
    "words": (lambda *_: "4, 2", "a str cannot be read as numbers"),
    "complex": (lambda *_: [1j, 2j], "The result has complex numbers"),
    "a dict": (lambda *_: {"x": 1}, "a dict cannot be read as numbers"),
    "ragged": (lambda *_: [[1, 2], [3]], "entry 0 is 2 numbers, and entry 1 is 1 numbers"),
    "a class": (dict, "TypeError: dict expected at most 1 argument, got 4"),
    "wrong shape": (lambda *_: [[4, 2], [2, 1]], "the start should be one number, yours has the shape (2,)"),
    "nan": (nans, "update 1 should be 2, yours is nan.\n"),
    "None in a list": (with_none_inside, "entry 1 is None"),
    "hardly different": (close, "update 1 should be 2, yours is 2.0002"),
    "no known mistake": (lambda g, x, lr, n: [x] * (n + 1) if n > 1 else descend(g, x, lr, n), "1 of 5 problems agree"),
    "fails later": (
        fails_later,
        "Problem 4, no update at all: your code raised an exception.\nThe index is beyond the last entry",
    ),
    "exit": (says_goodbye, "SystemExit: goodbye"),
    "an error without words": (raises_what_cannot_be_printed, "Vague"),
}


@pytest.mark.parametrize(("answer", "words"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_bad_function_gets_a_sentence(answer, words):
    verdict = judge(DESCENT, answer, seconds=0.2 if answer is endless else running.TIME_LIMIT)
    assert words in verdict.words
    assert not verdict.passed
    assert verdict.mistake is None


def test_the_line_of_the_learners_code_is_told():
    verdict = judge(DESCENT, with_a_typo)
    line = with_a_typo.__code__.co_firstlineno + 1
    assert f"Line {line}, in with_a_typo: return [x, x - lr * gradeint(x)]" in verdict.words


class Skeleton:
    def __init__(self, lr, momentum):
        self.lr, self.momentum = lr, momentum

    def update(self, params, grads):
        raise NotImplementedError


class WithPass(Skeleton):
    def update(self, params, grads):
        pass


class NoArguments:
    def update(self, params, grads):
        return params


class ScalesItsGradients(Skeleton):
    v = None

    def update(self, params, grads):
        self.v = self.v or {key: np.zeros_like(w) for key, w in params.items()}
        for key, w in params.items():
            grads[key] *= self.lr
            self.v[key] = self.momentum * self.v[key] - grads[key]
            w += self.v[key]


class OneShapeForAll(Skeleton):
    v = None

    def update(self, params, grads):
        self.v = np.zeros(2) if self.v is None else self.v
        for key, w in params.items():
            w += self.momentum * self.v - self.lr * grads[key]


OPTIMIZERS = {
    "skeleton": (Skeleton, "Nothing to check yet: it returns None. The task"),
    "pass": (WithPass, "Nothing to check yet: update does nothing yet. The task"),
    "no update": (dict, "TypeError: dict expected at most 1 argument, got 2"),
    "a number": (3, "It takes a class with a method update(params, grads), and this is an int."),
    "another class": (lambda lr, momentum: [lr], "a list has no method update(params, grads)."),
    "no arguments": (NoArguments, "The class NoArguments has no `__init__` that takes arguments."),
    "a shape of its own": (OneShapeForAll, "The result has more entries than the array that it is to change in place"),
}


@pytest.mark.parametrize(("answer", "words"), OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_bad_optimizer_gets_a_sentence(answer, words):
    verdict = judge(MOMENTUM, answer)
    assert words in verdict.words
    assert not verdict.passed


NUMBERS = {
    "None": (None, "Nothing to check yet: the answer is None."),
    "a function": (math.sqrt, "It takes a number, and this is a builtin_function_or_method."),
    "words": ("large", "a str cannot be read as numbers"),
    "two": ([0.3, 0.4], "A learning rate is one number above 0."),
    "nan": (math.nan, "A learning rate is one number above 0."),
    "negative": (-0.3, "A learning rate is one number above 0."),
    "infinite": (math.inf, "too long to rest"),
}


@pytest.mark.parametrize(("answer", "words"), NUMBERS.values(), ids=NUMBERS)
def test_a_bad_number_gets_a_sentence(answer, words):
    verdict = judge(HILLTOP, answer)
    assert words in verdict.words
    assert not verdict.passed


def in_place(gradient, start, lr, rho, steps, eps=1e-8):
    path, h = [start.copy()], np.zeros(len(start))
    for _ in range(steps):
        h = rho * h + (1 - rho) * gradient(start) ** 2
        start -= lr * gradient(start) / (np.sqrt(h) + eps)
        path.append(start.copy())
    return path


def test_what_changes_its_arguments_passes_with_a_remark():
    for name, answer in ("rmsprop", in_place), ("momentum", ScalesItsGradients):
        verdict = judge(EXERCISES[name], answer)
        assert verdict.passed
        assert "One remark: your code changes the" in verdict.words


def test_an_object_stands_for_its_class():
    assert judge(MOMENTUM, ScalesItsGradients(0.1, 0.9)).passed


def test_printing_is_shown_with_the_verdict(capsys):
    def chatty(gradient, x, lr, steps):
        print("x is", x)
        return descend(gradient, x, lr, steps)

    tutor.check("gradient descent", chatty)
    out = capsys.readouterr().out
    assert out.startswith("gradient descent: passed. Agrees on: one step by hand")
    assert out.endswith("Your code printed:\nx is 4.0\nx is -5.0\nx is 2.0\nx is 3.0\nx is 0.4\n")


def test_check_prints_the_mistake(capsys):
    tutor.check("learning-rate limit", lambda second_derivative, x: 1 / second_derivative(x))
    assert capsys.readouterr().out.splitlines() == [
        "learning-rate limit: not yet. Problem 1, x², with the second derivative 2, by hand: the result should be 1, "
        "yours is 0.5.",
        "This is a known mistake: best learning rate for the limit.",
        "At 1/λ the factor 1 − η λ is 0 and one update arrives; it leads away where the factor is below −1.",
    ]


def test_hints_come_in_order_and_the_last_one_stays(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "progress.json"))
    for _ in range(4):
        tutor.hint("momentum")
    tutor.hint("rate")
    shown = capsys.readouterr().out
    again = " Ask again for the next."
    one, two, three = MOMENTUM.hints
    expected = [f"Hint 1 of 3: {one}{again}", f"Hint 2 of 3: {two}{again}"]
    expected += ["Hint 3 of 3: These lines do it.", three] * 2
    assert shown.startswith("\n".join(expected) + "\nHint 1 of 3: ")
    monkeypatch.setattr(tutor, "_progress", Progress())  # another kernel
    tutor.hint("rate")
    assert capsys.readouterr().out.startswith("Hint 2 of 3: ")


def test_the_solution_is_shown_after_a_try_or_at_the_second_call(capsys):
    tutor.solution("gradient descent")
    assert capsys.readouterr().out.startswith("Try it first")
    tutor.solution("gradient descent")
    assert DESCENT.code in capsys.readouterr().out
    tutor.check("momentum", Skeleton)  # is no try
    tutor.solution("momentum")
    assert MOMENTUM.code not in capsys.readouterr().out
    tutor.check("rate", lambda lr, curvatures: 1.0)
    capsys.readouterr()
    tutor.solution("rate")
    assert EXERCISES["rate"].code in capsys.readouterr().out


def test_the_buttons_do_the_same():
    buttons = HelpButtons("rate", tutor._next_hint, tutor._solution)
    assert buttons._repr_mimebundle_()["text/plain"] == 'Hint: tutor.hint("rate"). Solution: tutor.solution("rate").'
    assert [button.description for button in (buttons.hint, buttons.solution)] == ["Hint", "Solution"]
    assert buttons.shown.value == ""
    buttons.hint.click()
    assert "Hint 1 of 3" in buttons.shown.value
    assert 'role="status"' in buttons.shown.value
    buttons.hint.click()
    buttons.hint.click()
    assert "<pre" in buttons.shown.value
    buttons.solution.click()
    assert "Try it first" in buttons.shown.value
    assert "<pre" not in buttons.shown.value
    buttons.solution.click()
    assert html.escape(EXERCISES["rate"].code) in buttons.shown.value


@pytest.mark.parametrize(
    "call", [lambda: tutor.check("momentun", None), lambda: tutor.hint("momentun"), lambda: tutor.solution("momentun")]
)
def test_an_unknown_name(call, capsys):
    call()
    out = capsys.readouterr().out
    assert out.startswith("There is no exercise 'momentun'. Did you mean: momentum")


@pytest.mark.parametrize("name", [3, None, math.nan, [], {}, np.ones(2), object(), tutor.check])
def test_what_is_no_name_at_all(name, capsys):
    tutor.check(name, None)
    tutor.hint(name)
    assert capsys.readouterr().out.count(f"There is no exercise {name!r}. Did you mean: ") == 2
    if name is not None:  # None is all lessons
        tutor.progress([name])
        assert capsys.readouterr().out.startswith("There are no exercises in lesson ")


def test_progress_counts_what_the_learner_passed(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "progress.json"))
    tutor.check("gradient descent", descend)
    tutor.check("across the hilltop", 0.1)
    out = capsys.readouterr().out
    assert "across the hilltop: not yet." in out
    tutor.progress("gradient_descent")
    assert capsys.readouterr().out == (
        "Lesson 01: 1 of 3 exercises passed. Passed: gradient descent. Open: learning-rate limit, across the hilltop.\n"
    )
    assert json.loads((tmp_path / "progress.json").read_text())["passed"] == ["gradient descent"]

    tutor.progress()
    lessons = [f"Lesson {ORDER.index(name) + 1:02}" for name in LESSONS]
    assert [line[:9] for line in capsys.readouterr().out.splitlines()] == sorted(lessons) == lessons
    for unknown in "momentun", 99, True:
        tutor.progress(unknown)
        words = f"There are no exercises in lesson {unknown!r}; lessons with exercises: gradient_descent, trajectories"
        assert capsys.readouterr().out.startswith(words)


@pytest.mark.slow
def test_trouble_with_the_progress_is_a_sentence(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("{")
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "file"))
    tutor.progress("gradient_descent")
    assert "is damaged; it is left as it is." in capsys.readouterr().out
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "file" / "below"))
    tutor.check("gradient descent", descend)
    out = capsys.readouterr().out
    assert out.startswith("gradient descent: passed.")
    assert "Your progress could not be kept" in out


def test_an_exercise_passed_under_its_earlier_name_is_passed(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text('{"passed": ["epsilon bug hunt"]}')
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "file"))
    tutor.progress("adam")
    assert "Passed: adam bug hunt." in capsys.readouterr().out


@pytest.mark.parametrize(
    "broken",
    [{"sum": None}, {"array": 3}, {"isfinite": None, "allclose": None}, {"ndarray": list}, {"asarray": lambda *a: "x"}],
    ids=" ".join,  # a function's text has its address, which differs between processes
)
def test_check_never_raises(capsys, monkeypatch, broken):
    """Whatever was made of NumPy: it is mended for the check, and broken as before when it is over."""
    for name, value in broken.items():
        monkeypatch.setattr(np, name, value)
    with pytest.MonkeyPatch.context() as inner:
        inner.setattr(np, "errstate", None)
        tutor.check("gradient descent", descend)
        tutor.check("momentum", WithPass)
    out = capsys.readouterr().out
    assert out.startswith("gradient descent: passed.")
    assert "was replaced; the check used NumPy's own" in out
    assert all(getattr(np, name) is value for name, value in broken.items())


def test_settings_that_raise_change_no_verdict(capsys):
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        tutor.check("rmsprop", lambda g, start, lr, rho, steps, eps: [start / 0] * (steps + 1))
        tutor.check("rmsprop", in_place)
    out = capsys.readouterr().out
    assert "rmsprop: not yet. Problem 1" in out
    assert "rmsprop: passed." in out


def test_an_argument_on_which_an_answer_depends_is_not_called_ignored():
    """The sign of a gradient stays the same in all problems, the largest of labels in another order, too."""
    descent = judge(EXERCISES["gradient descent"], lambda g, x, lr, steps: [x + lr * (g(x) > 1e6)] * (steps + 1))
    assert "does not change with `gradient`" in descent.words
    for name, answer in (
        ("gradient descent", lambda g, x, lr, steps: [x - lr * 3 * np.sign(g(x))] * (steps + 1)),
        ("dead units", lambda y: np.sum(y.mean(axis=0) < 1.17)),
        ("cross-entropy", lambda z, labels: z.mean() + max(labels)),
    ):
        verdict = judge(EXERCISES[name], answer)
        assert not verdict.passed
        assert "does not" not in verdict.words, verdict.words


def test_what_is_left_over_from_the_problem_before_is_told():
    """A state of the class is shared by all of its objects; a default value by all calls."""

    class Shared(helpers.Momentum):
        v = {}

        def update(self, params, grads):
            for key, w in params.items():
                self.v[key] = self.momentum * self.v.get(key, 0) - self.lr * grads[key]
                w += self.v[key]

    def grown(gradient, x, lr, steps, path=[]):  # noqa: B006
        path.append(x)
        for _ in range(steps):
            path.append(path[-1] - lr * gradient(path[-1]))
        return list(path)

    for name, answer, where in (
        ("momentum", Shared, "`__init__`"),
        ("gradient descent", grown, "inside of the function"),
    ):
        words = judge(EXERCISES[name], answer).words
        assert "Tried alone, this problem is right" in words
        assert words.endswith(f"make it in {where}." if "init" in where else f"make it {where}.")


def test_a_later_problem_with_an_exception_is_told_when_nothing_is_named():
    def other_axis(W, b, gamma, beta, mean, var, eps):
        scale = gamma / np.sqrt(var + eps)
        return W * scale[:, None], (b - mean) * scale + beta

    words = judge(EXERCISES["folded batch normalization"], other_axis).words
    assert "Problem 1" in words
    assert "Problem 2, 3 inputs and 4 units: your code raised an exception." in words


def test_parts_in_another_order_are_told():
    layer = judge(EXERCISES["lenet in color"], (25050, 1520, 900500, 5010))
    assert "The parts are right, but in another order: yours are layer 2, layer 1, layer 3 and layer 4." in layer.words


def test_weights_of_which_only_the_direction_counts_are_not_called_ignored():
    def shortened(grads, params, lam):
        return {k: g + lam * params[k] / np.linalg.norm(params[k]) * (k[0] == "W") for k, g in grads.items()}

    assert "does not change" not in judge(EXERCISES["weight decay"], shortened).words
