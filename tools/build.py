"""Build the notebooks: lessons/NN_name.md (MyST text) to notebooks/NN_name.ipynb, executed, the same bytes every time.

    python tools/build.py                                   build every lesson
    python tools/build.py lessons/01_gradient_descent.md    build this one
    python tools/build.py --check                           write nothing, say which notebooks are out of date

A lesson starts with HEADER (below) and marks each code cell with ```{code-cell} ipython3. This is what jupytext itself
writes: by the header JupyterLab knows that the .md file opens as a notebook, and saving it there changes no line.

A lesson is not built when a cell raises, when a cell writes to stderr (where Python's warnings go), when a code cell
is empty, or when all of it takes more than LIMIT seconds. Its notebook then stays as it was.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import jupytext
import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from workbench.tutoring import passed

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 60  # seconds that a lesson may take, all cells together
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
HEADER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---
"""
# All the metadata of a notebook: more (versions, widget state) would change from machine to machine.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}


class BuildError(Exception):
    """A lesson that cannot become a notebook; the message names the lesson, the cell and the reason."""


def read_lesson(lesson: Path) -> NotebookNode:
    """Return the notebook of a lesson before it is executed: cells with their ids, no outputs.

    An id is a digest of the cell's text, so that inserting a cell leaves the ids of all others alone.
    """
    text = lesson.read_text(encoding="utf-8")
    if not text.startswith(HEADER):
        raise BuildError(f"{lesson.name}: a lesson must start with exactly this header:\n{HEADER}")
    notebook = jupytext.reads(text, fmt="md:myst")
    notebook.metadata = nbformat.from_dict(METADATA)
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    return notebook


def execute(notebook: NotebookNode, name: str, folder: Path) -> None:
    """Execute all code cells in a fresh kernel of this interpreter, in `folder`; outputs go into `notebook`.

    Raises BuildError, which names the lesson `name`, at the first cell that fails.
    """
    # The kernel that nbval starts for --nbval-current-env: what is built here is verified by the same interpreter.
    manager = AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager())
    client = NotebookClient(
        notebook,
        manager,
        timeout=LIMIT,
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    # The kernel process has nothing to say there but its greeting: what cells write to stderr comes as an output.
    environment = os.environ | {passed.VARIABLE: ""}  # what the author has passed is not part of a lesson
    with client.setup_kernel(cleanup_kc=True, stderr=subprocess.DEVNULL, env=environment):
        number = 0
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            number += 1
            where = f"{name}: code cell {number}"
            if not cell.source.strip():
                raise BuildError(f"{where} is empty")
            try:
                client.execute_cell(cell, index)
            except CellTimeoutError:
                raise BuildError(f"{where} takes more than {LIMIT:.0f} s:\n{cell.source}") from None
            except DeadKernelError:
                raise BuildError(f"{where}: the kernel died:\n{cell.source}") from None
            except CellExecutionError as error:
                raise BuildError(f"{where} raised {error.ename}: {error.evalue}\n{error.traceback}") from None
            for output in cell.outputs:
                if output.output_type == "error":  # let through by the tag raises-exception
                    raise BuildError(f"{where} raised {output.ename}: {output.evalue}\n{cell.source}")
                if output.get("name") == "stderr":
                    raise BuildError(f"{where} wrote to stderr:\n{output.text}\nThe cell is:\n{cell.source}")


def clean(notebook: NotebookNode) -> None:
    """Drop what only a running notebook can show: widget entries, whose ids are random, and HTML beside a PNG.

    With a widget entry, a notebook that was never run shows "Error displaying widget" instead of its PNG; and GitHub
    shows no picture that stands in HTML.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)
            if "image/png" in data:
                data.pop("text/html", None)


def build(lesson: Path, folder: Path) -> str:
    """Return the text of the executed notebook of `lesson`, run in `folder`. Raises BuildError."""
    start = time.perf_counter()
    notebook = read_lesson(lesson)
    execute(notebook, lesson.name, folder)
    clean(notebook)
    nbformat.validate(notebook)
    if (seconds := time.perf_counter() - start) > LIMIT:
        raise BuildError(f"{lesson.name}: takes {seconds:.1f} s, at most {LIMIT:.0f} s are allowed")
    return nbformat.writes(notebook) + "\n"


def write(path: Path, text: str) -> None:
    """Write all of the file or nothing."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    os.replace(partial, path)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 when every lesson was built (with --check: when every notebook is up to date)."""
    parser = argparse.ArgumentParser(description="Build the executed notebooks from the lessons.")
    parser.add_argument("lessons", nargs="*", type=Path, metavar="LESSON", help="lessons/NN_name.md; default: all")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a notebook is out of date")
    options = parser.parse_args(arguments)
    lessons = [lesson.resolve() for lesson in options.lessons] or sorted((ROOT / "lessons").glob("*.md"))
    if not lessons:
        parser.error("lessons/ holds no .md file")
    for lesson in lessons:
        if lesson.suffix != ".md" or not lesson.is_file():
            parser.error(f"{lesson} is not a lesson: expected an existing file lessons/NN_name.md")

    failed = False
    for lesson in lessons:
        path = lesson.parent.parent / "notebooks" / f"{lesson.stem}.ipynb"
        path.parent.mkdir(exist_ok=True)
        start = time.perf_counter()
        try:
            text = build(lesson, path.parent)
        except BuildError as error:
            failed = True
            result = "not built"
            print(error, file=sys.stderr)
        else:
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                result = "unchanged"
            elif options.check:
                failed = True
                result = "out of date"
            else:
                write(path, text)
                result = "written"
        print(f"{lesson.stem:<32} {time.perf_counter() - start:5.1f} s  {result}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
