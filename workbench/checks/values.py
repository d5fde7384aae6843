"""Constraints of single values: numbers within limits, names, functions, objects of a class, seeds."""

import math
from numbers import Integral, Real

import numpy as np

from workbench.checks.declaring import Constraint, refuse

TINIEST = 5e-324  # the smallest float above 0
_LIMIT = 1.7e308  # Python's whole numbers go on beyond floats
_HUGE = 10**400
_OBJECTS = (None, 1j, {}, [], (), {1}, len, int, object(), b"1")  # neither numbers nor names
_NO_NUMBERS = (*_OBJECTS, "", "1", [1.0], np.ones(1), np.ones(2), math.nan, math.inf, -math.inf, np.float32("nan"))


class Number(Constraint):
    """A finite number from `low` to `high`, both allowed; a limit that is not to be reached is the float next to it."""

    def __init__(self, allowed="a finite number", low=-_LIMIT, high=_LIMIT):
        # NumPy's floats cannot be compared with 10**400.
        self.allowed, self.low, self.high = allowed, float(low), float(high)

    def check(self, name, value):
        plain = value.item() if isinstance(value, np.generic) else value  # NumPy would make the limits float32
        if not isinstance(plain, Real) or not self.low <= plain <= self.high:
            refuse(name, value, self.allowed)
        return value

    def bad(self):
        far = [1 + abs(limit) for limit in (self.low, self.high)]
        below = [math.nextafter(self.low, -math.inf), *(() if self.low == -_LIMIT else (self.low - far[0], -1e300))]
        above = [math.nextafter(self.high, math.inf), *(() if self.high == _LIMIT else (self.high + far[1], 1e300))]
        return [*_NO_NUMBERS, _HUGE, -_HUGE, *below, *above]

    def good(self):
        found = [n for n in (0.5, 0.1, 2, 20.0, self.low, self.high) if self.low <= n <= self.high and abs(n) < 1e60]
        return [*found, np.float32(found[0])]


FINITE = Number()
NOT_NEGATIVE = Number("a finite number, 0 or larger", 0)
ABOVE_0 = Number("a finite number above 0", TINIEST)
BELOW_1 = Number("a number from 0 to below 1", 0, math.nextafter(1, 0))


class Whole(Constraint):
    """A whole number from `low` to `high`, or without an upper limit."""

    def __init__(self, low=0, high=None):
        self.low, self.high = low, high
        self.allowed = f"a whole number, {low} {'or larger' if high is None else f'to {high}'}"

    def check(self, name, value):
        if not isinstance(value, Integral) or value < self.low or (self.high is not None and value > self.high):
            refuse(name, value, self.allowed)
        return value

    def bad(self):
        beyond = [] if self.high is None else [self.high + 1, self.high + 10**12, _HUGE]
        return [*_NO_NUMBERS, self.low - 1, self.low - 10**12, -_HUGE, 0.5, 2.0, np.float64(3), -1e-300, *beyond]

    def good(self):
        return [n for n in (self.low + 1, self.low, self.low + 2) if self.high is None or n <= self.high]


class Choice(Constraint):
    """One of some names, given as a tuple, or as a dict that has them as keys."""

    def __init__(self, names):
        self.names = names

    @property
    def allowed(self):
        return ", ".join(self.names)

    def check(self, name, value):
        if not isinstance(value, str) or value not in self.names:
            refuse(name, value, self.allowed)
        return value

    def bad(self):
        first = next(iter(self.names))
        return [*_OBJECTS, 3, math.nan, np.ones(2), "", "nothing", f" {first}", [first], first.encode()]

    def good(self):
        return list(self.names)


