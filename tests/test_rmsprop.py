"""The parts of RMSProp's live figures that a picture cannot show to be right."""

import numpy as np
import pytest

import helpers
from lessons.rmsprop import experiments as rmsprop
from lessons.rmsprop.figures import Change, Epsilon, Memory
from workbench.descent import landscapes


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
