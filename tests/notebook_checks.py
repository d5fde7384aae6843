"""What must hold for every lesson and its notebook, one rule a function; each yields the problems it finds in words.

nbval executes the notebooks again and compares outputs; these rules cover what it does not look at: that the notebook
belongs to the lesson, that it is complete, that it renders where it was never run, and that it keeps the house style.
"""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode
from nbval.plugin import comment_markers, metadata_tags

from tools import build
from workbench.notebooks import outputs

HEADINGS = [
    "What you will do",
    "Predict",
    "What you saw",
    "Your turn",
    "When it fails",
    "In the wild",
    "Further reading",
]
# nbval cannot repeat random ids, timings and outputs that are replaced; pyplot keeps figures alive and cannot blit.
BANNED_CODE = re.compile(
    r"\binteract(?:ive|ive_output|_manual)?\b|\bOutput\(|\bdisplay_id\b|%timeit|\bclear_output\b|\bpyplot\b|\bpylab\b|\bplt\."
)
BANNED_PROSE = re.compile(r"!|\b(?:simply|just|easy|obviously|of course|let['’]s)(?!\w)", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\d.])(\d*+\.\d++|\d++\.)(?!\.?\d)")  # with a decimal point; not a version such as 3.11.2
DIGITS = 4
PICTURE_WORDS = 40  # characters
SIZE = 2_000_000  # bytes
ALONE = 0.3  # of the paragraphs of at least so many words may have one sentence
WORDS = 4
MARKDOWN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)


@dataclass
class Page:
    """A lesson as its author wrote it, the notebook stored for it, and where that notebook lies."""

    lesson: NotebookNode
    notebook: NotebookNode
    folder: Path
    size: int

    def code(self):
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    def outputs(self):
        """Yield (number of the code cell, output)."""
        for number, cell in enumerate(self.code(), start=1):
            for output in cell.outputs:
                yield number, output

    def tokens(self):
        """Yield the Markdown tokens of all text cells, inline ones after the block that holds them."""
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown":
                for token in MARKDOWN.parse(cell.source):
                    yield token
                    yield from token.children or []


def inputs_equal_the_lesson(page):
    expected = [(cell.cell_type, cell.source, cell.metadata) for cell in page.lesson.cells]
    found = [(cell.cell_type, cell.source, cell.metadata) for cell in page.notebook.cells]
    if len(expected) != len(found):
        yield f"{len(expected)} cells in the lesson, {len(found)} in the notebook; build it again"
    for number, (cell, other) in enumerate(zip(expected, found, strict=False), start=1):
        if cell != other:
            yield f"cell {number} differs from the lesson; build it again: {other}"


def every_code_cell_was_executed_in_order(page):
    counts = [cell.execution_count for cell in page.code()]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}"
    if not counts:
        yield "no code cell"


def ids_are_deterministic_and_unique(page):
    ids = [cell.id for cell in page.notebook.cells]
    if len(set(ids)) != len(ids):
        yield f"ids occur twice: {ids}"
    if ids != [cell.id for cell in page.lesson.cells]:
        yield f"ids are not those that the lesson gives: {ids}"


def metadata_is_minimal(page):
    if page.notebook.metadata != build.METADATA:
        yield f"metadata is {page.notebook.metadata}"


def outputs_render_everywhere_and_hold_no_trouble(page):
    for number, output in page.outputs():
        data = output.get("data", {})
        if outputs.WIDGET_VIEW in data:
            yield f"code cell {number}: a widget entry, which cannot be shown before the notebook is run"
        if "image/jpeg" in data:
            yield f"code cell {number}: a JPEG, which nothing compares"
        if output.output_type == "error":
            yield f"code cell {number}: raised {output.ename}: {output.evalue}"
        if output.get("name") == "stderr":
            yield f"code cell {number}: wrote to stderr: {output.text}"
        if "transient" in output:
            yield f"code cell {number}: a transient entry"


def code_can_be_verified(page):
    for number, cell in enumerate(page.code(), start=1):
        for found in BANNED_CODE.findall(cell.source):
            yield f"code cell {number}: uses {found}"


def no_cell_is_exempt_from_nbval(page):
    for number, cell in enumerate(page.notebook.cells, start=1):
        for marker in comment_markers:
            if marker in cell.source:
                yield f"cell {number}: the marker {marker}"
        for tag in cell.metadata.get("tags", []):
            if tag in metadata_tags:
                yield f"cell {number}: the tag {tag}"


