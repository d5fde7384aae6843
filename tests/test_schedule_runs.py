"""The lesson on schedules: expected losses, stored runs computed again, its claims."""

import numpy as np
import pytest

from lessons.schedules import experiments as e
from lessons.schedules import store

STORED = e.stored()


@pytest.mark.parametrize("noise", [0.0, 1.5])
def test_expected_losses_are_the_mean_over_many_runs(noise):
    rng = np.random.default_rng(0)
    lrs = np.linspace(0.9, 0.1, 40)
    w = np.tile(e.START, (20000, 1))
    losses = [(w**2 @ e.CURVATURES / 2).mean()]
    for lr in lrs:
        w = w - lr * (w * e.CURVATURES + rng.normal(0, noise, w.shape))
        losses.append((w**2 @ e.CURVATURES / 2).mean())
    expected = e.expected_losses(lrs, noise)
    np.testing.assert_allclose(losses, expected, rtol=0.05 if noise else 1e-12)
    np.testing.assert_array_equal(e.expected_losses(np.stack([lrs, lrs]), noise), [expected, expected])


def test_with_noise_every_plan_ends_far_below_the_constant_rate_and_without_noise_above_it():
    ends = {}
    for noise in 1.0, 0.0:
        plans = {
            "constant": e.schedules.constant(0.5),
            "step": e.schedules.step(0.5, 300, [150]),
            "exponential": e.schedules.exponential(0.5, 0.98),
            "1/t": e.schedules.inverse_time(0.5, 0.02),
            "cosine": e.schedules.cosine(0.5, 300),
        }
        plans["warm"] = e.schedules.warmup(plans["cosine"], 300, 30)
        ends[noise] = {name: e.expected_losses(plan(np.arange(300)), noise)[-1] for name, plan in plans.items()}
    constant = ends[1.0].pop("constant")
    assert max(ends[1.0].values()) < constant / 7
    assert constant == pytest.approx(sum(0.5 / (2 * (2 - 0.5 * h)) for h in e.CURVATURES), rel=1e-3)
    assert min(ends[0.0], key=ends[0.0].get) == "constant"
    assert ends[1.0]["warm"] >= ends[1.0]["cosine"] == min(ends[1.0].values())


@pytest.mark.parametrize(("noise", "gain"), [(1.0, (0.4, 0.55)), (0.1, (0.25, 0.4)), (0.0, (2, 10))])
def test_each_at_its_best_rate_the_cosine_gains_a_factor_of_two_or_three(noise, gain):
    rates, k = np.arange(1, 200) / 100, np.arange(300)
    constant = min(e.expected_losses(e.schedules.constant(lr)(k), noise)[-1] for lr in rates)
    cosine = min(e.expected_losses(e.schedules.cosine(lr, 300)(k), noise)[-1] for lr in rates)
    assert gain[0] < cosine / constant < gain[1]


def test_the_limit_is_that_of_the_heavy_ball():
    assert e.limit(0.1) == pytest.approx(38)
    np.testing.assert_allclose(e.limit(e.rate("warm-up", np.array([0, 40, 600]))), [7600, 185.4, 38], rtol=1e-3)


def test_the_sharpness_rises_beyond_the_limit_at_once_and_not_with_a_warm_up():
    """And what else the lesson says of these runs in words."""
    assert [runs.shape for runs in STORED.watched.values()] == [(e.WATCHED, 2, len(e.LOOKED_AT))] * 3
    starts, tens = (STORED.sharpness("at once", k) for k in (0, 10))
    assert 6.5 < starts.min() < starts.max() < 15.3
    assert 67 < tens.min() < tens.max() < 162
    losses = STORED.watched["at once"][:, 0]
    assert np.isnan(losses[:, -1]).sum() == 2
    assert (losses[:, -1] < 0.1).sum() == 2
    assert 7.5 < losses[1, 2] < 8
    assert 1.5 < losses[1, 1] < 1.7
    for start, most in ("warm-up", 0.9), ("a tenth of η", 0.3):
        curvatures = STORED.watched[start][:, 1]
        assert (curvatures < most * e.limit(e.rate(start, e.LOOKED_AT))).all()
        assert (STORED.watched[start][:, 0, -1] < 1e-3).all()
    peaks = STORED.watched["warm-up"][:, 1]
    assert 94 < peaks.max(axis=1).min() < peaks.max() < 155
    assert set(e.LOOKED_AT[peaks.argmax(axis=1)]) <= {40, 50}
    assert STORED.sharpness("warm-up", 100).max() < 10
    quiet = STORED.watched["a tenth of η"][:, 1]
    assert (quiet[:, list(e.LOOKED_AT).index(40)] > 5 * quiet[:, 0]).all()


@pytest.mark.slow
def test_the_longest_gradient_does_not_come_first():
    assert STORED.lengths.shape == (e.WATCHED, e.UPDATES)
    assert STORED.lengths.argmax(axis=1).min() > 30
    assert (STORED.lengths.max(axis=1) > 1.5 * STORED.lengths[:, :10].mean(axis=1)).all()
    again = e.gradient_lengths("a tenth of η", 0)
    np.testing.assert_allclose(again[:30], STORED.lengths[0, :30], rtol=0.02)


def test_stored_sharpness_computed_again(monkeypatch):
    monkeypatch.setattr(e, "UPDATES", 5)
    loss, curvature = e.watched(0.1, 0, 0)
    assert loss[:2] == pytest.approx(STORED.watched["at once"][0, 0, :2], rel=1e-3)
    assert curvature[:2] == pytest.approx(STORED.watched["at once"][0, 1, :2], rel=0.02)
    assert np.isnan(loss[2:]).all()


def test_a_stored_run_with_a_warm_up_computed_again():
    loss, accuracy = store.swept(0.05, 50, 0)
    assert loss < 0.01
    assert accuracy == pytest.approx(STORED.swept[e.LRS.index(0.05), e.WARM.index(50), 0, 1], abs=0.03)


def test_what_a_warm_up_buys():
    loss, accuracy = np.moveaxis(STORED.swept, -1, 0)
    learned = loss < 0.1
    assert STORED.swept.shape == (len(e.LRS), len(e.WARM), e.MANY, 2)
    assert learned[:3].all()
    assert learned[3].sum(axis=-1).tolist() == [6, 8, 10]
    assert learned[4].sum(axis=-1).tolist() == [0, 0, 1]
    medians = [np.median(accuracy[i, j][learned[i, j]]) for i in range(4) for j in range(len(e.WARM))]
    assert np.ptp(medians) < 0.031


def test_schedules_on_mnist():
    """Each plan that ends with short steps is better on its worst seed than the constant rate on its best."""
    assert STORED.held_out.shape == (len(e.SCHEDULES), len(e.RATES), e.TUNED)
    constant, *others = STORED.test
    assert STORED.test.shape == (len(e.SCHEDULES), e.SEEDS)
    assert all(other.min() > constant.max() for other in others)
    assert all(0.003 < np.median(other) - np.median(constant) < 0.007 for other in others)
    assert np.ptp([np.median(other) for other in others]) < 0.002
    best = dict(zip(e.SCHEDULES, (e.RATES[i] for i in e.best_rates(STORED.held_out)), strict=True))
    assert best["constant"] == 0.02
    assert min(best[name] for name in best if name != "constant") == 0.05


@pytest.mark.slow
def test_a_stored_run_on_mnist_computed_again():
    found = store.on_mnist("cosine", 0.05, 0)
    assert found[0] == pytest.approx(STORED.held_out[2, e.RATES.index(0.05), 0], abs=0.006)
