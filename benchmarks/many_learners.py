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
DRAGGING = {5: "", OTHERS: "ratio at most 2"}  # so many others move their sliders, and what is to be reached
RATE = 10  # steps per second that each of them wants
LEARNER = f"{LEARNERS} learners"

ROWS = (
    Row(f"{LEARNER}: from nothing to the last figure, all at once", "s", "one learner alone"),
    Row(f"{LEARNER}: private memory of a kernel, median", "MB", "an empty kernel"),
    Row(f"{LEARNER}: memory of the digits in all kernels together", "MB", "a copy for each"),
    Row(f"{LEARNER}: slider step, all others rest", "ms", "alone on the machine"),
    *(
        Row(f"{LEARNER}: slider step, {n} others move theirs", "ms", "alone on the machine", goal)
        for n, goal in DRAGGING.items()
    ),
    *(Row(f"{LEARNER}: steps of each of {n} others", "per s", "wanted") for n in DRAGGING),
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
    with steps.page([f'{LESSON}measured("learner", shown, {CONTROL})']) as (jupyter, notebook):

        def latency():
            return steps.times(notebook, "learner", PICTURE, count)[0].frame

        def start(learners):
            return others.start(learners * [jupyter.server], LESSON, CONTROL)

        alone = latency()
        with a_class() as others:
            one = start(1)
            others.stop()
            found = [Measured(start(LEARNERS), one)]
            others.stop(1)  # the page that is measured is the twentieth
            found += memories([*(one.pid for one in others.all), notebook.page.evaluate(PID)], empty)
            found.append(Measured(latency(), alone))
            moved, rates = while_moving(others, latency, alone)
    return found + moved + rates


def while_moving(others, latency, alone):
    """The rows on steps while others of a Class move their sliders: what `latency` gives then, and their steps."""
    moved, rates = [], []
    for count in DRAGGING:
        others.move(count, RATE)
        moved.append(Measured(latency(), alone))
        rates.append(Measured(statistics.mean(others.rest()), RATE))
    return moved, rates


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
