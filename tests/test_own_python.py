"""What learners do in their own first cell, or have beside the notebook: lessons compute, draw and say the same."""

import os
import subprocess
import sys
import warnings
from contextlib import ExitStack

import matplotlib as mpl
import nbformat
import numpy as np
import preludes
import pytest
from nbclient import NotebookClient

import helpers
from lessons import ORDER
from tools import build
from tools.course import ROOT, Lesson
from workbench.checks import Whole, checked
from workbench.drawing import styles
from workbench.notebooks import outputs
from workbench.tutoring import passed

# What a learner wants to be printed otherwise is printed otherwise, by the cells of the lesson, too.
PRINTING = "import numpy as np\nnp.set_printoptions(precision=1, suppress=True, threshold=3, linewidth=30)"


def execute(lesson, prelude):
    """The cells of a lesson after a first cell `prelude`, executed; all go on after an error."""
    notebook = build.read_lesson(lesson.file)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(prelude))
    manager = build.AsyncKernelManager(
        kernel_name=build.CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=build.NbvalKernelspecManager()
    )
    client = NotebookClient(
        notebook,
        manager,
        timeout=build.PATIENCE * build.LIMIT,
        store_widget_state=False,
        coalesce_streams=True,
        allow_errors=True,
        resources={"metadata": {"path": str(lesson.notebook.parent)}},
    )
    environment = os.environ | {passed.VARIABLE: ""}
    with client.setup_kernel(cleanup_kc=True, stderr=subprocess.DEVNULL, env=environment):
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                client.execute_cell(cell, index)
                cell.outputs = outputs.kept(cell.outputs)
    return notebook.cells


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ["trajectories", "adam"])  # with a browser all of them, in test_browser.py
def test_a_lesson_after_all_preludes(lesson):
    lesson = Lesson(lesson, ROOT)
    first, *cells = execute(lesson, preludes.ALL)
    assert first.outputs == []
    assert list(preludes.differences(nbformat.read(lesson.notebook, as_version=4).cells, cells)) == []


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ["gradient_descent", "momentum"])
def test_pictures_do_not_depend_on_how_arrays_are_printed(lesson):
    lesson = Lesson(lesson, ROOT)
    _, *cells = execute(lesson, PRINTING)
    assert list(preludes.differences(nbformat.read(lesson.notebook, as_version=4).cells, cells, texts=False)) == []


def test_our_code_does_not_see_errors_that_raise():
    @checked(n=Whole())
    def tiny(n):
        return np.exp(np.array([-1000.0 * n]))

    with np.errstate(all="raise"):
        assert tiny(1) == 0
        path = helpers.trajectory(helpers.Adam(lr=0.1), lambda w: w * 1e-300, [1e-5], 3)
        assert np.isfinite(path).all()
        with styles.look():
            assert np.exp(-1000.0) == 0
        with pytest.raises(FloatingPointError):
            np.exp(np.array([-1000.0]))  # the learner's own setting is as it was


def test_the_look_gives_everything_back():
    with mpl.rc_context({"font.size": 33, "lines.linewidth": 7}):
        before = dict(mpl.rcParams)
        with ExitStack() as nested, warnings.catch_warnings():
            nested.enter_context(styles.look())
            nested.enter_context(styles.look())
            assert mpl.rcParams["font.size"] == styles.LOOK["font.size"]
            assert mpl.rcParams["lines.linewidth"] == styles.LOOK["lines.linewidth"]
            mpl.rcParams["font.size"] = 1
        assert dict(mpl.rcParams) == before
        with pytest.raises(ZeroDivisionError), styles.look():
            1 / 0  # noqa: B018
        assert dict(mpl.rcParams) == before


NAMESAKES = "workbench/__init__.py", "workbench.py", "helpers/__init__.py"


@pytest.mark.parametrize(
    ("lesson", "name"), [*((lesson, "helpers.py") for lesson in ORDER), *((ORDER[0], name) for name in NAMESAKES)]
)
def test_a_file_with_the_name_of_ours_is_named_by_the_first_cell(tmp_path, lesson, name):
    """One sentence in the first cell, where Run All stops, in place of an AttributeError in each cell that follows."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine = 1", encoding="utf-8")
    first = next(cell for cell in build.read_lesson(Lesson(lesson, ROOT).file).cells if cell.cell_type == "code")
    assert "lessons." in first.source
    found = subprocess.run([sys.executable, "-c", first.source], cwd=tmp_path, capture_output=True, text=True)
    said = found.stderr.strip().splitlines()[-1]
    theirs = path if path.suffix == ".py" and path.stem != "__init__" else path.parent
    assert said.startswith(f"ImportError: {theirs.resolve()} has the name of a part of the course, and Python finds it")


def test_other_files_beside_a_notebook_are_nobody_s_business(tmp_path):
    (tmp_path / "mine.py").write_text("", encoding="utf-8")
    code = "import lessons, helpers, workbench.words; print(helpers.SGD(lr=0.5))"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (found.stdout.strip(), found.stderr) == ("SGD(lr=0.5)", "")
