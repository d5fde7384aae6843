"""Build what is made from the lessons: notebooks, executed, the same bytes every time; README's map, docs/teaching.md.

    python -m tools.build                  build every lesson, in the order of the course
    python -m tools.build momentum         build this one, and the pages
    python -m tools.build --pages          write the pages only, which executes nothing
    python -m tools.build --check          write nothing, say what is out of date; with --pages in a moment

lessons/momentum/lesson.md (MyST text) becomes notebooks/04_momentum.ipynb, its number being its place in lessons.ORDER.
playground/playground.md becomes notebooks/playground.ipynb.
A lesson's header ends with SETTINGS (below), and each code cell starts with ```{code-cell} ipython3. This is what
jupytext itself writes: by the header JupyterLab knows that the .md file opens as a notebook, and saving it there keeps
what README's map shows of the lesson.

A lesson is not built when a cell raises, when a cell writes to stderr (where Python's warnings go), when a code cell
is empty, or when all of it takes more than LIMIT seconds. Its notebook then stays as it was.
"""

import argparse
import hashlib
import math
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jupytext
import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

import lessons
from tools import pages, pictures
from tools.course import FRONT, ROOT, CourseError, Lesson, notebooks, with_numbers
from workbench import files
from workbench.notebooks import outputs
from workbench.tutoring import passed

LIMIT = 60  # seconds that a lesson may take, all cells together
PATIENCE = 5  # times LIMIT that a cell may take by the clock, when others use the machine, too
SETTINGS = """\
jupytext:
  notebook_metadata_filter: downhill
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---
"""
HEADER = "---\n" + SETTINGS  # of a lesson that is not in README's map
# All the metadata of a notebook: more (versions, widget state) would change from machine to machine.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}


class BuildError(CourseError):
    """A lesson that cannot become a notebook; the message names the lesson, the cell and the reason."""


def named(lesson: Path) -> str:
    """How messages name the file of a lesson."""
    return f"{lesson.parent.name}/{lesson.name}"


def read_lesson(lesson: Path) -> NotebookNode:
    """Return the notebook of a lesson before it is executed: cells with their ids, no outputs.

    An id is a digest of the cell's text, so that inserting a cell leaves the ids of all others alone.
    """
    text = lesson.read_text(encoding="utf-8")
    front = FRONT.match(text)
    if not front or not front[0].endswith(SETTINGS):
        raise BuildError(f"{named(lesson)}: a lesson must start with a header that ends with exactly this:\n{SETTINGS}")
    notebook = jupytext.reads(with_numbers(text, named(lesson)), fmt="md:myst")
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
        timeout=PATIENCE * LIMIT,
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
                raise BuildError(f"{where} takes more than {PATIENCE * LIMIT:.0f} s:\n{cell.source}") from None
            except DeadKernelError:
                raise BuildError(f"{where}: the kernel died:\n{cell.source}") from None
            except CellExecutionError as error:
                raise BuildError(f"{where} raised {error.ename}: {error.evalue}\n{error.traceback}") from None
            for output in cell.outputs:
                if output.output_type == "error":  # let through by the tag raises-exception
                    raise BuildError(f"{where} raised {output.ename}: {output.evalue}\n{cell.source}")
                if output.get("name") == "stderr":
                    raise BuildError(f"{where} wrote to stderr:\n{output.text}\nThe cell is:\n{cell.source}")


def by_children() -> float:
    """Seconds of the processors that ended processes which this one had started have used; 0 where nothing tells."""
    times = os.times()
    return times.children_user + times.children_system


def build(lesson: Path, folder: Path) -> str:
    """Return the text of the executed notebook of the file `lesson`, run in `folder`. Raises CourseError."""
    start, used = time.perf_counter(), by_children()
    notebook = read_lesson(lesson)
    execute(notebook, named(lesson), folder)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = outputs.kept(cell.outputs)
    nbformat.validate(notebook)
    # What the clock says, or less when others use the machine, too: Windows does not tell, and has the clock only.
    seconds = min(time.perf_counter() - start, by_children() - used or math.inf)
    if seconds > LIMIT:
        raise BuildError(f"{named(lesson)}: takes {seconds:.1f} s, at most {LIMIT:.0f} s are allowed")
    return nbformat.writes(notebook) + "\n"


def chosen(arguments: list[str]) -> list[Lesson]:
    """The lessons that the command line names, by a name or a folder; all without one. Raises CourseError."""
    names, every = [Path(argument).name for argument in arguments], notebooks(ROOT)
    for name in names:
        if name not in [lesson.name for lesson in every]:
            raise CourseError(f"{name} is no lesson; those of lessons/__init__.py: {', '.join(lessons.ORDER)}")
    found = [lesson for lesson in every if not names or lesson.name in names]
    for lesson in found:
        if not lesson.file.is_file():
            raise CourseError(f"{lesson.called} is missing; its name stands in lessons/__init__.py")
    return found


def leftovers() -> list[Path]:
    """Notebooks of lessons that have another number or name by now."""
    kept = {lesson.notebook for lesson in notebooks(ROOT)}
    found = (ROOT / "notebooks").glob("*.ipynb")
    return sorted(path for path in found if re.fullmatch(r"\d\d_\w+", path.stem) and path not in kept)


def notebook(lesson: Lesson, check: bool) -> str:
    """Build the notebook of a lesson; returns the result in words. Raises CourseError."""
    lesson.notebook.parent.mkdir(exist_ok=True)
    return files.update(lesson.notebook, build(lesson.file, lesson.notebook.parent), check)


def page(make: Callable[[Path], tuple[Path, str]], check: bool) -> str:
    """Make one of pages.PAGES; returns the result in words. Raises CourseError."""
    path, text = make(ROOT)
    return files.update(path, text, check)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 when everything was built (with --check: when everything is up to date)."""
    parser = argparse.ArgumentParser(description="Build the executed notebooks and the pages from the lessons.")
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="a name, as momentum; default: all")
    parser.add_argument("--pages", action="store_true", help="the pages only, which executes nothing")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is out of date")
    options = parser.parse_args(arguments)
    results = []

    def tell(name, result, start):
        results.append(result)
        print(f"{name:<32} {time.perf_counter() - start:5.1f} s  {result}", flush=True)

    def attempt(name, make, *arguments):
        start = time.perf_counter()
        try:
            result = make(*arguments)
        except CourseError as error:
            result = "not built"
            print(error, file=sys.stderr)
        tell(name, result, start)

    try:
        wanted = chosen(options.lessons)
    except CourseError as error:
        parser.error(str(error))
    has_pages = (ROOT / "README.md").is_file()  # a tree without one has neither pages nor their pictures
    for lesson in [] if options.pages else wanted:
        attempt(lesson.notebook.stem, notebook, lesson, options.check)
        if not options.check and results[-1] != "not built" and has_pages:
            attempt(f"{lesson.notebook.stem}, picture", pictures.update, lesson)
    for path in leftovers():
        if not options.check:
            path.unlink()
        tell(path.stem, "out of date" if options.check else "removed", time.perf_counter())
    for make in pages.PAGES if has_pages else ():
        attempt(make.__name__, page, make, options.check)
    return int("not built" in results or "out of date" in results)


if __name__ == "__main__":
    sys.exit(main())
