"""Checks of arguments: each returns the value, or raises ValueError that names the argument, it and what is allowed.

So whoever mistypes reads one sentence in place of a traceback from inside of NumPy. What only our own code calls, with
values of its own making, is not checked.
"""

import reprlib
from itertools import pairwise
from numbers import Integral, Real

import numpy as np

from workbench.checks.declaring import refuse

LARGEST = 10**8  # numbers in one array, 800 MB as float64: more is a slip of the keyboard
_SHORT = reprlib.Repr()
_SHORT.maxother = _SHORT.maxstring = _SHORT.maxlong = 80


def _old_refuse(name, value, allowed):
    raise ValueError(f"{name} is {_shown(value)}; allowed: {allowed}")


def _shown(value):
    if isinstance(value, np.ndarray) and value.size > 1:
        return f"an array of {value.dtype}, shape {value.shape}"
    return _SHORT.repr(value)


def _fits(array, shape):
    return array.ndim == len(shape) and all(m in (None, n) for m, n in zip(shape, array.shape, strict=True))


def _refuse_shape(name, array, shape):
    lengths = ", ".join("any" if n is None else str(n) for n in shape)
    raise ValueError(f"{name} has shape {array.shape}; allowed: ({lengths}{',' * (len(shape) == 1)})")


def number(name, value, allowed="a finite number", good=lambda value: True):
    """A finite number for which `good` holds."""
    if not isinstance(value, Real) or not -1.7e308 <= value <= 1.7e308 or not good(value):
        refuse(name, value, allowed)
    return value


def not_negative(name, value):
    return number(name, value, "a finite number, 0 or larger", lambda value: value >= 0)


def above_0(name, value):
    return number(name, value, "a finite number above 0", lambda value: value > 0)


def below_1(name, value):
    return number(name, value, "a number from 0 to below 1", lambda value: 0 <= value < 1)


def whole(name, value, low=0, high=None, allowed=""):
    """A whole number from `low` to `high`, or without an upper limit."""
    if not isinstance(value, Integral) or value < low or (high is not None and value > high):
        refuse(name, value, allowed or f"a whole number, {low} {'or larger' if high is None else f'to {high}'}")
    return int(value)


def choice(name, value, names):
    """One of some names."""
    if not isinstance(value, str) or value not in names:
        refuse(name, value, ", ".join(names))
    return value


def kind(name, value, kinds, allowed):
    """An object of a class, or of one of several."""
    if not isinstance(value, kinds):
        refuse(name, value, allowed)
    return value


def function(name, value):
    """What can be called; a class or None cannot stand for a function here."""
    if not callable(value):
        refuse(name, value, "a function")
    return value


def function_or_none(name, value):
    """What can be called, or None."""
    return value if value is None else function(name, value)


def optimizer(name, value, has="update"):
    """An optimizer, of helpers or of one's own, by the attribute that it has; not its class."""
    if isinstance(value, type | dict) or not hasattr(value, has):
        refuse(name, value, "an optimizer, as SGD(lr=0.1)")
    return value


def array(name, value, shape=None):
    """Real numbers as an array; shape: its lengths, None for any, and None for any shape.

    A list of numbers becomes an array. nan and inf are allowed.
    """
    try:
        found = np.asarray(value)
    except ValueError:  # rows of several lengths
        refuse(name, value, "numbers, all rows of the same length")
    if found.dtype.kind not in "biuf":
        refuse(name, value, "numbers")
    if shape is not None and not _fits(found, shape):
        _refuse_shape(name, found, shape)
    return found


def floats(name, value, shape=None):
    """A NumPy array of floats of a shape, as above; cheap enough for each layer and batch."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        refuse(name, value, "a NumPy array of floats (1.0, not 1)")
    if shape is not None and not _fits(value, shape):
        _refuse_shape(name, value, shape)
    return value


def finite(name, value, shape=None):
    """An array as above, of at least one number, all of them finite."""
    found = array(name, value, shape)
    if found.size == 0 or not np.isfinite(found).all():
        refuse(name, value, "one or more finite numbers")
    return found


def sizes(name, value):
    """Numbers of units, inputs first, classes last, with at most LARGEST weights between them; a tuple."""
    allowed = "two or more whole numbers above 0"
    if not isinstance(value, (tuple, list, np.ndarray)) or len(value) < 2:
        refuse(name, value, allowed)
    if not all(isinstance(n, Integral) and n > 0 for n in value):
        refuse(name, value, allowed)
    if sum(int(m) * int(n) for m, n in pairwise(value)) > LARGEST:
        refuse(name, value, f"{allowed}, with at most {LARGEST:,} weights between them")
    return tuple(map(int, value))


def generator(name, seed):
    """NumPy's generator of random numbers for a seed, or the Generator itself."""
    try:
        if seed is not None:  # which would be another one every time
            return np.random.default_rng(seed)
    except (TypeError, ValueError):
        pass
    return refuse(name, seed, "a whole number, 0 or larger, or several")


def precision(name, dtype):
    """The dtype of networks: float32 or float64."""
    try:
        if dtype is not None and np.dtype(dtype) in (np.float32, np.float64):
            return np.dtype(dtype)
    except (TypeError, ValueError):
        pass
    return refuse(name, dtype, "float32 or float64")