class Kind(Constraint):
    """An object of a class, or of one of several; not the class itself."""

    def __init__(self, kinds, allowed):
        self.kinds, self.allowed = kinds, allowed

    def check(self, name, value):
        if not isinstance(value, self.kinds):
            refuse(name, value, self.allowed)
        return value

    def bad(self):
        classes = self.kinds if isinstance(self.kinds, tuple) else (self.kinds,)
        others = (*_OBJECTS, 3, 0.5, math.nan, "a", [1.0])
        return [*classes, *(value for value in others if not isinstance(value, self.kinds))]


A_NUMBER = Kind(Real, "a number")  # nan and inf, too
WORDS = Kind(str, "a sentence")


class AFunction(Constraint):
    """What can be called."""

    allowed = "a function"

    def check(self, name, value):
        if not callable(value):
            refuse(name, value, self.allowed)
        return value

    def bad(self):
        return [value for value in (*_OBJECTS, 3, math.nan, "f", np.ones(2), [len]) if not callable(value)]


class Having(Constraint):
    """An object of any class, one's own, too, by the attribute that it has; not the class itself."""

    def __init__(self, has, allowed):
        self.has, self.allowed = has, allowed

    def check(self, name, value):
        if isinstance(value, type | dict | set) or not hasattr(value, self.has):
            refuse(name, value, self.allowed)
        return value

    def bad(self):
        return [*_OBJECTS, type("SGD", (), {self.has: None}), 3, math.nan, "SGD", np.ones(2)]


OPTIMIZER = Having("update", "an optimizer, as SGD(lr=0.1)")


class OrNone(Constraint):
    """What another constraint allows, or None."""

    def __init__(self, other):
        self.other, self.allowed = other, other.allowed

    def check(self, name, value):
        return None if value is None else self.other.check(name, value)

    def bad(self):
        return [value for value in self.other.bad() if value is not None]

    def good(self):
        return [None, *self.other.good()]


class AsItCame(Constraint):
    """What another constraint allows, handed on as it came: a tuple of numbers stays one."""

    def __init__(self, other):
        self.check_other, self.allowed, self.bad, self.good = other.check, other.allowed, other.bad, other.good

    def check(self, name, value):
        self.check_other(name, value)
        return value


class Either(Constraint):
    """One of some names, or a number; `allowed` says both."""

    def __init__(self, choice, number, allowed):
        self.choice, self.number, self.allowed = choice, Number(allowed, number.low, number.high), allowed

    def check(self, name, value):
        if isinstance(value, str) and value in self.choice.names:
            return value
        return self.number.check(name, value)

    def bad(self):
        return [*self.number.bad(), "nothing", "1", [next(iter(self.choice.names))]]

    def good(self):
        return [*self.choice.good(), *self.number.good()]


class Anything(Constraint):
    """Every value is allowed: what is only asked whether it is true, or only shown."""

    def good(self):
        return [False, True, 1, None]


class Seed(Constraint):
    """A seed of random numbers, several of them, or a NumPy Generator; not None, which is another seed each time."""

    allowed = "a whole number, 0 or larger, or several"

    def check(self, name, value):
        if not isinstance(value, np.random.Generator):
            try:
                np.random.SeedSequence(value if value is not None else -1)
            except (TypeError, ValueError):
                refuse(name, value, self.allowed)
        return value

    def bad(self):
        return [None, -1, 0.5, 2.0, math.nan, math.inf, "a", 1j, {}, len, object(), [1, -1], [0.5], (1, "a"), -_HUGE]

    def good(self):
        return [1, 0, 10**20, (3, 1), [0], np.random.default_rng(0)]


class Precision(Constraint):
    """The dtype of networks: float32 or float64."""

    allowed = "float32 or float64"

    def check(self, name, value):
        try:
            if value is not None and np.dtype(value) in (np.float32, np.float64):
                return np.dtype(value)
        except (TypeError, ValueError):
            pass
        return refuse(name, value, self.allowed)

    def bad(self):
        return [None, int, bool, complex, np.float16, np.int32, "f9", "i4", 3, [], {}, object(), 1j]

    def good(self):
        return [np.float32, np.float64, "f4", float]
