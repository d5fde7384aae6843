"""Run code that somebody else wrote: with a time limit, its printing caught, its errors told in words."""

import contextlib
import ctypes
import dis
import io
import os
import sysconfig
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import helpers

TIME_LIMIT = 3.0  # seconds; an answer takes milliseconds
PRINTED_LINES, PRINTED_CHARACTERS = 10, 1000  # of what the code prints, this much is shown
STOPS = 10  # tries to stop code that catches every exception
ROOT = Path(__file__).resolve().parents[2]
OURS = (
    *(f"{ROOT / folder}{os.sep}" for folder in ("workbench", "lessons")),
    helpers.__file__,
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib")),
)


class TimeUp(SystemExit):
    """Raised inside code that runs too long. A thread that ends by SystemExit ends without a word."""


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
    """What became of a call: its result, or the exception it raised, or neither because the time was up."""

    result: object = None
    error: BaseException | None = None
    timed_out: bool = False
    stopped: bool = True  # False: it was told to stop and goes on


def attempt(function: Callable[[], object], seconds: float = TIME_LIMIT) -> Outcome:
    """Call function() in a thread and return its Outcome, after at most about `seconds`; raises nothing of its own."""
    outcome = Outcome()

    def work():
        try:
            with np.errstate(all="ignore"):  # a diverging answer is told in words, not by warnings
                outcome.result = function()
        except TimeUp:
            pass
        except BaseException as error:
            outcome.error = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        thread.join(seconds)
        outcome.timed_out = thread.is_alive()
    finally:  # also when the learner interrupts the kernel
        for _ in range(STOPS):
            if not thread.is_alive():
                break
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUp))
            thread.join(0.1)
        outcome.stopped = not thread.is_alive()
    return outcome


def caught_printing(printed: Printed) -> contextlib.AbstractContextManager:
    """A context in which what is printed goes to `printed`, a Printed."""
    return contextlib.redirect_stdout(printed)


def describe(error: BaseException) -> str:
    """An exception in words: type, message, and the line of the learner's code, where there is one."""
    name = type(error).__name__
    try:
        message = f"{name}: {error}" if str(error) else name
    except Exception:  # an exception of the learner's own may fail at this too
        message = name
    # What lies in our folders or in libraries is not the line to look at: the line that called it is.
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(OURS)]
    if isinstance(error, SyntaxError) or not (frames := [frame for frame in frames if frame.line]):
        return message
    return f"{message}\nLine {frames[-1].lineno}, in {frames[-1].name}: {frames[-1].line}"


def _operations(function):
    return [instruction.opname for instruction in dis.get_instructions(function)]


def is_empty(function: Callable) -> bool:
    """Whether the body of a Python function holds only `pass`, `...` or a docstring."""
    return hasattr(function, "__code__") and _operations(function) == _operations(lambda: None)
