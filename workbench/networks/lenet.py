"""LeNet: two convolutions, then two affine layers."""

import numpy as np

from workbench.checks import Precision, Seed, checked
from workbench.networks.convolution import Flatten, Halves, MaxPool, convolution
from workbench.networks.layers import ReLU
from workbench.networks.network import affine

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
