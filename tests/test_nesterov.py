"""Nesterov's method: the look-ahead, the published bug, what the lesson says of it, and what its figures compute."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st

import helpers
from lessons.momentum.experiments import updates_needed
from lessons.nesterov import experiments, figures
from workbench.descent import landscapes, theory

BOWL = landscapes.bowl()
START = (-7.0, 2.0)


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


def test_one_update_in_words():
    """The first figure of the look-ahead: the heavy ball sees no slope along y where it stands, and flies past."""
    live = figures.LookAhead()
    assert "Gradient here (−2.52, 0): the heavy ball goes to (−3.402, −1.08)." in live.words
    assert "Gradient ahead (−1.953, −2.16): Nesterov's method goes to (−3.515, −0.648)." in live.words
    live.set(lr=1.0)
    assert "Nesterov's method diverged at step" in live.words


def test_the_map_marks_the_best_setting_of_this_method():
    live = figures.LookAheadMap()
    np.testing.assert_allclose(np.ravel(live.best.get_data()), (0.656, 0.592), atol=5e-4)
    assert "Best for Nesterov on this bowl: η = 0.6557, β = 0.5923, rate 0.7439." in live.words


# What the lesson says, beyond what its cells show


def test_it_brakes_where_the_heavy_ball_does_not():
    rounder = landscapes.bowl(condition=4)
    ball, nesterov = (
        helpers.trajectory(optimizer(0.2, 0.9), rounder.gradient, START, 30)[:, 1]
        for optimizer in (helpers.Momentum, helpers.Nesterov)
    )
    assert ball[2] == pytest.approx(0, abs=1e-12)  # where the third update begins the slope along y is 0
    assert np.abs(ball[-10:]).max() > 0.1 > 10 * np.abs(nesterov[-10:]).max()
    assert theory.nesterov_rate(0.2, 2.0, 0.9) == pytest.approx(np.sqrt(0.9 * (1 - 0.2 * 2.0)))


def test_the_limit_is_the_lowest_of_the_three():
    limits = [
        theory.nesterov_stability_limit(2.0, 0.9),
        theory.sgd_stability_limit(2.0),
        theory.momentum_stability_limit(2.0, 0.9),
    ]
    np.testing.assert_allclose(limits, [0.679, 1, 1.9], atol=5e-4)
    ends = [
        BOWL.value(helpers.trajectory(optimizer, BOWL.gradient, START, 100)[-1])
        for optimizer in (helpers.Nesterov(0.69), helpers.SGD(0.69), helpers.Momentum(0.69))
    ]
    assert ends[0] > BOWL.value(np.array(START)) > max(ends[1:])


def test_it_is_sooner_for_a_rough_answer_and_later_for_many_digits():
    for condition in 20, 100, 1000:
        ball = helpers.Momentum(*theory.best_momentum(2 / condition, 2.0)[:2])
        nesterov = helpers.Nesterov(*theory.best_nesterov(2 / condition, 2.0)[:2])
        rough, fine = ([updates_needed(one, condition, left) for one in (ball, nesterov)] for left in (1e-2, 1e-8))
        assert rough[1] < rough[0]
        assert fine[0] < fine[1]


def test_the_bug_looked_better_and_diverges_sooner():
    right, wrong = (experiments.on_the_bowl(0.1, too_early=too_early) for too_early in (False, True))
    np.testing.assert_allclose(right, helpers.trajectory(helpers.Nesterov(0.1, 0.9), BOWL.gradient, START, 30))
    np.testing.assert_allclose(BOWL.value(np.array([right[-1], wrong[-1]])), [0.0238, 0.0139], atol=5e-5)
    np.testing.assert_allclose(right[1] - right[0], [0.133, -0.76])
    assert np.abs(wrong[1] - right[1]).max() > 0.3
    stable = [(lr, not experiments.diverges(lr), not experiments.diverges(lr, too_early=True)) for lr in (0.42, 0.44)]
    assert stable == [(0.42, True, True), (0.44, True, False)]
    assert not experiments.diverges(0.67)
    assert experiments.diverges(0.69)


def test_the_heavy_ball_never_arrives_on_the_broken_slope():
    optimizers = (
        helpers.SGD(theory.best_lr(1.0, 25.0)),
        helpers.Momentum(*theory.best_momentum(1.0, 25.0)[:2]),
        helpers.Nesterov(*theory.best_nesterov(1.0, 25.0)[:2]),
        helpers.Nesterov(1 / 25, 4 / 6),  # the settings of the proof
    )
    sgd, ball, *nesterov = (np.abs(experiments.on_the_broken_slope(one)) for one in optimizers)
    assert max(map(np.max, (sgd, *nesterov))) < 1e-9
    assert ball.min() > 0.5
