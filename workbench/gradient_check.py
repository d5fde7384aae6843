"""Gradient checks: slopes by central differences, to hold a backward pass against."""

import numpy as np


def numeric_gradient(function, w, h=1e-5):
    """The gradient of a function at w, each entry from two values: (f(w + h) − f(w − h)) / 2h.

    function: takes nothing and returns a number that depends on the array w. w: float64, any shape; it is changed in
    place for each value and put back. h: the step; the error is of order h², and rounding adds about 1e-16 / h.
    Returns an array of the shape of w.
    """
    if w.dtype != np.float64:
        raise ValueError(f"w has dtype {w.dtype}; allowed: float64, because float32 rounds the differences away")
    gradient = np.empty_like(w)
    for i in np.ndindex(w.shape):
        before = w[i]
        w[i] = before + h
        above = function()
        w[i] = before - h
        below = function()
        w[i] = before
        gradient[i] = (above - below) / (2 * h)
    return gradient


def relative_error(a, b):
    """The distance of two arrays relative to their size: ‖a − b‖ / (‖a‖ + ‖b‖); 0 when both are zero."""
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(np.subtract(a, b)) / size) if size else 0.0
