"""LiveFigure: sliders move the frame, errors show in the status line, the pointer drags, the output is for everyone."""

import base64
import threading
import time
from unittest import mock

import ipywidgets as widgets
import numpy as np
import pytest
from live_figures import assert_well, pixels, recorded, shown
from matplotlib.lines import Line2D

from workbench.drawing.picture import png
from workbench.live.controls import choice, log_slider, slider, snap, stops, typed
from workbench.live.figure import LiveFigure
from workbench.live.view import View
from workbench.words import round_numbers


class Dot(LiveFigure):
    """A dot to drag, on a background of a chosen gray; fails on purpose where asked to."""

    title = "A dot."
    size = (3.0, 2.0)
    presets = {"Corner": {"x": 1.0, "y": 1.0}}

    def make_controls(self):
        self.scenes = self.frames = 0
        return {
            "x": slider("x", 0.5, 0.0, 1.0, 0.1),
            "y": slider("y", 0.5, 0.0, 1.0, 0.1),
            "shade": log_slider("shade", 0.1, 0.01, 1),
            "fail": choice("fail", ["no", "draw", "scene"], "no"),
        }

    def build(self, figure):
        axes = figure.subplots()
        axes.set(xlim=(0, 1), ylim=(0, 1))
        self.band = self.scenery(axes.axhspan(0.2, 0.4))
        (self.dot,) = self.moving(axes.plot([], [], "o"))
        self.drag_axes, self.drag_controls = axes, ("x", "y")

    def scene(self, shade, fail):
        self.scenes += 1
        if fail == "scene":
            raise RuntimeError("no scene")
        self.band.set_facecolor(str(shade))

    def draw(self, x, y, fail):
        self.frames += 1
        if fail == "draw":
            raise ValueError("x < y is <b>bad</b>")
        self.dot.set_data([x], [y])
        return f"It is at {x:g}, {y:g}."


def pixel_of(live, x, y):
    """Where a point of the axes lies in the picture, from the upper left corner."""
    px, py = live.drag_axes.transData.transform((x, y))
    return float(px), float(live.figure.bbox.height - py)


def drag(live, *points, stroke=1):
    """What the page sends while the pointer is held, from a press on: points of the axes."""
    places = [pixel_of(live, *point) for point in points]
    for place in places:
        live.view.pointer = [stroke, *places[0], *place]


def test_a_slider_moves_the_frame_and_the_words():
    dot = Dot()
    before = shown(dot)
    dot.controls["x"].value = 0.9
    assert shown(dot)[2] != before[2]
    assert dot.words == "A dot.\nSettings: x = 0.9, y = 0.5, shade = 0.1, fail = no.\nIt is at 0.9, 0.5."
    assert dot.view.words == dot.words
    dot.controls["x"].value = 0.5
    assert shown(dot) == before


def test_a_browser_that_changes_the_last_bits_of_a_value_changes_nothing():
    dot = Dot()
    before = shown(dot)
    dot.controls["x"].value = np.nextafter(0.5, 1)
    assert dot.settings["x"] == 0.5
    assert shown(dot) == before


@pytest.fixture
def sent():
    """What goes to the page, message by message: a list of dicts."""
    found = []

    def send(self, message, buffers=None):
        found.append(message["state"])

    with mock.patch.object(View, "_send", send):
        yield found


def test_a_step_is_one_message_with_what_has_changed(sent):
    dot = Dot()
    sent.clear()
    dot.controls["x"].value = 0.9
    assert [set(state) for state in sent] == [{"moving", "words"}]
    dot.controls["shade"].value = 0.5
    assert [set(state) for state in sent[1:]] == [{"scenery", "words", "names"}]
    dot.controls["fail"].value = "draw"
    assert [set(state) for state in sent[2:]] == [{"status"}]
    dot.set(x=0.2, fail="no")
    assert [set(state) for state in sent[3:]] == [{"moving", "words", "status"}]


def test_the_scenery_is_drawn_again_only_when_the_scene_changes():
    dot = Dot()
    scenes, base, scenery, _, _ = dot.scenes, *shown(dot)
    dot.controls["x"].value = 0.9
    assert dot.scenes == scenes
    assert dot.view.scenery is scenery
    dot.controls["shade"].value = 0.5
    assert dot.scenes == scenes + 1
    assert dot.view.scenery != scenery
    assert dot.view.base is base
    assert shown(dot)[:3] == recorded(dot)


