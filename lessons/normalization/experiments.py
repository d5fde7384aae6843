"""Inputs and what prepares them; a network on 1000 digits with and without batch normalization, trained and stored."""

import numpy as np

import helpers
from workbench.checks import (
    ABOVE_0,
    FINITE,
    NOT_NEGATIVE,
    Anything,
    Choice,
    Finite,
    Number,
    Seed,
    Whole,
    checked,
    fitting,
    refuse,
)
from workbench.data import mnist
from workbench.data.stored import load
from workbench.descent.landscapes import Landscape
from workbench.networks import training
from workbench.networks.blas import one_thread
from workbench.networks.network import INIT, MLP
from workbench.networks.normalization import PREPARATIONS, BatchNorm, pca_whitening, second_moments

SIZES = 784, 100, 100, 100, 100, 100, 10
DIGITS, EPOCHS = 1000, 20
# 16 standard deviations of the first weights, and the learning rates that are tried with those of He.
SCALES = [float(f"{scale:.3g}") for scale in np.logspace(0, -4, 16)]
LRS = 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0
BATCHES = 2, 4, 8, 16, 32
SEEDS = 5


@checked(normalized=Anything(), init=INIT, seed=Seed())
def network(normalized, init="He", seed=0):
    """Five hidden layers of 100 ReLUs, with batch normalization before each, or without."""
    return MLP(SIZES, "ReLU", init, seed, before=BatchNorm if normalized else None)


@checked(normalized=Anything(), seed=Seed(), init=INIT, lr=NOT_NEGATIVE, batch=Whole(1, DIGITS), epochs=Whole(1))
def run(normalized, seed, init="He", lr=0.01, batch=100, epochs=EPOCHS):
    """Train on the first 1000 digits by SGD; returns how many answers of the network are right.

    First a list of epochs + 1 numbers, of the 1000 digits before training and after each epoch; then one number, of
    the 10,000 test digits in the end. All are predictions; after the loss has become infinite or no number, they are 0.
    """
    net, optimizer = network(normalized, init, seed), helpers.SGD(lr)
    digits = mnist.load()
    x, labels = mnist.pixels(digits.train_images[:DIGITS]), digits.train_labels[:DIGITS]
    right = [count(net, x, labels)]

    def each(run):
        if run.done % (DIGITS // batch) == 0:
            right.append(count(net, x, labels))

    with np.errstate(over="ignore", invalid="ignore"), one_thread():
        done = training.train(net, optimizer, x, labels, DIGITS // batch * epochs, batch, seed, each)
        test = 0 if done.diverged is not None else count(net, digits.test_images, digits.test_labels)
    if done.interrupted:
        raise KeyboardInterrupt
    if done.diverged is not None:
        right = [*right, *[0] * epochs][: epochs + 1]
    return right, test


def count(net, images, labels):
    """How many predictions are right; none of a network that gives infinite numbers or nan."""
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(net.logits(training.inputs(images[:100], net))).all()
        return round(training.accuracy(net, images, labels) * len(images)) if finite else 0


# What is stored: for each experiment its settings, as keyword arguments of `run`.
EXPERIMENTS = {
    "scales": [{"init": scale} for scale in SCALES],
    "learning rates": [{"lr": lr} for lr in LRS],
    "batches": [{"batch": batch, "lr": lr, "epochs": 5} for batch in BATCHES for lr in (0.01, 0.1)],
}


@checked(experiment=Choice(EXPERIMENTS))
def stored(experiment):
    """The stored results of one of EXPERIMENTS, as shares of right answers: two arrays.

    The first, of the 1000 training digits: shape (settings, 2 without and with, seeds, epochs + 1).
    The second, of the test digits: shape (settings, 2, seeds).
    """
    results = load("normalization")[experiment]
    return np.array(results["training"]) / DIGITS, np.array(results["test"]) / 10000


@checked(correlation=Number("−1 to 1", -1, 1), spread=ABOVE_0, mean=FINITE, n=Whole(3, 10**6))
def cloud(correlation, spread, mean, n=100):
    """n samples of two features, shape (n, 2), and targets 0.5 x₁ − x₂ + noise, shape (n,).

    correlation: of the features, exactly. spread: standard deviation of the first; that of the second is 1.
    mean: how far from 0 the mean lies, in the direction in which the samples spread most.
    """
    rng = np.random.default_rng(0)
    u, noise = rng.normal(size=(n, 2)), rng.normal(0, 0.3, n)
    shift, W = pca_whitening(u)
    mixed = np.array([[spread, correlation], [0, np.sqrt(1 - correlation**2)]])
    x = (u - shift) @ W @ mixed
    widest = np.linalg.eigh(second_moments(x))[1][:, -1]
    x = x + mean * widest * (1 if widest[0] > 0 else -1)
    return x, x @ [0.5, -1] + noise


def squared_error(z, t):
    """The mean of (w·z − t)²/2 above its minimum, as a Landscape over w. z: shape (n, 2); t: shape (n,)."""
    H = second_moments(z)
    best = np.linalg.solve(H, z.T @ t / len(t))
    return Landscape(
        name="mean of (w·z − t)²/2",
        value=lambda w: (((w - best) @ H) * (w - best)).sum(axis=-1) / 2,
        gradient=lambda w: (w - best) @ H,
        hessian=lambda w: np.broadcast_to(H, (*np.shape(w), 2)),
        minima=best[None],
        view=((-4.0, 4.0), (-4.0, 4.0)),
        start=(0.0, 0.0),
    )


@checked(x=Finite((None, 2)), t=Finite((None,)), name=Choice(PREPARATIONS))
def prepared(x, t, name):
    """The samples as one of PREPARATIONS leaves them, its matrix, and the loss over the weights of what it leaves."""
    fitting("t", t, (len(x),))
    if np.linalg.matrix_rank(second_moments(x)) < 2:
        refuse("x", x, "two features that are not in proportion to each other")
    mean, W = PREPARATIONS[name](x)
    z = (x - mean) @ W
    # The mean of the targets goes with that of the inputs; else w would have to make up for it.
    return z, W, squared_error(z, t if name == "raw" else t - t.mean())


def batch_norm(gamma=1.0, beta=0.0):
    """A function from a number of units to a BatchNorm of that many, all γ and all β being what is given."""

    def make(units):
        layer = BatchNorm(units)
        layer.params["gamma"][...], layer.params["beta"][...] = gamma, beta
        return layer

    return make
