"""For the tests of arguments: a network and data that fit each other, and such that do not; stored runs."""

import numpy as np

from lessons.schedules.experiments import Stored, stored
from workbench.networks.network import MLP

X, LABELS = np.ones((3, 4)), np.array([0, 1, 1])

OBJECTS = {Stored: stored}
PAIR = {"network": MLP((4, 3, 2), dtype=np.float64), "x": X, "labels": LABELS}
GOOD = {
    "experiments.hessian_times": PAIR,
    "experiments.sharpness": PAIR | {"direction": None},
    "experiments.Stored.sharpness": {"update": 10},
}
RELATIONS = {"experiments.Stored.sharpness": {"update": [11, 10**6]}}
