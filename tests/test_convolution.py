"""Convolution, pooling and LeNet: gradients against central differences and PyTorch, known values, what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from convolution_cases import cases, pools

import helpers
from workbench.networks import convolution
from workbench.networks.convolution import Convolution, Flatten, Halves, MaxPool, batch_first, batch_last
from workbench.networks.gradient_check import numeric_gradient, relative_error
from workbench.networks.layers import ReLU
from workbench.networks.lenet import LeNet
from workbench.networks.network import Network, affine

TORCH = json.loads(Path(__file__).with_name("torch_convolution.json").read_text())
CASES, POOLS = ({name: rest for name, *rest in some()} for some in (cases, pools))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("columns", [1, 2**18], ids=["a row at a time", "all rows at once"])
def test_convolutions_are_those_of_torch(name, columns, monkeypatch):
    monkeypatch.setattr(convolution, "COLUMNS", columns)
    x, W, b, padding, weights = CASES[name]
    layer, torch = Convolution(W, b, padding), TORCH[f"convolution, {name}"]
    found = {"y": layer.forward(x), "x": layer.backward(weights), **layer.gradients(weights)}
    assert found.keys() == torch.keys()
    for key, array in found.items():
        np.testing.assert_allclose(array, torch[key], rtol=0, atol=1e-13, err_msg=key)


@pytest.mark.parametrize("name", POOLS)
def test_pooling_is_that_of_torch(name):
    x, weights = POOLS[name]
    layer, torch = MaxPool(), TORCH[f"pooling, {name}"]
    np.testing.assert_array_equal(layer.forward(x), torch["y"])
    np.testing.assert_array_equal(layer.backward(weights), torch["x"])


def test_every_case_of_torch_is_compared():
    assert TORCH.keys() == {"torch", *(f"convolution, {name}" for name in CASES), *(f"pooling, {n}" for n in POOLS)}


@pytest.mark.parametrize("name", CASES)
def test_convolution_against_central_differences(name):
    x, W, b, padding, weights = CASES[name]
    layer = Convolution(W.copy(), b.copy(), padding)

    def loss():
        return float((layer.forward(x) * weights).sum())

    loss()
    grads, dx = layer.gradients(weights), layer.backward(weights)
    assert relative_error(dx, numeric_gradient(loss, x)) < 1e-7
    for key, array in layer.params.items():
        assert relative_error(grads[key], numeric_gradient(loss, array)) < 1e-7, key


def test_pooling_and_flattening_against_central_differences():
    x, weights = POOLS["random numbers"]
    layer = MaxPool()
    slope = numeric_gradient(lambda: float((layer.forward(x) * weights).sum()), x)
    assert relative_error(layer.backward(weights), slope) < 1e-7
    layer, weights = Flatten(), np.random.default_rng(1).normal(size=(3, 24))
    slope = numeric_gradient(lambda: float((layer.forward(x) * weights).sum()), x)
    assert relative_error(layer.backward(weights), slope) < 1e-7


def test_known_values():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    corner = np.zeros((1, 1, 3, 3))
    corner[0, 0, 0, 2] = 1  # one row up, one column to the right
    np.testing.assert_array_equal(Convolution(corner, np.ones(1)).forward(x), [[[[3, 4], [7, 8]]]])
    same = Convolution(corner, np.zeros(1), "same").forward(x)
    np.testing.assert_array_equal(same[0, 0], [[0, 0, 0, 0], [1, 2, 3, 0], [5, 6, 7, 0], [9, 10, 11, 0]])
    np.testing.assert_array_equal(MaxPool().forward(x), [[[[5, 7], [13, 15]]]])
    np.testing.assert_array_equal(Flatten().forward(x), [np.arange(16)])


def test_a_flattened_image_is_channel_by_channel_row_by_row():
    x = np.random.default_rng(0).normal(size=(4, 3, 2, 2))
    layer = Flatten()
    np.testing.assert_array_equal(layer.forward(x), x.reshape(4, 12))
    np.testing.assert_array_equal(layer.backward(x.reshape(4, 12)), x)


def test_the_batch_lies_last_in_memory_and_stays_there():
    x = np.random.default_rng(0).normal(size=(4, 2, 6, 6))
    assert batch_last(x).shape == (2, 6, 6, 4)
    assert batch_last(x).flags.c_contiguous
    y = batch_first(batch_last(x))
    np.testing.assert_array_equal(y, x)
    layers = [Convolution(np.ones((3, 2, 3, 3)), np.zeros(3), "same"), MaxPool(), ReLU()]
    for layer in layers:
        y = layer.forward(y)
        assert np.shares_memory(batch_last(y), y), layer  # no copy
    for layer in reversed(layers):
        y = layer.backward(y)
        assert layer is layers[0] or np.shares_memory(batch_last(y), y), layer


def test_pooling_before_relu_is_relu_before_pooling_forward_and_back():
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(4, 3, 6, 6)), rng.normal(size=(4, 3, 3, 3))
    x[0, 0, :2, :2] = -1  # four equal ones, of no slope
    results = []
    for layers in (MaxPool(), ReLU()), (ReLU(), MaxPool()):
        y = layers[1].forward(layers[0].forward(x))
        results.append((y, layers[0].backward(layers[1].backward(dy))))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    np.testing.assert_array_equal(results[0][1], results[1][1])


@pytest.mark.parametrize(
    ("W", "b", "padding", "words"),
    [
        ((2, 1, 3, 3), 2, "full", "padding is 'full'; allowed: valid, same"),
        ((2, 1, 3, 2), 2, "valid", r"W has shape \(2, 1, 3, 2\); allowed: square kernels"),
        ((2, 1, 2, 2), 2, "same", "allowed: square kernels, of an odd size when padding is same"),
        ((2, 1, 3, 3), 3, "same", r"b has shape \(3,\); allowed: \(2,\)"),
    ],
)
def test_what_a_convolution_refuses(W, b, padding, words):
    with pytest.raises(ValueError, match=words):
        Convolution(np.zeros(W), np.zeros(b), padding)


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (Convolution(np.zeros((2, 3, 3, 3)), np.zeros(2)), (4, 1, 5, 5), r"x has shape .*; allowed: \(n, 3, h, w\)"),
        (Convolution(np.zeros((2, 3, 3, 3)), np.zeros(2)), (4, 3, 2, 5), "the kernels' size or larger"),
        (MaxPool(), (4, 3, 5, 4), "allowed: an even height and width"),
        (MaxPool(), (4, 3, 4, 5), "allowed: an even height and width"),
    ],
)
def test_shapes_that_do_not_fit(layer, shape, words):
    with pytest.raises(ValueError, match=words):
        layer.forward(np.zeros(shape))


def small(kind=Halves, dtype=np.float64):
    """A network with every layer of LeNet, for images of 6 × 6."""
    rng = np.random.default_rng(2)
    layers = [
        convolution.convolution(1, 3, 3, "same", rng, dtype),
        MaxPool(),
        ReLU(),
        convolution.convolution(3, 4, 2, "valid", rng, dtype),
        MaxPool(),
        ReLU(),
        Flatten(),
        affine(4, 5, "He", rng, dtype),
        ReLU(),
        affine(5, 3, "He", rng, dtype),
    ]
    network = kind(layers, inputs=(1, 6, 6), classes=3)
    for array in network.params.values():
        array += rng.normal(0, 0.1, array.shape)
    return network


X = np.random.default_rng(3).normal(size=(7, 1, 6, 6))
LABELS = np.random.default_rng(4).integers(0, 3, 7)


def test_a_network_of_all_layers_against_central_differences():
    network = small()
    _, grads = network.loss_and_gradients(X, LABELS)
    assert grads.keys() == network.params.keys()
    for key, array in network.params.items():
        assert relative_error(grads[key], numeric_gradient(lambda: network.loss(X, LABELS), array)) < 1e-7, key


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_two_halves_are_the_whole(n):
    halves, whole = small(), small(Network)
    loss, grads = halves.loss_and_gradients(X[:n], LABELS[:n])
    expected_loss, expected = whole.loss_and_gradients(X[:n], LABELS[:n])
    assert loss == pytest.approx(expected_loss, rel=1e-14)
    for key, gradient in expected.items():
        np.testing.assert_allclose(grads[key], gradient, rtol=0, atol=1e-14, err_msg=key)
    np.testing.assert_allclose(halves.logits(X[:n]), whole.logits(X[:n]), rtol=0, atol=1e-14)


def test_both_halves_see_the_update():
    network = small()
    before = network.logits(X)
    helpers.SGD(lr=0.5).update(network.params, network.loss_and_gradients(X, LABELS)[1])
    after = network.logits(X)
    assert (before != after).all()
    np.testing.assert_allclose(after, Network.logits(network, X), rtol=0, atol=1e-14)


def test_an_error_in_either_half_arrives_and_the_network_goes_on():
    network = small()
    for k in 0, 6:
        x = X.copy()
        x[k, 0, 0, 0] = np.nan
        with pytest.raises(ValueError, match=rf"x\[{k}, 0, 0, 0\] is nan; allowed: finite numbers"):
            network.loss_and_gradients(x, LABELS)
    with pytest.raises(ValueError, match=r"labels\[6\] is 3; allowed: 0 to 2"):
        network.loss_and_gradients(X, [0, 0, 0, 0, 0, 0, 3])
    assert np.isfinite(network.loss_and_gradients(X, LABELS)[0])


def test_overflow_is_no_warning_in_either_half_where_it_is_none_in_one():
    network = small()
    with np.errstate(over="ignore", invalid="ignore"):
        for array in network.params.values():
            array *= 1e200
        assert not np.isfinite(network.loss_and_gradients(X, LABELS)[0])


def test_lenet_has_656080_parameters():
    network = LeNet(seed=0)
    assert {key: array.shape for key, array in network.params.items()} == {
        "W1": (20, 1, 5, 5),
        "b1": (20,),
        "W2": (50, 20, 5, 5),
        "b2": (50,),
        "W3": (1250, 500),
        "b3": (500,),
        "W4": (500, 10),
        "b4": (10,),
    }
    assert sum(array.size for array in network.params.values()) == 656_080
    assert network.dtype == np.float32


def test_lenet_starts_by_he_and_from_its_seed():
    a, b, c = (LeNet(seed).params for seed in (1, 1, 2))
    assert all((a[key] == b[key]).all() for key in a)
    assert (a["W1"] != c["W1"]).all()
    assert a["W2"].std() == pytest.approx(np.sqrt(2 / 500), rel=0.03)
    assert a["W3"].std() == pytest.approx(np.sqrt(2 / 1250), rel=0.01)


def test_lenet_stays_in_float32_and_repeats_itself():
    rng = np.random.default_rng(0)
    x, labels = rng.random((9, 1, 28, 28), np.float32), rng.integers(0, 10, 9)
    network = LeNet(seed=0)
    assert [a.shape[1:] for a in network.forward(x)[1:7]] == [
        (20, 28, 28),
        (20, 14, 14),
        (20, 14, 14),
        (50, 10, 10),
        (50, 5, 5),
        (50, 5, 5),
    ]
    assert {a.dtype for a in network.forward(x)} == {np.dtype(np.float32)}
    loss, grads = network.loss_and_gradients(x, labels)
    assert {a.dtype for a in grads.values()} == {np.dtype(np.float32)}
    again, same = network.loss_and_gradients(x, labels)
    assert loss == again
    assert all((grads[key] == same[key]).all() for key in grads)
