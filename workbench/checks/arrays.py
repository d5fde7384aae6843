"""Constraints of arrays: of any numbers, of floats, of finite numbers, within limits; and the sizes of a network."""

import math
from itertools import pairwise
from numbers import Integral

import numpy as np

from workbench.checks.declaring import LARGEST, Constraint, refuse

_HUGE = 10**400
_NO_ARRAYS = (None, "1", 1j, {}, len, object(), [[1.0], [1.0, 2.0]], ["a", "b"], [1j, 2], [None], {1.0})


def fitting(name, array, shape):
    """The array, whose shape must be right: its lengths, None for any, (..., 2) for any number of axes before."""
    found, free = array.shape, bool(shape) and shape[0] is ...
    lengths = shape[1:] if free else shape
    if len(found) == len(lengths) or (free and len(found) > len(lengths)):
        for i in range(-len(lengths), 0):  # from the last ones; a loop is faster than all() of a few
            if lengths[i] is not None and lengths[i] != found[i]:
                break
        else:
            return array
    words = [{None: "any", ...: "..."}.get(length, str(length)) for length in shape]
    raise ValueError(f"{name} has shape {found}; allowed: ({', '.join(words)}{',' * (len(words) == 1)})")


class Array(Constraint):
    """Real numbers as an array; a list of numbers becomes one. nan and inf are allowed.

    shape: as for `fitting`; None for any shape.
    """

    allowed = "numbers"

    def __init__(self, shape=None):
        self.shape = shape

    def check(self, name, value):
        try:
            found = np.asarray(value)
        except ValueError:  # rows of several lengths
            refuse(name, value, "numbers, all rows of the same length")
        if found.dtype.kind not in "biuf":
            refuse(name, value, self.allowed)
        return found if self.shape is None else fitting(name, found, self.shape)

    def bad(self):
        return [*_NO_ARRAYS, *self.misshapen()]

    def misshapen(self):
        """Arrays of ones with too few axes, too many, or another length."""
        if self.shape is None:
            return []
        free = self.shape[:1] == (...,)
        lengths = self.shape[1:] if free else self.shape
        right = [2 if length is None else length for length in lengths]
        found = [np.ones((2,) * n) for n in (range(len(right)) if free else set(range(6)) - {len(right)})]
        for i, length in enumerate(lengths):
            if length is not None:
                found += [np.ones((*right[:i], n, *right[i + 1 :])) for n in (length + 1, length - 1, 0) if n >= 0]
        return found

    def good(self):
        return [np.ones([length or 3 for length in self.shape or () if length != ...])]


class Floats(Array):
    """A NumPy array of floats of a shape, as above; cheap enough for each layer and batch."""

    def __init__(self, shape=None, hint="1.0, not 1"):
        super().__init__(shape)
        self.allowed = f"a NumPy array of floats ({hint})"

    def check(self, name, value):
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            what = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
            raise ValueError(f"{name} is {what}; allowed: {self.allowed}")
        return value if self.shape is None else fitting(name, value, self.shape)

    def bad(self):
        others = [3, 1.0, math.nan, "x", [], [1.0], [[1.0, 2.0]], np.float64(1)]
        others += [np.ones(3, int), np.ones((2, 2), complex), np.array(None)]
        good = self.good()[0]
        return [*super().bad(), *others, good.astype(int), good.astype(bool), good.tolist()]


class Finite(Array):
    """An array as above, of at least one number, all of them finite, from `low` on."""

    def __init__(self, shape=None, low=-math.inf, allowed="one or more finite numbers"):
        super().__init__(shape)
        self.low, self.numbers = low, allowed

    def check(self, name, value):
        found = super().check(name, value)
        if found.size == 0 or not np.isfinite(found).all() or found.min() < self.low:
            refuse(name, value, self.numbers)
        return found

    def bad(self):
        found = [*super().bad(), [], [math.nan], [math.inf], [1.0, math.nan], [-math.inf, 1.0]]
        good = self.good()[0]
        for number in (math.nan, math.inf, -math.inf, *(() if self.low == -math.inf else (self.low - 1,))):
            found.append(np.where(np.arange(good.size).reshape(good.shape) == good.size - 1, number, good))
        return [*found, *(() if good.shape == () else (good[:0],))]


class Numbers(Constraint):
    """A number from `low` to `high`, or an array or list of such numbers, which becomes an array."""

    def __init__(self, allowed, low, high):
        self.allowed, self.low, self.high = allowed, low, high

    def check(self, name, value):
        found = Array().check(name, value)
        if found.dtype.kind == "f" and found.itemsize < 8:  # the limits are no float32
            value = found = found.astype(float)
        if not ((self.low <= found) & (found <= self.high)).all():
            refuse(name, value, self.allowed)
        return value if np.isscalar(value) else found

    def bad(self):
        beyond = [np.nextafter(self.low, -math.inf), np.nextafter(self.high, math.inf), self.low - 1, self.high + 1]
        if self.high > 1:
            beyond = [*beyond[:2], -2e50, 1e300]
        beyond = list(map(float, beyond))
        nothing = [math.nan, math.inf, -math.inf, _HUGE, -_HUGE, [math.nan], [math.inf, 1.0], np.array([0.5, math.nan])]
        return [*_NO_ARRAYS, *nothing, *beyond, *([n] for n in beyond), *(np.array([0.5, n]) for n in beyond)]

    def good(self):
        numbers = [n for n in (0.5, 2.0, 0.1, 20, self.low, self.high) if self.low <= n <= self.high]
        return [*numbers, numbers[:1], np.array(numbers), np.float32(numbers[0]), np.full(2, numbers[0], np.float32)]


class Sizes(Constraint):
    """Numbers of units, inputs first, classes last, with at most LARGEST weights between them; a tuple."""

    allowed = "two or more whole numbers above 0"

    def check(self, name, value):
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if not isinstance(value, (tuple, list)) or len(value) < 2:
            refuse(name, value, self.allowed)
        if not all(isinstance(n, Integral) and n > 0 for n in value):
            refuse(name, value, self.allowed)
        if sum(int(m) * int(n) for m, n in pairwise(value)) > LARGEST:
            refuse(name, value, f"{self.allowed}, with at most {LARGEST:,} weights between them")
        return tuple(map(int, value))

    def bad(self):
        units = [[3, n] for n in (0, -1, 2.5, math.nan, "2", None, 1j, [2], 2.0)]
        none = [None, 3, math.nan, "12", {}, {3, 4}, [], [3], (4,), np.ones(2), np.array(3)]
        return [*none, *units, [0, 3], [10**6, 10**6], [1, _HUGE]]

    def good(self):
        return [(4, 3, 2), (1, 1), [3, 2], np.array([5, 2])]
