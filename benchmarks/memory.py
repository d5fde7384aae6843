"""What a lesson costs in memory: python benchmarks/memory.py.

Two kernels are started. One stays empty, the other runs every cell of the lesson mnist. Then the private memory of both
is read: the pages that no other process shares. The digits are mapped by this program too, as they are by all learners
on one machine, so their pages count as shared.
"""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import table
from jupyter_client.manager import start_new_kernel
from table import LINUX_ONLY, Measured, Row

from lessons import stem
from workbench.data import mnist
from workbench.tutoring import passed

NOTEBOOK = Path(__file__).resolve().parent.parent / "notebooks" / f"{stem('mnist')}.ipynb"
MEGABYTE = 1e6
ROWS = (Row("memory after the lesson mnist, beyond an empty kernel", "MB", "an empty kernel", "figure at most 200"),)


def readable():
    """Whether this system says what memory of a process is private."""
    return Path("/proc/self/smaps_rollup").exists()


def private(pid):
    """Private memory of a process in megabytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(size) * 1024 for name, size, _ in (line.split() for line in lines)}
    return (sizes["Private_Clean:"] + sizes["Private_Dirty:"]) / MEGABYTE


def kernel_after(cells):
    """Private memory of a kernel that has run these cells, in megabytes; RuntimeError when one fails."""
    environment = os.environ | {passed.VARIABLE: ""}  # what was passed is not part of a lesson, and stays as it is
    manager, client = start_new_kernel(cwd=str(NOTEBOOK.parent), env=environment, stderr=subprocess.DEVNULL)
    try:
        client.execute_interactive("import os")
        for cell in cells:
            reply = client.execute_interactive(cell, output_hook=lambda message: None, allow_stdin=False)
            if reply["content"]["status"] != "ok":
                raise RuntimeError(f"a cell of {NOTEBOOK.name} failed:\n{cell}\n{reply['content']}")
        return private(manager.provisioner.pid)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def measure(quick=False):
    """Measure all ROWS in their order; quick: only the first two cells."""
    if not readable():
        return [Measured(LINUX_ONLY, LINUX_ONLY)]
    digits = mnist.load()
    sum(int(array.max()) for array in digits)  # touches every page
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    empty, full = kernel_after([]), kernel_after(cells[:2] if quick else cells)
    return [Measured(full - empty, empty)]


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
