"""300 digits split three ways, runs measured on their way and stored; a path cut short, a minimum moved, schedules."""

from typing import NamedTuple

import numpy as np

import helpers
from workbench.checks import BELOW_1, NOT_NEGATIVE, Array, Choice, Number, Whole, checked
from workbench.data import mnist
from workbench.data.stored import arrays
from workbench.descent.landscapes import Landscape
from workbench.networks.network import A_NETWORK, MLP, cross_entropy
from workbench.networks.regularization import L2, Dropout
from workbench.networks.training import Pair, train
from workbench.words import round_numbers

SIZES = (784, *6 * (100,), 10)
DIGITS, BATCH, EPOCHS = 300, 100, 200
UPDATES = EPOCHS * DIGITS // BATCH
MEASURED = np.arange(0, EPOCHS + 1, 4)  # epochs after which a run is measured
WEIGHED = np.arange(0, EPOCHS + 1, 20)  # epochs after which its weights are counted
EDGES = np.linspace(-0.405, 0.405, 82)  # of the histogram; weights beyond count in the last bins
MEASURES = "training loss", "validation loss", "training accuracy", "validation accuracy"
METHODS = "SGD", "Adam, L2 in the loss", "AdamW, decoupled"
LABELS = {"as they are": 0.0, "one in five wrong": 0.2}
DECAYS = (0.0, *round_numbers(1e-5, 1, 5))
RATES = 0.0, 0.05, 0.1, 0.2, 0.3, 0.5  # of dropout
SEEDS = 3


class Data(NamedTuple):
    """Digits for three purposes, each a pair of pixels, float32 (n, 784), and labels (n,)."""

    train: tuple  # 300, to learn from
    validation: tuple  # 1000, to choose by
    test: tuple  # 10,000, to be looked at once, at the end


@checked(wrong=Number("a share, 0 to 1", 0, 1))
def split(wrong=0.0):
    """The first 300 training digits of MNIST, the next 1000 for validation, and all test digits, as Data.

    wrong: the share of the 300 whose label is replaced by one of the nine wrong ones, always the same.
    """
    digits = mnist.load()
    images, labels = digits.train_images[: DIGITS + 1000], digits.train_labels[: DIGITS + 1000].astype(int)
    rng = np.random.default_rng(0)
    chosen = rng.permutation(DIGITS)[: round(wrong * DIGITS)]
    labels[chosen] = (labels[chosen] + rng.integers(1, 10, len(chosen))) % 10
    x = mnist.pixels(images)
    return Data(
        (x[:DIGITS], labels[:DIGITS]),
        (x[DIGITS:], labels[DIGITS:]),
        (mnist.pixels(digits.test_images), digits.test_labels.astype(int)),
    )


@checked(method=Choice(METHODS), weight_decay=NOT_NEGATIVE, seed=Whole(), dropout=BELOW_1)
def model(method="SGD", weight_decay=0.0, seed=0, dropout=0.0):
    """The network, 784-[100×6]-10 with ReLU and He's initial weights, and its optimizer.

    method: SGD with η = 0.01, or Adam and AdamW with η = 0.001. weight_decay: λ, in the loss but for AdamW.
    dropout: the rate of a Dropout layer after each activation; 0 for none.
    """
    rng = np.random.default_rng((seed, 1))
    network = MLP(SIZES, seed=seed, after=(lambda units: Dropout(dropout, rng)) if dropout else None)
    if method == "AdamW, decoupled":
        return network, helpers.AdamW(lr=0.001, weight_decay=weight_decay)
    return L2(network, weight_decay), helpers.SGD(lr=0.01) if method == "SGD" else helpers.Adam(lr=0.001)


@checked(network=A_NETWORK, data=Pair())
def loss_and_accuracy(network, data):
    """Mean loss without penalty, and share of digits that are recognized, on one pair of Data."""
    logits = network.logits(data[0])
    return cross_entropy(logits, data[1])[0], float((logits.argmax(axis=1) == data[1]).mean())


def measured(data, method="SGD", weight_decay=0.0, seed=0, dropout=0.0, run=None):
    """Train for 200 epochs; returns the curves, shape (4, 51), the histograms, shape (11, 81), and the network.

    Curves: MEASURES after the epochs MEASURED. Histograms: the share of all weights between EDGES, after WEIGHED.
    run: as for `train`.
    """
    network, optimizer = model(method, weight_decay, seed, dropout)
    curves, histograms = [], []

    def look(done):
        if (epoch := done * BATCH / DIGITS) in MEASURED:
            pairs = [loss_and_accuracy(network, digits) for digits in (data.train, data.validation)]
            curves.append(np.transpose(pairs).ravel())
        if epoch in WEIGHED:
            histograms.append(histogram(network))

    look(0)
    train(network, optimizer, *data.train, UPDATES, BATCH, seed, each=lambda run: look(run.done), run=run)
    return np.transpose(curves), np.array(histograms), network


def histogram(network):
    """The share of all weights between EDGES, shape (81,)."""
    weights = np.concatenate([W.ravel() for key, W in network.params.items() if key.startswith("W")])
    return np.histogram(np.clip(weights, EDGES[0], EDGES[-1]), EDGES)[0] / weights.size


class Stored(NamedTuple):
    """The runs that store.py made; float16, three digits.

    curves: (METHODS, LABELS, DECAYS, SEEDS, MEASURES, MEASURED). histograms of seed 0: (METHODS, LABELS, DECAYS,
    WEIGHED, bins). dropout: curves of SGD without decay: (LABELS, RATES, SEEDS, MEASURES, MEASURED).
    """

    curves: np.ndarray
    histograms: np.ndarray
    dropout: np.ndarray


def stored():
    """The Stored runs, read from stored.npz."""
    found = arrays("generalization")
    return Stored(*(found[name].astype(float) for name in Stored._fields))


# A path that is cut short, and a minimum that is moved

MINIMUM = np.array([6.0, 2.0])
STEEP = 2.0  # curvature along y


def moved_bowl(condition=20):
    """A bowl with curvature 2 along y, 2/condition along x, and its minimum at (6, 2), as a Landscape."""
    curvatures = np.array([STEEP / condition, STEEP])
    return Landscape(
        name="bowl around (6, 2)",
        value=lambda p: ((p - MINIMUM) ** 2 @ curvatures) / 2,
        gradient=lambda p: curvatures * (p - MINIMUM),
        hessian=lambda p: np.broadcast_to(np.diag(curvatures), (*np.shape(p), 2)),
        minima=MINIMUM[None],
        view=((-1.0, 8.0), (-1.0, 4.0)),
        start=(0.0, 0.0),
    )


def stopped(curvature, lr, updates):
    """The share of the way from 0 to the minimum that `updates` steps of gradient descent go: 1 − (1 − ηh)ᵗ."""
    return 1 - (1 - lr * np.asarray(curvature)) ** updates


def decayed(curvature, weight_decay):
    """The share of the way from 0 to the minimum at which loss + λ/2 w² has its minimum: h / (h + λ)."""
    return curvature / (curvature + weight_decay)


# Learning-rate schedules

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
