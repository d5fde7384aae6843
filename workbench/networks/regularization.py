"""What keeps a network from learning by heart: an L2 penalty, dropout, early stopping with the best weights kept."""

from collections.abc import Callable

import numpy as np

from workbench.checks import (
    A_NUMBER,
    BELOW_1,
    NOT_NEGATIVE,
    AFunction,
    Anything,
    Array,
    Floats,
    Having,
    Seed,
    Whole,
    checked,
    fitting,
)
from workbench.networks.layers import Layer
from workbench.networks.network import A_NETWORK, SAMPLES, Network


@checked(network=A_NETWORK, weight_decay=NOT_NEGATIVE)
class L2(Network):
    """A network whose training loss is L + λ/2 Σ W², over all weights W and no bias; its gradients have + λ W.

    network: any Network; both share their layers, and with them their parameters. weight_decay: λ, 0 or larger.
    `loss` stays the loss of the data alone, so that losses of training and validation data can be compared;
    `loss_and_gradients` is what optimizers see.
    """

    def __init__(self, network: Network, weight_decay: float):
        super().__init__(network.layers, network.inputs, network.classes)
        self.weight_decay = float(weight_decay)

    @property
    def weights(self):
        """The penalized ones of `params`: "W1", "W2", …"""
        return {key: W for key, W in self.params.items() if key.startswith("W")}

    def penalty(self):
        """λ/2 Σ W², a float."""
        return self.weight_decay / 2 * sum(float((W**2).sum()) for W in self.weights.values())

    @checked(x=SAMPLES, labels=Array((None,)))
    def loss_and_gradients(self, x, labels):
        loss, grads = super().loss_and_gradients(x, labels)
        for key, W in self.weights.items():
            grads[key] = grads[key] + self.weight_decay * W
        return loss + self.penalty(), grads


@checked(rate=BELOW_1, seed=Seed())
class Dropout(Layer):
    """In training each unit is 0 with probability `rate`, the others are divided by 1 − rate (Srivastava et al. 2014).

    y = x m / (1 − rate), m = 0 or 1, drawn anew for each unit of each sample. So the mean of y is x (inverted dropout),
    and in prediction y = x.
    rate: 0 to below 1. seed: a whole number, or a NumPy Generator that several layers share.
    """

    def __init__(self, rate: float, seed=0):
        super().__init__()
        self.rate, self.rng = rate, np.random.default_rng(seed)

    def __repr__(self):
        return f"Dropout(rate {self.rate:g})"

    @checked(x=Floats(), training=Anything())
    def forward(self, x, training=False):
        self.shape = x.shape
        if not training:
            self.scale = 1.0
            return x
        kept = self.rng.random(x.shape, np.float32) >= self.rate
        self.scale = kept.astype(x.dtype) / (1 - self.rate)
        return x * self.scale

    @checked(dy=Floats())
    def backward(self, dy):
        return fitting("dy", dy, self.shape) * self.scale


@checked(measure=AFunction(), patience=Whole(1), every=Whole(1))
class EarlyStopping:
    """Stop a training when a measure has not improved `patience` times in a row; keep the network of the best one.

    measure: a function of the network, the lower the better: the loss on validation data. every: updates between two
    measurements. Hand it to `train` as `each`, or call it there; then `restore` the best parameters, and with them the
    running averages of batch normalization.
    `history`: (update, value) of each measurement. `best_update`, `best`: those of the lowest. `params`, `averages`:
    copies of the network's after that update.
    """

    def __init__(self, measure: Callable[[Network], float], patience: int, every: int = 1):
        self.measure, self.patience, self.every = measure, patience, every
        self.history, self.best, self.best_update, self.params, self.averages = [], np.inf, None, None, None
        self.waited = 0

    @checked(run=Having("done", "a training.Run"))
    def __call__(self, run):
        """Measure the network of a Run after its latest update, when it is time to; True: stop."""
        if run.done % self.every:
            return False
        value = A_NUMBER.check("measure(network)", self.measure(run.network))
        self.history.append((run.done, value))
        if value < self.best:
            self.params, self.averages = (
                {key: array.copy() for key, array in arrays.items()}
                for arrays in (run.network.params, run.network.averages)
            )
            self.best, self.best_update, self.waited = value, run.done, 0
        else:
            self.waited += 1
        return self.waited >= self.patience

    @checked(network=Having("params", "the network that was measured"))
    def restore(self, network: Network) -> None:
        """Put the best parameters back into the network.

        Raises ValueError when nothing was measured yet, and for a network of other parameters.
        """
        if self.params is None:
            raise ValueError("no best parameters; allowed after a measurement that was a number")
        now, best = network.params | network.averages, self.params | self.averages
        shapes = [{key: array.shape for key, array in arrays.items()} for arrays in (now, best)]
        if shapes[0] != shapes[1]:
            raise ValueError(f"network has arrays {shapes[0]}; allowed: {shapes[1]}, as when it was measured")
        for key, array in now.items():
            array[...] = best[key]
