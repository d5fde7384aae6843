"""Normalization: the batch normalization layer, preparations of inputs, and the numbers it stores."""

import json
from pathlib import Path

import numpy as np
import pytest

from lessons.normalization import experiments
from lessons.normalization.figures import Inputs, NormalizedLayers, digit_rows
from workbench.networks.activations import five_layers, measures
from workbench.networks.gradient_check import numeric_gradient, relative_error
from workbench.networks.network import MLP
from workbench.networks.normalization import (
    PREPARATIONS,
    BatchNorm,
    centering,
    nothing,
    pca_whitening,
    scaling,
    second_moments,
    zca_whitening,
)


def layer(features=4, seed=0, **arguments):
    """A float64 layer whose γ and β are not what they are at first."""
    made = BatchNorm(features, dtype=np.float64, **arguments)
    rng = np.random.default_rng(seed)
    made.params["gamma"][...] = rng.uniform(0.5, 2, features)
    made.params["beta"][...] = rng.normal(size=features)
    made.mean[...], made.var[...] = rng.normal(size=features), rng.uniform(0.5, 2, features)
    return made


def test_in_training_each_feature_has_mean_beta_and_standard_deviation_gamma():
    norm = layer(eps=1e-12)
    y = norm.forward(np.random.default_rng(1).normal(5, 3, (50, 4)), training=True)
    np.testing.assert_allclose(y.mean(axis=0), norm.params["beta"], rtol=1e-10)
    np.testing.assert_allclose(y.std(axis=0), norm.params["gamma"], rtol=1e-10)


def test_what_it_gives_does_not_depend_on_shift_and_scale_of_the_input():
    x = np.random.default_rng(2).normal(size=(8, 4))
    norm = layer(eps=1e-12)
    np.testing.assert_allclose(norm.forward(x, True), norm.forward(7 + 100 * x, True), rtol=1e-9)


@pytest.mark.parametrize("training", [True, False])
def test_the_way_back_is_that_of_central_differences(training):
    norm, rng = layer(), np.random.default_rng(3)
    x, dy = rng.normal(1, 2, (5, 4)), rng.normal(size=(5, 4))
    mean, var = norm.mean.copy(), norm.var.copy()

    def loss():
        norm.mean[...], norm.var[...] = mean, var
        return (norm.forward(x, training) * dy).sum()

    loss()
    dx, grads = norm.backward(dy), norm.gradients(dy)
    assert relative_error(dx, numeric_gradient(loss, x)) < 1e-7
    for name in "gamma", "beta":
        assert relative_error(grads[name], numeric_gradient(loss, norm.params[name])) < 1e-7


def test_a_network_with_it_has_the_gradients_of_central_differences():
    rng = np.random.default_rng(4)
    network = MLP((6, 5, 4, 3), "tanh", "He", 0, np.float64, before=lambda n: BatchNorm(n, dtype=np.float64))
    x, labels = rng.normal(size=(8, 6)), rng.integers(0, 3, 8)
    grads = network.loss_and_gradients(x, labels)[1]
    assert {"gamma1", "beta1", "gamma2", "beta2"} < grads.keys() == network.params.keys()
    for name, gradient in grads.items():
        expected = numeric_gradient(lambda: network.loss(x, labels, training=True), network.params[name])
        # A bias before the layer moves nothing: its gradient is rounding.
        scale = 1 if name in ("b1", "b2") else np.abs(expected).max()
        assert np.abs(gradient - expected).max() < 1e-7 * scale, name


TORCH = json.loads(Path(__file__).with_name("torch_normalization.json").read_text())


def test_it_equals_torch_step_by_step():
    norm = BatchNorm(4, rho=TORCH["rho"], eps=TORCH["eps"], dtype=np.float64)
    norm.params["gamma"][...], norm.params["beta"][...] = TORCH["gamma"], TORCH["beta"]
    for step in TORCH["steps"]:
        y, dy = norm.forward(np.array(step["x"]), step["training"]), np.array(step["dy"])
        grads = norm.gradients(dy)
        found = {"y": y, "dx": norm.backward(dy), "dgamma": grads["gamma"], "dbeta": grads["beta"]}
        for name, value in (found | {"mean": norm.mean, "var": norm.var}).items():
            np.testing.assert_allclose(value, step[name], rtol=1e-12, atol=1e-14, err_msg=name)


