"""What twenty learners on one machine cost, as on a teacher's server: python benchmarks/many_learners.py.

Under one Jupyter server twenty kernels load the digits, make a batch, and show the live figure Trajectories. One
learner's page is measured as in slider_latency.py: alone, then beside 19 kernels that rest, then while 5 or all 19 of
them have their sliders moved too, at up to 10 steps a second. These 19 get the messages that a page sends, through the
server, one in flight; what comes back is read and not drawn (kernels.py). The browser shares the machine with the
server and the kernels.
"""

import statistics
import sys
from pathlib import Path

import memory
import steps
import table
from kernels import a_class
from table import LINUX_ONLY, Measured, Row

LEARNERS = 20
OTHERS = LEARNERS - 1
DRAGGING = (5, OTHERS)  # so many others move their sliders
RATE = 10  # steps per second that each of them wants
LEARNER = f"{LEARNERS} learners"


def rows_of_steps(name, goal):
    """The rows on steps beside others that rest and that move, as `steps_beside` gives them; goal: with all moving."""
    alone = "ms", "alone on the machine"
    return (
        Row(f"{name}: slider step, all others rest", *alone),
        *(Row(f"{name}: slider step, {n} others move theirs", *alone, goal if n == OTHERS else "") for n in DRAGGING),
        *(Row(f"{name}: steps of each of {n} others", "per s", "wanted") for n in DRAGGING),
    )


ROWS = (
    Row(f"{LEARNER}: from nothing to the last figure, all at once", "s", "one learner alone"),
    Row(f"{LEARNER}: private memory of a kernel, median", "MB", "an empty kernel"),
    Row(f"{LEARNER}: memory of the digits in all kernels together", "MB", "a copy for each"),
    *rows_of_steps(LEARNER, "ratio at most 2"),
)

LESSON = """
from workbench.data import mnist
from lessons.trajectories.figures import Trajectories
from workbench.networks.training import batches

digits = mnist.load()
batch = mnist.pixels(digits.train_images[next(batches(len(digits.train_images), 128, 0))])
shown = Trajectories()
"""
CONTROL = 'shown.controls["lr_SGD"]'
PICTURE = ".live-picture"

PID = """
downhill.kernel().requestExecute({code: "", user_expressions: {pid: "__import__('os').getpid()"}}).done
  .then(({content}) => Number(content.user_expressions.pid.data["text/plain"]))
"""


def digits(pid):
    """Memory of the digits in a process, in megabytes: its share of pages that many processes map, and all pages."""
    sizes = {"Pss:": 0.0, "Rss:": 0.0}
    wanted = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):  # the first line of a mapping ends with the file's name
            wanted = line.endswith("-ubyte")
        elif wanted and first in sizes:
            sizes[first] += int(rest[0]) * 1024 / memory.MEGABYTE
    return sizes["Pss:"], sizes["Rss:"]


def memories(pids, empty):
    """Measure the rows on memory."""
    if not memory.readable():
        return 2 * [Measured(LINUX_ONLY, LINUX_ONLY)]
    shares, wholes = zip(*map(digits, pids), strict=True)
    return [Measured(statistics.median(map(memory.private, pids)), empty), Measured(sum(shares), sum(wholes))]


def measure(quick=False):
    """Measure all ROWS in their order."""
    count = 4 if quick else 30
    empty = memory.kernel_after([]) if memory.readable() else LINUX_ONLY
    with learners_page() as (jupyter, notebook):

        def start(learners):
            return others.start(learners * [jupyter.server], LESSON, CONTROL)

        alone = latency(notebook, count)
        with a_class() as others:
            one = start(1)
            others.stop()
            found = [Measured(start(LEARNERS), one)]
            others.stop(1)  # the page that is measured is the twentieth
            found += memories([*(one.pid for one in others.all), notebook.page.evaluate(PID)], empty)
            return found + steps_beside(others, notebook, count, alone)


def learners_page():
    """The page of the learner who is measured, which shows the figure: a context of Lab and Notebook."""
    return steps.page([f'{LESSON}measured("learner", shown, {CONTROL})'])


def latency(notebook, count):
    """The median time of so many steps on that page until the animation frame, in milliseconds."""
    return steps.times(notebook, "learner", PICTURE, count)[0].frame


def steps_beside(others, notebook, count, alone):
    """Measure `rows_of_steps` on that page beside the others, a Class; alone: a step on the machine alone."""
    found, rates = [Measured(latency(notebook, count), alone)], []
    for moving in DRAGGING:
        others.move(moving, RATE)
        found.append(Measured(latency(notebook, count), alone))
        rates.append(Measured(statistics.mean(others.rest()), RATE))
    return found + rates


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
