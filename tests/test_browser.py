"""Every notebook in a real JupyterLab, as a learner uses it: figures, predictions, exercises; keys, pointer, names."""

import ast
import os
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import preludes
import pytest
from PIL import Image

import conftest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import lab  # noqa: E402
import own_things  # noqa: E402
from live_figures import OWN_TROUBLE  # noqa: E402

pytestmark = pytest.mark.browser
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
SCREENSHOTS = ROOT / "build" / "screenshots"
PLAYGROUND = "playground.ipynb"
OTHER_WAY = {"ArrowRight": "ArrowLeft", "ArrowLeft": "ArrowRight"}
ROOM = 700  # pixels for a figure with its controls: what a laptop's page has

FRAGILE = """
from workbench.live.controls import slider
from workbench.live.figure import LiveFigure


class Fragile(LiveFigure):
    title = "A dot."

    def make_controls(self):
        return {"x": slider("x", 0, 0, 3, 1)}

    def build(self, figure):
        axes = figure.subplots()
        axes.set(xlim=(-1, 4), ylim=(-1, 1))
        (self.dot,) = self.moving(axes.plot([0], [0], "o"))
        self.drag_axes, self.drag_controls = axes, ("x",)

    def draw(self, x):
        if x == 1:
            raise ValueError("no picture at x = 1 < 2")
        self.dot.set_xdata([x])
        return f"The dot is at {x}."


Fragile()
"""

KEYS = """
import ipywidgets as widgets
from workbench.live.controls import choice, log_slider, slider
from workbench.live.figure import LiveFigure


class Keys(LiveFigure):
    title = "A dot and its color."
    presets = {"Far": {"x": 20}}

    def make_controls(self):
        return {
            "x": slider("x", 10, 0, 20, 1),
            "size": log_slider("size", 10, 1, 100, per_decade=5),
            "color": choice("color", ["red", "green", "blue"], "red"),
            "hollow": widgets.Checkbox(False, description="hollow"),
        }

    def build(self, figure):
        (self.dot,) = self.moving(figure.subplots().plot([0, 20], [0, 1], "o"))

    def draw(self, x, size, color, hollow):
        self.dot.set(markersize=size, color=color, markerfacecolor="none" if hollow else color, xdata=[x, x])
        return f"The dot is at {x}."


Keys()
"""


# What Notebook 7 does with arrows: it listens before the slider does, and lets alone what bears this attribute.
NOTEBOOK_7 = """document.addEventListener("keydown", event => {
    if (!event.key.startsWith("Arrow") || event.target.closest("[data-lm-suppress-shortcuts]")) return;
    event.preventDefault();
    event.stopPropagation();
}, true)"""


