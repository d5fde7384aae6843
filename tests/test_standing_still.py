"""A learner's own optimizers that move nothing: trajectory and train say so, and leave right ones alone."""

import numpy as np
import pytest

import helpers
from workbench.networks.network import MLP
from workbench.networks.training import train

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((60, 4)), RNG.integers(0, 3, 60)


class Own:
    """A learner's SGD; `lr` lets it stand still on purpose."""

    def __init__(self, lr=0.1):
        self.lr = lr


class IntoTheDict(Own):
    def update(self, params, grads):
        for key in params:
            params[key] = params[key] - self.lr * grads[key]


class ANewDict(Own):
    def update(self, params, grads):
        return {key: w - self.lr * grads[key] for key, w in params.items()}


class ALocalName(Own):
    def update(self, params, grads):
        for key, w in params.items():
            w = w - self.lr * grads[key]


class ARule(Own):
    """A subclass of ours is looked at, too; made when it is asked for, since other tests take all subclasses."""

    def __new__(cls):
        def rule(self, w, g, t):
            w = w - self.lr * g

        return type("ARule", (helpers.Optimizer,), {"rule": rule, "__module__": __name__})(0.1)


class InPlace(Own):
    def update(self, params, grads):
        for key, w in params.items():
            w -= self.lr * grads[key]
        return params  # more than was asked, and no mistake


class OnlyOne(Own):
    """One array for all keys but the last."""

    def update(self, params, grads):
        last = list(params)[-1]
        params[last] -= self.lr * grads[last]


class WarmUp(Own):
    """Its first update has the length 0."""

    count = 0

    def update(self, params, grads):
        for key, w in params.items():
            w -= self.lr * self.count * grads[key]
        self.count += 1


WRONG = [IntoTheDict, ANewDict, ALocalName, ARule]
RIGHT = [InPlace, OnlyOne, WarmUp]


def walk(optimizer, gradient=lambda w: 2 * w, steps=5):
    return helpers.trajectory(optimizer, gradient, [1.0, -2.0], steps)


def teach(optimizer, iterations=12):
    network = MLP((4, 5, 3))
    before = {key: w.copy() for key, w in network.params.items()}
    run = train(network, optimizer, IMAGES, LABELS, iterations, batch=10)
    return run, [key for key, w in network.params.items() if (w != before[key]).any()]


@pytest.mark.parametrize("cls", WRONG)
@pytest.mark.parametrize("go", [walk, teach])
def test_what_moves_nothing_is_told(go, cls):
    with pytest.raises(
        ValueError, match=f"^optimizer is a {cls.__name__} whose update moves nothing; allowed: to change"
    ):
        go(cls())


@pytest.mark.parametrize("cls", RIGHT)
def test_what_moves_is_left_alone(cls):
    assert (walk(cls())[-1] != [1.0, -2.0]).all()
    run, moved = teach(cls())
    assert run.done == 12
    assert moved


@pytest.mark.parametrize("iterations", [1, 3, 10])
def test_a_short_training_is_looked_at_too(iterations):
    with pytest.raises(ValueError, match="moves nothing"):
        teach(ALocalName(), iterations)


def test_a_network_is_whole_after_the_mistake():
    """What was put into the dict has not come between the network and its layers."""
    network = MLP((4, 5, 3))
    arrays = dict(network.params)
    with pytest.raises(ValueError, match="moves nothing"):
        train(network, IntoTheDict(), IMAGES, LABELS, 5, batch=10)
    assert all(network.params[key] is arrays[key] for key in arrays)


@pytest.mark.parametrize("optimizer", [ALocalName(0), helpers.SGD(lr=0), helpers.SGD(lr=1e-300)])
def test_standing_still_on_purpose(optimizer):
    assert (walk(optimizer) == [1.0, -2.0]).all()
    run, moved = teach(optimizer)
    assert run.done == 12
    assert not moved


def test_where_the_gradient_is_0_nothing_has_to_move():
    assert (walk(InPlace(), gradient=np.zeros_like) == [1.0, -2.0]).all()


def test_no_updates():
    assert len(walk(ALocalName(), steps=0)) == 1
    assert teach(ALocalName(), iterations=0)[0].done == 0
