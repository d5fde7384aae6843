"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

import helpers
from workbench.tutoring.answers import right, wrong


def rmsprop(renew, divide=lambda g, h, eps: g / (np.sqrt(h) + eps)):
    """A learner's loop, with what can be wrong in it: how h is renewed, and what g is divided by."""

    def answer(gradient, start, lr, rho, steps, eps):
        w, h = np.array(start, float), 0
        path = [w]
        for _ in range(steps):
            g = gradient(w)
            h = renew(h, g, rho)
            w = w - lr * divide(g, h, eps)
            path.append(w)
        return path

    return answer


def averaged(h, g, rho):
    return rho * h + (1 - rho) * g * g


wrong("rmsprop", "ρ and 1 − ρ swapped")(rmsprop(lambda h, g, rho: rho * g**2 + (1 - rho) * h))
wrong("rmsprop", "sum in place of the average")(rmsprop(lambda h, g, rho: rho * h + g**2))
wrong("rmsprop", "nothing is forgotten")(rmsprop(lambda h, g, rho: h + g**2))
wrong("rmsprop", "ρ on the new square too")(rmsprop(lambda h, g, rho: rho * h + rho * (1 - rho) * g**2))
wrong("rmsprop", "h not squared")(rmsprop(lambda h, g, rho: rho * h + (1 - rho) * g))
wrong("rmsprop", "root left out")(rmsprop(averaged, lambda g, h, eps: g / (h + eps)))
wrong("rmsprop", "ε inside the root")(rmsprop(averaged, lambda g, h, eps: g / (h + eps) ** 0.5))
wrong("rmsprop", "ε missing")(rmsprop(averaged, lambda g, h, eps: g / h**0.5))
right("rmsprop")(rmsprop(averaged))
right("rmsprop")(rmsprop(lambda h, g, rho: h + (1 - rho) * (g**2 - h)))


@wrong("rmsprop", "h re-made in every update")
def _(gradient, start, lr, rho, steps, eps):
    path = [np.array(start)]
    for _ in range(steps):
        h = np.zeros_like(start)
        g = gradient(path[-1])
        h = rho * h + (1 - rho) * g**2
        path.append(path[-1] - lr * g / (np.sqrt(h) + eps))
    return path


@wrong("rmsprop", "h of the update before")
def _(gradient, start, lr, rho, steps, eps):
    w, h = np.array(start), np.zeros_like(start)
    path = [w]
    for _ in range(steps):
        g = gradient(w)
        w = w - lr * g / (np.sqrt(h) + eps)
        h = rho * h + (1 - rho) * g**2
        path.append(w)
    return path


@wrong("rmsprop", "η added to the step")
def _(gradient, start, lr, rho, steps, eps):
    w, h = np.array(start), np.zeros_like(start)
    path = [w]
    for _ in range(steps):
        g = gradient(w)
        h = rho * h + (1 - rho) * g**2
        w = w - lr - g / (np.sqrt(h) + eps)
        path.append(w)
    return path


@wrong("rmsprop", "bias correction added")
def _(gradient, start, lr, rho, steps, eps):
    w, h, k = np.array(start), np.zeros_like(start), 0
    path = [w]
    while k < steps:
        k += 1
        g = gradient(w)
        h = rho * h + (1 - rho) * g**2
        w = w - lr * g / (np.sqrt(h / (1 - rho**k)) + eps)
        path.append(w)
    return path


@wrong("rmsprop", "start left out")
def _(gradient, start, lr, rho, steps, eps):
    path, w, h = [], np.array(start), np.zeros_like(start)
    for _ in range(steps):
        g = gradient(w)
        h = rho * h + (1 - rho) * g**2
        w = w - lr * g / (np.sqrt(h) + eps)
        path.append(w)
    return path


@right("rmsprop")
def with_the_class(gradient, start, lr, rho, steps, eps):
    return helpers.trajectory(helpers.RMSProp(lr, rho, eps), gradient, start.astype(np.float32), steps)


@wrong("bias correction", "correction missing")
def _(gradient, start, lr, rho, steps, eps):
    return helpers.trajectory(helpers.RMSProp(lr, rho, eps), gradient, start, steps)


def with_hat(hat):
    """A learner's loop with what takes the place of √ĥ; k is the number of the update from 0."""

    def answer(gradient, start, lr, rho, steps, eps):
        path, h = [np.array(start)], np.zeros_like(start)
        for k in range(steps):
            g = gradient(path[-1])
            h = rho * h + (1 - rho) * g**2
            path.append(path[-1] - lr * g / (hat(h, rho, k) + eps))
        return path

    return answer


wrong("bias correction", "updates counted from 0")(with_hat(lambda h, rho, k: np.sqrt(h / (1 - rho**k))))
wrong("bias correction", "correction of the first update in every update")(
    with_hat(lambda h, rho, k: np.sqrt(h / (1 - rho)))
)
wrong("bias correction", "correction outside of the root")(
    with_hat(lambda h, rho, k: np.sqrt(h) / (1 - rho ** (k + 1)))
)
wrong("bias correction", "multiplied in place of divided")(
    with_hat(lambda h, rho, k: np.sqrt(h * (1 - rho ** (k + 1))))
)
right("bias correction")(with_hat(lambda h, rho, k: np.sqrt(h) / np.sqrt(1 - rho ** (k + 1))))


@wrong("bias correction", "correction applied to h itself")
def _(gradient, start, lr, rho, steps, eps):
    w, h = np.array(start), np.zeros_like(start)
    path = [w]
    for k in range(1, steps + 1):
        g = gradient(w)
        h = rho * h + (1 - rho) * g**2
        h /= 1 - rho**k
        w = w - lr * g / (np.sqrt(h) + eps)
        path.append(w)
    return path


@right("bias correction")
def as_a_weighted_mean(gradient, start, lr, rho, steps, eps):
    """ĥ as the mean of all squares with the weights ρ⁰, ρ¹, …, in float32."""
    path, squares = [np.array(start, np.float32)], []
    for _ in range(steps):
        g = gradient(path[-1])
        squares.insert(0, g**2)
        h = np.average(squares, axis=0, weights=rho ** np.arange(len(squares)))
        path.append((path[-1] - lr * g / (np.sqrt(h) + eps)).astype(np.float32))
    return path


wrong("memory", "power in place of the root")(lambda n: (1 / 2) ** n)
wrong("memory", "1 − 1/n")(lambda n: (n - 1) / n)
wrong("memory", "half-life of the root")(lambda n: math.exp(2 * math.log(0.5) / n))
right("memory")(lambda n: math.exp(-math.log(2) / n))
right("memory")(lambda n: [np.float32(2) ** np.float32(-1 / n)])


wrong("rmsprop", "one h for all weights")(rmsprop(lambda h, g, rho: rho * h + (1 - rho) * (g @ g) / len(g)))
wrong("rmsprop", "sizes averaged in place of squares")(
    rmsprop(lambda h, g, rho: rho * h + (1 - rho) * abs(g), lambda g, h, eps: g / (h + eps))
)


@wrong("bias correction", "average begun with the first square")
def _(gradient, start, lr, rho, steps, eps):
    path = [np.array(start)]
    h = gradient(path[0]) ** 2
    for _ in range(steps):
        g = gradient(path[-1])
        h = rho * h + (1 - rho) * g**2
        path.append(path[-1] - lr * g / (h**0.5 + eps))
    return path


@wrong("memory", "half-life for ρ")
def _(n):
    return -math.log(2) / np.log(n)