@pytest.fixture(scope="module")  # not longer: playwright's event loop would get in the way of other tests' loops
def jupyter():
    if lab.find_browser() is None:
        missing = f"no browser found: {lab.HOW_TO_GET_A_BROWSER}"
        if os.environ.get("DOWNHILL_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with lab.lab() as running:
        yield running


def check(figure, before, action):
    """Picture and words have changed, without an error."""
    after = figure.state()
    assert figure.text("status") == "", f"{action}: the status line shows an error"
    assert after.picture != before.picture, f"{action}: the picture did not change"
    assert after.words != before.words, f"{action}: the words did not change"


def move(slider):
    """Move one slider a step, back, and again, so that Reset has something to do; farther when a step shows nothing."""
    figure, before = slider.figure, slider.figure.state()
    key = "ArrowLeft" if slider.at_maximum else "ArrowRight"
    slider.press(key)
    if figure.state().picture != before.picture:
        check(figure, before, f"{slider.label} by {key}")
        slider.press(OTHER_WAY[key])
        slider.press(key)
        assert figure.text("status") == ""
        return
    # Some settings matter at the far end of their slider only, as ε of Adam does once it is as large as a gradient.
    for key in ("PageDown", "Home") if slider.at_maximum else ("PageUp", "End"):
        slider.press(key)
        if figure.state().picture != before.picture:
            break
    check(figure, before, f"{slider.label} by {key}")


def type_beside(slider):
    """Type a number beside a slider: the readout, the slider and the words say the same, whatever was typed."""
    first = slider.says().readout
    for text, leave in (("0.0123", "Enter"), ("1.55", "Tab"), ("x", "Enter"), (first, "Enter")):
        slider.type(text, leave)
        said = slider.says()
        assert ("is no number" in said.status) == (text == "x")
        agree(said, f"{slider.label}, {text!r} typed")
    assert said.readout == first


def agree(said, action):
    readout, told = said.readout, said.told
    if (shown := number(readout)) is None:
        assert told == readout, f"{action}: {readout} stands beside the slider, which says {told}"
    else:
        rounding = 0.51 * 10.0 ** -len(readout.partition(".")[2])
        assert abs(number(told) - shown) <= rounding, f"{action}: {readout} stands beside the slider, which says {told}"
        stated = [float(found.replace("−", "-")) for found in re.findall(r"[-−]?\d+\.?\d*(?:e[-+−]?\d+)?", said.words)]
        assert min(abs(value - shown) for value in stated) <= rounding, f"{action}: {readout} is not in: {said.words}"


def number(text):
    try:
        return float(text.replace("−", "-"))
    except ValueError:
        return None


def move_sliders(figure, moved):
    """Move all sliders that can be moved and are not yet in `moved`."""
    for i, slider in enumerate(figure.sliders()):
        if i not in moved and not slider.disabled:
            move(slider)
            type_beside(slider)
            moved.add(i)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(jupyter, name):
    """A lesson after all that learners do in a first cell runs; then all that moves is moved.

    What it has shown is compared with what is stored by nbval, cell by cell: see conftest.py.
    """
    with jupyter.notebook(name) as notebook:
        notebook.execute(preludes.ALL)
        notebook.run()
        conftest.SHOWN[name] = notebook.cells()
        check_names(notebook)
        figures = notebook.figures()
        assert figures, "no live figure is shown"
        for i, figure in enumerate(figures):
            figure.screenshot(SCREENSHOTS / f"{name.removesuffix('.ipynb')}-{i}.png")
            if name != PLAYGROUND:  # there a learner's optimizers have rows of their own
                assert figure.height <= ROOM
            check_tab_order(figure)
            if figure.unfold():
                check_tab_order(figure)
            operate(figure)
        if name != PLAYGROUND:
            predict(notebook)
            solve_an_exercise(notebook)
        assert notebook.problems == [], jupyter.log


def check_names(notebook):
    """Pictures and controls have names for screen readers."""
    parts = list(notebook.parts())
    assert {"image", "slider", "button"} <= {part.role for part in parts}
    assert [part for part in parts if not part.name.strip()] == []


def check_tab_order(figure):
    """Tab reaches every control, in the order in which they stand, Shift+Tab goes back, and the focus can be seen."""
    count = figure.root.evaluate("figure => downhill.stops(figure).length")
    order = list(range(count))
    assert figure.tab() == (order, order)
    assert figure.tab("Shift+Tab") == (order[::-1], order[::-1])
    assert figure.root.evaluate("downhill.ordered"), "the order of Tab is not that of the page"


def operate(figure):
    first, moved = figure.state(), set()
    assert first.words
    assert figure.text("status") == ""
    move_sliders(figure, moved)
    for choice in figure.choices():
        for option in choice.options[1:]:
            before = figure.state()
            choice.choose(option)
            check(figure, before, f"{choice.label} = {option}")
            move_sliders(figure, moved)  # some can be moved only with this choice
    assert moved == set(range(len(figure.sliders()))), "a slider can never be moved"
    for switch in figure.switches():
        before = figure.state()
        figure.press(switch, "Space")
        check(figure, before, switch.evaluate("element => element.parentElement.textContent"))
    take_along(figure)
    figure.reset()
    assert figure.state() == first, "Reset does not bring back the first picture and words"
    if figure.draggable:
        for x in (0.2, 0.5, 0.8):  # one of these lies in the panel to drag on
            figure.drag((x, 0.35), (x + 0.05, 0.45))
            if figure.state() != first:
                break
        check(figure, first, "dragging the start")
        figure.reset()
        assert figure.state() == first, "Reset after dragging does not bring back the first picture and words"
    if figure.part("widget-play"):
        play(figure)
    if figure.button("Train"):
        train(figure)
    if figure.button("Blank page"):
        draw_a_one(figure)


def take_along(figure):
    """The line of code, which is told until something changes, and the picture as a file, three times as large."""
    before = figure.state()
    figure.press(figure.button("Settings as code"), "Enter")
    assert re.fullmatch(r"\w+\(.*\)", figure.text("code"))
    with figure.notebook.page.expect_download() as download:
        figure.press(figure.button("Save picture"), "Enter")
    assert re.fullmatch(r"[a-z]+\.png", download.value.suggested_filename)
    with Image.open(download.value.path()) as image:
        width, height = figure.picture.evaluate("picture => picture.style.aspectRatio.split('/').map(Number)")
        assert image.size == (3 * width, 3 * height)
        assert np.asarray(image.convert("L")).std() > 5
    assert figure.state() == before


def play(figure):
    """Play, and stop, by keys: the figure moves by itself, and stands at its start again."""
    first = figure.state()
    figure.button("Play").press("Enter")
    for k in (3, 4):
        figure.wait_for_words(f"words.includes('update k = {k},')")
    figure.press(figure.button("Stop"), "Enter")
    assert figure.state() == first


def train(figure):
    """Train with settings that were never used: the curve grows, and the result is told."""
    figure.sliders()[0].press("ArrowRight")
    assert "press Train" in figure.text("words")
    button = figure.button("Train")
    button.press("Enter")
    figure.wait_for_words("words.includes('Training: ')")
    growing = figure.state()
    figure.notebook.settle()
    assert "Test accuracy" in figure.text("words")
    check(figure, growing, "the end of the training")
    assert button.is_enabled()
    figure.reset()


def draw_a_one(figure):
    """Draw a stroke from top to bottom: the network reads it; a blank page takes it away."""
    blank = figure.button("Blank page")
    figure.press(blank, "Enter")
    empty = figure.state()
    figure.drag((0.156, 0.13), (0.156, 0.36))
    check(figure, empty, "drawing")
    assert "The picture: your drawing." in figure.text("words")
    assert "The network says 1 " in figure.text("words")
    figure.press(blank, "Enter")
    assert figure.state() == empty
    figure.reset()


def predict(notebook):
    """Commit to each prediction, by keys: the answer is told, no second choice is left, the summary counts them."""
    predictions = notebook.page.query_selector_all(".prediction")
    assert predictions
    for i, prediction in enumerate(predictions):
        field = prediction.query_selector("input[type=text]")
        buttons = prediction.query_selector_all("button")
        option = buttons[i % len(buttons)]
        name = option.text_content()
        if field:
            field.fill("12345")
            name = "12,345"
        option.press("Enter")
        notebook.settle()
        said = prediction.query_selector(".prediction-result").evaluate("downhill.text")
        assert said.startswith(("Right. ", f"You chose {name}; it is ", f"You said {name}, it is ")), said
        assert all(button.is_disabled() for button in prediction.query_selector_all("button"))
    summary = notebook.page.query_selector(".prediction-summary").evaluate("downhill.text")
    assert f"Predictions: {len(predictions)} of {len(predictions)} answered" in summary


def solve_an_exercise(notebook):
    """By keys: ask for a hint and for the solution below the first check, write it in the place of the skeleton."""
    name, check = first_exercise(notebook.cells())
    checking, skeleton = lab.Cell(notebook, check), lab.Cell(notebook, check - 1)
    assert checking.output.startswith(f"{name}: not yet."), checking.output
    box = notebook.page.query_selector(".exercise")
    for button, said in ("Hint", "Hint 1 of 3: "), ("Hint", "Hint 2 of 3: "), ("Solution", "Try it first"):
        assert press(notebook, box, button).startswith(said)
    press(notebook, box, "Solution")
    skeleton.write(box.query_selector("pre").text_content())
    skeleton.run()
    checking.run()
    assert checking.output.startswith(f"{name}: passed."), checking.output


def press(notebook, box, name):
    """Press a button below an exercise by a key; returns what it shows."""
    lab.button(box, name).press("Enter")
    notebook.settle()
    return box.query_selector(".exercise-help").evaluate("downhill.text")


def first_exercise(cells):
    """The name of a notebook's first exercise, and the index of the cell of its check."""
    for index, cell in enumerate(cells):
        for call in ast.walk(ast.parse(cell.source)) if cell.cell_type == "code" else ():
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "tutor.check":
                return call.args[0].value, index
    raise ValueError("no cell calls tutor.check")


def write(jupyter, name, *cells):
    """Put a notebook of these code cells beside the lessons."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, cells)], metadata=kernel)
    nbformat.write(notebook, jupyter.folder / name)


def test_every_kind_of_control_is_operated_by_keys(jupyter):
    write(jupyter, "keys.ipynb", KEYS)
    with jupyter.notebook("keys.ipynb") as notebook:
        notebook.run()
        notebook.page.evaluate(NOTEBOOK_7)
        (figure,) = notebook.figures()
        slider, logarithmic = figure.sliders()
        keys = {"Home": 0, "PageUp": 5, "ArrowUp": 6, "ArrowLeft": 5, "End": 20, "PageDown": 15, "ArrowDown": 14}
        for key, x in keys.items():
            slider.press(key)
            assert f"Settings: x = {x}, size = 10, color = red, hollow = off.\n" in figure.text("words")
        slider.readout.focus()
        for key in ("ControlOrMeta+a", "1", "3", "Enter"):  # JupyterLab would select all cells
            notebook.page.keyboard.press(key)
        notebook.settle()
        assert "Settings: x = 13," in figure.text("words")
        slider.press("ArrowUp")
        logarithmic.press("ArrowRight")
        if sys.platform != "darwin":  # its lists are windows of their own, which take the keys
            color = figure.root.query_selector("select")
            for key in ("Space", "ArrowDown", "ArrowDown", "Enter"):  # arrows alone would be JupyterLab's
                figure.press(color, key)
            assert "color = blue" in figure.text("words")
        figure.press(figure.root.query_selector("input[type=checkbox]"), "Space")
        assert "x = 14, size = 15," in figure.text("words")
        assert "hollow = on" in figure.text("words")
        figure.press(figure.button("Far"), "Space")
        assert "Settings: x = 20, size = 10, color = red, hollow = off.\n" in figure.text("words")
        figure.press(figure.button("Reset"), "Space")
        assert "Settings: x = 10," in figure.text("words")
        names = [(part.role, part.name) for part in notebook.parts()]
        assert names == [
            ("slider", "x"),
            ("slider", "size: 10"),  # the page says of its value that it is the sixth
            ("combobox", "color"),
            ("checkbox", "hollow"),
            ("button", "Reset"),
            ("button", "Settings as code"),
            ("button", "Save picture"),
            ("button", "Far"),
            ("image", figure.text("words").replace("\n", " ")),
        ]
        logarithmic.press("ArrowRight")
        assert [part.name for part in notebook.parts()][1] == "size: 15"
        assert notebook.problems == [], jupyter.log


def test_figure_survives_an_error(jupyter):
    write(jupyter, "fragile.ipynb", FRAGILE)
    with jupyter.notebook("fragile.ipynb") as notebook:
        notebook.run()
        (figure,) = notebook.figures()
        (slider,) = figure.sliders()
        first = figure.state()
        slider.press("ArrowRight")
        assert "ValueError: no picture at x = 1 < 2" in figure.text("status")
        assert figure.state() == first
        slider.press("ArrowRight")
        check(figure, first, "after an error")
        assert "The dot is at 2." in figure.text("words")
        assert figure.draggable
        figure.drag((0.5, 0.5), (0.75, 0.5))
        assert "The dot is at 3." in figure.text("words")
        assert notebook.problems == [], jupyter.log


OWN = f"""
import sys
sys.path.insert(0, {str(ROOT / "tests")!r})
import own_things
"""


def test_figures_with_own_things(jupyter):
    """Own functions and own optimizers, ill-behaved ones among them: all controls, and what fails is told."""
    write(jupyter, "own.ipynb", OWN, *(f"own_things.EXPLORERS[{name!r}]()" for name in own_things.EXPLORERS))
    with jupyter.notebook("own.ipynb") as notebook:
        notebook.run()
        check_names(notebook)
        figures = notebook.figures()
        assert len(figures) == len(own_things.EXPLORERS)
        for name, figure in zip(own_things.EXPLORERS, figures, strict=True):
            figure.screenshot(SCREENSHOTS / f"{name}.png")
            check_tab_order(figure)
            first = figure.state()
            for slider in figure.sliders():
                before = figure.state()
                slider.press("ArrowLeft" if slider.at_maximum else "ArrowRight")
                assert figure.state().words != before.words, slider.label
                assert OWN_TROUBLE.fullmatch(figure.text("status")), figure.text("status")
            for choice in figure.choices():
                for option in choice.options[1:]:
                    choice.choose(option)
                    assert OWN_TROUBLE.fullmatch(figure.text("status")), figure.text("status")
            take_along(figure)
            figure.reset()
            assert figure.state() == first
        assert notebook.problems == [], jupyter.log


def test_a_line_of_code_is_copied_and_makes_the_figure_again(jupyter):
    write(jupyter, "code.ipynb", KEYS, "1")
    with jupyter.notebook("code.ipynb") as notebook:
        notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        notebook.run()
        (figure,) = notebook.figures()
        figure.sliders()[0].press("ArrowRight")
        figure.press(figure.button("Settings as code"), "Enter")
        assert figure.text("code") == "Keys(x=11)"
        assert notebook.page.evaluate("navigator.clipboard.readText()") == "Keys(x=11)"
        cell = lab.Cell(notebook, 1)
        cell.write(figure.text("code"))
        cell.run()
        again = notebook.figures()[1]
        assert again.state() == figure.state()
        figure.sliders()[0].press("ArrowRight")
        assert figure.text("code") == ""
        assert notebook.problems == [], jupyter.log


def test_a_notebook_that_was_saved_is_opened_again(jupyter):
    """While its kernel runs the figure goes on; after that, picture and words are there, and no error."""
    write(jupyter, "saved.ipynb", KEYS, 'from workbench.tutoring import tutor\ntutor.predict("the first update")')
    own_page = {"viewport": lab.VIEWPORT}  # whose address is that of the notebook
    with jupyter.notebook("saved.ipynb", **own_page) as notebook:
        notebook.run()
        (figure,) = notebook.figures()
        figure.sliders()[0].press("ArrowRight")
        notebook.page.evaluate("downhill.panel().context.save()")
        notebook.reload()
        (figure,) = notebook.figures()
        before = figure.state()
        assert "x = 11" in before.words
        figure.sliders()[0].press("ArrowRight")
        check(figure, before, "after the page was loaded again")
        notebook.page.evaluate("downhill.panel().context.save()")
        assert notebook.problems == [], jupyter.log
    with jupyter.notebook("saved.ipynb", **own_page) as notebook:
        notebook.wait("document.querySelector('.jp-OutputArea img')")
        outputs = notebook.page.locator(".jp-OutputArea").all_inner_texts()
        assert not notebook.figures()
        assert notebook.page.locator(".jp-OutputArea img").count() == 1
        assert "A dot and its color.\nSettings: x = 10" in outputs[0]  # as when the cell ran
        assert "Error displaying widget" not in "".join(outputs)
        assert notebook.problems == [], jupyter.log


def test_a_kernel_that_was_restarted_and_a_dark_page(jupyter):
    """The figure says that it stands still until its cell runs again; in the dark the picture stays on white."""
    write(jupyter, "restarted.ipynb", KEYS)
    with jupyter.notebook("restarted.ipynb") as notebook:
        notebook.run()
        (figure,) = notebook.figures()
        told = "figure => getComputedStyle(figure, '::before').content"
        assert figure.root.evaluate(told) == "none"
        notebook.page.evaluate("downhill.kernel().restart()")
        notebook.wait("document.querySelector('.live-figure.jupyter-widgets-disconnected')")
        assert "Run the cell again" in figure.root.evaluate(told)
        notebook.page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
        notebook.wait("document.body.dataset.jpThemeLight === 'false'")
        notebook.wait("downhill.ready()")
        notebook.run()
        (figure,) = notebook.figures()
        before = figure.state()
        figure.sliders()[0].press("ArrowRight")
        check(figure, before, "after the restart")
        assert figure.root.evaluate(told) == "none"
        assert figure.picture.evaluate("picture => getComputedStyle(picture).backgroundColor") == "rgb(255, 255, 255)"
        for part in ".live-words", ".widget-label", ".widget-readout", "button":
            assert contrast(figure.root.query_selector(part)) >= 4.5, part  # WCAG 2.2, 1.4.3
        notebook.page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")
        notebook.wait("document.body.dataset.jpThemeLight === 'true'")
        assert notebook.problems == [], jupyter.log


def contrast(element):
    """The contrast of an element's text with what lies behind it (WCAG 2.2, "contrast ratio"): 1 to 21."""
    text, ground = (np.array(color) / 255 for color in element.evaluate("element => downhill.colors(element)"))
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in (text, ground)]
    low, high = sorted(float(channels @ [0.2126, 0.7152, 0.0722]) for channels in linear)
    return (high + 0.05) / (low + 0.05)


