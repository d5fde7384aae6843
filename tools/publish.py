"""Publish the lessons as pages to look at, from the notebooks as they are built: python -m tools.publish [--slides]

    build/site/index.html                       a site with search, by Jupyter Book: python -m tools.publish
    build/slides/04_momentum.slides.html        slides, one a section, by nbconvert: python -m tools.publish --slides

Nothing is executed. Each picture has the words of its figure as its alt text, and says how to make it move. Solutions
are in no notebook, so none can be open. Formulas are drawn by MathJax, which these pages fetch from the network.
"""

import argparse
import copy
import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml

from tools.course import ROOT, course
from tools.minutes import MOVED
from workbench import files

BUILD = ROOT / "build"
LIVE = "A picture of a live figure: in the course, its sliders are below it, and it follows them while you drag."
HEADING = re.compile(r"(#+) ")
CONFIG = {
    "title": "Downhill",
    "author": "",
    "logo": "",
    "execute": {"execute_notebooks": "off"},
    "only_build_toc_files": True,
    "parse": {"myst_enable_extensions": ["dollarmath", "amsmath", "html_image"]},
    "html": {"use_issues_button": False, "use_repository_button": False, "use_edit_page_button": False},
    "launch_buttons": {"notebook_interface": "classic"},
    "sphinx": {"config": {"html_show_copyright": False, "suppress_warnings": ["myst.xref_missing"]}},
}
INDEX = """\
# Downhill

Learn how neural networks are optimized: move a slider and watch.

These pages show the lessons as they were built. In the course itself all figures move: get it, and run `make lab`
in its folder.

```{tableofcontents}
```
"""


def as_page(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with its pictures as HTML that says what they show; the words themselves are an output below."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if cell.cell_type == "code":
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    output.data = {"text/html": picture(output.data, bool(MOVED.search(cell.source)))}
                    output.metadata = {}
    return made


def picture(data: dict, moves: bool) -> str:
    """A picture with its words as HTML; moves: whether it is one of a live figure."""
    words = html.escape(data.get("text/plain", "").strip(), quote=True)
    png = "".join(data["image/png"].split())
    note = f"<figcaption><em>{LIVE}</em></figcaption>" if moves else ""
    image = f'<img style="max-width: 100%" alt="{words}" src="data:image/png;base64,{png}">'
    return f"<figure>{image}{note}</figure>"


def as_slides(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The page with a slide for each section, and below it one for each of its parts."""
    made = as_page(notebook)
    for cell in made.cells:
        heading = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        kind = {1: "slide", 2: "slide", 3: "subslide"}.get(len(heading[1]), "-") if heading else "-"
        cell.metadata["slideshow"] = {"slide_type": kind}
    return made


def site(target: Path) -> int:
    """Make the site; returns what Jupyter Book returns."""
    source = BUILD / "site-source"
    shutil.rmtree(source, ignore_errors=True)
    for lesson in course():
        write(as_page(nbformat.read(lesson.notebook, as_version=4)), source / "notebooks" / lesson.notebook.name)
    files.write(source / "index.md", INDEX)
    files.write(source / "_config.yml", yaml.safe_dump(CONFIG, sort_keys=False))
    toc = {
        "format": "jb-book",
        "root": "index",
        "chapters": [{"file": f"notebooks/{one.notebook.stem}"} for one in course()],
    }
    files.write(source / "_toc.yml", yaml.safe_dump(toc, sort_keys=False))
    code = subprocess.run(["jupyter-book", "build", str(source), "--all", "--quiet"], check=False).returncode
    if code == 0:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source / "_build" / "html", target)
        print(target / "index.html")
    return code


def slides(target: Path) -> int:
    """Make the slides of all lessons; returns what nbconvert returns."""
    for lesson in course():
        write(as_slides(nbformat.read(lesson.notebook, as_version=4)), target / lesson.notebook.name)
    made = sorted(map(str, target.glob("*.ipynb")))
    return subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to=slides", "--SlidesExporter.reveal_scroll=True", *made], check=False
    ).returncode


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    files.write(path, nbformat.writes(notebook) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns 0 when all was made."""
    parser = argparse.ArgumentParser(description="Publish the lessons as pages to look at.")
    parser.add_argument("--slides", action="store_true", help="slides in place of a site")
    return slides(BUILD / "slides") if parser.parse_args(arguments).slides else site(BUILD / "site")


if __name__ == "__main__":
    sys.exit(main())
