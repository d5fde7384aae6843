"""For the tests of arguments: a page with ink, kernels of one channel, a few pictures, a figure to draw on."""

import functools

import numpy as np

from lessons.lenet.figures import FeatureMaps

KERNELS = np.ones((4, 1, 5, 5))

SHORT = {"images": np.ones((100, 28, 28)), "labels": np.zeros(100, int), "iterations": 1}

OBJECTS = {FeatureMaps: functools.cache(FeatureMaps)}
GOOD = {
    "experiments.short_run": SHORT,
    "experiments.moved_at_random": {"images": np.ones((2, 28, 28))},
    "experiments.alike": {"W": np.arange(100.0).reshape(4, 1, 5, 5)},
    "experiments.read_with": dict.fromkeys(("W1", "b1", "W2", "b2")),
    "experiments.normalized": {"image": np.pad(np.ones((8, 4)), ((10, 10), (12, 12)))},
    "figures.first_kernels": {"W": KERNELS},
    "figures.later_kernels": {"W": KERNELS, "shown": 2},
}
RELATIONS = {
    "figures.first_kernels": {"W": [KERNELS[:3], KERNELS[:1]]},
    "figures.later_kernels": {"shown": [5, 10**6]},
}
