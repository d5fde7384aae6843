"""What a class of twenty costs on a hub, a server and a kernel each: python benchmarks/class_servers.py.

Each learner has a JupyterLab of their own, started as `make lab` and the hub start it, and in it one kernel that loads
the digits and shows the live figure Trajectories, as in many_learners.py, where one server has all kernels. First one
learner is measured, then all at once. Then the page of one learner is measured as there: alone, beside 19 that rest,
and while 5 or all 19 of them move their sliders. The hub itself, which is one more process for all, is left out.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

import memory
import steps
import table
from kernels import SECONDS, a_class
from many_learners import CONTROL, LEARNERS, LESSON, latency, learners_page, rows_of_steps, steps_beside
from table import LINUX_ONLY, Measured, Row

NAME = f"class of {LEARNERS}, a server each"
GIGABYTES = 4
ROWS = (
    Row(f"{NAME}: from nothing to the last figure, all at once", "s", "one learner alone"),
    Row(f"{NAME}: private memory of a server, median", "MB", "of its kernel"),
    Row(f"{NAME}: learners for {GIGABYTES} GB", "learners", "were the kernels under one server"),
    *rows_of_steps(NAME, "ratio at most 2.5"),
)
NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def start(others, running, count):
    """Start so many learners at once, each with a server that `running`, an ExitStack, stops; returns the seconds."""
    begin = perf_counter()

    def learner(_):
        serving = steps.lab.serve(NOTEBOOKS, SECONDS)
        server = serving.__enter__()
        running.push(serving.__exit__)
        others.start([server], LESSON, CONTROL)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(learner, range(count)))
    return perf_counter() - begin


def memories(learners):
    """Measure the rows on memory."""
    if not memory.readable():
        return 2 * [Measured(LINUX_ONLY, LINUX_ONLY)]
    server = median(memory.private(one.server["pid"]) for one in learners)
    kernel = median(memory.private(one.pid) for one in learners)
    megabytes = GIGABYTES * 1000
    return [
        Measured(server, kernel),
        Measured(megabytes // (server + kernel), (megabytes - server) // kernel),
    ]


def measure(quick=False):
    """Measure all ROWS in their order; quick: two learners, few steps."""
    count, learners = (4, 2) if quick else (30, LEARNERS)
    with ExitStack() as running, a_class() as others:
        one = start(others, running, 1)
        others.stop()
    with learners_page() as (_, notebook):
        alone = latency(notebook, count)
        with ExitStack() as running, a_class() as others:
            found = [Measured(start(others, running, learners), one)]
            found += memories(others.all)
            others.stop(1)  # the page that is measured is the twentieth
            return found + steps_beside(others, notebook, count, alone)


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
