"""Store the runs that take longer than a lesson: python -m lessons.mnist.store (12 minutes on two cores).

Three experiments on MNIST: the published comparison on all 60,000 training digits, with five seeds; a sweep over
seven learning rates of each optimizer on 50,000 of them, with three seeds, the other 10,000 being held out to choose
by; and 4000 iterations on all training digits at the rates so chosen, which stay or go down to 0, with three seeds.
Paired: runs of one seed start from the same weights and take the same batches.
"""

import json
import sys

import numpy as np

from lessons.mnist.experiments import PUBLISHED, places_of_best
from workbench.data import mnist, stored
from workbench.descent.optimizers import OPTIMIZERS
from workbench.live.training import accuracy, compare, train
from workbench.networks.network import MLP

SIZES = (784, 100, 100, 100, 100, 10)
ITERATIONS, LONGER = 2000, 4000
BATCH = 128
WINDOW = 50  # stored curves hold means over so many iterations
SEEDS = (0, 1, 2, 3, 4)
SWEPT_SEEDS = SEEDS[:3]
RATES = {
    "SGD": (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
    "Momentum": (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1),
    "Nesterov": (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1),
    "AdaGrad": (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1),
    "RMSProp": (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01),
    "Adam": (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01),
}


def job(name, lr, seed, images, labels):
    """A training for `compare`: the network and the batches depend on nothing but the seed."""

    def work(run):
        train(MLP(SIZES, seed=seed), OPTIMIZERS[name](lr=lr), images, labels, ITERATIONS, BATCH, seed, run=run)

    return work


def long_job(name, lr, seed, images, labels, decays):
    """LONGER iterations; the learning rate goes down to 0 in a straight line, or stays."""
    optimizer = OPTIMIZERS[name](lr=lr)

    def decay(run):
        optimizer.lr = lr * (1 - run.done / LONGER)

    def work(run):
        train(MLP(SIZES, seed=seed), optimizer, images, labels, LONGER, BATCH, seed, decay if decays else None, run)

    return work


def curve(run):
    """Mean losses over windows of WINDOW iterations, four decimals; null from the window on in which a run diverged."""
    means = np.full(ITERATIONS // WINDOW, np.nan)
    whole = run.done // WINDOW
    means[:whole] = np.reshape(run.losses[: whole * WINDOW], (whole, WINDOW)).mean(axis=1)
    return [round(float(m), 4) if np.isfinite(m) else None for m in means]


def test(run):
    """Accuracy on the test digits; null for a run that diverged."""
    return None if run.diverged is not None else run.accuracy


def published(digits):
    """One seed after the other: {optimizer: {"lr", "curves": one for each seed, "test": accuracies}}."""
    found = {name: {"lr": lr, "curves": [], "test": []} for name, lr in PUBLISHED.items()}
    for seed in SEEDS:
        jobs = {name: job(name, lr, seed, *digits[:2]) for name, lr in PUBLISHED.items()}
        for name, run in compare(jobs, digits[2:], ITERATIONS, label=f"published, seed {seed}").items():
            found[name]["curves"].append(curve(run))
            found[name]["test"].append(test(run))
    return found


def sweep(digits):
    """{optimizer: {"lrs", and lists over lrs of lists over seeds: "curves", "held_out", "test" accuracies}}."""
    keys = "curves", "held_out", "test"
    found = {name: {"lrs": list(lrs)} | {key: [[] for _ in lrs] for key in keys} for name, lrs in RATES.items()}
    training, held_out = mnist.split(digits)
    for seed in SWEPT_SEEDS:
        for name, lrs in RATES.items():
            jobs = {lr: job(name, lr, seed, *training) for lr in lrs}
            runs = compare(jobs, digits[2:], ITERATIONS, label=f"sweep, seed {seed}, {name}")
            for i, run in enumerate(runs.values()):
                # A network that has diverged gets no accuracy, as in `compare`.
                share = None if run.diverged is not None else accuracy(run.network, *held_out)
                for key, value in zip(keys, (curve(run), share, test(run)), strict=True):
                    found[name][key][i].append(value)
    return found


def longer(digits, swept, seeds=SWEPT_SEEDS):
    """{optimizer: {"lr", "constant" and "decayed": test accuracies, one for each seed}}."""
    found = {
        name: {"lr": swept[name]["lrs"][i], "constant": [], "decayed": []} for name, i in places_of_best(swept).items()
    }
    for seed in seeds:
        for key in "constant", "decayed":
            jobs = {name: long_job(name, f["lr"], seed, *digits[:2], key == "decayed") for name, f in found.items()}
            for name, run in compare(jobs, digits[2:], LONGER, label=f"longer, {key}, seed {seed}").items():
                found[name][key].append(test(run))
    return found


def main():
    digits = mnist.load()
    found = {"published": published(digits), "sweep": sweep(digits)}
    found["longer"] = longer(digits, found["sweep"])
    path = stored.save("mnist", "json", (json.dumps(found, separators=(",", ":")) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
