"""Stochastic gradients: the order of samples, gradients of batches, the two losses, what noise does."""

import numpy as np
import pytest

import helpers
from lessons.stochastic_gradient_descent import experiments as stochastic
from lessons.stochastic_gradient_descent.experiments import DRAWS, descend, in_batches, sample_order
from lessons.stochastic_gradient_descent.figures import Escape


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