def test_lines_that_are_as_they_were_are_not_recorded_again():
    class Two(Dot):
        def build(self, figure):
            super().build(figure)
            (self.other,) = self.moving(self.drag_axes.plot([0, 1], [0, 1], "-o"))

    dot = Two()
    with mock.patch.object(Line2D, "draw", autospec=True, side_effect=Line2D.draw) as draw:
        dot.other.set_data([0, 1], [0, 1])  # as it was
        dot.controls["x"].value = 0.9
        assert [call.args[0] for call in draw.mock_calls] == [dot.dot]
    assert shown(dot)[:3] == recorded(dot)
    for change in {"color": "red"}, {"markevery": np.array([0, 1])}, {"markevery": np.array([1])}, {"ydata": [0, 2]}:
        dot.other.set(**change)
        dot.controls["x"].value += 0.1 if dot.settings["x"] < 0.5 else -0.1
        assert shown(dot)[:3] == recorded(dot), change


def test_refresh_draws_what_is_neither_moving_nor_scenery():
    dot = Dot()
    before = shown(dot)
    dot.drag_axes.set_facecolor("0.8")
    dot.set()
    assert shown(dot) == before
    dot.refresh()
    dot.set()
    assert dot.view.base != before[0]
    assert shown(dot)[:3] == recorded(dot)


def test_agg_paints_only_what_is_asked_for():
    dot = Dot()
    with mock.patch("workbench.live.figure.png", side_effect=png) as painted:
        dot.controls["x"].value = 0.9
        assert not painted.called
        first = dot.png
        assert dot.png is first
        assert painted.call_count == 1
        dot.controls["x"].value = 0.5
        assert dot.png != first
    assert shown(dot)[:3] == recorded(dot)  # painting has changed nothing


def test_redraw_draws_though_no_setting_has_changed():
    dot = Dot()
    frames = dot.frames
    dot.set(x=0.5)
    assert dot.frames == frames
    dot.redraw()
    assert dot.frames == frames + 1
    dot.redraw(x=0.9, y=0.9)
    assert dot.frames == frames + 2
    dot.redraw(**dot.initial)
    assert dot.settings == dot.initial == Dot().settings


def test_a_figure_may_do_something_else_with_the_pointer():
    class Pen(Dot):
        def begin_drag(self):
            self.strokes = []

        def drag_to(self, x, y):
            self.strokes.append((round(x, 6), round(y, 6)))

    pen = Pen()
    drag(pen, (0.25, 0.5), (0.75, 0.5))
    assert pen.strokes == [(0.25, 0.5), (0.25, 0.5), (0.75, 0.5)]
    assert pen.settings == pen.initial


def test_moving_lines_are_empty_at_first_and_styled_by_name():
    class Lines(Dot):
        def build(self, figure):
            super().build(figure)
            styles = {"a": {"color": "red", "linewidth": 3}, "b": {"color": "blue"}}
            self.named = self.moving_lines(self.drag_axes, styles, linewidth=1, markersize=4)
            self.alone = self.moving_line(self.drag_axes, "--", color="black")

    live = Lines()
    assert [(line.get_color(), line.get_linewidth()) for line in live.named.values()] == [("red", 3), ("blue", 1)]
    for line in *live.named.values(), live.alone:
        assert line.get_animated()
        assert line.get_xydata().size == 0


