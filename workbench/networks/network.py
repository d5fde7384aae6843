"""A network of layers and its loss, initial values, and the multi-layer perceptron."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from workbench.checks import (
    AFunction,
    Anything,
    Array,
    Choice,
    Either,
    Floats,
    Kind,
    Number,
    OrNone,
    Precision,
    Seed,
    Sizes,
    Whole,
    checked,
    fitting,
)
from workbench.networks.layers import ACTIVATIONS, Affine, Layer


@checked(logits=Array((None, None)))
@np.errstate(invalid="ignore")
def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities from logits, shape (n, classes): exp(z) / Σ exp(z) in each row.

    The largest logit of a row is taken off first: that changes nothing but keeps exp from overflowing.
    A row with nan or +inf becomes nan. Raises ValueError for another shape.
    """
    if logits.shape[1] == 0:
        raise ValueError(f"logits has shape {logits.shape}; allowed: (n, classes), one class or more")
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)


@np.errstate(over="ignore", invalid="ignore")
def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """The loss L = mean of −log softmax(z)[label], and ∂L/∂z = (softmax(z) − one-hot(label)) / n.

    logits: shape (n, classes). labels: n whole numbers from 0 to classes − 1.
    Returns the loss, a float, and its gradient, shape (n, classes).
    """
    n, rows = len(logits), np.arange(len(logits))
    shifted = logits - logits.max(axis=1, keepdims=True)
    exp = np.exp(shifted)
    sums = exp.sum(axis=1)
    # log of the quotient as a difference of logs: no log of a probability that has become 0.
    loss = (np.log(sums) - shifted[rows, labels]).mean()
    gradient = exp / (sums * n)[:, None]
    gradient[rows, labels] -= 1 / n
    return float(loss), gradient


SAMPLES = Floats(hint="pixels from 0 to 1, not 0 to 255")


class Network:
    """Layers in a row, with cross-entropy of softmax as the loss.

    layers: a list of Layers. inputs: the shape of one sample, (784,) say. classes: how many logits come out.
    `params`: every parameter of every layer, as one dict for `Optimizer.update`: "W1", "b1", … "W5", "b5"; the number
    counts the layers that have parameters of that name.
    """

    def __init__(self, layers: Sequence[Layer], inputs: tuple[int, ...], classes: int):
        self.layers, self.inputs, self.classes = layers, inputs, classes
        self.params, self._names, count = {}, [], {}
        for layer in layers:
            names = {}
            for name, array in layer.params.items():
                count[name] = count.get(name, 0) + 1
                names[name] = f"{name}{count[name]}"
                self.params[names[name]] = array
            self._names.append(names)
        self.dtype = np.result_type(*self.params.values())
        self._samples = 0  # in the last forward pass

    def __repr__(self):
        count = sum(array.size for array in self.params.values())
        layers = ", ".join(map(repr, self.layers))
        return f"<{type(self).__name__} of {count:,} parameters, {self.dtype}: {layers}>"

    @property
    def averages(self) -> dict[str, np.ndarray]:
        """The averages of all layers, a dict from "layer 1: mean", say, to the array."""
        numbered = enumerate(self.layers)
        return {f"layer {i}: {name}": array for i, layer in numbered for name, array in layer.averages.items()}

    @checked(x=SAMPLES, training=Anything())
    def logits(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """The output before softmax: shape (n, classes), for x of shape (n, *inputs)."""
        return self._forward(self._fitting(x), training)[-1]

    @checked(x=SAMPLES, training=Anything())
    def forward(self, x: np.ndarray, training: bool = False) -> list[np.ndarray]:
        """The output of each layer, the input first: a list of len(layers) + 1 arrays."""
        return self._forward(self._fitting(x), training)

    @np.errstate(over="ignore", invalid="ignore")  # numbers that grow to inf and nan are there to be seen
    def _forward(self, x, training):
        self._samples, outputs = len(x), [x]
        for layer in self.layers:
            outputs.append(layer.forward(outputs[-1], training))
        return outputs

    @checked(x=SAMPLES, labels=Array((None,)), training=Anything())
    def loss(self, x: np.ndarray, labels: np.ndarray, training: bool = False) -> float:
        """The mean loss over the samples, a float."""
        x, labels = self._fitting(x), self._fitting_labels(labels, len(x))
        return cross_entropy(self._forward(x, training)[-1], labels)[0]

    @checked(x=SAMPLES, labels=Array((None,)))
    def loss_and_gradients(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
        """The mean loss over a batch, a float, and a dict with the gradient of each of `params`.

        x: floats, shape (n, *inputs). labels: n whole numbers from 0 to classes − 1.
        Raises ValueError for another shape or type, for a label that is out of range, and for nan or infinite x.
        """
        x, labels = self._fitting(x), self._fitting_labels(labels, len(x))
        loss, dy = cross_entropy(self._forward(x, training=True)[-1], labels)
        return loss, self._backward(dy)[0]

    @checked(dy=Floats((None, None)))
    def backward(self, dy: np.ndarray) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
        """From dy = ∂L/∂logits of the last forward pass: the gradients of `params`, and ∂L/∂(output of each layer)."""
        return self._backward(fitting("dy", dy, (self._samples, self.classes)))

    @np.errstate(over="ignore", invalid="ignore")
    def _backward(self, dy):
        grads, back = {}, [dy]
        for i, layer in reversed(list(enumerate(self.layers))):
            for name, gradient in layer.gradients(dy).items():
                grads[self._names[i][name]] = gradient
            if i > 0:  # nobody asks for the gradient at the data
                dy = layer.backward(dy)
                back.append(dy)
        return grads, back[::-1]

    @checked(x=SAMPLES)
    def predict(self, x: np.ndarray) -> np.ndarray:
        """The class with the largest logit of each sample, or with the first that is nan: n whole numbers."""
        return self.logits(x).argmax(axis=1)

    # What fits this network: relations between an argument and the object, which no declaration can tell.

    def _fitting(self, x):
        if x.shape[1:] != self.inputs or x.ndim != 1 + len(self.inputs):
            raise ValueError(f"x has shape {x.shape}; allowed: (n, {', '.join(map(str, self.inputs))})")
        with np.errstate(invalid="ignore", over="ignore"):
            # The sum is finite when all are, nearly for free; large finite numbers may overflow it.
            if not np.isfinite(x.sum()) and not (finite := np.isfinite(x)).all():
                where = tuple(map(int, np.argwhere(~finite)[0]))
                raise ValueError(f"x{list(where)} is {x[where]}; allowed: finite numbers")
        return x.astype(self.dtype, copy=False)

    def _fitting_labels(self, labels, n):
        if labels.dtype.kind not in "iu" or labels.shape != (n,):
            raise ValueError(
                f"labels has shape {labels.shape} and dtype {labels.dtype}; allowed: {n} whole numbers, shape ({n},)"
            )
        if n == 0:
            raise ValueError("x and labels are empty; allowed: at least one sample")
        if labels.min() < 0 or labels.max() >= self.classes:
            k = int(np.argmax((labels < 0) | (labels >= self.classes)))
            raise ValueError(f"labels[{k}] is {labels[k]}; allowed: 0 to {self.classes - 1}")
        return labels


A_NETWORK = Kind(Network, "a Network")

# The standard deviation of the first weights, from the numbers of inputs and outputs of a layer.
INITS = {
    "He": lambda fan_in, fan_out: np.sqrt(2 / fan_in),  # He et al. 2015, equation 10
    "Xavier": lambda fan_in, fan_out: np.sqrt(1 / fan_in),  # as books have it
    "Glorot": lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out)),  # Glorot and Bengio 2010, equation 12
}