def test_a_finger_on_a_telephone(jupyter):
    """A finger drags the point and the slider, and scrolls the page elsewhere; nothing is cut off at 400 pixels."""
    write(jupyter, "finger.ipynb", FRAGILE)
    options = {"viewport": {"width": 400, "height": 800}, "has_touch": True, "is_mobile": True}
    with jupyter.notebook("finger.ipynb", **options) as notebook:
        notebook.run()
        (figure,) = notebook.figures()
        (slider,) = figure.sliders()
        before = figure.state()
        figure.touch(figure.part("live-drag"), (0.25, 0.5), (0.85, 0.5))
        check(figure, before, "a finger on the picture")
        assert "The dot is at 3." in figure.text("words")
        figure.touch(slider.root.query_selector(".noUi-base"), (1, 0.5), (0.66, 0.5))
        assert "The dot is at 2." in figure.text("words")
        target = slider.handle.query_selector(".noUi-touch-area").bounding_box()
        assert min(target["width"], target["height"]) >= 24
        assert slider.root.query_selector(".noUi-base").bounding_box()["width"] >= 150
        page = notebook.page.viewport_size["width"]
        buttons = [figure.button(name) for name in ("Reset", "Settings as code", "Save picture")]
        for button in buttons:
            box = button.bounding_box()
            assert min(box["width"], box["height"]) >= 24
        for part in (slider.root, figure.picture, *buttons):
            box = part.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= page
        assert notebook.problems == [], jupyter.log
