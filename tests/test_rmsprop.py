"""The parts of RMSProp's live figures that a picture cannot show to be right."""

import numpy as np
import pytest

import helpers
from lessons.rmsprop import experiments as rmsprop
from lessons.rmsprop.figures import Change, Epsilon, Memory
from workbench.descent import landscapes, theory


@pytest.mark.parametrize("method", [helpers.AdaGrad, helpers.RMSProp])
def test_watched_is_the_trajectory_and_its_h_even_when_it_goes_on(method):
    bowl, expected, optimizer = landscapes.bowl(), method(lr=0.1), method(lr=0.1)
    path = helpers.trajectory(expected, bowl.gradient, (-7, 2), 12)
    first, h_first = rmsprop.watched(optimizer, bowl.gradient, (-7, 2), 5)
    second, h_second = rmsprop.watched(optimizer, bowl.gradient, first[-1], 7)
    np.testing.assert_array_equal(np.vstack([first, second[1:]]), path)
    squares, h = bowl.gradient(path[:-1]) ** 2, np.zeros((13, 2))
    for k, square in enumerate(squares):
        h[k + 1] = h[k] + square if method is helpers.AdaGrad else 0.9 * h[k] + 0.1 * square
    np.testing.assert_allclose(np.vstack([h_first, h_second]), h[1:])


def test_second_landscape_is_consistent():
    landscape, bowl = rmsprop.second_landscape(50.0), landscapes.bowl()
    points = np.random.default_rng(0).uniform(-3, 3, (10, 2))
    shift = np.eye(2) * 1e-5
    slopes = [(landscape.value(points + d) - landscape.value(points - d)) / 2e-5 for d in shift]
    np.testing.assert_allclose(landscape.gradient(points), np.transpose(slopes), atol=1e-8)
    np.testing.assert_allclose(landscape.gradient(landscape.minima), 0)
    np.testing.assert_allclose(landscape.hessian(points), bowl.hessian(points - rmsprop.CENTER) / 50)


def test_change_goes_on_where_the_first_landscape_ended():
    live = Change()
    live.set(start_x=3.0, start_y=-1.0)
    for first, second in zip(*(plane.paths.values() for plane in live.planes), strict=True):
        np.testing.assert_array_equal(first.get_xydata()[0], (3, -1))
        np.testing.assert_array_equal(first.get_xydata()[-1], second.get_xydata()[0])
    assert len(live.roots.curves["RMSProp"].get_ydata()) == 2 * rmsprop.HALF
    assert len(live.losses.curves["RMSProp"].get_ydata()) == 2 * rmsprop.HALF + 1


def test_epsilon_halves_a_step_where_the_words_say():
    live = Epsilon()
    live.set(eps=1e-6, size=1e-6)
    assert " 0.5 η long with ε outside" in live.words
    assert "at |g| = √(ε/3) = 0.0005774 inside" in live.words
    line = live.lines["inside: |g| / √(h + ε)"]
    assert np.interp(0.0005774, *line.get_data()) == pytest.approx(0.5, abs=2e-3)


def test_memory_shows_the_optimizers_steps():
    live = Memory()
    live.set(signal="always 1", rho=0.99)
    assert "RMSProp: first step 10 η" in live.words
    k = np.arange(1, rmsprop.SIGNALS + 1)
    steps = live.lines["AdaGrad", "length of a step / η"].get_ydata()
    np.testing.assert_allclose(steps, 1 / np.sqrt(k), rtol=1e-6)
    live.set(rho=0.0)
    assert "forgets all with every update" in live.words


def test_a_square_loses_half_of_its_weight_in_a_half_life():
    for rho, half_life in (0.9, 6.58), (0.99, 68.97), (0.999, 692.8):
        assert theory.half_life(rho) == pytest.approx(half_life, rel=1e-3)
        assert rho ** theory.half_life(rho) == pytest.approx(0.5)


def test_steps_recover_after_77_updates_and_those_of_adagrad_never():
    falling = np.concatenate([np.ones(100), np.full(900, 0.01)])
    steps = rmsprop.step_lengths(helpers.RMSProp(lr=1.0, rho=0.9), falling)[100:]
    assert np.argmax(steps >= 0.5) + 1 == 77
    assert pytest.approx(0.0003, rel=0.01) == 0.9**77
    assert rmsprop.step_lengths(helpers.AdaGrad(lr=1.0), falling).min() < 0.001


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9, 0.99, 0.999])
def test_first_steps_are_too_long_by_the_root_of_what_the_average_lacks(rho):
    steps = rmsprop.step_lengths(helpers.RMSProp(lr=1.0, rho=rho), np.full(1000, 0.3))
    np.testing.assert_allclose(steps, 1 / np.sqrt(1 - rho ** np.arange(1, 1001)), rtol=1e-4)


def test_the_first_update_of_the_bowl():
    path = helpers.trajectory(helpers.RMSProp(lr=0.1, rho=0.99), landscapes.bowl().gradient, (-7, 2), 1)
    np.testing.assert_allclose(path[1], (-6, 1), atol=1e-6)


