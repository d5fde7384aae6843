"""The controls of live figures: sliders, lists and check boxes of one look, and their values as a figure reads them."""

from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np

from workbench.checks import Number, Whole
from workbench.words import number, round_numbers

LABEL = {"description_width": "11em"}
WIDE = {"width": "33em"}  # two columns above a picture of 900 pixels
ROW = {"flex_flow": "row wrap", "align_items": "center"}


def slider(label: str, value: float, low: float, high: float, step: float, digits: int = 2) -> widgets.Widget:
    """A slider on a linear scale; arrow keys move it by `step`; whole numbers where `step` is one."""
    kind = widgets.IntSlider if isinstance(step, int) else widgets.FloatSlider
    return kind(
        value=value,
        min=low,
        max=high,
        step=step,
        description=label,
        readout_format="d" if kind is widgets.IntSlider else f".{digits}f",
        style=LABEL,
        layout=WIDE,
    )


def place_slider(label: str, value: float, limits: tuple[float, float]) -> widgets.FloatSlider:
    """A slider for a coordinate within limits of any size, in steps of a power of ten: some 400 to 4000 of them."""
    control = slider(label, value, *limits, 1.0)
    control.step, control.readout_format = place_step(*limits)
    return control


def place_step(low: float, high: float) -> tuple[float, str]:
    """The step of such a slider, and the format of the number beside it."""
    power = int(np.floor(np.log10((high - low) / 400)))
    return float(f"1e{power}"), f".{max(0, -power)}f"


def with_more(controls: dict[str, widgets.Widget], more: dict[str, widgets.Widget]) -> dict[str, widgets.Widget]:
    """All controls of two dicts. Raises ValueError for a name that is in both: it may come from a learner's class."""
    for name in more:
        if name in controls:
            raise ValueError(f"{name} is the name of two settings; allowed: another name for the optimizer")
    return controls | more


def log_slider(label: str, value: float, low: float, high: float, per_decade: int = 20) -> widgets.SelectionSlider:
    """A slider over `round_numbers` and its start value; arrow keys move it to the next one."""
    numbers = [n for n in round_numbers(low, high, per_decade) if not np.isclose(n, value, rtol=1e-9, atol=0)]
    return stops(label, [(number(n), n) for n in sorted([*numbers, value])], value)


def stops(label: str, options: Sequence, value: float) -> widgets.SelectionSlider:
    """A slider over given values, or pairs of a name and a value; arrow keys move it to the next one."""
    return widgets.SelectionSlider(value=value, options=options, description=label, style=LABEL, layout=WIDE)


def choice(label: str, options: Sequence[str], value: str) -> widgets.Dropdown:
    """A drop-down list of names."""
    return widgets.Dropdown(options=options, value=value, description=label, style=LABEL, layout=WIDE)


def checkbox(label: str, value: bool = False) -> widgets.Checkbox:
    """A check box."""
    return widgets.Checkbox(value, description=label, style=LABEL, layout=WIDE)


def value(control: widgets.Widget) -> bool | str | float:
    """A control's value; a slider's without the last bits, which differ between 0.1 and a browser's 0.01 + 9 · 0.01."""
    return round(control.value, 12) if isinstance(control, widgets.FloatSlider) else control.value


def in_words(value: bool | str | float) -> str:
    """A setting for people."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else number(value)


def options(control: widgets.Widget) -> list:
    """The values that a list or a slider over given values has; nothing for other controls."""
    return [o[1] if isinstance(o, tuple) else o for o in getattr(control, "options", ())]


def possible(name: str, control: widgets.Widget, value: object) -> object:
    """The value, if the control can have it. Raises ValueError, which names the setting, for any other."""
    if hasattr(control, "options"):
        allowed = options(control)
        if isinstance(value, np.ndarray | list) or value not in allowed:
            raise ValueError(f"{name} is {value!r}; allowed: {', '.join(map(str, allowed))}")
    elif isinstance(control, widgets.IntSlider):
        Whole(control.min, control.max).check(name, value)
    elif isinstance(control, widgets.FloatSlider):
        words = f"{number(control.min)} to {number(control.max)}"
        slack = 1e-9 * (control.max - control.min)  # of a multiple of the step
        Number(words, control.min - slack, control.max + slack).check(name, value)
    elif isinstance(control, widgets.Checkbox) and not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} is {value!r}; allowed: True, False")
    return value.item() if isinstance(value, np.generic) else value


def snap(slider: widgets.Widget, value: float) -> float:
    """The nearest value that the slider itself can reach."""
    steps = round((float(np.clip(value, slider.min, slider.max)) - slider.min) / slider.step)
    return round(slider.min + steps * slider.step, 10)


def further(control: widgets.Widget, before: float, now: float) -> float | None:
    """Where a slider is after one more step like that from `before` to `now`; None beyond its end and for no slider."""
    if isinstance(control, widgets.SelectionSlider):
        values = options(control)
        index = 2 * values.index(now) - values.index(before)
        return values[index] if 0 <= index < len(values) else None
    if isinstance(control, widgets.FloatSlider | widgets.IntSlider):
        there = round(2 * now - before, 12)  # as `value` has it
        return there if control.min <= there <= control.max else None
    return None


def typed(slider: widgets.Widget, text: str) -> float:
    """What a text typed beside a slider means: the name of a value, or a number, as the nearest value in reach.

    Raises ValueError for anything else.
    """
    named = {str(option[0]): option[1] for option in getattr(slider, "options", ()) if isinstance(option, tuple)}
    if text in named:
        return named[text]
    try:
        wanted = float(text.replace("−", "-").replace(",", "."))
    except ValueError:
        wanted = np.nan
    if not np.isfinite(wanted):
        raise ValueError(f"{text!r} is no number")
    values = [value for value in options(slider) if isinstance(value, int | float)]
    return min(values, key=lambda value: abs(value - wanted)) if values else snap(slider, wanted)
