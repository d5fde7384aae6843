"""Rules beyond Adam, written as helpers.py has its seven: each its formula; what checks arguments is at the end.

>>> params = {"W": np.array([[3.0, 0.0], [0.0, 4.0]])}
>>> SignSGD(lr=0.5).update(params, {"W": np.array([[0.1, 0.0], [0.0, -20.0]])})
>>> params["W"]
array([[2.5, 0. ],
       [0. , 4.5]])

Symbols as in helpers.py; capital letters are matrices, n × m with a row for each input of a layer. The first four rules
go element by element. Adafactor, Shampoo and Muon look at a matrix as a whole; they handle an array without rows and
columns, a bias say, as each of them says. Schedule-free rules change where the gradient is taken.
"""

import numpy as np

from helpers import Number, Optimizer, _check_update

MUON = 3.4445, -4.7750, 2.0315  # of Newton–Schulz; K. Jordan chose them so that small singular values grow fast


class SignSGD(Optimizer):
    """Steps of one length: the size of the gradient does not count (Bernstein et al. 2018).

    w ← w − η sign(g)
    """

    def rule(self, w, g, t):
        w -= self.lr * np.sign(g)


class Lion(Optimizer):
    """The sign of an average that forgets sooner than the one that is kept (Chen et al. 2023, algorithm 2).

    w ← w − η λ w
    w ← w − η sign(β₁ m + (1 − β₁) g)
    m ← β₂ m + (1 − β₂) g
    """

    keeps = ("m",)

    def __init__(self, lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0):
        super().__init__(lr)
        self.beta1, self.beta2, self.weight_decay = beta1, beta2, weight_decay

    def rule(self, w, g, t, m):
        w -= self.lr * self.weight_decay * w
        w -= self.lr * np.sign(self.beta1 * m + (1 - self.beta1) * g)
        m[...] = self.beta2 * m + (1 - self.beta2) * g


