"""What tests of live figures share: all that the lessons have, their settings at random, what they show."""

import functools
import importlib
import re
from io import BytesIO
from typing import NamedTuple
from unittest import mock

import ipywidgets as widgets
import numpy as np
import own_things
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser
from PIL import Image

from lessons import ORDER
from workbench.live.figure import LiveFigure
from workbench.live.recording import packed

# Fifty figures in one process have more formulas at their axes than Matplotlib keeps, which is fifty: reading the same
# ones again and again would take a fifth of the time of these tests.
MathTextParser._parse_cached = functools.cache(MathTextParser._parse_cached.__wrapped__)

OWN_TROUBLE = re.compile(
    rf"((?:^| )({'|'.join(own_things.OPTIMIZERS)}) (diverged at step \d+|has raised \w+: [^.]+)\.)*"
)


def all_explorers():
    """Every live figure of the lessons: a new one is tested without being listed anywhere. Then own_things.py's."""
    found = {}
    for lesson in ORDER:
        for name, c in vars(importlib.import_module(module := f"lessons.{lesson}.figures")).items():
            if isinstance(c, type) and issubclass(c, LiveFigure) and c.__module__ == module:
                found[f"{lesson}.{name}"] = c
    return found | own_things.EXPLORERS


EXPLORERS = all_explorers()


class Explorer(NamedTuple):
    """A live figure, all its settings at random, and what was shown when it was made."""

    live: LiveFigure
    settings: st.SearchStrategy
    first: tuple


@functools.cache
def explorer(name):
    """One of each kind for all tests of a process, since making one takes half a second; each test sets it first.

    The settings are those at the start: the limits of some sliders depend on what another control shows.
    """
    live = EXPLORERS[name]()
    return Explorer(live, settings(live), shown(live))


def fresh(name):
    """The live figure of `explorer` as it is at first."""
    live = explorer(name).live
    live.reset()
    return live


def options(control):
    return [o[1] if isinstance(o, tuple) else o for o in control.options]


def values(control):
    """All values that a control can take, as a hypothesis strategy."""
    if isinstance(control, widgets.Checkbox | widgets.ToggleButton):
        return st.booleans()
    if isinstance(control, widgets.Dropdown | widgets.ToggleButtons | widgets.SelectionSlider | widgets.RadioButtons):
        return st.sampled_from(options(control))
    if isinstance(control, widgets.IntSlider):
        return st.integers(control.min, control.max)
    steps = round((control.max - control.min) / control.step)
    return st.integers(0, steps).map(lambda i: min(control.min + i * control.step, control.max))


def extremes(control):
    """The values at the ends of a slider, all values of other controls."""
    if isinstance(control, widgets.Checkbox | widgets.ToggleButton):
        return [False, True]
    if hasattr(control, "options"):
        values = options(control)
        return [values[0], values[-1]] if isinstance(control, widgets.SelectionSlider) else values
    return [control.min, control.max]


def settings(live):
    """All settings of a live figure at random."""
    return st.fixed_dictionaries({name: values(control) for name, control in live.controls.items()})


def put(live, values):
    """Set all these; places that another landscape does not have become the nearest that it has."""
    if "landscape" in values:
        with mock.patch.object(live, "paused", True):  # no frame of it alone
            live.set(landscape=values["landscape"])
    controls = {name: live.controls[name] for name in values}
    near = {
        name: min(max(values[name], control.min), control.max)
        for name, control in controls.items()
        if isinstance(control, widgets.FloatSlider)
    }
    live.set(**values | near)


def shown(live):
    """What the page has of a live figure now: the three recordings that it draws, and the words."""
    return live.view.base, live.view.scenery, live.view.moving, live.view.words


def recorded(live, base=True):
    """The three recordings made anew, all of them; base=False: without that of the base, which takes longest."""
    in_order = (sorted(artists, key=lambda a: a.get_zorder()) for artists in (live._scenery, live._moving))
    others = tuple(packed([o for a in artists for o in live._recorder.record(a.draw)]) for artists in in_order)
    return (packed(live._recorder.record(live._draw_base)), *others) if base else others


def pixels(live):
    """The picture that Agg paints of it now, shape (height, width, 3), from 0 to 255."""
    return np.asarray(Image.open(BytesIO(live.png)).convert("RGB"))


def assert_well(live):
    """Nothing in the status line but what own optimizers do, no empty line and no number that is none in the words."""
    assert OWN_TROUBLE.fullmatch(live.view.status), live.view.status
    assert all(line.strip() for line in live.words.splitlines()), live.words
    words = live.words.lower().replace("(", " ").replace(",", " ").split()
    assert not {"nan", "inf", "−inf", "none"} & {word.strip(".);:") for word in words}, live.words
