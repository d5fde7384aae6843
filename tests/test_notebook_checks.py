"""Every rule of notebook_checks.py passes a good page and finds each fault that it is there for."""

import notebook_checks as checks
import pytest
from nbformat.v4 import new_output

from tools import build
from workbench.notebooks import outputs

pytestmark = pytest.mark.machinery

WORDS = "The path starts at (-7, 2) and ends at (-0.3504, 0.08478)."
PNG = "iVBORw0KGgo="


@pytest.fixture
def page(tmp_path):
    """A small page without a fault, close to what the rules forbid."""
    text = build.HEADER + "\n# Watch a tiny lesson\n\nWe compute $n!$, `x != y` and [a picture](picture.png#top).\n"
    for heading in checks.HEADINGS:
        text += f"\n## {heading}\n\nText, adjusted; see [this](https://example.org/a!b). It goes on.\n"
    text += "\n### More\n\n<!-- just! -->\n\n<details>\n<summary>Hint</summary>\n\n![alt](picture.png)\n\n</details>\n"
    text += "\n```{code-cell} ipython3\nprint(1)\n```\n\n```{code-cell} ipython3\n1 != 2\n```\n"
    path = tmp_path / "01_tiny.md"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "picture.png").touch()
    lesson, notebook = build.read_lesson(path), build.read_lesson(path)
    first, second = (cell for cell in notebook.cells if cell.cell_type == "code")
    first.execution_count, second.execution_count = 1, 2
    first.outputs = [new_output("stream", text="656080 weights, 3.11.2, 0.0003504, -1.5e-16, 99.99%, [0. 1.25]\n")]
    second.outputs = [new_output("display_data", {"text/plain": WORDS, "image/png": PNG})]
    return checks.Page(lesson, notebook, folder=tmp_path, size=1000)


def test_a_good_page_passes_every_check(page):
    assert [problem for check in checks.CHECKS for problem in check(page)] == []


def prose(source):
    def spoil(page):
        page.notebook.cells[0].source += f"\n\n{source}\n"

    return spoil


def replaced(old, new):
    def spoil(page):
        assert old in page.notebook.cells[0].source
        page.notebook.cells[0].source = page.notebook.cells[0].source.replace(old, new)

    return spoil


def code(source):
    def spoil(page):
        page.code()[0].source = source

    return spoil


def printed(text):
    def spoil(page):
        page.code()[0].outputs[0].text = text

    return spoil


def output(kind, **content):
    def spoil(page):
        page.code()[0].outputs.append(new_output(kind, **content))

    return spoil


def shown(**data):
    return output("display_data", data={key.replace("_", "/", 1): value for key, value in data.items()})


