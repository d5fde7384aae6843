"""L2, dropout and early stopping: gradients by central differences, means, the best weights, errors."""

import numpy as np
import pytest

import helpers
from workbench.networks.gradient_check import numeric_gradient
from workbench.networks.network import MLP
from workbench.networks.normalization import BatchNorm
from workbench.networks.regularization import L2, Dropout, EarlyStopping
from workbench.networks.training import Run, train


def case(after=None):
    """A small network in float64, and five samples for it."""
    rng = np.random.default_rng(0)
    network = MLP((6, 8, 7, 4), "tanh", seed=1, dtype=np.float64, after=after)
    for key, array in network.params.items():  # biases that are 0 would hide a penalty on them
        if key.startswith("b"):
            array[...] = rng.normal(size=array.shape)
    return network, rng.normal(size=(5, 6)), rng.integers(4, size=5)


def assert_gradients(params, loss, grads):
    """Each gradient equals central differences of the loss, a function without arguments, to 1e-7 relative."""
    for key, array in params.items():
        numeric = numeric_gradient(loss, array)
        assert np.linalg.norm(grads[key] - numeric) < 1e-7 * np.linalg.norm(numeric), key


def test_gradients_of_l2():
    network, x, labels = case()
    penalized = L2(network, 0.3)
    loss, grads = penalized.loss_and_gradients(x, labels)
    assert loss == pytest.approx(network.loss(x, labels) + 0.15 * sum((W**2).sum() for W in penalized.weights.values()))
    assert_gradients(network.params, lambda: penalized.loss_and_gradients(x, labels)[0], grads)


def test_l2_leaves_biases_and_the_loss_of_the_data_alone():
    network, x, labels = case()
    penalized = L2(network, 0.3)
    assert penalized.loss(x, labels) == network.loss(x, labels)
    assert list(penalized.weights) == ["W1", "W2", "W3"]
    ours, plain = penalized.loss_and_gradients(x, labels)[1], network.loss_and_gradients(x, labels)[1]
    for key in ours:
        decay = 0.3 * network.params[key] if key.startswith("W") else 0
        np.testing.assert_allclose(ours[key], plain[key] + decay, rtol=1e-14)


def test_l2_keeps_float32():
    penalized = L2(MLP((6, 4)), 0.3)
    grads = penalized.loss_and_gradients(np.ones((4, 6), np.float32), np.zeros(4, int))[1]
    assert {g.dtype for g in grads.values()} == {np.dtype(np.float32)}


def test_gradients_through_dropout():
    rng = np.random.default_rng(3)
    network, x, labels = case(after=lambda units: Dropout(0.4, rng))
    state = rng.bit_generator.state

    def same_masks(function):
        rng.bit_generator.state = state
        return function()

    _, grads = same_masks(lambda: network.loss_and_gradients(x, labels))
    assert_gradients(network.params, lambda: same_masks(lambda: network.loss(x, labels, training=True)), grads)
    # And back to the layer's own input.
    layer = Dropout(0.4, seed=5)
    y = layer.forward(x, training=True)
    np.testing.assert_array_equal(layer.backward(np.ones_like(x)) * x, y)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
def test_dropout_keeps_the_mean_and_drops_the_rate(rate):
    x = np.full((400, 500), 3.0)
    y = Dropout(rate, seed=0).forward(x, training=True)
    assert (y == 0).mean() == pytest.approx(rate, abs=0.005)
    assert y.mean() == pytest.approx(3, rel=0.01)
    assert np.unique(y[y > 0]) == pytest.approx(3 / (1 - rate))


def test_dropout_draws_anew_in_training_and_does_nothing_in_prediction():
    x = np.ones((20, 30), np.float32)
    layer = Dropout(0.5, seed=0)
    first, second = layer.forward(x, training=True), layer.forward(x, training=True)
    assert (first != second).any()
    assert (first[0] != first[1]).any()
    assert first.dtype == layer.backward(x).dtype == np.float32
    assert layer.forward(x) is x
    np.testing.assert_array_equal(layer.backward(x), x)


def test_layers_that_share_a_generator_drop_different_units():
    rng = np.random.default_rng(0)
    one, other = Dropout(0.5, rng), Dropout(0.5, rng)
    x = np.ones((20, 30))
    assert (one.forward(x, training=True) != other.forward(x, training=True)).any()


def stopping(values, patience, every=1):
    """What EarlyStopping does when its measure takes these values; the weight is the number of the update."""
    network, values = MLP((1, 1)), iter(values)
    run, stopper = Run(100, network), EarlyStopping(lambda network: next(values), patience, every)
    while not stopper(run):
        run.losses.append(0.0)
        network.params["W1"][...] = run.done
    return stopper, network


def test_early_stopping_waits_and_keeps_the_best():
    stopper, network = stopping([5, 3, 4, 2, 3, 2, 9, 1], patience=3)
    assert (stopper.best, stopper.best_update) == (2, 3)
    assert stopper.history == [(0, 5), (1, 3), (2, 4), (3, 2), (4, 3), (5, 2), (6, 9)]
    W = network.params["W1"]
    assert W == 6
    stopper.restore(network)
    assert network.params["W1"] is W  # optimizers and other networks hold this array
    assert W == 3


def test_early_stopping_measures_every_so_many_updates():
    stopper, _ = stopping([5, 3, 4, 4], patience=2, every=10)
    assert stopper.history == [(0, 5), (10, 3), (20, 4), (30, 4)]


def test_a_measure_that_is_no_number_is_never_the_best():
    stopper, _ = stopping([5, np.nan, np.nan], patience=2)
    assert stopper.best_update == 0


@pytest.mark.parametrize("before", [None, lambda units: BatchNorm(units, dtype=np.float64)])
def test_early_stopping_ends_a_training_and_brings_its_best_back(before):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(40, 10)), rng.integers(3, size=40)  # labels without sense: only to be learned by heart
    new, new_labels = rng.normal(size=(200, 10)), rng.integers(3, size=200)
    network = MLP((10, 30, 3), dtype=np.float64, before=before)
    stopper = EarlyStopping(lambda network: network.loss(new, new_labels), patience=5)
    run = train(network, helpers.SGD(0.1), x, labels, 500, 20, each=stopper)
    assert run.done < 500
    last = network.loss(new, new_labels)
    stopper.restore(network)
    assert network.loss(new, new_labels) == stopper.best == min(v for _, v in stopper.history) < last


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: L2(MLP((2, 2)), -0.1), "weight_decay is -0.1; allowed: a finite number, 0 or larger"),
        (lambda: Dropout(1.0), "rate is 1.0; allowed: a number from 0 to below 1"),
        (lambda: EarlyStopping(len, 0), "patience is 0; allowed: a whole number, 1 or larger"),
        (lambda: EarlyStopping(len, 3, every=0.5), "every is 0.5; allowed: a whole number, 1 or larger"),
        (lambda: EarlyStopping(len, 3).restore(MLP((2, 2))), "no best parameters"),
    ],
)
def test_errors_name_argument_value_and_what_is_allowed(make, message):
    with pytest.raises(ValueError, match=message):
        make()
