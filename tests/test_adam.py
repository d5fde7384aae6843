"""What the lesson on Adam stands on: Adam uncorrected, its averages, decay under noise, drift under rare gradients."""

import ipywidgets as widgets
import numpy as np
import pytest

import helpers
from lessons.adam.experiments import Uncorrected, decayed, drift, online, updates
from lessons.adam.figures import UPDATES, Anatomy
from workbench.descent import landscapes

BOWL = landscapes.bowl()


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.5, 0.9), (0.0, 0.0)])
def test_uncorrected_is_adam_without_its_correction(beta1, beta2):
    w = np.array(BOWL.start)
    m = v = np.zeros(2)
    expected = [w]
    for _ in range(20):
        g = BOWL.gradient(w)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        w = w - 0.3 * m / (np.sqrt(v) + 1e-8)
        expected.append(w)
    path = helpers.trajectory(Uncorrected(0.3, beta1, beta2), BOWL.gradient, BOWL.start, steps=20)
    np.testing.assert_allclose(path, expected, rtol=1e-12)
    assert not np.allclose(path, helpers.trajectory(helpers.Adam(0.3), BOWL.gradient, BOWL.start, steps=20))


def test_updates_hold_what_adam_holds():
    path, g, m, v = updates(helpers.Adam(0.3), BOWL.gradient, BOWL.start, steps=30)
    np.testing.assert_array_equal(path, helpers.trajectory(helpers.Adam(0.3), BOWL.gradient, BOWL.start, steps=30))
    np.testing.assert_array_equal(g, BOWL.gradient(path[:-1]))
    ages = np.arange(30)[:, None] - np.arange(30)
    for average, values, beta in (m, g, 0.9), (v, g**2, 0.999):
        weights = np.where(ages >= 0, (1 - beta) * beta ** np.maximum(ages, 0), 0)
        np.testing.assert_allclose(average, weights @ values, rtol=1e-12)


def test_decay_alone_is_what_sgd_and_adamw_leave():
    noise = np.random.default_rng(0).normal(size=(50, 3, 1)) * [0.1, 10]
    expected = np.repeat(0.99 ** np.arange(51)[:, None], 2, axis=1)
    np.testing.assert_allclose(decayed(helpers.SGD(0.1), noise, l2=0.1), expected, rtol=1e-9)
    np.testing.assert_allclose(decayed(helpers.AdamW(0.1, weight_decay=0.1), noise), expected, rtol=1e-9)
    small, large = decayed(helpers.Adam(0.1), noise, l2=0.1)[-1]
    assert small < 0.5 * expected[-1, 0]
    assert large > 1.5 * expected[-1, 0]


@pytest.mark.parametrize(
    ("period", "high", "beta1", "beta2"), [(3, 3, 0, 0.1), (3, 4, 0.9, 0.99), (10, 11, 0.5, 0.9), (4, 5, 0, 0)]
)
def test_drift_is_what_adam_does_in_the_long_run(period, high, beta1, beta2):
    grads = iter(([float(high)] + [-1.0] * (period - 1)) * 1000)
    optimizer = helpers.Adam(1.0, beta1, beta2, eps=1e-300)
    x = helpers.trajectory(optimizer, lambda w: [next(grads)], [0], steps=1000 * period)[:, 0]
    measured = (x[-1] - x[-1 - period]) / period
    assert measured == pytest.approx(drift(period, high, beta1, beta2), abs=1e-9)


def test_drift_takes_many_beta2_at_once():
    many = np.array([0.0, 0.1, 0.999])
    np.testing.assert_array_equal(drift(3, 3, 0.5, many), [drift(3, 3, 0.5, b) for b in many])


def test_online_sgd_by_hand():
    x = online(helpers.SGD(), period=3, high=3, lr=0.5, updates=4)
    second, third = 0.5 / np.sqrt(2), 0.5 / np.sqrt(3)
    np.testing.assert_allclose(x, [0, -1, -1 + second, -1 + second + third, -1])


def test_play_counts_the_updates():
    anatomy = Anatomy()
    row = anatomy.control_box().children[0]
    play, k = row.children
    assert isinstance(play, widgets.Play)
    assert k is anatomy.controls["k"]
    assert (play.min, play.max, play.value) == (1, UPDATES, k.value)
