"""A network for MNIST from different first weights, trained here or read from what is stored; how far values carry."""

from dataclasses import fields
from functools import lru_cache

import numpy as np

import helpers
from workbench.checks import ABOVE_0, NOT_NEGATIVE, Array, Choice, Either, Number, Precision, Seed, Whole, checked
from workbench.data.stored import load
from workbench.networks.activations import UNITS, Measures, five_layers, measures
from workbench.networks.network import ACTIVATIONS, INIT, MLP, initial_std
from workbench.networks.training import A_RUN, Images, train

SIZES = 784, 100, 100, 100, 100, 10
ITERATIONS, SEEDS = 2000, 5
HE, XAVIER = (initial_std(init, UNITS, UNITS) for init in ("He", "Xavier"))  # of five layers of 100 units

# Activation, first weights, optimizer, and the learning rates that are tried.
CASES = {
    "ReLU, σ = 0.01": ("ReLU", 0.01, helpers.SGD, (0.01, 0.1, 0.3, 1.0)),
    "ReLU, Xavier": ("ReLU", "Xavier", helpers.SGD, (0.01, 0.1, 0.3, 1.0)),
    "ReLU, He": ("ReLU", "He", helpers.SGD, (0.01, 0.1, 0.3, 1.0)),
    "sigmoid, Xavier": ("sigmoid", "Xavier", helpers.SGD, (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)),
    "sigmoid, 4 × Xavier": ("sigmoid", "4 × Xavier", helpers.SGD, (0.1, 0.3, 1.0)),
    "sigmoid, Xavier, Momentum": ("sigmoid", "Xavier", helpers.Momentum, (0.03, 0.1, 0.3)),
    "sigmoid, Xavier, Adam": ("sigmoid", "Xavier", helpers.Adam, (0.001, 0.003, 0.01)),
    "ReLU, σ = 0.01, Adam": ("ReLU", 0.01, helpers.Adam, (0.001, 0.003, 0.01)),
    "ReLU, He, Adam": ("ReLU", "He", helpers.Adam, (0.001, 0.003, 0.01)),
}

