"""Paths on the bowl: what the lesson says beyond what its cells print, and how much curvatures of a network differ."""

import numpy as np
import pytest

import helpers
from lessons.trajectories.experiments import BOOK, best_steps, optimizer
from workbench.data import mnist
from workbench.descent import landscapes, theory
from workbench.networks.gradient_check import numeric_hessian
from workbench.networks.network import MLP

BOWL = landscapes.bowl()
START = np.array([-7.0, 2.0])
RATES = np.arange(0.01, 1.0, 0.01)

# After 30 updates at the book's learning rates: x, y and the loss.
GOLDEN = {
    "SGD": (-0.35039, 0.08478, 1.333e-2),
    "Momentum": (0.89641, 0.08809, 4.794e-2),
    "Nesterov": (0.68961, -0.00068, 2.378e-2),
    "AdaGrad": (-0.12016, 0.0, 7.219e-4),
    "RMSProp": (-0.69742, 0.0, 2.432e-2),
    "Adam": (0.13601, 0.31825, 1.022e-1),
}


def end(name, lr, landscape=BOWL, start=START, steps=30):
    return helpers.trajectory(optimizer(name, lr), landscape.gradient, start, steps)[-1]


def loss(name, lr):
    return BOWL.value(end(name, lr))


def test_the_loss_falls_fastest_against_the_gradient():
    """Of 3600 directions; it is 64° off the way to the minimum."""
    turns = np.radians(np.arange(0, 360, 0.1))
    directions = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    steepest = directions[BOWL.value(START + 1e-6 * directions).argmin()]
    step = -BOWL.gradient(START)
    np.testing.assert_allclose(steepest, step / np.linalg.norm(step), atol=0.002)
    cosine = -steepest @ START / np.linalg.norm(START)
    assert np.degrees(np.arccos(cosine)) == pytest.approx(64, abs=0.5)


@pytest.mark.parametrize("name", GOLDEN)
def test_where_the_books_learning_rates_lead(name):
    x, y, f30 = GOLDEN[name]
    np.testing.assert_allclose(end(name, BOOK[name]), (x, y), atol=5e-6)
    assert loss(name, BOOK[name]) == pytest.approx(f30, rel=5e-4)


def test_the_order_of_the_books_optimizers():
    order = sorted(GOLDEN, key=lambda name: loss(name, BOOK[name]))
    assert order == ["AdaGrad", "SGD", "Nesterov", "RMSProp", "Momentum", "Adam"]


def test_without_a_zig_zag_the_loss_is_more_than_8_times_as_high():
    smooth = RATES[RATES <= 0.5]
    assert min(loss("SGD", lr) for lr in smooth) > 8 * loss("SGD", 0.95)
    best = RATES[np.argmin([loss("SGD", lr) for lr in RATES])]
    assert best == pytest.approx(0.93)


@pytest.mark.parametrize("condition", [1.5, 5, 20, 100, 1000])
def test_the_best_learning_rate_zig_zags_on_every_bowl(condition):
    """It is the lowest of all in the long run, and lies where the factor of the steep direction is negative."""
    smallest, largest = 2 / condition, 2.0
    best = theory.best_lr(smallest, largest)
    rates = [np.abs(1 - lr * np.array([smallest, largest])).max() for lr in (best - 0.001, best, best + 0.001)]
    assert rates[1] == pytest.approx(theory.best_rate(condition))
    assert rates[1] < min(rates[0], rates[2])
    assert 1 - best * largest < 0


def test_tuned_momentum_ends_lower_than_sgd_and_swings():
    rates = np.arange(0.01, 1.9, 0.01)
    losses = [loss("Momentum", lr) for lr in rates]
    assert rates[np.argmin(losses)] == pytest.approx(1.26)
    assert min(losses) == pytest.approx(0.0034, abs=5e-5)
    assert min(losses) < min(loss("SGD", lr) for lr in np.arange(0.9, 0.96, 0.001)) / 2
    assert loss("Momentum", 1.25) > 20 * min(losses)


def test_on_a_round_bowl_one_update_arrives():
    np.testing.assert_allclose(end("SGD", 0.5, landscapes.bowl(condition=1), steps=1), 0, atol=1e-12)


