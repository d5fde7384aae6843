"""The first weights: what the lesson says of five and of 30 layers, its networks, and two stored runs trained again."""

from itertools import pairwise

import numpy as np
import pytest

import helpers
from lessons.initialization import experiments
from lessons.initialization.experiments import (
    CASES,
    FEW,
    FEW_LRS,
    SEEDS,
    SIZES,
    averaged,
    best_lr,
    constant,
    enlarged,
    network,
    on_few_digits,
    stored,
    stored_few,
    through_thirty,
    trained,
)
from lessons.initialization.figures import VALUES
from workbench.data import mnist
from workbench.drawing.histograms import counts
from workbench.networks.activations import five_layers, measures
from workbench.networks.training import train

# Five layers


def test_two_layers_without_activation_are_one():
    rng = np.random.default_rng(0)
    x, W1, W2 = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
    np.testing.assert_allclose((x @ W1) @ W2, x @ (W1 @ W2))
    assert not np.allclose(np.maximum(x @ W1, 0) @ W2, x @ (W1 @ W2))


def test_the_loop_that_the_lesson_shows_is_five_layers():
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(1000, 100)), rng.normal(size=(5, 100, 100))
    dy = rng.normal(size=(1000, 100))
    outputs, gradients = [x], []
    for W in weights:
        outputs.append(1 / (1 + np.exp(-(outputs[-1] @ W))))
    for W, y in zip(weights[::-1], outputs[:0:-1], strict=True):
        da = dy * y * (1 - y)
        gradients.insert(0, da)
        dy = da @ W.T
    reference = five_layers("sigmoid", 1.0, dtype=np.float64)
    np.testing.assert_allclose(outputs[1:], reference.outputs)
    np.testing.assert_allclose(gradients, reference.gradients, atol=1e-12)


GOLDEN = {
    ("sigmoid", 1.0): (0.459, 0.439, 0.436, 0.438, 0.440),
    ("sigmoid", 0.01): (0.025, 0.0123, 0.0124, 0.0122, 0.0126),
    ("sigmoid", "Xavier"): (0.208, 0.126, 0.118, 0.122, 0.123),
    ("sigmoid", "He"): (0.261, 0.174, 0.162, 0.167, 0.169),
    ("tanh", 1.0): (0.959, 0.958, 0.957, 0.957, 0.958),
    ("tanh", 0.01): (0.099, 0.0099, 9.8e-4, 9.8e-5, 9.9e-6),
    ("tanh", "Xavier"): (0.627, 0.485, 0.405, 0.355, 0.321),
    ("tanh", "He"): (0.720, 0.633, 0.593, 0.575, 0.568),
    ("ReLU", 1.0): (5.84, 40.5, 288, 2018, 14883),
    ("ReLU", 0.01): (0.058, 0.0041, 2.9e-4, 2.0e-5, 1.5e-6),
    ("ReLU", "Xavier"): (0.584, 0.405, 0.288, 0.202, 0.149),
    ("ReLU", "He"): (0.827, 0.809, 0.813, 0.807, 0.842),
}


def test_the_table_has_all_golden_cases():
    assert set(experiments.TWELVE) == set(GOLDEN)
    assert len(experiments.twelve_cases().splitlines()) == 1 + len(GOLDEN)


@pytest.mark.parametrize("case", GOLDEN, ids=str)
def test_twelve_cases(case):
    stds = [measures(five_layers(*case, seed)).std for seed in range(5)]
    np.testing.assert_allclose(np.mean(stds, axis=0), GOLDEN[case], rtol=0.03)
    np.testing.assert_allclose(averaged(*case).std, GOLDEN[case], rtol=0.03)
    assert np.all(np.ptp(stds, axis=0) < 0.4 * np.mean(stds, axis=0))


def test_more_of_tanh_saturates_with_he_than_with_xavier():
    xavier, he = (averaged("tanh", init).saturated for init in ("Xavier", "He"))
    assert all(xavier < 0.15)
    assert all(he > np.maximum(0.05, xavier))


def test_wide_weights():
    """Sums of size 10, most values saturated, most gradients tiny; with tanh the gradient explodes."""
    wide = averaged("sigmoid", 1.0)
    assert all(0.6 < share < 0.8 for share in wide.saturated)
    assert 0.07 < wide.gradient[0] < 0.09
    for seed in range(5):
        assert 0.5 < np.mean(np.abs(five_layers("sigmoid", 1.0, seed).gradients[0]) < 1e-3) < 0.6
    tanh = averaged("tanh", 1.0).gradient
    assert tanh[0] > 25 * tanh[4]


def test_narrow_weights():
    """The spread is between units, not between samples, and the gradient of layer k is 0.25 · 0.025^(5 − k)."""
    narrow = averaged("sigmoid", 0.01)
    assert all(0.011 < std < 0.014 for std in narrow.std[1:])
    assert narrow.between_samples[0] > 0.99 * narrow.std[0]
    assert narrow.between_samples[4] < 2e-8
    np.testing.assert_allclose(narrow.gradient, 0.25 * 0.025 ** np.arange(4, -1, -1), rtol=0.05)


