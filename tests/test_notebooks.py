"""Every lesson and its notebook keep the rules of notebook_checks.py."""

import nbformat
import pytest
from notebook_checks import CHECKS, Page, headings_have_the_shape_of_a_lesson

from lessons import ORDER
from tools import build
from tools.course import ROOT, Lesson, Playground

pytestmark = pytest.mark.machinery

NOTEBOOKS = ROOT / "notebooks"


def test_folders_lessons_and_notebooks_belong_together():
    """After a change to ORDER: make notebooks."""
    assert sorted(ORDER) == sorted(path.parent.name for path in (ROOT / "lessons").glob("*/lesson.md"))
    stems = [f"{number:02}_{name}" for number, name in enumerate(ORDER, start=1)]
    assert [*stems, "playground"] == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


def test_the_pages_are_those_of_the_lessons(capsys):
    """After a change to a header, a title or a teaching.md: make notebooks, or python -m tools.build --pages."""
    assert build.main(["--pages", "--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("lesson", ORDER)
def test_lesson(lesson, check):
    assert list(check(page(Lesson(lesson, ROOT)))) == []


@pytest.mark.parametrize(
    "check", [check for check in CHECKS if check is not headings_have_the_shape_of_a_lesson], ids=lambda c: c.__name__
)
def test_playground(check):
    assert list(check(page(Playground(ROOT)))) == []


def test_the_playground_is_no_lesson():
    """Neither exercises nor predictions, and ready in two cells: the second shows a live figure."""
    text = Playground(ROOT).text
    assert "tutor." not in text
    cells = build.read_lesson(Playground(ROOT).file).cells
    _, second = [cell.source for cell in cells if cell.cell_type == "code"][:2]
    assert second.startswith("Race(")


def page(lesson):
    notebook = nbformat.read(lesson.notebook, as_version=4)
    return Page(build.read_lesson(lesson.file), notebook, folder=NOTEBOOKS, size=lesson.notebook.stat().st_size)
