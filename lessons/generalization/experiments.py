"""300 digits split three ways, runs measured on their way and stored; ways to learn less by heart; a path cut short."""

from typing import NamedTuple

import numpy as np

import helpers
from workbench.checks import BELOW_1, NOT_NEGATIVE, Choice, Number, Whole, checked, refuse
from workbench.data import mnist
from workbench.data.stored import arrays
from workbench.descent.landscapes import Landscape
from workbench.networks.network import A_NETWORK, MLP, cross_entropy
from workbench.networks.regularization import L2, Dropout, EarlyStopping
from workbench.networks.training import Pair, train
from workbench.words import number, round_numbers

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
SEEDS, RUNS = 3, 5  # seeds of each curve, and of each of WAYS below


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


# Ways to keep a network from learning by heart; λ and p of the last three have the lowest validation loss.
WAYS = {
    "plain": {},
    "λ = 0.1": {"weight_decay": 0.1},
    "weight decay": {"weight_decay": 0.04},
    "early stopping": {"patience": 10},
    "dropout": {"dropout": 0.05},
}
FOUND = (
    "training accuracy",
    "validation loss",
    "validation accuracy",
    "test accuracy",
    "norm at the start",
    "norm",
    "moved",
    "update",
)


def weights(network):
    """All weights of a network, without the biases, in one long row."""
    return np.concatenate([W.ravel() for key, W in network.params.items() if key.startswith("W")]).astype(float)


def learn(data, seed, method="SGD", weight_decay=0.0, dropout=0.0, patience=None):
    """Train on 300 digits for 200 epochs, or until early stopping; the network, and FOUND as an array.

    patience: epochs without a lower validation loss after which the training stops; then the best weights come back.
    """
    network, optimizer = model(method, weight_decay, seed, dropout)
    start = weights(network)
    stopper = EarlyStopping(lambda network: network.loss(*data.validation), patience, every=3) if patience else None
    run = train(network, optimizer, *data.train, UPDATES, BATCH, seed, each=stopper)
    if stopper:
        stopper.restore(network)
    end, (loss, new) = weights(network), loss_and_accuracy(network, data.validation)
    known, tested = (loss_and_accuracy(network, pair)[1] for pair in (data.train, data.test))
    norms = np.linalg.norm(start), np.linalg.norm(end), np.linalg.norm(end - start)
    return network, np.array([known, loss, new, tested, *norms, stopper.best_update if stopper else run.done])


class Stored(NamedTuple):
    """The runs that store.py made; float16, three digits.

    curves: (METHODS, LABELS, DECAYS, SEEDS, MEASURES, MEASURED). histograms of seed 0: (METHODS, LABELS, DECAYS,
    WEIGHED, bins). dropout: curves of SGD without decay: (LABELS, RATES, SEEDS, MEASURES, MEASURED).
    ways: (LABELS, WAYS, RUNS seeds, FOUND).
    """

    curves: np.ndarray
    histograms: np.ndarray
    dropout: np.ndarray
    ways: np.ndarray

    @checked(labels=Choice(LABELS), name=Choice(WAYS), what=Choice(FOUND))
    def way(self, labels, name, what):
        """One of FOUND after training in one of WAYS, for each seed; labels: one of LABELS."""
        return self.ways[list(LABELS).index(labels), list(WAYS).index(name), :, FOUND.index(what)]

    @checked(labels=Choice(LABELS), decay=NOT_NEGATIVE)
    def at_end(self, labels, decay):
        """MEASURES after the last epoch of SGD with this decay, the median of the seeds: four numbers."""
        return np.median(self.curves[0, list(LABELS).index(labels), _decay(decay), :, :, -1], axis=0)

    @checked(labels=Choice(LABELS))
    def dropout_at_end(self, labels):
        """MEASURES after the last epoch, the median of the seeds, for each of RATES: (RATES, MEASURES)."""
        return np.median(self.dropout[list(LABELS).index(labels), :, :, :, -1], axis=1)

    @checked(method=Choice(METHODS))
    def best_decay(self, method):
        """The one of DECAYS with the lowest median validation loss after the last epoch, labels as they are."""
        return DECAYS[np.median(self.curves[METHODS.index(method), 0, :, :, 1, -1], axis=1).argmin()]

    @checked(method=Choice(METHODS), decay=NOT_NEGATIVE)
    def weight_size(self, method, decay):
        """The root of the mean square of all weights after the last epoch, labels as they are."""
        counts, centers = self.histograms[METHODS.index(method), 0, _decay(decay), -1], (EDGES[1:] + EDGES[:-1]) / 2
        return np.sqrt(counts @ centers**2 / counts.sum())


def _decay(decay):
    """The number of a decay in DECAYS."""
    if decay not in DECAYS:
        refuse("decay", decay, ", ".join(map(number, DECAYS)))
    return DECAYS.index(decay)


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
