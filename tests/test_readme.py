"""What README.md and its neighbors say of the repository is so: lessons, pictures, links, commands, the example."""

import itertools
import re

import numpy as np
import pytest
from markdown_it import MarkdownIt
from PIL import Image

from conftest import INSTALLED, PINNED, RMS_LIMIT, rms
from lessons import ORDER
from tools import pictures
from tools.course import ROOT, Lesson, Playground

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
LESSONS = [Lesson(name, ROOT) for name in ORDER]
ROW = re.compile(
    r'^\| <img src="docs/lessons/(\w+)\.png" width="300" alt="([^"]+)"> '
    r"\| \*\*(?:(\d\d) )?\[(.+)\]\(notebooks/(.+)\.ipynb\)\*\*<br>(.+\.) \|$",
    re.MULTILINE,
)
ROWS = ROW.findall(README)
MEGABYTE = 1_000_000

each = pytest.mark.parametrize("lesson", ORDER)


def test_every_lesson_has_its_row_in_order():
    """And the playground is last, without a number."""
    expected = [(lesson.name, lesson.number, lesson.title, lesson.notebook.stem) for lesson in LESSONS]
    expected.append(("playground", "", Playground(ROOT).title, "playground"))
    assert [(name, number, title, stem) for name, _, number, title, stem, _ in ROWS] == expected


@each
def test_the_picture_of_a_row_shows_a_figure_of_its_lesson(lesson):
    lesson = Lesson(lesson, ROOT)
    figure = lesson.header["figure"]
    assert re.search(rf"from lessons\.{lesson.name}\.figures import[^)]*?\b{figure}\b", lesson.text), figure


def test_the_minutes_of_a_lesson():
    minutes = [lesson.minutes for lesson in LESSONS]
    assert f"takes {min(minutes)} to {max(minutes)} minutes" in README


def test_all_pictures_are_shown_and_all_that_are_shown_exist():
    files = {path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*") if path.suffix in (".png", ".gif")}
    assert set(pictures.shown()) == files
    assert README.count("<img ") + README.count("![") == len(files)


def test_pictures_are_said_in_words():
    words = re.findall(r'<img src="[^"]+" width="\d+" alt="([^"]*)">', README)
    assert len(set(words)) == len(pictures.shown())
    assert all(len(text) > 40 and text.endswith(".") for text in words)


@pytest.mark.slow
@each
def test_the_picture_is_that_of_the_figure(lesson):
    """After a change to a figure: make notebooks, or make pictures. And it has the slider that the lesson names."""
    lesson = Lesson(lesson, ROOT)
    live = pictures.figure(lesson)()
    slider = lesson.header.get("slider")
    assert slider is None or slider in live.controls
    now = pictures.small(lesson, live)
    with Image.open(lesson.picture) as stored:
        assert stored.width == now.width == pictures.WIDTH
        if INSTALLED == PINNED:  # as for the pictures of the notebooks
            assert stored.size == now.size
            assert rms(stored.convert("RGB"), now.convert("RGB")) <= RMS_LIMIT


def test_the_picture_of_the_playground_is_that_of_its_notebook():
    now = pictures.small(Playground(ROOT))
    with Image.open(Playground(ROOT).picture) as stored:
        np.testing.assert_array_equal(np.asarray(stored.convert("RGB")), np.asarray(now.convert("RGB")))


def test_the_moving_picture_moves_for_a_while_and_starts_again():
    with Image.open(ROOT / pictures.MOVING) as image:
        assert image.info["loop"] == 0
        assert image.n_frames == len(pictures.ROUTE)
        frames, milliseconds = [], []
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(np.asarray(image.convert("L")))
            milliseconds.append(image.info["duration"])
    assert milliseconds == [ms for _, ms in pictures.ROUTE]
    assert all((a != b).any() for a, b in itertools.pairwise(frames))
    for rows in slice(0, 30), slice(60, -60), slice(-60, None):  # the slider, the picture and the words follow
        assert (frames[0][rows] != frames[1][rows]).any()


def test_pictures_are_small():
    sizes = {path: (ROOT / path).stat().st_size for path in pictures.shown()}
    assert sizes.pop(pictures.MOVING) < 1.5 * MEGABYTE
    assert sum(sizes.values()) < MEGABYTE


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page):
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse((ROOT / page).read_text(encoding="utf-8"))
    inline = [child for token in tokens for child in token.children or []]
    addresses = [child.attrs[key] for child in inline for key in ("href", "src") if key in child.attrs]
    html = [token.content for token in [*tokens, *inline] if token.type in ("html_block", "html_inline")]
    addresses += re.findall(r'(?:href|src)="([^"]*)"', "".join(html))
    for address in addresses:
        if not address.startswith("https://"):
            file, _, heading = address.partition("#")
            target = (ROOT / page).parent / file if file else ROOT / page
            assert target.exists(), address
            if heading:
                headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                anchors = [re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings]
                assert heading in anchors, address


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page):
    """Targets of make and files, in what is set as code."""
    text = (ROOT / page).read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z]+)", code)) <= set(targets)
    for name in re.findall(r"(?<![\w/.])(?:tools|tests|benchmarks|workbench|docs)/[\w/.]+", code):
        if "name" not in name and "NN" not in name and "NAME" not in name:  # not the examples for a new lesson
            assert (ROOT / name).exists(), name


def test_the_example_gives_what_it_says():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names, said = {}, 0
    for line in code.splitlines():
        expression, comment, result = line.partition("  # ")
        if comment:
            assert repr(eval(expression, names)) == result
            said += 1
        else:
            exec(expression, names)
    assert said == 2
