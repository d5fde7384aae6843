"""Closed forms against simulations: where descent stops to converge, how fast it is, which settings are best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import helpers
from workbench.descent import theory

METHODS = {
    "SGD": (lambda lr, beta: helpers.SGD(lr), lambda lr, c, beta: theory.sgd_rate(lr, c)),
    "Momentum": (helpers.Momentum, theory.momentum_rate),
    "Nesterov": (helpers.Nesterov, theory.nesterov_rate),
}
LIMITS = {
    "SGD": lambda c, beta: theory.sgd_stability_limit(c),
    "Momentum": theory.momentum_stability_limit,
    "Nesterov": theory.nesterov_stability_limit,
}
each = pytest.mark.parametrize("method", METHODS)


def simulated_rate(method, lr, curvature, beta, steps=2000):
    """The factor per update of a long run: the state is scaled back to size 1 as it goes, the factors are averaged."""
    optimizer = METHODS[method][0](lr, beta)
    w, log = np.array([1.0]), 0.0
    for _ in range(steps):
        optimizer.update({"w": w}, {"w": curvature * w})
        v = optimizer.state["w"].get("v", np.zeros(1))
        size = np.hypot(w, v).item()
        if size < 1e-300:
            return 0.0
        log += np.log(size)
        w /= size
        v /= size
    return np.exp(log / steps)


@each
@pytest.mark.parametrize(
    ("lr", "curvature", "beta"),
    [
        (0.05, 2.0, 0.9),
        (0.3, 2.0, 0.5),
        (0.6, 2.0, 0.9),
        (1.2, 2.0, 0.9),
        (0.1, 0.1, 0.9),
        (2.5, 1.0, 0.3),
        (0.4, 2.0, 0.0),
    ],
)
def test_rates(method, lr, curvature, beta):
    rate = METHODS[method][1](lr, curvature, beta)
    np.testing.assert_allclose(rate, simulated_rate(method, lr, curvature, beta), rtol=3e-3)


@each
@given(curvature=st.floats(0.01, 100), beta=st.floats(0, 0.95))
def test_stability_limits_are_where_the_rate_passes_one(method, curvature, beta):
    limit, rate = LIMITS[method](curvature, beta), METHODS[method][1]
    assert rate(0.999 * limit, curvature, beta) < 1
    assert rate(1.001 * limit, curvature, beta) > 1


@each
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_stability_limits_by_simulation(method, beta):
    limit = LIMITS[method](2.0, beta)
    for factor, converges in (0.99, True), (1.01, False):
        optimizer = METHODS[method][0](factor * limit, beta)
        path = helpers.trajectory(optimizer, lambda w: 2 * w, [1.0], 5000)
        assert (abs(path[-1, 0]) < 1) == converges


def test_limits_of_the_bowl():
    assert theory.sgd_stability_limit(2.0) == 1
    np.testing.assert_allclose(theory.momentum_stability_limit(2.0, 0.9), 1.9)
    np.testing.assert_allclose(theory.nesterov_stability_limit(2.0, 0.9), 0.679, atol=5e-4)


def test_best_learning_rate_by_search():
    curvatures = np.array([0.1, 2.0])
    lrs = np.linspace(0.01, 1, 9901)
    rates = np.max([theory.sgd_rate(lrs, c) for c in curvatures], axis=0)
    np.testing.assert_allclose(theory.best_lr(*curvatures), lrs[rates.argmin()], atol=1e-4)
    np.testing.assert_allclose(theory.best_rate(20), rates.min(), atol=1e-4)
    np.testing.assert_allclose([theory.best_lr(*curvatures), theory.best_rate(20)], [0.952, 0.905], atol=5e-4)


def test_best_momentum_by_search():
    curvatures = np.array([0.1, 2.0])
    lrs, betas = np.meshgrid(np.linspace(0.5, 2, 301), np.linspace(0, 0.9, 181))
    rates = np.max([theory.momentum_rate(lrs, c, betas) for c in curvatures], axis=0)
    best = np.unravel_index(rates.argmin(), rates.shape)
    lr, beta, rate = theory.best_momentum(*curvatures)
    assert rates.min() >= rate - 1e-12
    np.testing.assert_allclose((lr, beta), (lrs[best], betas[best]), atol=0.02)  # the grid misses the sharp edge
    np.testing.assert_allclose((lr, beta, rate), (1.336, 0.403, 0.635), atol=5e-4)
    np.testing.assert_allclose(max(theory.momentum_rate(lr, c, beta) for c in curvatures), rate, rtol=1e-6)


@pytest.mark.parametrize(("beta", "steps"), [(0.9, 6.58), (0.99, 69.0), (0.999, 692.8)])
def test_half_life(beta, steps):
    np.testing.assert_allclose(theory.half_life(beta), steps, rtol=1e-3)
    np.testing.assert_allclose(beta ** theory.half_life(beta), 0.5)


@pytest.mark.slow
@given(product=st.floats(0.01, 0.99))
def test_critical_momentum_separates_swinging_from_creeping(product):
    """Below it the path keeps its sign, above it swings at the rate √β."""
    curvature = 5.0
    lr = product / curvature
    critical = theory.critical_momentum(lr, curvature)
    np.testing.assert_allclose(theory.momentum_rate(lr, curvature, critical), np.sqrt(critical), rtol=1e-6)
    above = (critical + 1) / 2
    np.testing.assert_allclose(theory.momentum_rate(lr, curvature, above), np.sqrt(above))
    path = helpers.trajectory(helpers.Momentum(lr, critical * 0.99), lambda w: curvature * w, [1.0], 50)
    assert (path > 0).all()
    path = helpers.trajectory(helpers.Momentum(lr, above), lambda w: curvature * w, [1.0], 2000)
    assert (path < 0).any()


@pytest.mark.parametrize(
    ("lr", "regime"), [(0.02, "creeps"), (0.1, "converges"), (0.95, "oscillates"), (1.2, "diverges"), (1.0, "diverges")]
)
def test_regimes_by_simulation(lr, regime):
    assert theory.sgd_regime(lr, 2.0, 20) == regime
    x = helpers.trajectory(helpers.SGD(lr), lambda w: 2 * w, [-5.0], 20)[:, 0]
    assert (abs(x[-1]) >= 5) == (regime == "diverges")
    assert (x > 0).any() == (regime in ("oscillates", "diverges"))
    assert (regime == "creeps") == (abs(x[-1]) > 0.5 and (x < 0).all())


def test_rates_take_arrays():
    lrs = np.linspace(0.1, 2, 7)[:, None]
    betas = np.linspace(0, 0.9, 5)
    assert theory.momentum_rate(lrs, 2.0, betas).shape == theory.nesterov_rate(lrs, 2.0, betas).shape == (7, 5)
    assert np.isscalar(theory.momentum_rate(0.1, 2.0, 0.9))