def test_a_prediction_changes_nothing_and_does_not_depend_on_the_other_samples():
    norm, x = layer(), np.random.default_rng(5).normal(size=(6, 4))
    mean, var = norm.mean.copy(), norm.var.copy()
    together = norm.forward(x)
    np.testing.assert_array_equal(np.concatenate([norm.forward(x[i : i + 1]) for i in range(6)]), together)
    np.testing.assert_array_equal((norm.mean, norm.var), (mean, var))


def test_float32_stays_float32():
    norm = BatchNorm(3)
    x = np.random.default_rng(6).normal(size=(5, 3)).astype(np.float32)
    y = norm.forward(x, training=True)
    arrays = y, norm.backward(y), *norm.gradients(y).values(), norm.mean, norm.var
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


def test_a_constant_feature_gives_beta():
    norm = layer()
    np.testing.assert_allclose(norm.forward(np.full((4, 4), 0.7), True), np.tile(norm.params["beta"], (4, 1)))
    assert np.isfinite(norm.backward(np.ones((4, 4)))).all()


@pytest.mark.parametrize("n", [0, 1])
def test_a_batch_of_one_in_training(n):
    with pytest.raises(ValueError, match=f"the size of the batch is {n}; allowed in training: 2 or more"):
        layer().forward(np.zeros((n, 4)), training=True)
    assert layer().forward(np.zeros((n, 4))).shape == (n, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": 0}, "features is 0; allowed: a whole number, 1 to"),
        ({"features": 2.5}, "features is 2.5; allowed: a whole number, 1 to"),
        ({"rho": 1}, "rho is 1; allowed: a number from 0 to below 1"),
        ({"rho": float("nan")}, "rho is nan; allowed: a number from 0 to below 1"),
        ({"eps": 0}, "eps is 0; allowed: a finite number above 0"),
    ],
)
def test_arguments_that_are_not_allowed(arguments, message):
    with pytest.raises(ValueError, match=message):
        BatchNorm(**({"features": 3} | arguments))


# Preparations of inputs


@pytest.fixture
def data():
    """300 samples of three correlated features with means far from 0 and different scales."""
    return np.random.default_rng(7).normal(size=(300, 3)) @ [[2, 1, 0], [0, 0.5, 0.3], [0, 0, 0.1]] + [3, -1, 10]


@pytest.mark.parametrize("preparation", [p for p in PREPARATIONS.values() if p is not nothing])
def test_what_each_preparation_leaves(preparation, data):
    mean, W = preparation(data)
    z = (data - mean) @ W
    covariance = np.cov(data.T, bias=True)
    spread = np.sqrt(np.diag(covariance))
    expected = {
        centering: covariance,
        scaling: covariance / spread[:, None] / spread,
        pca_whitening: np.eye(3),
        zca_whitening: np.eye(3),
    }[preparation]
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(second_moments(z), expected, atol=1e-10)


def test_raw_is_unchanged(data):
    mean, W = PREPARATIONS["raw"](data)
    np.testing.assert_array_equal((data - mean) @ W, data)


def test_pca_whitening_sorts_by_variance_and_zca_stays_near_the_data(data):
    mean, W = pca_whitening(data)
    variances = 1 / (W**2).sum(axis=0)  # of the columns U/√Λ
    assert (np.diff(variances) < 0).all()
    np.testing.assert_allclose(np.sort(variances), np.linalg.eigvalsh(np.cov(data.T, bias=True)))
    zca = zca_whitening(data)[1]
    np.testing.assert_allclose(zca, zca.T, atol=1e-12)
    z = data - mean
    rng = np.random.default_rng(8)
    for _ in range(20):  # no other whitening, a whitening turned by any angle, is nearer
        turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        assert ((z @ zca - z) ** 2).sum() <= ((z @ zca @ turn - z) ** 2).sum()


def test_eps_keeps_constant_features_finite(data):
    x = np.column_stack([data, np.full(300, 5.0)])
    for preparation in scaling, pca_whitening, zca_whitening:
        mean, W = preparation(x, eps=0.1)
        z = (x - mean) @ W
        assert np.isfinite(z).all()
        assert np.abs(z.std(axis=0)).max() < 1
    variances = x.var(axis=0)
    z = (x - scaling(x, 0.1)[0]) @ scaling(x, 0.1)[1]
    np.testing.assert_allclose(z.var(axis=0), variances / (variances + 0.1))


