"""Small convolutions and poolings that are compared with PyTorch: shared by the script that stores its results and by
the test."""

import numpy as np

SHAPES = {  # images, kernels, padding
    "valid": ((4, 2, 6, 8), (3, 2, 3, 3), "valid"),
    "same": ((4, 2, 6, 8), (3, 2, 3, 3), "same"),
    "same, 5 × 5": ((2, 1, 6, 6), (4, 1, 5, 5), "same"),
    "valid, 2 × 2": ((5, 3, 4, 6), (2, 3, 2, 2), "valid"),
    "one place": ((4, 2, 3, 3), (2, 2, 3, 3), "valid"),
}


def cases():
    """Name, images x, kernels W, biases b, padding, and a weight for each output: the loss is their product's sum.

    Even entries of x are rounded to whole numbers: pooling then meets equal numbers.
    """
    for seed, (name, (images, kernels, padding)) in enumerate(SHAPES.items()):
        rng = np.random.default_rng(seed)
        x, W, b = (rng.normal(size=shape) for shape in (images, kernels, kernels[:1]))
        x[::2] = np.round(x[::2])
        lost = 0 if padding == "same" else kernels[2] - 1
        weights = rng.normal(size=(len(x), len(W), images[2] - lost, images[3] - lost))
        yield name, x, W, b, padding, weights


def pools():
    """Name, images x and weights for each pooled number; in the first case there are many equal numbers."""
    rng = np.random.default_rng(9)
    x = rng.integers(0, 3, (4, 2, 6, 4)).astype(float)
    yield "equal numbers", x, rng.normal(size=(4, 2, 3, 2))
    yield "random numbers", rng.normal(size=(3, 1, 4, 6)), rng.normal(size=(3, 1, 2, 3))
