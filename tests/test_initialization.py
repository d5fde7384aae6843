"""The MNIST runs of initialization: their networks, and one stored run trained again."""

from itertools import pairwise

import numpy as np
import pytest

from lessons.initialization.experiments import CASES, SEEDS, SIZES, constant, network, stored, trained
from workbench.data import mnist


def test_constant_weights():
    found = constant("tanh", 0.3)
    assert [found.params[f"W{k}"].shape for k in range(1, 6)] == list(pairwise(SIZES))
    for name, array in found.params.items():
        assert (array == (np.float32(0.3) if name.startswith("W") else 0)).all()
    assert found.dtype == np.float32


def test_four_times_xavier():
    one, four = network("sigmoid", "Xavier", seed=3), network("sigmoid", "4 × Xavier", seed=3)
    for name, array in one.params.items():
        np.testing.assert_array_equal(four.params[name], 4 * array)
    assert np.isclose(four.params["W1"].std(), 4 / 28, rtol=0.02)


def test_runs_of_one_seed_are_paired():
    digits = mnist.load()
    data = digits.train_images[:500], digits.train_labels[:500]
    runs = {seed: trained("He", seed, *data, iterations=3) for seed in (0, 1)}
    assert runs[0].losses == trained("He", 0, *data, iterations=3).losses != runs[1].losses
    weights = {case: network(*CASES[case][:2], seed=1).params["W1"] for case in ("He", "Xavier")}
    np.testing.assert_allclose(weights["He"], np.sqrt(2) * weights["Xavier"], rtol=1e-6)


@pytest.mark.parametrize("case", ["He"])
def test_a_stored_run_is_what_training_gives(case):
    """The band is a fifth of the distance to the next case."""
    digits = mnist.load()
    run = trained(case, 0, digits.train_images, digits.train_labels)
    assert abs(run.loss(100) - stored()[case]["loss"][0]) < 0.015


def test_what_is_stored():
    found = stored()
    assert list(found) == list(CASES)
    for numbers in found.values():
        assert len(numbers["loss"]) == len(numbers["accuracy"]) == SEEDS
        assert all(0 < loss < 2.4 for loss in numbers["loss"])
        assert all(0.1 <= share < 1 for share in numbers["accuracy"])
