"""A learner's own functions and optimizers, well-behaved and not, as the tests of live figures take them."""

import math

import numpy as np

import helpers
from lessons.choosing_an_optimizer.figures import LearningRates, Race
from lessons.momentum.figures import StabilityMap
from lessons.nesterov.figures import LookAheadMap
from lessons.trajectories.figures import Trajectories
from workbench.descent import landscapes


def waves(x, y):
    """Of single numbers only, with losses below 0 and many minima."""
    return math.sin(x) * math.cos(2 * y) + (0.1 * x * x if x > 0 else -0.05 * x)


def roof(x, y):
    """Of arrays; a kink along two lines."""
    return np.abs(x - 1) + 3 * np.abs(y + x / 2)


def hole(x, y):
    """Ill-behaved: a staircase that raises beyond the picture, where paths go; its lowest point lies at an edge."""
    if abs(x) > 3 or abs(y) > 2:
        raise ValueError("beyond the world")
    return max(0.0, 1 - math.hypot(x, y)) ** 2 * -1e-3 + math.floor(x) ** 2 + 0.01 * y * y


FUNCTIONS = {
    "waves": waves,
    "roof": landscapes.own(roof, view=((-3, 3), (-300, 200)), start=(-2, 100)),
    "hole": landscapes.own(hole, view=((-2, 2), (-1, 1)), start=(-1.5, 0.5)),
}


class Sign:
    """Steps of one length, and a memory of whole numbers; no class of helpers above it."""

    def __init__(self, lr=0.05, decay=0.95, wait=2, name="sign", nesterov=False):
        self.lr, self.decay, self.wait, self.t = lr, decay, wait, 0

    def update(self, params, grads):
        self.t += 1
        for key, w in params.items():
            w -= self.lr * self.decay ** max(0, self.t - self.wait) * np.sign(grads[key])


class Uphill(helpers.Momentum):
    """Ill-behaved: it diverges."""

    def __init__(self, lr=0.5, momentum=0.5, push=1.5):
        super().__init__(lr, momentum)
        self.push = push

    def rule(self, w, g, t, v):
        v[...] = self.momentum * v + self.lr * self.push * (g + 1e-3)
        w += v


class Moody:
    """Ill-behaved: it raises with some settings, after some updates, or makes new arrays in place of the old."""

    def __init__(self, lr=0.1, patience=300, offset=0.0):
        if lr > 5:
            raise ZeroDivisionError("lr is too large for me")
        self.lr, self.patience, self.offset, self.done = lr, patience, offset, 0

    def update(self, params, grads):
        self.done += 1
        if self.done > self.patience:
            raise RuntimeError("out of patience")
        for key in params:
            if self.offset > 0.9:
                params[key] = params[key] - self.lr * grads[key]
            else:
                params[key] -= self.lr * (1 + self.patience / 1000) * (grads[key] + self.offset)


class Rash(Moody):
    """The same without numbers but the learning rate: a sweep of 51 rates is kept, and is not made at every setting."""

    def __init__(self, lr=0.1):
        super().__init__(lr)


OPTIMIZERS = {"sign": Sign, "uphill": Uphill, "moody": Moody}


def with_own(kind, **given):
    """A function that makes a live figure of a class with a learner's own things, as a class does of nothing."""

    def make(**settings):
        return kind(**given, **settings)

    return make


EXPLORERS = {
    "own.Race": with_own(Race, landscapes=FUNCTIONS, optimizers=OPTIMIZERS),
    "own.LearningRates": with_own(LearningRates, landscapes=FUNCTIONS, optimizers={"moody": Rash}),
    "own.Trajectories": with_own(Trajectories, landscape=waves, optimizers=OPTIMIZERS),
    "own.Trajectories of the hole": with_own(Trajectories, landscape=FUNCTIONS["hole"]),
    "own.StabilityMap": with_own(StabilityMap, optimizers=OPTIMIZERS),
    "own.LookAheadMap": with_own(LookAheadMap, optimizers={"sign": Sign}),
}
