"""Closed forms for quadratic loss: stability limits, the best learning rate and momentum, convergence rates.

Symbols: λ a curvature (an eigenvalue of the Hessian), κ = λmax/λmin the condition number, η `lr`, β `momentum`.
The rate of a method is the factor by which the distance to the minimum shrinks per update in the long run; below 1 it
converges, above 1 it diverges. Loss shrinks by the square of it.
Functions take numbers or NumPy arrays, and raise ValueError for what is outside of 1e-50 to 1e50, or no share where one
is meant. Sources: Polyak 1964; Goh, "Why Momentum Really Works", 2017.
"""

import numpy as np

from workbench import checks


def sgd_stability_limit(largest):
    """Gradient descent converges for 0 < η < 2/λmax."""
    return 2 / _positive("largest", largest)


def momentum_stability_limit(largest, momentum):
    """The heavy ball converges for 0 < η < 2(1 + β)/λmax."""
    return 2 * (1 + _share("momentum", momentum)) / _positive("largest", largest)


def nesterov_stability_limit(largest, momentum):
    """Nesterov's method converges for 0 < η < 2(1 + β)/((1 + 2β) λmax)."""
    momentum = _share("momentum", momentum)
    return 2 * (1 + momentum) / ((1 + 2 * momentum) * _positive("largest", largest))


def best_lr(smallest, largest):
    """The learning rate at which gradient descent converges fastest: η = 2/(λmin + λmax)."""
    smallest, largest = _ordered(smallest, largest)
    return 2 / (smallest + largest)


def best_rate(condition):
    """The rate of gradient descent at its best learning rate: (κ − 1)/(κ + 1)."""
    condition = _numbers("condition", condition, "1 to 1e50", 1)
    return (condition - 1) / (condition + 1)


def best_momentum(smallest, largest):
    """(η, β, rate) at which the heavy ball converges fastest (Polyak 1964).

    η = (2/(√λmin + √λmax))², β = ((√κ − 1)/(√κ + 1))², rate √β.
    """
    smallest, largest = _ordered(smallest, largest)
    root = np.sqrt(largest / smallest)
    rate = (root - 1) / (root + 1)
    return (2 / (np.sqrt(smallest) + np.sqrt(largest))) ** 2, rate**2, rate


def critical_momentum(lr, curvature):
    """The β at which the heavy ball stops swinging along a curvature λ: (1 − √(η λ))², for η λ ≤ 1."""
    product = _not_negative("lr", lr) * _not_negative("curvature", curvature)
    return (1 - np.sqrt(product)) ** 2


def half_life(beta):
    """After how many steps a value's weight in a moving average with factor β has halved: ln ½ / ln β."""
    beta = _numbers("beta", beta, "above 0, below 1", 1e-50, np.nextafter(1, 0))
    return np.log(0.5) / np.log(beta)


def sgd_rate(lr, curvature):
    """Rate of gradient descent along one curvature λ: |1 − η λ|."""
    return np.abs(1 - _not_negative("lr", lr) * _finite("curvature", curvature))


def momentum_rate(lr, curvature, momentum):
    """Rate of the heavy ball along one curvature λ: the spectral radius of (w, v) → (w, v) of the next update.

    The matrix [[1 − η λ, β], [−η λ, β]] has the trace 1 + β − η λ and the determinant β.
    """
    product = _not_negative("lr", lr) * _finite("curvature", curvature)
    momentum = _share("momentum", momentum)
    return _spectral_radius(1 + momentum - product, momentum + 0 * product)


def nesterov_rate(lr, curvature, momentum):
    """Rate of Nesterov's method along one curvature λ, as for the heavy ball.

    The matrix [[1 − η λ (1 + β), β²], [−η λ, β]] has the trace (1 + β)(1 − η λ) and the determinant β (1 − η λ).
    """
    product = _not_negative("lr", lr) * _finite("curvature", curvature)
    momentum = _share("momentum", momentum)
    return _spectral_radius((1 + momentum) * (1 - product), momentum * (1 - product))


def _spectral_radius(trace, determinant):
    """The larger |z| of the two roots of z² − trace z + determinant; complex roots have |z| = √determinant."""
    discriminant = trace**2 - 4 * determinant
    real = (np.abs(trace) + np.sqrt(np.maximum(discriminant, 0))) / 2
    return np.where(discriminant < 0, np.sqrt(np.maximum(determinant, 0)), real)[()]


REGIMES = "creeps", "converges", "oscillates", "diverges"


def sgd_regime_limits(curvature, steps, left=0.1):
    """The three learning rates between the four regimes of gradient descent along one curvature λ.

    Below the first it creeps: after `steps` updates more than the part `left` of the distance is still there.
    Up to the second, 1/λ, it converges from one side. Up to the third, 2/λ, it oscillates from side to side and
    converges. Above it diverges.
    """
    _positive("curvature", curvature)
    checks.whole("steps", steps, 1)
    checks.number("left", left, "above 0, below 1", lambda left: 0 < left < 1)
    return (1 - left ** (1 / steps)) / curvature, 1 / curvature, sgd_stability_limit(curvature)


def sgd_regime(lr, curvature, steps):
    """The name of the regime, one of REGIMES; a learning rate on a limit belongs to the regime above it."""
    checks.not_negative("lr", lr)
    checks.above_0("curvature", curvature)
    return REGIMES[int(np.searchsorted(sgd_regime_limits(curvature, steps), lr, side="right"))]


def best_nesterov(smallest, largest):
    """(η, β, rate) at which Nesterov's method converges fastest (Lessard, Recht and Packard 2016).

    η = 4/(3 λmax + λmin), β = (√(3κ + 1) − 2)/(√(3κ + 1) + 2), rate 1 − 2/√(3κ + 1).
    """
    smallest, largest = _ordered(smallest, largest)
    root = np.sqrt(3 * largest / smallest + 1)
    return 4 / (3 * largest + smallest), (root - 2) / (root + 2), 1 - 2 / root


# Checks: the bounds keep squares and quotients of what is allowed from overflowing.


def _numbers(name, value, allowed, low=-1e50, high=1e50):
    """One number or more, as they came, or as an array."""
    found = checks.array(name, value)
    if not ((low <= found) & (found <= high)).all():
        checks.refuse(name, value, allowed)
    return value if np.isscalar(value) else found


def _finite(name, value):
    return _numbers(name, value, "−1e50 to 1e50")


def _not_negative(name, value):
    return _numbers(name, value, "0 to 1e50", 0)


def _positive(name, value):
    return _numbers(name, value, "1e-50 to 1e50", 1e-50)


def _share(name, value):
    return _numbers(name, value, "a number from 0 to below 1", 0, np.nextafter(1, 0))


def _ordered(smallest, largest):
    smallest, largest = _positive("smallest", smallest), _positive("largest", largest)
    if not np.all(smallest <= largest):
        checks.refuse("largest", largest, "not below smallest")
    return smallest, largest
