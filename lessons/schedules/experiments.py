"""A bowl with noisy gradients under a schedule; schedules on MNIST; a warm-up and the sharpness, measured."""

from typing import NamedTuple

import numpy as np

import helpers
from workbench.checks import NOT_NEGATIVE, TINIEST, Array, Choice, Finite, Whole, checked, refuse
from workbench.data import mnist
from workbench.data.stored import load
from workbench.networks import schedules
from workbench.networks.curvature import sharpness
from workbench.networks.network import MLP
from workbench.networks.training import Run, batches, train

# A bowl with noisy gradients

LENGTH = 300  # updates of a run with a schedule
CURVATURES, START = np.array([0.1, 2.0]), np.array([-7.0, 2.0])  # the bowl of trajectories


@checked(lrs=Array((..., None)), noise=NOT_NEGATIVE)
def expected_losses(lrs, noise):
    """The mean loss of noisy gradient descent on the bowl x²/20 + y² from (−7, 2), exactly, over all noise.

    lrs: the learning rate of each update, shape (..., k). noise: standard deviation of each gradient's noise.
    Returns shape (..., k + 1). A weight's mean square m, at curvature h: m ← (1 − ηh)² m + η² noise².
    """
    lrs = np.asarray(lrs, float)[..., None]
    shrink, added = (1 - lrs * CURVATURES) ** 2, (lrs * noise) ** 2
    squares = np.empty((*lrs.shape[:-2], lrs.shape[-2] + 1, 2))
    squares[..., 0, :] = START**2
    for k in range(lrs.shape[-2]):
        squares[..., k + 1, :] = shrink[..., k, :] * squares[..., k, :] + added[..., k, :]
    return squares @ CURVATURES / 2


# MNIST: each schedule at learning rates of its own

SIZES = (784, 100, 100, 100, 100, 10)
ITERATIONS, BATCH = 2000, 128
SCHEDULES = {
    "constant": schedules.constant,
    "step": lambda lr: schedules.step(lr, ITERATIONS, boundaries=[1000, 1500], factor=0.1),
    "cosine": lambda lr: schedules.cosine(lr, ITERATIONS),
    "warm-up, then cosine": lambda lr: schedules.warmup(schedules.cosine(lr, ITERATIONS), ITERATIONS, updates=200),
}
RATES = 0.01, 0.02, 0.05, 0.1
TUNED, SEEDS = 3, 5  # seeds to choose a rate with, and of the runs at the rate chosen


def on_mnist(schedule, lr, seed, run=None):
    """Train 784-[100×4]-10 by Momentum on 50,000 digits for 2000 updates, η following a schedule from `lr`; the Run."""
    known, _ = mnist.split(mnist.load())
    network, optimizer = MLP(SIZES, seed=seed), helpers.Momentum(lr)
    follow = schedules.follow(optimizer, SCHEDULES[schedule](lr))
    return train(network, optimizer, *known, ITERATIONS, BATCH, seed, each=follow, run=run)


# 300 digits: the sharpness, and a warm-up

DEEP, DIGITS, FEW, UPDATES = (784, *6 * (100,), 10), 300, 100, 600
BETA = 0.9
# Updates after which a run is measured.
LOOKED_AT = np.array([0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 180, 210, 250, 300, 400, 500, 600])
STARTS = {"at once": (0.1, 0), "warm-up": (0.1, 200), "a tenth of η": (0.01, 0)}  # η, updates of the warm-up
WATCHED = 5  # seeds
LRS, WARM, MANY = (0.01, 0.02, 0.05, 0.1, 0.2), (0, 50, 200), 10  # learning rates, warm-ups, seeds of each


def digits():
    """The first 300 training digits of MNIST, and the next 1000 to choose by: two pairs of pixels and labels."""
    found = mnist.load()
    x, labels = mnist.pixels(found.train_images[: DIGITS + 1000]), found.train_labels[: DIGITS + 1000].astype(int)
    return (x[:DIGITS], labels[:DIGITS]), (x[DIGITS:], labels[DIGITS:])


@checked(start=Choice(STARTS), k=Array())
def rate(start, k):
    """The learning rate of the updates k in one of STARTS."""
    return plan(*STARTS[start])(k)


