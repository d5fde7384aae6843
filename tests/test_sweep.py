"""Sweeps over learning rates: the same runs as one by one, judged by when they arrive to stay."""

import numpy as np
import pytest

from workbench.descent import landscapes
from workbench.descent.optimizers import OPTIMIZERS
from workbench.descent.sweep import LRS, Sweep, sweep, updates_to
from workbench.descent.trajectory import Trajectory


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("make", [landscapes.beale, landscapes.plateau])
def test_all_at_once_is_the_same_as_one_by_one(name, make):
    landscape, lrs = make(), (0.001, 0.0123, 0.3)
    found = sweep(OPTIMIZERS[name](), landscape, landscape.start, 40, lrs)
    assert found.lrs.tolist() == list(lrs)
    assert found.losses.shape == (3, 41)
    with np.errstate(over="ignore", invalid="ignore"):
        alone = [Trajectory.of(OPTIMIZERS[name](lr=lr), landscape, landscape.start, 40).losses for lr in lrs]
    np.testing.assert_allclose(found.losses, alone, rtol=1e-6)


def test_any_number_of_weights():
    line = landscapes.parabola()
    found = sweep(OPTIMIZERS["SGD"](), line, (-5.0,), 3, (0.1, 0.5))
    np.testing.assert_allclose(found.losses, [25 * 0.64 ** np.arange(4), [25, 0, 0, 0]], atol=1e-30)


def test_divergence_gives_no_warning_and_is_never_the_best():
    found = sweep(OPTIMIZERS["SGD"](), landscapes.rosenbrock(), (-1.5, 2.0), 50)
    assert not np.isfinite(found.losses[-1, -1])
    assert found.lrs[found.best(1e-9)] < 0.01


@pytest.mark.parametrize(
    ("losses", "updates"),
    [
        ([5, 3, 1, 0.5], 2),
        ([5, 0.1, 3, 1], 3),  # passes through, comes back, and stays
        ([5, 0.1, 3, 2], np.inf),
        ([1, 0.5, 0.2, 0.1], 0),
        ([5, 1, 1, np.nan], np.inf),
        ([5, np.nan, 1, 1], 2),
        ([5, np.inf, 1, -np.inf], 2),
    ],
)
def test_updates_to_a_tolerance_of_one(losses, updates):
    assert updates_to(losses, 1) == updates
    np.testing.assert_array_equal(updates_to([losses, losses], 1), [updates, updates])


def test_best_is_the_first_to_arrive_then_the_lowest():
    losses = np.array([[9, 9, 1, 1], [9, 1, 1, 0.9], [9, 1, 1, 0.5], [9, 9, 9, np.nan]])
    found = Sweep(np.array([0.1, 0.2, 0.3, 0.4]), losses)
    assert found.updates(1).tolist() == [2, 1, 1, np.inf]
    assert found.best(1) == 2
    assert found.best(0.1) == 2  # nobody arrives
    assert found.cut(1).updates(1).tolist() == [np.inf, 1, 1, np.inf]


def test_the_learning_rates_are_those_of_a_slider():
    assert (LRS[0], LRS[-1], len(LRS)) == (1e-4, 10, 51)
