"""The pages to look at: pictures say what they show, slides begin where sections do, and nothing is lost."""

import html
import re

import nbformat
import pytest

from tools import publish
from tools.course import course

pytestmark = pytest.mark.machinery
LESSONS = [lesson for lesson in course() if lesson.notebook.exists()]


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_page_shows_what_the_notebook_shows(lesson):
    notebook = nbformat.read(lesson.notebook, as_version=4)
    page = publish.as_page(notebook)
    nbformat.validate(page)
    assert [cell.source for cell in page.cells] == [cell.source for cell in notebook.cells]
    moving = 0
    for before, after in zip(outputs(notebook), outputs(page), strict=True):
        data = before.get("data", {})
        if "image/png" not in data:
            assert after == before
            continue
        shown = after.data["text/html"]
        assert html.unescape(re.search(r'alt="([^"]*)"', shown)[1]) == data["text/plain"].strip()
        assert re.search(r"base64,([^\"]+)", shown)[1] == "".join(data["image/png"].split())
        moving += publish.LIVE in shown
    assert moving >= 1


def test_a_slide_for_each_section():
    sources = ["# Title\n\nwords", "words", "## Section", "### Part", "#no heading", "```\n# no heading\n```"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source) for source in sources])
    notebook.cells.append(nbformat.v4.new_code_cell("# a comment"))
    kinds = [cell.metadata.slideshow.slide_type for cell in publish.as_slides(notebook).cells]
    assert kinds == ["slide", "-", "slide", "subslide", "-", "-", "-"]