# float32 ends at 3e38.
INIT = Either(Choice(INITS), Number(low=0, high=1e30), f"{', '.join(INITS)}, or a standard deviation, 0 to 1e30")


@checked(init=INIT, fan_in=Whole(1), fan_out=Whole(1))
def initial_std(init: str | float, fan_in: int, fan_out: int) -> float:
    """The standard deviation that `init` gives to the weights of a layer: "He", "Xavier", "Glorot", or itself a number.

    Raises ValueError for anything else.
    """
    if isinstance(init, str) and init in INITS:
        return float(INITS[init](fan_in, fan_out))
    return float(init)


def affine(fan_in: int, fan_out: int, init: str | float, rng: np.random.Generator, dtype=np.float32) -> Affine:
    """An Affine layer with weights from N(0, σ²), σ by `init`, and biases 0."""
    W = rng.normal(0, initial_std(init, fan_in, fan_out), (fan_in, fan_out))
    return Affine(W.astype(dtype), np.zeros(fan_out, dtype))


@checked(
    sizes=Sizes(),
    activation=Choice(ACTIVATIONS),
    init=INIT,
    seed=Seed(),
    dtype=Precision(),
    before=OrNone(AFunction()),
    after=OrNone(AFunction()),
)
class MLP(Network):
    """A multi-layer perceptron: Affine layers with an activation after each but the last.

    sizes: numbers of units, inputs first, classes last: (784, 100, 100, 10).
    activation: "sigmoid", "tanh" or "ReLU". init: "He", "Xavier", "Glorot", or a standard deviation. seed: a whole
    number, from which the weights are drawn. dtype: float32, the fast one, or float64.
    before, after: functions from a number of units to one more Layer, put before or after each activation: batch
    normalization, say, or dropout.
    Raises ValueError for anything else.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "ReLU",
        init: str | float = "He",
        seed=0,
        dtype=np.float32,
        before: Callable[[int], Layer] | None = None,
        after: Callable[[int], Layer] | None = None,
    ):
        rng = np.random.default_rng(seed)
        layers = []
        for fan_in, fan_out in pairwise(sizes[:-1]):
            layers.append(affine(fan_in, fan_out, init, rng, dtype))
            layers += [before(fan_out)] if before else []
            layers.append(ACTIVATIONS[activation]())
            layers += [after(fan_out)] if after else []
        layers.append(affine(sizes[-2], sizes[-1], init, rng, dtype))
        super().__init__(layers, inputs=(sizes[0],), classes=sizes[-1])
