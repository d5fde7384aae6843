"""Momentum: its three conventions, what the lesson says of it, and what the live figures compute."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st

import helpers
from lessons.momentum import experiments, figures
from lessons.nesterov.figures import LookAheadMap
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


@pytest.mark.parametrize("lrs", [np.full(30, 0.1), np.repeat([0.1, 0.01], 15)])
def test_the_lesson_walks_in_these_conventions(lrs):
    for name, path in ("heavy ball", heavy_ball), ("averaging", averaging), ("PyTorch", pytorch):
        np.testing.assert_allclose(experiments.walk(name, lrs), path(lrs, 0.9), rtol=1e-12)


def test_conventions_part_when_lr_changes():
    lrs = np.repeat([0.1, 0.01], 15)
    ball, other = heavy_ball(lrs, 0.9), pytorch(lrs, 0.9)
    np.testing.assert_allclose(other[:16], ball[:16])
    assert np.abs(other[16] - ball[16]).max() > 0.2
    # PyTorch's velocity knows no learning rate, so the new one scales what was gathered under the old one.
    np.testing.assert_allclose(averaging(lrs / 0.1, 0.9), other)


@pytest.mark.parametrize("method", ["Momentum", "Nesterov"])
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


@pytest.mark.slow
def test_moving_average_in_words():
    live = figures.MovingAverage()
    assert "Half-life 6.579 steps" in live.words
    live.set(noise=0.0)
    assert "The average ends at −1." in live.words
    live.set(beta=0.99)
    assert "Half-life 68.97 steps" in live.words


@pytest.mark.slow
@pytest.mark.parametrize("kind", [figures.StabilityMap, LookAheadMap])
@pytest.mark.parametrize("condition", [1, 20, 100])
def test_the_map_is_white_where_the_method_diverges(kind, condition):
    live = kind()
    live.set(condition=condition)
    rates = np.asarray(live.rates.get_array())
    rng = np.random.default_rng(0)
    bowl = landscapes.bowl(condition)
    for row, column in zip(rng.integers(0, 140, 30), rng.integers(0, 200, 30), strict=True):
        if abs(rates[row, column] - 1) < 0.01:
            continue  # too slow to tell in 600 updates
        optimizer = figures.OPTIMIZERS[live.method](live.lrs[column], live.betas[row])
        end = helpers.trajectory(optimizer, bowl.gradient, START, 600)[-1]
        assert (rates[row, column] < 1) == (np.abs(end) < 1).all(), (live.lrs[column], live.betas[row])


def test_the_map_marks_the_best_setting_and_the_sliders():
    live = figures.StabilityMap()
    np.testing.assert_allclose(np.ravel(live.best.get_data()), (1.336, 0.403), atol=5e-4)
    live.set(lr=1.2, momentum=0.5)
    np.testing.assert_allclose(np.ravel(live.here.get_data()), (1.2, 0.5))
    live.drag_to(0.678, 0.321)
    np.testing.assert_allclose((live.settings["lr"], live.settings["momentum"]), (0.68, 0.32))


def test_updates_off_the_saddle():
    live = figures.Saddle()
    assert "SGD 73, Momentum 27, Nesterov 24, AdaGrad 57, RMSProp 8, Adam 20." in live.words
    saddle = landscapes.saddle()
    for name in live.names:  # the figure follows y alone
        y = np.abs(helpers.trajectory(figures.OPTIMIZERS[name](0.05), saddle.gradient, (1.0, 1e-3), 80)[:, 1])
        assert live.counts[name].get_text() == str(np.argmax(y > 1))
    live.set(lr=0.005)
    assert "SGD more than 200" in live.words


# What the lesson says, beyond what its cells show


def test_the_sign_and_the_published_number():
    w, v = np.array(START), np.zeros(2)
    for _ in range(10):
        v = 0.9 * v - 0.1 * BOWL.gradient(w)
        w = w - v
    assert BOWL.value(w) > 900 * BOWL.value(np.array(START))
    params = {"w": np.array([1.0, 2.0])}
    helpers.Momentum(lr=0.01, momentum=0.9).update(params, {"w": np.array([0.1, -0.2])})
    np.testing.assert_allclose(params["w"], [0.999, 2.002])  # not the [0.99, 2.02] of a tutorial


def test_the_method_is_a_ball_with_friction():
    """Half the step of time, half the distance to the way that physics knows for x²/2."""
    c, errors = 0.4, []
    omega = np.sqrt(1 - c**2 / 4)
    for h in 0.2, 0.1, 0.05:
        x = helpers.trajectory(helpers.Momentum(h**2, 1 - c * h), lambda x: x, [1.0], steps=round(10 / h))[:, 0]
        t = h * np.arange(len(x))
        way = np.exp(-c * t / 2) * (np.cos(omega * t) + c / (2 * omega) * np.sin(omega * t))
        errors.append(np.abs(x - way).max())
    np.testing.assert_allclose(errors, [0.098, 0.048, 0.024], atol=5e-4)


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.99])
def test_what_an_average_leaves_of_the_noise_and_when_it_is_half_way(beta):
    expected = np.sqrt((1 - beta) / (1 + beta))
    weights = (1 - beta) * beta ** np.arange(10 / (1 - beta))
    assert (weights**2).sum() == pytest.approx(expected**2, rel=1e-4)
    for seed in range(3):
        noise = np.random.default_rng(seed).normal(size=40_000)
        assert experiments.moving_average(noise, beta)[2000:].std() == pytest.approx(expected, rel=0.1)
    left = 1 - experiments.moving_average(np.ones(100), beta)  # from 0 to 1
    half = theory.half_life(beta)
    assert left[int(half) - 1] >= 1 / 2 - 1e-12
    assert left[int(half) + 1] < 1 / 2


def test_the_lowest_loss_for_each_momentum():
    lowest = {beta: experiments.lowest_loss(beta) for beta in (0.0, 0.4, 0.9, 0.99)}
    assert [round(lr, 2) for _, lr in lowest.values()] == [0.93, 1.33, 1.26, 1.32]
    none, best, usual, much = (loss for loss, _ in lowest.values())
    assert best < 1e-6 * none
    assert usual < none < much / 10
    assert experiments.lowest_loss(0.0, 100)[0] < experiments.lowest_loss(0.9, 100)[0] / 100
    beside = helpers.trajectory(helpers.Momentum(1.25, 0.9), BOWL.gradient, START, 30)
    assert BOWL.value(beside[-1]) == pytest.approx(0.078, abs=0.001)
    for beta, (loss, lr) in lowest.items():
        path = helpers.trajectory(helpers.Momentum(lr, beta), BOWL.gradient, START, 30)
        assert BOWL.value(path[-1]) == pytest.approx(loss)


@pytest.mark.parametrize("beta", [0.0, 0.4, 0.9])
def test_the_limit_moves_with_the_momentum(beta):
    limit = theory.momentum_stability_limit(2.0, beta)
    below, above = (
        BOWL.value(helpers.trajectory(helpers.Momentum(k * limit, beta), BOWL.gradient, START, 500)[-1])
        for k in (0.99, 1.01)
    )
    assert below < 1e-3
    assert above > 1e3


@pytest.mark.parametrize("beta", [0.25, 0.64, 0.9])
def test_the_swinging_rate_is_the_root_and_not_twice_the_root(beta):
    assert experiments.measured_rate(0.5, beta) == pytest.approx(np.sqrt(beta), rel=0.02)


@pytest.mark.parametrize("s", [0.02, 0.2, 0.9, 1.5])
def test_no_rate_is_below_the_root_and_critical_damping_has_the_best(s):
    betas = np.linspace(0, 0.99, 500)
    rates = theory.momentum_rate(s, 1.0, betas)
    assert (rates >= np.sqrt(betas) - 1e-9).all()
    critical = theory.critical_momentum(s, 1.0)
    assert theory.momentum_rate(s, 1.0, critical) <= rates.min() + 1e-12
    at_or_above = betas >= critical
    np.testing.assert_allclose(rates[at_or_above], np.sqrt(betas[at_or_above]))
    assert (rates[~at_or_above] > np.sqrt(betas[~at_or_above])).all()


def test_the_best_place_of_the_map_by_search():
    lr, beta, rate = theory.best_momentum(0.1, 2.0)
    np.testing.assert_allclose((lr, beta, rate), (1.336, 0.403, 0.635), atol=5e-4)
    lrs, betas = np.meshgrid(np.arange(0.01, 2.0, 0.01), np.linspace(0, 0.99, 100))
    rates = np.max([theory.momentum_rate(lrs, c, betas) for c in (0.1, 2.0)], axis=0)
    best = np.unravel_index(rates.argmin(), rates.shape)
    np.testing.assert_allclose((lrs[best], betas[best]), (lr, beta), atol=0.05)
    condition = ((1 + np.sqrt(0.9)) / (1 - np.sqrt(0.9))) ** 2
    assert round(condition) == 1442
    assert theory.best_momentum(2 / condition, 2.0)[1] == pytest.approx(0.9)


def test_ten_times_the_condition_number_costs_the_ball_four_times_the_updates():
    """And not √10: on the border of swinging the distance shrinks like k · rateᵏ."""
    sgd, ball = (
        [experiments.updates_needed(optimizer(c), c) for c in (100, 1000)]
        for optimizer in (
            lambda c: helpers.SGD(theory.best_lr(2 / c, 2.0)),
            lambda c: helpers.Momentum(*theory.best_momentum(2 / c, 2.0)[:2]),
        )
    )
    assert 9 < sgd[1] / sgd[0] < 11
    assert np.sqrt(10) < ball[1] / ball[0] < 4
    for condition in 100, 1000:
        lr, beta, rate = theory.best_momentum(2 / condition, 2.0)
        bowl = landscapes.bowl(condition)
        x = helpers.trajectory(helpers.Momentum(lr, beta), bowl.gradient, START, steps=100)[:, 0]
        growth = np.diff(x / rate ** np.arange(101))  # of the factor before rateᵏ, per update
        np.testing.assert_allclose(growth, growth[0], rtol=1e-6)
        assert abs(growth[0]) > 0.1


def test_after_exactly_30_updates_the_lowest_loss_lies_beside_the_best_rate():
    lr, beta, _ = theory.best_momentum(0.1, 2.0)
    cross, beside = (
        BOWL.value(helpers.trajectory(helpers.Momentum(*s), BOWL.gradient, START, 30)[-1])
        for s in ((lr, beta), (1.33, 0.4))
    )
    assert beside < 0.2 * cross


def test_the_order_off_the_saddle_depends_on_the_learning_rate():
    first = {}
    for lr in 0.01, 0.05, 0.5:
        updates = {name: experiments.updates_to_leave(name, lr) for name in ("SGD", "Momentum", "AdaGrad", "Adam")}
        first[lr] = sorted(updates, key=updates.get)
    assert first[0.05] == ["Adam", "Momentum", "AdaGrad", "SGD"]
    assert (first[0.01][0], first[0.01][-1]) == ("Momentum", "AdaGrad")
    assert first[0.5] == ["AdaGrad", "Adam", "Momentum", "SGD"]
    for name, longer in ("SGD", True), ("Momentum", True), ("AdaGrad", False), ("Adam", False):
        nearer = experiments.updates_to_leave(name, 0.05, y=1e-6)
        assert (nearer > 1.9 * experiments.updates_to_leave(name, 0.05)) == longer


def test_the_growth_of_the_ball_beside_the_ridge():
    saddle = landscapes.saddle()
    y = helpers.trajectory(helpers.Momentum(0.05, 0.9), saddle.gradient, (1.0, 1e-6), steps=45)[:, 1]
    assert y[45] / y[44] == pytest.approx(theory.momentum_rate(0.05, -2.0, 0.9), rel=1e-6)
    assert y[45] / y[44] == pytest.approx(1.316, abs=5e-4)


@pytest.mark.parametrize(("name", "most"), [("SGD", 104), ("Momentum", 36), ("Adam", 20)])
def test_noise_gets_them_off_the_ridge(name, most):
    saddle = landscapes.saddle()

    def updates(noise, seed):
        rng = np.random.default_rng(seed)
        noisy = lambda w: saddle.gradient(w) + noise * rng.normal(size=2)  # noqa: E731
        y = np.abs(helpers.trajectory(figures.OPTIMIZERS[name](lr=0.05), noisy, (1.0, 0.0), steps=200)[:, 1])
        return int(np.argmax(y > 1)) if (y > 1).any() else np.inf

    assert updates(0.0, 0) == np.inf
    assert abs(max(updates(0.01, seed) for seed in range(20)) - most) <= 1


def test_the_weights_spread_more_with_momentum():
    for lr, beta in (0.01, 0.0), (0.01, 0.9), (0.001, 0.9):
        spreads = [experiments.spread(lr, beta, seed) for seed in range(3)]
        np.testing.assert_allclose(spreads, np.sqrt(lr / (1 - beta) / 2), rtol=0.1)
