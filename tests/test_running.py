"""Code that somebody else wrote runs apart: it is stopped in time, ends itself only, and changes nothing here."""

import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from workbench.tutoring import running
from workbench.tutoring.explaining import explain

pytestmark = pytest.mark.machinery

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(params=["a copy", "a thread"])
def way(request, monkeypatch):
    """Both ways to run code: in a copy of this process, and in a thread where the system cannot fork."""
    if request.param == "a thread":
        monkeypatch.setattr(running, "_forks", False)
    elif not hasattr(os, "fork"):
        pytest.skip("no fork here")
    return request.param


def one(function, seconds=5.0):
    (outcome,) = running.attempts([function], seconds)
    return outcome


def test_a_result_comes_back(way):
    assert one(lambda: 7 * 6) == running.Outcome(result=42)


def test_the_first_that_fails_is_the_last(way):
    functions = [lambda: 1, lambda: 1 / 0, lambda: 3]
    assert [outcome.result for outcome in running.attempts(functions)] == [1, None]
    assert [outcome.result for outcome in running.attempts(functions, through_errors=True)] == [1, None, 3]


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
def test_an_endless_loop_is_stopped(way, function, capfd):
    before = threading.active_count()
    outcome = one(function, seconds=0.2)
    assert outcome.timed_out
    assert outcome.stopped
    assert threading.active_count() == before
    assert capfd.readouterr() == ("", "")


CALLS_INTO_C = {
    "a power": lambda: 9 ** (9**8),
    "a sum": lambda: sum(itertools.repeat(1)),
    "a wait": lambda: time.sleep(60),
}


@pytest.mark.parametrize("function", CALLS_INTO_C.values(), ids=CALLS_INTO_C)
def test_a_call_into_c_that_holds_all_is_stopped(function):
    start = time.monotonic()
    outcome = one(function, seconds=0.3)
    assert outcome.timed_out
    assert outcome.stopped
    assert time.monotonic() - start < 5


@pytest.mark.slow
def test_what_cannot_be_stopped_in_a_thread_is_left_alone(monkeypatch):
    """A call into C code sees the exception only when it is over."""
    monkeypatch.setattr(running, "_forks", False)
    release = threading.Lock()
    release.acquire()
    outcome = one(release.acquire, seconds=0.01)
    assert outcome.timed_out
    assert not outcome.stopped
    release.release()
    for thread in threading.enumerate():
        if thread.daemon and thread is not threading.main_thread():
            thread.join(5)


ENDINGS = {
    "os._exit": (lambda: os._exit(3), "with the exit code 3"),
    "a signal": (lambda: os.kill(os.getpid(), signal.SIGKILL), "by the signal SIGKILL"),
    "a crash": (lambda: os.kill(os.getpid(), signal.SIGSEGV), "by the signal SIGSEGV"),
    "the whole group": (lambda: os.killpg(0, signal.SIGKILL), "by the signal SIGKILL"),
}


@pytest.mark.parametrize(("function", "how"), ENDINGS.values(), ids=ENDINGS)
def test_what_ends_python_ends_the_copy_only(function, how):
    assert running._fork_works()  # else these would end the tests
    assert one(function).ended == how


@pytest.mark.slow
def test_a_copy_does_not_outlive_a_kernel_that_is_killed(tmp_path):
    code = f"""
import os, pathlib, signal
from workbench.tutoring import running

def endless():
    pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
    os.kill(os.getppid(), signal.SIGKILL)
    while True:
        pass

running.attempts([endless], 1.0)
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == -signal.SIGKILL
    pid, end = int((tmp_path / "pid").read_text()), time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
            break
        time.sleep(0.1)
    else:
        os.kill(pid, signal.SIGKILL)
        pytest.fail("the copy goes on")


def test_exit_is_an_exception(way):
    for function in exit, sys.exit, quit:
        assert "`return` ends a function" in one(function).error


def vandal():
    np.sum = np.sqrt = None
    os.chdir("/")
    warnings.simplefilter("error")
    sys.setrecursionlimit(77)
    np.seterr(all="raise")
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    os.environ["VANDAL"] = "1"
    sys.stdout = None
    sys.modules["math"].pi = 3
    threading.Thread(target=lambda: time.sleep(30)).start()


def test_nothing_here_is_changed():
    def state():
        return (
            *(np.sum, np.sqrt, os.getcwd(), len(warnings.filters), sys.getrecursionlimit(), np.geterr()),
            *(random.getstate(), sys.stdout, sys.modules["math"].pi),
            *("VANDAL" in os.environ, threading.active_count()),
        )

    before = state()
    assert one(vandal).error == ""
    assert state() == before


def test_memory_has_an_end():
    assert "more memory than there is" in one(lambda: np.ones(1 << 29).sum()).error


def test_what_was_replaced_is_what_it_was_meanwhile(way, monkeypatch):
    broken = None
    monkeypatch.setattr(np, "sum", broken)
    with running.undisturbed() as replaced:
        assert replaced == ["np.sum"]
        assert np.sum([1, 2]) == 3
    assert np.sum is broken
    assert one(lambda: np.sum([1, 2])).result == 3


@pytest.fixture
def interrupts():
    """An interrupt raises KeyboardInterrupt, as in a kernel, whatever other tests have left."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_an_interrupt_of_the_kernel_stops_the_code(way, monkeypatch):
    before = threading.active_count()
    here = threading.get_ident()
    copies, fork = [], getattr(os, "fork", None)
    monkeypatch.setattr(os, "fork", lambda: copies.append(fork()) or copies[-1], raising=False)
    timer = threading.Timer(0.3, lambda: signal.pthread_kill(here, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        one(endless, 30)
    timer.join()
    assert threading.active_count() == before
    assert bool(copies) == (way == "a copy")
    for copy in copies:
        with pytest.raises(ChildProcessError):  # it has ended, and was waited for
            os.waitpid(copy, os.WNOHANG)


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt(), MemoryError()])
def test_every_exception_is_caught(way, error):
    def function():
        raise error

    assert type(error).__name__ in one(function).error


