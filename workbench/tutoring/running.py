"""Run code that somebody else wrote: in a process of its own, with a time limit, its printing caught.

Where the system can fork, an answer runs in a copy of the kernel that is thrown away: it can end, hang, fill the memory
or change modules, and the kernel is as before. Without fork (Windows) it runs in a thread: a loop without end is
stopped there, too, and NumPy's functions are put back; what remains is that `os._exit` ends the kernel, that a call
into C that never returns keeps a core busy or holds all threads, and that changes to modules other than NumPy stay.
"""

import contextlib
import ctypes
import dis
import faulthandler
import io
import math
import os
import pickle
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path

import numpy as np

from workbench.tutoring.explaining import explain

TIME_LIMIT = 3.0  # seconds; an answer takes milliseconds
PRINTED_LINES, PRINTED_CHARACTERS = 10, 1000  # of what the code prints, this much is shown
STOPS = 10  # tries to stop code that catches every exception
MEMORY = 2 << 30  # bytes that an answer may take beyond what the kernel has
RECURSION = 1000
# As they are before a learner can replace one of them. `_exit` and the rest are used after the answer has run.
OWN = {module: dict(vars(module)) for module in (np, np.linalg, np.random, math, random)}
_exit, _dumps = os._exit, pickle.dumps


class TimeUp(SystemExit):
    """Raised inside code that runs too long, where it runs in a thread."""


class Printed(io.TextIOBase):
    """Takes what is printed, and keeps the beginning of it: endless printing fills no memory."""

    def __init__(self):
        self.kept, self.count = "", 0

    def write(self, text):
        self.kept += text[: PRINTED_CHARACTERS - len(self.kept)]
        self.count += len(text)
        return len(text)

    def shown(self):
        """The first lines, and how much more there was; "" when nothing was printed."""
        lines = self.kept.splitlines()
        shown = lines[:PRINTED_LINES]
        if len(shown) < len(lines) or len(self.kept) < self.count:
            shown.append(f"… ({self.count:,} characters in all)")
        return "\n".join(shown)


@dataclass
class Outcome:
    """What became of a call: its result; or else, in words, the exception it raised, or how it ended Python itself.

    Without all three the time was up; stopped: whether the code is really at its end then.
    """

    result: object = None
    error: str = ""
    ended: str = ""
    timed_out: bool = False
    stopped: bool = True
    printed: str = ""

    @property
    def failed(self):
        return bool(self.error or self.ended or self.timed_out)


_undisturbed = 0  # how many of the contexts below are open


@contextlib.contextmanager
def undisturbed():
    """A context in which NumPy is what it was at first, whatever was done to it and to its settings since.

    Yields the names that had been replaced, as "np.sum"; afterwards they are replaced again.
    """
    replaced = {
        (module, name): vars(module).get(name)
        for module, own in OWN.items()
        for name, value in own.items()
        if not name.startswith("__") and vars(module).get(name) is not value
    }
    limit = sys.getrecursionlimit()
    for module, name in replaced:
        setattr(module, name, OWN[module][name])
    global _undisturbed
    _undisturbed += 1
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):  # a diverging answer is told in words
            warnings.simplefilter("ignore")
            with contextlib.suppress(RecursionError):  # where the present depth is above it
                sys.setrecursionlimit(RECURSION)
            yield [f"{module.__name__.replace('numpy', 'np')}.{name}" for module, name in replaced]
    finally:
        _undisturbed -= 1
        sys.setrecursionlimit(limit)
        for (module, name), value in replaced.items():
            setattr(module, name, value)


def _call(function):
    """The Outcome of a call here and now; a TimeUp goes through."""
    printed = Printed()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            outcome = Outcome(function())
    except TimeUp:
        raise
    except BaseException as error:
        outcome = Outcome(error=explain(error))
    outcome.printed = printed.shown()
    return outcome


# In a process of its own


def _refuse_input(*_):
    raise RuntimeError("input() has nobody to ask here: the check hands over all that is needed")


def _prepare_the_copy(seconds):
    """What must not reach the kernel any more: its files, its terminal, what it shows; memory and time have an end."""
    os.setsid()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(math.ceil(seconds) + 1)  # where the kernel is killed meanwhile, nobody else would end it
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.disable()  # how an answer ends is told in words
    sys.modules["builtins"].input = _refuse_input
    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()) is not None:
        shell.display_pub.publish = lambda *_, **__: None
    with contextlib.suppress(Exception):
        import resource  # not on Windows

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _work(functions, connection, seconds, through_errors, more):
    """What the copy does: call the functions one after the other, and send each outcome. Never returns."""
    send = connection.send_bytes
    try:
        _prepare_the_copy(seconds * (len(functions) + len(more)))
        # A copy of a kernel that is undisturbed is so, too: looking at all names again would copy what they stand for.
        with contextlib.nullcontext() if _undisturbed else undisturbed():
            for function in functions:
                outcome = _call(function)
                send(_dumps(outcome))
                if outcome.failed and not through_errors:
                    return
            for function in more:
                send(_dumps(_call(function)))
    finally:
        _exit(0)


def _fork():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of threads beside a fork; the copy has this thread only
        return os.fork()


def _end(pid):
    """Kill a copy and all that it has started, and take its last word: its status."""
    for kill in os.killpg, os.kill:
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        return os.waitpid(pid, 0)[1]
    return None


