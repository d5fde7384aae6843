"""The curvature of a network's loss: H v without H, and the sharpness, its largest eigenvalue, by power iteration."""

import numpy as np

from workbench.checks import ABOVE_0, Array, Floats, Whole, checked, fitting
from workbench.networks.network import A_NETWORK


@checked(network=A_NETWORK, x=Floats(), labels=Array((None,)))
def hessian_times(network, x, labels):
    """A function of a direction v, all parameters in one row: H v, how the gradient of the loss changes along v.

    A central difference of two gradients; H itself, with a row and a column for each parameter, is never written down.
    Use float64: the way is so short that hardly a unit of ReLU turns on or off on it.
    """
    at = {key: p.copy() for key, p in network.params.items()}
    ends, small = np.cumsum([p.size for p in at.values()]), 1e-9

    def gradient(step):
        for (key, p), part in zip(at.items(), np.split(step, ends[:-1]), strict=True):
            network.params[key][...] = p + part.reshape(p.shape)
        grads = network.loss_and_gradients(x, labels)[1]
        return np.concatenate([grads[key].ravel() for key in at])

    def times(v):
        v = fitting("v", np.asarray(v, float), (ends[-1],))
        size = np.linalg.norm(v)
        try:
            return (gradient(small / size * v) - gradient(-small / size * v)) * size / (2 * small)
        finally:
            for key, p in at.items():
                network.params[key][...] = p

    return times


@checked(network=A_NETWORK, x=Floats(), labels=Array((None,)), accuracy=ABOVE_0, most=Whole(1, 1000))
def sharpness(network, x, labels, direction=None, accuracy=0.005, most=100):
    """The largest curvature of the loss along any direction of the parameters, and that direction: a pair.

    By power iteration: H v is the next v. direction: where to begin, such as the one found a few updates ago; by
    default one at random. Ends where two curvatures in a row differ by a share of `accuracy`, or after `most` of them.
    """
    times, before = hessian_times(network, x, labels), 0.0
    v = direction
    if v is None:
        v = np.random.default_rng(0).normal(size=sum(p.size for p in network.params.values()))
    for _ in range(most):
        v = v / np.linalg.norm(v)
        Hv = times(v)
        curvature, v = float(v @ Hv), Hv
        if abs(curvature - before) <= accuracy * abs(curvature):
            break
        before = curvature
    return curvature, v
