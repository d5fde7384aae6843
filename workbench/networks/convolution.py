"""Convolution and max pooling as layers, and a network that works on both halves of a batch at once.

Images have the shape (n, channels, height, width), as in PyTorch. In memory the batch comes last: a kernel's entry then
meets its pixels in long contiguous runs, for all images of the batch at once, and copying these runs is most of what a
convolution does beside its matrix products. `batch_last` puts an array into that order once, at the first layer.
"""

import contextvars
import copy
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from workbench.checks import Anything, Array, Choice, Floats, checked, fitting
from workbench.networks.blas import one_thread
from workbench.networks.layers import Layer
from workbench.networks.network import SAMPLES, Network, initial_std

_IMAGES = Floats((None, None, None, None))
COLUMNS = 2**18  # numbers in one matrix of columns: 1 MB, which stays in a core's cache until it is multiplied


def batch_last(x: np.ndarray) -> np.ndarray:
    """Images x, shape (n, c, h, w), as a contiguous array of shape (c, h, w, n); no copy of one that is so already."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0))


def batch_first(x: np.ndarray) -> np.ndarray:
    """The inverse, as a view: shape (n, c, h, w)."""
    return x.transpose(3, 0, 1, 2)


@checked(W=_IMAGES, b=Floats((None,)), padding=Choice(("valid", "same")))
class Convolution(Layer):
    """y[n, k, i, j] = b[k] + Σ W[k, c, p, q] x[n, c, i + p, j + q], the sum over c, p and q.

    W: k kernels, shape (k, c, m, m). b: shape (k,). x: shape (n, c, h, w); y: shape (n, k, h', w').
    padding: "valid" puts kernels only where they fit, so h' = h − m + 1; "same" puts (m − 1) / 2 zeros around x first,
    so h' = h, and needs an odd m.

    One matrix product for each band of rows of y: W, shape (k, c m m), times the columns, shape (c m m, pixels), each
    of which holds the part of x under the kernels at one place ("im2col").
    Raises ValueError for kernels, paddings and images that are not allowed.
    """

    def __init__(self, W: np.ndarray, b: np.ndarray, padding: str = "valid"):
        k, _, m, width = W.shape
        if m != width or 0 in W.shape or (padding == "same" and m % 2 == 0):
            raise ValueError(f"W has shape {W.shape}; allowed: square kernels, of an odd size when padding is same")
        if b.shape != (k,):
            raise ValueError(f"b has shape {b.shape}; allowed: ({k},), one for each kernel of W")
        self.params = {"W": W, "b": b}
        self.size, self.margin = m, m // 2 if padding == "same" else 0

    @checked(x=_IMAGES, training=Anything())
    def forward(self, x, training=False):
        self.x = self._padded(batch_last(x))
        W = self.params["W"]
        c, h, w, n = self.x.shape
        if c != W.shape[1] or min(h, w) < self.size:
            raise ValueError(f"x has shape {x.shape}; allowed: (n, {W.shape[1]}, h, w), the kernels' size or larger")
        self.shape = len(W), h - self.size + 1, w - self.size + 1, n
        y = np.empty(self.shape, x.dtype)
        for rows in self._bands():
            part = y[:, rows].reshape(len(W), -1)
            np.matmul(W.reshape(len(W), -1), self._columns(rows), out=part)
            part += self.params["b"][:, None]
        return batch_first(y)

    @checked(dy=_IMAGES)
    def gradients(self, dy):
        dy = self._fitting(dy)
        dW = 0
        for rows in self._bands():
            dW = dW + dy[:, rows].reshape(len(dy), -1) @ self._columns(rows).T
        return {"W": dW.reshape(self.params["W"].shape), "b": dy.reshape(len(dy), -1).sum(axis=1)}

    @checked(dy=_IMAGES)
    def backward(self, dy):
        dy = self._fitting(dy)
        W = self.params["W"].reshape(len(dy), -1)
        dx = np.zeros_like(self.x)
        for rows in self._bands():
            dcolumns = (W.T @ dy[:, rows].reshape(len(dy), -1)).reshape(*self._patches(dx, rows).shape)
            for p, q in np.ndindex(self.size, self.size):
                self._patches(dx, rows)[:, p, q] += dcolumns[:, p, q]
        m = self.margin
        return batch_first(dx[:, m : dx.shape[1] - m, m : dx.shape[2] - m])

    def _fitting(self, dy):
        k, h, w, n = self.shape
        return batch_last(fitting("dy", dy, (n, k, h, w)))

    def _padded(self, x):
        if not self.margin:
            return x
        c, h, w, n = x.shape
        m = self.margin
        padded = np.zeros((c, h + 2 * m, w + 2 * m, n), x.dtype)
        padded[:, m:-m, m:-m] = x
        return padded

    def _bands(self):
        """Slices of the rows of y, each so thin that its columns stay in the cache."""
        _, h, w, n = self.shape
        thickness = max(1, COLUMNS // (self.params["W"][0].size * w * n))
        return [slice(i, min(i + thickness, h)) for i in range(0, h, thickness)]

    def _patches(self, x, rows):
        """x under each entry of the kernels at some rows of y: a view of shape (c, m, m, rows, w', n)."""
        _, _, w, _ = self.shape
        x = x[:, rows.start : rows.stop + self.size - 1]
        c, row, column, image = x.strides
        return np.lib.stride_tricks.as_strided(
            x,
            (len(x), self.size, self.size, rows.stop - rows.start, w, x.shape[3]),
            (c, row, column, row, column, image),
        )

    def _columns(self, rows):
        """The columns at some rows of y, shape (c m m, pixels of these rows)."""
        return self._patches(self.x, rows).reshape(self.params["W"][0].size, -1)


class MaxPool(Layer):
    """The largest number of each 2 × 2 square of each channel: (n, c, h, w) becomes (n, c, h/2, w/2), h and w even.

    Going back, the gradient goes to the place of the largest number, of equal ones to the first, row by row.
    """

    @checked(x=_IMAGES, training=Anything())
    def forward(self, x, training=False):
        if x.shape[2] % 2 or x.shape[3] % 2:
            raise ValueError(f"x has shape {x.shape}; allowed: an even height and width")
        a, b, c, d = self._corners(x)
        top, bottom = np.maximum(a, b), np.maximum(c, d)
        self.left_above, self.left_below, self.above = a >= b, c >= d, top >= bottom
        self.x_shape = x.shape
        return np.maximum(top, bottom)

    @checked(dy=_IMAGES)
    def backward(self, dy):
        n, c, h, w = self.x_shape
        fitting("dy", dy, (n, c, h // 2, w // 2))
        dx = batch_first(np.empty((*self.x_shape[1:], self.x_shape[0]), dy.dtype))
        a, b, c, d = self._corners(dx)
        top = dy * self.above
        bottom = dy - top
        np.multiply(top, self.left_above, out=a)
        np.subtract(top, a, out=b)
        np.multiply(bottom, self.left_below, out=c)
        np.subtract(bottom, c, out=d)
        return dx

    def _corners(self, x):
        return [x[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]


class Flatten(Layer):
    """All numbers of an image in one row: (n, c, h, w) becomes (n, c h w)."""

    def forward(self, x, training=False):
        self.shape = x.shape
        return batch_last(x).reshape(-1, len(x)).T

    def backward(self, dy):
        n, *shape = self.shape
        return batch_first(np.ascontiguousarray(dy.T).reshape(*shape, n))


class Halves(Network):
    """A Network that works on the two halves of a batch at once, on two threads, and adds up their gradients.

    The halves are the same whatever the number of cores, so the sums are, too. NumPy lets other threads run while it
    computes; each half has one BLAS thread.
    """

    def __init__(self, layers, inputs, classes):
        super().__init__(layers, inputs, classes)
        # Copies of the layers with the same parameters; each keeps what its own way back needs.
        self._other = Network([copy.copy(layer) for layer in layers], inputs, classes)
        self._thread = ThreadPoolExecutor(1)

    @checked(x=SAMPLES, labels=Array((None,)))
    def loss_and_gradients(self, x, labels):
        x, labels = self._fitting(x), self._fitting_labels(labels, len(x))
        k, n = len(x) // 2, len(x)
        if k == 0:
            return super().loss_and_gradients(x, labels)
        (loss, grads), (other_loss, other_grads) = self._both(
            lambda network, part: Network.loss_and_gradients(network, x[part], labels[part]), n
        )
        share = k / n
        for key, gradient in grads.items():
            gradient *= share
            other_grads[key] *= 1 - share
            gradient += other_grads[key]
        return share * loss + (1 - share) * other_loss, grads

    @checked(x=SAMPLES, training=Anything())
    def logits(self, x, training=False):
        if x.ndim == 0 or len(x) < 2:
            return super().logits(x, training)
        return np.concatenate(self._both(lambda network, part: Network.logits(network, x[part], training), len(x)))

    def _both(self, work, n):
        """What `work` returns for each half of n samples."""
        with one_thread():
            # In a copy of the context, so that np.errstate holds in the other thread, too.
            other = self._thread.submit(contextvars.copy_context().run, work, self._other, slice(n // 2, n))
            try:
                return work(self, slice(0, n // 2)), other.result()
            finally:
                other.exception()  # nothing may still be at work on the layers when the next batch comes


def convolution(
    channels: int, kernels: int, size: int, padding: str, rng: np.random.Generator, dtype=np.float32
) -> Convolution:
    """A Convolution with kernels from N(0, σ²), σ = √(2 / fan-in) with fan-in channels · size², and biases 0 (He)."""
    fan_in = channels * size**2
    W = rng.normal(0, initial_std("He", fan_in, kernels), (kernels, channels, size, size))
    return Convolution(W.astype(dtype), np.zeros(kernels, dtype), padding)
