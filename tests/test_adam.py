"""What the lesson on Adam stands on: Adam uncorrected, its averages, decay under noise, drift under rare gradients."""

import ipywidgets as widgets
import numpy as np
import pytest

import helpers
from lessons.adam.experiments import STEPS, TUNED, Uncorrected, decay_left, decayed, drift, online, tuned, updates
from lessons.adam.figures import UPDATES, Anatomy
from workbench.descent import landscapes, theory

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


def test_first_moves_of_the_three_steps():
    for (name, make), first in zip(STEPS.items(), (31.62, 3.162, 1.0), strict=True):
        path = helpers.trajectory(make(0.3), BOWL.gradient, BOWL.start, steps=1)
        np.testing.assert_allclose(np.diff(path, axis=0)[0], (0.3 * first, -0.3 * first), rtol=1e-3, err_msg=name)


def test_a_leap_pays_on_the_bowl_and_nowhere_else():
    turned, c = landscapes.bowl(rotation=45), np.sqrt(1 / 2)
    path = helpers.trajectory(STEPS["step 1"](0.3), BOWL.gradient, BOWL.start, steps=30)
    assert BOWL.value(path[1]) > 8 * BOWL.value(path[0])
    assert BOWL.value(path[30]) < 1e-30
    start = np.array([[c, -c], [c, c]]) @ BOWL.start
    assert turned.value(helpers.trajectory(STEPS["step 1"](0.3), turned.gradient, start, steps=30)[-1]) > 1e-2
    highest = {}
    for name, make in STEPS.items():
        losses = BOWL.value(helpers.trajectory(make(0.1), BOWL.gradient, np.array(BOWL.start) / 100, steps=200))
        highest[name] = losses.max() / losses[0]
    assert highest["step 1"] > 10_000 > highest["step 2"] > 100 > 11 > highest["step 3"] > 1


def test_without_the_correction_the_twelfth_move_is_the_longest():
    t = np.arange(1, 5001)
    too_long = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    for make, expected in (Uncorrected, too_long), (helpers.Adam, np.ones(5000)):
        path = helpers.trajectory(make(1.0), lambda w: np.ones(1), [0], steps=5000)[:, 0]
        np.testing.assert_allclose(-np.diff(path), expected, rtol=1e-5)
    assert too_long[0] == pytest.approx(3.162, abs=5e-4)
    assert too_long.argmax() + 1 == 12
    assert too_long.max() == pytest.approx(6.57, abs=5e-3)
    assert too_long[999] == pytest.approx(1.26, abs=5e-3)


def test_the_correction_does_not_cure_a_long_silence():
    gradients = iter([0.0] * 10_000 + [5.0])
    path = helpers.trajectory(helpers.Adam(1.0), lambda w: [next(gradients)], [0], steps=10_001)[:, 0]
    assert -path[-1] == pytest.approx(3.162, abs=5e-4)


def test_the_size_of_the_loss_does_not_matter():
    path, scaled = (
        helpers.trajectory(helpers.Adam(0.3), lambda w, f=f: f * BOWL.gradient(w), BOWL.start, steps=30)
        for f in (1, 1000)
    )
    np.testing.assert_allclose(scaled, path, atol=1e-6)
    sgd = helpers.trajectory(helpers.SGD(0.3), lambda w: 1000 * BOWL.gradient(w), BOWL.start, steps=30)
    assert np.linalg.norm(sgd[-1]) > 1e60


def test_adagrad_and_momentum_are_limits_of_adam():
    adagrad = helpers.trajectory(helpers.AdaGrad(1.5), BOWL.gradient, BOWL.start, steps=30)
    w, optimizer = {"w": np.array(BOWL.start)}, helpers.Adam(beta1=0, beta2=1 - 1e-9)
    for t in range(1, 31):
        optimizer.lr = 1.5 / np.sqrt(t)
        optimizer.update(w, {"w": BOWL.gradient(w["w"])})
    np.testing.assert_allclose(w["w"], adagrad[-1], atol=1e-6)
    # m is an average, so that η/ε is η of the heavy ball divided by 1 − β₁.
    momentum = helpers.trajectory(helpers.Momentum(lr=0.1, momentum=0.9), BOWL.gradient, BOWL.start, steps=30)
    same = helpers.trajectory(Uncorrected(lr=1e8, beta1=0.9, eps=1e8), BOWL.gradient, BOWL.start, steps=30)
    np.testing.assert_allclose(same, momentum, atol=1e-6)


def test_the_path_of_the_book():
    path, gradients, m, v = updates(helpers.Adam(0.3), BOWL.gradient, BOWL.start, steps=60)
    k = np.arange(1, 61)[:, None]
    m_hat, root, steps = m / (1 - 0.9**k), np.sqrt(v / (1 - 0.999**k)), np.diff(path, axis=0)
    np.testing.assert_allclose(steps[0], (0.3, -0.3))
    assert np.abs(steps).max() <= 0.3
    assert gradients[8, 1] < 0 < m_hat[8, 1]
    assert (m_hat[8:14, 1] > 0).all()
    assert m_hat[14, 1] < 0
    assert np.argmax(path[:, 0] > 0) == 29
    assert np.argmax(path[:, 1] < 0) == 8
    assert path[:31, 1].argmin() == 14
    np.testing.assert_allclose(path[30], (0.13601, 0.31825), atol=5e-6)
    loss = BOWL.value(path[30])
    assert loss == pytest.approx(1.022e-1, rel=5e-4)
    assert path[30, 1] ** 2 / loss > 0.98
    assert root[29, 1] == pytest.approx(1.43, abs=5e-3)
    assert root[29, 1] == pytest.approx(np.sqrt((gradients[:30, 1] ** 2).mean()), rel=0.01)
    assert np.abs(gradients[25:30, 1]).max() < 0.7
    zigzag = BOWL.value(helpers.trajectory(helpers.SGD(0.95), BOWL.gradient, BOWL.start, steps=30)[-1])
    assert 7 < loss / zigzag < 8


