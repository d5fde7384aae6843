"""Normalization: centering, scaling and whitening for inputs, batch normalization as a layer inside a network."""

import numpy as np

from workbench.checks import (
    ABOVE_0,
    BELOW_1,
    LARGEST,
    NOT_NEGATIVE,
    Anything,
    Finite,
    Floats,
    Precision,
    Whole,
    checked,
    fitting,
)
from workbench.networks.layers import Layer


@checked(features=Whole(1, LARGEST), rho=BELOW_1, eps=ABOVE_0, dtype=Precision())
class BatchNorm(Layer):
    """Batch normalization (Ioffe and Szegedy 2015): y = γ x̂ + β with x̂ = (x − μ)/√(σ² + ε), each feature by itself.

    In training μ and σ² are mean and variance over the batch. Predictions use running averages of them instead, so
    that the output for one sample does not depend on the others. As in the paper and in PyTorch, the running variance
    takes that of the batch times n/(n − 1), without bias; the batch itself is divided by the biased one.

    features: number of columns of x. rho: what a running average keeps in each step. eps: ε, against division by 0.
    `params`: "gamma" and "beta", shape (features,); they start at 1 and 0. `mean`, `var`: the running averages.
    Raises ValueError for a batch of one sample in training: it is its own mean, and every output would be β.
    """

    def __init__(self, features: int, rho: float = 0.9, eps: float = 1e-5, dtype=np.float32):
        self.params = {"gamma": np.ones(features, dtype), "beta": np.zeros(features, dtype)}
        self.mean, self.var = np.zeros(features, dtype), np.ones(features, dtype)
        self.averages = {"mean": self.mean, "var": self.var}
        self.rho, self.eps = float(rho), float(eps)

    @checked(x=Floats((None, None)), training=Anything())
    def forward(self, x, training=False):
        fitting("x", x, (None, len(self.mean)))
        mean, var = self._from_batch(x) if training else (self.mean, self.var)
        self.training = training
        self.std = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.std
        return self.params["gamma"] * self.x_hat + self.params["beta"]

    def _from_batch(self, x):
        """Mean and variance over the batch, which the running averages take in."""
        n = len(x)
        if n < 2:
            raise ValueError(f"the size of the batch is {n}; allowed in training: 2 or more, to have a variance")
        mean, var = x.mean(axis=0), x.var(axis=0)
        self.mean[...] = self.rho * self.mean + (1 - self.rho) * mean
        self.var[...] = self.rho * self.var + (1 - self.rho) * var * n / (n - 1)
        return mean, var

    @checked(dy=Floats((None, None)))
    def gradients(self, dy):
        fitting("dy", dy, self.x_hat.shape)
        return {"gamma": (dy * self.x_hat).sum(axis=0), "beta": dy.sum(axis=0)}

    @checked(dy=Floats((None, None)))
    def backward(self, dy):
        fitting("dy", dy, self.x_hat.shape)
        dx_hat = dy * self.params["gamma"]
        if self.training:  # μ and σ depend on x, too: what is constant over the batch, or in proportion to x̂, is lost
            dx_hat = dx_hat - dx_hat.mean(axis=0) - self.x_hat * (dx_hat * self.x_hat).mean(axis=0)
        return dx_hat / self.std


# Inputs: each preparation is a shift and a matrix, found from training data and used on all data.
# x: finite numbers, shape (n, features). eps: ε, 0 or larger; 0 needs features that vary.
_preparation = checked(x=Finite((None, None)), eps=NOT_NEGATIVE)


@_preparation
def nothing(x: np.ndarray, eps: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The shift and the matrix that leave inputs as they are."""
    return np.zeros(x.shape[1]), np.eye(x.shape[1])


@_preparation
def centering(x: np.ndarray, eps: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The shift and the matrix that bring the mean of each feature to 0."""
    return x.mean(axis=0), np.eye(x.shape[1])


@_preparation
def scaling(x: np.ndarray, eps: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The same, and each feature divided by its standard deviation: √(variance + ε) becomes 1."""
    return x.mean(axis=0), np.diag(1 / np.sqrt(_above_0(x.var(axis=0), eps)))


@_preparation
def pca_whitening(x: np.ndarray, eps: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The same, and no two features correlated: turned to the principal axes, largest first, each then scaled.

    With the covariance C = U Λ Uᵀ the matrix is U (Λ + ε)^(−1/2).
    """
    curvatures, U = _principal_axes(x)
    return x.mean(axis=0), U / np.sqrt(_above_0(curvatures, eps))


@_preparation
def zca_whitening(x: np.ndarray, eps: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """PCA whitening turned back, U (Λ + ε)^(−1/2) Uᵀ: as near to x as whitened data can be (Bell, Sejnowski 1997)."""
    curvatures, U = _principal_axes(x)
    return x.mean(axis=0), U / np.sqrt(_above_0(curvatures, eps)) @ U.T


def _above_0(variances, eps):
    """variances + ε, which something is divided by."""
    if not (variances + eps).all():
        raise ValueError(f"eps is {eps!r}; allowed: above 0, as some feature or direction of x does not vary")
    return variances + eps


def _principal_axes(x):
    """Eigenvalues of the covariance, largest first, and the eigenvectors as columns."""
    centered = x - x.mean(axis=0)
    eigenvalues, U = np.linalg.eigh(centered.T @ centered / len(x))
    return np.maximum(eigenvalues[::-1], 0), U[:, ::-1]  # rounding may leave −1e-17


PREPARATIONS = {
    "raw": nothing,
    "centered": centering,
    "scaled": scaling,
    "PCA whitened": pca_whitening,
    "ZCA whitened": zca_whitening,
}


@checked(x=Finite((None, None)))
def second_moments(x: np.ndarray) -> np.ndarray:
    """E[x xᵀ], shape (features, features): for t ≈ w·x the Hessian of the loss, the mean of (w·x − t)²/2.

    x: finite numbers, shape (n, features).
    """
    return x.T @ x / len(x)
