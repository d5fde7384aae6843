"""Numbers that are no reason to refuse: divergence is there to be seen, as inf and nan, and without a warning.

Every warning is an error in these tests.
"""

import numpy as np
import pytest

import helpers
from workbench.descent import landscapes
from workbench.drawing.histograms import LinearBins, OctaveBins, counts
from workbench.networks.activations import five_layers, measures
from workbench.networks.gradient_check import numeric_gradient, relative_error
from workbench.networks.layers import ACTIVATIONS
from workbench.networks.network import MLP, softmax
from workbench.networks.regularization import EarlyStopping
from workbench.networks.training import Run, train

nan, inf = np.nan, np.inf
OPTIMIZERS = [helpers.SGD, helpers.Momentum, helpers.Nesterov]
OPTIMIZERS += [helpers.AdaGrad, helpers.RMSProp, helpers.Adam, helpers.AdamW]
LANDSCAPES = [landscapes.parabola, landscapes.two_valleys, landscapes.bowl, landscapes.saddle, landscapes.rosenbrock]
LANDSCAPES += [landscapes.beale, landscapes.himmelblau, landscapes.plateau]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gradient_that_is_no_number_is_seen_in_its_own_parameter_only(optimizer, dtype):
    params = {"bad": np.ones(3, dtype), "good": np.ones(3, dtype)}
    chosen = optimizer(lr=0.1)
    for value in nan, inf, -inf, 1e30:
        chosen.update(params, {"bad": np.array([value, nan, 1], dtype), "good": np.ones(3, dtype)})
    assert np.isnan(params["bad"][:2]).all()
    assert np.isfinite(params["bad"][2])
    assert np.isfinite(params["good"]).all()


@pytest.mark.parametrize("make", LANDSCAPES)
@pytest.mark.parametrize("value", [nan, inf, -inf, 1e200])
def test_a_landscape_far_out(make, value):
    landscape = make()
    n = len(landscape.start)
    points = np.stack([np.full(n, value), landscape.start])
    f, gradient, hessian = landscape.value(points), landscape.gradient(points), landscape.hessian(points)
    assert np.isfinite(f[1])
    assert np.isfinite(gradient[1]).all()
    assert (f.shape, gradient.shape, hessian.shape) == ((2,), (2, n), (2, n, n))
    if np.isnan(value):
        assert np.isnan(f[0])


def test_one_layer_that_overflows_shows_in_the_measures():
    found = measures(five_layers("ReLU", 1e30, layers=3, samples=5))
    assert found.std[0] > 1e30
    assert np.isnan(found.std[-1])


def test_rows_of_softmax():
    rows = softmax(np.array([[1.0, nan], [inf, 0.0], [-inf, 0.0], [1e300, -1e300]]))
    assert np.isnan(rows[:2]).any(axis=1).all()
    np.testing.assert_array_equal(rows[2:], [[0, 1], [1, 0]])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_network_of_infinite_weights(activation):
    network = MLP((4, 3, 2), activation)
    network.params["W1"][...] = [[inf] * 3, [-inf] * 3, [1e38] * 3, [nan] * 3]
    x, labels = np.ones((2, 4), np.float32), np.array([0, 1])
    loss, grads = network.loss_and_gradients(x, labels)
    assert np.isnan(loss)
    assert np.isnan(network.loss(x, labels))
    assert grads.keys() == network.params.keys()
    assert network.predict(x).tolist() == [0, 0]  # the first that is nan


def test_a_run_that_diverges_ends_and_says_where():
    x = np.ones((4, 3), np.float32)
    run = train(MLP((3, 3, 2)), helpers.SGD(1e30), x, np.array([0, 1, 0, 1]), 50, 4)
    assert run.diverged is not None
    assert run.done < 50


def test_a_measure_of_nan_is_never_the_best():
    stopping = EarlyStopping(lambda network: nan, patience=2)
    network = MLP((3, 2))
    assert [stopping(Run(9, network, [1.0] * k)) for k in (1, 2)] == [False, True]
    with pytest.raises(ValueError, match="no best parameters; allowed after a measurement that was a number"):
        stopping.restore(network)


def test_a_numeric_gradient_of_nan():
    w = np.ones(2)
    assert np.isnan(numeric_gradient(lambda: nan if w[0] > 1 else 1.0, w)[0])
    np.testing.assert_array_equal(w, [1, 1])


def test_a_numeric_gradient_puts_w_back_when_the_function_fails():
    w = np.ones(2)
    for error in ValueError, KeyboardInterrupt:

        def fails(error=error):
            raise error

        with pytest.raises(error):
            numeric_gradient(fails, w)
        np.testing.assert_array_equal(w, [1, 1])


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_relative_error_of_no_number(value):
    assert np.isnan(relative_error([value, 1.0], [value, 1.0]))


@pytest.mark.parametrize("bins", [LinearBins(-1, 1, 4, ()), OctaveBins(-3, 3)])
def test_every_value_is_counted(bins):
    found = counts(bins, np.array([[nan, inf, -inf, 0, 1e30, -1e30, 0.5]], np.float32))
    assert found.sum() == 7
    assert found[0, -1] >= 3


def test_a_learning_rate_of_float_s_largest_size():
    path = helpers.trajectory(helpers.SGD(1e308), lambda w: 2 * w, [1.0], 3)
    assert path[0] == 1
    assert not np.isfinite(path[-1]).any()