def test_second_moments_are_the_hessian_of_the_mean_squared_error(data):
    t = data @ [1.0, -2.0, 0.5]
    w, direction = np.array([0.3, 0.1, -0.2]), np.array([1.0, 2.0, -1.0])

    def loss(w):
        return ((data @ w - t) ** 2).mean() / 2

    curvature = loss(w + direction) - 2 * loss(w) + loss(w - direction)
    assert np.isclose(curvature, direction @ second_moments(data) @ direction)


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_second_moments_are_covariance_and_mean(correlation):
    x, t = experiments.cloud(correlation, spread=2.0, mean=3.0)
    mu = x.mean(axis=0)
    np.testing.assert_allclose(second_moments(x), np.cov(x.T, bias=True) + np.outer(mu, mu), atol=1e-12)
    for name in PREPARATIONS:
        z, _, loss = experiments.prepared(x, t, name)
        np.testing.assert_allclose(loss.hessian(np.zeros(2)), second_moments(z))


def test_what_each_fault_costs():
    found = experiments.conditions()
    for fault, kappa in ("mean 4", 1 + 4**2), ("width 3", 3**2), ("correlation 0.8", (1 + 0.8) / (1 - 0.8)):
        assert np.isclose(found[fault]["raw"], kappa)
    everything = found["all three"]
    assert everything["raw"] > everything["centered"] > everything["scaled"] > 8
    for row in found.values():
        np.testing.assert_allclose([row["PCA whitened"], row["ZCA whitened"]], 1)


def test_with_a_bias_centering_never_raises_the_condition_number():
    rng = np.random.default_rng(1)
    bias = np.ones((50, 1))
    for _ in range(200):
        z = rng.normal(size=(50, 2)) @ rng.normal(size=(2, 2))
        z -= z.mean(axis=0)
        centered, moved = (np.hstack([samples, bias]) for samples in (z, z + rng.normal(0, 3, size=2)))
        assert np.linalg.cond(second_moments(moved)) >= np.linalg.cond(second_moments(centered))


def test_zca_moves_a_coordinate_less_than_pca():
    x, _ = experiments.cloud(correlation=0.8, spread=2.0, mean=3.0)
    mean, W = PREPARATIONS["PCA whitened"](x)
    pca, zca = (x - mean) @ W, (x - mean) @ PREPARATIONS["ZCA whitened"](x)[1]
    assert ((zca - (x - mean)) ** 2).mean() < 0.5 * ((pca - (x - mean)) ** 2).mean()


def test_one_update_on_whitened_inputs_is_a_step_of_newton():
    x, t = experiments.cloud(correlation=0.8, spread=2.0, mean=3.0)
    _z, W, loss = experiments.prepared(x, t, "PCA whitened")
    step = -loss.gradient(np.zeros(2))
    centered, _, raw = experiments.prepared(x, t, "centered")
    newton = -np.linalg.inv(second_moments(centered)) @ raw.gradient(np.zeros(2))
    np.testing.assert_allclose(W @ step, newton)
    np.testing.assert_allclose(step, loss.minima[0])


@pytest.mark.slow
def test_the_bowl_of_the_digits():
    digits = experiments.prepared_digits()
    curvatures = {name: np.linalg.eigvalsh(H)[::-1] for name, (_, H, _) in digits.items()}
    ratio = {name: found[0] / found[99] for name, found in curvatures.items()}
    assert ratio["raw"] > 7 * ratio["centered"]
    assert ratio["centered"] > 1.5 * ratio["scaled"]
    assert ratio["scaled"] > 50 * ratio["ZCA whitened"]
    assert ratio["ZCA whitened"] < 1.25
    left = {name: experiments.shares_left(name) for name in PREPARATIONS}
    assert left["ZCA whitened"][0] < left["raw"][2]
    np.testing.assert_allclose(left["ZCA whitened"], left["PCA whitened"])
    assert np.isclose(experiments.lowest_share(), 0.347, atol=0.001)
    H = digits["raw"][1]
    mean, direction = H[-1, :784], np.linalg.eigh(H[:784, :784])[1][:, -1]  # the constant 1 times the pixels
    assert abs(direction @ mean) / np.linalg.norm(mean) > 0.99


@pytest.mark.slow
def test_whitening_with_few_samples():
    found = experiments.whitened_few()
    assert found["PCA whitened", 1e-6][0] > 0.99
    assert found["PCA whitened", 1e-6][1] < 0.7
    assert found["centered", 0][1] > 0.8
    assert found["PCA whitened", 1][1] > 0.8


# What batch normalization does in a network


def test_with_it_the_samples_stay_apart():
    for sigma in 0.01, 0.1, 1.0:
        for seed in range(5):
            signals = five_layers("sigmoid", sigma, seed, dtype=np.float64, before=experiments.normalized)
            assert 0.19 < measures(signals).between_samples[4] < 0.22


