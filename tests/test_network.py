"""Networks: gradients against central differences and against PyTorch, known values, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_cases import LABELS, SIZES, X, cases

from workbench.networks.gradient_check import numeric_gradient, relative_error
from workbench.networks.layers import ACTIVATIONS, Affine, Layer
from workbench.networks.network import INITS, MLP, Network, affine, cross_entropy, initial_std, softmax
from workbench.networks.normalization import BatchNorm
from workbench.networks.regularization import L2, Dropout

TORCH = json.loads(Path(__file__).with_name("torch_network.json").read_text())


def affine_layer():
    rng = np.random.default_rng(3)
    return Affine(rng.normal(size=(4, 3)), rng.normal(size=3))


@pytest.mark.parametrize("make", [affine_layer, *ACTIVATIONS.values()], ids=lambda make: make.__name__)
def test_each_layer_against_central_differences(make):
    layer = make()
    x = np.random.default_rng(4).normal(size=(5, 4))
    weights = np.random.default_rng(5).normal(size=layer.forward(x).shape)

    def loss():
        return float((layer.forward(x) * weights).sum())

    loss()
    grads, dx = layer.gradients(weights), layer.backward(weights)
    assert relative_error(dx, numeric_gradient(loss, x)) < 1e-7
    assert grads.keys() == layer.params.keys()
    for name, array in layer.params.items():
        assert relative_error(grads[name], numeric_gradient(loss, array)) < 1e-7, name


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_networks_against_central_differences(activation, n):
    network = MLP((6, 5, 5, 3), activation, seed=1, dtype=np.float64)
    rng = np.random.default_rng(6)
    x, labels = rng.normal(size=(n, 6)), rng.integers(0, 3, n)
    for array in network.params.values():
        array += rng.normal(0, 0.1, array.shape)
    loss, grads = network.loss_and_gradients(x, labels)
    assert loss == network.loss(x, labels)
    assert list(grads) == ["W3", "b3", "W2", "b2", "W1", "b1"]
    for name, array in network.params.items():
        error = relative_error(grads[name], numeric_gradient(lambda: network.loss(x, labels), array))
        assert error < 1e-7, name


def test_the_gradient_of_cross_entropy_against_central_differences():
    rng = np.random.default_rng(7)
    logits, labels = rng.normal(size=(4, 3)), np.array([0, 2, 2, 1])
    numeric = numeric_gradient(lambda: cross_entropy(logits, labels)[0], logits)
    assert relative_error(cross_entropy(logits, labels)[1], numeric) < 1e-7


@pytest.mark.parametrize(("name", "activation", "params"), list(cases()), ids=[name for name, *_ in cases()])
def test_losses_and_gradients_are_those_of_torch(name, activation, params):
    network = MLP(SIZES, activation, dtype=np.float64)
    for key, array in network.params.items():
        array[...] = params[key]
    loss, grads = network.loss_and_gradients(X, LABELS)
    assert abs(loss - TORCH[name]["loss"]) < 1e-14
    for key, gradient in grads.items():
        np.testing.assert_allclose(gradient, TORCH[name][key], rtol=0, atol=1e-14, err_msg=key)


def test_every_case_of_torch_is_compared():
    assert {name for name, *_ in cases()} == TORCH.keys() - {"torch"}


def test_known_values():
    np.testing.assert_allclose(softmax(np.log([[1.0, 2.0, 5.0]])), [[0.125, 0.25, 0.625]])
    loss, gradient = cross_entropy(np.log([[1.0, 3.0], [2.0, 2.0]]), np.array([1, 0]))
    np.testing.assert_allclose(loss, (np.log(4 / 3) + np.log(2)) / 2)
    np.testing.assert_allclose(gradient, [[0.125, -0.125], [-0.25, 0.25]])
    x = np.array([[-1.0, 0.0, 2.0]])
    np.testing.assert_allclose(ACTIVATIONS["sigmoid"]().forward(x), 1 / (1 + np.exp(-x)))
    np.testing.assert_allclose(ACTIVATIONS["tanh"]().forward(x), np.tanh(x))
    relu = ACTIVATIONS["ReLU"]()
    np.testing.assert_array_equal(relu.forward(x), [[0, 0, 2]])
    np.testing.assert_array_equal(relu.backward(np.ones((1, 3))), [[0, 0, 1]])


@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=6), st.floats(-1e4, 1e4))
def test_softmax_takes_large_logits_and_ignores_what_all_have_in_common(logits, shift):
    probabilities = softmax(np.array([logits]))
    np.testing.assert_allclose(probabilities.sum(), 1)
    np.testing.assert_allclose(softmax(np.array([logits]) + shift), probabilities, rtol=1e-9, atol=1e-9)
    label = int(np.argmin(logits))
    loss, gradient = cross_entropy(np.array([logits]), np.array([label]))
    assert np.isfinite(loss)
    assert loss >= max(logits) - min(logits) - 1e-9  # log Σ exp is at least the largest logit
    np.testing.assert_allclose(gradient.sum(), 0, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [-1e30, -1000, 0, 1000, 1e30])
def test_activations_do_not_overflow(dtype, value):
    x = np.full((2, 2), value, dtype)
    for kind in ACTIVATIONS.values():
        layer = kind()
        y = layer.forward(x)
        assert y.dtype == dtype
        assert np.isfinite(y).all()
        assert np.isfinite(layer.backward(x / 1e30)).all()


def test_a_plain_layer_passes_everything_on():
    layer, x = Layer(), np.ones((2, 3))
    assert layer.forward(x) is x
    assert layer.backward(x) is x
    assert layer.gradients(x) == layer.params == {}


def test_initial_values():
    assert initial_std("He", 50, 200) == pytest.approx(0.2)
    assert initial_std("Xavier", 25, 100) == pytest.approx(0.2)
    assert initial_std("Glorot", 20, 30) == pytest.approx(0.2)
    assert initial_std(0.3, 1, 1) == 0.3
    for init in INITS:
        W = affine(400, 300, init, np.random.default_rng(0)).params["W"]
        assert W.std() == pytest.approx(initial_std(init, 400, 300), rel=0.01)
        assert abs(W.mean()) < 4 * W.std() / np.sqrt(W.size)
    zero = MLP((3, 2, 2), init=0)
    assert not any(array.any() for array in zero.params.values())


def test_a_seed_fixes_the_weights():
    a, b, c = (MLP((6, 5, 3), seed=seed).params for seed in (1, 1, 2))
    assert all((a[key] == b[key]).all() for key in a)
    assert (a["W1"] != c["W1"]).all()
    np.testing.assert_allclose(MLP((6, 5, 3), seed=1, dtype=np.float64).params["W1"], a["W1"], rtol=1e-6)


def test_float32_stays_float32():
    network = MLP((6, 5, 3))
    loss, grads = network.loss_and_gradients(X, LABELS)
    assert type(loss) is float
    assert {a.dtype for a in [*network.params.values(), *grads.values(), network.logits(X)]} == {np.dtype(np.float32)}


def test_outputs_and_gradients_of_each_layer():
    network = MLP((6, 5, 3), "tanh", dtype=np.float64)
    outputs = network.forward(X)
    assert [a.shape for a in outputs] == [(8, 6), (8, 5), (8, 5), (8, 3)]
    np.testing.assert_array_equal(outputs[2], np.tanh(outputs[1]))
    np.testing.assert_array_equal(network.predict(X), outputs[-1].argmax(axis=1))
    grads, back = network.backward(cross_entropy(outputs[-1], LABELS)[1])
    assert [a.shape for a in back] == [(8, 5), (8, 5), (8, 3)]
    np.testing.assert_allclose(grads["W1"], X.T @ back[0])


class Times(Layer):
    """A layer with a parameter of its own, put around the activations."""

    def __init__(self, units):
        self.params = {"scale": np.full(units, 2.0)}

    def forward(self, x, training=False):
        self.x, self.training = x, training
        return x * self.params["scale"]

    def gradients(self, dy):
        return {"scale": (dy * self.x).sum(axis=0)}

    def backward(self, dy):
        return dy * self.params["scale"]


def test_more_layers_before_and_after_the_activations():
    network = MLP((6, 5, 4, 3), "sigmoid", dtype=np.float64, before=Times, after=Times)
    names = [type(layer).__name__ for layer in network.layers]
    assert names == [*["Affine", "Times", "Sigmoid", "Times"] * 2, "Affine"]
    assert {f"scale{i}" for i in range(1, 5)} < network.params.keys()
    _, grads = network.loss_and_gradients(X, LABELS)
    assert network.layers[1].training
    for name, array in network.params.items():
        numeric = numeric_gradient(lambda: network.loss(X, LABELS), array)
        assert relative_error(grads[name], numeric) < 1e-7, name
    assert not network.layers[1].training


def with_nan(value):
    x = X.copy()
    x[2, 3] = value
    return x


@pytest.mark.parametrize(
    ("x", "labels", "words"),
    [
        (X.tolist(), LABELS, "x is a list; allowed: a NumPy array of floats"),
        ((X * 9).astype(np.uint8), LABELS, "x is an array of uint8; allowed: a NumPy array of floats"),
        (X[:, :5], LABELS, r"x has shape \(8, 5\); allowed: \(n, 6\)"),
        (X[0], LABELS[:6], r"x has shape \(6,\); allowed: \(n, 6\)"),
        (with_nan(np.nan), LABELS, r"x\[2, 3\] is nan; allowed: finite numbers"),
        (with_nan(-np.inf), LABELS, r"x\[2, 3\] is -inf; allowed: finite numbers"),
        (X, LABELS[:7], r"labels has shape \(7,\) and dtype int64; allowed: 8 whole numbers"),
        (X, LABELS.astype(float), "labels has shape .* and dtype float64; allowed: 8 whole numbers"),
        (X, LABELS[:, None], r"labels has shape \(8, 1\)"),
        (X, [0, 1, 2, 0, 1, 3, 0, 0], r"labels\[5\] is 3; allowed: 0 to 2"),
        (X, [0, 1, -1, 0, 1, 2, 0, 0], r"labels\[2\] is -1; allowed: 0 to 2"),
        (X[:0], LABELS[:0], "x and labels are empty; allowed: at least one sample"),
    ],
)
def test_what_a_network_refuses(x, labels, words):
    network = MLP(SIZES)
    with pytest.raises(ValueError, match=words):
        network.loss_and_gradients(x, labels)


def test_large_finite_numbers_are_no_reason_to_refuse():
    x = np.full((2, 6), 1e308)
    assert MLP(SIZES, "tanh", dtype=np.float64, init=1e-310).predict(x).shape == (2,)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"sizes": (3,)}, r"sizes is \(3,\); allowed: two or more whole numbers"),
        ({"sizes": (3, 0)}, r"sizes is \(3, 0\)"),
        ({"sizes": (3, 2.5)}, r"sizes is \(3, 2.5\)"),
        ({"sizes": (3, 2), "activation": "relu"}, "activation is 'relu'; allowed: sigmoid, tanh, ReLU"),
        ({"sizes": (3, 2), "init": "he"}, "init is 'he'; allowed: He, Xavier, Glorot, or a standard deviation"),
        ({"sizes": (3, 2), "init": -1}, "init is -1; allowed"),
        ({"sizes": (3, 2), "init": float("nan")}, "init is nan; allowed"),
        ({"sizes": (3, 2), "dtype": int}, "dtype is .*; allowed: float32 or float64"),
    ],
)
def test_what_an_mlp_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        MLP(**arguments)


def test_a_network_of_layers_counts_each_name():
    rng = np.random.default_rng(0)
    layers = [Times(6), affine(6, 3, "He", rng, np.float64)]
    assert list(Network(layers, inputs=(6,), classes=3).params) == ["scale1", "W1", "b1"]


def test_numeric_gradient_puts_everything_back_and_asks_for_float64():
    w = np.array([[1.0, 2.0], [3.0, -4.0]])
    np.testing.assert_allclose(numeric_gradient(lambda: float((w**3).sum()), w), 3 * w**2, rtol=1e-9)
    np.testing.assert_array_equal(w, [[1, 2], [3, -4]])
    with pytest.raises(ValueError, match="w has dtype float32; allowed: float64"):
        numeric_gradient(float, w.astype(np.float32))
    assert relative_error([1.0], [3.0]) == 0.5
    assert relative_error([0.0], [0.0]) == 0


def test_layers_and_networks_say_what_they_hold():
    network = MLP((784, 100, 10))
    assert repr(network.layers[0]) == "Affine(W 784 × 100, b 100)"
    assert repr(network) == (
        "<MLP of 79,510 parameters, float32: Affine(W 784 × 100, b 100), ReLU(), Affine(W 100 × 10, b 10)>"
    )
    assert repr(L2(network, 0.1)).startswith("<L2 of 79,510 parameters")
    assert repr(Dropout(0.5)) == "Dropout(rate 0.5)"
    assert repr(BatchNorm(7)) == "BatchNorm(gamma 7, beta 7)"
