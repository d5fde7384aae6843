"""Momentum: its three conventions, Nesterov's look-ahead, and what the live figures compute."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st

import helpers
from lessons.momentum import experiments, figures
from workbench.descent import landscapes, theory

BOWL = landscapes.bowl()
START = (-7.0, 2.0)


def heavy_ball(lrs, beta):
    """The path of helpers.Momentum on the bowl, with a learning rate for each update."""
    optimizer, w = helpers.Momentum(momentum=beta), np.array(START)
    path = [w.copy()]
    for optimizer.lr in lrs:
        optimizer.update({"w": w}, {"w": BOWL.gradient(w)})
        path.append(w.copy())
    return np.array(path)


def averaging(lrs, beta):
    """v ← β v + (1 − β) g; w ← w − η v."""
    w, v = np.array(START), np.zeros(2)
    path = [w]
    for lr in lrs:
        v = beta * v + (1 - beta) * BOWL.gradient(w)
        w = w - lr * v
        path.append(w)
    return np.array(path)


def pytorch(lrs, beta):
    """v ← β v + g; w ← w − η v."""
    w, v = np.array(START), np.zeros(2)
    path = [w]
    for lr in lrs:
        v = beta * v + BOWL.gradient(w)
        w = w - lr * v
        path.append(w)
    return np.array(path)


@options(max_examples=30)
@given(lr=st.floats(0.01, 1.0), beta=st.floats(0, 0.99))
def test_three_conventions_are_one_path_while_lr_is_constant(lr, beta):
    lrs = np.full(30, lr)
    path = heavy_ball(lrs, beta)
    np.testing.assert_allclose(averaging(lrs / (1 - beta), beta), path, atol=1e-9)
    np.testing.assert_allclose(pytorch(lrs, beta), path, atol=1e-9)


def test_conventions_part_when_lr_changes():
    lrs = np.repeat([0.1, 0.01], 15)
    ball, other = heavy_ball(lrs, 0.9), pytorch(lrs, 0.9)
    np.testing.assert_allclose(other[:16], ball[:16])
    assert np.abs(other[16] - ball[16]).max() > 0.2
    # PyTorch's velocity knows no learning rate, so the new one scales what was gathered under the old one.
    np.testing.assert_allclose(averaging(lrs / 0.1, 0.9), other)


@options(max_examples=30)
@given(lr=st.floats(0.01, 0.6), beta=st.floats(0, 0.95))
def test_nesterov_is_the_look_ahead_in_shifted_variables(lr, beta):
    """helpers.Nesterov walks w = θ + β v, where θ is the place and v = θ − (θ before) the velocity."""
    places = experiments.look_ahead(BOWL.gradient, START, lr, beta, steps=30)
    velocities = np.diff(places, axis=0, prepend=places[:1])
    path = helpers.trajectory(helpers.Nesterov(lr, beta), BOWL.gradient, START, 30)
    np.testing.assert_allclose(path, places + beta * velocities, atol=1e-9)


def test_best_nesterov_by_search():
    lrs, betas = np.meshgrid(np.linspace(0.4, 1, 601), np.linspace(0, 0.9, 901))
    rates = np.max([theory.nesterov_rate(lrs, c, betas) for c in (0.1, 2.0)], axis=0)
    best = np.unravel_index(rates.argmin(), rates.shape)
    lr, beta, rate = theory.best_nesterov(0.1, 2.0)
    assert rate - 1e-12 <= rates.min() <= rate + 0.003
    np.testing.assert_allclose((lr, beta), (lrs[best], betas[best]), atol=0.01)
    np.testing.assert_allclose(max(theory.nesterov_rate(lr, c, beta) for c in (0.1, 2.0)), rate, rtol=1e-6)


def test_best_nesterov_on_a_round_bowl_arrives_at_once():
    np.testing.assert_allclose(theory.best_nesterov(2.0, 2.0), (0.5, 0.0, 0.0), atol=1e-12)


@pytest.mark.parametrize("method", figures.BOTH)
@pytest.mark.parametrize("s", [0.02, 0.2, 0.5, 0.9])
def test_swinging_begins_at_the_critical_momentum(method, s):
    """Above it the two roots are complex, both of size √(their product); below, the larger one is above that."""
    critical = float(experiments.CRITICAL[method](np.array(s)))
    product = {"Momentum": 1, "Nesterov": 1 - s}[method]
    for beta, swings in (0.99 * critical, False), (1.01 * critical, True):
        assert np.isclose(experiments.RATE[method](s, 1.0, beta), np.sqrt(beta * product), rtol=1e-9) == swings
    path = helpers.trajectory(figures.OPTIMIZERS[method](s, 0.99 * critical), lambda w: w, [1.0], 100)
    assert (path >= 0).all()
    path = helpers.trajectory(figures.OPTIMIZERS[method](s, (1 + critical) / 2), lambda w: w, [1.0], 300)
    assert (path < 0).any()


@given(signal=st.lists(st.floats(-10, 10), min_size=1, max_size=30), beta=st.floats(0, 0.999))
def test_moving_average_weighs_the_past_by_powers_of_beta(signal, beta):
    weights = (1 - beta) * beta ** np.arange(len(signal))
    expected = [weights[: t + 1] @ signal[t::-1] for t in range(len(signal))]
    np.testing.assert_allclose(experiments.moving_average(signal, beta), expected, atol=1e-9)


def test_moving_average_in_words():
    live = figures.MovingAverage()
    assert "Half-life 6.579 steps" in live.words
    live.set(noise=0.0)
    assert "The average ends at −1." in live.words
    live.set(beta=0.99)
    assert "Half-life 68.97 steps" in live.words


@pytest.mark.parametrize("method", figures.BOTH)
@pytest.mark.parametrize("condition", [1, 20, 100])
def test_the_map_is_white_where_the_method_diverges(method, condition):
    live = figures.StabilityMap()
    live.set(method=method, condition=condition)
    rates = np.asarray(live.rates.get_array())
    rng = np.random.default_rng(0)
    bowl = landscapes.bowl(condition)
    for row, column in zip(rng.integers(0, 140, 30), rng.integers(0, 200, 30), strict=True):
        if abs(rates[row, column] - 1) < 0.01:
            continue  # too slow to tell in 600 updates
        optimizer = figures.OPTIMIZERS[method](live.lrs[column], live.betas[row])
        end = helpers.trajectory(optimizer, bowl.gradient, START, 600)[-1]
        assert (rates[row, column] < 1) == (np.abs(end) < 1).all(), (live.lrs[column], live.betas[row])


def test_the_map_marks_the_best_setting_and_the_sliders():
    live = figures.StabilityMap()
    np.testing.assert_allclose(np.ravel(live.best.get_data()), (1.336, 0.403), atol=5e-4)
    live.set(lr=1.2, momentum=0.5)
    np.testing.assert_allclose(np.ravel(live.here.get_data()), (1.2, 0.5))
    live.drag_to(0.678, 0.321)
    np.testing.assert_allclose((live.settings["lr"], live.settings["momentum"]), (0.68, 0.32))


def test_one_update_in_words():
    """The first figure of the look-ahead: the heavy ball sees no slope along y where it stands, and flies past."""
    live = figures.LookAhead()
    assert "Gradient here (−2.52, 0): the heavy ball goes to (−3.402, −1.08)." in live.words
    assert "Gradient ahead (−1.953, −2.16): Nesterov's method goes to (−3.515, −0.648)." in live.words
    live.set(lr=1.0)
    assert "Nesterov's method diverged at step" in live.words


def test_updates_off_the_saddle():
    live = figures.Saddle()
    assert "SGD 73, Momentum 27, Nesterov 24, AdaGrad 57, RMSProp 8, Adam 20." in live.words
    saddle = landscapes.saddle()
    for name in live.names:  # the figure follows y alone
        y = np.abs(helpers.trajectory(figures.OPTIMIZERS[name](0.05), saddle.gradient, (1.0, 1e-3), 80)[:, 1])
        assert live.counts[name].get_text() == str(np.argmax(y > 1))
    live.set(lr=0.005)
    assert "SGD more than 200" in live.words
