"""conftest.py and nbval together really catch a change, of a number and of a picture; shown on a spoiled notebook."""

import base64
import io
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from tools import build

pytestmark = [pytest.mark.machinery, pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent

PICTURE = """
import io
import numpy as np
from PIL import Image
from IPython.display import display

pixels = np.full((200, 300, 3), 255, np.uint8)
pixels[90:110, 140:160] = 0
file = io.BytesIO()
Image.fromarray(pixels).save(file, "png")
display({"image/png": file.getvalue(), "text/plain": "a black square of 20 by 20 pixels on white"}, raw=True)
"""
CELLS = {
    "as built": PICTURE,
    "noise": PICTURE,
    "shifted": PICTURE,
    "cropped": PICTURE,
    "no picture": PICTURE,
    "words": PICTURE,
    "same number": "print(0.3504)",
    "last digit": "print('f = 1.5e-03 after 30 updates')",
    "two units off": "print('f = 1.5e-03 after 30 updates')",
    "sign": "print('x = -0.35')",
    "word": "print('x = 0.35 at the minimum')",
    "missing line": "print('x = 0.35')\nprint('y = 0.35')",
    "result": "{'x': 0.35, 'y': [1, 2]}",
    "silent": "x = 1",
    "warning": "print('done')",
}

# A plugin: the notebook was run in JupyterLab, so that nbval starts no kernel.
IN_JUPYTERLAB = """
import sys
from unittest import mock
import nbformat
import nbval.plugin

nbval.plugin.RunningKernel = mock.Mock(side_effect=AssertionError("a kernel is started"))

def pytest_collection_finish():
    sys.modules["conftest"].SHOWN["01_tiny.ipynb"] = nbformat.read("shown.ipynb", as_version=4).cells
"""


def repaint(cell, change):
    """Replace the stored picture of a cell by `change` of its pixels."""
    data = cell.outputs[0].data
    pixels = change(np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"])))))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    data["image/png"] = base64.b64encode(file.getvalue()).decode()


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    """A folder with our conftest.py, and a notebook where most cells had their stored outputs changed."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copy(ROOT / "conftest.py", folder)
    (folder / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "same_text.py", folder / "tools")
    lesson = folder / "lessons" / "01_tiny.md"
    lesson.parent.mkdir()
    cells = (f"\n```{{code-cell}} ipython3\n{source.strip()}\n```\n" for source in CELLS.values())
    lesson.write_text(build.HEADER + "".join(cells), encoding="utf-8")
    path = folder / "notebooks" / "01_tiny.ipynb"
    path.parent.mkdir()
    path.write_text(build.build(lesson, path.parent), encoding="utf-8")
    shutil.copy(path, folder / "shown.ipynb")
    (folder / "in_jupyterlab.py").write_text(IN_JUPYTERLAB, encoding="utf-8")
    notebook = nbformat.read(path, as_version=4)
    cell = dict(zip(CELLS, notebook.cells, strict=True))
    repaint(cell["noise"], lambda pixels: pixels - (pixels > 0) * np.uint8(1))
    repaint(cell["shifted"], lambda pixels: np.roll(pixels, 2, axis=1))
    repaint(cell["cropped"], lambda pixels: pixels[:-1])
    del cell["no picture"].outputs[0].data["image/png"]
    cell["words"].outputs[0].data["text/plain"] = "a black square of 20 by 20 pixels on gray"
    cell["last digit"].outputs[0].text = "f = 1.6e-03 after 30 updates\n"
    cell["two units off"].outputs[0].text = "f = 1.7e-03 after 30 updates\n"
    cell["sign"].outputs[0].text = "x = 0.35\n"
    cell["word"].outputs[0].text = "x = 0.35 at the maximum\n"
    cell["missing line"].outputs[0].text = "x = 0.35\n"
    cell["result"].outputs[0].data["text/plain"] = "{'x': 0.35, 'y': [1, 4]}"
    cell["silent"].outputs.append(nbformat.v4.new_output("stream", text="1\n"))
    cell["warning"].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="too large a step\n"))
    nbformat.write(notebook, path)
    return folder


def run_nbval(folder, pinned, *more):
    """Run nbval as `make test` does, with Matplotlib pinned to `pinned`; return the results by cell, and all text."""
    (folder / "requirements.txt").write_text(f"numpy\nmatplotlib=={pinned}\n", encoding="utf-8")
    options = ["-W", "error", "-p", "no:cacheprovider", "--color=no", "-rA", f"--rootdir={folder}"]
    options += ["--nbval", "--nbval-current-env", *more]
    command = [sys.executable, "-m", "pytest", *options, "notebooks"]
    text = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    found = re.findall(r"^(PASSED|FAILED) notebooks/01_tiny.ipynb::Cell (\d+)", text, re.MULTILINE)
    names = list(CELLS)
    return {names[int(number)]: result for result, number in found}, text


@pytest.mark.parametrize("plugin", [(), ("-p", "in_jupyterlab")], ids=["a kernel of its own", "shown in JupyterLab"])
def test_each_change_is_caught_and_noise_is_not(spoiled, plugin):
    shutil.rmtree(spoiled / "build", ignore_errors=True)
    results, text = run_nbval(spoiled, version("matplotlib"), *plugin)
    good = {"as built", "noise", "same number", "last digit"}
    assert results == {name: "PASSED" if name in good else "FAILED" for name in CELLS}, text
    assert "stdout: line 1: 1.7e-03 is now 1.5e-03: 'f = 1.7e-03 after 30 updates' is now 'f = 1.5e-03 after" in text
    assert "stdout: line 2: one more now: 'y = 0.35'" in text
    assert "picture 0 differs by RMS" in text
    assert "0 pictures in the notebook, 1 now" in text
    assert "picture 0 is (300, 199) pixels in the notebook, (300, 200) now" in text
    saved = sorted(path.name for path in (spoiled / "build" / "nbval").iterdir())
    assert saved == [
        "01_tiny-cell2-picture0-actual.png",
        "01_tiny-cell2-picture0-diff.png",
        "01_tiny-cell2-picture0-expected.png",
        "01_tiny-cell3-picture0-actual.png",
        "01_tiny-cell3-picture0-expected.png",
    ]
    assert "NOT compared" not in text


def test_with_another_matplotlib_pixels_are_not_compared_and_the_report_says_so(spoiled):
    results, text = run_nbval(spoiled, "0.0.1")
    good = {"as built", "noise", "shifted", "cropped", "same number", "last digit"}
    assert results == {name: "PASSED" if name in good else "FAILED" for name in CELLS}, text
    assert f"NOT compared: Matplotlib {version('matplotlib')} is installed, 0.0.1 is pinned" in text