def test_callbacks_on_two_threads_take_turns():
    class Slow(Dot):
        drawing = overlaps = 0

        def draw(self, x, y, fail):
            self.drawing += 1
            time.sleep(0.005)  # the other thread would come in here
            self.overlaps += self.drawing - 1
            self.drawing -= 1
            return super().draw(x, y, fail)

    dot = Slow()

    def move(name, values):
        for value in values:
            dot.controls[name].value = value
            dot.set(**{name: value / 2})

    threads = [
        threading.Thread(target=move, args=(n, v)) for n, v in (("x", [0.2, 0.8] * 5), ("shade", [0.2, 0.4] * 5))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dot.overlaps == 0
    assert_well(dot)
    assert shown(dot)[:3] == recorded(dot)


def test_the_same_settings_are_drawn_once():
    dot = Dot()
    frames = dot.frames
    dot.set(x=0.5)
    dot.controls["x"].value = np.nextafter(0.5, 1)  # as a browser may round it
    assert dot.frames == frames
    dot.refresh()
    dot.set()
    assert dot.frames == frames + 1


def test_set_changes_several_settings_with_one_frame():
    dot = Dot()
    frames = dot.frames
    dot.set(x=0.1, y=0.2, shade=0.3)
    assert dot.frames == frames + 1
    assert dot.settings == {"x": 0.1, "y": 0.2, "shade": 0.3, "fail": "no"}


def test_set_names_a_value_that_is_no_choice():
    with pytest.raises(ValueError, match="^fail is 'maybe'; allowed: no, draw, scene$"):
        Dot().set(fail="maybe")
    with pytest.raises(ValueError, match="^shade is 0.123; allowed: 0.01, 0.011, 0.012"):
        Dot().set(shade=0.123)


def test_set_names_an_unknown_setting():
    with pytest.raises(ValueError, match="^z is not a setting; allowed: x, y, shade, fail$"):
        Dot().set(z=1)


@pytest.mark.parametrize("where", ["draw", "scene"])
def test_a_callback_that_raises_shows_its_message_and_the_figure_goes_on(where):
    dot = Dot()
    good, picture = shown(dot), pixels(dot)
    dot.controls["fail"].value = where
    said = {"draw": "ValueError: x < y is <b>bad</b>", "scene": "RuntimeError: no scene"}[where]
    message = f"This setting failed. {said}"
    assert dot.view.status == message
    assert shown(dot) == good
    dot.set(x=0.7, shade=0.9)  # still failing
    assert dot.view.status == message
    assert shown(dot) == good
    dot._png = None
    np.testing.assert_array_equal(pixels(dot), picture)
    dot.controls["fail"].value = "no"
    assert_well(dot)
    assert "0.7, 0.5" in dot.words
    assert shown(dot)[:3] == recorded(dot)


def test_draw_may_tell_of_a_part_that_failed_and_draws_the_rest():
    class Telling(Dot):
        def draw(self, x, y, fail):
            if x > 0.5:
                self.tell("One is missing.")
            if x > 0.8:
                self.tell("Another one, too.")
            return super().draw(x, y, fail)

    dot = Telling()
    assert dot.view.status == ""
    dot.set(x=0.7)
    assert dot.view.status == "One is missing."
    assert "It is at 0.7, 0.5." in dot.words
    dot.set(x=0.9)
    assert dot.view.status == "One is missing. Another one, too."
    dot.set(x=0.1)
    assert dot.view.status == ""


def test_an_error_while_the_figure_is_made_is_raised():
    class Broken(Dot):
        def draw(self, x):
            raise RuntimeError("broken from the start")

    with pytest.raises(RuntimeError, match="broken from the start"):
        Broken()


def buttons(live):
    return {b.description: b for b in live.children[0].children if isinstance(b, widgets.Button)}


def test_reset_and_presets():
    dot = Dot()
    before = shown(dot)
    dot.set(x=0.1, shade=0.9)
    buttons(dot)["Corner"].click()
    assert dot.settings == {"x": 1.0, "y": 1.0, "shade": 0.1, "fail": "no"}
    buttons(dot)["Reset"].click()
    assert dot.settings["x"] == 0.5
    assert shown(dot) == before


def test_output_for_viewers_without_widgets():
    dot = Dot()
    dot.set(x=0.9)
    data, metadata = dot._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == dot.png
    assert data["text/plain"] == dot.words == metadata["image/png"]["alt"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == dot.model_id


def test_drag():
    dot = Dot()
    drag(dot, (0.5, 0.5), (0.72, 0.28))
    assert (dot.settings["x"], dot.settings["y"]) == (0.7, 0.3)
    drag(dot, (0.2, 0.9), stroke=2)
    assert (dot.settings["x"], dot.settings["y"]) == (0.2, 0.9)


def test_a_press_and_a_move_that_come_as_one_message_are_one_frame():
    dot = Dot()
    frames = dot.frames
    dot.view.pointer = [1, *pixel_of(dot, 0.5, 0.5), *pixel_of(dot, 0.72, 0.28)]
    assert (dot.settings["x"], dot.settings["y"]) == (0.7, 0.3)
    assert dot.frames == frames + 1


def test_drag_beyond_the_sliders_stays_at_their_ends():
    dot = Dot()
    drag(dot, (0.5, 0.5), (7, -7))
    assert (dot.settings["x"], dot.settings["y"]) == (1.0, 0.0)


def test_a_press_outside_of_the_axes_does_not_drag():
    dot = Dot()
    drag(dot, (-0.2, 0.5), (0.9, 0.9))
    assert dot.settings["x"] == 0.5


def test_where_the_page_listens_to_the_pointer():
    class Along(Dot):
        def build(self, figure):
            super().build(figure)
            self.drag_controls = ("x",)

    class Still(Dot):
        def build(self, figure):
            super().build(figure)
            self.drag_axes = None

    dot = Dot()
    left, top, right, bottom = dot.view.drag["axes"]
    assert (left, top) == pytest.approx(pixel_of(dot, 0, 1))
    assert (right, bottom) == pytest.approx(pixel_of(dot, 1, 0))
    assert dot.view.drag["action"] == "pinch-zoom"
    assert Along().view.drag["action"] == "pan-y pinch-zoom"  # a finger that goes up or down scrolls the page
    assert Still().view.drag is None


@pytest.mark.parametrize("per_decade", [5, 10, 20])
def test_round_numbers_are_round_and_nearly_even(per_decade):
    numbers = round_numbers(1e-3, 10, per_decade)
    assert (numbers[0], numbers[-1], len(numbers)) == (1e-3, 10, 4 * per_decade + 1)
    assert all(float(f"{n:.1e}") == n for n in numbers)
    ratios = np.divide(numbers[1:], numbers[:-1]) / 10 ** (1 / per_decade)
    assert ratios.min() > 0.9
    assert ratios.max() < 1.1


def test_log_slider_has_its_start_value_once():
    assert [v for _, v in log_slider("η", 0.35, 0.1, 1, 5).options] == [0.1, 0.15, 0.25, 0.35, 0.4, 0.6, 1]
    assert [v for _, v in log_slider("η", 0.1 * 3 / 3, 0.1, 1, 5).options] == [0.1 * 3 / 3, 0.15, 0.25, 0.4, 0.6, 1]


def test_snap_hits_values_that_the_slider_can_reach():
    control = slider("x", -7.0, -10.0, 10.0, 0.1)
    assert snap(control, 3.14159) == 3.1
    assert snap(control, 99) == 10.0
    assert snap(control, -99) == -10.0


@pytest.mark.parametrize(
    ("text", "value"), [("3.14", 3.1), ("−3,14", -3.1), (" 1e0 ", 1.0), ("99", 10.0), ("-99", -10.0)]
)
def test_what_is_typed_is_the_nearest_in_reach(text, value):
    assert typed(slider("x", -7.0, -10.0, 10.0, 0.1), text) == value


def test_what_is_typed_beside_other_sliders():
    assert typed(slider("n", 3, 0, 20, 1), "7.6") == 8
    given = log_slider("η", 0.1, 0.01, 1, 5)
    assert [typed(given, text) for text in ("0.16", "5", "0", "0.025")] == [0.15, 1, 0.01, 0.025]
    assert typed(stops("batch", [("all", 1000), ("1", 1)], 1), "all") == 1000


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "1 2"])
def test_what_is_typed_and_is_no_number(text):
    with pytest.raises(ValueError, match=f"'{text}' is no number"):
        typed(slider("x", 0, 0, 3, 1), text)


def test_a_typed_number_moves_the_figure_and_another_text_says_so():
    dot = Dot()
    dot.view.typed = ["shade", "0.52", 1]
    assert dot.settings["shade"] == 0.5
    dot.view.typed = ["shade", "dark", 2]
    assert dot.settings["shade"] == 0.5
    assert dot.view.status == "shade: 'dark' is no number"
    dot.view.typed = ["shade", "0.5", 3]
    assert dot.view.status == ""


def test_names_for_screen_readers():
    dot = Dot()
    assert dot.view.names == {"x": "x", "y": "y", "shade": "shade: 0.1", "fail": "fail"}
    dot.controls["shade"].value = 0.5
    assert dot.view.names["shade"] == "shade: 0.5"
    for name, control in dot.controls.items():
        assert f"control-{name}" in control._dom_classes
        assert control.tooltip == control.description


def test_a_control_may_have_a_longer_name_than_its_label():
    class Longer(Dot):
        def make_controls(self):
            controls = super().make_controls()
            controls["x"].tooltip = 'the "x" of the dot'
            return controls

    assert Longer().view.names["x"] == 'the "x" of the dot'
