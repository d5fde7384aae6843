"""Many independent runs at once: on the threads of this process, on other processes, or on the workers of a cluster.

What is run is a plain function of small arguments, which loads its data itself: a worker elsewhere has the course, and
is sent nothing but the name of the function and its arguments.
"""

import argparse
import contextlib
import os
import platform
import signal
import threading
from collections.abc import Callable, Collection, Hashable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait

from workbench.checks import AFunction, Choice, Constraint, Having, OrNone, checked, refuse
from workbench.networks.blas import always_one_thread, one_thread
from workbench.networks.training import Bar, stopping


class Cases(Constraint):
    """The arguments of each run."""

    allowed = "a list of tuples, each the arguments of a run, no two the same"

    def check(self, name, value):
        try:
            cases = list(value)
            if not all(isinstance(case, tuple) for case in cases) or len(set(cases)) != len(cases):
                raise TypeError
        except TypeError:
            refuse(name, value, self.allowed)
        return cases

    def bad(self):
        return [None, 3, "cases", [1], [(1,), (1,)], [([],)], {"a": 1}, object()]

    def good(self):
        return [[]]


AN_EXECUTOR = OrNone(Having("submit", "an Executor of concurrent.futures, a dask Client, or None for threads"))
MANY = {"job": AFunction(), "cases": Cases(), "executor": AN_EXECUTOR}


@checked(**MANY, bar=OrNone(AFunction()))
def run_all(
    job: Callable,
    cases: Sequence[tuple[Hashable, ...]],
    executor: Executor | None = None,
    bar: Callable[[int], Bar] | None = None,
) -> dict[tuple, object]:
    """Call `job(*case)` for each case, several at once; returns a dict from the cases to the results, in their order.

    job: a function; for workers elsewhere one that they can import, or, with dask and joblib, one of a notebook.
    executor: by default as many threads as there are cores. Anything with the interface of concurrent.futures does: a
    ProcessPoolExecutor; `joblib.externals.loky.get_reusable_executor()`; a `dask.distributed.Client`, whose cluster
    does again what a lost worker had begun.
    bar: a function from the number of runs to a Bar, which is told of each that is done.
    Each run has one BLAS thread, so that its numbers are the same wherever it runs on one kind of processor.
    The first exception that a job raises is raised here, and no more are begun. Interrupting the kernel begins no more
    either: trainings on threads end after their present update, and what was whole by then is returned, nothing else.
    Raises ValueError for any other argument.
    """
    shown, stop = bar(len(cases)) if bar else None, threading.Event()
    futures, told = {}, stop if executor is None else None  # an event cannot be sent elsewhere
    with one_thread(), _executor(executor) as pool:
        try:
            for case in cases:
                futures[case] = pool.submit(_one, job, case, _here(), told)
            _wait(futures.values(), shown)
        except BaseException as error:
            whole = {case: future.result() for case, future in futures.items() if _is_whole(future)}
            stop.set()
            for future in futures.values():
                future.cancel()
            if not isinstance(error, KeyboardInterrupt):
                raise
            return whole
    if shown is not None:
        shown.close()
    return {case: future.result() for case, future in futures.items()}


def _wait(futures, shown):
    """Wait until all are done; raises what the first that failed raised."""
    left = list(futures)
    while left:
        left = wait(left, timeout=0.25, return_when="FIRST_EXCEPTION").not_done
        done = [future for future in futures if future not in left]
        if shown is not None:
            shown.update(len(done) - shown.n)
        for future in done:
            future.result()


def _is_whole(future: Future):
    return future.done() and not future.cancelled() and future.exception() is None


@contextlib.contextmanager
def _executor(given):
    """The executor that was handed over, which stays open; without one, threads."""
    if given is None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield pool
    elif hasattr(given, "get_executor"):  # a Client of dask.distributed
        yield given.get_executor(pure=False)
    else:
        yield given


def _here():
    """What tells this process from all others, on other machines, too."""
    return platform.node(), os.getpid()


def _one(job, case, home, stop):
    """One run, where the executor has it done."""
    if _here() == home:
        with stopping(stop):
            return job(*case)
    always_one_thread()
    if threading.current_thread() is threading.main_thread():
        # An interrupt of the kernel reaches its child processes, too: half a run must not be taken for a whole one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return job(*case)


def from_command_line(
    what: str, arguments: list[str] | None = None, parts: Collection[str] = ()
) -> tuple[Executor | None, list[str]]:
    """What the command line of a store.py asks for: the executor, and the parts that it names, each once.

    The executor is that of `--scheduler tcp://…`, or None. what: the help. parts: those that may be named, if any.
    Anything else ends the program with a sentence.
    """
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a dask.distributed cluster whose workers have this version of the course; default: threads",
    )
    if parts:
        parser.add_argument("names", nargs="*", metavar="NAME", help="a part, to make no other again; default: all")
    found = parser.parse_intermixed_args(arguments)
    names = list(dict.fromkeys(found.names)) if parts else []
    try:
        for name in names:
            Choice(parts).check("name", name)
    except ValueError as error:
        parser.error(str(error))
    if found.scheduler is None:
        return None, names
    try:
        from dask.distributed import Client
    except ImportError:
        parser.error('--scheduler needs dask: python -m pip install "dask[distributed]"')
    return Client(found.scheduler), names
