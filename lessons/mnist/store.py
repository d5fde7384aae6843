"""Store the runs that take longer than a lesson: python -m lessons.mnist.store (12 minutes on two cores).

With `--scheduler tcp://…` the runs are done by the workers of a dask.distributed cluster, each with this course.

Three experiments on MNIST: the published comparison on all 60,000 training digits, with five seeds; a sweep over
seven learning rates of each optimizer on 50,000 of them, with three seeds, the other 10,000 being held out to choose
by; and 4000 iterations on all training digits at the rates so chosen, which stay or go down to 0, with three seeds.
Paired: runs of one seed start from the same weights and take the same batches.
"""

import json
import sys
from itertools import product

import numpy as np

from lessons.mnist.experiments import PUBLISHED, places_of_best
from workbench.data import mnist, stored
from workbench.descent.optimizers import OPTIMIZERS
from workbench.live.training import run_all
from workbench.networks.many_runs import from_command_line
from workbench.networks.network import MLP
from workbench.networks.training import accuracy, train

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


def trained(name, lr, seed, images, labels, iterations=ITERATIONS, decays=False):
    """The Run of a training; its network and its batches depend on nothing but the seed.

    decays: the learning rate goes down to 0 in a straight line, else it stays.
    """
    optimizer = OPTIMIZERS[name](lr=lr)

    def decay(run):
        optimizer.lr = lr * (1 - run.done / iterations)

    each = decay if decays else None
    return train(MLP(SIZES, seed=seed), optimizer, images, labels, iterations, BATCH, seed, each)


def curve(run):
    """Mean losses over windows of WINDOW iterations, four decimals; null from the window on in which a run diverged."""
    means = np.full(ITERATIONS // WINDOW, np.nan)
    whole = run.done // WINDOW
    means[:whole] = np.reshape(run.losses[: whole * WINDOW], (whole, WINDOW)).mean(axis=1)
    return [round(float(m), 4) if np.isfinite(m) else None for m in means]


def share(run, images, labels):
    """The accuracy on some digits; null for a run that diverged."""
    return None if run.diverged is not None else accuracy(run.network, images, labels)


# The runs, as workers elsewhere do them: small arguments, numbers as results


def published_run(name, seed):
    """{"curves", "test"} of a run of the published comparison."""
    digits = mnist.load()
    run = trained(name, PUBLISHED[name], seed, *digits[:2])
    return {"curves": curve(run), "test": share(run, *digits[2:])}


def swept_run(name, lr, seed):
    """{"curves", "held_out", "test"} of a run of the sweep."""
    digits = mnist.load()
    training, held_out = mnist.split(digits)
    run = trained(name, lr, seed, *training)
    return {"curves": curve(run), "held_out": share(run, *held_out), "test": share(run, *digits[2:])}


def longer_run(name, lr, seed, decays):
    """The accuracy on the test digits after LONGER iterations."""
    digits = mnist.load()
    return share(trained(name, lr, seed, *digits[:2], LONGER, decays), *digits[2:])


# The experiments


def published(executor=None):
    """{optimizer: {"lr", "curves": one for each seed, "test": accuracies}}."""
    runs = run_all(published_run, list(product(PUBLISHED, SEEDS)), executor, "published")
    return {
        name: {"lr": lr} | {key: [runs[name, seed][key] for seed in SEEDS] for key in ("curves", "test")}
        for name, lr in PUBLISHED.items()
    }


def sweep(executor=None):
    """{optimizer: {"lrs", and lists over lrs of lists over seeds: "curves", "held_out", "test" accuracies}}."""
    cases = [(name, lr, seed) for name, lrs in RATES.items() for lr in lrs for seed in SWEPT_SEEDS]
    runs = run_all(swept_run, cases, executor, "sweep")
    keys = "curves", "held_out", "test"
    return {
        name: {"lrs": list(lrs)}
        | {key: [[runs[name, lr, seed][key] for seed in SWEPT_SEEDS] for lr in lrs] for key in keys}
        for name, lrs in RATES.items()
    }


def longer(swept, executor=None, seeds=SWEPT_SEEDS):
    """{optimizer: {"lr", "constant" and "decayed": test accuracies, one for each seed}}."""
    best = {name: swept[name]["lrs"][i] for name, i in places_of_best(swept).items()}
    cases = [(*pair, seed, decays) for pair in best.items() for seed in seeds for decays in (False, True)]
    runs = run_all(longer_run, cases, executor, "longer")
    return {
        name: {"lr": lr}
        | {
            key: [runs[name, lr, seed, decays] for seed in seeds]
            for key, decays in (("constant", False), ("decayed", True))
        }
        for name, lr in best.items()
    }


def main(arguments=None):
    executor, _ = from_command_line(__doc__, arguments)
    found = {"published": published(executor), "sweep": sweep(executor)}
    found["longer"] = longer(found["sweep"], executor)
    path = stored.save("mnist", "json", (json.dumps(found, separators=(",", ":")) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
