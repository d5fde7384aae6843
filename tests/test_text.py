"""Text from kept pictures of characters looks as Agg's own does."""

import string

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

from workbench.drawing import styles
from workbench.drawing.glyphs import TextRenderer, clusters, extents, kept, width

FONT = FontProperties(family="DejaVu Sans", size=9)
LOSS = "κ = 20, turned by 45°: m̂ = −0.0125 (AVATAR, η = 1.5e−3)"


def drawn(renderer, text, x=10.0, y=30.0, color="black", alpha=1.0, angle=0, ismath=False):
    """The coverage of each pixel, shape (60, 400), and the picture, shape (60, 400, 4)."""
    renderer = renderer(400, 60, 100)
    gc = renderer.new_gc()
    gc.set_foreground(color)
    gc.set_alpha(alpha)
    renderer.draw_text(gc, x, y, text, FONT, angle, ismath)
    picture = np.asarray(renderer.buffer_rgba()).copy()
    return picture[..., 3] / 255, picture


@pytest.mark.parametrize("character", [*string.printable.strip(), *"ηβρσκλΔ∂√²₁₂−×·…°±≤", "m̂"])
def test_a_character_on_a_whole_pixel_is_that_of_agg(character):
    np.testing.assert_array_equal(drawn(TextRenderer, character)[0], drawn(RendererAgg, character)[0])


@pytest.mark.parametrize("x", [10.0, 10.25, 10.5, 10.9, 11.7])
def test_a_line_lies_where_agg_puts_it(x):
    ours, theirs = drawn(TextRenderer, LOSS, x)[0], drawn(RendererAgg, LOSS, x)[0]
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.01)
    columns = np.arange(400)
    assert (ours.sum(0) @ columns) / ours.sum() == pytest.approx((theirs.sum(0) @ columns) / theirs.sum(), abs=0.2)
    assert np.abs(np.cumsum(ours.sum(0)) - np.cumsum(theirs.sum(0))).max() < 3  # ink that has moved, in black pixels
    np.testing.assert_array_equal(ours.any(axis=1), theirs.any(axis=1))


def test_extents_are_those_of_agg():
    for text in LOSS, "AVAVAV", "1.2345", "m̂ gy", "−":
        theirs = RendererAgg(1, 1, 100).get_text_width_height_descent(text, FONT, False)
        assert (np.abs(np.subtract(extents(text, FONT, 100), theirs)) < (0.1, 1e-6, 1e-6)).all()
    assert extents("", FONT, 100) == (0, 0, 0)
    assert width("AVAVAV", FONT, 100) < 3 * (width("A", FONT, 100) + width("V", FONT, 100)) - 1  # kerning


def test_an_accent_stays_with_its_letter():
    assert clusters("m̂ and v̂") == ["m̂", " ", "a", "n", "d", " ", "v̂"]
    assert clusters("") == []


def test_the_baseline_stands_on_a_whole_pixel():
    np.testing.assert_array_equal(drawn(TextRenderer, "x", y=30.4)[0], drawn(TextRenderer, "x", y=30.0)[0])


def test_color_and_alpha():
    cover, picture = drawn(TextRenderer, "W", color="#D55E00")
    np.testing.assert_array_equal(picture[cover == 1][:, :3], np.tile([213, 94, 0], (np.sum(cover == 1), 1)))
    half = drawn(TextRenderer, "W", color="#D55E00", alpha=0.5)[0]
    np.testing.assert_allclose(half, cover / 2, atol=2 / 255)


@pytest.mark.parametrize("how", [{"angle": 90, "y": 55.0}, {"ismath": True}])
def test_turned_text_and_formulas_are_drawn_by_agg(how):
    ours, theirs = drawn(TextRenderer, "$x^2$", **how), drawn(RendererAgg, "$x^2$", **how)
    assert ours[0].any()
    np.testing.assert_array_equal(ours[1], theirs[1])


def test_a_font_that_changes_later_is_another_font():
    font = FontProperties(family="DejaVu Sans", size=11)
    before = kept(font, 100)
    small = before.advance("W", "")
    font.set_size(22)
    assert before.advance("M", "") == width("M", FontProperties(family="DejaVu Sans", size=11), 100)
    assert kept(font, 100).advance("W", "") == pytest.approx(2 * small, rel=0.1)
    assert kept(FONT, 100) is kept(FONT.copy(), 100)


def test_a_figure_of_another_size_gets_another_canvas():
    figure = styles.new_figure((2, 1))
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    assert isinstance(renderer, TextRenderer)
    assert figure.canvas.get_renderer() is renderer
    figure.set_size_inches(3, 1)
    figure.canvas.draw()
    assert np.asarray(figure.canvas.buffer_rgba()).shape == (100, 300, 4)
