"""Stochastic gradients: the order of samples, gradients of batches, the two losses, what noise does."""

import itertools

import numpy as np
import pytest

import helpers
from lessons.stochastic_gradient_descent import experiments as stochastic
from lessons.stochastic_gradient_descent.experiments import DRAWS, descend, in_batches, sample_order
from lessons.stochastic_gradient_descent.figures import Escape
from workbench.descent import landscapes, theory


def test_shuffled_epochs_hold_every_sample_once():
    order = sample_order(8, 24, seed=0)
    epochs = order.reshape(3, 8)
    np.testing.assert_array_equal(np.sort(epochs, axis=1), np.tile(np.arange(8), (3, 1)))
    assert len({tuple(epoch) for epoch in epochs}) == 3
    np.testing.assert_array_equal(sample_order(8, 20, seed=0).shape, (20,))


@pytest.mark.parametrize("draw", DRAWS)
def test_a_seed_fixes_the_order(draw):
    np.testing.assert_array_equal(sample_order(8, 24, 5, draw), sample_order(8, 24, 5, draw))
    assert (sample_order(8, 24, 5, draw) != sample_order(8, 24, 6, draw)).any()


def test_independent_draws_take_any_sample_each_time():
    order = sample_order(4, 4000, seed=0, draw="independent draws")
    assert np.abs(np.bincount(order) / 4000 - 1 / 4).max() < 0.03
    assert (np.sort(order[:4]) != np.arange(4)).any()


def test_a_draw_that_is_none():
    with pytest.raises(ValueError, match="draw is 'sorted'; allowed: shuffled epochs, independent draws"):
        sample_order(4, 4, 0, "sorted")


def test_batches_are_cut_in_order():
    np.testing.assert_array_equal(in_batches(range(7), 3), [[0, 1, 2], [3, 4, 5]])
    orders = np.arange(12).reshape(2, 6)  # of two descents
    np.testing.assert_array_equal(in_batches(orders, 3), [[[0, 1, 2], [6, 7, 8]], [[3, 4, 5], [9, 10, 11]]])


def test_descend_is_sgd_on_the_mean_gradient_of_each_batch():
    u, t = stochastic.line_data()
    order = in_batches(sample_order(32, 64, 1), 8)
    path = descend(stochastic.line_gradient, stochastic.design(u), t, order, (1.0, -2.0), lr=0.2)
    w = np.array([1.0, -2.0])
    for k, batch in enumerate(order):
        np.testing.assert_allclose(path[k], w)
        r = w[0] * u[batch] + w[1] - t[batch]
        w = w - 0.2 * np.array([np.mean(r * u[batch]), np.mean(r)])
    np.testing.assert_allclose(path[-1], w)
    assert path.shape == (9, 2)


def test_full_batch_is_gradient_descent():
    u, t = stochastic.line_data(outlier=3.0)
    loss = stochastic.least_squares(u, t)
    everything = np.tile(np.arange(32), (20, 1))
    path = descend(stochastic.line_gradient, stochastic.design(u), t, everything, loss.start, lr=0.3)
    np.testing.assert_allclose(path, helpers.trajectory(helpers.SGD(0.3), loss.gradient, loss.start, 20))


def test_several_descents_at_once_are_the_single_ones():
    u, t = stochastic.line_data()
    rows = stochastic.design(u)
    orders = np.stack([sample_order(32, 64, seed) for seed in range(3)])
    together = descend(stochastic.line_gradient, rows, t, in_batches(orders, 4), np.zeros((3, 2)), 0.1)
    for seed in range(3):
        alone = descend(stochastic.line_gradient, rows, t, in_batches(orders[seed], 4), np.zeros(2), 0.1)
        np.testing.assert_allclose(together[:, seed], alone, atol=1e-12)


def test_decay_counts_epochs():
    gradient = lambda w, x, t: np.ones(1)  # noqa: E731
    path = descend(gradient, np.zeros(4), np.zeros(4), np.zeros((12, 2), int), [0.0], lr=1.0, decay=3.0)
    np.testing.assert_allclose(-np.diff(path[:, 0]), 1 / (1 + 3 * np.arange(12) / 2))


