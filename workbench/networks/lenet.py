"""LeNet: the network of lesson 13, how its stored run was trained, and what is stored of it."""

import numpy as np

import helpers
from workbench.checks import Precision, Seed, checked
from workbench.data import stored
from workbench.networks import schedules
from workbench.networks.convolution import Flatten, Halves, MaxPool, convolution
from workbench.networks.network import ReLU, affine
from workbench.networks.training import train

EPOCHS, BATCH = 8, 100
MLP_SIZES = 784, 600, 300, 10  # a multi-layer perceptron with as many parameters, within 1 %


@checked(seed=Seed(), dtype=Precision())
class LeNet(Halves):
    """A LeNet for digits (after LeCun et al. 1998): two convolutions, two affine layers, 656,080 parameters.

    seed: a whole number, from which the weights are drawn. dtype: float32, the fast one, or float64.
    Takes images of shape (n, 1, 28, 28). ReLU comes after pooling: the largest of four ReLUs is the ReLU of the
    largest of the four, and this way it has a quarter of the work.
    """

    def __init__(self, seed=0, dtype=np.float32):
        rng = np.random.default_rng(seed)
        layers = [
            convolution(1, 20, 5, "same", rng, dtype),  # (20, 28, 28)
            MaxPool(),  # (20, 14, 14)
            ReLU(),
            convolution(20, 50, 5, "valid", rng, dtype),  # (50, 10, 10)
            MaxPool(),  # (50, 5, 5)
            ReLU(),
            Flatten(),  # 1250
            affine(1250, 500, "He", rng, dtype),
            ReLU(),
            affine(500, 10, "He", rng, dtype),
        ]
        super().__init__(layers, inputs=(1, 28, 28), classes=10)


def full_run(images, labels, seed=0, iterations=None, each=None):
    """Train a LeNet on all digits as the stored one was; returns the Run.

    Adam; its learning rate falls from 0.001 to 0 along half a cosine, over 8 epochs in batches of 100.
    iterations: how many of them to do; all by default. each: a function of the Run, called after each update.
    """
    optimizer, last = helpers.Adam(lr=0.001), EPOCHS * len(images) // BATCH
    schedule = schedules.cosine(optimizer.lr, last)

    def after(run):
        optimizer.lr = schedule(run.done)
        return each and each(run)

    return train(LeNet(seed), optimizer, images, labels, iterations or last, BATCH, seed, each=after)


def stored_lenet():
    """The LeNet that tools/store_13_lenet.py trained with seed 0: full_run's network, after its last update."""
    network, kept = LeNet(), stored.arrays("13_lenet")
    for key, array in network.params.items():
        array[...] = kept[key]
    return network


def stored_record():
    """What is stored beside the weights, by name: `losses`, of the 4800 batches of seed 0, and test accuracies.

    The accuracies have one entry for each of three seeds: `accuracies` of full runs, `LeNet_epoch` and `MLP_epoch`
    after one epoch with Adam at its constant learning rate.
    """
    return {name: array for name, array in stored.arrays("13_lenet").items() if name not in LeNet().params}