class AdaMax(Optimizer):
    """Adam that divides by the largest gradient it remembers (Kingma and Ba 2015, algorithm 2; ε as in PyTorch).

    m ← β₁ m + (1 − β₁) g
    u ← max(β₂ u, |g| + ε)
    w ← w − η m / ((1 − β₁ᵗ) u)
    """

    keeps = ("m", "u")

    def __init__(self, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps

    def rule(self, w, g, t, m, u):
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        u[...] = np.maximum(self.beta2 * u, np.abs(g) + self.eps)
        w -= self.lr * m / ((1 - self.beta1**t) * u)


class NAdam(Optimizer):
    """Adam that looks ahead, as Nesterov does (Dozat 2016, with a constant β₁).

    m ← β₁ m + (1 − β₁) g
    v ← β₂ v + (1 − β₂) g²
    m̂ = β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ)
    v̂ = v / (1 − β₂ᵗ)
    w ← w − η m̂ / (√v̂ + ε)
    """

    keeps = ("m", "v")

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps

    def rule(self, w, g, t, m, v):
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        m_hat = self.beta1 * m / (1 - self.beta1 ** (t + 1)) + (1 - self.beta1) * g / (1 - self.beta1**t)
        v_hat = v / (1 - self.beta2**t)
        w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


class Shaped(Optimizer):
    """An optimizer that keeps arrays of other shapes than w, or others than zeros: `begin(w)` makes them, a dict."""

    def update(self, params, grads):
        _check_update(self, params, grads)
        for key, w in params.items():
            if key not in self.state:
                self.state[key] = {"t": 0} | self.begin(w)
        super().update(params, grads)


class Adafactor(Shaped):
    """Averages of g² for each row and for each column in place of each entry (Shazeer and Stern 2018, as in PyTorch).

    r ← β r + (1 − β) mean of g² over each row, c ← β c + (1 − β) mean of g² over each column, β = 1 − t^−0.8
    V = r cᵀ / mean(r); for an array without rows and columns V ← β V + (1 − β) g²
    U = G / √V, divided by its root mean square where that is above 1
    W ← W − max(0.001, root mean square of W) · min(η, 1/√t) · U
    """

    def __init__(self, lr=0.01):
        super().__init__(lr)

    def begin(self, w):
        if w.ndim != 2:
            return {"v": np.zeros_like(w)}
        return {"r": np.zeros(len(w), w.dtype), "c": np.zeros(w.shape[1], w.dtype)}

    def rule(self, w, g, t, r=None, c=None, v=None):
        new, eps = t**-0.8, float(np.finfo(w.dtype).eps)
        if w.ndim == 2:
            r += new * ((g**2).mean(axis=1) - r)
            c += new * ((g**2).mean(axis=0) - c)
            v = np.outer(r, c) / max(r.mean(), eps)
        else:
            v += new * (g**2 - v)
        u = g / np.sqrt(np.maximum(v, eps**2))
        w -= max(0.001, rms(w)) * min(self.lr, t**-0.5) / max(1.0, rms(u)) * u


class Shampoo(Shaped):
    """A matrix for the rows and one for the columns in place of step sizes (Gupta, Koren and Singer 2018, algorithm 1).

    L ← L + G Gᵀ
    R ← R + Gᵀ G
    W ← W − η L^−¼ G R^−¼

    L and R begin with ε on the diagonal. A vector g has one matrix only, L ← L + g gᵀ, and w ← w − η L^−½ g: AdaGrad
    with a whole matrix.
    """

    def __init__(self, lr=0.1, eps=1e-8):
        super().__init__(lr)
        self.eps = eps

    def begin(self, w):
        return {name: self.eps * np.eye(n, dtype=w.dtype) for name, n in zip(("L", "R"), w.shape, strict=False)}

    def rule(self, w, g, t, L, R=None):
        if w.ndim == 1:
            L += np.outer(g, g)
            w -= self.lr * (power(L, -1 / 2) @ g)
        else:
            L += g @ g.T
            R += g.T @ g
            w -= self.lr * (power(L, -1 / 4) @ g @ power(R, -1 / 4))


class Muon(Optimizer):
    """Momentum whose steps have singular values near 1 (Jordan et al. 2024), their size as AdamW's (Liu et al. 2025).

    M ← β M + (1 − β) G
    W ← W − η λ W
    W ← W − 0.2 √max(n, m) η newton_schulz(M)

    For matrices only, as in PyTorch; without PyTorch's look ahead.
    """

    keeps = ("M",)

    def __init__(self, lr=0.001, momentum=0.95, weight_decay=0.01, steps=5, coefficients=MUON):
        super().__init__(lr)
        self.momentum, self.weight_decay, self.steps, self.coefficients = momentum, weight_decay, steps, coefficients

    def rule(self, w, g, t, M):
        if w.ndim != 2:
            raise ValueError(f"params has an array of shape {w.shape}; allowed: matrices (AdamW takes the rest)")
        M[...] = self.momentum * M + (1 - self.momentum) * g
        w -= self.lr * self.weight_decay * w
        w -= 0.2 * max(w.shape) ** 0.5 * self.lr * newton_schulz(M, self.steps, self.coefficients)


class ScheduleFreeSGD(Shaped):
    """SGD that averages its own path, and takes the gradient between both (Defazio et al. 2024, algorithm 1).

    z ← z − η g, g being the gradient at w
    x ← x + (z − x) / t
    w ← (1 − β) z + β x

    z and x begin at w. The averages x are the result: `averages(params)`; w is only where the next gradient is taken.
    """

    def __init__(self, lr=0.1, beta=0.9):
        super().__init__(lr)
        self.beta = beta

    def begin(self, w):
        return {"z": w.copy(), "x": w.copy()}

    def rule(self, w, g, t, z, x):
        z -= self.lr * g
        x += (z - x) / t
        w[...] = (1 - self.beta) * z + self.beta * x

    def averages(self, params):
        """The arrays x for the keys of `params`, which are w itself before the first update."""
        return {key: self.state[key]["x"] if key in self.state else w for key, w in params.items()}


class ScheduleFreeAdamW(ScheduleFreeSGD):
    """AdamW in place of SGD, its momentum being the average (Defazio et al. 2024).

    v ← β₂ v + (1 − β₂) g²
    z ← z − η (g / (√(v / (1 − β₂ᵗ)) + ε) + λ w), the rest as above
    """

    def __init__(self, lr=0.0025, beta=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        super().__init__(lr, beta)
        self.beta2, self.eps, self.weight_decay = beta2, eps, weight_decay

    def begin(self, w):
        return super().begin(w) | {"v": np.zeros_like(w)}

    def rule(self, w, g, t, z, x, v):
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        super().rule(w, g / (np.sqrt(v / (1 - self.beta2**t)) + self.eps) + self.weight_decay * w, t, z, x)


class Average:
    """An average of weights beside the training, which does not know of it: `update(params)` after each update.

    a ← a + (w − a) / t: all weights so far count alike (Polyak and Juditsky 1992)
    a ← β a + (1 − β) w: later ones count more (EMA); the first a is w

    beta: β, or None for the first of the two. averages: a dict from keys to a.
    """

    def __init__(self, beta=None):
        self.beta, self.t, self.averages = beta, 0, {}

    def update(self, params):
        self.t += 1
        for key, w in params.items():
            a = self.averages.setdefault(key, w.copy())
            a += (w - a) * (1 / self.t if self.beta is None else 1 - self.beta)


class Groups:
    """An optimizer for each group of parameters: `group(key, w)` says under which name `optimizers` has its own."""

    def __init__(self, group, **optimizers):
        self.group, self.optimizers = group, optimizers

    def update(self, params, grads):
        for name, optimizer in self.optimizers.items():
            keys = [key for key, w in params.items() if self.group(key, w) == name]
            optimizer.update({key: params[key] for key in keys}, {key: grads[key] for key in keys})


def newton_schulz(G, steps=5, coefficients=MUON):
    """A matrix with the singular vectors of G, shape (n, m), and singular values that come to lie near 1.

    X = G / ‖G‖, then `steps` times A = X Xᵀ, X ← a X + (b A + c A²) X: of each singular value s it makes
    a s + b s³ + c s⁵. ‖G‖ is the root of the sum of all squares, so no singular value of X is above 1 at first.
    """
    a, b, c = coefficients
    X = G if len(G) <= G.shape[1] else G.T  # the smaller A
    X = X / max(float(np.linalg.norm(X)), 1e-7)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    return X if len(G) <= G.shape[1] else X.T


def power(S, exponent):
    """The power of a symmetric matrix with positive eigenvalues: the same eigenvectors, eigenvalues λ^exponent."""
    if not np.isfinite(S).all():
        return np.full_like(S, np.nan)  # of a run that diverged, which goes on
    values, vectors = np.linalg.eigh(S)
    values = np.maximum(values, np.finfo(S.dtype).eps * values.max())  # rounding makes small ones negative
    return (vectors * values**exponent) @ vectors.T


def rms(w):
    """The root of the mean square of all entries."""
    return float(np.sqrt(np.mean(w**2)))


# What checks the arguments.

_BELOW_1 = "a number from 0 to below 1"
for rule in Lion, AdaMax, NAdam:
    rule.beta1, rule.beta2 = Number("beta1", _BELOW_1, high=1.0), Number("beta2", _BELOW_1, high=1.0)
ScheduleFreeSGD.beta, ScheduleFreeAdamW.beta2 = (Number(n, _BELOW_1, high=1.0) for n in ("beta", "beta2"))
Muon.momentum = Number("momentum", _BELOW_1, high=1.0)
for rule in AdaMax, NAdam, Shampoo, ScheduleFreeAdamW:
    rule.eps = Number("eps", "a finite number above 0", low=5e-324)
for rule in Lion, Muon, ScheduleFreeAdamW:
    rule.weight_decay = Number("weight_decay", "a finite number, 0 or larger")
