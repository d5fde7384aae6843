"""The lesson that builds a network: its own cells against the network of the course, and what it claims of the ring."""

import jupytext
import numpy as np
import pytest

import helpers
from lessons.building_a_network import store
from lessons.building_a_network.experiments import FIRST, RATES, SEEDS, WIDTHS, learn_digits, learn_ring, logits, ring
from tools.course import ROOT
from workbench.data import mnist, stored
from workbench.networks.gradient_check import relative_error
from workbench.networks.network import MLP
from workbench.networks.training import accuracy


@pytest.fixture(scope="module")
def cells():
    """What the cells of the lesson define: forward, loss, gradients."""
    names = {"np": np}
    for cell in jupytext.read(ROOT / "lessons" / "building_a_network" / "lesson.md", fmt="md:myst").cells:
        if cell.source.startswith(("def forward", "def gradients")):
            exec(cell.source, names)
    return names


@pytest.mark.parametrize("n", [1, 7])
def test_the_cells_are_the_network_of_the_course(cells, n):
    network = MLP((12, 6, 10), seed=n, dtype=np.float64)
    rng = np.random.default_rng(n)
    for array in network.params.values():
        array += 0.1 * rng.normal(size=array.shape)
    x, labels = rng.normal(size=(n, 12)), rng.integers(0, 10, n)
    found, grads = network.loss_and_gradients(x, labels)
    mine = cells["gradients"](x, labels, network.params)
    assert found == pytest.approx(cells["loss"](cells["forward"](x, network.params)[2], labels), rel=1e-12)
    for name, gradient in grads.items():
        np.testing.assert_allclose(mine[name], gradient, rtol=1e-9, atol=1e-12)


def test_the_step_worked_by_hand(cells):
    x, labels = np.array([[1.0, 2.0]]), np.array([0])
    p = {"W1": np.array([[1.0, 1], [0.5, -1]]), "b1": np.zeros(2)}
    p |= {"W2": np.array([[1.0, 0], [1, -1]]), "b2": np.array([-2.0, 0])}
    a, h, q = cells["forward"](x, p)
    np.testing.assert_array_equal(np.concatenate([a, h, q]), [[2, -1], [2, 0], [0.5, 0.5]])
    grads = cells["gradients"](x, labels, p)
    np.testing.assert_array_equal(grads["W1"], [[-0.5, 0], [-1, 0]])
    np.testing.assert_array_equal(grads["W2"], [[-1, 1], [0, 0]])
    np.testing.assert_array_equal([grads["b1"], grads["b2"]], [[-0.5, 0], [-0.5, 0.5]])
    helpers.SGD(lr=0.1).update(p, grads)
    assert cells["loss"](cells["forward"](x, p)[2], labels) < 0.5 * np.log(2) + 0.01


def test_a_gradient_check_with_one_sample_misses_the_division(cells):
    network, rng = MLP((12, 6, 10), dtype=np.float64), np.random.default_rng(0)
    for n, seen in (1, False), (5, True):
        x, labels = rng.normal(size=(n, 12)), rng.integers(0, 10, n)
        gradient = cells["gradients"](x, labels, network.params)["W1"]
        forgotten = n * gradient  # as without the division
        assert (relative_error(gradient, forgotten) > 0.1) is seen


# The ring


@pytest.mark.parametrize(("activation", "lr"), [("ReLU", 0.3), ("ReLU", 1.0), ("tanh", 1.0), ("sigmoid", 3.0)])
def test_two_units_never_enclose_the_points_and_three_can(activation, lr):
    """Of 20 seeds and more rates, two units left 8 points or more on the wrong side."""
    wrong = {units: [learn_ring(units, activation, lr, seed).wrong[-1] for seed in range(5)] for units in (2, 3)}
    assert min(wrong[2]) >= 6
    assert min(wrong[3]) == 0


def test_less_gradient_comes_back_through_sigmoid():
    share = {}
    for activation in "ReLU", "sigmoid":
        found = [learn_ring(4, activation, 0.3, seed, updates=0) for seed in range(10)]
        share[activation] = np.median([run.sizes["W1"][0] / run.sizes["W2"][0] for run in found])
    assert share["sigmoid"] < 0.25
    assert share["ReLU"] > 0.35


def test_a_training_holds_each_update():
    run, (x, labels) = learn_ring(3, updates=5), ring()
    assert run.losses.shape == run.wrong.shape == (6,)
    last = {name: array[-1] for name, array in run.params.items()}
    assert run.wrong[-1] == np.sum(logits(last, "ReLU", x).argmax(axis=1) != labels)
    assert learn_ring(3, lr=1e300, updates=5).losses.shape < (6,)


# Digits


def test_everything_is_stored():
    found = stored.load("building_a_network")
    assert set(found["costs"]) == {"machine", "update", *store.DTYPES}
    digits = found["digits"]
    assert (tuple(digits["widths"]), tuple(digits["rates"])) == (WIDTHS, RATES)
    for name in "training", "held_out", "test":
        assert np.shape(digits[name]) == (len(WIDTHS), len(RATES), len(SEEDS))


def test_one_entry_as_stored():
    digits, found = mnist.load(), stored.load("building_a_network")["digits"]
    i, j, seed = WIDTHS.index(10), RATES.index(0.1), 1
    known, _ = mnist.split(digits)
    run = learn_digits(WIDTHS[i], *known, RATES[j], seed=seed)
    assert run.done == FIRST["iterations"]
    assert abs(accuracy(run.network, *digits[2:]) - found["test"][i][j][seed]) < 0.01


def test_more_hidden_units_help_a_lot_at_first_and_little_later():
    found = stored.load("building_a_network")["digits"]
    at_best = []
    for held_out, test in zip(found["held_out"], found["test"], strict=True):
        at_best.append(np.median(test[np.median(held_out, axis=1).argmax()]))
    gains = np.diff(at_best)
    assert gains[0] > 0.02
    assert abs(gains[-1]) < 0.01
