"""The frame that comes next, made before anybody asks for it: a slider that went a step often goes the same step again.

Between two presses of a key a kernel has nothing to do. The frame after the one that is shown is made then, so that the
next press finds it ready, however long its numbers take. While a slider is dragged nothing is made ahead: the values
follow one another too fast.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import ipywidgets as widgets

from workbench.live import controls

PAUSE = 0.02  # seconds after a frame: when somebody drags, the next value is there by then
LONGEST = 0.05  # seconds that a frame may take to be made ahead: whoever turns back waits for its end


class Frame(NamedTuple):
    """What a figure shows at some settings: recordings by their names, the result in words, and what failed."""

    settings: dict
    recordings: dict
    result: str
    told: str


def following(sliders: dict[str, widgets.Widget], before: dict, now: dict) -> dict | None:
    """The settings after one more step like the one from `before` to `now`.

    None where that was no step of one slider, and where the next one would lead beyond its end.
    """
    moved = [name for name in now if now[name] != before[name]]
    if len(moved) != 1:
        return None
    (name,) = moved
    value = controls.further(sliders[name], before[name], now[name])
    return None if value is None else now | {name: value}


def later(act: Callable[[], None]) -> None:
    """Call `act` after PAUSE on the thread that calls this, when its event loop has nothing else to do.

    Does nothing outside of an event loop: no page waits for an answer there.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    loop.call_later(PAUSE, act)
