"""The optimizers of the course, in order of growing complexity: NumPy only, each rule its formula.

>>> params = {"w": np.array([1.0, 2.0])}
>>> SGD(lr=0.01).update(params, {"w": np.array([0.1, -0.2])})
>>> params["w"]
array([0.999, 2.002])

Symbols: w parameters, g gradient of the loss at w, t number of the update (from 1), η `lr`, β `momentum`, β₁ `beta1`,
β₂ `beta2`, ρ `rho`, ε `eps`, λ `weight_decay`. Operations are element by element; what checks arguments is at the end.
"""

from numbers import Real

import numpy as np


class Optimizer:
    """What all optimizers share: a learning rate, a state for each parameter, and a loop over the parameters.

    A subclass names in `keeps` the arrays that it keeps for each parameter; they are zero when its key is first seen.
    It writes its formula in `rule(w, g, t, …)`, which changes w in place and gets the kept arrays after t.
    """

    keeps = ()

    def __init__(self, lr=0.01):
        self.lr, self.state = lr, {}

    @np.errstate(divide="warn", over="ignore", under="ignore", invalid="ignore")
    def update(self, params, grads):
        """Change the arrays of the dict `params` in place, by the gradients of the same keys and shapes in `grads`."""
        _check_update(self, params, grads)
        for key, w in params.items():
            if key not in self.state:
                self.state[key] = {"t": 0} | {name: np.zeros_like(w) for name in self.keeps}
            self.state[key]["t"] += 1
            self.rule(w, grads[key], **self.state[key])

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items() if k != 'state')})"


class SGD(Optimizer):
    """Gradient descent; stochastic when g comes from a sample of the data (Robbins and Monro 1951).

    w ← w − η g
    """

    def rule(self, w, g, t):
        w -= self.lr * g


class Momentum(Optimizer):
    """Heavy ball: a velocity v that remembers past gradients (Polyak 1964).

    v ← β v − η g
    w ← w + v

    PyTorch keeps −v/η instead of v: the same path while lr is constant, another one after lr was changed.
    """

    keeps = ("v",)

    def __init__(self, lr=0.01, momentum=0.9):
        super().__init__(lr)
        self.momentum = momentum

    def rule(self, w, g, t, v):
        v[...] = self.momentum * v - self.lr * g
        w += v


class Nesterov(Momentum):
    """Momentum that looks ahead (Nesterov 1983), written so that g is taken at w itself (Bengio et al. 2013).

    v ← β v − η g
    w ← w + β v − η g
    """

    def rule(self, w, g, t, v):
        v[...] = self.momentum * v - self.lr * g
        w += self.momentum * v - self.lr * g


class AdaGrad(Optimizer):
    """A step size for each parameter that shrinks with the sum of its squared gradients (Duchi et al. 2011).

    h ← h + g²
    w ← w − η g / (√h + ε)
    """

    keeps = ("h",)

    def __init__(self, lr=0.01, eps=1e-8):
        super().__init__(lr)
        self.eps = eps

    def rule(self, w, g, t, h):
        h += g**2
        w -= self.lr * g / (np.sqrt(h) + self.eps)


class RMSProp(AdaGrad):
    """AdaGrad that forgets: a moving average in place of the sum (Tieleman and Hinton 2012).

    h ← ρ h + (1 − ρ) g²
    w ← w − η g / (√h + ε)
    """

    def __init__(self, lr=0.01, rho=0.9, eps=1e-8):
        super().__init__(lr, eps)
        self.rho = rho

    def rule(self, w, g, t, h):
        h[...] = self.rho * h + (1 - self.rho) * g**2
        w -= self.lr * g / (np.sqrt(h) + self.eps)


class Adam(Optimizer):
    """Moving averages of g and of g², both corrected for their start at zero (Kingma and Ba 2015, algorithm 1).

    m ← β₁ m + (1 − β₁) g
    v ← β₂ v + (1 − β₂) g²
    m̂ = m / (1 − β₁ᵗ)
    v̂ = v / (1 − β₂ᵗ)
    w ← w − η m̂ / (√v̂ + ε)

    >>> Adam()
    Adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08)
    """

    keeps = ("m", "v")

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps

    def rule(self, w, g, t, m, v):
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        m_hat = m / (1 - self.beta1**t)
        v_hat = v / (1 - self.beta2**t)
        w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


