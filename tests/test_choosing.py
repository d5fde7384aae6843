"""The live figures of choosing: the start follows the landscape, the buttons set learning rates, runs are kept."""

import functools

import numpy as np
import pytest
from live_figures import assert_well

from lessons.choosing_an_optimizer import experiments as choosing
from lessons.choosing_an_optimizer.experiments import LANDSCAPES, long_run, swept
from lessons.choosing_an_optimizer.figures import LearningRates, Race
from lessons.trajectories.experiments import BOOK
from workbench.descent.optimizers import OPTIMIZERS
from workbench.descent.sweep import updates_to
from workbench.descent.trajectory import Trajectory


@functools.cache
def race():
    return Race()


@pytest.fixture
def fresh():
    race().reset()
    return race()


def button(live, name):
    return next(b for b in live.buttons() if b.description == name)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_landscapes_have_zero_as_their_lowest_loss(name):
    landscape = LANDSCAPES[name]
    if len(landscape.minima):
        np.testing.assert_allclose(landscape.value(landscape.minima), 0, atol=1e-12)
    else:
        ends = np.array([[0.0, low_or_high] for low_or_high in landscape.view[1]])
        np.testing.assert_allclose(landscape.value(ends), 0)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_another_landscape_brings_its_limits_and_its_start(fresh, name):
    fresh.controls["landscape"].value = name
    assert_well(fresh)
    (left, right), (bottom, top) = LANDSCAPES[name].view
    x, y = fresh.controls["start_x"], fresh.controls["start_y"]
    assert (x.min, x.max, y.min, y.max) == (left, right, bottom, top)
    assert (x.value, y.value) == LANDSCAPES[name].start
    assert fresh.plane.axes.get_xlim() == (left, right)
    assert fresh.plane.axes.get_ylim() == (bottom, top)
    arrows = fresh.plane.arrows.get_offsets()
    assert np.all((arrows > (left, bottom)) & (arrows < (right, top)))
    spread = np.ptp(arrows, axis=0) / (right - left, top - bottom)
    assert spread.min() > 0.75


def test_a_start_that_is_given_with_the_landscape_is_kept(fresh):
    fresh.set(landscape="Beale", start_x=2.0, start_y=-1.5)
    assert (fresh.settings["start_x"], fresh.settings["start_y"]) == (2.0, -1.5)
    fresh.reset()
    assert (fresh.settings["landscape"], fresh.settings["start_x"], fresh.settings["start_y"]) == ("bowl", -7.0, 2.0)


def test_book_button_sets_learning_rates_and_nothing_else(fresh):
    fresh.set(landscape="plateau", start_x=-3.0, lr_Adam=4.0, show_SGD=False)
    button(fresh, "The book's learning rates").click()
    assert {name: fresh.settings[f"lr_{name}"] for name in BOOK} == BOOK
    assert fresh.settings["show_SGD"]
    assert (fresh.settings["landscape"], fresh.settings["start_x"]) == ("plateau", -3.0)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_own_best_button_is_at_least_as_good_as_the_book(fresh, name):
    fresh.set(landscape=name, start_x=0.5 * LANDSCAPES[name].start[0])
    button(fresh, "Each method's own best here").click()
    assert_well(fresh)
    start = fresh.settings["start_x"], fresh.settings["start_y"]
    for method in set(OPTIMIZERS) - {"RMSProp"}:  # never at rest: its count hangs on the last digit
        own = updates_to(long_run(method, fresh.settings[f"lr_{method}"], name, start).losses, 0.01)
        assert own <= updates_to(long_run(method, BOOK[method], name, start).losses, 0.01)


def test_own_best_depends_on_updates_and_tolerance(fresh):
    long = fresh.own_best()
    fresh.set(steps=3)
    assert fresh.own_best() != long
    fresh.set(steps=200, tolerance=1e-6)
    assert fresh.own_best() != long


def test_a_slider_makes_one_new_run(fresh, monkeypatch):
    made = []

    class Watched(Trajectory):
        @classmethod
        def of(cls, optimizer, *run):
            made.append(type(optimizer).__name__)
            return Trajectory.of(optimizer, *run)

    monkeypatch.setattr(choosing, "Trajectory", Watched)
    fresh.set(lr_Adam=0.0003)
    assert made == ["Adam"]
    fresh.set(steps=17)
    fresh.set(tolerance=1e-4)
    assert made == ["Adam"]


def test_ranking_is_by_arrival_then_by_loss(fresh):
    ranks = [line.split(",")[0] for line in fresh.words.splitlines()[2:]]
    assert ranks == [
        f"{place}. {name}"
        for place, name in enumerate(("AdaGrad", "SGD", "Nesterov", "AdamW", "Adam", "Momentum", "RMSProp"), start=1)
    ]
    fresh.set(landscape="Rosenbrock")
    assert fresh.words.count("diverged at step") == 3
    assert fresh.words.splitlines()[2].startswith("1. AdaGrad")


def test_a_run_over_the_edge_of_the_saddle_is_no_divergence(fresh):
    fresh.set(landscape="saddle")
    assert fresh.words.count("left the picture at step") == 7
    assert "AdaGrad, η = 1.5: left the picture at step 2, within" in fresh.words
    assert "diverged" not in fresh.words


def test_learning_rates_marks_the_best_and_counts_those_that_arrive():
    live = LearningRates()
    found = swept("SGD", "bowl", (-7.0, 2.0))
    x, y = live.best["SGD"].get_data()
    assert (x[0], y[0]) == (0.95, found.updates(0.01)[found.best(0.01)]) == (0.95, 32)
    assert "SGD: best η = 0.95, within the tolerance from update 32 on; so are 9 of 52 η" in live.words
    live.set(landscape="Rosenbrock")
    assert not live.best["Adam"].get_visible()
    assert "Adam: no η is within the tolerance" in live.words
