"""How the tests are run: what nbval compares, which tests share a process, how many random settings are tried.

nbval compares texts letter by letter and never compares pictures. Here numbers in texts are compared as numbers, and
the pixels of a notebook's PNGs are compared, too. Pixels depend on the version of Matplotlib. They are compared when
the version that requirements.txt pins is installed; otherwise only the number of pictures is, and the report ends with
a line that says so.

A lesson runs once in a run of the tests: in JupyterLab where there is a browser, after a first cell that sets all that
learners set, and nbval then compares what JupyterLab has shown. Without a browser, or when only notebooks are tested,
nbval runs it in a kernel of its own.
"""

import base64
import gc
import io
import os
import random
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from nbval.plugin import IPyNbCell, IPyNbFile
from PIL import Image, ImageChops, ImageOps
from xdist.scheduler import LoadScopeScheduling

from tools import same_text
from workbench.notebooks import outputs
from workbench.tutoring import passed

ROOT = Path(__file__).resolve().parent
MISMATCHES = ROOT / "build" / "nbval"
RMS_LIMIT = 0.005  # of the full scale 0..1: CPUs round differently, which made at most .0017 on those that were tried
PINNED = re.search(r"^matplotlib==([\w.]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)[1]
INSTALLED = version("matplotlib")

settings.register_profile("untimed", deadline=None)  # a busy machine makes no test wrong
settings.load_profile("untimed")

os.environ[passed.VARIABLE] = ""  # kernels inherit it: no test reads or changes the progress of whoever runs it


def pytest_addoption(parser):
    parser.addoption(
        "--settings", type=int, default=100, metavar="N", help="random settings of each live figure (default: 100)"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    settings.register_profile("random settings", deadline=None, max_examples=config.option.settings)
    # Another seed in each run, the same in all its processes, and printed, so that what it found can be found again.
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(random.randrange(2**32))
    config.option.loadscopereorder = False  # the order below, not that of the numbers of tests
    if getattr(config.option, "numprocesses", None):
        # In each process and its kernels a matrix product has one thread: those of several would wait for each other.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_report_header(config):
    return (
        f"random settings: {config.option.settings} of each figure, --hypothesis-seed={config.option.hypothesis_seed}"
    )


def pictures(cell_outputs):
    """Return the PNGs among the outputs of a cell as RGB images, as seen on white."""
    images = []
    for output in cell_outputs:
        if png := output.get("data", {}).get("image/png"):
            image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")
            white = Image.new("RGBA", image.size, "white")
            images.append(Image.alpha_composite(white, image).convert("RGB"))
    return images


def rms(expected, actual):
    """Return the root mean square of the difference of two images of one size; 1 is black against white."""
    difference = np.asarray(expected, float) - np.asarray(actual, float)
    return np.sqrt(np.mean((difference / 255) ** 2))


class Text(str):
    """A text that equals another when both say the same; see tools/same_text.py."""

    def __eq__(self, other):
        return same_text.difference(self, other) is None

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


class Cell(IPyNbCell):
    """A notebook cell whose numbers are compared as numbers, and whose pictures are compared once all else is equal."""

    def sanitize(self, text):  # what nbval compares goes through here
        return Text(text) if isinstance(text, str) else text

    def format_output_compare(self, key, left, right):
        if isinstance(left, Text):
            self.comparison_traceback.append(f"{key}: {same_text.difference(left, right)}")
        else:
            super().format_output_compare(key, left, right)

    def compare_outputs(self, test, ref, skip_compare=None):
        test = outputs.kept(test)
        if not super().compare_outputs(test, ref, skip_compare):
            return False
        actual, expected = pictures(test), pictures(ref)
        if len(actual) != len(expected):
            self.comparison_traceback.append(f"{len(expected)} pictures in the notebook, {len(actual)} now")
        elif INSTALLED == PINNED:
            for number, images in enumerate(zip(expected, actual, strict=True)):
                self.compare_picture(number, *images)
        return not self.comparison_traceback

    def compare_picture(self, number, expected, actual):
        if expected.size != actual.size:
            problem = f"is {expected.size} pixels in the notebook, {actual.size} now"
        elif (error := rms(expected, actual)) > RMS_LIMIT:
            problem = f"differs by RMS {error:.4f} of the full scale, at most {RMS_LIMIT} is allowed"
        else:
            return
        MISMATCHES.mkdir(parents=True, exist_ok=True)
        stem = MISMATCHES / f"{self.path.stem}-cell{self.cell_num}-picture{number}"
        expected.save(f"{stem}-expected.png")
        actual.save(f"{stem}-actual.png")
        if expected.size == actual.size:
            ImageOps.autocontrast(ImageChops.difference(expected, actual)).save(f"{stem}-diff.png")
        self.comparison_traceback.append(f"picture {number} {problem}; see {stem}-*.png")


# From the name of a notebook to its cells as JupyterLab shows them, once tests/test_browser.py has run it there.
SHOWN = {}


class Shown:
    """Stands where nbval has a kernel: answers to the code of a cell with what JupyterLab has shown below it."""

    def __init__(self, cells):
        self.cells, self.messages = iter(cells), []

    def is_alive(self):
        return True

    def execute_cell_input(self, source, **options):
        """Returns what all messages name as their parent."""
        cell = next(cell for cell in self.cells if cell.cell_type == "code" and cell.source == source)
        answers = [*((output.output_type, output) for output in cell.outputs), ("status", {"execution_state": "idle"})]
        self.messages = [
            {"msg_type": kind, "content": content, "parent_header": {"msg_id": source}} for kind, content in answers
        ]
        return source

    def await_reply(self, *arguments, **options):
        pass

    await_idle = stop = await_reply

    def get_message(self, stream, timeout):
        return self.messages.pop(0)


class Lesson(IPyNbFile):
    """A notebook that has a kernel only where JupyterLab has not run it."""

    def setup(self):
        if self.path.name in SHOWN:
            self.kernel = Shown(SHOWN[self.path.name])
            self.setup_sanitize_files()
        else:
            super().setup()


def pytest_itemcollected(item):
    if isinstance(item, IPyNbCell):  # nbval names its classes in the middle of collect and offers no other way in
        item.__class__, item.parent.__class__ = Cell, Lesson


FIGURE = re.compile(r".*::.*\[(\w+\.[A-Z][\w ]*)\]$")  # a test of one live figure: momentum.Saddle
LESSON = re.compile(r"(?:.*/)?(?:test_browser\.py::test_notebook\[)?(\w+\.ipynb)")  # in the browser, or its cells


class Spread(LoadScopeScheduling):
    """Tests are spread over the cores one by one, but what shares a kernel, a browser or a figure stays in one process.

    This is what --dist=loadgroup is for, but with pytest 9.2 it groups nothing (pytest-xdist issue 1386).
    """

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.shares = {}  # from what runs in JupyterLab to the number of the process in which it does

    def _split_scope(self, nodeid):
        """A process starts one JupyterLab, for its share of what runs there; the cells of these lessons come after."""
        if figure := FIGURE.match(nodeid):
            return f"{'test_canvas.py' in nodeid} {figure[1]}"  # a browser is not open beside other tests
        lesson = LESSON.match(nodeid)
        key = lesson[1] if lesson else nodeid
        if "test_browser.py" in nodeid:
            self.shares.setdefault(key, len(self.shares) % self.numnodes)
        return f"JupyterLab {self.shares[key]}" if key in self.shares else key


def pytest_collection_modifyitems(config, items):
    """Beside other processes the browser and notebooks come first, so that none of these long ones is left at the end.

    Tests of figures come last, the longest of them first: a process that has fifty figures is copied slowly.
    """

    def place(item):
        figure = FIGURE.match(item.nodeid)
        kinds = item.get_closest_marker("browser"), isinstance(item, IPyNbCell), not figure
        return [not kind for kind in kinds] + [not (figure and figure[1].startswith("own."))]

    if hasattr(config, "workerinput"):
        items.sort(key=place)


def pytest_collection_finish():
    """What was collected stays: Python need not look through it again each time it collects garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Spread(config, log)


def pytest_terminal_summary(terminalreporter, config):
    if config.option.nbval and INSTALLED != PINNED:
        terminalreporter.write_line(
            f"Pictures of the notebooks were NOT compared: Matplotlib {INSTALLED} is installed, {PINNED} is pinned.",
            yellow=True,
        )
