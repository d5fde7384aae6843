"""Settings travel: keywords of figures, their state as a line of code, pictures and animations as files."""

import io
import shutil
from unittest import mock

import ipywidgets as widgets
import numpy as np
import own_things
import pytest
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st
from live_figures import EXPLORERS, explorer, fresh, pixels, put, recorded, shown
from PIL import Image
from test_live import Dot, buttons

from lessons.choosing_an_optimizer.figures import Race
from workbench.live import saving
from workbench.live.controls import place_slider, possible


def again(live, name):
    """The figure that its line of code makes, by the names that a notebook would have."""
    kind = EXPLORERS[name]
    names = {type(live).__name__: kind} | vars(own_things)
    code = live.code
    if name.startswith("own."):  # made with a learner's own things by now: these need not be named again
        for given in live.given:
            assert f"{given}=" in code
        names[type(live).__name__] = lambda **keywords: kind(
            **{key: value for key, value in keywords.items() if key not in live.given}
        )
    assert "\n" not in code
    return eval(code, names)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPLORERS)
@options(max_examples=3, deadline=None)
@given(data=st.data())
def test_the_code_of_a_figure_makes_it_again(name, data):
    live = fresh(name)
    assert live.code == f"{type(live).__name__}({', '.join(f'{key}={code}' for key, code in live.given.items())})"
    put(live, data.draw(explorer(name).settings))
    if hasattr(live, "trained"):  # its losses would have to be trained first
        live.set(**{key: value for key, value in live.initial.items() if key != "optimizer"})
    other = again(live, name)
    assert other.settings == live.settings
    if not hasattr(live, "trained"):
        assert other.words == live.words
        assert shown(other) == shown(live)
    other.set(**other.initial)
    assert other.settings == live.settings  # Reset goes to what was given


def test_only_what_has_changed_is_told():
    race = Race()
    assert race.code == "Race()"
    race.set(lr_Adam=0.02, show_SGD=False)
    assert race.code == "Race(show_SGD=False, lr_Adam=0.02)"
    race.set(landscape="Rosenbrock", start_x=-1.45)
    assert race.code == 'Race(landscape="Rosenbrock", start=(-1.45, 2.0), show_SGD=False, lr_Adam=0.02)'


@pytest.mark.slow
def test_a_start_that_is_as_at_first_is_told_with_another_landscape():
    race = Race(landscape="rotated bowl", start=Race().landscapes["bowl"].start)
    assert race.code == 'Race(landscape="rotated bowl", start=(-7.0, 2.0))'


def test_keywords_are_settings_and_reset_goes_back_to_them():
    dot = Dot(x=0.2, shade=0.5)
    assert dot.settings == {"x": 0.2, "y": 0.5, "shade": 0.5, "fail": "no"}
    assert "It is at 0.2, 0.5." in dot.words
    dot.set(x=0.9)
    dot.reset()
    assert dot.settings["x"] == 0.2
    assert dot.code == "Dot(x=0.2, shade=0.5)"


def test_a_pair_of_places_is_one_keyword():
    race = Race(start=(3, -1))
    assert (race.settings["start_x"], race.settings["start_y"]) == (3, -1)
    race.set(landscape="Beale", start=(2.0, -1.5))
    assert (race.settings["start_x"], race.settings["start_y"]) == (2.0, -1.5)
    for start in (1, (1,), (1, 2, 3), ("a", "b"), (np.nan, 1), None):
        with pytest.raises(ValueError, match="^start (is|has) .*; allowed: "):
            race.set(start=start)


