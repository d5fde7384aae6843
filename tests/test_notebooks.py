"""Every lesson and its notebook keep the rules of notebook_checks.py."""

import nbformat
import pytest
from notebook_checks import CHECKS, Page

from lessons import ORDER
from tools import build
from tools.course import ROOT, Lesson

pytestmark = pytest.mark.machinery

NOTEBOOKS = ROOT / "notebooks"


def test_folders_lessons_and_notebooks_belong_together():
    """After a change to ORDER: make notebooks."""
    assert sorted(ORDER) == sorted(path.parent.name for path in (ROOT / "lessons").glob("*/lesson.md"))
    stems = [f"{number:02}_{name}" for number, name in enumerate(ORDER, start=1)]
    assert stems == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


def test_the_pages_are_those_of_the_lessons(capsys):
    """After a change to a header, a title or a teaching.md: make notebooks, or python -m tools.build --pages."""
    assert build.main(["--pages", "--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("lesson", ORDER)
def test_lesson(lesson, check):
    lesson = Lesson(lesson, ROOT)
    notebook = nbformat.read(lesson.notebook, as_version=4)
    page = Page(build.read_lesson(lesson.file), notebook, folder=NOTEBOOKS, size=lesson.notebook.stat().st_size)
    assert list(check(page)) == []
