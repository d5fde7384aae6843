"""Train LeNet on all of MNIST with three seeds: python -m lessons.lenet.store; 7 minutes on two cores.

Each run: 8 epochs of 600 batches of 100 digits, Adam, its learning rate falling from 0.001 to 0 along half a cosine.
These settings were fixed before the first run; the test digits are looked at once, after the last update.
Before them, one epoch of LeNet and of an MLP of the same size, as the lesson runs them.
Writes stored.npz: the weights of seed 0 under their names, `losses`, shape (4800,), of its batches; the
accuracies on the 10,000 test digits, shape (3,), one for each seed: `accuracies` of the full runs, `LeNet_epoch` and
`MLP_epoch` after one epoch.
"""

import io

import numpy as np

import helpers
from lessons.lenet.experiments import full_run
from workbench.data import mnist, stored
from workbench.networks.lenet import MLP_SIZES, LeNet
from workbench.networks.network import MLP
from workbench.networks.training import accuracy, train

SEEDS = 3


def main():
    digits = mnist.load()
    found = one_epoch(digits)
    accuracies = []
    for seed in range(SEEDS):
        run = full_run(digits.train_images, digits.train_labels, seed, each=report)
        accuracies.append(accuracy(run.network, digits.test_images, digits.test_labels))
        print(f"seed {seed}: test accuracy {accuracies[-1]:.2%}, {run.seconds:.0f} s", flush=True)
        if seed == 0:
            found |= run.network.params | {"losses": np.array(run.losses, np.float32)}
    contents = io.BytesIO()
    np.savez_compressed(contents, **found, accuracies=np.array(accuracies))
    stored.save("lenet", "npz", contents.getvalue())
    print(f"{len(contents.getvalue()):,} bytes")


def one_epoch(digits):
    """Test accuracies of LeNet and of the MLP after one epoch, by name, one for each seed."""
    found = {"LeNet_epoch": [], "MLP_epoch": []}
    for seed in range(SEEDS):
        for name, network in ("LeNet_epoch", LeNet(seed)), ("MLP_epoch", MLP(MLP_SIZES, seed=seed)):
            train(network, helpers.Adam(), digits.train_images, digits.train_labels, 600, 100, seed)
            found[name].append(accuracy(network, digits.test_images, digits.test_labels))
            print(f"{name}, seed {seed}: test accuracy {found[name][-1]:.2%}", flush=True)
    return {name: np.array(values) for name, values in found.items()}


def report(run):
    if run.done % 600 == 0:
        print(f"  epoch {run.done // 600}: mean loss {run.loss(600):.4f}, {run.done} iterations", flush=True)


if __name__ == "__main__":
    main()