IMPOSSIBLE = {
    "z": (1, "z is not a setting; allowed: x, y, shade, fail"),
    "x": (1.5, "x is 1.5; allowed: 0 to 1"),
    "y": ("a", "y is 'a'; allowed: 0 to 1"),
    "shade": (0.123, "shade is 0.123; allowed: 0.01, 0.011"),
    "fail": ("maybe", "fail is 'maybe'; allowed: no, draw, scene"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_settings_are_named(name):
    value, message = IMPOSSIBLE[name]
    with pytest.raises(ValueError, match=f"^{message}"):
        Dot(**{name: value})
    dot = Dot()
    before = shown(dot)
    with pytest.raises(ValueError, match=f"^{message}"):
        dot.set(**{"shade": 0.5, "y": 0.1} | {name: value})
    assert shown(dot) == before
    assert dot.settings == Dot().settings


@pytest.mark.slow
def test_of_several_settings_one_of_which_is_impossible_none_is_taken():
    race = Race()
    with pytest.raises(ValueError, match="^start_x is 7; allowed: −2 to 2"):
        race.set(landscape="Rosenbrock", start_x=7)
    assert race.settings == Race().settings
    assert (race.controls["start_x"].min, race.controls["start_x"].max) == (-10, 10)


@pytest.mark.parametrize(
    ("control", "good", "bad"),
    [
        (widgets.IntSlider(value=1, min=0, max=9), [0, 9, np.int64(3)], [-1, 10, 0.5, "1", None, np.nan]),
        (
            widgets.FloatSlider(value=1, min=0, max=9),
            [0, 9.0, np.float32(0.5)],
            [-0.1, 9.1, np.inf, "1", None, 1j, [1.0]],
        ),
        (widgets.Checkbox(True), [True, False, np.bool_(True)], [1, 0, "on", None]),
        (widgets.Dropdown(options=["a", "b"]), ["a", "b"], ["c", 1, None, ["a"], np.ones(2)]),
        (widgets.SelectionSlider(options=[("one", 1.0), ("two", 2.0)]), [1, 2.0], ["one", 3, None]),
    ],
)
def test_what_a_control_can_have(control, good, bad):
    for value in good:
        assert possible("it", control, value) == value
    for value in bad:
        with pytest.raises(ValueError, match="^it is .*; allowed: "):
            possible("it", control, value)


@pytest.mark.parametrize(
    ("limits", "step", "digits"), [((-10, 10), 0.01, 2), ((0, 1e-3), 1e-6, 6), ((-300, 200), 1, 0), ((0, 1e6), 1e3, 0)]
)
def test_sliders_for_places_of_any_size(limits, step, digits):
    control = place_slider("x", limits[0], limits)
    assert (control.step, control.readout_format) == (step, f".{digits}f")


# The buttons


def test_the_button_shows_the_code_until_something_changes():
    dot = Dot()
    dot.set(x=0.9)
    assert dot.view.code == ""
    buttons(dot)["Settings as code"].click()
    assert dot.view.code == dot.code == "Dot(x=0.9)"
    dot.controls["x"].value = 0.8
    assert dot.view.code == ""


@pytest.mark.parametrize("name", EXPLORERS)
def test_all_figures_have_the_buttons(name):
    live = explorer(name).live
    found = [button for button in live.buttons() if isinstance(button, widgets.Button)]
    texts = [button.description for button in found]
    assert {"Reset", "Settings as code", "Save picture"} <= set(texts)
    assert all(button.tooltip for button in found if button.description in ("Reset", "Save picture"))
    assert live.view.name == type(live).__name__


# Files


@pytest.mark.parametrize("kind", saving.PICTURES)
def test_a_picture_is_saved_at_print_resolution(kind, tmp_path, capsys):
    dot = Dot()
    before = recorded(dot), pixels(dot)
    dot.save(tmp_path / f"dot.{kind}")
    assert capsys.readouterr().out.startswith(f"Written: {tmp_path / 'dot'}.{kind}, ")
    contents = (tmp_path / f"dot.{kind}").read_bytes()
    assert contents.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind])
    dot.save(tmp_path / f"again.{kind.upper()}")
    if kind == "png":
        image = Image.open(io.BytesIO(contents))
        assert image.size == (900, 600)  # 3 × 2 inches
        assert image.info["Description"] == dot.words
        small = np.asarray(image.convert("RGB").resize((300, 200), Image.Resampling.BOX), float)
        assert np.abs(small - pixels(dot)).mean() < 4
    dot._png = None
    assert recorded(dot) == before[0] == shown(dot)[:3]
    np.testing.assert_array_equal(pixels(dot), before[1])


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPLORERS)
def test_saving_leaves_every_figure_as_it_was(name, tmp_path):
    live = explorer(name).live
    before = shown(live)
    live.save(tmp_path / "figure.png")
    assert shown(live) == before
    assert recorded(live) == before[:3]


