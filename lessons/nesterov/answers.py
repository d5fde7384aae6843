"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import numpy as np

from workbench.tutoring.answers import Ball, right, wrong


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
