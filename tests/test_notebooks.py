"""Every lesson and its notebook keep the rules of notebook_checks.py."""

from pathlib import Path

import nbformat
import pytest
from notebook_checks import CHECKS, Page

from tools import build

pytestmark = pytest.mark.machinery

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "lessons").glob("*.md"))
NOTEBOOKS = ROOT / "notebooks"


def test_lessons_and_notebooks_belong_together():
    names = [lesson.stem for lesson in LESSONS]
    assert names == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    assert [name[:3] for name in names] == [f"{number:02}_" for number in range(1, len(names) + 1)]
    assert names


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_lesson(lesson, check):
    path = NOTEBOOKS / f"{lesson.stem}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    page = Page(build.read_lesson(lesson), notebook, folder=NOTEBOOKS, size=path.stat().st_size)
    assert list(check(page)) == []
