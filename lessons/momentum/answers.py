"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import numpy as np

from workbench.tutoring.answers import Ball, right, wrong


@wrong("momentum", "uphill")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] + self.lr * grads[key]
        params[key] += self.v[key]


@wrong("momentum", "averaging form for heavy ball")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] + (1 - self.momentum) * grads[key]
        params[key] -= self.lr * self.v[key]


@wrong("momentum", "β and 1 − β swapped")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = (1 - self.momentum) * self.v[key] - self.lr * grads[key]
        params[key] += self.v[key]


@wrong("momentum", "old velocity")
class _(Ball):
    def step(self, params, grads, key):
        params[key] += self.v[key]
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]


@wrong("momentum", "learning rate used twice")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] + self.lr * grads[key]
        params[key] -= self.lr * self.v[key]


@wrong("momentum", "learning rate left out")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] - grads[key]
        params[key] += self.v[key]


@wrong("momentum", "β applied to the gradient too")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] -= self.lr * grads[key]
        self.v[key] *= self.momentum
        params[key] += self.v[key]


@wrong("momentum", "gradient used twice")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
        params[key] += self.v[key] - self.lr * grads[key]


@wrong("momentum", "Nesterov's step")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
        params[key] += self.momentum * self.v[key] - self.lr * grads[key]


@wrong("momentum", "parameters rebound instead of changed in place")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
        params[key] = params[key] + self.v[key]


@wrong("momentum", "state shared between parameters")
class _:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, 0.0

    def update(self, params, grads):
        for key in params:
            self.v = self.momentum * self.v - self.lr * grads[key]
            params[key] += self.v


@wrong("momentum", "state re-made every step")
class _:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum = lr, momentum

    def update(self, params, grads):
        for key, w in params.items():
            v = np.zeros_like(w)
            v = self.momentum * v - self.lr * grads[key]
            w += v


@right("momentum")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
        params[key] += self.v[key]


@right("momentum")
class InFloat32(Ball):
    def step(self, params, grads, key):
        self.v[key] = (np.float32(self.momentum) * self.v[key] - self.lr * grads[key]).astype(np.float32)
        params[key][...] = params[key] + self.v[key]


@right("momentum")
class InTheFormOfPyTorch(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] + grads[key]
        params[key] -= self.lr * self.v[key]


@right("momentum")
class AveragingWithItsRate(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] + (1 - self.momentum) * grads[key]
        params[key] -= self.lr / (1 - self.momentum) * self.v[key]


@right("momentum")
class FromThePointBefore(Ball):
    """w + β (w − the w before) − η g, as Polyak wrote it."""

    def step(self, params, grads, key):
        w = params[key]
        before = self.v.setdefault(f"before {key}", w.copy())
        after = w + self.momentum * (w - before) - self.lr * grads[key]
        self.v[f"before {key}"] = w.copy()
        np.copyto(w, after)


@right("momentum")
def made_by_a_function(rate, beta):
    class Closure:
        velocities = None

        def update(self, params, grads):
            if self.velocities is None:
                self.velocities = [0.0 for _ in params]
            self.velocities = [beta * v - rate * grads[k] for k, v in zip(grads, self.velocities, strict=True)]
            for key, v in zip(grads, self.velocities, strict=True):
                np.add(params[key], v, out=params[key])

    return Closure()


wrong("best momentum", "diverges")((1.9, 0.6))
wrong("best momentum", "too much momentum")([1.0, 0.95])
wrong("best momentum", "creeping along x")((0.5, 0.5))
wrong("best momentum", "zig-zag along y")((1.69, 0.7))
right("best momentum")((1.653, 0.669))
right("best momentum")(np.array([0.9, 0.8], np.float32))
