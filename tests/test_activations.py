"""The five-layer experiment, its measures, and histograms that drop no value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from live_figures import pixels

from lessons.initialization.figures import GRADIENTS, VALUES, Depth, Layers, layer_numbers
from workbench.drawing.histograms import LinearBins, OctaveBins, counts
from workbench.drawing.number_lines import Numbers
from workbench.networks.activations import UNITS, Measures, Signals, five_layers, measures, saturated
from workbench.networks.gradient_check import numeric_gradient, relative_error
from workbench.networks.layers import ACTIVATIONS, Layer

each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


class Scale(Layer):
    """A layer that doubles: it stands before the activation, so the gradient at the sums is that of its output."""

    def __init__(self, units):
        super().__init__()
        assert units == UNITS

    def forward(self, x, training=False):
        assert training
        return 2 * x

    def backward(self, dy):
        return 2 * dy


FUNCTIONS = {
    "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2),
    "tanh": (np.tanh, lambda a: 1 / np.cosh(a) ** 2),
    "ReLU": (lambda a: np.maximum(a, 0), lambda a: (a > 0) * 1.0),
}


@each_activation
@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("factor", [1, 2])
def test_values_and_gradients_written_out(activation, equal, factor):
    found = five_layers(
        activation, 0.1, 7, layers=3, samples=6, equal=equal, dtype=np.float64, before=Scale if factor == 2 else None
    )
    rng = np.random.default_rng(7)
    x, weights, dy = rng.normal(size=(6, 100)), 0.1 * rng.normal(size=(3, 100, 100)), rng.normal(size=(6, 100))
    if equal:
        weights = np.full((3, 100, 100), 0.1)
    f, slope = FUNCTIONS[activation]
    sums = []
    for W in weights:
        sums.append(factor * (x @ W))
        x = f(sums[-1])
        np.testing.assert_allclose(found.outputs[len(sums) - 1], x, rtol=1e-12)
    for k in 2, 1, 0:
        da = dy * slope(sums[k])
        np.testing.assert_allclose(found.gradients[k], da, rtol=1e-9, atol=1e-13)
        dy = factor * da @ weights[k].T
    assert found.outputs.shape == found.gradients.shape == (3, 6, 100)


@each_activation
def test_the_gradients_are_those_of_the_sums(activation):
    """The gradient with respect to a shift of all sums of layer 1, by central differences through all layers."""
    signals = five_layers(activation, "He", 1, layers=4, samples=4, dtype=np.float64)
    dy = np.random.default_rng(1)
    dy = [dy.normal(size=s) for s in ((4, 100), (4, 100, 100), (4, 100))][-1]
    shift = np.zeros((4, 3))  # of the first three units

    class Shift(Layer):
        first = True

        def forward(self, x, training=False):
            if self.first:
                x = x.copy()
                x[:, :3] += shift
            return x

    def loss():
        made = []

        def before(units):
            made.append(Shift())
            made[-1].first = len(made) == 1
            return made[-1]

        run = five_layers(activation, "He", 1, layers=4, samples=4, dtype=np.float64, before=before)
        return float((run.outputs[-1] * dy).sum())

    assert relative_error(signals.gradients[0][:, :3], numeric_gradient(loss, shift)) < 1e-7


def test_initializations_scale_the_same_weights():
    by_name, by_number = five_layers("tanh", "Xavier", 3), five_layers("tanh", 0.1, 3)
    np.testing.assert_array_equal(by_name.outputs, by_number.outputs)
    assert by_name.outputs.dtype == by_name.gradients.dtype == np.float32
    assert by_name.outputs.shape == (5, 1000, 100)
    assert (five_layers("tanh", 0.1, 4).outputs != by_number.outputs).any()


def test_equal_weights_make_equal_units():
    found = five_layers("tanh", 0.03, equal=True, dtype=np.float64)
    np.testing.assert_allclose(found.outputs, np.broadcast_to(found.outputs[..., :1], found.outputs.shape), rtol=1e-12)
    assert measures(found).between_units.max() < 1e-12 < measures(found).between_samples.min()


def test_names_that_are_none():
    with pytest.raises(ValueError, match="activation is 'relu'; allowed: sigmoid, tanh, ReLU"):
        five_layers("relu", 1.0)
    with pytest.raises(ValueError, match="init is 'he'; allowed: He, Xavier, Glorot, or a standard deviation"):
        five_layers("ReLU", "he")


def test_equal_values_have_no_spread():
    equal = np.full((1, 1000, 100), 0.9999, np.float32)
    found = measures(Signals("sigmoid", equal, equal))
    assert found.std == found.between_samples == found.between_units == 0


def test_measures_of_known_values():
    # Two samples of three units: the first the same for both samples, the last two different.
    y = np.array([[[0.01, 0.0, 0.99], [0.01, 1.0, 0.5]]])
    found = measures(Signals("sigmoid", y, 2 * y))
    assert isinstance(found, Measures)
    np.testing.assert_allclose(found.std, np.std(y))
    np.testing.assert_allclose(found.gradient, 2 * np.std(y))
    np.testing.assert_allclose(found.between_samples, np.sqrt((0 + 0.5**2 + 0.245**2) / 3))
    np.testing.assert_allclose(found.between_units, np.sqrt((np.var(y[0, 0]) + np.var(y[0, 1])) / 2))
    np.testing.assert_allclose(found.saturated, 5 / 6)
    np.testing.assert_allclose(found.dead, 2 / 3)


def test_saturated_is_the_outer_twentieth_of_the_range():
    y = np.array([0.04, 0.06, 0.5, 0.94, 0.96])
    np.testing.assert_array_equal(saturated("sigmoid", y), [True, False, False, False, True])
    np.testing.assert_array_equal(saturated("tanh", 2 * y - 1), [True, False, False, False, True])
    np.testing.assert_array_equal(saturated("ReLU", np.array([0.0, 1e-30, 5.0])), [True, False, False])


def test_linear_bins_against_numpy():
    values = np.random.default_rng(0).normal(size=(3, 5000)).astype(np.float32)
    found = counts(LinearBins(-1, 2, 12, ticks=()), values)
    for row, layer in zip(found, values, strict=True):
        edges = np.linspace(-1, 2, 13)
        np.testing.assert_array_equal(row[1:-1], np.histogram(layer, edges)[0])
        assert row[0] == (layer < -1).sum()
        assert row[-1] == (layer > 2).sum()


def test_octave_bins_against_the_logarithm():
    values = (10.0 ** np.random.default_rng(0).uniform(-6, 6, size=(2, 5000))).astype(np.float32)
    values[:, ::2] *= -1
    found = counts(OctaveBins(-10, 10), values)
    for row, layer in zip(found, values, strict=True):
        powers = np.floor(np.log2(np.abs(layer.astype(float))))
        np.testing.assert_array_equal(row[1:-1], [(powers == k).sum() for k in range(-10, 10)])
        assert row[0] == (powers < -10).sum()
        assert row[-1] == (powers >= 10).sum()


def test_edges_of_the_bins():
    linear = LinearBins(0, 4, 4, ticks=())
    np.testing.assert_array_equal(
        linear.index(np.array([-9.0, 0, 0.5, 1, 1.1, 4, 4.1, np.inf, np.nan])), [0, 0, 1, 1, 2, 4, 5, 5, 5]
    )
    octaves = OctaveBins(-2, 2)
    values = np.array([0, 1e-40, 0.24, 0.25, -0.25, 0.5, 3.9, 4, np.inf, np.nan], np.float32)
    np.testing.assert_array_equal(octaves.index(values), [0, 0, 0, 1, 1, 2, 4, 5, 5, 5])
    with pytest.raises(ValueError, match="values has dtype float64; allowed: float32"):
        octaves.index(np.zeros(3))


@pytest.mark.parametrize("bins", [*VALUES.values(), GRADIENTS], ids=[*VALUES, "gradients"])
@given(values=arrays.arrays(np.float32, (2, 40), elements=st.floats(width=32)))
def test_no_value_is_dropped(bins, values):
    with np.errstate(over="ignore", invalid="ignore"):
        np.testing.assert_array_equal(counts(bins, values).sum(axis=1), [40, 40])


@each_activation
@pytest.mark.parametrize("sigma", [0.001, 0.1, 1.0, 3.0])
def test_the_axis_fits_the_activation(activation, sigma):
    """Sigmoid and tanh leave the bins at the ends empty; what ReLU puts there is named on the axis."""
    found = counts(VALUES[activation], five_layers(activation, sigma).outputs)
    np.testing.assert_array_equal(found.sum(axis=1), 100_000)
    if activation == "ReLU":
        assert VALUES[activation].ends == ("0", ">5")
    else:
        assert found[:, 0].max() == found[:, -1].max() == 0


def test_ticks_stand_where_their_numbers_are_counted():
    for bins in VALUES.values():
        for place, name in bins.ticks:
            value = float(name.replace("−", "-"))
            assert abs(bins.index(np.array([value]))[0] + 0.5 - place) <= 0.501
    for place, name in GRADIENTS.ticks:
        value = np.float32(10.0 ** float(name.split("{")[1].split("}")[0]))
        assert 0 <= place - GRADIENTS.index(np.array([value]))[0] <= 1


def test_the_figure_draws_all_counts():
    live = Layers()
    for bar in (*live.forward.bars, *live.backward.bars):
        heights = bar.get_data().values
        assert np.isclose((heights**2).sum(), 1)
    assert [len(bar.get_data().edges) for bar in live.forward.bars] == [43] * 5
    live.set(activation="ReLU", sigma=0.0)
    for bar in live.forward.bars:
        assert bar.get_data().values[0] == 1
    assert live.words.count("100% saturated, 100% of the units dead") == 5


def test_presets_keep_the_activation():
    live = Layers()
    live.set(activation="ReLU", seed=3)
    he = next(child for child in live.control_box().children if child.description == "He")
    he.click()
    assert live.settings == {
        "activation": "ReLU",
        "sigma": np.sqrt(2 / 100),
        "weights": "drawn from N(0, σ²)",
        "seed": 3,
    }


def test_percentages_of_a_layer():
    values = np.array([0.5])
    found = Measures(values, values / 5, values / 2, values / 10, values / 5, values / 50)
    assert layer_numbers(found) == ([["0.5", "10", "1", "50", "10"]], [["0.1"]])
    zero = np.zeros(1)
    assert layer_numbers(Measures(*[zero] * 6)) == ([["0", "0", "0", "0", "0"]], [["0"]])


def test_depth_says_what_carries():
    live = Depth()
    live.set(depth=30)
    he, xavier, sigma = live.words.splitlines()[2:]
    assert he.startswith("He: from layer 1 to layer 30 the values go from std 0.828 to 0.601,")
    assert sigma.endswith("layer 1 gets gradients of std below 1e−12.")
    assert xavier.startswith("Xavier")


def test_numbers_are_drawn_at_the_right_edge_above_the_axes():
    live = Layers()
    numbers = live.forward.numbers[2]
    assert isinstance(numbers, Numbers)
    right, top = numbers.axes.transAxes.transform((1, 1))
    pictures = []
    for lines in [""] * 5, ["8888"] * 5:
        numbers.set_lines(lines)
        live._png = None  # the numbers were changed behind the figure's back
        pictures.append(pixels(live))
    rows, columns = np.nonzero((pictures[0] != pictures[1]).any(axis=2))
    rows = len(pictures[0]) - rows
    assert top - 1 <= rows.min() <= rows.max() <= top + 5 * 14 + 1
    assert right - 30 <= columns.min() <= columns.max() <= right