@pytest.mark.parametrize("path", ["dot", "dot.jpg", "dot.gif", 3, None, ""])
def test_other_endings_are_named(path):
    with pytest.raises(ValueError, match="^path is .*; allowed: a file name that ends in .png, .svg, .pdf$"):
        Dot().save(path)


def test_an_animation_goes_from_end_to_end_and_back(tmp_path, capsys):
    dot = Dot(x=0.3)
    before = shown(dot)
    dot.animate("x", tmp_path / "dot.gif")
    assert "x, frames: 11" in capsys.readouterr().out
    with Image.open(tmp_path / "dot.gif") as image:
        assert (image.n_frames, image.size, image.info["loop"]) == (20, (300, 200), 0)
        frames = []
        for k in range(image.n_frames):
            image.seek(k)
            frames.append(np.asarray(image.convert("L"), float))
    assert shown(dot) == before
    for k in range(1, 10):
        np.testing.assert_array_equal(frames[k], frames[20 - k])
    dot.set(x=1.0)
    assert np.abs(frames[10] - pixels(dot).mean(axis=2)).mean() < 2
    assert np.abs(frames[0] - frames[10]).max() > 100


def test_what_cannot_be_animated():
    dot = Dot()
    for control in ("fail", "z", None):
        with pytest.raises(ValueError, match="^control is .*; allowed: x, y, shade$"):
            dot.animate(control, "dot.gif")
    with pytest.raises(ValueError, match="^path is .*; allowed: a file name that ends in .gif, .mp4$"):
        dot.animate("x", "dot.png")
    with mock.patch.object(shutil, "which", return_value=None), pytest.raises(ValueError, match="^path is .*ffmpeg"):
        dot.animate("x", "dot.mp4")


def test_an_animation_that_is_broken_off_leaves_the_figure_as_it_was(tmp_path):
    dot = Dot()
    before = shown(dot)
    broken = mock.patch.object(Dot, "png", new_callable=mock.PropertyMock, side_effect=[b"", KeyboardInterrupt])
    with broken, pytest.raises(KeyboardInterrupt):
        dot.animate("x", tmp_path / "dot.gif")
    assert shown(dot) == before
    assert list(tmp_path.iterdir()) == []


FFMPEG = """#!{python}
import sys
raw = sys.stdin.buffer.read()
width, height = map(int, sys.argv[sys.argv.index("-s") + 1].split("x"))
if width == 2:
    sys.exit("no such size")
open(sys.argv[-1], "w").write(f"{{width}} {{height}} {{len(raw) // (3 * width * height)}}")
"""


@pytest.mark.skipif("sys.platform == 'win32'")
def test_ffmpeg_is_given_all_frames_in_even_sizes(tmp_path, monkeypatch):
    """By a program that stands for ffmpeg and writes what it was given."""
    import sys

    program = tmp_path / "ffmpeg"
    program.write_text(FFMPEG.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    def png(size):
        contents = io.BytesIO()
        Image.new("RGB", size).save(contents, "png")
        return contents.getvalue()

    assert saving.animation([png((7, 5))] * 4, "mp4") == b"6 4 6"
    with pytest.raises(RuntimeError, match="^ffmpeg failed: no such size"):
        saving.animation([png((3, 5))] * 4, "mp4")


@pytest.mark.skipif("not __import__('shutil').which('ffmpeg')", reason="no ffmpeg")
def test_ffmpeg_makes_a_film(tmp_path):
    Dot().animate("x", tmp_path / "dot.mp4")
    assert b"ftyp" in (tmp_path / "dot.mp4").read_bytes()[:16]


def test_many_stops_are_left_out_evenly():
    assert saving.stops(widgets.IntSlider(value=0, min=0, max=10)) == list(range(11))
    stops = saving.stops(widgets.FloatSlider(value=0, min=-1, max=1, step=0.001))
    assert (len(stops), stops[0], stops[-1]) == (saving.MOST_FRAMES, -1, 1)
    assert np.ptp(np.diff(stops)) < 0.0021
    assert saving.stops(widgets.SelectionSlider(options=[("a", 3), ("b", 1)])) == [3, 1]
