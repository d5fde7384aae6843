"""A learner's own optimizers in live figures: what they may be, a slider for each number that they take, their runs."""

import inspect
from collections.abc import Callable
from numbers import Real

import numpy as np

import helpers
from workbench.checks import Constraint, refuse
from workbench.descent.optimizers import OPTIMIZERS
from workbench.descent.sweep import LRS
from workbench.descent.trajectory import Trajectory
from workbench.drawing.styles import OWN_STYLES
from workbench.live.controls import LABEL, WIDE, log_slider, slider

# What arguments without a default are at first; others would have no value to start with.
USUAL = {"lr": 0.01, "momentum": 0.9, "beta": 0.9, "beta1": 0.9, "beta2": 0.999, "rho": 0.9, "eps": 1e-8}
LONGEST = 12  # characters of a name, as it stands beside a slider


class OwnOptimizers(Constraint):
    """A learner's own optimizers by name; None for none. They are handed on as a dict from names to Own."""

    allowed = (
        f"a dict of at most {len(OWN_STYLES)} optimizers, from names of letters, digits and _, at most {LONGEST} of "
        f"them, none of {', '.join(OPTIMIZERS)}, to classes with `update(params, grads)`"
    )

    def check(self, name, value):
        if value is None:
            return {}
        if not isinstance(value, dict) or len(value) > len(OWN_STYLES):
            refuse(name, value, self.allowed)
        for key, make in value.items():
            proper = isinstance(key, str) and key.isidentifier() and len(key) <= LONGEST and key not in OPTIMIZERS
            if not proper or not callable(make) or (inspect.isclass(make) and not hasattr(make, "update")):
                refuse(f"{name}[{key!r}]", make, self.allowed)
        return {key: Own(key, make, f"{name}[{key!r}]") for key, make in value.items()}

    def bad(self):
        optimizer = helpers.SGD
        names = [{key: optimizer} for key in (3, "", "a b", "1st", "Adam", "a" * (LONGEST + 1), None)]
        many = {f"o{k}": optimizer for k in range(len(OWN_STYLES) + 1)}
        needing = type("Needing", (helpers.SGD,), {"__init__": lambda self, wanted: None})
        kinds = [{"mine": kind} for kind in (3, None, "SGD", int, object(), helpers.SGD(), needing)]
        return [3, "SGD", [], helpers.SGD, {helpers.SGD}, many, *names, *kinds]

    def good(self):
        return [{"mine": helpers.SGD}, None, {}, {"a_1": helpers.Adam, "β": lambda lr=0.1: helpers.Momentum(lr, 0.5)}]


class Own:
    """One of a learner's own optimizers: its name, what makes a new one, its numeric arguments and their first values.

    make: a class, or a function that returns an optimizer. Raises ValueError for arguments that have no value.
    """

    def __init__(self, name: str, make: Callable, called: str = "optimizer"):
        self.name, self.make = name, make
        try:
            parameters = inspect.signature(make).parameters.values()
        except (TypeError, ValueError):
            parameters = ()
        self.numbers = {}
        for p in parameters:
            default = USUAL.get(p.name, p.default) if p.default is p.empty else p.default
            if is_plain_number(default):
                self.numbers[p.name] = default.item() if isinstance(default, np.generic) else default
            elif default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                refuse(called, make, f"a class whose argument {p.name} has a number as its default")

    def controls(self, without=()) -> dict:
        """A slider for each number, by the names of the settings: lr_mine for the argument lr; without some arguments.

        The label of a slider is short, as beside the optimizer's name; its tooltip has the name, too.
        """
        found = {}
        for argument, first in self.numbers.items():
            if argument not in without:
                control = lr_slider(first) if argument == "lr" else slider_around(first)
                control.description = "η" if argument == "lr" else argument[:LONGEST]
                control.tooltip = f"{control.description} of {self.name}"
                control.style.description_width, control.layout.width = "6em", "24em"
                found[f"{argument}_{self.name}"] = control
        return found

    def wide_controls(self, without=()) -> dict:
        """The same where no name stands beside them: each label has it."""
        found = self.controls(without)
        for control in found.values():
            control.description, control.style, control.layout = control.tooltip[:21], LABEL, WIDE
        return found

    def chosen(self, settings: dict) -> dict:
        """The arguments that the settings of a figure give to it; one without a setting is as at first."""
        return {key: settings.get(f"{key}_{self.name}", first) for key, first in self.numbers.items()}

    def new(self, **arguments) -> helpers.Optimizer:
        """A new optimizer with these arguments, the others as they are at first. Raises whatever it raises."""
        return self.make(**self.numbers | arguments)


def is_plain_number(value):
    """Whether a slider can be made for a first value: a number, neither True nor False, nor beyond 1e±100."""
    return isinstance(value, Real) and not isinstance(value, bool) and (value == 0 or 1e-100 < abs(value) < 1e100)


def lr_slider(first):
    """A slider for a learning rate, as those of the course's optimizers."""
    if first < 0:
        return slider_around(first)
    return log_slider("η", first, min(LRS[0], first or 1), max(LRS[-1], first), per_decade=10)


def slider_around(first):
    """A slider for a number of which nothing is known but its first value."""
    if isinstance(first, int):
        return slider("", first, min(0, 2 * first), max(10, 4 * first), 1)
    if 0.1 <= first < 1:  # a share, as β, which must stay below 1
        return slider("", first, 0.0, 0.999, 0.001, digits=3)
    if first > 0:
        return log_slider("", first, first / 1000, first * 1000, per_decade=5)
    return slider("", first, min(-1.0, 2 * first) if first < 0 else 0.0, 1.0, 0.01)


def attempt(run: Callable[[], Trajectory], tell: Callable[[str], object], name: str) -> Trajectory | None:
    """What `run` returns, or None where it raises; `tell` is told that, and where the path diverges."""
    try:
        found = run()
    except Exception as error:  # whatever a learner's code raises, the figure goes on
        tell(f"{name} has raised {type(error).__name__}: {error}.")
        return None
    if found.diverged is not None:
        tell(f"{name} diverged at step {found.diverged}.")
    return found
