"""All benchmarks, as one table in docs/benchmarks.md: `make bench`, or python benchmarks/bench.py.

With --quick everything takes few steps, and the page is printed and not written.
PyTorch and scikit-learn are measured where they are installed; nothing else needs them.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import class_servers
import lenet_speed
import many_learners
import memory
import notebook_seconds
import numpy  # noqa: F401 (loads the BLAS, whose name and version the page states)
import single_steps
import slider_latency
import steps
import table
import training_speed
from threadpoolctl import threadpool_info

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
GROUPS = (
    slider_latency,
    many_learners,
    class_servers,
    notebook_seconds,
    memory,
    training_speed,
    lenet_speed,
    single_steps,
)
ROWS = [row for group in GROUPS for row in group.ROWS]
PACKAGES = {
    "NumPy": "numpy",
    "Matplotlib": "matplotlib",
    "JupyterLab": "jupyterlab",
    "ipywidgets": "ipywidgets",
    "PyTorch": "torch",
    "scikit-learn": "scikit-learn",
}

TEXT = """\
# Benchmarks

`make bench` measures all of this and writes this page; nothing else should run meanwhile.
Read the ratios: they hold on slow and on fast machines, seconds do not.
A ratio is the figure divided by its yardstick.

| machine and versions | value |
| --- | --- |
{machine}
{table}
What is measured:

- **slider step**: from an arrow key to the animation frame that shows the new picture, or until it is drawn; medians of
  30, the key pressed at random moments between two frames.
  In JupyterLab in a headless browser, in a window of {width} × {height} pixels with the figure in view.
  An empty slider, whose value the kernel writes into a label, stands beside the figure and is moved in turns with it.
  Most values are new; "again" are values that were shown before. In the pause after a step a figure makes the frame of
  one more step like it; "unforeseen" are short and long steps in turns, whose frames are made when they are asked for.
- **pictures while dragging**: the mouse moves up to {moves} times a second.
- **{learners} learners**: kernels under one Jupyter server; each loads the digits and shows Trajectories.
  One page is measured. The others get the messages that their pages would send, up to {rate} a second each, and nothing
  is drawn for them. Server, kernels and the one browser share this machine.
- **class of {learners}, a server each**: as on a hub; each server is JupyterLab with the course's settings, and has one
  kernel with Trajectories. The memory is private, and {gigabytes} GB are for servers and kernels alone.
- **notebook**: building a lesson, from the start of its kernel to the last output.
- **memory**: pages that no other process shares.
- **training**: four optimizers, 2000 iterations each, a network of 784-100-100-100-100-10 units, batches of 128 digits.
  The best of three turns. scikit-learn has three of the four optimizers, and its time is scaled to four.
- **LeNet, an epoch**: 10,000 digits in batches of 100, on two threads; the median of five turns.
- **samples at once**: the product of a matrix with a column for each sample, on one thread; the best of 50 turns.
- **an answer to an exercise**: one that does nothing, tried in a copy of a process; the best of 50 turns.

How each is measured is said in the files of [benchmarks/](../benchmarks), which can be run one by one.
PyTorch and scikit-learn are yardsticks, measured when they are installed beside the course, which needs neither.
"""


def processor():
    """The name of the processor's model."""
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_size():
    """The machine's memory in words."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # Windows has no sysconf
        return "unknown"
    return f"{size / 2**30:.0f} GiB"


def installed(package):
    """The version of a package in words."""
    try:
        return version(package)
    except PackageNotFoundError:
        return table.NOT_INSTALLED


def machine():
    """What the figures depend on: the machine and versions, each with its name."""
    blas = [f"{library['internal_api']} {library['version']}" for library in threadpool_info()]
    browser = subprocess.run([steps.lab.find_browser(), "--version"], capture_output=True, text=True, check=True).stdout
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory": memory_size(),
        "system": f"{platform.system()}, {platform.machine()}",
        "Python": platform.python_version(),
        "BLAS": ", ".join(blas),
        "browser": " ".join(browser.split()[:2]),
    } | {name: installed(package) for name, package in PACKAGES.items()}


def page(facts, measured, rows=ROWS):
    """The text of the page."""
    return TEXT.format(
        machine="".join(f"| {name} | {value} |\n" for name, value in facts.items()),
        table=table.markdown(rows, measured),
        **steps.WINDOW,
        moves=steps.MOVES_PER_SECOND,
        learners=many_learners.LEARNERS,
        rate=many_learners.RATE,
        gigabytes=class_servers.GIGABYTES,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few steps; print the page, write nothing")
    quick = parser.parse_args().quick
    facts, measured, begin = machine(), [], time.perf_counter()
    for group in GROUPS:
        print(f"{time.perf_counter() - begin:4.0f} s  {group.__doc__.splitlines()[0]}", file=sys.stderr, flush=True)
        measured += group.measure(quick)
    text = page(facts, measured)
    if quick:
        print(text, end="")
    else:
        PAGE.write_text(text, encoding="utf-8")
    print(f"{time.perf_counter() - begin:4.0f} s  in all", file=sys.stderr)


if __name__ == "__main__":
    main()
