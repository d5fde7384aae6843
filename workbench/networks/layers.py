"""Layers that know their gradients: the base of all, affine ones, and the activations.

A layer maps x, shape (n, …), one sample a row, to y = forward(x). Going back, `dy` is ∂L/∂y, the gradient of the loss
at the layer's output: gradients(dy) turns it into ∂L/∂(each parameter), backward(dy) into ∂L/∂x, the `dy` of the layer
before. More layers: see normalization.py, regularization.py and convolution.py.
"""

from types import MappingProxyType

import numpy as np


class Layer:
    """A layer without parameters that passes everything on; what others have in common.

    `params`: a dict from a parameter's name to its array, which optimizers change in place.
    `averages`: arrays that forward passes in training change, by name; most layers have none.
    """

    averages = MappingProxyType({})

    def __init__(self):
        self.params = {}

    def __repr__(self):
        shapes = [f"{name} {' × '.join(map(str, array.shape))}" for name, array in self.params.items()]
        return f"{type(self).__name__}({', '.join(shapes)})"

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """The output for x. Keeps what the way back needs. `training` tells a step from a prediction."""
        return x

    def gradients(self, dy: np.ndarray) -> dict[str, np.ndarray]:
        """∂L/∂p for each parameter p, by name, from dy = ∂L/∂y."""
        return {}

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """∂L/∂x from dy = ∂L/∂y."""
        return dy


class Affine(Layer):
    """y = x W + b, with x of shape (n, fan_in), W (fan_in, fan_out), b (fan_out,)."""

    def __init__(self, W: np.ndarray, b: np.ndarray):
        self.params = {"W": W, "b": b}

    def forward(self, x, training=False):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def gradients(self, dy):
        return {"W": self.x.T @ dy, "b": dy.sum(axis=0)}

    def backward(self, dy):
        return dy @ self.params["W"].T


class Sigmoid(Layer):
    """y = 1 / (1 + exp(−x)); its slope is y (1 − y), 1/4 at most."""

    def forward(self, x, training=False):
        with np.errstate(over="ignore"):  # where exp(−x) is too large for a float, y is 0
            self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, dy):
        return dy * self.y * (1 - self.y)


class Tanh(Layer):
    """y = tanh x; its slope is 1 − y²."""

    def forward(self, x, training=False):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dy):
        return dy * (1 - self.y**2)


class ReLU(Layer):
    """y = max(x, 0); its slope is 1 where x > 0, else 0."""

    def forward(self, x, training=False):
        self.y = np.maximum(x, 0)
        return self.y

    def backward(self, dy):
        return dy * (self.y > 0)


ACTIVATIONS = {"sigmoid": Sigmoid, "tanh": Tanh, "ReLU": ReLU}
