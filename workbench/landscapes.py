"""Loss surfaces with known answers: value, gradient, Hessian, minima, and the part of the plane worth looking at."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Landscape:
    """A loss f of n parameters.

    value, gradient, hessian: functions of points, shape (..., n), that return shapes (...), (..., n) and (..., n, n).
    minima: every local minimum, shape (k, n), the lowest first; for a landscape without any, shape (0, n).
    view: n pairs (low, high): the limits of a picture.
    start: n numbers: where a descent begins unless the learner moves it.
    """

    name: str
    value: Callable
    gradient: Callable
    hessian: Callable
    minima: np.ndarray
    view: tuple
    start: tuple


def parabola(curvature=2.0):
    """f(x) = c x² / 2 with curvature c; the default is x².

    Raises ValueError unless curvature is a finite number above 0.
    """
    _positive("curvature", curvature)
    return Landscape(
        name=f"f(x) = {curvature / 2:.4g} x²",
        value=lambda p: curvature / 2 * np.asarray(p)[..., 0] ** 2,
        gradient=lambda p: curvature * np.asarray(p, float),
        hessian=lambda p: np.full((*np.shape(p), 1), float(curvature)),
        minima=np.zeros((1, 1)),
        view=((-8.0, 8.0),),
        start=(-7.0,),
    )


def two_valleys():
    """f(x) = x⁴/4 − x² + x/4: a deep valley on the left, a shallow one on the right, a hilltop between them."""
    slope = np.polynomial.Polynomial([0.25, -2, 0, 1])
    left, _, right = np.sort(slope.roots().real)
    return Landscape(
        name="f(x) = x⁴/4 − x² + x/4",
        value=lambda p: slope.integ()(np.asarray(p)[..., 0]),
        gradient=lambda p: slope(np.asarray(p)),
        hessian=lambda p: slope.deriv()(np.asarray(p))[..., None],
        minima=np.array([[left], [right]]),
        view=((-2.4, 2.4),),
        start=(2.0,),
    )


def bowl(condition=20.0, rotation=0.0):
    """A quadratic bowl, by default x²/20 + y²: f(p) = pᵀ H p / 2.

    condition: κ, the ratio of the largest to the smallest curvature; the largest stays 2, the smallest is 2/κ.
    rotation: angle of the flat direction against the x axis, in degrees, counterclockwise.
    Raises ValueError unless condition is a finite number above 0 and rotation is finite.
    """
    _positive("condition", condition)
    if not np.isfinite(rotation):
        raise ValueError(f"rotation is {rotation!r}; allowed: a finite angle in degrees")
    cos, sin = np.cos(np.radians(rotation)), np.sin(np.radians(rotation))
    axes = np.array([[cos, -sin], [sin, cos]])
    H = axes @ np.diag([2 / condition, 2.0]) @ axes.T
    turned = f", turned by {rotation:.4g}°" if rotation else ""
    return Landscape(
        name=f"f(x, y) = x²/{condition:.4g} + y²{turned}",
        value=lambda p: ((p @ H) * p).sum(axis=-1) / 2,
        gradient=lambda p: p @ H,
        hessian=lambda p: np.broadcast_to(H, (*np.shape(p), 2)),
        minima=np.zeros((1, 2)),
        view=((-10.0, 10.0), (-5.0, 5.0)),
        start=(-7.0, 2.0),
    )


def _positive(name, value):
    if not 0 < value < np.inf:
        raise ValueError(f"{name} is {value!r}; allowed: a finite number above 0")