# The runs on a few digits: how many times as large as He's the first weights are, and the learning rates of SGD. The
# larger the weights, the larger the gradients, and the smaller the learning rates that are of use.
FEW, FEW_BATCH, FEW_ITERATIONS = 1000, 100, 1000
FEW_LRS = {
    1: (0.01, 0.03, 0.1, 0.3, 1.0),
    2: (1e-3, 3e-3, 1e-2, 3e-2, 1e-1),
    3: (3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
    4: (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
}


QUADRUPLE = "4 × Xavier"
_INIT = Either(Choice((*INIT.choice.names, QUADRUPLE)), INIT.number, INIT.allowed.replace(", or", f", {QUADRUPLE}, or"))


@checked(activation=Choice(ACTIVATIONS), init=_INIT, seed=Seed(), dtype=Precision())
def network(activation, init, seed=0, dtype=np.float32):
    """A network for MNIST with four hidden layers of 100 units.

    init: as for MLP, or "4 × Xavier". Equal weights come from `constant`.
    """
    if init == QUADRUPLE:
        return enlarged(network(activation, "Xavier", seed, dtype), 4)
    return MLP(SIZES, activation, init, seed, dtype)


@checked(activation=Choice(ACTIVATIONS), value=Number("−1e30 to 1e30", -1e30, 1e30), dtype=Precision())
def constant(activation, value, dtype=np.float32):
    """The same network with all weights equal to `value`, at most 1e30 in size, biases 0."""
    found = network(activation, 0.0, dtype=dtype)
    for name, array in found.params.items():
        if name.startswith("W"):
            array[...] = value
    return found


def enlarged(network, times):
    """The network with all its weights, not the biases, `times` as large."""
    for name, array in network.params.items():
        array *= times if name.startswith("W") else 1
    return network


@checked(
    case=Choice(CASES),
    seed=Seed(),
    images=Images(),
    labels=Array((None,)),
    lr=NOT_NEGATIVE,
    iterations=Whole(),
    run=A_RUN,
)
def trained(case, seed, images, labels, lr=0.01, iterations=ITERATIONS, run=None):
    """Train the network of one of CASES at a learning rate, batches of 128; returns the Run.

    seed: for the first weights and for the batches; the same for all cases, so that they are paired.
    """
    activation, init, optimizer, _ = CASES[case]
    return train(network(activation, init, seed), optimizer(lr), images, labels, iterations, seed=seed, run=run)


@checked(times=ABOVE_0, seed=Seed(), images=Images(), labels=Array((None,)), lr=NOT_NEGATIVE, iterations=Whole())
def on_few_digits(times, seed, images, labels, lr, iterations=FEW_ITERATIONS):
    """Train a ReLU network that starts from `times` the weights of He on FEW digits by SGD; returns the Run."""
    start = enlarged(network("ReLU", "He", seed), times)
    return train(start, helpers.SGD(lr), images[:FEW], labels[:FEW], iterations, FEW_BATCH, seed=seed)


def stored():
    """What `trained` led to on the digits not held out: from each case to a dict of its learning rates to a dict of
    "loss", the mean of the last 100 iterations, "held out" and "test", the shares of right answers, each an array of
    SEEDS numbers; nan and 0 of a run that diverged. Made by store.py.
    """
    return _read(load("initialization")["cases"])


def stored_few():
    """What `on_few_digits` led to: from each of FEW_LRS to a dict as those of `stored`, with "training", too."""
    return {float(times): found for times, found in _read(load("initialization")["few digits"]).items()}


def _read(results):
    return {
        case: {
            float(lr): {name: np.array(numbers, dtype=float) for name, numbers in found.items()}
            for lr, found in by_lr.items()
        }
        for case, by_lr in results.items()
    }


def best_lr(by_lr):
    """The learning rate whose median share of right answers on the digits held out is the largest."""
    return max(by_lr, key=lambda lr: np.median(by_lr[lr]["held out"]))


@checked(activation=Choice(ACTIVATIONS), init=INIT, seeds=Whole(1, 100), layers=Whole(1, 100), samples=Whole(1, 10_000))
def averaged(activation, init, seeds=5, layers=5, samples=1000):
    """The Measures of `five_layers` for that many seeds, each number the mean over them; in float64."""
    found = [measures(five_layers(activation, init, seed, layers, samples, dtype=np.float64)) for seed in range(seeds)]
    return Measures(
        **{field.name: np.mean([getattr(m, field.name) for m in found], axis=0) for field in fields(Measures)}
    )


TWELVE = [(activation, init) for activation in ACTIVATIONS for init in (1.0, 0.01, "Xavier", "He")]


def twelve_cases():
    """A table: the std of the values of each of five layers, for three activations and four first weights."""
    lines = ["activation  first weights" + "".join(f"{f'layer {k}':>10}" for k in range(1, 6))]
    for activation, init in TWELVE:
        stds = averaged(activation, init).std
        lines.append(f"{activation:10}  {init!s:13}" + "".join(f"{std:10.2g}" for std in stds))
    return "\n".join(lines)


# What the lesson prints of the stored runs: medians of the seeds, and their range.


def _median(shares):
    return f"{np.median(shares):.1%} ({shares.min():.1%} to {shares.max():.1%})"


def _outcome(case, lr, found):
    return f"{case:25} η = {lr:<6g}  loss {np.median(found['loss']):.2f}, test digits right {_median(found['test'])}"


@checked(case=Choice([case for case, (*_, lrs) in CASES.items() if 0.01 in lrs]))
def at_one_rate(case):
    """A line: what the network of a case reaches with η = 0.01."""
    return _outcome(case, 0.01, stored()[case][0.01])


@checked(case=Choice(CASES))
def tuned(case):
    """A line: what the network of a case reaches with the learning rate that is best on the digits held out."""
    by_lr = stored()[case]
    return _outcome(case, best_lr(by_lr), by_lr[best_lr(by_lr)])


@checked(case=Choice(CASES))
def held_out(case):
    """A line: the median share of the digits held out that the network of a case gets right, at each learning rate."""
    found = {lr: np.median(found["held out"]) for lr, found in stored()[case].items()}
    shares = [f"η = {lr:g}: {share:.1%}" if share else f"η = {lr:g}: diverges" for lr, share in found.items()]
    return f"{case:25} " + ", ".join(shares)


def few_digits():
    """A table: what the runs on FEW digits reach, each with the learning rate that is best on the digits held out."""
    lines = ["first weights  best η   training digits  test digits"]
    for times, by_lr in stored_few().items():
        lr = best_lr(by_lr)
        training, test = (by_lr[lr][name] for name in ("training", "test"))
        lines.append(f"{times:g} × He         {lr:<8g} {np.median(training):14.1%}   {_median(test)}")
    return "\n".join(lines)


THIRTY = ("ReLU", "He"), ("ReLU", "Xavier"), ("ReLU", 0.01), ("tanh", "Xavier"), ("sigmoid", "Xavier")


@lru_cache(maxsize=8)
def through_thirty(activation, init):
    """The Measures of 30 layers for 100 samples, of ten seeds."""
    return [
        measures(five_layers(activation, init, seed, layers=30, samples=100, dtype=np.float64)) for seed in range(10)
    ]


def thirty_layers():
    """A table: values, their spread between samples and gradients after 30 layers, ranges of ten seeds."""
    lines = ["                 values of layer 30   between samples   gradient of layer 1"]
    for activation, init in THIRTY:
        found = through_thirty(activation, init)
        last, between = (np.array([getattr(m, name)[-1] for m in found]) for name in ("std", "between_samples"))
        first = np.array([m.gradient[0] for m in found])
        share = between / last
        apart = f"{share.min():4.0%} to {share.max():3.0%}" if share.max() > 1e-6 else "none"
        ranges = (f"{numbers.min():7.2g} to {numbers.max():7.2g}" for numbers in (last, first))
        lines.append(f"{f'{activation} {init}':16} {next(ranges)}   {apart:15}   {next(ranges)}")
    return "\n".join(lines)


@lru_cache(maxsize=256)
def carried(activation, sigma, depth, seed):
    """The Measures of a network of `depth` layers for 50 samples, in float64: products of 30 factors are extreme."""
    return measures(five_layers(activation, sigma, seed, layers=depth, samples=50, dtype=np.float64))