def test_with_rho_close_to_1_it_is_adagrad():
    gradient, rho = landscapes.bowl().gradient, 1 - 1e-6
    slow = helpers.trajectory(helpers.RMSProp(lr=1.5 * np.sqrt(1 - rho), rho=rho), gradient, (-7, 2), 30)
    np.testing.assert_allclose(slow, helpers.trajectory(helpers.AdaGrad(lr=1.5), gradient, (-7, 2), 30), atol=1e-3)


def test_signs_alone_run_off_where_a_long_memory_stays():
    ways = {}
    for rho in 0.0, 0.999:
        optimizer = helpers.RMSProp(lr=1.0, rho=rho)
        steps = rmsprop.step_lengths(optimizer, np.tile([0.1] * 9 + [-0.9], 2000), signed=True)
        ways[rho] = steps[10_000:].mean() * 10
    assert ways[0.0] == pytest.approx(-8, abs=1e-3)
    assert abs(ways[0.999]) < 0.01


def test_on_a_second_landscape_only_an_adagrad_that_goes_on_is_stuck():
    left = rmsprop.second_half()
    assert left.pop("AdaGrad that goes on") > 0.4
    assert max(left.values()) < 1e-9


def test_a_memory_that_fits_leaves_least():
    lowest = {
        name: min(sum(rmsprop.shares_left(method(lr))) for lr in np.geomspace(0.01, 30, 61))
        for name, method in (*rmsprop.METHODS.items(), ("shorter", rmsprop.short_memory))
    }
    assert lowest["shorter"] > 100 * lowest["RMSProp, ρ = 0.9"]
    assert lowest["SGD"] > lowest["AdaGrad"] > 10 * lowest["RMSProp, ρ = 0.99"] > 1e3 * lowest["RMSProp, ρ = 0.9"]


def test_epsilon_inside_works_on_gradients_ten_thousand_times_as_large():
    bowl = landscapes.bowl()
    ends = {
        (method, size): helpers.trajectory(method(lr=0.2, rho=0.9), lambda w, s=size: s * bowl.gradient(w), (-7, 2), 50)
        for method in (helpers.RMSProp, rmsprop.Inside)
        for size in (1, 1e-5)
    }
    losses = {key: bowl.value(path[-1]) for key, path in ends.items()}
    assert losses[rmsprop.Inside, 1] == pytest.approx(losses[helpers.RMSProp, 1], rel=1e-4)
    assert losses[helpers.RMSProp, 1e-5] < 2e-4
    assert losses[rmsprop.Inside, 1e-5] > 1
    assert 1e-8 / np.sqrt(1e-8**2 + 1e-16) == pytest.approx(np.sqrt(1 / 2))  # ε² inside


@pytest.mark.parametrize("center", [(0, 0), (6, -2)])
@pytest.mark.parametrize("lr", [0.01, 0.1, 1.0])
def test_in_the_end_each_coordinate_jumps_by_the_learning_rate(center, lr):
    far, loss = rmsprop.at_the_end(optimizer := helpers.RMSProp(lr, rho=0.9), center)
    np.testing.assert_allclose(far, lr / 2, rtol=1e-3)
    assert loss == pytest.approx((0.1 + 2.0) * lr**2 / 8, rel=1e-2)
    limits = np.broadcast_to((2 / 0.1, 2 / 2.0), (20, 2))  # 2/λ
    np.testing.assert_allclose(lr / np.sqrt(optimizer.state["w"]["h"]), limits, rtol=1e-2)


@pytest.mark.parametrize("rho", [0.5, 0.99])
def test_other_memories_end_there_too(rho):
    far, _ = rmsprop.at_the_end(helpers.RMSProp(0.1, rho=rho), (0, 0))
    np.testing.assert_allclose(far, 0.05, rtol=1e-2)


def test_a_smaller_learning_rate_lowers_where_it_ends():
    bowl, optimizer = landscapes.bowl(), helpers.RMSProp(lr=0.1, rho=0.9)
    first = helpers.trajectory(optimizer, bowl.gradient, (-7, 2), 1000)[-1]
    optimizer.lr = 0.001
    second = helpers.trajectory(optimizer, bowl.gradient, first, 1000)[-1]
    assert bowl.value(first) / bowl.value(second) == pytest.approx(100**2, rel=1e-3)
    assert rmsprop.at_the_end(helpers.AdaGrad(lr=1.5), (0, 0))[1] < 1e-9


def test_on_the_turned_bowl_sgd_has_the_lowest_loss():
    straight, turned = (rmsprop.tuned_losses(rotation) for rotation in (0, 45))
    assert straight["RMSProp, ρ = 0.99"] < 1e-50 < straight["SGD"]
    assert straight["RMSProp, ρ = 0.9"] > 1000 * straight["SGD"]
    assert all(turned[name] > 10 * turned["SGD"] for name in turned if name != "SGD")


def test_the_first_steps_of_three_libraries():
    for optimizer, step in (
        (helpers.RMSProp(lr=0.01, rho=0.99), 0.1),
        (rmsprop.Inside(lr=0.001, rho=0.9, eps=1e-7), 0.00316),
        (rmsprop.Inside(lr=0.01, rho=0.9, eps=1e-8), 0.0316),
    ):
        assert rmsprop.step_lengths(optimizer, [1.0])[0] == pytest.approx(step, rel=2e-3)