def numbers_have_at_most_four_significant_digits(page):
    """Integers may be of any length; a number with a decimal point counts from its first digit that is not zero."""
    for number, output in page.outputs():
        texts = [output.get("text", "")]
        texts += [text for kind, text in output.get("data", {}).items() if kind.startswith("text/")]
        for text in texts:
            for found in NUMBER.findall(text):
                if len(found.replace(".", "").lstrip("0")) > DIGITS:
                    yield f"code cell {number}: prints {found}"


def pictures_come_with_words(page):
    for number, output in page.outputs():
        data = output.get("data", {})
        if "image/png" in data:
            words = data.get("text/plain", "").strip()
            if len(words) < PICTURE_WORDS or words.startswith("<"):
                yield f"code cell {number}: a picture with the words {words!r}"
            alt = output.metadata.get("image/png", {}).get("alt", words)
            if alt.strip() != words:
                yield f"code cell {number}: a picture with the alt text {alt!r} but the words {words!r}"


def headings_have_the_shape_of_a_lesson(page):
    tokens = list(page.tokens())
    headings = [
        (token.tag, tokens[index + 1].content) for index, token in enumerate(tokens) if token.type == "heading_open"
    ]
    if [tag for tag, _ in headings].count("h1") != 1 or headings[0][0] != "h1":
        yield f"the title must come first and be the only heading of level 1: {headings}"
    found = [text for tag, text in headings if tag == "h2" and text in HEADINGS]
    if found != HEADINGS:
        yield f"the ## headings must hold, in this order, {HEADINGS}; found {found}"


def prose_is_plain(page):
    """Text, headings, alt texts and HTML count; code, formulas, addresses and comments do not."""
    for token in page.tokens():
        if token.type == "inline":
            shown = [child for child in token.children if child.type in ("text", "image", "softbreak")]
            text = "".join(child.content or " " for child in shown)
        elif token.type == "html_block":
            text = re.sub(r"<!--.*?-->|<[^>]*>", "", token.content, flags=re.DOTALL)
        elif token.type == "fence" and token.info.startswith("{"):
            yield f"a directive that JupyterLab does not render: {token.info}"
            continue
        else:
            continue
        for found in BANNED_PROSE.findall(text):
            yield f"{found!r} in: {text}"


def paragraphs_hang_together(page):
    """Of the paragraphs that are no list, table or formula, few have one sentence only."""
    counts = []
    for cell in page.notebook.cells:
        tokens = MARKDOWN.parse(cell.source) if cell.cell_type == "markdown" else []
        for token, inside in itertools.pairwise(tokens):
            text = re.sub(r"\$[^$]*\$", "x", inside.content)
            if token.type == "paragraph_open" and token.level == 0 and len(text.split()) >= WORDS:
                counts.append(len(re.findall(r"[.?:](?=\s|$)", text)))
    alone = sum(count <= 1 for count in counts)
    if alone > ALONE * len(counts):
        yield f"{alone} of {len(counts)} paragraphs have one sentence; at most {ALONE:.0%} may"


def links_point_to_files_that_exist(page):
    for token in page.tokens():
        addresses = [token.attrs[key] for key in ("href", "src") if key in token.attrs]
        if token.type in ("html_block", "html_inline"):
            addresses += re.findall(r"""(?:href|src)=["']([^"']*)""", token.content)
        for address in addresses:
            if re.match(r"(?:https?|mailto):|#", address):
                continue
            path = address.split("#")[0]
            if path.startswith("/") or not (page.folder / path).is_file():
                yield f"no such file: {address}"


def the_file_is_small(page):
    if page.size > SIZE:
        yield f"{page.size} bytes, at most {SIZE}"


CHECKS = [
    inputs_equal_the_lesson,
    every_code_cell_was_executed_in_order,
    ids_are_deterministic_and_unique,
    metadata_is_minimal,
    outputs_render_everywhere_and_hold_no_trouble,
    code_can_be_verified,
    no_cell_is_exempt_from_nbval,
    numbers_have_at_most_four_significant_digits,
    pictures_come_with_words,
    headings_have_the_shape_of_a_lesson,
    prose_is_plain,
    paragraphs_hang_together,
    links_point_to_files_that_exist,
    the_file_is_small,
]
