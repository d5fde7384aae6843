"""Train LeNet on all of MNIST with three seeds: python -m lessons.lenet.store; about 20 minutes on two quiet cores.

Full runs: 8 epochs of 600 batches of 100 digits, Adam, its learning rate falling from 0.001 to 0 along half a cosine.
Short runs, those of SHORT in experiments.py: Adam at its constant learning rate of 0.001, 600 batches unless BATCHES
says more. These settings were fixed before the first run; the test digits are looked at once, after the last update.
`python -m lessons.lenet.store NAME …` does the short runs of these names only, and keeps all others.
With `--scheduler tcp://…` the runs are done by the workers of a dask.distributed cluster, each with this course.

Writes stored.npz: the weights of seed 0 under their names; `losses`, shape (4800,), of its batches; `accuracies`, shape
(3,), of the full runs on the 10,000 test digits, one for each seed; for each name in SHORT `short: NAME`, shape (2, 3),
accuracies on the test digits and on those moved to the right by 6 pixels.
"""

import io
import sys
from itertools import product

import numpy as np

from lessons.lenet.experiments import SHORT, SHORT_KEY, full_run, moved_right, short_run
from workbench.data import mnist, stored
from workbench.live.training import run_all
from workbench.networks.many_runs import from_command_line
from workbench.networks.training import accuracy

SEEDS = range(3)


def full(seed):
    """The weights of a full run by name, the loss of each batch, and the accuracy on the test digits."""
    digits = mnist.load()
    run = full_run(digits.train_images, digits.train_labels, seed)
    losses = np.array(run.losses, np.float32)
    return run.network.params, losses, accuracy(run.network, digits.test_images, digits.test_labels)


def short(name, seed):
    """Accuracies after a short run: on the test digits as they are, and moved."""
    digits = mnist.load()
    run = short_run(name, digits.train_images, digits.train_labels, seed)
    both = digits.test_images, moved_right(digits.test_images)
    return [accuracy(run.network, images, digits.test_labels) for images in both]


def full_runs(executor):
    """The weights of seed 0, its losses, and the test accuracies of all seeds, by name."""
    runs = run_all(full, [(seed,) for seed in SEEDS], executor, "full runs")
    weights, losses, _ = runs[0,]
    return weights | {"losses": losses, "accuracies": np.array([runs[seed,][2] for seed in SEEDS])}


def short_runs(names, executor):
    """Test accuracies after short runs by `SHORT_KEY + name`, of the digits as they are and moved: shape (2, 3)."""
    runs = run_all(short, list(product(names, SEEDS)), executor, "short runs")
    return {
        SHORT_KEY + name: np.array([[runs[name, seed][moved] for seed in SEEDS] for moved in (False, True)])
        for name in names
    }


def main(arguments=None):
    executor, names = from_command_line(__doc__, arguments, SHORT)
    found = stored.arrays("lenet") if names else full_runs(executor)
    found = found | short_runs(names or SHORT, executor)
    contents = io.BytesIO()
    np.savez_compressed(contents, **found)
    stored.save("lenet", "npz", contents.getvalue())
    print(f"{len(contents.getvalue()):,} bytes")


if __name__ == "__main__":
    sys.exit(main())
