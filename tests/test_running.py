"""Code that somebody else wrote is stopped in time, its errors are told by line, its printing is cut."""

import sys
import threading
import time

import numpy as np
import pytest

from workbench.tutoring import running

pytestmark = pytest.mark.machinery


def raised(function):
    outcome = running.attempt(function)
    assert outcome.result is None
    assert not outcome.timed_out
    return outcome.error


def test_a_result_comes_back():
    outcome = running.attempt(lambda: 7 * 6)
    assert (outcome.result, outcome.error, outcome.timed_out, outcome.stopped) == (42, None, False, True)


def endless():
    while True:
        pass


def endless_that_catches_exceptions():
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def endless_that_catches_the_first_stop():
    try:
        endless()
    except BaseException:
        endless()


def endless_printing():
    while True:
        print("again")


@pytest.mark.parametrize(
    "function",
    [endless, endless_that_catches_exceptions, endless_that_catches_the_first_stop, endless_printing],
    ids=lambda function: function.__name__,
)
def test_an_endless_loop_is_stopped(function):
    before = threading.active_count()
    with running.caught_printing(running.Printed()):
        outcome = running.attempt(function, seconds=0.05)
    assert outcome.timed_out
    assert outcome.stopped
    assert threading.active_count() == before


def test_what_cannot_be_stopped_is_left_alone():
    """A call into C code sees the exception only when it is over."""
    release = threading.Lock()
    release.acquire()
    outcome = running.attempt(release.acquire, seconds=0.01)
    assert outcome.timed_out
    assert not outcome.stopped
    release.release()
    for thread in threading.enumerate():
        if thread.daemon and thread is not threading.main_thread():
            thread.join(5)


def test_an_interrupt_of_the_kernel_stops_the_code(monkeypatch):
    before = threading.active_count()
    join, calls = threading.Thread.join, []

    def interrupted(thread, timeout=None):
        calls.append(timeout)
        if len(calls) == 1:
            raise KeyboardInterrupt
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        running.attempt(endless)
    assert threading.active_count() == before


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt(), MemoryError()])
def test_every_exception_is_caught(error):
    def function():
        raise error

    assert raised(function) is error


def test_numpy_does_not_warn():
    assert running.attempt(lambda: np.float64(1) / np.float64(0)).result == np.inf


def own_mistake():
    return [1, 2][5]


def mistake_in_a_library():
    return np.linalg.solve(np.zeros((2, 2)), np.ones(2))


def forever():
    return forever()


def test_an_error_is_told_with_the_line_of_the_learners_code():
    assert running.describe(raised(own_mistake)) == (
        f"IndexError: list index out of range\nLine {own_mistake.__code__.co_firstlineno + 1}, in own_mistake: "
        "return [1, 2][5]"
    )
    told = running.describe(raised(mistake_in_a_library))
    assert told.startswith("LinAlgError: Singular matrix\n")
    assert told.endswith("in mistake_in_a_library: return np.linalg.solve(np.zeros((2, 2)), np.ones(2))")
    assert "in forever: return forever()" in running.describe(raised(forever))


def test_an_error_without_such_a_line():
    assert running.describe(raised(lambda: exec("1/0"))).startswith("ZeroDivisionError: division by zero\nLine")
    assert running.describe(ValueError()) == "ValueError"


def test_printing_is_caught_and_cut(capsys):
    printed = running.Printed()
    with running.caught_printing(printed):
        print("one")
        print("two")
    assert printed.shown() == "one\ntwo"
    assert running.Printed().shown() == ""

    long = running.Printed()
    with running.caught_printing(long):
        for k in range(100_000):
            print(k)
    assert len(long.kept) == running.PRINTED_CHARACTERS
    assert long.shown().splitlines()[: running.PRINTED_LINES] == [str(k) for k in range(running.PRINTED_LINES)]
    assert long.shown().splitlines()[-1] == "… (588,890 characters in all)"
    assert capsys.readouterr().out == ""
    assert sys.stdout is not long


class WithMethods:
    def empty(self, params, grads):
        pass

    def dots(self, params, grads): ...

    def documented(self, params, grads):
        """What it will do."""

    def local(self, params, grads):
        w = params
        w = w - grads

    def returns(self, params, grads):
        return params


def test_an_empty_body_is_seen():
    some = WithMethods()
    assert running.is_empty(some.empty)
    assert running.is_empty(some.dots)
    assert running.is_empty(some.documented)
    assert not running.is_empty(some.local)
    assert not running.is_empty(some.returns)
    assert not running.is_empty(time.sleep)
    assert not running.is_empty(None)
