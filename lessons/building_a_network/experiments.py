"""Points inside of a ring and the small network that learns to tell them apart; how many hidden units digits need."""

from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

import numpy as np

import helpers
from workbench.checks import NOT_NEGATIVE, Array, Choice, Seed, Whole, checked
from workbench.networks.blas import one_thread
from workbench.networks.layers import ACTIVATIONS
from workbench.networks.network import MLP
from workbench.networks.training import A_RUN, Images, train

# Points of two classes: 0 inside, 1 in a ring around them.
INSIDE, RING = 24, 36


@lru_cache
def ring():
    """Points, shape (60, 2), and their classes, shape (60,), always the same. Not to be changed."""
    rng = np.random.default_rng(3)
    angle = 2 * np.pi * np.concatenate([rng.random(INSIDE), (np.arange(RING) + rng.random(RING)) / RING])
    radius = np.concatenate([1.0 * np.sqrt(rng.random(INSIDE)), rng.uniform(1.7, 2.3, RING)])
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x, np.repeat([0, 1], [INSIDE, RING])


@dataclass(frozen=True)
class Training:
    """A network 2-units-2 on its way, before the first update and after each: arrays with an entry for each of these.

    params: from "W1", "b1", "W2", "b2" to their values. losses, wrong: of all points. sizes: from "W1" and "W2" to the
    root mean square of the gradient. A training ends where the loss is no finite number any more.
    """

    params: dict
    losses: np.ndarray
    wrong: np.ndarray
    sizes: dict


@checked(units=Whole(1, 100), activation=Choice(ACTIVATIONS), lr=NOT_NEGATIVE, seed=Seed(), updates=Whole())
def learn_ring(units, activation="ReLU", lr=1.0, seed=0, updates=300):
    """Train a network 2-units-2 on `ring`: gradient descent, all points at once; returns the Training."""
    network, (x, labels) = MLP((2, units, 2), activation, "He", seed, np.float64), ring()
    optimizer, path = helpers.SGD(lr), []
    with one_thread():
        for k in range(updates + 1):
            loss, grads = network.loss_and_gradients(x, labels)
            if not np.isfinite(loss):
                break
            copies = {name: array.copy() for name, array in network.params.items()}
            path.append((copies, loss, {name: np.sqrt(np.mean(grads[name] ** 2)) for name in ("W1", "W2")}))
            if k < updates:
                optimizer.update(network.params, grads)
    params = {name: np.stack([copies[name] for copies, *_ in path]) for name in network.params}
    wrong = np.sum((logits(params, activation, x).argmax(axis=2)) != labels, axis=1)
    sizes = {name: np.array([found[name] for *_, found in path]) for name in ("W1", "W2")}
    return Training(params, np.array([loss for _, loss, _ in path]), wrong, sizes)


def logits(params, activation, x):
    """The logits of a network 2-units-2 at points x, shape (n, 2); params as in a Training, or at one of its places."""
    hidden = ACTIVATIONS[activation]().forward(x @ params["W1"] + params["b1"][..., None, :])
    return hidden @ params["W2"] + params["b2"][..., None, :]


# Digits

FIRST = {"lr": 0.05, "iterations": 1000, "batch": 128}  # the first training: 784-50-10, Momentum with β = 0.9
WIDTHS = 5, 10, 20, 50, 100, 200
RATES = 0.005, 0.01, 0.02, 0.05, 0.1, 0.2
SEEDS = 0, 1, 2


@checked(
    units=Whole(1, 10_000),
    images=Images(),
    labels=Array((None,)),
    lr=NOT_NEGATIVE,
    iterations=Whole(),
    seed=Seed(),
    run=A_RUN,
)
def learn_digits(units, images, labels, lr=FIRST["lr"], iterations=FIRST["iterations"], seed=0, run=None):
    """Train a network 784-units-10 with Momentum, β = 0.9, batches of 128; returns the Run."""
    network = MLP((784, units, 10), seed=seed)
    return train(network, helpers.Momentum(lr), images, labels, iterations, FIRST["batch"], seed, run=run)


# The cost of an activation

SHAPE = 128, 100  # a batch, and the units of a layer


@checked(activation=Choice(ACTIVATIONS), dtype=Choice(("float32", "float64")), rounds=Whole(1))
def nanoseconds(activation, dtype="float32", rounds=200):
    """What an activation costs for each number, forward and back: the shortest of `rounds` of 50 times each."""
    rng, layer = np.random.default_rng(0), ACTIVATIONS[activation]()
    a, dy = (rng.normal(size=SHAPE).astype(dtype) for _ in range(2))
    shortest = []
    for step in lambda: layer.forward(a), lambda: layer.backward(dy):
        times = []
        for _ in range(rounds):
            start = perf_counter()
            for _ in range(50):
                step()
            times.append((perf_counter() - start) / 50)
        shortest.append(1e9 * min(times) / a.size)
    return tuple(shortest)


@checked(activation=Choice(ACTIVATIONS), updates=Whole(1))
def milliseconds(activation, updates=300):
    """What an update costs of a network 784-100-100-100-100-10 with 128 samples: the shortest of so many."""
    rng = np.random.default_rng(0)
    network, optimizer = MLP((784, 100, 100, 100, 100, 10), activation), helpers.Momentum(0.01)
    x, labels = rng.random((128, 784), np.float32), rng.integers(0, 10, 128)
    times = []
    with one_thread():
        for _ in range(updates):
            start = perf_counter()
            optimizer.update(network.params, network.loss_and_gradients(x, labels)[1])
            times.append(1e3 * (perf_counter() - start))
    return min(times)
