"""A small network for MNIST, and the settings that decide how it is trained."""

from dataclasses import dataclass

import numpy as np

from workbench.checks import BELOW_1, NOT_NEGATIVE, Choice, OrNone, Whole, checked, refuse
from workbench.data import mnist
from workbench.descent.optimizers import OPTIMIZERS
from workbench.networks.network import MLP
from workbench.networks.training import train
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
