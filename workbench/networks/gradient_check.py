"""Gradient checks: slopes by central differences, to hold a backward pass against."""

from numbers import Real

import numpy as np

from workbench import checks


def numeric_gradient(function, w, h=1e-5):
    """The gradient of a function at w, each entry from two values: (f(w + h) − f(w − h)) / 2h.

    function: takes nothing and returns a number that depends on the array w. w: float64, any shape; it is changed in
    place for each value and put back, also when the function fails. h: the step; the error is of order h², and rounding
    adds about 1e-16 / h.
    Returns an array of the shape of w; an entry is nan where the function is.
    """
    checks.function("function", function)
    checks.kind("w", w, np.ndarray, "a NumPy array of float64")
    checks.above_0("h", h)
    if w.dtype != np.float64:
        raise ValueError(f"w has dtype {w.dtype}; allowed: float64, because float32 rounds the differences away")
    if not w.flags.writeable:
        raise ValueError("w is read-only; allowed: an array that can be changed in place")
    gradient = np.empty_like(w)
    for i in np.ndindex(w.shape):
        before = w[i]
        try:
            w[i] = before + h
            above = checks.kind("function()", function(), Real, "a number")
            w[i] = before - h
            below = checks.kind("function()", function(), Real, "a number")
        finally:
            w[i] = before
        gradient[i] = (above - below) / (2 * h)
    return gradient


@np.errstate(over="ignore", invalid="ignore")
def relative_error(a, b):
    """The distance of two arrays relative to their size: ‖a − b‖ / (‖a‖ + ‖b‖); 0 when both are zero.

    nan when either holds nan or inf. Raises ValueError for arrays of two shapes.
    """
    a = checks.array("a", a)
    b = checks.array("b", b, a.shape)
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(np.subtract(a, b)) / size) if size else 0.0
