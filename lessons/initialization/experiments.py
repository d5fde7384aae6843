"""A network for MNIST from different first weights, trained here or read from what is stored; how far values carry."""

from functools import lru_cache

import numpy as np

import helpers
from workbench.checks import Array, Choice, Either, Number, Precision, Seed, Whole, checked
from workbench.data.stored import load
from workbench.networks.activations import UNITS, five_layers, measures
from workbench.networks.network import ACTIVATIONS, INIT, MLP, initial_std
from workbench.networks.training import A_RUN, Images, train

SIZES = 784, 100, 100, 100, 100, 10
ITERATIONS, SEEDS = 2000, 5
HE, XAVIER = (initial_std(init, UNITS, UNITS) for init in ("He", "Xavier"))  # of five layers of 100 units

# Activation, first weights, optimizer.
CASES = {
    "σ = 0.01": ("ReLU", 0.01, helpers.SGD),
    "Xavier": ("ReLU", "Xavier", helpers.SGD),
    "He": ("ReLU", "He", helpers.SGD),
    "Adam, σ = 0.01": ("ReLU", 0.01, helpers.Adam),
    "Adam, He": ("ReLU", "He", helpers.Adam),
    "sigmoid, σ = 1": ("sigmoid", 1.0, helpers.SGD),
    "sigmoid, Xavier": ("sigmoid", "Xavier", helpers.SGD),
    "sigmoid, 4 × Xavier": ("sigmoid", "4 × Xavier", helpers.SGD),
}


QUADRUPLE = "4 × Xavier"
_INIT = Either(Choice((*INIT.choice.names, QUADRUPLE)), INIT.number, INIT.allowed.replace(", or", f", {QUADRUPLE}, or"))


@checked(activation=Choice(ACTIVATIONS), init=_INIT, seed=Seed(), dtype=Precision())
def network(activation, init, seed=0, dtype=np.float32):
    """A network for MNIST with four hidden layers of 100 units.

    init: as for MLP, or "4 × Xavier". Equal weights come from `constant`.
    """
    if init == QUADRUPLE:
        found = network(activation, "Xavier", seed, dtype)
        for name, array in found.params.items():
            array *= 4 if name.startswith("W") else 1
        return found
    return MLP(SIZES, activation, init, seed, dtype)


@checked(activation=Choice(ACTIVATIONS), value=Number("−1e30 to 1e30", -1e30, 1e30), dtype=Precision())
def constant(activation, value, dtype=np.float32):
    """The same network with all weights equal to `value`, at most 1e30 in size, biases 0."""
    found = network(activation, 0.0, dtype=dtype)
    for name, array in found.params.items():
        if name.startswith("W"):
            array[...] = value
    return found


@checked(case=Choice(CASES), seed=Seed(), images=Images(), labels=Array((None,)), iterations=Whole(), run=A_RUN)
def trained(case, seed, images, labels, iterations=ITERATIONS, run=None):
    """Train the network of one of CASES at its optimizer's default learning rate, batches of 128; returns the Run.

    seed: for the first weights and for the batches; the same for all cases, so that they are paired.
    """
    activation, init, optimizer = CASES[case]
    return train(network(activation, init, seed), optimizer(), images, labels, iterations, seed=seed, run=run)


def stored():
    """What `trained` led to: from each case to "loss", the mean of the last 100 iterations, and "accuracy" on the test
    digits, each a list of SEEDS numbers. Made by store.py.
    """
    return load("initialization")


@lru_cache(maxsize=256)
def carried(activation, sigma, depth, seed):
    """The Measures of a network of `depth` layers for 50 samples, in float64: products of 30 factors are extreme."""
    return measures(five_layers(activation, sigma, seed, layers=depth, samples=50, dtype=np.float64))