def test_the_gradient_of_a_batch_has_neither_a_mean_nor_a_part_along_x_hat():
    norm, rng = layer(), np.random.default_rng(6)
    x, dy = rng.normal(5, 3, (8, 4)), rng.normal(size=(8, 4))
    norm.forward(x, training=True)
    dx = norm.backward(dy)
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((dx * norm.x_hat).sum(axis=0), 0, atol=1e-4)


def test_weights_ten_times_as_large_have_a_gradient_ten_times_smaller():
    (loss1, weights, grad1), (loss10, _, grad10) = map(experiments.first_gradient, (1, 10))
    assert np.isclose(loss1, loss10)
    np.testing.assert_allclose(grad10, grad1 / 10, atol=1e-9)
    assert abs((grad1 * weights).sum() / np.linalg.norm(grad1) / np.linalg.norm(weights)) < 1e-6  # at right angles


@pytest.mark.slow
def test_weights_grow_unless_something_shortens_them():
    small, large = experiments.growth(0.1), experiments.growth(5)
    assert 1 < small < 1.2
    assert large > 1.5
    assert experiments.growth(1, kept=0.99) < 1 < experiments.growth(1)


def test_where_epsilon_takes_over():
    few, _, *_ = experiments._few()
    for sigma, below in (0.01, False), (0.0001, True):
        sums = experiments.network(normalized=False, init=sigma).layers[0].forward(few)
        assert (sums.var(axis=0).mean() < 1e-5) == below


@pytest.mark.slow
def test_running_averages_catch_up():
    found = experiments.two_ways_to_predict()
    assert found[0.99, 20][0] < found[0.99, 20][1] - 0.1
    assert abs(found[0.9, 200][0] - found[0.9, 200][1]) < 0.05
    before, wrong, after = experiments.sorted_by_class()
    assert before > 0.75
    assert wrong < 0.3
    assert after < before - 0.03


def test_two_samples_become_one_and_minus_one():
    pair = BatchNorm(4, dtype=np.float64).forward(np.random.default_rng(7).normal(size=(2, 4)), training=True)
    np.testing.assert_allclose(np.abs(pair), 1, atol=0.01)


def test_gradients_grow_with_depth():
    without, with_it = experiments.growth_of_gradients()
    assert 0.3 < without < 3
    assert with_it > 100
    assert np.isclose(with_it ** (1 / 29), np.sqrt(np.pi / (np.pi - 1)), rtol=0.03)


# The live figures


def test_the_cloud_is_what_it_says():
    x, t = experiments.cloud(correlation=-0.7, spread=2.5, mean=3.0)
    np.testing.assert_allclose(x.std(axis=0), (2.5, 1))
    np.testing.assert_allclose(np.corrcoef(x.T)[0, 1], -0.7)
    np.testing.assert_allclose(np.linalg.norm(x.mean(axis=0)), 3)
    assert np.abs(t - x @ [0.5, -1]).max() < 1  # the noise


@pytest.mark.parametrize("name", PREPARATIONS)
def test_the_loss_is_that_of_the_fit(name):
    x, t = experiments.cloud(0.5, 2.0, 1.0)
    z, _, loss = experiments.prepared(x, t, name)
    targets = t if name == "raw" else t - t.mean()
    w = np.array([0.7, -0.2])
    best, rest = np.linalg.lstsq(z, targets)[:2]
    expected = ((z @ w - targets) ** 2).mean() / 2 - rest[0] / len(z) / 2
    np.testing.assert_allclose(loss.minima[0], best)
    assert np.isclose(loss.value(w), expected)
    assert relative_error(loss.gradient(w), numeric_gradient(lambda: loss.value(w), w)) < 1e-7


def test_inputs_starts_all_paths_from_the_same_function():
    """The same loss at the start for all inputs whose mean is 0, and PCA and ZCA whitening have the same losses."""
    live = Inputs()
    live.set(preparation="scaled", start_x=-2.0, start_y=1.0, share=0.5)
    curves = [live.losses.curves[name].get_ydata() for name in ("centered", "scaled", "PCA whitened")]
    np.testing.assert_allclose([y[0] for y in curves], curves[0][0])
    assert len({y[1] for y in curves}) == 3
    words = live.words.splitlines()
    assert words[-2].removeprefix("PCA") == words[-1].removeprefix("ZCA")


