"""Gradient descent in one dimension: what the lesson says beyond what its cells print."""

import numpy as np
import pytest

import helpers
from workbench.descent import landscapes, theory

VALLEYS = landscapes.two_valleys()
DEEP, SHALLOW = VALLEYS.minima[:, 0]
STARTS = np.linspace(-2.4, 2.4, 241)


def slope(x):
    return x**3 - 2 * x + 1 / 4


def f(x):
    return x**4 / 4 - x**2 + x / 4


def descend(lr, start, steps):
    return helpers.trajectory(helpers.SGD(lr), slope, np.atleast_1d(start), steps)


def test_the_limits_of_the_four_regimes_on_x_squared():
    creep, best, limit = theory.sgd_regime_limits(2.0, steps=20)
    assert round(creep, 4) == 0.0544
    assert (best, limit) == (0.5, 1.0)
    assert (1 - 2 * creep) ** 20 == pytest.approx(0.1)
    assert 1 - 2 * creep == pytest.approx(0.891, abs=5e-4)


@pytest.mark.parametrize("lr", [1.01, 1.2, 2.0])
def test_on_a_parabola_every_update_above_the_limit_makes_the_loss_larger(lr):
    path = helpers.trajectory(helpers.SGD(lr), lambda x: 2 * x, [-5], 100)
    assert (np.diff(path[:, 0] ** 2) > 0).all()


@pytest.mark.parametrize(("x", "curvature", "limit"), [(DEEP, 4.51, 0.444), (SHALLOW, 3.44, 0.581)])
def test_a_descent_rests_in_a_valley_below_its_limit_and_not_above(x, curvature, limit):
    assert VALLEYS.hessian([x]).item() == pytest.approx(curvature, abs=0.005)
    exact = 2 / VALLEYS.hessian([x]).item()
    assert exact == pytest.approx(limit, abs=5e-4)
    for lr, rests in (0.99 * exact, True), (1.01 * exact, False):
        assert np.isclose(descend(lr, x + 0.001, 2000)[-1], x, atol=1e-6).all() == rests


@pytest.mark.parametrize("lr", [0.02, 0.1, 0.2])
def test_with_a_small_learning_rate_a_descent_ends_in_the_valley_in_which_it_starts(lr):
    hilltop = np.polynomial.Polynomial([1 / 4, -2, 0, 1]).roots()[1]
    assert hilltop == pytest.approx(0.126, abs=1e-6)
    end = descend(lr, STARTS, 2000)[-1]
    np.testing.assert_allclose(end, np.where(hilltop > STARTS, DEEP, SHALLOW), atol=1e-6)
    assert f(DEEP) == pytest.approx(-1.361, abs=5e-4)
    assert f(SHALLOW) == pytest.approx(-0.655, abs=5e-4)


def test_above_the_limit_of_the_deep_valley_the_loss_goes_up_and_down_for_ever():
    """It neither rests nor grows, unlike on a parabola: every second update raises it, however long it goes on."""
    path = descend(0.5, STARTS, 4000)
    others = ~np.isclose(path[-1], SHALLOW, atol=1e-6)
    assert others.sum() == 133
    last = path[-1000:, others]
    np.testing.assert_allclose(np.sort(last[-2:], axis=0).T, [[-1.6645, -1.1481]] * 133, atol=1e-4)
    rises = np.diff(f(last), axis=0) > 0
    assert (rises[1:] != rises[:-1]).all()


@pytest.mark.parametrize(("lr", "places"), [(0.4, 1), (0.5, 2), (0.55, 4), (0.575, 8)])
def test_the_places_of_a_jumping_descent_double(lr, places):
    last = descend(lr, -1.5, 12_000)[10_001:, 0]
    np.testing.assert_allclose(last[places:], last[:-places], atol=1e-7)
    assert places == 1 or not np.allclose(last[places // 2 :], last[: -(places // 2)], atol=1e-3)


def test_beyond_the_doubling_no_pattern_is_left():
    """Two descents that start a millionth of a millionth apart are soon as far apart as the valley is wide."""
    path = descend(0.6, [-1.5, -1.5 + 1e-12], 2000)
    assert np.abs(np.diff(path, axis=1)).max() > 0.5
    assert np.abs(path).max() < 2


def test_the_differences_of_the_slope():
    x = 1.8
    forward = {h: abs((f(x + h) - f(x)) / h - slope(x)) for h in (1e-3, 1e-4, 1e-8, 1e-12)}
    central = {h: abs((f(x + h) - f(x - h)) / (2 * h) - slope(x)) for h in (1e-3, 1e-4)}
    assert forward[1e-3] / forward[1e-4] == pytest.approx(10, rel=0.01)
    assert central[1e-3] / central[1e-4] == pytest.approx(100, rel=0.01)
    assert forward[1e-8] < forward[1e-4] / 100
    assert forward[1e-8] < forward[1e-12] / 10
