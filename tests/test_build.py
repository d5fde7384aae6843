"""tools/build.py: the same bytes every time, numbers by the order, and no notebook at all when a cell fails."""

import json
import re
import sys

import jupytext
import pytest
import yaml

import lessons
from tools import build
from tools.course import FRONT, CourseError, Lesson, with_numbers

pytestmark = [pytest.mark.machinery, pytest.mark.slow]

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


@pytest.fixture(autouse=True)
def tree(tmp_path, monkeypatch):
    """A course of no lessons yet, in an empty folder."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "ORDER", [])
    return tmp_path


def write_lesson(name, *cells):
    """Write lessons/<name>/lesson.md with a title and these code cells, at the end of the course; return its path."""
    text = build.HEADER + "\n# Watch a tiny lesson\n"
    for cell in cells:
        text += f"\n```{{code-cell}} ipython3\n{cell.strip()}\n```\n"
    path = build.ROOT / "lessons" / name / "lesson.md"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    lessons.ORDER.append(name)
    return path


def test_rebuilding_an_unchanged_lesson_changes_no_byte(tmp_path, capsys):
    lesson = write_lesson("tiny", "import sys", WIDGET, "sys.executable", "7 * 6")
    notebook = tmp_path / "notebooks" / "01_tiny.ipynb"

    assert build.main([str(lesson.parent)]) == 0
    assert "written" in capsys.readouterr().out
    first = notebook.read_bytes()
    assert build.main([str(lesson.parent)]) == 0
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
    lesson = write_lesson("tiny", "from pathlib import Path\nprint(Path.cwd().name)")
    notebook = tmp_path / "notebooks" / "01_tiny.ipynb"

    assert build.main(["--check", lesson.parent.name]) == 1
    assert not notebook.exists()

    assert build.main([str(lesson.parent)]) == 0
    assert build.main(["--check", lesson.parent.name]) == 0

    stale = notebook.read_text(encoding="utf-8").replace('"notebooks\\n"', '"lessons\\n"')
    notebook.write_text(stale, encoding="utf-8")
    capsys.readouterr()
    assert build.main(["--check", lesson.parent.name]) == 1
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
    lesson = write_lesson("bad", "x = 1", cell)
    notebook = tmp_path / "notebooks" / "01_bad.ipynb"
    notebook.parent.mkdir()
    notebook.write_text("as it was", encoding="utf-8")

    assert build.main([str(lesson.parent)]) == 1
    message = capsys.readouterr().err
    for word in ["bad/lesson.md: code cell 2", *words]:
        assert word in message
    assert [path.read_text(encoding="utf-8") for path in notebook.parent.iterdir()] == ["as it was"]


def test_a_slow_cell_and_a_slow_lesson_fail(tmp_path, capsys, monkeypatch):
    lesson = write_lesson("slow", "import time\ntime.sleep(600)")
    monkeypatch.setattr(build, "LIMIT", 0.2)
    assert build.main([str(lesson.parent)]) == 1
    assert "slow/lesson.md: code cell 1 takes more than 1 s" in capsys.readouterr().err

    lesson = write_lesson("quick", "x = 1")  # its kernel starts in more than that
    assert build.main([str(lesson.parent)]) == 1
    assert "at most 0 s are allowed" in capsys.readouterr().err
    assert not any((tmp_path / "notebooks").iterdir())


def test_without_arguments_every_lesson_is_built_even_after_one_that_fails(tmp_path, capsys):
    write_lesson("bad", "1 / 0")
    write_lesson("good", "x = 1")
    assert build.main([]) == 1
    assert [path.name for path in (tmp_path / "notebooks").iterdir()] == ["02_good.ipynb"]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["01_bad", "02_good"]


def test_a_missing_lesson_and_a_missing_header_are_named(capsys):
    with pytest.raises(SystemExit, match="2"):
        build.main(["none"])
    assert "none is no lesson; those of lessons/__init__.py: " in capsys.readouterr().err

    lesson = write_lesson("bare")
    for text in "# No header\n", build.HEADER.replace("format_name: myst", "format_name: markdown"):
        lesson.write_text(text, encoding="utf-8")
        assert build.main(["bare"]) == 1
        words = "bare/lesson.md: a lesson must start with a header that ends with exactly this"
        assert words in capsys.readouterr().err

    lesson.unlink()
    with pytest.raises(SystemExit, match="2"):
        build.main([])
    assert "lessons/bare/lesson.md is missing; its name stands in lessons/__init__.py" in capsys.readouterr().err


def test_names_of_lessons_become_numbers(capsys):
    write_lesson("first")
    second = write_lesson("second", 'print("as in {lesson}`first`")')
    words = "Lessons {number}`first` and {number}`second`; see {lesson}`second`. {lesson}`first` ends."
    second.write_text(second.read_text(encoding="utf-8") + f"\n{words}\n", encoding="utf-8")
    cells = build.read_lesson(second).cells
    assert cells[1].source == 'print("as in lesson 01")'
    assert cells[2].source == "Lessons 01 and 02; see lesson 02. Lesson 01 ends."
    lessons.ORDER.reverse()
    assert build.read_lesson(second).cells[2].source == "Lessons 02 and 01; see lesson 01. Lesson 02 ends."
    with pytest.raises(CourseError, match=r"page.md: {lesson}`secund` names no lesson; did you mean: second"):
        with_numbers("See {lesson}`secund`.", "page.md")


def test_a_lesson_that_moved_leaves_no_notebook_behind(tmp_path, capsys):
    for name in "first", "second":
        write_lesson(name, f'print("{{lesson}}`{name}`")')
    mine = tmp_path / "notebooks" / "01_first-Copy1.ipynb"
    mine.parent.mkdir()
    mine.write_text("a learner's copy", encoding="utf-8")
    assert build.main([]) == 0
    lessons.ORDER.reverse()
    capsys.readouterr()
    assert build.main(["--check", "--pages"]) == 1
    assert re.findall(r"^(\w+) .*out of date$", capsys.readouterr().out, re.MULTILINE) == ["01_first", "02_second"]
    assert build.main([]) == 0
    assert capsys.readouterr().out.count("removed") == 2
    assert {path.name for path in mine.parent.iterdir()} == {mine.name, "01_second.ipynb", "02_first.ipynb"}
    assert "lesson 02" in (mine.parent / "02_first.ipynb").read_text(encoding="utf-8")


def test_a_header_says_what_the_map_shows_and_no_notebook_holds_it(tmp_path):
    lesson = write_lesson("shown")
    row = {"figure": "Bowl", "alt": "A path down a bowl.", "do": "Move β: the momentum."}
    head = yaml.safe_dump({"downhill": row}, allow_unicode=True)
    text = lesson.read_text(encoding="utf-8").replace("---\n", f"---\n{head}", 1)
    lesson.write_text(text, encoding="utf-8")
    assert Lesson("shown", tmp_path).header == row
    assert build.read_lesson(lesson).metadata == build.METADATA
    saved = jupytext.writes(jupytext.reads(text, fmt="md:myst"), fmt="md:myst")  # as JupyterLab saves it
    assert yaml.safe_load(FRONT.match(saved)[1])["downhill"] == row

    for fault in {"alt": None}, {"figures": "Bowl"}:
        head = yaml.safe_dump({"downhill": row | fault})
        lesson.write_text(text.replace(text[4 : text.index("jupytext:")], head), encoding="utf-8")
        with pytest.raises(CourseError, match="lessons/shown/lesson.md: its header has under .*needed: figure"):
            _ = Lesson("shown", tmp_path).header


def test_cell_ids_are_unique_and_survive_an_insertion(tmp_path):
    before = build.read_lesson(write_lesson("a", "x = 1", "x += 1", "x += 1"))
    after = build.read_lesson(write_lesson("b", "y = 0", "x = 1", "x += 1", "x += 1"))
    ids = [cell.id for cell in after.cells]
    assert len(set(ids)) == len(ids)
    assert [ids[0], *ids[2:]] == [cell.id for cell in before.cells]


def test_the_playground_is_built_beside_the_lessons_and_has_no_number(tmp_path, capsys):
    lesson = write_lesson("tiny", "1")
    (tmp_path / "playground").mkdir()
    (tmp_path / "playground" / "playground.md").write_text(lesson.read_text(encoding="utf-8"), encoding="utf-8")
    assert build.main([]) == 0
    assert {path.name for path in (tmp_path / "notebooks").iterdir()} == {"01_tiny.ipynb", "playground.ipynb"}
    assert build.main(["playground", "--check"]) == 0
    assert "01_tiny" not in capsys.readouterr().out.splitlines()[-1]
