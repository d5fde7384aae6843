"""For the tests of arguments: short runs, a network and data that fit each other, accuracies of a few trials."""

import numpy as np

from workbench.networks.network import MLP

NETWORK = MLP((4, 3, 2), dtype=np.float64)
X, LABELS = np.linspace(0, 1, 12).reshape(3, 4), np.array([0, 1, 1])
GOOD = {
    "experiments.watched": {"updates": 2},
    "experiments.one_batch": {"updates": 2},
    "experiments.checkup": {"updates": 2},
    "experiments.smoothed": {"beta": 0.9},
    "experiments.best_of": {"chances": None},
    "experiments.noise_scale": {"network": NETWORK, "x": X, "labels": LABELS},
}
RELATIONS = {
    "experiments.best_of": {"reported": [np.ones(2)], "chances": [np.ones(2)]},
    "experiments.critical": {"updates": [np.ones(2)]},
    "experiments.noise_scale": {"labels": [LABELS[:2], LABELS + 0.5], "x": [X[:, :3]]},
}