def test_numpy_does_not_warn(way):
    assert one(lambda: np.float64(1) / np.float64(0)).result == np.inf


def test_there_is_nobody_to_ask():
    assert "input() has nobody to ask here" in one(lambda: input()).error


def test_a_system_without_copies_takes_a_thread(monkeypatch):
    """Where the copy of a process can do nothing, as on some systems after certain libraries, that is found out."""
    monkeypatch.setattr(running, "_forks", None)
    monkeypatch.setattr(running, "_in_a_copy", lambda *_: [running.Outcome(ended="by the signal SIGSEGV")])
    assert one(lambda: 7).result == 7
    assert running._forks is False


def raised(function):
    try:
        function()
    except BaseException as error:
        return error


def own_mistake():
    return [1, 2][5]


def mistake_in_a_library():
    return np.linalg.solve(np.zeros((2, 2)), np.ones(2))


def forever():
    return forever()


def test_an_error_is_told_with_the_line_of_the_learners_code():
    assert explain(raised(own_mistake)) == (
        "The index is beyond the last entry: n entries have the indices 0 to n − 1.\n"
        f"Line {own_mistake.__code__.co_firstlineno + 1}, in own_mistake: return [1, 2][5]\n"
        "IndexError: list index out of range"
    )
    told = explain(raised(mistake_in_a_library))
    assert "in mistake_in_a_library: return np.linalg.solve(np.zeros((2, 2)), np.ones(2))" in told
    assert told.endswith("LinAlgError: Singular matrix")
    assert "in forever: return forever()" in explain(raised(forever))


def test_an_error_without_such_a_line():
    assert explain(raised(lambda: exec("1/0"))).endswith("ZeroDivisionError: division by zero")
    assert explain(ValueError()) == "ValueError"


def test_a_long_message_is_cut():
    told = explain(ValueError("\n".join(str(k) * 200 for k in range(9))))
    assert len(told) < 400
    assert told.endswith(" …")


class Hostile:
    def __getattr__(self, name):
        raise SystemExit("no")

    def __repr__(self):
        raise KeyError("no")


def test_objects_that_raise_when_they_are_looked_at(way):
    some = Hostile()
    assert one(lambda: some + 1).error.endswith("TypeError: unsupported operand type(s) for +: 'Hostile' and 'int'")


def test_printing_is_caught_and_cut(way, capfd):
    def chatty():
        print("one")
        print("two", file=sys.stderr)

    assert one(chatty).printed == "one\ntwo"
    assert one(lambda: None).printed == ""

    long = one(lambda: [print(k) for k in range(100_000)]).printed
    assert long.splitlines()[: running.PRINTED_LINES] == [str(k) for k in range(running.PRINTED_LINES)]
    assert long.splitlines()[-1] == "… (588,890 characters in all)"
    if way == "a copy":
        assert one(lambda: os.write(1, b"past Python")).result == 11
    assert capfd.readouterr() == ("", "")


class WithMethods:
    def empty(self, params, grads):
        pass

    def dots(self, params, grads): ...

    def documented(self, params, grads):
        """What it will do."""

    def to_be_done(self, params, grads):
        raise NotImplementedError

    def named(self, params, grads):
        x, y = params  # noqa: RUF059 (as a lesson has it)
        g = None
        return g  # noqa: RET504

    def local(self, params, grads):
        w = params
        w = w - grads

    def begun(self, params, grads):
        with contextlib.suppress(KeyError):
            params["w"] -= grads["w"]
        raise NotImplementedError


def test_an_empty_body_is_seen():
    some = WithMethods()
    for empty in some.empty, some.dots, some.documented, some.to_be_done, some.named:
        assert running.is_empty(empty)
    for function in some.local, some.begun, time.sleep, None:
        assert not running.is_empty(function)
