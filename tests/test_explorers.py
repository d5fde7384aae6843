"""Every live figure of the lessons: any setting works, every control does something, the page has what stands."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st
from live_figures import EXPLORERS, assert_well, explorer, extremes, fresh, put, recorded, shown

each = pytest.mark.parametrize("name", EXPLORERS)


@each
@options(options.get_profile("random settings"), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_settings(name, data):
    live, any_settings, _ = explorer(name)
    put(live, data.draw(any_settings))
    assert_well(live)


@pytest.mark.slow
@each
def test_extremes(name):
    """All controls at one end; one by one in test_figure_text.py."""
    live = fresh(name)
    ends = {key: extremes(control) for key, control in live.controls.items()}
    for pick in (0, -1):
        put(live, {key: values[pick] for key, values in ends.items()})
        assert_well(live)


@pytest.mark.slow
@each
def test_pairs_of_extremes(name):
    """Two settings at their ends at once: where divergence meets an empty figure."""
    live = fresh(name)
    ends = {key: extremes(control) for key, control in live.controls.items() if not isinstance(control.value, bool)}
    pairs = list(itertools.combinations(ends, 2))
    rng = np.random.default_rng(0)
    for index in rng.permutation(len(pairs))[:25]:
        a, b = pairs[index]
        for values in itertools.product(ends[a], ends[b]):
            put(live, live.initial | dict(zip((a, b), values, strict=True)))
            assert_well(live)


@pytest.mark.slow
@each
@options(max_examples=8, deadline=None, derandomize=True)
@given(data=st.data())
def test_the_page_has_what_stands(name, data):
    """A step sends only what has changed: what the page has then is what all artists draw."""
    live = fresh(name)
    put(live, data.draw(explorer(name).settings))
    assert shown(live)[1:3] == recorded(live, base=False)
    put(live, data.draw(explorer(name).settings))
    assert shown(live)[:3] == recorded(live)


@each
def test_every_control_changes_picture_and_words(name):
    live = fresh(name)
    for key, control in live.controls.items():
        if key.startswith("lr_"):  # a hidden path's learning rate shows the path, but only when a person moves it
            live.set(**{f"show_{key.removeprefix('lr_')}": True})
        *picture, words = shown(live)
        live.set(**{key: next(v for v in reversed(extremes(control)) if v != control.value)})
        assert shown(live)[:3] != tuple(picture), key
        assert live.words != words, key
        live.reset()


@pytest.mark.slow
@each
def test_reset_brings_the_first_frame_back(name):
    """That a new figure starts so, too, says test_own_figures.py."""
    live, first = fresh(name), explorer(name).first
    assert shown(live) == first
    assert shown(live)[:3] == recorded(live)
    put(live, {key: extremes(control)[-1] for key, control in live.controls.items()})
    live.reset()
    assert shown(live) == first


@each
def test_presets(name):
    live = fresh(name)
    first = shown(live)
    for values in live.presets.values():
        live.reset()
        live.set(**values)
        assert_well(live)
        assert shown(live) != first


@each
def test_controls_are_labelled_and_the_words_say_something(name):
    live = fresh(name)
    assert all(0 < len(control.description) <= 21 for control in live.controls.values())  # more is cut off on screen
    assert live.title.endswith(".")
    assert len(live.words) > 80
    if live.drag_axes is not None:
        assert set(live.drag_controls) <= set(live.controls)
