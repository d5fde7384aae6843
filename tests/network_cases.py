"""Small networks that are compared with PyTorch: shared by the script that stores its results and by the test."""

import numpy as np

from workbench.networks.network import MLP

SIZES = (6, 5, 4, 3)
X = np.random.default_rng(1).normal(size=(8, 6))
LABELS = np.random.default_rng(2).integers(0, 3, 8)


def cases():
    """Name, activation and parameters of each network; biases are not zero, as they would be at first."""
    for activation in ("sigmoid", "tanh", "ReLU"):
        for seed in range(2):
            params = MLP(SIZES, activation, init=1.0, seed=seed, dtype=np.float64).params
            rng = np.random.default_rng(seed)
            for key, array in params.items():
                if key.startswith("b"):
                    array[...] = rng.normal(size=array.shape)
            yield f"{activation} {seed}", activation, params