class AdamW(Adam):
    """Adam with the weight decay outside of the moving averages (Loshchilov and Hutter 2019, algorithm 2).

    w ← w − η λ w, then Adam
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = weight_decay

    def rule(self, w, g, t, m, v):
        w -= self.lr * self.weight_decay * w
        super().rule(w, g, t, m, v)


@np.errstate(divide="warn", over="ignore", under="ignore", invalid="ignore")
def trajectory(optimizer, gradient, start, steps):
    """The path of `steps` updates from `start`.

    optimizer: any of the above; its state goes on from where it is, so a new run takes a new optimizer.
    gradient: a function from a point, shape (n,), to the gradient there, shape (n,).
    start: n numbers; integers become float64, a floating-point dtype is kept. steps: how many updates, 0 or more.
    Returns an array of shape (steps + 1, n), the start included. Divergence runs on to inf and nan, without a warning.

    >>> trajectory(SGD(lr=0.25), lambda w: 2 * w, start=[8], steps=3).ravel()
    array([8., 4., 2., 1.])
    """
    start = _check_trajectory(optimizer, gradient, start, steps)
    w = np.array(start, start.dtype if start.dtype.kind == "f" else np.float64)
    path = np.tile(w, (steps + 1, 1))
    for t in range(steps):
        g = np.array(gradient(w))  # a copy: a gradient function may return a list, another dtype, or w itself
        optimizer.update(params := {"w": w}, {"w": g.astype(w.dtype, copy=False) if g.dtype.kind in "iuf" else g})
        if params.get("w") is not w or (t == steps - 1 and g.any() and (path[: t + 1] == w).all()):
            check_still(optimizer, params.get("w") is not w)
        path[t + 1] = w
    return path


# What checks the arguments.


class Number:
    """A hyper-parameter: a finite number from `low` to below `high`, checked whenever it is set."""

    def __init__(self, name, allowed, low=0.0, high=1.7e308):  # Python's whole numbers go on beyond floats
        self.name, self.allowed, self.low, self.high = name, allowed, low, high

    def __set__(self, optimizer, value):
        plain = value.item() if isinstance(value, np.generic) else value  # a float32 would make the limits float32
        if not isinstance(plain, Real) or not self.low <= plain < self.high:
            raise ValueError(f"{self.name} is {value!r}; allowed: {self.allowed}")
        optimizer.__dict__[self.name] = float(plain)  # which does not widen float32 arrays; a float64 of NumPy would


Optimizer.lr = Number("lr", "a finite number, 0 or larger")
AdamW.weight_decay = Number("weight_decay", "a finite number, 0 or larger")
Momentum.momentum = Number("momentum", "a number from 0 to below 1", high=1.0)
RMSProp.rho = Number("rho", "a number from 0 to below 1", high=1.0)
Adam.beta1, Adam.beta2 = (Number(name, "a number from 0 to below 1", high=1.0) for name in ("beta1", "beta2"))
AdaGrad.eps = Adam.eps = Number("eps", "a finite number above 0", low=5e-324)


def _check_update(optimizer, params, grads):
    """Raise ValueError, before anything is changed, unless the dicts fit each other and earlier updates."""
    if not isinstance(params, dict) or not isinstance(grads, dict):
        raise ValueError(f"params is a {type(params).__name__}, grads a {type(grads).__name__}; allowed: dicts")
    for name, some, others in ("grads", grads, params), ("params", params, grads):
        for key in others.keys() - some.keys():
            raise ValueError(f"{name}[{key!r}] is missing; allowed: the same keys in params and grads")
    for key, w in params.items():
        for name, a in ("params", w), ("grads", grads[key]):
            if not isinstance(a, np.ndarray) or a.dtype.kind != "f":
                what = f"an array of {a.dtype}" if isinstance(a, np.ndarray) else f"a {type(a).__name__}, {a!r}"
                raise ValueError(f"{name}[{key!r}] is {what}; allowed: a NumPy array of floats (1.0, not 1)")
        if grads[key].shape != w.shape:
            raise ValueError(f"grads[{key!r}] has shape {grads[key].shape}; allowed: {w.shape}, as params[{key!r}]")
        for name in optimizer.keeps if key in optimizer.state else ():
            kept = optimizer.state[key][name]
            if kept.shape != w.shape or kept.dtype != w.dtype:
                was = f"{kept.shape} and {kept.dtype}, as in earlier updates (make a new optimizer for new parameters)"
                raise ValueError(f"params[{key!r}] has shape {w.shape} and dtype {w.dtype}; allowed: {was}")
        if not w.flags.writeable:
            raise ValueError(f"params[{key!r}] is read-only; allowed: an array that can be changed in place")


def check_still(optimizer, rebound):
    """Raise ValueError when an optimizer that is none of ours, with lr above 0, moved nothing or made new arrays."""
    if rebound or (type(optimizer).__module__ != __name__ and getattr(optimizer, "lr", None) != 0):
        how = "to change arrays in place, as `w -= …`; `w = w - …`, `params[key] = …` and a new dict change none"
        raise ValueError(f"optimizer is a {type(optimizer).__name__} whose update moves nothing; allowed: {how}")


def _check_trajectory(optimizer, gradient, start, steps):
    """The start as an array; ValueError for arguments that `trajectory` does not take."""
    if isinstance(optimizer, type | dict) or not hasattr(optimizer, "update"):
        raise ValueError(f"optimizer is {optimizer!r}; allowed: an optimizer, as SGD(lr=0.1)")
    if not callable(gradient):
        raise ValueError(f"gradient is {gradient!r}; allowed: a function")
    start = np.asarray(start)
    if start.ndim != 1 or start.size == 0 or start.dtype.kind not in "iuf" or not np.isfinite(start).all():
        raise ValueError(f"start is {start}, shape {start.shape}; allowed: finite numbers, shape (n,)")
    if not isinstance(steps, (int, np.integer)) or not 0 <= steps <= 10**7 // start.size:
        raise ValueError(f"steps is {steps!r}; allowed: a whole number, 0 to {10**7 // start.size}")
    return start
