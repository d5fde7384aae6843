"""For the tests of arguments: samples and targets that fit each other, and such that do not; a short run."""

import numpy as np

GOOD = {
    "experiments.prepared": {"x": np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0]])},
    "experiments.run": {"batch": 500, "epochs": 1},
    "experiments.growth": {"updates": 1},
    "figures.digit_rows": {"size": 3},
}
RELATIONS = {
    "experiments.prepared": {"t": [np.ones(2), np.ones(4)], "x": [np.ones((3, 2)), np.zeros((3, 2)), np.ones((2, 2))]},
    "figures.digit_rows": {"size": [2, 10**6]},
}
# What a message may name beside an argument that does not fit.
CALLED = {"x": "t"}
