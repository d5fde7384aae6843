"""Slopes by central differences, to hold a backward pass against, and the curvatures of a network's loss by them."""

from collections.abc import Callable

import numpy as np

from workbench.checks import A_NUMBER, ABOVE_0, AFunction, Array, Constraint, checked, fitting, refuse
from workbench.networks.network import A_NETWORK, SAMPLES, Network


class InPlace(Constraint):
    """An array that is changed and put back, so finely that float32 would round the differences away."""

    allowed = "a NumPy array of float64"

    def check(self, name, value):
        if not isinstance(value, np.ndarray):
            refuse(name, value, self.allowed)
        if value.dtype != np.float64:
            raise ValueError(
                f"{name} has dtype {value.dtype}; allowed: float64, because float32 rounds the differences away"
            )
        if not value.flags.writeable:
            raise ValueError(f"{name} is read-only; allowed: an array that can be changed in place")
        return value

    def bad(self):
        fixed = np.broadcast_to(1.0, 2)
        others = (np.ones(2, dtype) for dtype in (int, np.float32, np.float16, complex, bool))
        return [None, 3, 1.0, "w", [1.0], (1.0,), {}, object(), np.ndarray, len, np.float64(1), fixed, *others]

    def good(self):
        return [np.ones(2), np.ones(0), np.ones((2, 1)), np.array(1.0)]


@checked(function=AFunction(), w=InPlace(), h=ABOVE_0)
def numeric_gradient(function: Callable[[np.ndarray], float], w: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """The gradient of a function at w, each entry from two values: (f(w + h) − f(w − h)) / 2h.

    function: takes nothing and returns a number that depends on the array w. w: float64, any shape; it is changed in
    place for each value and put back, also when the function fails. h: the step; the error is of order h², and rounding
    adds about 1e-16 / h.
    Returns an array of the shape of w; an entry is nan where the function is.
    """
    gradient = np.empty_like(w)
    for i in np.ndindex(w.shape):
        before = w[i]
        try:
            w[i] = before + h
            above = A_NUMBER.check("function()", function())
            w[i] = before - h
            below = A_NUMBER.check("function()", function())
        finally:
            w[i] = before
        gradient[i] = (above - below) / (2 * h)
    return gradient


@checked(a=Array(), b=Array())
@np.errstate(over="ignore", invalid="ignore")
def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """The distance of two arrays relative to their size: ‖a − b‖ / (‖a‖ + ‖b‖); 0 when both are zero.

    nan when either holds nan or inf. Raises ValueError for arrays of two shapes.
    """
    fitting("b", b, a.shape)
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(np.subtract(a, b)) / size) if size else 0.0


@checked(network=A_NETWORK, x=SAMPLES, labels=Array((None,)), h=ABOVE_0)
@np.errstate(over="ignore", invalid="ignore")
def numeric_hessian(network: Network, x: np.ndarray, labels: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """The Hessian of a network's loss at its n weights, each row from two gradients; shape (n, n).

    The weights follow each other as the gradients do that `network.loss_and_gradients` returns. They are float64, and
    changed in place and put back. The two halves differ by rounding: about 1e-16 / h. nan where a gradient is.
    """

    def gradient():
        return np.concatenate([g.ravel() for g in network.loss_and_gradients(x, labels)[1].values()])

    rows = []
    for key in network.loss_and_gradients(x, labels)[1]:
        w = network.params[key].reshape(-1)
        for i, before in enumerate(w.tolist()):
            w[i] = before + h
            above = gradient()
            w[i] = before - h
            rows.append((above - gradient()) / (2 * h))
            w[i] = before
    return np.array(rows)
