"""For the tests of arguments: as many images and labels as one batch takes."""

import numpy as np

GOOD = {
    "experiments.trained": {
        "images": np.zeros((150, 28, 28), np.uint8),
        "labels": np.arange(150) % 10,
        "iterations": 1,
    },
    "experiments.on_few_digits": {
        "images": np.zeros((150, 28, 28), np.uint8),
        "labels": np.arange(150) % 10,
        "iterations": 1,
    },
}