@pytest.mark.slow
def test_tuned_adam_is_lucky_at_most_and_has_too_much_momentum():
    straight, turned = ({name: tuned(name, rotation) for name in TUNED} for rotation in (0, 45))
    luck, steady = straight["Adam, β₁ = 0.9"]
    assert luck < 2e-4
    assert 0.05 < steady < 0.08
    assert straight["SGD"][1] < 0.02
    assert straight["Adam, β₁ = 0.5"][1] < steady / 1e6
    np.testing.assert_allclose(turned["SGD"], straight["SGD"])
    assert turned["Adam, β₁ = 0.9"][0] > turned["SGD"][0]
    assert turned["Adam, β₁ = 0.5"][1] > 3 * straight["Adam, β₁ = 0.5"][1]


def test_step_3_gets_below_a_hundred_millionth():
    path = helpers.trajectory(helpers.Adam(lr=1.122, beta1=1 - 0.794), BOWL.gradient, BOWL.start, steps=30)
    assert BOWL.value(path[-1]) < 1e-14


@pytest.mark.parametrize("seed", range(3))
def test_l2_in_adam_decays_by_the_size_of_the_gradients_and_adamw_does_not(seed):
    left = decay_left(seed)
    np.testing.assert_allclose(left["L2 in SGD"], 0.999**300)
    np.testing.assert_allclose(left["AdamW"], 0.999**300)
    small, _, _, ten, hundred = left["L2 in Adam"]
    assert abs(small) < 0.01
    assert ten == pytest.approx(0.9999**300, abs=0.005)
    assert hundred == pytest.approx(0.99999**300, abs=0.005)


def test_sgd_goes_to_the_best_point_and_adam_to_the_worst():
    ends = [
        online(optimizer, period=3, high=3, lr=0.5, updates=4000)[-3:].mean()
        for optimizer in (helpers.SGD(), helpers.Adam(beta1=0, beta2=0.1))
    ]
    assert ends[0] < -0.98
    assert ends[1] > 0.98


def test_a_longer_memory_does_not_help_for_good():
    assert drift(3, 3, 0.9, 0.999) < 0 < drift(101, 101, 0.9, 0.999)
    gradients = iter(([101.0] + [-1.0] * 100) * 200)
    x = helpers.trajectory(helpers.Adam(1.0), lambda w: [next(gradients)], [0], steps=101 * 200)[:, 0]
    assert (x[-1] - x[-102]) / 101 == pytest.approx(drift(101, 101, 0.9, 0.999), abs=1e-5)


def test_amsgrad_forgets_a_large_first_gradient_or_not_by_the_place_of_its_correction():
    m = v = largest = largest_corrected = 0
    for t, g in enumerate([10.0] + [1.0] * 999, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        largest, largest_corrected = max(largest, v), max(largest_corrected, v / (1 - 0.999**t))
    m_hat = m / (1 - 0.9**t)
    assert m_hat / np.sqrt(largest / (1 - 0.999**t)) == pytest.approx(0.97, abs=5e-3)  # PyTorch, Keras
    assert m_hat / np.sqrt(largest_corrected) == pytest.approx(0.1)  # Optax


def test_a_long_stay_at_the_minimum_ends_above_the_limit_of_stability():
    path, _, _, v = updates(helpers.Adam(0.3), BOWL.gradient, BOWL.start, steps=8000)
    losses = BOWL.value(path)
    step_size = 0.3 / np.sqrt(v[:, 1] / (1 - 0.999 ** np.arange(1, 8001)))
    limit = theory.momentum_stability_limit(2.0, 0.9) / (1 - 0.9)
    assert limit == pytest.approx(19)
    assert 5500 < np.argmax(step_size > limit) < 5600
    assert losses[5000:5500].max() < 1e-200
    assert losses[6000:].max() > 0.01
    damped = helpers.trajectory(helpers.Adam(0.3, eps=0.02), BOWL.gradient, BOWL.start, steps=8000)
    assert BOWL.value(damped[6000:]).max() < 1e-100


def test_first_moves_by_the_place_of_epsilon():
    g, root = 1e-8, np.sqrt((1 - 0.999) * 1e-16)
    assert g / (g + 1e-8) == pytest.approx(0.5)
    assert g / np.sqrt(g**2 + 1e-8) == pytest.approx(1e-4, rel=1e-3)
    assert np.sqrt(1 - 0.999) * g / (root + 1e-7) == pytest.approx(0.00315, rel=1e-2)  # Keras
    assert 1e-7 / np.sqrt(1 - 0.999) / 1e-8 == pytest.approx(316, rel=1e-2)