@pytest.mark.parametrize(("condition", "needed"), [(5, 6), (20, 24), (100, 116), (1000, 1152)])
def test_updates_to_a_hundredth_of_the_loss(condition, needed):
    """Both factors are equal in size there, so the loss falls by the same factor from every start."""
    assert 2 * np.log(theory.best_rate(condition)) * needed <= np.log(1 / 100)
    assert needed / condition == pytest.approx(1.15, rel=0.05)
    landscape, lr = landscapes.bowl(condition), theory.best_lr(2 / condition, 2.0)
    left = [landscape.value(end("SGD", lr, landscape, START, steps)) for steps in (0, needed - 1, needed)]
    assert left[2] <= left[0] / 100
    assert left[1] > left[0] / 100 * (1 - 1e-9)


def test_who_notices_that_the_bowl_is_turned():
    turned, start = landscapes.bowl(rotation=45), np.array([-9.0, -5.0]) / np.sqrt(2)
    assert turned.value(start) == pytest.approx(BOWL.value(START))
    for name in GOLDEN:
        found = turned.value(end(name, BOOK[name], turned, start))
        if name in ("SGD", "Momentum", "Nesterov"):
            assert found == pytest.approx(loss(name, BOOK[name]), rel=1e-9)
        else:
            assert found > 5 * loss(name, BOOK[name])


def test_on_the_turned_bowl_two_step_sizes_are_worth_no_more_than_one():
    """The condition number of what the step sizes make of it is lowest where they are equal; straight, it can be 1."""

    def condition(rotation, ratio):
        scale = np.diag([np.sqrt(ratio), 1])
        found = np.linalg.eigvalsh(scale @ landscapes.bowl(rotation=rotation).hessian(START) @ scale)
        return found[1] / found[0]

    ratios = np.geomspace(1 / 100, 100, 401)  # of the step size of x to that of y
    turned = [condition(45, ratio) for ratio in ratios]
    assert ratios[np.argmin(turned)] == pytest.approx(1)
    assert min(turned) == pytest.approx(20)
    assert condition(0, 20) == pytest.approx(1)


def test_the_best_step_of_each_update():
    """No other learning rate has a lower loss after the update."""
    path, rates = best_steps(-7, 2, 30)
    for before, after, lr in zip(path, path[1:], rates, strict=False):
        g = BOWL.gradient(before)
        np.testing.assert_allclose(before - lr * g, after)
        around = BOWL.value(before - lr * np.linspace(0.9, 1.1, 21)[:, None] * g)
        assert around.argmin() == 10
    assert BOWL.value(path[-1]) < 1e-11 * loss("SGD", theory.best_lr(0.1, 2.0))
    np.testing.assert_allclose(rates[::2], 0.515, atol=0.001)
    np.testing.assert_allclose(rates[1::2], 6.391, atol=0.001)


def test_from_the_worst_start_the_best_steps_gain_nothing():
    path, rates = best_steps(-20, 1, 30)
    np.testing.assert_allclose(rates, theory.best_lr(0.1, 2.0))
    losses = BOWL.value(path)
    np.testing.assert_allclose(losses[1:] / losses[:-1], theory.best_rate(20) ** 2)
    rng = np.random.default_rng(0)
    for start in rng.normal(size=(100, 2)):
        losses = BOWL.value(best_steps(*start, 10)[0])
        assert (losses[1:] <= theory.best_rate(20) ** 2 * losses[:-1] * (1 + 1e-9)).all()


def test_at_the_minimum_the_best_step_is_none():
    path, rates = best_steps(0, 0, 3)
    assert not path.any()
    assert not rates.any()


def test_the_price_of_a_newton_step():
    """The leading part of what Gaussian elimination multiplies, counted."""

    def elimination(n):
        return sum((n - k) ** 2 for k in range(n))

    assert elimination(1000) == pytest.approx(1000**3 / 3, rel=0.01)
    assert elimination(2000) / elimination(1000) == pytest.approx(8, rel=0.01)
    n = 784 * 100 + 100 + 100 * 10 + 10
    assert n == 79_510
    assert 25 < n**3 / 3 / 1e11 / 60 < 30  # minutes at 10¹¹ multiplications a second
    assert 0.5e-6 < n / 1e11 < 1e-6  # seconds