def _ending(pid):
    """How a copy came to its end, in words, after it has closed its line to the kernel."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                _end(pid)  # what it has started
                if os.WIFSIGNALED(status):
                    return f"by the signal {signal.Signals(os.WTERMSIG(status)).name}"
                return f"with the exit code {os.WEXITSTATUS(status)}"
        time.sleep(0.001)
    _end(pid)
    return "by closing all its files"


def _in_a_copy(functions, seconds, through_errors, more=(), wanted=None):
    receiving, sending = Pipe(duplex=False)
    outcomes = []
    sys.stdout.flush()
    pid = _fork()
    if not pid:
        receiving.close()
        _work(functions, sending, seconds, through_errors, more)
    sending.close()
    try:
        for number in range(len(functions) + len(more)):
            if number == len(functions) and not wanted(outcomes):
                break
            if not receiving.poll(seconds):
                outcomes.append(Outcome(timed_out=True))
                break
            try:
                outcomes.append(pickle.loads(receiving.recv_bytes()))
            except (EOFError, OSError):
                ending, pid = _ending(pid), 0
                outcomes.append(Outcome(ended=ending))
                break
            if outcomes[-1].failed and not through_errors and number < len(functions):
                break
    finally:  # also when the learner interrupts the kernel
        if pid:
            _end(pid)
        receiving.close()
    return outcomes


# In a thread


def _in_a_thread(functions, seconds, through_errors):
    outcomes = []

    def work(function, busy, over):
        try:
            busy.set()
            outcomes.append(_call(function))
        except TimeUp:
            pass
        finally:
            busy.clear()
            over.set()

    with undisturbed():
        for function in functions:
            busy, over = threading.Event(), threading.Event()
            thread = threading.Thread(target=work, args=(function, busy, over), daemon=True)
            thread.start()
            try:
                over.wait(seconds)  # an interrupted `join` takes a thread that goes on for one that is at its end
            finally:
                late = not over.is_set()
                for _ in range(STOPS):
                    if over.is_set() or not busy.is_set():
                        break
                    stop = ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUp)
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(*stop)
                    over.wait(0.1)
                if over.is_set():
                    thread.join(1)
            if late:
                outcomes.append(Outcome(timed_out=True, stopped=over.is_set()))
            if outcomes[-1].failed and not through_errors:
                break
    return outcomes


_forks = None if hasattr(os, "fork") else False  # whether copies work here; None: not tried yet


def _fork_works():
    """Whether a copy of this process can do anything at all: on some systems it cannot, after certain libraries.

    One that is late is tried again: on a machine that is busy, a thread would be the wrong conclusion.
    """
    global _forks
    for seconds in (5.0, 30.0) if _forks is None else ():
        outcomes = _in_a_copy([lambda: (np.ones((100, 100)) @ np.ones((100, 100))).sum()], seconds, False)
        _forks = not outcomes[0].failed
        if not outcomes[0].timed_out:
            break
    return _forks


def attempts(
    functions: Sequence[Callable[[], object]], seconds: float = TIME_LIMIT, through_errors: bool = False
) -> list[Outcome]:
    """Call functions one after the other, apart from this process where the system can; returns an Outcome for each.

    seconds: for each of them. The first that fails is the last that is called, unless `through_errors`; even then one
    that ends the process or takes too long is. Results come as copies, so they must be such that pickle takes.
    Raises nothing but KeyboardInterrupt, when the kernel is interrupted, and then the code is stopped.
    """
    if not functions:
        return []
    with contextlib.suppress(OSError):  # no process, no memory or no file left
        if _fork_works():
            return _in_a_copy(functions, seconds, through_errors)
    return _in_a_thread(functions, seconds, through_errors)


def attempts_and_more(functions: Sequence, more: Sequence, wanted: Callable[[list], bool], seconds: float) -> tuple:
    """The outcomes of `attempts(functions)`, and of `attempts(more, through_errors=True)` in the same copy.

    wanted: told the former, all without a failure, whether the latter are called for at all.
    """
    with contextlib.suppress(OSError):  # as in `attempts`
        if _fork_works():
            outcomes = _in_a_copy(functions, seconds, False, more, wanted)
            return outcomes[: len(functions)], outcomes[len(functions) :]
    outcomes = _in_a_thread(functions, seconds, False)
    failed = outcomes[-1].failed or not wanted(outcomes)
    return outcomes, [] if failed else _in_a_thread(more, seconds, True)


# What can be said of code without running it


TRIVIAL = (
    *("RESUME", "NOP", "LOAD_CONST", "LOAD_SMALL_INT", "LOAD_FAST", "STORE_FAST", "UNPACK_SEQUENCE", "POP_TOP"),
    *("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "COPY_FREE_VARS", "MAKE_CELL", "CACHE", "EXTENDED_ARG"),
    *("LOAD_COMMON_CONSTANT", "NOT_TAKEN", "PUSH_NULL", "PRECALL", "BUILD_TUPLE"),
)


def is_empty(function: Callable) -> bool:
    """Whether the body of a Python function does nothing yet: `pass`, a docstring, names for None, return, raise."""
    if not hasattr(function, "__code__"):
        return False
    for instruction in dis.get_instructions(function):
        if not instruction.opname.startswith(TRIVIAL) and instruction.argval != "NotImplementedError":
            return False
    return True
