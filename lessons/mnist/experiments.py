"""A small network for MNIST, the settings that decide how it is trained, and what the stored runs say."""

from dataclasses import dataclass

import numpy as np

import helpers
from workbench.checks import BELOW_1, NOT_NEGATIVE, Choice, OrNone, Whole, checked, refuse
from workbench.data import mnist
from workbench.data.stored import load
from workbench.descent.optimizers import OPTIMIZERS
from workbench.networks.blas import one_thread
from workbench.networks.network import MLP
from workbench.networks.training import batches, train
from workbench.words import number

SIZES = (784, 50, 50, 50, 50, 10)
ITERATIONS, BATCH, WINDOW = 500, 128, 10
BETAS = {"Momentum": "momentum", "Nesterov": "momentum", "RMSProp": "rho", "Adam": "beta1"}
METHODS = ["SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam"]


@checked(optimizer=Choice(METHODS), lr=NOT_NEGATIVE, beta=OrNone(BELOW_1), seed=Whole())
@dataclass(frozen=True)
class Settings:
    """What decides a training; β is None for an optimizer without."""

    optimizer: str
    lr: float
    beta: float | None
    seed: int

    def __post_init__(self):
        if self.beta is not None and self.optimizer not in BETAS:
            refuse("beta", self.beta, f"None, as {self.optimizer} has no β")

    @classmethod
    def of(cls, optimizer, lr, beta, seed):
        return cls(optimizer, lr, beta if optimizer in BETAS else None, seed)

    def __str__(self):
        beta = "" if self.beta is None else f", β = {number(self.beta)}"
        return f"{self.optimizer}, η = {number(self.lr)}{beta}, seed {self.seed}"

    def train(self, each=None, run=None, train=train):
        """Train a network with these settings; returns the Run. each, run: as for `train`, which does it."""
        beta = {} if self.beta is None else {BETAS[self.optimizer]: self.beta}
        # float64: its rounding is too small to be seen after so few iterations, on any processor.
        network = MLP(SIZES, seed=self.seed, dtype=np.float64)
        optimizer = OPTIMIZERS[self.optimizer](lr=self.lr, **beta)
        digits = mnist.load()
        images, labels = digits.train_images, digits.train_labels
        return train(network, optimizer, images, labels, ITERATIONS, BATCH, self.seed, each, run)


# What is stored, see store.py

PUBLISHED = {"SGD": 0.01, "Momentum": 0.01, "Nesterov": 0.01, "AdaGrad": 0.01, "RMSProp": 0.001, "Adam": 0.001}
STORED_WINDOW, STORED_ITERATIONS = 50, 2000  # a stored number is the mean loss of so many iterations
GUESS = 0.1  # the accuracy of a network that diverged: it can but guess among ten digits


@checked(name=Choice(METHODS), iteration=Whole(200, STORED_ITERATIONS))
def loss_up_to(name, iteration):
    """Mean loss of the 200 iterations up to one, at the published learning rate, for each of five seeds."""
    last = iteration // STORED_WINDOW
    return np.array(load("mnist")["published"][name]["curves"])[:, last - 4 : last].mean(axis=1)


def with_guesses(accuracies):
    """Stored accuracies as an array of floats, None becoming GUESS."""
    found = np.array(accuracies, float)
    return np.where(np.isnan(found), GUESS, found)


def places_of_best(swept):
    """From each optimizer to the place, in the swept learning rates, of the highest median of held-out accuracies.

    swept: what store.py found in its sweep.
    """
    return {name: int(np.median(with_guesses(f["held_out"]), axis=1).argmax()) for name, f in swept.items()}


def best_rates():
    """The same for the sweep that is stored."""
    return places_of_best(load("mnist")["sweep"])


RATES = "published", "best"


@checked(rates=Choice(RATES))
def swept_test(rates):
    """Test accuracies of the sweep at the published learning rates, or at the best: a dict to arrays over the seeds."""
    swept = load("mnist")["sweep"]
    if rates == "best":
        places = best_rates()
    else:
        places = {name: found["lrs"].index(PUBLISHED[name]) for name, found in swept.items()}
    return {name: np.array(found["test"][places[name]], float) for name, found in swept.items()}


@checked(iterations=Whole(1, 10_000), seed=Whole())
def around_updates(iterations=1000, seed=0):
    """Losses of the same batch before and after each update, two arrays: 784-50-10, Momentum with η = 0.05."""
    network, optimizer, digits = MLP((784, 50, 10), seed=seed, dtype=np.float64), helpers.Momentum(0.05), mnist.load()
    before, after = np.empty((2, iterations))
    with one_thread():
        for k, chosen in zip(range(iterations), batches(60_000, BATCH, seed), strict=False):
            x, labels = mnist.pixels(digits.train_images[chosen]).astype(float), digits.train_labels[chosen]
            before[k], grads = network.loss_and_gradients(x, labels)
            optimizer.update(network.params, grads)
            after[k] = network.loss(x, labels)
    return before, after
