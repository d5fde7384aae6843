"""Optimizers as a grammar: four slots, what may stand in each, and the names that some of the fillings have."""

import numpy as np

from helpers import Number
from lessons.beyond_adam.rules import Shaped, newton_schulz, power, rms

# What may stand in a slot. The words are those of the figure's lists; `Slots` below says what each does.
SLOTS = {
    "memory": ("empty", "velocity", "average", "average, ahead", "two averages"),
    "direction": ("as it is", "sign of each entry", "singular values to 1", "two matrices"),
    "magnitude": ("η alone", "over √v", "over √v̂", "over the largest", "rows and columns"),
    "decay": ("empty", "in the gradient", "of the weights"),
}

# The fillings that have names. Some names have two: a sign and singular values do not tell a velocity from an average.
NAMES = {
    "SGD": [("empty", "as it is", "η alone", "empty"), ("empty", "as it is", "η alone", "in the gradient")],
    "SignSGD": [("empty", "sign of each entry", "η alone", "empty")],
    "Lion": [("two averages", "sign of each entry", "η alone", decay) for decay in ("empty", "of the weights")],
    "Momentum": [
        ("velocity", "as it is", "η alone", "empty"),
        ("velocity", "as it is", "η alone", "in the gradient"),
    ],
    "RMSProp": [("empty", "as it is", "over √v", "empty")],
    "Adam": [("average", "as it is", "over √v̂", "empty"), ("average", "as it is", "over √v̂", "in the gradient")],
    "AdaMax": [("average", "as it is", "over the largest", "empty")],
    "NAdam": [("average, ahead", "as it is", "over √v̂", "empty")],
    "AdamW": [("average", "as it is", "over √v̂", "of the weights")],
    "Adafactor": [("empty", "as it is", "rows and columns", "empty")],
    "Shampoo": [("empty", "two matrices", "η alone", "empty")],
    "Muon": [
        (memory, "singular values to 1", "η alone", decay)
        for memory in ("average", "velocity")
        for decay in ("empty", "of the weights")
    ],
}


def named(memory, direction, magnitude, decay):
    """The name that a filling of the slots has, or ""."""
    return next((name for name, fillings in NAMES.items() if (memory, direction, magnitude, decay) in fillings), "")


def one_slot_away(*filling):
    """The names to which a filling of the slots lacks one word, a list."""
    return [
        name
        for name, fillings in NAMES.items()
        if any(sum(a != b for a, b in zip(filling, other, strict=True)) == 1 for other in fillings)
        and name != named(*filling)
    ]


class Slots(Shaped):
    """The optimizer that a filling of the four slots makes.

    g' = g + λ w where the decay is in the gradient, else g
    u = what the memory makes of g', d = the direction of u
    w ← w − η λ w where the decay is one of the weights
    w ← w − η d, divided by what the magnitude says

    β is the memory's, β₂ that of the magnitude, and of the average that Lion keeps.
    """

    def __init__(
        self,
        memory="empty",
        direction="as it is",
        magnitude="η alone",
        decay="empty",
        *,
        lr=0.01,
        beta=0.9,
        beta2=0.99,
        weight_decay=0.1,
        eps=1e-8,
    ):
        super().__init__(lr)
        self.memory, self.direction, self.magnitude, self.decay = memory, direction, magnitude, decay
        self.beta, self.beta2, self.weight_decay, self.eps = beta, beta2, weight_decay, eps

    def begin(self, w):
        """All that any slot may keep: m, v, averages of rows and columns, the matrices L and R."""
        n, rest = w.shape[0], w.shape[1:]
        L, R = (self.eps * np.eye(size, dtype=w.dtype) for size in (n, *(rest or (1,))))
        return {name: np.zeros_like(w) for name in "mv"} | {
            "r": np.zeros(n, w.dtype), "c": np.zeros(rest, w.dtype), "L": L, "R": R
        }  # fmt: skip

    def rule(self, w, g, t, **kept):
        if self.decay == "in the gradient":
            g = g + self.weight_decay * w
        u = self.remembered(g, t, kept["m"])
        step = self.sized(self.directed(u, g, kept["L"], kept["R"]), w, g, t, kept)
        if self.decay == "of the weights":
            w -= self.lr * self.weight_decay * w
        w -= step

    def remembered(self, g, t, m):
        """What the memory makes of a gradient; m is what it keeps."""
        beta, before = self.beta, m.copy()
        if self.memory == "empty":
            return g
        if self.memory == "velocity":
            m[...] = beta * m + g
            return m
        if self.memory == "two averages":
            m[...] = self.beta2 * m + (1 - self.beta2) * g
            return beta * before + (1 - beta) * g
        m[...] = beta * m + (1 - beta) * g
        if self.memory == "average":
            return m / (1 - beta**t)
        return beta * m / (1 - beta ** (t + 1)) + (1 - beta) * g / (1 - beta**t)

    def directed(self, u, g, L, R):
        """The direction of u. A vector counts as one column."""
        if self.direction == "sign of each entry":
            return np.sign(u)
        if self.direction == "singular values to 1":
            return 0.2 * max(u.shape) ** 0.5 * newton_schulz(u.reshape(len(u), -1)).reshape(u.shape)
        if self.direction == "two matrices":
            L += np.outer(g, g) if g.ndim == 1 else g @ g.T
            if g.ndim == 1:
                return power(L, -1 / 2) @ u
            R += g.T @ g
            return power(L, -1 / 4) @ u @ power(R, -1 / 4)
        return u

    def sized(self, d, w, g, t, kept):
        """The step along d."""
        v, beta2 = kept["v"], self.beta2
        if self.magnitude == "η alone":
            return self.lr * d
        if self.magnitude == "rows and columns":
            return self.factored(d, w, g, t, **kept)
        if self.magnitude == "over the largest":
            v[...] = np.maximum(beta2 * v, np.abs(g) + self.eps)
            return self.lr * d / v
        v[...] = beta2 * v + (1 - beta2) * g**2
        return self.lr * d / (np.sqrt(v if self.magnitude == "over √v" else v / (1 - beta2**t)) + self.eps)

    def factored(self, d, w, g, t, v, r, c, **others):
        """Adafactor's step: shorter where it would be long, and in proportion to the weights."""
        new, eps = t**-0.8, float(np.finfo(w.dtype).eps)
        v += new * (g**2 - v)
        if w.ndim == 2:
            r += new * ((g**2).mean(axis=1) - r)
            c += new * ((g**2).mean(axis=0) - c)
        u = d / np.sqrt(np.maximum(v if w.ndim == 1 else np.outer(r, c) / max(r.mean(), eps), eps**2))
        return max(0.001, rms(w)) * min(self.lr, t**-0.5) / max(1.0, rms(u)) * u


# What checks the arguments.


class Word:
    """A word in a slot, checked whenever it is set."""

    def __init__(self, name):
        self.name = name

    def __set__(self, optimizer, value):
        if value not in SLOTS[self.name]:
            raise ValueError(f"{self.name} is {value!r}; allowed: {', '.join(SLOTS[self.name])}")
        optimizer.__dict__[self.name] = value


for slot in SLOTS:
    setattr(Slots, slot, Word(slot))
Slots.beta, Slots.beta2 = (Number(n, "a number from 0 to below 1", high=1.0) for n in ("beta", "beta2"))
Slots.weight_decay = Number("weight_decay", "a finite number, 0 or larger")
Slots.eps = Number("eps", "a finite number above 0", low=5e-324)