FAULTS = [
    (checks.inputs_equal_the_lesson, prose("More.")),
    (checks.inputs_equal_the_lesson, code("print(2)")),
    (checks.inputs_equal_the_lesson, lambda page: page.notebook.cells.pop()),
    (checks.inputs_equal_the_lesson, lambda page: page.code()[0].metadata.update(tags=["hide-input"])),
    (checks.every_code_cell_was_executed_in_order, lambda page: page.code()[1].update(execution_count=None)),
    (checks.every_code_cell_was_executed_in_order, lambda page: page.code()[1].update(execution_count=1)),
    (checks.every_code_cell_was_executed_in_order, lambda page: page.notebook.update(cells=[])),
    (checks.ids_are_deterministic_and_unique, lambda page: page.code()[0].update(id="972eb81b")),
    (checks.ids_are_deterministic_and_unique, lambda page: page.code()[0].update(id=page.code()[1].id)),
    (checks.metadata_is_minimal, lambda page: page.notebook.metadata.update(widgets={})),
    (checks.metadata_is_minimal, lambda page: page.notebook.metadata.language_info.update(version="3.11.7")),
    (checks.metadata_is_minimal, lambda page: page.notebook.metadata.pop("kernelspec")),
    (checks.outputs_render_everywhere_and_hold_no_trouble, output("stream", name="stderr", text="a warning")),
    (checks.outputs_render_everywhere_and_hold_no_trouble, output("error", ename="ValueError", evalue="lr")),
    (checks.outputs_render_everywhere_and_hold_no_trouble, output("display_data", data={outputs.WIDGET_VIEW: {}})),
    (checks.outputs_render_everywhere_and_hold_no_trouble, output("display_data", data={"image/jpeg": ""})),
    (checks.outputs_render_everywhere_and_hold_no_trouble, lambda page: page.code()[0].outputs[0].update(transient={})),
    (checks.code_can_be_verified, code("from ipywidgets import interact")),
    (checks.code_can_be_verified, code("from ipywidgets import interactive_output")),
    (checks.code_can_be_verified, code("out = widgets.Output()")),
    (checks.code_can_be_verified, code("display(figure, display_id=True)")),
    (checks.code_can_be_verified, code("%%timeit\nx = 1")),
    (checks.code_can_be_verified, code("clear_output(wait=True)")),
    (checks.code_can_be_verified, code("from matplotlib import pyplot")),
    (checks.code_can_be_verified, code("plt.show()")),
    (checks.no_cell_is_exempt_from_nbval, code("# NBVAL_IGNORE_OUTPUT\nprint(1)")),
    (checks.no_cell_is_exempt_from_nbval, lambda page: page.code()[0].metadata.update(tags=["nbval-skip"])),
    (checks.no_cell_is_exempt_from_nbval, lambda page: page.code()[0].metadata.update(tags=["raises-exception"])),
    (checks.numbers_have_at_most_four_significant_digits, printed("f = 0.35039")),
    (checks.numbers_have_at_most_four_significant_digits, printed("f = -1.3334e-05")),
    (checks.numbers_have_at_most_four_significant_digits, printed("[12345.  1.]")),
    (checks.numbers_have_at_most_four_significant_digits, printed("after 0.12345s.")),
    (checks.numbers_have_at_most_four_significant_digits, shown(text_plain="array([0.08478, 1.00001])")),
    (checks.pictures_come_with_words, shown(image_png=PNG)),
    (checks.pictures_come_with_words, shown(image_png=PNG, text_plain="A path.")),
    (
        checks.pictures_come_with_words,
        shown(image_png=PNG, text_plain="<Figure size 1400x1200 with 12 Axes in two rows>"),
    ),
    (
        checks.pictures_come_with_words,
        output(
            "display_data", data={"image/png": PNG, "text/plain": WORDS}, metadata={"image/png": {"alt": "A path."}}
        ),
    ),
    (checks.headings_have_the_shape_of_a_lesson, replaced("## Your turn", "## My turn")),
    (checks.headings_have_the_shape_of_a_lesson, replaced("## Predict", "### Predict")),
    (checks.headings_have_the_shape_of_a_lesson, prose("## Predict")),
    (checks.headings_have_the_shape_of_a_lesson, prose("# Another title")),
    (checks.headings_have_the_shape_of_a_lesson, replaced("# Watch a tiny lesson", "## Watch a tiny lesson")),
    (checks.prose_is_plain, prose("It works!")),
    (checks.prose_is_plain, prose("## It works!")),
    (checks.prose_is_plain, prose("| a | b |\n|---|---|\n| 1 | now! |")),
    (checks.prose_is_plain, prose("- *Just* move the slider.")),
    (checks.prose_is_plain, prose("This is, of course, a bowl.")),
    (checks.prose_is_plain, prose("This is, of\ncourse, a bowl.")),
    (checks.prose_is_plain, prose("Let’s go.")),
    (checks.prose_is_plain, prose("![simply](picture.png)")),
    (checks.prose_is_plain, prose("<summary>An easy hint</summary>")),
    (checks.prose_is_plain, prose("```{note}\nText.\n```")),
    (checks.paragraphs_hang_together, prose("\n\n".join(4 * ["The loss has fallen further."]))),
    (checks.links_point_to_files_that_exist, prose("[next](02_trajectories.ipynb)")),
    (checks.links_point_to_files_that_exist, prose("![picture](missing.png)")),
    (checks.links_point_to_files_that_exist, prose("[next][2]\n\n[2]: missing.ipynb#part")),
    (checks.links_point_to_files_that_exist, prose('<img src="missing.png">')),
    (checks.links_point_to_files_that_exist, prose("[root](/etc/hostname)")),
    (checks.the_file_is_small, lambda page: setattr(page, "size", checks.SIZE + 1)),
]


@pytest.mark.parametrize(
    ("check", "spoil"), FAULTS, ids=[f"{n}-{check.__name__}" for n, (check, _) in enumerate(FAULTS)]
)
def test_a_fault_is_found(page, check, spoil):
    spoil(page)
    assert list(check(page)) != []


def test_every_check_has_a_fault():
    assert {check for check, _ in FAULTS} == set(checks.CHECKS)
