"""Train LeNet on all of MNIST with three seeds: python -m lessons.lenet.store; about 20 minutes on two quiet cores.

Full runs: 8 epochs of 600 batches of 100 digits, Adam, its learning rate falling from 0.001 to 0 along half a cosine.
Short runs, those of SHORT in experiments.py: Adam at its constant learning rate of 0.001, 600 batches unless BATCHES
says more. These settings were fixed before the first run; the test digits are looked at once, after the last update.
`python -m lessons.lenet.store NAME …` does the short runs of these names only, and keeps all others.

Writes stored.npz: the weights of seed 0 under their names; `losses`, shape (4800,), of its batches; `accuracies`, shape
(3,), of the full runs on the 10,000 test digits, one for each seed; for each name in SHORT `short: NAME`, shape (2, 3),
accuracies on the test digits and on those moved to the right by 6 pixels.
"""

import io
import sys

import numpy as np

from lessons.lenet.experiments import SHORT, SHORT_KEY, full_run, moved_right, short_run
from workbench.data import mnist, stored
from workbench.networks.training import accuracy

SEEDS = 3


def main(names):
    digits = mnist.load()
    found = stored.arrays("lenet") if names else full_runs(digits)
    found = found | {SHORT_KEY + name: short_runs(name, digits) for name in names or SHORT}
    contents = io.BytesIO()
    np.savez_compressed(contents, **found)
    stored.save("lenet", "npz", contents.getvalue())
    print(f"{len(contents.getvalue()):,} bytes")


def full_runs(digits):
    """The weights of seed 0, its losses, and the test accuracies of all seeds, by name."""
    accuracies, found = [], {}
    for seed in range(SEEDS):
        run = full_run(digits.train_images, digits.train_labels, seed, each=report)
        accuracies.append(accuracy(run.network, digits.test_images, digits.test_labels))
        print(f"seed {seed}: test accuracy {accuracies[-1]:.2%}, {run.seconds:.0f} s", flush=True)
        if seed == 0:
            found = run.network.params | {"losses": np.array(run.losses, np.float32)}
    return found | {"accuracies": np.array(accuracies)}


def short_runs(name, digits):
    """Test accuracies after a short training, of the digits as they are and moved: shape (2, 3), a column a seed."""
    found = np.zeros((2, SEEDS))
    for seed in range(SEEDS):
        run = short_run(name, digits.train_images, digits.train_labels, seed)
        for i, images in enumerate((digits.test_images, moved_right(digits.test_images))):
            found[i, seed] = accuracy(run.network, images, digits.test_labels)
        print(f"{name}, seed {seed}: {found[0, seed]:.2%}, moved {found[1, seed]:.2%}", flush=True)
    return found


def report(run):
    if run.done % 600 == 0:
        print(f"  epoch {run.done // 600}: mean loss {run.loss(600):.4f}, {run.done} iterations", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
