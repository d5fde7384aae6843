"""Every known mistake, written here as a learner would write it, is given its name; other right answers pass.

The answers are in the order of the lessons. `@wrong` registers one that must be named, `@right` one that must pass.
"""

import itertools
import math
import re
from pathlib import Path

import exercise_cases_networks  # noqa: F401 (lessons 09 to 13 are registered there)
import jupytext
import numpy as np
import pytest
from exercise_cases import RIGHT, WRONG, right, wrong

import helpers
from workbench.descent.sweep import sweep
from workbench.tutoring.catalogue import ALL, EXERCISES
from workbench.tutoring.exercise import Walk
from workbench.tutoring.judging import TOLERANCE, judge, results, same

LESSONS = Path(__file__).resolve().parent.parent / "lessons"

# Lesson 01


@wrong("gradient descent", "uphill")
def _(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        x += lr * gradient(x)
        path.append(x)
    return path


@wrong("gradient descent", "learning rate left out")
def _(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        x = x - gradient(x)
        path.append(x)
    return path


@wrong("gradient descent", "slope of the start in every update")
def _(gradient, x, lr, steps):
    path = [x]
    g = gradient(x)
    for _ in range(steps):
        x = x - lr * g
        path.append(x)
    return path


@wrong("gradient descent", "x replaced by the step")
def _(gradient, x, lr, steps):
    path = np.zeros(steps + 1)
    path[0] = x
    for k in range(steps):
        path[k + 1] = -lr * gradient(x)
        x = x - lr * gradient(x)
    return path


@wrong("gradient descent", "one update too many")
def _(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps + 1):
        x = x - lr * gradient(x)
        path.append(x)
    return path


@wrong("gradient descent", "start left out")
def _(gradient, x, lr, steps):
    path = []
    for _ in range(steps):
        x = x - lr * gradient(x)
        path.append(x)
    return path


@wrong("gradient descent", "appended before the update")
def _(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        path.append(x)
        x = x - lr * gradient(x)
    return path


@wrong("gradient descent", "only the end returned")
def _(gradient, x, lr, steps):
    for _ in range(steps):
        x = x - lr * gradient(x)
    return x


@right("gradient descent")
def _(gradient, x, lr, steps):
    return list(itertools.accumulate(range(steps), lambda x, _: x - lr * gradient(x), initial=x))


@right("gradient descent")
def in_float32(gradient, x, lr, steps):
    path = np.empty(steps + 1, np.float32)
    path[0] = x
    for k in range(steps):
        path[k + 1] = path[k] - np.float32(lr) * np.float32(gradient(path[k]))
    return path


@right("gradient descent")
def recursive(gradient, x, lr, steps):
    return (x,) if steps == 0 else (x, *recursive(gradient, x - lr * gradient(x), lr, steps - 1))


wrong("learning-rate limit", "best learning rate for the limit")(lambda curvature: 1 / curvature)
wrong("learning-rate limit", "limit of x² for every curve")(lambda curvature: 1)
wrong("learning-rate limit", "limit that grows with the curvature")(lambda c: c * 0.5)
right("learning-rate limit")(lambda curvature: np.float32(2) / np.float32(curvature))
right("learning-rate limit")(lambda c: [2 * c**-1])

wrong("across the hilltop", "too short to cross")(0.2)
wrong("across the hilltop", "too long to rest")(0.6)
for lr in 0.25, 0.3, np.float32(0.44), [0.4]:
    right("across the hilltop")(lr)


# Lesson 02


@wrong("gradient of a bowl", "x y left out")
def _(point):
    return 2 * point[0], 4 * point[1]


@wrong("gradient of a bowl", "x y derived to itself")
def _(point):
    x, y = point
    return [3 * x, 5 * y]


@wrong("gradient of a bowl", "entries swapped")
def _(point):
    x, y = point
    return np.array([x + 4 * y, 2 * x + y])


@wrong("gradient of a bowl", "factor 2 of the squares left out")
def _(point):
    x, y = point
    return np.array([x + y, x + 2 * y])


@wrong("gradient of a bowl", "the sum of the slopes")
def _(point):
    x, y = point
    return 2 * x + y + x + 4 * y


@wrong("gradient of a bowl", "downhill")
def _(point):
    x, y = point
    return np.array([-(2 * x + y), -(x + 4 * y)])


right("gradient of a bowl")(lambda point: np.array([[2, 1], [1, 4]]) @ point)


@right("gradient of a bowl")
def by_central_differences(point):
    def f(x, y):
        return x**2 + x * y + 2 * y**2

    x, y = map(float, point)
    return (f(x + 1e-5, y) - f(x - 1e-5, y)) / 2e-5, (f(x, y + 1e-5) - f(x, y - 1e-5)) / 2e-5


@wrong("trajectory", "uphill")
def _(gradient, start, lr, steps):
    path = np.zeros((steps + 1, 2))
    path[0] = start
    for k in range(steps):
        path[k + 1] = path[k] + lr * gradient(path[k])
    return path


@wrong("trajectory", "one array in all places of the list")
def _(gradient, start, lr, steps):
    w = np.array(start, float)
    path = [w]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w)
    return path


@wrong("trajectory", "one coordinate at a time")
def _(gradient, start, lr, steps):
    x, y = start
    path = [(x, y)]
    for _ in range(steps):
        x = x - lr * gradient((x, y))[0]
        y = y - lr * gradient((x, y))[1]
        path.append((x, y))
    return path


@wrong("trajectory", "steps of one length")
def _(gradient, start, lr, steps):
    w = np.array(start, float)
    path = [w]
    for _ in range(steps):
        g = gradient(w)
        w = w - lr * g / np.sqrt(np.sum(g**2))
        path.append(w)
    return path


@wrong("trajectory", "gradient of the start in every update")
def _(gradient, start, lr, steps):
    return [np.array(start) - k * lr * gradient(start) for k in range(steps + 1)]


@wrong("trajectory", "start left out")
def _(gradient, start, lr, steps):
    path, w = [], np.array(start, float)
    for _ in range(steps):
        w = w - lr * gradient(w)
        path.append(w)
    return path


@wrong("trajectory", "only the end returned")
def _(gradient, start, lr, steps):
    w = np.array(start, float)
    for _ in range(steps):
        w = w - lr * gradient(w)
    return w


@right("trajectory")
def with_copies(gradient, start, lr, steps):
    w = np.array(start, np.float32)
    path = [w.copy()]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w.copy())
    return path


@right("trajectory")
def by_components(gradient, start, lr, steps):
    x, y = start
    path = [(x, y)]
    for _ in range(steps):
        gx, gy = gradient((x, y))
        x, y = x - lr * gx, y - lr * gy
        path.append((x, y))
    return path


wrong("rate", "sign kept")(lambda lr, curvatures: max(1 - lr * c for c in curvatures))
wrong("rate", "fastest direction")(lambda lr, curvatures: min(abs(1 - lr * c) for c in curvatures))
wrong("rate", "steepest direction only")(lambda lr, curvatures: abs(1 - lr * max(curvatures)))
wrong("rate", "flattest direction only")(lambda lr, curvatures: abs(1 - lr * min(curvatures)))
wrong("rate", "rate of the loss")(lambda lr, curvatures: max(abs(1 - lr * c) for c in curvatures) ** 2)
wrong("rate", "mean of the directions")(
    lambda lr, curvatures: sum(abs(1 - lr * c) for c in curvatures) / len(curvatures)
)
right("rate")(lambda lr, curvatures: max(lr * max(curvatures) - 1, 1 - lr * min(curvatures)))
right("rate")(lambda lr, curvatures: np.linalg.norm(np.eye(len(curvatures)) - lr * np.diag(curvatures), ord=2))


# Lesson 03


@wrong("mini-batch gradient", "gradient not divided by the batch")
def _(w, u, t, batch):
    g = np.zeros(2)
    for i in batch:
        r = w[0] * u[i] + w[1] - t[i]
        g += r * u[i], r
    return g


@wrong("mini-batch gradient", "divided by all samples")
def _(w, u, t, batch):
    r = w[0] * u + w[1] - t
    return np.array([sum(r[batch] * u[batch]), sum(r[batch])]) / len(t)


@wrong("mini-batch gradient", "all samples instead of the batch")
def _(w, u, t, batch):
    r = w[0] * u + w[1] - t
    return np.array([np.mean(r * u), np.mean(r)])


@wrong("mini-batch gradient", "first samples instead of the batch")
def _(w, u, t, batch):
    m = len(batch)
    r = w[0] * u[:m] + w[1] - t[:m]
    return np.array([np.mean(r * u[:m]), np.mean(r)])


@wrong("mini-batch gradient", "residual with the wrong sign")
def _(w, u, t, batch):
    r = t[batch] - (w[0] * u[batch] + w[1])
    return np.array([np.mean(r * u[batch]), np.mean(r)])


@wrong("mini-batch gradient", "½ of the loss forgotten")
def _(w, u, t, batch):
    r = w[0] * u[batch] + w[1] - t[batch]
    return 2 * np.mean(r * u[batch]), 2 * np.mean(r)


@wrong("mini-batch gradient", "inner derivative left out")
def _(w, u, t, batch):
    r = w[0] * u[batch] + w[1] - t[batch]
    return [np.mean(r), np.mean(r)]


@right("mini-batch gradient")
def as_matrix(w, u, t, batch):
    rows = np.stack([u, np.ones_like(u)], axis=1)[batch]
    return rows.T @ (rows @ w - t[batch]) / len(batch)


@right("mini-batch gradient")
def sample_by_sample(w, u, t, batch):
    x, y = map(np.float32, w)
    r = [x * np.float32(u[i]) + y - np.float32(t[i]) for i in batch]
    return math.fsum(r[k] * u[i] for k, i in enumerate(batch)) / len(r), math.fsum(r) / len(r)


def line(w, u, t):
    r = w[0] * u + w[1] - t
    return np.array([np.mean(r * u), np.mean(r)])


@wrong("one epoch", "order ignored")
def _(w, u, t, order, m, lr):
    path = [w]
    for k in range(0, len(u), m):
        w = w - lr * line(w, u[k : k + m], t[k : k + m])
        path.append(w)
    return path


@wrong("one epoch", "first batch in every update")
def _(w, u, t, order, m, lr):
    path = [w]
    for _ in range(0, len(order), m):
        batch = order[0:m]
        w = w - lr * line(w, u[batch], t[batch])
        path.append(w)
    return path


@wrong("one epoch", "all samples in every update")
def _(w, u, t, order, m, lr):
    path = [w]
    for _ in range(math.ceil(len(order) / m)):
        w = w - lr * line(w, u, t)
        path.append(w)
    return path


@wrong("one epoch", "last batch dropped")
def _(w, u, t, order, m, lr):
    path = [w]
    for k in range(len(order) // m):
        batch = order[k * m : (k + 1) * m]
        w = w - lr * line(w, u[batch], t[batch])
        path.append(w)
    return path


@wrong("one epoch", "overlapping batches")
def _(w, u, t, order, m, lr):
    path = [w]
    for k in range(len(order)):
        batch = order[k : k + m]
        w = w - lr * line(w, u[batch], t[batch])
        path.append(w)
    return path


@wrong("one epoch", "gradient at the start of the epoch")
def _(w, u, t, order, m, lr):
    path, start = [w], w
    for k in range(0, len(order), m):
        batch = order[k : k + m]
        w = w - lr * line(start, u[batch], t[batch])
        path.append(w)
    return path


@wrong("one epoch", "sum over the batch")
def _(w, u, t, order, m, lr):
    path = [w]
    for k in range(0, len(order), m):
        batch = order[k : k + m]
        w = w - lr * line(w, u[batch], t[batch]) * len(batch)
        path.append(w)
    return path


@wrong("one epoch", "smaller batch divided by m")
def _(w, u, t, order, m, lr):
    path = [w]
    for k in range(0, len(order), m):
        batch = order[k : k + m]
        r = w[0] * u[batch] + w[1] - t[batch]
        w = w - lr * np.array([np.sum(r * u[batch]), np.sum(r)]) / m
        path.append(w)
    return path


@wrong("one epoch", "start left out")
def _(w, u, t, order, m, lr):
    path = []
    for k in range(0, len(order), m):
        batch = order[k : k + m]
        w = w - lr * line(w, u[batch], t[batch])
        path.append(w)
    return path


@right("one epoch")
def with_array_split(w, u, t, order, m, lr):
    path = [np.array(w, np.float32)]
    for batch in np.array_split(order, range(m, len(order), m)):
        path.append(path[-1] - lr * line(path[-1], u[batch], t[batch]))
    return np.array(path)


@wrong("shuffled epochs", "drawn with replacement")
def _(n, epochs, rng):
    return [rng.choice(n, size=n) for _ in range(epochs)]


@wrong("shuffled epochs", "the same order in every epoch")
def _(n, epochs, rng):
    order = rng.permutation(n)
    return [order for _ in range(epochs)]


@wrong("shuffled epochs", "not shuffled")
def _(n, epochs, rng):
    return [list(range(n)) for _ in range(epochs)]


@wrong("shuffled epochs", "shuffled across epochs")
def _(n, epochs, rng):
    order = np.concatenate([np.arange(n)] * epochs)
    rng.shuffle(order)
    return order.reshape(epochs, n)


@wrong("shuffled epochs", "counted from 1")
def _(n, epochs, rng):
    orders = np.tile(np.arange(1, n + 1), (epochs, 1))
    return rng.permuted(orders, axis=1)


@right("shuffled epochs")
def _(n, epochs, rng):
    return rng.permuted(np.tile(np.arange(n), (epochs, 1)), axis=1)


@right("shuffled epochs")
def by_sorting_random_numbers(n, epochs, rng):
    return np.argsort(rng.random((epochs, n)), axis=1).tolist()


@wrong("schedule bug hunt", "boundaries in samples")
def _(update, n, m):
    lr = 0.3
    for boundary in 10 * n, 20 * n:
        if update >= boundary:
            lr /= 10
    return lr


@wrong("schedule bug hunt", "boundaries in epochs")
def _(update, n, m):
    if update >= 20:
        return 0.003
    return 0.03 if update >= 10 else 0.3


@wrong("schedule bug hunt", "boundaries in samples of a batch")
def _(update, n, m):
    return 0.3 / 10 ** min(update // (10 * m), 2)


@wrong("schedule bug hunt", "one update late")
def _(update, n, m):
    if update > 20 * n // m:
        return 0.003
    return 0.03 if update > 10 * n // m else 0.3


@wrong("schedule bug hunt", "only the first fall")
def _(update, n, m):
    return 0.03 if update >= 10 * (n / m) else 0.3


right("schedule bug hunt")(lambda update, n, m: 0.3 * 0.1 ** (update * m // n // 10))


@right("schedule bug hunt")
def _(update, n, m):
    lr = np.float32(0.3)
    for boundary in 10 * n / m, 20 * n / m:
        if update >= boundary:
            lr /= 10
    return lr


# Lesson 04


class Ball:
    """What a learner's optimizer looks like; `step` is the rule under test."""

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for key in params:
            if key not in self.v:
                self.v[key] = np.zeros_like(params[key])
            self.step(params, grads, key)


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


def nesterov(where, after=lambda theta, v, beta: theta + v, shown=lambda theta, v, beta: theta):
    """A learner's loop with what can be wrong in it: the place of the gradient, the step, what is kept."""

    def answer(gradient, start, lr, momentum, steps):
        theta, v = np.array(start, float), np.zeros(len(start))
        path = [shown(theta, v, momentum)]
        for _ in range(steps):
            before = theta
            place = where(theta, v, momentum)
            old, v = v, momentum * v - lr * gradient(place)
            theta = after(before, v, momentum) if after.__code__.co_argcount == 3 else after(before, v, momentum, old)
            path.append(shown(theta, v, momentum))
        return path

    return answer


def ahead(theta, v, beta):
    return theta + beta * v


wrong("nesterov", "gradient at θ")(nesterov(lambda theta, v, beta: theta))
wrong("nesterov", "gradient at θ + v")(nesterov(lambda theta, v, beta: theta + v))
wrong("nesterov", "gradient behind instead of ahead")(nesterov(lambda theta, v, beta: theta - beta * v))
wrong("nesterov", "the momentum walked twice")(
    nesterov(ahead, after=lambda theta, v, beta, old: theta + beta * old + v)
)
wrong("nesterov", "the places ahead returned")(nesterov(ahead, shown=ahead))
right("nesterov")(nesterov(ahead))


@right("nesterov")
def nesterov_from_points(gradient, start, lr, momentum, steps):
    """Nesterov's own form: a place ahead, extrapolated from the last two points."""
    before = theta = np.array(start, np.float32)
    path = [theta]
    for _ in range(steps):
        place = theta + momentum * (theta - before)
        before, theta = theta, place - lr * gradient(place)
        path.append(theta)
    return path


@wrong("nesterov bug hunt", "velocity renewed too early")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] *= self.momentum
        self.v[key] -= self.lr * grads[key]
        params[key] += self.momentum * self.momentum * self.v[key]
        params[key] -= (1 + self.momentum) * self.lr * grads[key]


@wrong("nesterov bug hunt", "η g without 1 + β")
class _(Ball):
    def step(self, params, grads, key):
        params[key] += self.momentum**2 * self.v[key] - self.lr * grads[key]
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]


@wrong("nesterov bug hunt", "new velocity with the step of the old one")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
        params[key] += self.momentum * self.v[key] - (1 + self.momentum) * self.lr * grads[key]


@wrong("nesterov bug hunt", "gradient step left out")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
        params[key] += self.momentum * self.v[key]


@wrong("nesterov bug hunt", "heavy ball")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
        params[key] += self.v[key]


@wrong("nesterov bug hunt", "parameters rebound instead of changed in place")
class _(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
        w = params[key]
        w = w + self.momentum * self.v[key] - self.lr * grads[key]


@wrong("nesterov bug hunt", "state shared between parameters")
class _(Ball):
    def step(self, params, grads, key):
        old = self.v.get("v", 0.0)
        params[key] += self.momentum**2 * old - (1 + self.momentum) * self.lr * grads[key]
        self.v["v"] = self.momentum * old - self.lr * grads[key]


@wrong("nesterov bug hunt", "state re-made every step")
class _(Ball):
    def update(self, params, grads):
        self.v = {key: np.zeros_like(w) for key, w in params.items()}
        for key in params:
            params[key] += self.momentum**2 * self.v[key] - (1 + self.momentum) * self.lr * grads[key]
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]


@right("nesterov bug hunt")
class _(Ball):
    def step(self, params, grads, key):
        params[key] += self.momentum**2 * self.v[key] - (1 + self.momentum) * self.lr * grads[key]
        self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]


@right("nesterov bug hunt")
class WithNewVelocity(Ball):
    def step(self, params, grads, key):
        self.v[key] = self.momentum * self.v[key] + grads[key]
        params[key] -= self.lr * (grads[key] + self.momentum * self.v[key])


wrong("best momentum", "diverges")((1.9, 0.6))
wrong("best momentum", "too much momentum")([1.0, 0.95])
wrong("best momentum", "creeping along x")((0.5, 0.5))
wrong("best momentum", "zig-zag along y")((1.69, 0.7))
right("best momentum")((1.653, 0.669))
right("best momentum")(np.array([0.9, 0.8], np.float32))


# Lesson 05


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


# Lesson 06


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


# Lesson 07


class MyAdam:
    """What a learner's Adam looks like; `step` is the rule under test."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        for key, w in params.items():
            self.m.setdefault(key, np.zeros_like(w))
            self.v.setdefault(key, np.zeros_like(w))
            self.average(key, grads[key])
            self.step(w, self.m[key], self.v[key], grads[key])

    def average(self, key, g):
        self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * g
        self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * g**2

    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


right("adam")(MyAdam)


@wrong("adam", "uphill")
class _(MyAdam):
    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w += self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


@wrong("adam", "bias correction missing")
class _(MyAdam):
    def step(self, w, m, v, g):
        w -= self.lr * m / (np.sqrt(v) + self.eps)


@wrong("adam", "t counted from 0")
class _(MyAdam):
    def update(self, params, grads):
        for key, w in params.items():
            self.m.setdefault(key, np.zeros_like(w))
            self.v.setdefault(key, np.zeros_like(w))
            self.average(key, grads[key])
            self.step(w, self.m[key], self.v[key], grads[key])
        self.t += 1


@wrong("adam", "correction of the first update in every update")
class _(MyAdam):
    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1), v / (1 - self.beta2)
        w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


@wrong("adam", "β₁ in both corrections")
class _(MyAdam):
    def step(self, w, m, v, g):
        correction = 1 - self.beta1**self.t
        w -= self.lr * (m / correction) / (np.sqrt(v / correction) + self.eps)


@wrong("adam", "correction applied to the state itself")
class _(MyAdam):
    def average(self, key, g):
        super().average(key, g)
        self.m[key] = self.m[key] / (1 - self.beta1**self.t)
        self.v[key] = self.v[key] / (1 - self.beta2**self.t)

    def step(self, w, m, v, g):
        w -= self.lr * m / (np.sqrt(v) + self.eps)


@wrong("adam", "t counted once a parameter")
class _(MyAdam):
    def update(self, params, grads):
        for key, w in params.items():
            if key not in self.m:
                self.m[key], self.v[key] = np.zeros_like(w), np.zeros_like(w)
            self.t += 1
            self.average(key, grads[key])
            self.step(w, self.m[key], self.v[key], grads[key])


@wrong("adam", "β₁ and β₂ swapped")
class _(MyAdam):
    def average(self, key, g):
        self.m[key] = self.beta2 * self.m[key] + (1 - self.beta2) * g
        self.v[key] = self.beta1 * self.v[key] + (1 - self.beta1) * g**2

    def step(self, w, m, v, g):
        w -= self.lr * m / (1 - self.beta2**self.t) / (np.sqrt(v / (1 - self.beta1**self.t)) + self.eps)


@wrong("adam", "g not squared in v")
class _(MyAdam):
    def average(self, key, g):
        self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * g
        self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * g


@wrong("adam", "square of m in place of g²")
class _(MyAdam):
    def average(self, key, g):
        self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * g
        self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * self.m[key] ** 2


@wrong("adam", "g in place of m̂")
class _(MyAdam):
    def step(self, w, m, v, g):
        w -= self.lr * g / (np.sqrt(v / (1 - self.beta2**self.t)) + self.eps)


@wrong("adam", "root left out")
class _(MyAdam):
    def step(self, w, m, v, g):
        w -= self.lr * (m / (1 - self.beta1**self.t)) / (v / (1 - self.beta2**self.t) + self.eps)


@wrong("adam", "ε inside the root")
class _(MyAdam):
    def step(self, w, m, v, g):
        w -= self.lr * (m / (1 - self.beta1**self.t)) / np.sqrt(v / (1 - self.beta2**self.t) + self.eps)


@wrong("adam", "ε after the division")
class _(MyAdam):
    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w -= self.lr * (m_hat / np.sqrt(v_hat) + self.eps)


@right("adam")
class AdamOfTheBook(MyAdam):
    def step(self, w, m, v, g):
        lr = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        w -= lr * m / (np.sqrt(v) + self.eps)


@wrong("adam", "parameters rebound instead of changed in place")
class _(MyAdam):
    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w = w - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


@wrong("adam", "state shared between parameters")
class _(MyAdam):
    def __init__(self, *args):
        super().__init__(*args)
        self.m = self.v = 0.0

    def update(self, params, grads):
        self.t += 1
        for key in params:
            self.m = self.beta1 * self.m + (1 - self.beta1) * grads[key]
            self.v = self.beta2 * self.v + (1 - self.beta2) * grads[key] ** 2
            self.step(params[key], self.m, self.v, grads[key])


@wrong("adam", "state re-made every step")
class _(MyAdam):
    def update(self, params, grads):
        self.t, self.m, self.v = 0, {}, {}
        super().update(params, grads)


@wrong("adam", "averages re-made every step")
class _(MyAdam):
    def update(self, params, grads):
        self.m, self.v = {}, {}
        super().update(params, grads)


@right("adam")
class InOneLearningRate(MyAdam):
    """The form of the paper's section 2, with the ε that goes with it."""

    def step(self, w, m, v, g):
        root = np.sqrt(1 - self.beta2**self.t)
        w -= self.lr * root / (1 - self.beta1**self.t) * m / (np.sqrt(v) + self.eps * root)


@right("adam")
class WithProductsOfBeta(MyAdam):
    """β₁ᵗ and β₂ᵗ by repeated products, averages as differences, all in float32."""

    products = np.ones(2, np.float32)

    def update(self, params, grads):
        self.products = self.products * np.array([self.beta1, self.beta2], np.float32)
        for key, w in params.items():
            m, v = self.m.get(key, 0), self.v.get(key, 0)
            self.m[key] = m + np.float32(1 - self.beta1) * (grads[key] - m)
            self.v[key] = v + np.float32(1 - self.beta2) * (grads[key] ** 2 - v)
            m_hat, v_hat = self.m[key] / (1 - self.products[0]), self.v[key] / (1 - self.products[1])
            np.copyto(w, w - self.lr * m_hat / (np.sqrt(v_hat) + self.eps), casting="same_kind")


def adam(step, corrected=True):
    """A learner's function for Adam, with the line of the step as `step(w, lr, m_hat, v_hat, eps)`."""

    def answer(gradient, start, lr, steps, eps):
        w, m, v = np.array(start, float), 0, 0
        path = [w]
        for t in range(1, steps + 1):
            g = gradient(w)
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            hats = (m / (1 - 0.9**t), v / (1 - 0.999**t)) if corrected else (m, v)
            w = step(w, lr, *hats, eps)
            path.append(w)
        return path

    return answer


def mended(w, lr, m_hat, v_hat, eps):
    return w - lr * m_hat / (np.sqrt(v_hat) + eps)


wrong("epsilon bug hunt", "ε after the division")(adam(lambda w, lr, m, v, eps: w - lr * m / np.sqrt(v) + eps))
wrong("epsilon bug hunt", "ε added to the quotient")(adam(lambda w, lr, m, v, eps: w - lr * (m / np.sqrt(v) + eps)))
wrong("epsilon bug hunt", "ε taken out")(adam(lambda w, lr, m, v, eps: w - lr * m / np.sqrt(v)))
wrong("epsilon bug hunt", "ε inside the root")(adam(lambda w, lr, m, v, eps: w - lr * m / np.sqrt(v + eps)))
wrong("epsilon bug hunt", "ε as a floor")(adam(lambda w, lr, m, v, eps: w - lr * m / np.sqrt(v).clip(eps)))
wrong("epsilon bug hunt", "bias correction lost")(adam(mended, corrected=False))
right("epsilon bug hunt")(adam(mended))


@right("epsilon bug hunt")
def _(gradient, start, lr, steps, eps):
    return helpers.trajectory(helpers.Adam(lr, eps=eps), gradient, start.astype(np.float32), steps)


class MyAdamW:
    """What a learner's AdamW looks like: `update` is under test."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.lr, self.weight_decay = lr, weight_decay
        self.adam = helpers.Adam(lr, beta1, beta2, eps)


@wrong("adamw", "decay inside the moving averages")
class _(MyAdamW):
    def update(self, params, grads):
        self.adam.update(params, {key: grads[key] + self.weight_decay * params[key] for key in params})


@wrong("adamw", "decay divided by the root")
class _(MyAdam):
    def __init__(self, lr, beta1, beta2, eps, weight_decay):
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = weight_decay

    def step(self, w, m, v, g):
        above = m / (1 - self.beta1**self.t) + self.weight_decay * w
        w -= self.lr * above / (np.sqrt(v / (1 - self.beta2**self.t)) + self.eps)


@wrong("adamw", "decay not times η")
class _(MyAdamW):
    def update(self, params, grads):
        for w in params.values():
            w *= 1 - self.weight_decay
        self.adam.update(params, grads)


@wrong("adamw", "weights that grow")
class _(MyAdamW):
    def update(self, params, grads):
        for w in params.values():
            w *= 1 + self.lr * self.weight_decay
        self.adam.update(params, grads)


@wrong("adamw", "what is left for what is lost")
class _(MyAdamW):
    def update(self, params, grads):
        for key in params:
            params[key] *= self.lr * self.weight_decay
        self.adam.update(params, grads)


@wrong("adamw", "decay lost")
class _(MyAdamW):
    def update(self, params, grads):
        for w in params.values():
            w = w - self.lr * self.weight_decay * w
        self.adam.update(params, grads)


@wrong("adamw", "decay after the step")
class _(MyAdamW):
    def update(self, params, grads):
        self.adam.update(params, grads)
        for key in params:
            params[key] -= self.lr * self.weight_decay * params[key]


@wrong("adamw", "Adam made anew every step")
class _:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.settings, self.part = (lr, beta1, beta2, eps), lr * weight_decay

    def update(self, params, grads):
        for w in params.values():
            w -= self.part * w
        helpers.Adam(*self.settings).update(params, grads)


@right("adamw")
class _(MyAdamW):
    def update(self, params, grads):
        for w in params.values():
            w -= self.lr * self.weight_decay * w
        self.adam.update(params, grads)


@right("adamw")
class InOneLine(MyAdam):
    """Step and decay at once, both of the old w, as the paper writes it."""

    def __init__(self, lr, beta1, beta2, eps, weight_decay):
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = weight_decay

    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w -= self.lr * (m_hat / (np.sqrt(v_hat) + self.eps) + self.weight_decay * w)


# Lesson 08


@wrong("sweep", "lowest loss on the way")
def _(method, landscape, start, steps, lrs):
    return [
        min(landscape.value(p) for p in helpers.trajectory(method(lr=lr), landscape.gradient, start, steps))
        for lr in lrs
    ]


@wrong("sweep", "one optimizer for all learning rates")
def _(method, landscape, start, steps, lrs):
    optimizer, ends = method(lr=lrs[0]), []
    for lr in lrs:
        optimizer.lr = lr
        path = helpers.trajectory(optimizer, landscape.gradient, start, steps)
        ends.append(landscape.value(path[-1]))
    return ends


@wrong("sweep", "runs that go on where the last one ended")
def _(method, landscape, start, steps, lrs):
    params, ends = {"w": np.array(start)}, []
    for lr in lrs:
        optimizer = method(lr=lr)
        for _ in range(steps):
            optimizer.update(params, {"w": landscape.gradient(params["w"])})
        ends.append(landscape.value(params["w"]))
    return ends


@wrong("sweep", "learning rate not handed on")
def _(method, landscape, start, steps, lrs):
    return [landscape.value(helpers.trajectory(method(), landscape.gradient, start, steps)[-1]) for _ in lrs]


@wrong("sweep", "loss of the start")
def _(method, landscape, start, steps, lrs):
    paths = np.array([helpers.trajectory(method(lr=lr), landscape.gradient, start, steps) for lr in lrs])
    return landscape.value(paths)[:, 0]


@wrong("sweep", "mean over all updates")
def _(method, landscape, start, steps, lrs):
    paths = np.array([helpers.trajectory(method(lr=lr), landscape.gradient, start, steps) for lr in lrs])
    return landscape.value(paths).mean(axis=1)


@wrong("sweep", "all losses of each run")
def _(method, landscape, start, steps, lrs):
    ends = []
    for lr in lrs:
        path = helpers.trajectory(method(lr=lr), landscape.gradient, start, steps)
        ends.append(landscape.value(path))
    return ends


@wrong("sweep", "points in place of losses")
def _(method, landscape, start, steps, lrs):
    ends = []
    for lr in lrs:
        params, optimizer = {"w": np.array(start)}, method(lr=lr)
        for _ in range(steps):
            optimizer.update(params, {"w": landscape.gradient(params["w"])})
        ends.append(params["w"])
    return np.array(ends)


@wrong("sweep", "only the lowest loss")
def _(method, landscape, start, steps, lrs):
    lowest = np.inf
    for lr in lrs:
        path = helpers.trajectory(method(lr=lr), landscape.gradient, start, steps)
        lowest = min(lowest, landscape.value(path[-1]))
    return lowest


@right("sweep")
def _(method, landscape, start, steps, lrs):
    return sweep(method(), landscape, start, steps, lrs).losses[:, -1]


@right("sweep")
def step_by_step(method, landscape, start, steps, lrs):
    ends = ()
    for lr in lrs:
        optimizer, params = method(lr), {"w": np.array(start, np.float32)}
        for _ in range(steps):
            optimizer.update(params, {"w": landscape.gradient(params["w"]).astype(np.float32)})
        ends += (landscape.value(params["w"]),)
    return ends


@wrong("best learning rate", "lowest loss on the way")
def _(lrs, losses):
    lowest = [np.nanmin(of_lr) for of_lr in losses]
    return lrs[lowest.index(min(lowest))]


@wrong("best learning rate", "luckiest seed")
def _(lrs, losses):
    return lrs[np.argmin(np.nanmin(losses[:, :, -1], axis=1))]


@wrong("best learning rate", "seeds that diverged left out")
def _(lrs, losses):
    return lrs[np.argmin(np.nanmean(losses[:, :, -1], axis=1))]


@wrong("best learning rate", "diverged run chosen")
def _(lrs, losses):
    means = losses.mean(axis=1)[:, -1]
    return lrs[means.argmin()]


@wrong("best learning rate", "index in place of the learning rate")
def _(lrs, losses):
    return np.nanargmin(losses[:, :, -1].mean(axis=1))


@wrong("best learning rate", "highest loss")
def _(lrs, losses):
    return lrs[np.nanargmax(losses[:, :, -1].mean(axis=1))]


right("best learning rate")(lambda lrs, losses: lrs[np.nanargmin(losses[:, :, -1].mean(axis=1))])
right("best learning rate")(lambda lrs, losses: lrs[np.nanargmin(losses[..., -1].astype(np.float32).sum(axis=1))])


@right("best learning rate")
def with_loops(lrs, losses):
    lowest, chosen = math.inf, None
    for lr, of_lr in zip(lrs, losses, strict=True):
        mean = sum(of_seed[-1] for of_seed in of_lr) / len(of_lr)
        if mean < lowest:
            lowest, chosen = mean, lr
    return chosen


def racing(sgd, momentum):
    """A race with the β of each curve as functions of β."""

    def answer(landscape, start, lr, beta, steps):
        return {
            name: landscape.value(helpers.trajectory(helpers.Momentum(lr, b), landscape.gradient, start, steps))
            for name, b in (("SGD", sgd(beta)), ("Momentum", momentum(beta)))
        }

    return answer


wrong("same run bug hunt", "SGD that is Momentum")(racing(lambda beta: beta, lambda beta: beta))
wrong("same run bug hunt", "Momentum that is SGD")(racing(lambda beta: 0, lambda beta: 0))
wrong("same run bug hunt", "curves swapped")(racing(lambda beta: beta, lambda beta: 0))
right("same run bug hunt")(racing(lambda beta: 0.0, lambda beta: beta))


@right("same run bug hunt")
def with_a_copy(landscape, start, lr, beta, steps):
    settings = {"lr": lr, "momentum": 0.0}
    with_momentum = settings | {"momentum": beta}
    losses = {}
    for name, setting in ("Momentum", with_momentum), ("SGD", settings):
        path = helpers.trajectory(helpers.Momentum(**setting), landscape.gradient, np.float32(start), steps)
        losses[name] = landscape.value(path).tolist()
    return losses


# What holds for all of them


@pytest.mark.parametrize(("exercise", "mistake"), WRONG)
def test_a_mistake_is_given_its_name(exercise, mistake):
    verdict = judge(EXERCISES[exercise], WRONG[exercise, mistake])
    assert verdict.mistake is not None, verdict.words
    assert verdict.mistake.name == mistake, verdict.words
    assert not verdict.passed
    assert mistake in verdict.words
    assert verdict.mistake.way_out in verdict.words


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_another_right_answer_passes(exercise, answer):
    verdict = judge(EXERCISES[exercise], answer)
    assert verdict.passed, verdict.words


def test_every_mistake_has_an_answer_that_makes_it():
    catalog = {(exercise.name, mistake.name) for exercise in EXERCISES.values() for mistake in exercise.mistakes}
    assert catalog == WRONG.keys()


each = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES.keys())


@each
def test_mistakes_are_told_apart(exercise):
    """From each other and from the reference, by a hundred times the tolerance."""
    found = {"the reference": results(exercise, exercise.reference)}
    known = *exercise.mistakes, *exercise.variants
    found |= {mistake.name: results(exercise, mistake.answer) for mistake in known}
    assert len(found) == len(known) + 1
    alike = [
        (one, other)
        for one, other in itertools.combinations(found, 2)
        if all(same(a, b, 100 * TOLERANCE) for a, b in zip(found[one], found[other], strict=False))
    ]
    assert alike == []


def test_another_form_of_the_rule_passes_with_a_remark():
    verdict = judge(EXERCISES["adam"], AdamOfTheBook)
    assert verdict.passed
    assert verdict.words.startswith("It is another form of the rule: ε added to the root of the uncorrected v. Keras")


@each
def test_the_reference_passes_and_the_first_problem_was_worked_by_hand(exercise):
    assert judge(exercise, exercise.reference).passed
    first = exercise.problems[0]
    assert first.by_hand is not None
    facts, changed = exercise.try_on(exercise.reference, first)
    assert changed == ""
    words = [str(value) for _, value in facts if value.dtype.kind == "U"]
    if words:
        assert words == ([first.by_hand] if isinstance(first.by_hand, str) else first.by_hand)
    elif isinstance(first, Walk):
        assert first.by_hand.keys() == first.start.keys()
        for (_, w), by_hand in zip(facts[-len(first.start) :], first.by_hand.values(), strict=True):
            np.testing.assert_allclose(w, by_hand, rtol=1e-12)
    else:
        array = np.concatenate([value.ravel() for _, value in facts])
        np.testing.assert_allclose(array, np.ravel(first.by_hand), rtol=1e-12)


@each
def test_names_and_hints(exercise):
    assert len(set(exercise.hints)) == len(exercise.hints) == 3
    for text in [*exercise.hints, *(mistake.way_out for mistake in exercise.mistakes)]:
        assert text[-1] in ".?`"
        assert "!" not in text
    assert not exercise.task.endswith(".")
    assert exercise.name == exercise.name.lower()
    assert all(mistake.way_out for mistake in exercise.mistakes)


def test_no_two_exercises_share_a_name():
    assert len(EXERCISES) == len(ALL) > 40


CALL = re.compile(r'^tutor\.(check|hint)\("([^"]+)"(.*)\)$', re.MULTILINE)


@pytest.mark.parametrize("number", sorted({exercise.lesson for exercise in EXERCISES.values()}))
def test_the_lesson_has_the_cells_of_every_exercise(number):
    """A check, a hint, and a folded solution whose check says that it is one; no name is unknown."""
    (path,) = LESSONS.glob(f"{number:02}_*.md")
    cells = [cell for cell in jupytext.read(path, fmt="md:myst").cells if cell.cell_type == "code"]
    found = []
    for cell in cells:
        folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        gives_away = "tutor.predict(" in cell.source or "solution=True" in cell.source
        assert folded == gives_away, f"a cell is folded when it holds an answer, and only then: {cell.source}"
        for call, name, rest in CALL.findall(cell.source):
            found.append((name, "solution" if rest.endswith(", solution=True") else call))
    names = [exercise.name for exercise in EXERCISES.values() if exercise.lesson == number]
    expected = [(name, kind) for name in names for kind in ("check", "hint", "solution")]
    assert sorted(found) == sorted(expected)
    assert 2 <= len(names) <= 4
    calls = [line for cell in cells for line in cell.source.splitlines()]
    assert "tutor.predictions()" in calls
    assert f"tutor.progress({number})" in calls
