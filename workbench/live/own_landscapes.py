"""A learner's own landscapes in live figures: what they may be, and what has to be said of one."""

import numpy as np

from workbench.checks import Constraint, refuse
from workbench.descent.landscapes import Landscape, bowl, from_zero, lowest, own, parabola
from workbench.words import number


class OwnLandscape(Constraint):
    """A landscape of two parameters, or a function of x and y, which becomes one; None for none."""

    allowed = "a landscape of two parameters, or a function of x and y"

    def check(self, name, value):
        if value is None:
            return None
        if isinstance(value, Landscape) and len(value.start) == 2:
            return value
        if not callable(value) or isinstance(value, type):
            refuse(name, value, self.allowed)
        try:
            return own(value)
        except ValueError as error:
            raise ValueError(f"{name} {str(error).removeprefix('f ')}") from error

    def bad(self):
        return [3, 0.5, "bowl", [], {}, Landscape, object(), np.ones(2), parabola(), lambda x, y: "no number"]

    def good(self):
        return [bowl(), None, lambda x, y: abs(x) + y**2]


class OwnLandscapes(Constraint):
    """A learner's own landscapes by name; None for none. taken: names that others have."""

    def __init__(self, taken):
        self.taken = taken
        self.allowed = (
            "a dict from names of 1 to 20 characters, none of "
            f"{', '.join(taken)}, to landscapes of two parameters or functions of x and y"
        )

    def check(self, name, value):
        if value is None:
            return {}
        if not isinstance(value, dict):
            refuse(name, value, self.allowed)
        for key in value:
            if not isinstance(key, str) or not key.strip() or len(key) > 20 or key in self.taken:
                refuse(f"{name}[{key!r}]", value[key], self.allowed)
            if value[key] is None:
                refuse(f"{name}[{key!r}]", None, self.allowed)
        return {key: OwnLandscape().check(f"{name}[{key!r}]", thing) for key, thing in value.items()}

    def bad(self):
        names = [{key: bowl()} for key in (3, "", " ", "a" * 21, None, next(iter(self.taken)))]
        return [3, "bowl", [], bowl(), *names, *({"mine": thing} for thing in (*OwnLandscape().bad(), None))]

    def good(self):
        return [{"mine": bowl()}, None, {}, {"a b": lambda x, y: abs(x) + y**2}]


def counted_from_zero(landscape: Landscape) -> tuple[Landscape, str]:
    """A landscape whose lowest loss in view is 0, and what is to be said of it below a figure, "" for nothing."""
    shifted, said = from_zero(landscape), []
    if shifted is not landscape:
        said.append(f"Losses are counted from the lowest one in the picture, {number(lowest(landscape))}.")
    if not len(landscape.minima):
        said.append("No minimum was found in the picture.")
    return shifted, " ".join(said)
