"""What initial weights do before any training: values going forward, gradients going back, layer by layer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from workbench.checks import AFunction, Anything, Choice, Kind, OrNone, Precision, Whole, checked
from workbench.networks.blas import one_thread
from workbench.networks.layers import ACTIVATIONS, Affine, Layer
from workbench.networks.network import INIT, initial_std

UNITS = 100  # in every layer, and inputs
OUTER = 0.05  # the share of an activation's range, at each end, that counts as saturated


@dataclass(frozen=True)
class Signals:
    """What flows through a network, each array of shape (layers, samples, units).

    outputs: of each activation. gradients: ∂L/∂a at the sums a that go into each activation.
    activation: its name.
    """

    activation: str
    outputs: np.ndarray
    gradients: np.ndarray


@dataclass(frozen=True)
class Measures:
    """What a histogram shows, and what it hides: for each layer a number, arrays of shape (layers,).

    std: the standard deviation of all outputs, samples and units pooled. gradient: that of the gradients.
    between_samples: the standard deviation of one unit's output over the samples, root mean square over the units.
    between_units: that of one sample's outputs over the units, root mean square over the samples.
    saturated: the share of outputs where the activation is flat: in the outer 5 % of the range of sigmoid or tanh at
    either end; at 0 with ReLU. dead: the share of units that are saturated for every sample.
    """

    std: np.ndarray
    gradient: np.ndarray
    between_samples: np.ndarray
    between_units: np.ndarray
    saturated: np.ndarray
    dead: np.ndarray


@lru_cache(maxsize=4)
def _normal(seed, layers, samples, dtype):
    """Standard normal numbers of one seed: inputs, weights and gradients at the end. Not to be changed."""
    rng = np.random.default_rng(seed)
    shapes = (samples, UNITS), (layers, UNITS, UNITS), (samples, UNITS)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


@checked(
    activation=Choice(ACTIVATIONS),
    init=INIT,
    seed=Whole(),
    layers=Whole(1, 100),
    samples=Whole(1, 10_000),
    equal=Anything(),
    dtype=Precision(),
    before=OrNone(AFunction()),
)
def five_layers(
    activation: str,
    init: str | float,
    seed: int = 0,
    layers: int = 5,
    samples: int = 1000,
    equal: bool = False,
    dtype=np.float32,
    before: Callable[[int], Layer] | None = None,
) -> Signals:
    """The five-layer experiment: 1000 samples of 100 inputs from N(0, 1), five layers of 100 units, biases 0.

    activation: "sigmoid", "tanh" or "ReLU". init: "He", "Xavier", "Glorot", or a standard deviation σ; the weights
    come from N(0, σ²), or all equal σ if `equal`. seed: for inputs, weights and gradients; another σ scales the same
    weights. layers, samples: other sizes. dtype: float32, the fast one, or float64.
    before: a function from a number of units to one more Layer, put before each activation.
    The gradient at the end of the network is drawn from N(0, 1), in place of that of a loss.
    Returns Signals; where numbers overflow, they hold inf and nan. Raises ValueError for anything else.
    """
    std, dtype = initial_std(init, UNITS, UNITS), np.dtype(dtype)
    x, weights, dy = _normal(seed, layers, samples, dtype)
    stack = []
    for W in weights:
        stack.append(Affine(np.full_like(W, std) if equal else W * x.dtype.type(std), np.zeros(UNITS, dtype)))
        stack += [before(UNITS)] if before else []
        stack.append(ACTIVATIONS[activation]())
    outputs, gradients = [], []
    with one_thread(), np.errstate(over="ignore", invalid="ignore"):
        for layer in stack:
            x = layer.forward(x, training=True)
            if isinstance(layer, ACTIVATIONS[activation]):
                outputs.append(x)
        for layer in reversed(stack):
            dy = layer.backward(dy)
            if isinstance(layer, ACTIVATIONS[activation]):
                gradients.append(dy)
    return Signals(activation, np.stack(outputs), np.stack(gradients[::-1]))


@checked(signals=Kind(Signals, "Signals, as five_layers returns"))
@np.errstate(over="ignore", invalid="ignore")
def measures(signals: Signals) -> Measures:
    """The Measures of Signals; nan where these hold inf or nan."""
    y = signals.outputs
    flat = saturated(signals.activation, y)
    y = y - y[:, :1, :1]  # else float32 rounds the means of values that are nearly equal, and that counts as spread
    return Measures(
        std=y.std(axis=(1, 2)),
        gradient=signals.gradients.std(axis=(1, 2)),
        between_samples=np.sqrt(y.var(axis=1).mean(axis=1)),
        between_units=np.sqrt(y.var(axis=2).mean(axis=1)),
        saturated=flat.mean(axis=(1, 2)),
        dead=flat.all(axis=1).mean(axis=1),
    )


def saturated(activation: str, y: np.ndarray) -> np.ndarray:
    """Where the activation is flat, by its output: an array of truth values of the shape of y."""
    if activation == "ReLU":
        return y == 0
    middle, width = (0.5, 1) if activation == "sigmoid" else (0, 2)
    return np.abs(y - middle) > (0.5 - OUTER) * width