def plan(lr, warm):
    """A schedule: `lr`, after `warm` updates of warm-up."""
    constant = schedules.constant(lr)
    return schedules.warmup(constant, UPDATES, warm) if warm else constant


@checked(lr=Finite(low=TINIEST, allowed="numbers above 0"))
def limit(lr):
    """The largest curvature that the heavy ball with β = 0.9 bears at these learning rates: 2 (1 + β) / η."""
    return 2 * (1 + BETA) / lr


def momentum(lr, warm, seed, each=None, dtype=np.float32):
    """Train 784-[100×6]-10 by Momentum on 300 digits for 600 updates, the first `warm` of them warm-up; the Run."""
    network, optimizer = MLP(DEEP, seed=seed, dtype=dtype), helpers.Momentum(lr, BETA)
    follow = schedules.follow(optimizer, plan(lr, warm))

    def after(run):
        follow(run)
        if each:
            each(run)

    run = Run(UPDATES, network)
    if each:
        each(run)
    return train(network, optimizer, *digits()[0], UPDATES, FEW, seed, each=after, run=run)


def watched(lr, warm, seed):
    """The losses of all 300 digits and the sharpness after LOOKED_AT; nan once a run has diverged: two arrays."""
    found, direction, (x, labels) = np.full((2, len(LOOKED_AT)), np.nan), None, digits()[0]

    def look(run):
        nonlocal direction
        if run.done in LOOKED_AT and np.isfinite(loss := run.network.loss(x, labels)):
            curvature, direction = sharpness(run.network, x, labels, direction)
            found[:, list(LOOKED_AT).index(run.done)] = loss, curvature

    momentum(lr, warm, seed, look, np.float64)
    return found


def gradient_lengths(start, seed):
    """The length of the gradient of each batch, in one of STARTS without a warm-up: 600 numbers."""
    lr, _ = STARTS[start]
    network, optimizer, (x, labels) = MLP(DEEP, seed=seed), helpers.Momentum(lr, BETA), digits()[0]
    lengths = []
    for chosen, _ in zip(batches(DIGITS, FEW, seed), range(UPDATES), strict=False):
        grads = network.loss_and_gradients(x[chosen], labels[chosen])[1]
        lengths.append(np.sqrt(sum(float((g**2).sum()) for g in grads.values())))
        optimizer.update(network.params, grads)
    return np.array(lengths)


class Stored(NamedTuple):
    """The runs that store.py made.

    lengths: of the gradients of the batches, "a tenth of η": (WATCHED seeds, UPDATES).
    watched: from the names in STARTS to losses and sharpness: (WATCHED seeds, 2, LOOKED_AT), nan once diverged.
    swept: loss of the training digits and share of the held-out ones that are recognized after 600 updates:
    (LRS, WARM, MANY seeds, 2), nan where the run diverged.
    held_out: accuracies on MNIST, (SCHEDULES, RATES, TUNED seeds), nan where the run diverged. test: those on the test
    digits, each schedule at the rate with the best median on the held-out digits: (SCHEDULES, SEEDS).
    """

    lengths: np.ndarray
    watched: dict
    swept: np.ndarray
    held_out: np.ndarray
    test: np.ndarray

    @checked(start=Choice(STARTS), update=Whole())
    def sharpness(self, start, update):
        """That of each seed after an update of LOOKED_AT, in one of STARTS; nan for runs that have diverged."""
        if update not in LOOKED_AT:
            refuse("update", update, ", ".join(map(str, LOOKED_AT)))
        return self.watched[start][:, 1, list(LOOKED_AT).index(update)]


def stored():
    """The Stored runs, read from stored.json."""
    found = load("schedules")
    watched = {name: np.array(runs, float) for name, runs in found["watched"].items()}
    arrays = {name: np.array(found[name], float) for name in Stored._fields if name != "watched"}
    return Stored(watched=watched, **arrays)


@checked(held_out=Array((..., None, None)))
def best_rates(held_out):
    """The number of the rate in RATES with the highest median accuracy of each schedule; diverged counts as a guess."""
    return np.median(np.nan_to_num(held_out, nan=0.1), axis=-1).argmax(axis=-1)
