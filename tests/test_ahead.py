"""The frame that comes next is made ahead: what is shown is the same with it and without, for all live figures."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import Phase, given
from hypothesis import settings as options
from hypothesis import strategies as st
from live_figures import EXPLORERS, explorer, put, recorded, shown
from test_live import Dot

from workbench.drawing import styles
from workbench.live import ahead, controls


def steps(live, name):
    """The value of a slider one step farther from here, and that of two steps; None where it has no room for both."""
    control, first = live.controls[name], live.settings[name]
    if values := controls.options(control):
        index = values.index(first)
        return values[index + 1 : index + 3] if index + 2 < len(values) else None
    there = [round(first + k * control.step, 12) for k in (1, 2)]
    return there if there[1] <= control.max else None


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPLORERS)
@options(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
@given(data=st.data())
def test_what_is_shown_is_the_same_as_without(name, data):
    live, any_settings, _ = explorer(name)
    put(live, data.draw(any_settings))
    sliders = [key for key, control in live.controls.items() if hasattr(control, "readout") and steps(live, key)]
    if not sliders:
        return
    slider = data.draw(st.sampled_from(sliders))
    (first, second), before = steps(live, slider), live.settings
    live.set(**{slider: first})
    seen, at_first = shown(live), live.png
    live._look_ahead(before, live.settings)
    assert shown(live) == seen
    live._png = None
    assert live.png == at_first  # which brings the artists back
    live._look_ahead(before, live.settings)
    put(live, {slider: second} if data.draw(st.booleans()) else data.draw(any_settings))
    assert shown(live)[1:3] == recorded(live, base=False)
    words, picture = live.words, shown(live)[:3]
    live.refresh()
    live.set()
    assert live.words == words
    assert shown(live)[:3] == picture


def after(live, *values, pause=2 * ahead.PAUSE):
    """Move the slider x to these values within an event loop, as a kernel does; returns the frames drawn at each."""

    async def moves():
        frames = [live.frames]
        for value in values:
            live.controls["x"].value = value
            await asyncio.sleep(pause)
            frames.append(live.frames)
        return [b - a for a, b in pairwise(frames)]

    return asyncio.run(moves())


def test_the_next_step_finds_its_frame():
    dot = Dot()
    assert after(dot, 0.6, 0.7, 0.8) == [2, 1, 1]
    frames = dot.frames
    dot.controls["x"].value = 0.9
    assert dot.frames == frames
    assert dot.words.endswith("It is at 0.9, 0.5.")
    assert shown(dot)[:3] == recorded(dot)


def test_whoever_turns_back_gets_a_frame_of_that():
    dot = Dot()
    assert after(dot, 0.6, 0.5) == [2, 2]
    assert dot.words.endswith("It is at 0.5, 0.5.")


def test_a_slider_that_is_dragged_makes_no_frame_ahead():
    assert after(Dot(), 0.6, 0.7, 0.8, pause=0) == [1, 1, 1]


def test_outside_of_an_event_loop_nothing_is_made_ahead():
    dot = Dot()
    frames = dot.frames
    dot.controls["x"].value = 0.6
    assert dot.frames == frames + 1


def test_a_value_that_comes_back_from_the_browser_draws_nothing():
    dot = Dot()
    after(dot, 0.6)
    frames, seen = dot.frames, shown(dot)
    dot.set(x=0.6 + 1e-16)
    assert dot.frames == frames
    assert shown(dot) == seen


def test_a_frame_that_fails_is_told_when_it_is_asked_for():
    class Fragile(Dot):
        def draw(self, x, y, fail):
            if x > 0.65:
                raise ValueError("too far")
            return super().draw(x, y, fail)

    dot = Fragile()
    after(dot, 0.6)
    assert dot.view.status == ""
    assert shown(dot)[:3] == recorded(dot)
    dot.controls["x"].value = 0.7
    assert "too far" in dot.view.status


def test_a_scene_is_not_made_ahead():
    dot = Dot()

    async def move():
        dot.controls["shade"].value = 0.11
        await asyncio.sleep(2 * ahead.PAUSE)

    scenes = dot.scenes
    asyncio.run(move())
    assert dot.scenes == scenes + 1


def test_nothing_is_made_ahead_while_another_thread_draws_or_what_stands_is_old():
    dot = Dot()
    before = dot.settings
    dot.controls["x"].value = 0.6
    now, frames = dot.settings, dot.frames

    async def elsewhere():
        with styles.DRAWING:
            await asyncio.to_thread(dot._look_ahead, before, now)

    asyncio.run(elsewhere())
    dot.refresh()
    dot._look_ahead(before, now)
    assert dot.frames == frames


def test_the_next_settings():
    sliders = Dot().controls
    now = {name: control.value for name, control in sliders.items()}

    def following(**before):
        return ahead.following(sliders, now | before, now)

    assert following(x=0.3) == now | {"x": 0.7}
    assert following(x=0.6) == now | {"x": 0.4}
    assert following(shade=0.11) == now | {"shade": 0.09}
    assert following(x=-0.1) is None  # beyond the end
    assert following(x=0.3, y=0.3) is None
    assert following(fail="draw") is None
    assert following() is None
