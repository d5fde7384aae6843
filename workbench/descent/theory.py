"""Closed forms for quadratic loss: stability limits, the best learning rate and momentum, convergence rates.

Symbols: λ a curvature (an eigenvalue of the Hessian), κ = λmax/λmin the condition number, η `lr`, β `momentum`.
The rate of a method is the factor by which the distance to the minimum shrinks per update in the long run; below 1 it
converges, above 1 it diverges. Loss shrinks by the square of it.
Functions take numbers or NumPy arrays, and raise ValueError for what is outside of 1e-50 to 1e50, or no share where one
is meant. Sources: Polyak 1964; Goh, "Why Momentum Really Works", 2017.
"""

import numpy as np

from workbench.checks import NOT_NEGATIVE, TINIEST, Number, Numbers, Whole, checked, refuse

# The bounds keep squares and quotients of what is allowed from overflowing.
_REAL = Numbers("−1e50 to 1e50", -1e50, 1e50)
_FROM_0 = Numbers("0 to 1e50", 0, 1e50)
_POSITIVE = Numbers("1e-50 to 1e50", 1e-50, 1e50)
_SHARE = Numbers("a number from 0 to below 1", 0, np.nextafter(1, 0))


@checked(largest=_POSITIVE)
def sgd_stability_limit(largest: float) -> float:
    """Gradient descent converges for 0 < η < 2/λmax."""
    return 2 / largest


@checked(largest=_POSITIVE, momentum=_SHARE)
def momentum_stability_limit(largest: float, momentum: float) -> float:
    """The heavy ball converges for 0 < η < 2(1 + β)/λmax."""
    return 2 * (1 + momentum) / largest


@checked(largest=_POSITIVE, momentum=_SHARE)
def nesterov_stability_limit(largest: float, momentum: float) -> float:
    """Nesterov's method converges for 0 < η < 2(1 + β)/((1 + 2β) λmax)."""
    return 2 * (1 + momentum) / ((1 + 2 * momentum) * largest)


@checked(smallest=_POSITIVE, largest=_POSITIVE)
def best_lr(smallest: float, largest: float) -> float:
    """The learning rate at which gradient descent converges fastest: η = 2/(λmin + λmax)."""
    _in_order(smallest, largest)
    return 2 / (smallest + largest)


@checked(condition=Numbers("1 to 1e50", 1, 1e50))
def best_rate(condition: float) -> float:
    """The rate of gradient descent at its best learning rate: (κ − 1)/(κ + 1)."""
    return (condition - 1) / (condition + 1)


@checked(smallest=_POSITIVE, largest=_POSITIVE)
def best_momentum(smallest: float, largest: float) -> tuple[float, float, float]:
    """(η, β, rate) at which the heavy ball converges fastest (Polyak 1964).

    η = (2/(√λmin + √λmax))², β = ((√κ − 1)/(√κ + 1))², rate √β.
    """
    _in_order(smallest, largest)
    root = np.sqrt(largest / smallest)
    rate = (root - 1) / (root + 1)
    return (2 / (np.sqrt(smallest) + np.sqrt(largest))) ** 2, rate**2, rate


@checked(lr=_FROM_0, curvature=_FROM_0)
def critical_momentum(lr: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """The β at which the heavy ball stops swinging along a curvature λ: (1 − √(η λ))², for η λ ≤ 1."""
    product = lr * curvature
    return (1 - np.sqrt(product)) ** 2


@checked(beta=Numbers("above 0, below 1", 1e-50, np.nextafter(1, 0)))
def half_life(beta: float) -> float:
    """After how many steps a value's weight in a moving average with factor β has halved: ln ½ / ln β."""
    return np.log(0.5) / np.log(beta)


@checked(lr=_FROM_0, curvature=_REAL)
def sgd_rate(lr: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Rate of gradient descent along one curvature λ: |1 − η λ|."""
    return np.abs(1 - lr * curvature)


@checked(lr=_FROM_0, curvature=_REAL, momentum=_SHARE)
def momentum_rate(lr: np.ndarray, curvature: np.ndarray, momentum: np.ndarray) -> np.ndarray:
    """Rate of the heavy ball along one curvature λ: the spectral radius of (w, v) → (w, v) of the next update.

    The matrix [[1 − η λ, β], [−η λ, β]] has the trace 1 + β − η λ and the determinant β.
    """
    product = lr * curvature
    return _spectral_radius(1 + momentum - product, momentum + 0 * product)


@checked(lr=_FROM_0, curvature=_REAL, momentum=_SHARE)
def nesterov_rate(lr: np.ndarray, curvature: np.ndarray, momentum: np.ndarray) -> np.ndarray:
    """Rate of Nesterov's method along one curvature λ, as for the heavy ball.

    The matrix [[1 − η λ (1 + β), β²], [−η λ, β]] has the trace (1 + β)(1 − η λ) and the determinant β (1 − η λ).
    """
    product = lr * curvature
    return _spectral_radius((1 + momentum) * (1 - product), momentum * (1 - product))


def _spectral_radius(trace, determinant):
    """The larger |z| of the two roots of z² − trace z + determinant; complex roots have |z| = √determinant."""
    discriminant = trace**2 - 4 * determinant
    real = (np.abs(trace) + np.sqrt(np.maximum(discriminant, 0))) / 2
    return np.where(discriminant < 0, np.sqrt(np.maximum(determinant, 0)), real)[()]


REGIMES = "creeps", "converges", "oscillates", "diverges"


@checked(curvature=_POSITIVE, steps=Whole(1), left=Number("above 0, below 1", TINIEST, np.nextafter(1, 0)))
def sgd_regime_limits(curvature: float, steps: int, left: float = 0.1) -> tuple[float, float, float]:
    """The three learning rates between the four regimes of gradient descent along one curvature λ.

    Below the first it creeps: after `steps` updates more than the part `left` of the distance is still there.
    Up to the second, 1/λ, it converges from one side. Up to the third, 2/λ, it oscillates from side to side and
    converges. Above it diverges.
    """
    return (1 - left ** (1 / steps)) / curvature, 1 / curvature, sgd_stability_limit(curvature)


@checked(lr=NOT_NEGATIVE, curvature=Number("1e-50 to 1e50", 1e-50, 1e50), steps=Whole(1))
def sgd_regime(lr: float, curvature: float, steps: int) -> str:
    """The name of the regime, one of REGIMES; a learning rate on a limit belongs to the regime above it."""
    return REGIMES[int(np.searchsorted(sgd_regime_limits(curvature, steps), lr, side="right"))]


@checked(smallest=_POSITIVE, largest=_POSITIVE)
def best_nesterov(smallest: float, largest: float) -> tuple[float, float, float]:
    """(η, β, rate) at which Nesterov's method converges fastest (Lessard, Recht and Packard 2016).

    η = 4/(3 λmax + λmin), β = (√(3κ + 1) − 2)/(√(3κ + 1) + 2), rate 1 − 2/√(3κ + 1).
    """
    _in_order(smallest, largest)
    root = np.sqrt(3 * largest / smallest + 1)
    return 4 / (3 * largest + smallest), (root - 2) / (root + 2), 1 - 2 / root


def _in_order(smallest, largest):
    if not np.all(smallest <= largest):
        refuse("largest", largest, "not below smallest")
