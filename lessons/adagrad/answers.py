"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

from workbench.tutoring.answers import right, wrong


class Ada:
    """What a learner's AdaGrad looks like; `step` is the rule under test."""

    def __init__(self, lr=0.01, eps=1e-8):
        self.lr, self.eps, self.h = lr, eps, {}

    def update(self, params, grads):
        for key in params:
            if key not in self.h:
                self.h[key] = np.zeros_like(params[key])
            self.step(params, grads[key], key)


@wrong("adagrad", "uphill")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] += g * g
        params[key] += self.lr * g / (np.sqrt(self.h[key]) + self.eps)


@wrong("adagrad", "h not squared")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] = self.h[key] + g
        params[key] -= self.lr * g / (self.h[key] ** 0.5 + self.eps)


@wrong("adagrad", "root left out")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] += g**2
        params[key] -= self.lr / (self.h[key] + self.eps) * g


@wrong("adagrad", "h of the update before")
class _(Ada):
    def step(self, params, g, key):
        params[key] -= self.lr * g / (np.sqrt(self.h[key]) + self.eps)
        self.h[key] += g**2


@wrong("adagrad", "ε inside the root")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] += g**2
        params[key] -= self.lr * g * (self.h[key] + self.eps) ** -0.5


@wrong("adagrad", "ε missing")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] += g**2
        params[key] -= self.lr * g / np.sqrt(self.h[key])


@wrong("adagrad", "ε after the division")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] += g**2
        params[key] -= self.lr * g / np.sqrt(self.h[key]) + self.eps


@wrong("adagrad", "moving average in place of the sum")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] *= 0.9
        self.h[key] += (1 - 0.9) * g**2
        params[key] -= self.lr * g / (np.sqrt(self.h[key]) + self.eps)


@wrong("adagrad", "h begins at 0.1")
class _:
    def __init__(self, lr=0.01, eps=1e-8):
        self.lr, self.eps, self.h = lr, eps, {}

    def update(self, params, grads):
        for key, w in params.items():
            self.h[key] = self.h.get(key, np.full_like(w, 0.1)) + grads[key] ** 2
            w -= self.lr * grads[key] / (np.sqrt(self.h[key]) + self.eps)


@wrong("adagrad", "one h for all weights of an array")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] = self.h[key] + np.linalg.norm(g) ** 2
        params[key] -= self.lr * g / (np.sqrt(self.h[key]) + self.eps)


@wrong("adagrad", "parameters rebound instead of changed in place")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] += g**2
        params[key] = params[key] - self.lr * g / (np.sqrt(self.h[key]) + self.eps)


@wrong("adagrad", "state shared between parameters")
class _:
    def __init__(self, lr=0.01, eps=1e-8):
        self.lr, self.eps, self.h = lr, eps, 0.0

    def update(self, params, grads):
        for key in params:
            self.h = self.h + grads[key] ** 2
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h) + self.eps)


@wrong("adagrad", "state re-made every step")
class _(Ada):
    def step(self, params, g, key):
        h = np.zeros_like(g)
        h += g**2
        params[key] -= self.lr * g / (np.sqrt(h) + self.eps)


@right("adagrad")
class _(Ada):
    def step(self, params, g, key):
        self.h[key] = (self.h[key] + np.square(g)).astype(np.float32)
        params[key] -= (self.lr * g / (np.sqrt(self.h[key]) + self.eps)).astype(params[key].dtype)


@right("adagrad")
class WithAllGradientsKept:
    def __init__(self, lr, eps):
        self.lr, self.eps, self.all = lr, eps, []

    def update(self, params, grads):
        self.all.append(grads)
        for key, w in params.items():
            size = np.linalg.norm([g[key] for g in self.all], axis=0)
            np.subtract(w, self.lr * grads[key] / (size + self.eps), out=w)


@wrong("updates on a slope", "steps that stay at η")
def _(distance, lr):
    return round(distance / lr)


@wrong("updates on a slope", "all steps as short as the last")
def _(distance, lr):
    k = 1
    while lr / math.sqrt(k) * k < distance:
        k += 1
    return k


wrong("updates on a slope", "square forgotten")(lambda distance, lr: distance / lr / 2)


@right("updates on a slope")
def _(distance, lr):
    k = 0
    while distance > 0:
        k += 1
        distance -= lr / math.sqrt(k)
    return k


right("updates on a slope")(lambda distance, lr: np.float32(distance / lr) ** 2 / 4)

wrong("turned bowl", "η too small")(2)
wrong("turned bowl", "η too large")(4.0)
for lr in 2.5, np.float32(2.8), [3]:
    right("turned bowl")(lr)


@wrong("adagrad", "mean of the squares")
class _:
    def __init__(self, lr=0.01, eps=1e-8):
        self.lr, self.eps, self.squares = lr, eps, {}

    def update(self, params, grads):
        for key in params:
            self.squares.setdefault(key, []).append(grads[key] ** 2)
            params[key] -= self.lr * grads[key] / (np.sqrt(np.mean(self.squares[key], axis=0)) + self.eps)


@wrong("adagrad", "sizes added up in place of squares")
class _:
    def __init__(self, lr=0.01, eps=1e-8):
        self.lr, self.eps, self.h = lr, eps, {}

    def update(self, params, grads):
        for key in params:
            self.h[key] = self.h.get(key, 0) + abs(grads[key])
            params[key] -= self.lr * grads[key] / (self.h[key] + self.eps)


@wrong("adagrad", "largest square in place of the sum")
class _:
    def __init__(self, lr=0.01, eps=1e-8):
        self.lr, self.eps, self.sizes = lr, eps, {}

    def update(self, params, grads):
        for key in params:
            self.sizes[key] = np.maximum(self.sizes.get(key, 0), abs(grads[key]))
            params[key] -= self.lr * grads[key] / (self.sizes[key] + self.eps)