def test_divergence_runs_on_without_a_warning():
    u, t = stochastic.line_data()
    path = descend(stochastic.line_gradient, stochastic.design(u), t, np.zeros((3000, 1), int), [1e9, 1e9], lr=9.0)
    assert not np.isfinite(path[-1]).all()


def numeric_gradient(f, p, h=1e-5):
    return np.stack([(f(p + h * e) - f(p - h * e)) / (2 * h) for e in np.eye(p.shape[-1])], axis=-1)


LOSSES = {
    "line": stochastic.least_squares(*stochastic.line_data()),
    "line, outlier and copies": stochastic.least_squares(*stochastic.line_data(copies=3, outlier=5.0)),
    "wave": stochastic.wave_loss(*stochastic.wave_data()),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_hessian_minima(name):
    loss = LOSSES[name]
    low, high = np.transpose(loss.view)
    points = np.random.default_rng(0).uniform(low, high, (20, len(low)))
    np.testing.assert_allclose(loss.gradient(points), numeric_gradient(loss.value, points), atol=1e-7)
    np.testing.assert_allclose(loss.hessian(points), numeric_gradient(loss.gradient, points), atol=1e-7)
    np.testing.assert_allclose(loss.gradient(loss.minima), 0, atol=1e-12)
    assert (np.linalg.eigvalsh(loss.hessian(loss.minima)) > 0).all()
    assert (np.diff(loss.value(loss.minima)) >= 0).all()


def test_the_loss_of_a_line_is_the_mean_over_the_samples():
    u, t = stochastic.line_data(outlier=2.0)
    x, y = 0.7, -1.2
    expected = np.mean((x * u + y - t) ** 2 / 2)
    assert stochastic.least_squares(u, t).value(np.array([x, y])) == pytest.approx(expected, rel=1e-12)


def test_the_wave_has_a_deep_and_a_shallow_valley():
    loss = LOSSES["wave"]
    w = np.linspace(*loss.view[0], 5001)
    value = loss.value(w[:, None])
    lowest_of_three = w[1:-1][(value[1:-1] < value[:-2]) & (value[1:-1] < value[2:])]
    np.testing.assert_allclose(np.sort(loss.minima[:, 0]), lowest_of_three, atol=2e-3)
    deep, shallow = loss.value(loss.minima)
    assert deep < 0.01
    assert shallow > 0.4


def test_copies_leave_the_loss_as_it_is_and_the_outlier_moves_one_point():
    (u, t), (u3, t3), (_, t_out) = (stochastic.line_data(*a) for a in ((), (3,), (1, 6.0)))
    assert len(u3) == len(t3) == 96
    one, three = stochastic.least_squares(u, t), stochastic.least_squares(u3, t3)
    np.testing.assert_allclose(one.minima, three.minima)
    np.testing.assert_allclose(one.hessian(np.zeros(2)), three.hessian(np.zeros(2)))
    moved = np.flatnonzero(t != t_out)
    assert moved == [np.argmax(u)]
    assert t[moved] - t_out[moved] == pytest.approx(6)


def test_gradient_noise_is_the_covariance_of_single_gradients():
    u, t = stochastic.line_data()
    w = np.array([0.5, 0.3])
    r = w[0] * u + w[1] - t
    gradients = np.stack([r * u, r], axis=-1)
    centered = gradients - gradients.mean(axis=0)
    np.testing.assert_allclose(stochastic.gradient_noise(u, t, w), centered.T @ centered / 32)


def test_cost_is_counted_in_samples():
    u, t = stochastic.line_data()
    everything = np.tile(np.arange(32), (25, 1))
    run = stochastic.fit_line(u, t, everything, (-2.0, 3.0), lr=0.3)
    first = int(np.argmax(run.losses <= stochastic.TARGET))
    assert run.losses[first - 1] > stochastic.TARGET >= run.losses[first]
    assert run.cost == 32 * first == 480
    assert "target after 480 samples" in run.result
    twice = stochastic.fit_line(*stochastic.line_data(copies=2), np.tile(np.arange(64), (25, 1)), (-2.0, 3.0), lr=0.3)
    assert twice.cost == 2 * run.cost
    short = stochastic.fit_line(u, t, everything[:3], (-2.0, 3.0), lr=0.3)
    assert short.cost is None
    assert "target not reached" in short.result


def test_noise_leaves_the_shallow_valley_and_a_large_batch_does_not():
    live = Escape()
    deep = {}
    for size in (1, 2, 4, 20):
        live.set(size=size)
        deep[size] = int(live.words.split("updates ")[-1].split(" of")[0])
    assert deep[1] > 120 > 60 > deep[2] > deep[4]
    assert deep[20] == 0
    assert "200 in the shallow one" in live.words


# What the lesson says, beyond what its cells show

LINE = stochastic.line_data()
LOSS = stochastic.least_squares(*LINE)
BEST = LOSS.minima[0]


def test_most_samples_agree_far_from_the_minimum_and_contradict_each_other_close_to_it():
    u, t = LINE
    helpful = {}
    for place in LOSS.start, BEST + 0.1:
        w = np.array(place)
        gradients = stochastic.line_gradient(np.tile(w, (32, 1)), stochastic.design(u)[:, None], t[:, None])
        np.testing.assert_allclose(gradients.mean(axis=0), LOSS.gradient(w))
        helpful[tuple(place)] = (LOSS.value(w - 0.3 * gradients) < LOSS.value(w)).sum()
    far, close = helpful.values()
    assert far >= 22
    assert close <= 17


def test_the_same_rate_makes_one_sample_thirty_times_as_cheap():
    cost = {c: [stochastic.samples_to_target(*stochastic.line_data(c), m) for m in (1, 8, 32 * c)] for c in (1, 2)}
    assert cost[2][2] == 2 * cost[1][2]
    np.testing.assert_allclose(cost[2][:2], cost[1][:2], rtol=0.1)
    assert 25 < cost[1][2] / cost[1][0] < 40


@pytest.mark.slow
def test_tuned_the_full_batch_needs_three_to_sixteen_times_the_samples():
    """On the points of the lesson, and on nine other draws of them."""

    def ratio(u, t):
        return stochastic.tuned_cost(u, t, 32)[1] / stochastic.tuned_cost(u, t, 1)[1]

    assert 8 < ratio(*LINE) < 13
    ratios = []
    for seed in range(100, 109):
        rng = np.random.default_rng(seed)
        u = np.sort(rng.uniform(-1, 2, 32))
        ratios.append(ratio(u, 1.5 * u - 0.5 + rng.normal(0, 0.3, 32)))
    assert 2.9 < min(ratios) < 4
    assert 14 < max(ratios) < 18


def test_a_mini_batch_dampens_the_outlier_and_the_full_batch_goes_where_it_leads():
    u, t = stochastic.line_data(outlier=6.0)
    one, eight, full = (stochastic.longest_step(u, t, m) for m in (1, 8, 32))
    assert one > 8 * eight
    assert full < 1e-9
    assert BEST[0] - stochastic.least_squares(u, t).minima[0][0] > 0.4


@pytest.mark.parametrize("m", [1, 8])
def test_the_height_of_the_hovering(m):
    """η tr C / (4 m) with independent draws; with shuffled epochs half of η leaves a quarter."""
    trace = np.trace(stochastic.gradient_noise(*LINE, BEST))
    assert round(trace, 3) == 0.159

    def hover(lr, draw):
        return stochastic.excess(*LINE, m, lr, samples=1000 * m, draw=draw, start=BEST)[401:].mean()

    for lr in 0.025, 0.05:
        assert hover(lr, DRAWS[1]) == pytest.approx(lr * trace / (4 * m), rel=0.15)
    if m == 8:
        assert hover(0.05, DRAWS[0]) / hover(0.025, DRAWS[0]) == pytest.approx(4, rel=0.1)
        assert hover(0.025, DRAWS[0]) < hover(0.025, DRAWS[1]) / 10


def test_shuffled_epochs_leave_a_quarter_inside_and_an_eighth_at_their_ends():
    inside, ends = (
        [stochastic.excess(*LINE, 8, lr, samples=8 * 1000, start=BEST)[first::4].mean() for lr in (0.05, 0.025, 0.0125)]
        for first in (402, 404)
    )
    np.testing.assert_allclose(np.divide(inside[:-1], inside[1:]), 4, rtol=0.1)
    np.testing.assert_allclose(np.divide(ends[:-1], ends[1:]), 8, rtol=0.15)


def test_decay_is_early_and_low():
    def after(lr, decay=0.0):
        losses = stochastic.excess(*LINE, 1, lr, samples=800, decay=decay).mean(axis=1)
        return losses[96], losses[800]

    large, small, decayed, too_soon = after(0.3), after(0.3 / 26), after(0.3, 1.0), after(0.3, 20.0)
    assert decayed[0] < large[0] < small[0]
    assert decayed[1] < large[1] / 100
    assert decayed[1] < small[1]
    assert too_soon[1] > 1000 * decayed[1]


@pytest.mark.slow
def test_in_other_data_some_get_out_with_one_sample_and_none_with_four():
    one, four, full = (stochastic.escapes(m) for m in (1, 4, 20))
    assert len(one) == 24
    assert min(one) > 0
    assert max(four) == max(full) == 0


@pytest.mark.slow
def test_with_four_samples_some_leave_eleven_of_these_valleys_and_with_all_none_does():
    left = {4: 0, 20: 0}
    for u, t, _, valley in stochastic.shallow_valleys():
        for size in left:
            left[size] += not stochastic.near(stochastic.wave_ends(u, t, size, 0.3, valley), valley).all()
    assert left == {4: 11, 20: 0}


def test_tuned_one_sample_does_not_stay_at_the_target():
    u, t = stochastic.line_data()
    above = {
        m: np.mean(stochastic.excess(u, t, m, lr, samples=800 if m == 1 else 3200)[21:] > stochastic.TARGET)
        for m, lr in ((1, 0.6), (32, 1.1))
    }
    assert above[1] == pytest.approx(0.43, abs=0.03)
    assert above[32] == 0


def test_the_height_of_the_noise_and_not_the_batch_size_alone_decides():
    u, t = stochastic.wave_data()
    loss = stochastic.wave_loss(u, t)
    deep, shallow = loss.minima[:, 0]
    spread = [np.std(stochastic.wave_gradient(np.full(20, w), u[:, None], t[:, None])) for w in (deep, shallow)]
    assert spread[1] > 9 * spread[0]
    assert stochastic.near(stochastic.wave_ends(u, t, 1, 0.3, deep), deep).all()
    assert stochastic.near(stochastic.wave_ends(u, t, 4, 0.8, shallow), deep).mean() > 0.5
    assert stochastic.near(stochastic.wave_ends(u, t, 1, 0.8, deep), deep).mean() < 0.5


def test_a_sum_of_curves_has_the_points_that_are_counted():
    curve = landscapes.two_valleys()
    flat = np.polynomial.Polynomial([1 / 4, -2, 0, 1]).roots()
    upward = curve.hessian(flat[:, None])[:, 0, 0] > 0
    for n in 1, 2, 4:
        ups = np.array(list(itertools.product(upward, repeat=n))).sum(axis=1)
        assert (len(ups), (ups == n).sum(), (ups == 0).sum()) == (3**n, 2**n, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 7])
def test_more_waves_trap_fewer_starts(seed):
    """7 draws the points of the lesson."""
    caught = [(stochastic.fit_waves(*stochastic.wave_data(seed), h) > 0.02).sum() for h in (1, 2, 4, 8)]
    assert caught[0] > 90
    assert caught[3] < 10
    assert caught == sorted(caught, reverse=True)


def test_the_best_rate_of_the_full_batch_by_theory_is_the_one_that_the_count_finds():
    curvatures = np.linalg.eigvalsh(LOSS.hessian(BEST))
    lr, _ = stochastic.tuned_cost(*LINE, 32)
    assert lr == pytest.approx(theory.best_lr(*curvatures), abs=0.1)
    losses = stochastic.excess(*LINE, 1, lr=lr, samples=800)
    assert (losses[-1] > losses[0]).sum() > 50


def test_the_task_below_the_exercises_has_its_solution():
    run = stochastic.fit_line(*LINE, in_batches(sample_order(32, 800, seed=0), 4), LOSS.start, lr=0.3, decay=0.2)
    assert run.cost == 60
    assert run.losses[-1] < 1e-4
