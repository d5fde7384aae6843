"""For the tests of arguments: a network and data that fit each other, and such that do not; stored runs."""

import numpy as np

from lessons.generalization.experiments import Stored, stored
from workbench.networks.network import MLP

X, LABELS = np.ones((3, 4), np.float32), np.array([0, 1, 1])

OBJECTS = {Stored: stored}
GOOD = {
    "experiments.loss_and_accuracy": {"network": MLP((4, 3, 2)), "data": (X, LABELS)},
    "experiments.Stored.at_end": {"decay": 0.1},
    "experiments.Stored.weight_size": {"decay": 0.1},
}
RELATIONS = {
    "experiments.loss_and_accuracy": {"data": [(X[:, :3], LABELS), (X, LABELS[:2])]},
    "experiments.Stored.at_end": {"decay": [0.12]},
    "experiments.Stored.weight_size": {"decay": [0.12]},
}
# What a message may name beside an argument that does not fit.
CALLED = {"data": "x|data images|data labels"}