def test_weights_that_would_carry_the_gradient_saturate():
    found = averaged("sigmoid", 0.4)
    assert found.saturated.min() > 0.2
    assert found.saturated.max() < 0.48
    assert found.gradient[0] < found.gradient[4] / 7.5


def test_tanh_keeps_the_gradient_between_015_and_02():
    below, above = (averaged("tanh", sigma).gradient for sigma in (0.15, 0.2))
    assert below[0] < below[4]
    assert above[0] > above[4]


def test_ten_times_the_weights_with_relu():
    one, ten = (five_layers("ReLU", sigma, dtype=np.float64).outputs for sigma in (0.1, 1.0))
    for k in range(5):
        np.testing.assert_allclose(ten[k], 10.0 ** (k + 1) * one[k])


def test_no_value_is_dropped_from_the_histograms():
    found = counts(VALUES["ReLU"], five_layers("ReLU", 1.0).outputs)
    assert np.all(found.sum(axis=1) == 1000 * 100)
    assert 0.45 < found[4, -1] / 1e5 < 0.55  # above 5


# How large σ should be


def test_mean_squares_forward_and_backward():
    M, N = 100, 400
    rng = np.random.default_rng(1)
    x, da = rng.normal(size=(1000, M)), rng.normal(size=(1000, N))
    for variance in 0.03**2, 1 / M, 1 / N, 2 / (M + N):
        W = rng.normal(0, np.sqrt(variance), size=(M, N))
        assert np.isclose(np.mean((x @ W) ** 2), M * variance, rtol=0.05)
        assert np.isclose(np.mean((da @ W.T) ** 2), N * variance, rtol=0.05)
    y = np.maximum(x @ rng.normal(0, np.sqrt(2 / M), size=(M, N)), 0)
    assert np.isclose(np.mean(y**2), 1, rtol=0.05)
    assert np.isclose(np.std(y), np.sqrt(1 - 1 / np.pi), rtol=0.03)


# 30 layers


def test_thirty_layers():
    def ranges(*case):
        found = through_thirty(*case)
        last = np.array([m.std[-1] for m in found])
        return last, np.array([m.between_samples[-1] for m in found]) / last, np.array([m.gradient[0] for m in found])

    last, between, first = ranges("ReLU", "He")
    assert last.min() > 0.2
    assert last.max() < 2.5
    assert first.min() > 0.4
    assert first.max() < 1.5
    assert between.min() > 0.3
    assert between.max() < 0.5
    xavier = ranges("ReLU", "Xavier")[0]
    assert xavier.max() < 1e-4
    assert ranges("ReLU", 0.01)[0].max() < 1e-34
    assert np.isclose(np.median(xavier) / np.median(last), 2**-15, rtol=0.01)
    last, between, first = ranges("tanh", "Xavier")
    assert last.min() > 0.1
    assert first.min() > 0.14
    last, between, first = ranges("sigmoid", "Xavier")
    assert last.min() > 0.1
    assert last.max() < 0.14
    assert between.max() < 1e-13
    assert first.max() < 1e-18


# Networks for digits


@pytest.fixture(scope="module")
def digits():
    return mnist.load()


@pytest.mark.parametrize(("value", "changed"), [(0.0, ["b5"]), (0.01, None)])
def test_equal_units_stay_equal(digits, value, changed):
    start = constant("ReLU", value)
    before = {name: array.copy() for name, array in start.params.items()}
    run = train(start, helpers.SGD(lr=0.1), digits.train_images, digits.train_labels, 300)
    assert all(np.ptp(start.params[f"W{k}"], axis=1).max() < 1e-6 for k in range(1, 5))
    moved = [name for name, array in start.params.items() if (array != before[name]).any()]
    assert moved == (changed or list(start.params))
    assert run.loss(100) > 2.2 if changed else 1.7 < run.loss(100) < 2.2


def test_pixels_up_to_255_end_the_training(digits):
    x = np.float32(255) * mnist.pixels(digits.train_images[:10000])
    run = train(network("ReLU", "He"), helpers.SGD(), x, digits.train_labels[:10000], 100)
    assert run.diverged is not None


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


def test_enlarged_weights_keep_the_biases():
    found = network("ReLU", "He", seed=1)
    found.params["b1"][...] = 0.5
    before = found.params["W3"].copy()
    assert enlarged(found, 3) is found
    np.testing.assert_array_equal(found.params["W3"], 3 * before)
    assert (found.params["b1"] == 0.5).all()


