"""The canvas shows what Agg paints: all live figures, in a real browser, on screens of one and of two pixels a pixel.

Lines, areas, markers and images are compared without text, strictly: antialiasing differs, and Agg's markers stand on
whole pixels. Then all is compared once more with the text, whose letters Agg fits to pixels and a browser does not.
"""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import matplotlib as mpl
import numpy as np
import pytest
from canvas_page import lab, pages
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as options
from hypothesis import strategies as st
from live_figures import EXPLORERS, explorer, fresh, pixels, put, recorded

from workbench.drawing import styles
from workbench.drawing.glyphs import TextRenderer
from workbench.live import face
from workbench.live.recording import Recorder, packed

ROOT = Path(__file__).resolve().parent.parent
RATIOS = 1, 2
SPOT = 7  # pixels: a marker's size
each = pytest.mark.parametrize("name", EXPLORERS)


class Bounds(NamedTuple):
    """How far a picture may lie from Agg's, in shares of the full scale."""

    rms: float  # root mean square of the differences of all pixels
    spot: float  # the largest difference of means over SPOT × SPOT pixels


SHAPES = {1: Bounds(0.02, 0.135), 2: Bounds(0.045, 0.25)}
ALL = {1: Bounds(0.07, 0.28), 2: Bounds(0.075, 0.3)}
# Lines that cover themselves many times over, which Agg makes thicker each time: twice the bounds.
NOISY = {"gradient_descent.TwoValleys", *(f"stochastic_gradient_descent.{name}" for name in ("BatchSizes", "Escape"))}


def sums(picture):
    """Sums over SPOT × SPOT pixels of a picture of shape (height, width, 3), at every place."""
    height, width = (size - SPOT + 1 for size in picture.shape[:2])
    rows = sum(picture[k : k + height] for k in range(SPOT))
    return sum(rows[:, k : k + width] for k in range(SPOT))


def difference(drawn, painted):
    """Bounds that two pictures just keep."""
    difference = np.int16(drawn) - painted  # a sum of 7 × 7 of them is 12,495 at most
    rms = np.sqrt(np.mean(np.float32(difference) ** 2))
    return Bounds(float(rms / 255), float(np.abs(sums(difference)).max() / SPOT**2 / 255))


def faults(drawn, painted, bounds, times=1):
    """Which of the bounds two pictures do not keep; times: what the bounds are multiplied by."""
    found = difference(drawn, painted)
    return {name: value for name, value in found._asdict().items() if value > times * getattr(bounds, name)}


@pytest.fixture(scope="module")
def browser():
    """Pages by their ratios."""
    if lab.find_browser() is None:
        missing = f"no browser found: {lab.HOW_TO_GET_A_BROWSER}"
        if os.environ.get("DOWNHILL_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with pages(*RATIOS) as found:
        yield found


def shown(live):
    return {"base": live.view.base, "scenery": live.view.scenery, "moving": live.view.moving}


@contextmanager
def without_text():
    """Nobody writes while it lasts."""
    with mock.patch.object(TextRenderer, "draw_text"), mock.patch.object(Recorder, "draw_text"):
        yield


def assert_the_same(browser, name):
    live, times = explorer(name).live, 2 if name in NOISY else 1
    with without_text():
        shapes = dict(zip(("base", "scenery", "moving"), recorded(live), strict=True))
        live._png = None
        painted = pixels(live)
    live._png = None
    for ratio, page in browser.items():
        drawn = page.draw(live.view.size, shapes), page.draw(live.view.size, shown(live))
        assert faults(drawn[0], painted, SHAPES[ratio], times) == {}, f"{ratio}, without text"
        assert faults(drawn[1], pixels(live), ALL[ratio], times) == {}, f"{ratio}, with text"


@pytest.mark.browser
@each
def test_the_canvas_shows_what_agg_paints_at_the_start(browser, name):
    fresh(name)
    assert_the_same(browser, name)


@pytest.mark.browser
@pytest.mark.slow
@each
@options(max_examples=2, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_canvas_shows_what_agg_paints_at_random_settings(browser, name, data):
    live, any_settings, _ = explorer(name)
    put(live, data.draw(any_settings))
    assert_the_same(browser, name)


# What must not pass


def picture(shift=0.0, **changes):
    """A recording and the pixels of a figure: `shift` moves its title to the right, `changes` are those of its line."""
    figure = styles.new_figure((4.0, 3.0))
    figure.set_layout_engine("none")
    with styles.look():
        axes = figure.add_axes((0.15, 0.15, 0.8, 0.75))
        axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="loss f", xlabel="update k")
        look = {"marker": "o", "color": "#0072B2", "linestyle": "--"}
        axes.plot([0.2, 0.4, 0.6, 0.8], [0.2, 0.7, 0.3, 0.6], **look | changes)
        axes.set_title("a label", x=shift / axes.bbox.width)
        figure.canvas.draw()
        recording = packed(Recorder(400, 300, 100).record(figure.draw))
    return recording, np.asarray(figure.canvas.buffer_rgba())[..., :3]


CHANGES = {
    "a missing marker": {"markevery": [0, 1, 3]},
    "another marker": {"marker": "s", "markersize": 6.5},
    "a wrong color": {"color": "#3A8FC0"},
    "missing dashes": {"linestyle": "-"},
    "a line that is too thick": {"linewidth": 2.5},
}


def found(page, bounds, **changes):
    """What is wrong with a recording of a changed picture, seen beside the unchanged one of Agg."""
    (recording, _), (_, painted), empty = picture(**changes), picture(), packed([])
    return faults(page.draw((400, 300), {"base": recording, "scenery": empty, "moving": empty}), painted, bounds)


@pytest.mark.browser
@pytest.mark.parametrize("change", CHANGES)
def test_a_wrong_picture_is_found(browser, change):
    with without_text():
        assert found(browser[1], SHAPES[1]) == {}
        assert found(browser[1], SHAPES[1], **CHANGES[change])


@pytest.mark.browser
@pytest.mark.parametrize("ratio", RATIOS)
def test_a_shifted_label_is_found(browser, ratio):
    assert found(browser[ratio], ALL[ratio]) == {}
    assert found(browser[ratio], ALL[ratio], shift=5)


# Without a browser


def test_canvas_js():
    """The tests in tests/canvas.test.mjs."""
    if shutil.which("node") is None:
        missing = "no node found: install Node.js 18 or newer to test canvas.js without a browser"
        if os.environ.get("DOWNHILL_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    command = ["node", "--test", str(ROOT / "tests" / "canvas.test.mjs")]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# fail 0" in ran.stdout


def test_the_face_is_matplotlibs():
    """face.woff holds what it says, drawn as in the face that Agg draws with."""
    own = TTFont(face.FILE)
    theirs = TTFont(Path(mpl.get_data_path(), "fonts", "ttf", face.NAME))
    has = {chr(code) for code in theirs.getBestCmap()}
    assert {chr(code) for code in own.getBestCmap()} == face.CHARACTERS & has
    assert own["head"].unitsPerEm == theirs["head"].unitsPerEm
    assert "Bitstream Vera" in own["name"].getDebugName(13)  # its license
    shapes = [{c: outline(font, c) for c in "aQ0−ηΣᵏ̂≤≈→½"} for font in (own, theirs)]
    assert shapes[0] == shapes[1]


def outline(font, character):
    """What the pen does to draw a character."""
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)  # letters with accents are made of two
    glyphs[font.getBestCmap()[ord(character)]].draw(pen)
    return pen.value