def test_newton_climbs_where_gradient_descent_goes_down():
    curve, x = landscapes.two_valleys(), np.array([0.3])
    slope, curvature = curve.gradient(x), curve.hessian(x)[0]
    assert curve.value(x - slope / curvature) > curve.value(x) > curve.value(x - 0.1 * slope)


@pytest.mark.parametrize("rotation", [0, 45])
def test_one_newton_step_arrives_on_the_bowl(rotation):
    landscape = landscapes.bowl(rotation=rotation)
    step = np.linalg.solve(landscape.hessian(START), landscape.gradient(START))
    np.testing.assert_allclose(step, START, atol=1e-12)


def exact_hessian(network, x, labels):
    """The Hessian of the loss of a tanh network with one hidden layer, in the order W1, b1, W2, b2; shape (n, n).

    The sum of two parts: of the curvature of the cross-entropy in the logits (Gauss and Newton's matrix), and of that
    of the logits in the weights.
    """
    W1, b1, W2, b2 = (network.params[name] for name in ("W1", "b1", "W2", "b2"))
    units, classes = W2.shape
    inputs = np.hstack([x, np.ones((len(x), 1))])
    h = np.tanh(x @ W1 + b1)
    p = np.exp(h @ W2 + b2)
    p /= p.sum(axis=1, keepdims=True)
    slope = 1 - h**2
    first = np.einsum("ni,nj,jk->nkij", inputs, slope, W2).reshape(len(x), classes, -1)
    hidden = np.hstack([h, np.ones((len(x), 1))])
    second = np.einsum("nj,kl->nkjl", hidden, np.eye(classes)).reshape(len(x), classes, -1)
    slopes = np.concatenate([first, second], axis=2)  # of each logit of each sample
    slopes -= np.einsum("nk,nkw->nw", p, slopes)[:, None]
    slopes = (np.sqrt(p / len(x))[..., None] * slopes).reshape(-1, slopes.shape[2])
    hessian = slopes.T @ slopes
    error = (p - np.eye(classes)[labels]) / len(x)
    bend = -2 * h * slope * (error @ W2.T)
    for j in range(units):
        here = j + units * np.arange(inputs.shape[1])
        there = units * inputs.shape[1] + j * classes + np.arange(classes)
        mixed = (inputs * slope[:, [j]]).T @ error
        hessian[np.ix_(here, here)] += (inputs * bend[:, [j]]).T @ inputs
        hessian[np.ix_(here, there)] += mixed
        hessian[np.ix_(there, here)] += mixed.T
    return hessian


def test_numeric_and_exact_hessian():
    network, rng = MLP((4, 5, 3), "tanh", "Xavier", 0, np.float64), np.random.default_rng(0)
    x, labels = rng.normal(size=(20, 4)), rng.integers(3, size=20)
    order = [*network.loss_and_gradients(x, labels)[1]]
    parts = np.split(np.arange(43), np.cumsum([network.params[name].size for name in order])[:-1])
    rows = np.concatenate([dict(zip(order, parts, strict=True))[name] for name in ("W1", "b1", "W2", "b2")])
    hessian = numeric_hessian(network, x, labels)
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-8)
    np.testing.assert_allclose(hessian[np.ix_(rows, rows)], exact_hessian(network, x, labels), atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_curvatures_of_a_network_differ_more_than_those_of_the_bowl(seed):
    """1406, 1437 and 1437 times the middle one in size; 49-16-10, tanh, Xavier, 1000 digits, full batch, η = 0.5."""
    digits = mnist.load()
    x = digits.train_images[:1000].reshape(1000, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(1000, 49) / 255
    labels = digits.train_labels[:1000].astype(int)
    network, sgd = MLP((49, 16, 10), "tanh", "Xavier", seed, np.float64), helpers.SGD(0.5)
    for _ in range(100):
        sgd.update(network.params, network.loss_and_gradients(x, labels)[1])
    found = np.linalg.eigvalsh(exact_hessian(network, x, labels))
    assert len(found) == 970
    assert found[-1] / np.median(np.abs(found)) == pytest.approx(1400, rel=0.1)