def test_runs_of_one_seed_are_paired(digits):
    data = digits.train_images[:500], digits.train_labels[:500]
    runs = {seed: trained("ReLU, He", seed, *data, iterations=3) for seed in (0, 1)}
    assert runs[0].losses == trained("ReLU, He", 0, *data, iterations=3).losses != runs[1].losses
    weights = {case: network(*CASES[case][:2], seed=1).params["W1"] for case in ("ReLU, He", "ReLU, Xavier")}
    np.testing.assert_allclose(weights["ReLU, He"], np.sqrt(2) * weights["ReLU, Xavier"], rtol=1e-6)


# The stored runs


@pytest.mark.slow
def test_a_stored_run_is_what_training_gives(digits):
    """The band is a fifth of the distance to the next case."""
    run = trained("ReLU, He", 0, *mnist.split(digits)[0], lr=0.01)
    assert abs(run.loss(100) - stored()["ReLU, He"][0.01]["loss"][0]) < 0.015


def test_a_stored_run_on_few_digits_again(digits):
    run = on_few_digits(2, 0, digits.train_images, digits.train_labels, lr=0.003)
    assert abs(run.loss(100) - stored_few()[2][0.003]["loss"][0]) < 0.015


def test_what_is_stored():
    found = stored()
    assert {case: tuple(by_lr) for case, by_lr in found.items()} == {case: lrs for case, (*_, lrs) in CASES.items()}
    assert {times: tuple(by_lr) for times, by_lr in stored_few().items()} == FEW_LRS
    for by_lr in [*found.values(), *stored_few().values()]:
        for numbers in by_lr.values():
            assert all(len(values) == SEEDS for values in numbers.values())
            assert all(
                (shares >= 0).all() and (shares <= 1).all() for name, shares in numbers.items() if name != "loss"
            )
    assert FEW == 1000


def test_tuned_he_and_xavier_are_equal():
    """At η = 0.01 He is ahead with every seed; each at its own learning rate they overlap. σ = 0.01 gets nowhere."""
    results = stored()
    small, xavier, he = (results[case] for case in ("ReLU, σ = 0.01", "ReLU, Xavier", "ReLU, He"))
    assert min(he[0.01]["test"]) > max(xavier[0.01]["test"]) + 0.01
    tuned = [by_lr[best_lr(by_lr)]["test"] for by_lr in (xavier, he)]
    assert abs(np.median(tuned[0]) - np.median(tuned[1])) < 0.005
    assert min(map(np.median, tuned)) > 0.965
    assert max(found["test"].max() for found in small.values()) < 0.12


def test_sigmoid_learns_with_its_own_learning_rate():
    results = stored()
    assert max(results["sigmoid, Xavier"][0.01]["test"]) < 0.12
    for case, least in (
        ("sigmoid, Xavier", 0.88),
        ("sigmoid, 4 × Xavier", 0.94),
        ("sigmoid, Xavier, Momentum", 0.93),
        ("sigmoid, Xavier, Adam", 0.94),
    ):
        by_lr = results[case]
        assert min(by_lr[best_lr(by_lr)]["test"]) > least


def test_adam_hides_small_weights():
    results = stored()
    by_lr = [results[f"ReLU, {init}, Adam"] for init in ("σ = 0.01", "He")]
    small, he = (found[best_lr(found)]["test"] for found in by_lr)
    assert small.min() > 0.95
    assert small.max() < he.min()


def test_large_first_weights_overfit():
    tests = []
    for by_lr in stored_few().values():
        found = by_lr[best_lr(by_lr)]
        assert found["training"].min() > 0.99
        tests.append(np.median(found["test"]))
    assert tests[0] > 0.85
    assert 0.7 < tests[1] < 0.82
    assert max(tests[2:]) < 0.65


@pytest.mark.slow
def test_from_large_weights_a_network_hardly_moves(digits):
    moved = []
    for times, lr in (1, 0.3), (2, 0.03):
        run = on_few_digits(times, 0, digits.train_images, digits.train_labels, lr)
        start = enlarged(network("ReLU", "He", 0), times)
        params = [(run.network.params[f"W{k}"], start.params[f"W{k}"]) for k in range(1, 5)]
        moved.append([np.linalg.norm(W - before) / np.linalg.norm(before) for W, before in params])
    assert all(0.15 < share < 0.5 for share in moved[0])
    assert all(0.03 < share < 0.13 for share in moved[1])


def test_the_gradient_starves_near_the_input(digits):
    x, labels = mnist.pixels(digits.train_images[:1000]), digits.train_labels[:1000]
    sizes = {}
    for activation, init in ("sigmoid", "Xavier"), ("ReLU", "He"):
        grads = network(activation, init).loss_and_gradients(x, labels)[1]
        sizes[activation] = [np.std(grads[f"W{k}"]) for k in range(1, 6)]
    assert 1500 < sizes["sigmoid"][4] / sizes["sigmoid"][0] < 3000
    assert max(sizes["ReLU"][:4]) < 1.5 * min(sizes["ReLU"][:4])