def test_normalized_layers_shows_the_layer_it_says():
    live = NormalizedLayers()
    live.set(activation="tanh", sigma=0.01)
    assert "std 0.62" in live.words  # of tanh of a standard normal variable
    live.set(normalized=False)
    assert "std 0.62" not in live.words
    live.set(normalized=True, beta=3.0, gamma=0.1)
    assert "100% saturated" in live.words


def test_digit_rows():
    rows = {"a": np.zeros((3, 4)), "b": np.arange(12.0).reshape(3, 4)}
    picture = digit_rows(rows, size=2)
    assert picture.words == "3 digits in 2 rows. a: from 0 to 0; b: from 0 to 11."


# The stored runs


def test_stored_runs_have_all_settings():
    for name, settings in experiments.EXPERIMENTS.items():
        found = experiments.stored(name)
        epochs = 0 if name == "tuned scales" else settings[0].get("epochs", experiments.EPOCHS)
        shape = len(settings), 2, experiments.SEEDS
        assert found["training"].shape == (*shape, epochs + 1)
        others = {"test"} if name == "scales" else {"held out", "test"}
        assert found.keys() == {"training"} | others
        assert all(found[other].shape == shape for other in others)
        for shares in found.values():
            assert shares.min() >= 0
            assert 0.8 < shares.max() <= 1


@pytest.mark.parametrize(
    ("experiment", "setting"), [("scales", 7), ("scales", 3), ("learning rates", 8), ("batches", 8)]
)
@pytest.mark.parametrize("normalized", [False, True])
def test_a_stored_run_again(experiment, setting, normalized):
    """Two epochs: far enough to tell a wrong method, near enough for rounding to stay small."""
    settings = experiments.EXPERIMENTS[experiment][setting] | {"epochs": 2}
    right, *_ = experiments.run(normalized, seed=1, **settings)
    stored = experiments.stored(experiment)["training"][setting, int(normalized), 1, :3]
    assert np.abs(np.array(right) / experiments.DIGITS - stored).max() < 0.02


def test_the_other_digits_of_a_stored_run_again():
    settings = {"init": experiments.TUNED[0], "lr": 0.3}
    k = experiments.EXPERIMENTS["tuned scales"].index(settings)
    found = experiments.stored("tuned scales")
    _, *others = experiments.run(True, seed=2, **settings)
    for name, right in zip(("held out", "test"), others, strict=True):
        assert abs(right / 10000 - found[name][k, 1, 2]) < 0.02


def test_who_is_ahead_at_how_many_scales():
    without, with_it = experiments.stored("scales")["training"][..., -1].transpose(1, 0, 2)
    assert [s for s, a, b in zip(experiments.SCALES, without, with_it, strict=True) if a.min() > b.max()] == [
        0.293,
        0.158,
    ]
    assert (with_it.min(axis=1) > without.max(axis=1)).sum() == 13
    reached = [(np.median(shares, axis=1) > 0.85).sum() for shares in (without, with_it)]
    assert reached == [2, 8]


def test_each_at_its_own_learning_rate():
    found = {scale: [np.median(test) for _, test in pair] for scale, pair in experiments.tuned_scales().items()}
    assert found[0.293][1] > found[0.293][0] + 0.3
    assert -0.01 < found[0.158][1] - found[0.158][0] < 0.06
    (plain_lr, plain), (lr, with_it) = experiments.tuned_rates()
    assert abs(np.median(with_it) - np.median(plain)) < 0.03
    assert plain_lr < lr
    final = np.median(experiments.stored("learning rates")["training"][..., -1], axis=-1)
    largest = [max(lr for lr, share in zip(experiments.LRS, column, strict=True) if share > 0.9) for column in final.T]
    assert largest[1] >= 10 * largest[0]


def test_small_batches():
    found = {size: [np.median(test) for _, test in pair] for size, pair in experiments.tuned_batches().items()}
    assert found[2][0] > 0.8
    assert found[2][1] < 0.3
    assert found[4][0] > found[4][1] + 0.08
    for size in 8, 16, 32:
        assert found[size][0] - 0.02 < found[size][1]


def test_a_network_of_nan_gets_nothing_right():
    net = experiments.network(normalized=False)
    net.params["b6"][...] = np.nan
    assert experiments.count(net, np.zeros((100, 784), np.float32), np.zeros(100, np.uint8)) == 0
    net.params["b6"][...] = 0
    assert experiments.count(net, np.zeros((100, 784), np.float32), np.zeros(100, np.uint8)) == 100
