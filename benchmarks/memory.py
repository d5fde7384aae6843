"""What a lesson costs in memory: `make bench`, or python benchmarks/memory.py.

Two kernels are started. One stays empty, the other runs every cell of lesson 10. Then the private memory of both is
read: the pages that no other process shares. The digits are mapped by this program too, as they are by all learners on
one machine, so their pages count as shared.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from jupyter_client.manager import start_new_kernel

from workbench import mnist

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1e6


def private(pid):
    """Private memory of a process in bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(size) * 1024 for name, size, _ in (line.split() for line in lines)}
    return sizes["Private_Clean:"] + sizes["Private_Dirty:"]


def kernel_after(cells):
    """Private memory of a kernel that has run these cells, in bytes."""
    manager, client = start_new_kernel(cwd=str(ROOT / "notebooks"))
    try:
        client.execute_interactive("import os")
        for cell in cells:
            reply = client.execute_interactive(cell, output_hook=lambda message: None, allow_stdin=False)
            if reply["content"]["status"] != "ok":
                sys.exit(f"a cell failed:\n{cell}\n{reply['content']}")
        return private(manager.provisioner.pid)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="?", default=ROOT / "notebooks" / "10_mnist.ipynb", type=Path)
    path = parser.parse_args().notebook
    if not Path("/proc/self/smaps_rollup").exists():
        sys.exit("private memory is read from /proc/PID/smaps_rollup, which only Linux has")
    digits = mnist.load()
    sum(int(array.max()) for array in digits)  # touches every page
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    empty, full = kernel_after([]), kernel_after(cells)
    print(f"private memory of an empty kernel{empty / MEGABYTE:28.0f} MB")
    print(f"of one that has run {path.name:30}{full / MEGABYTE:11.0f} MB")
    print(f"\n{path.name} takes {(full - empty) / MEGABYTE:.0f} MB beyond an empty kernel; to reach: at most 200")


if __name__ == "__main__":
    main()
