"""tools/build.py: the same bytes every time, and no notebook at all when a cell fails."""

import json
import sys

import pytest

from tools import build

pytestmark = pytest.mark.machinery

WIDGET = """
import ipywidgets
from IPython.display import display

class Picture(ipywidgets.VBox):
    def _repr_mimebundle_(self, **options):
        return super()._repr_mimebundle_(**options) | {"text/plain": "a live picture"}

print("one")
display(Picture())
print("two")
"""


def write_lesson(folder, name, *cells):
    """Write lessons/<name>.md with a title and the given code cells under `folder`; return its path."""
    text = build.HEADER + "\n# Watch a tiny lesson\n"
    for cell in cells:
        text += f"\n```{{code-cell}} ipython3\n{cell.strip()}\n```\n"
    path = folder / "lessons" / f"{name}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_rebuilding_an_unchanged_lesson_changes_no_byte(tmp_path, capsys):
    lesson = write_lesson(tmp_path, "01_tiny", "import sys", WIDGET, "sys.executable", "7 * 6")
    notebook = tmp_path / "notebooks" / "01_tiny.ipynb"

    assert build.main([str(lesson)]) == 0
    assert "written" in capsys.readouterr().out
    first = notebook.read_bytes()
    assert build.main([str(lesson)]) == 0
    assert "unchanged" in capsys.readouterr().out
    assert notebook.read_bytes() == first
    assert first.endswith(b"}\n")

    content = json.loads(first)
    assert content["metadata"] == build.METADATA
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == [1, 2, 3, 4]
    assert [cell["metadata"] for cell in code] == [{}] * 4
    assert code[1]["outputs"] == [
        {"name": "stdout", "output_type": "stream", "text": ["one\n", "two\n"]},
        {"data": {"text/plain": ["a live picture"]}, "metadata": {}, "output_type": "display_data"},
    ]
    assert code[2]["outputs"][0]["data"]["text/plain"] == [repr(sys.executable)]
    assert code[3]["outputs"][0]["data"]["text/plain"] == ["42"]


def test_check_names_the_notebook_that_is_out_of_date_and_writes_nothing(tmp_path, capsys):
    lesson = write_lesson(tmp_path, "01_tiny", "from pathlib import Path\nprint(Path.cwd().name)")
    notebook = tmp_path / "notebooks" / "01_tiny.ipynb"

    assert build.main(["--check", str(lesson)]) == 1
    assert not notebook.exists()

    assert build.main([str(lesson)]) == 0
    assert build.main(["--check", str(lesson)]) == 0

    stale = notebook.read_text(encoding="utf-8").replace('"notebooks\\n"', '"lessons\\n"')
    notebook.write_text(stale, encoding="utf-8")
    capsys.readouterr()
    assert build.main(["--check", str(lesson)]) == 1
    assert "out of date" in capsys.readouterr().out
    assert notebook.read_text(encoding="utf-8") == stale


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1 / 0", ["ZeroDivisionError: division by zero"]),
        ("import warnings\nwarnings.warn('too large a step')", ["stderr", "too large a step"]),
        ("import numpy as np\nnp.float64(1) / 0", ["stderr", "divide by zero"]),
        (":tags: [raises-exception]\n\n1 / 0", ["ZeroDivisionError: division by zero"]),
        ("", ["empty"]),
        ("import os\nos._exit(1)", ["died"]),
    ],
)
def test_a_cell_that_fails_leaves_the_notebook_as_it_was(tmp_path, capsys, cell, words):
    lesson = write_lesson(tmp_path, "01_bad", "x = 1", cell)
    notebook = tmp_path / "notebooks" / "01_bad.ipynb"
    notebook.parent.mkdir()
    notebook.write_text("as it was", encoding="utf-8")

    assert build.main([str(lesson)]) == 1
    message = capsys.readouterr().err
    for word in ["01_bad.md: code cell 2", *words]:
        assert word in message
    assert [path.read_text(encoding="utf-8") for path in notebook.parent.iterdir()] == ["as it was"]


def test_a_slow_cell_and_a_slow_lesson_fail(tmp_path, capsys, monkeypatch):
    lesson = write_lesson(tmp_path, "01_slow", "import time\ntime.sleep(600)")
    monkeypatch.setattr(build, "LIMIT", 1)
    assert build.main([str(lesson)]) == 1
    assert "01_slow.md: code cell 1 takes more than 1 s" in capsys.readouterr().err

    monkeypatch.setattr(build, "LIMIT", 0)
    monkeypatch.setattr(build, "execute", lambda notebook, name, folder: None)
    assert build.main([str(lesson)]) == 1
    assert "at most 0 s are allowed" in capsys.readouterr().err
    assert not any((tmp_path / "notebooks").iterdir())


def test_without_arguments_every_lesson_is_built_even_after_one_that_fails(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(build, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="2"):
        build.main([])
    assert "holds no .md file" in capsys.readouterr().err

    write_lesson(tmp_path, "01_bad", "1 / 0")
    write_lesson(tmp_path, "02_good", "x = 1")
    assert build.main([]) == 1
    assert [path.name for path in (tmp_path / "notebooks").iterdir()] == ["02_good.ipynb"]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["01_bad", "02_good"]


def test_a_missing_lesson_and_a_missing_header_are_named(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        build.main([str(tmp_path / "lessons" / "07_none.md")])
    assert "07_none.md is not a lesson" in capsys.readouterr().err

    lesson = write_lesson(tmp_path, "01_bare")
    lesson.write_text("# No header\n", encoding="utf-8")
    assert build.main([str(lesson)]) == 1
    assert "01_bare.md: a lesson must start with exactly this header" in capsys.readouterr().err


def test_cell_ids_are_unique_and_survive_an_insertion(tmp_path):
    before = build.read_lesson(write_lesson(tmp_path, "01_a", "x = 1", "x += 1", "x += 1"))
    after = build.read_lesson(write_lesson(tmp_path, "01_b", "y = 0", "x = 1", "x += 1", "x += 1"))
    ids = [cell.id for cell in after.cells]
    assert len(set(ids)) == len(ids)
    assert [ids[0], *ids[2:]] == [cell.id for cell in before.cells]
