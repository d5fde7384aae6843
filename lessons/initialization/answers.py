"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

from workbench.tutoring.answers import right, wrong


def normal(std):
    return lambda fan_in, fan_out, rng: std(fan_in, fan_out) * rng.standard_normal((fan_in, fan_out))


wrong("first weights", "variance for standard deviation")(normal(lambda m, n: 2 / m))
wrong("first weights", "fan-out for fan-in")(normal(lambda m, n: math.sqrt(2 / n)))
wrong("first weights", "Xavier for He")(normal(lambda m, n: 1 / math.sqrt(m)))
wrong("first weights", "Glorot's middle")(normal(lambda m, n: math.sqrt(2 / (m + n))))
wrong("first weights", "2 outside of the root")(normal(lambda m, n: 2 / math.sqrt(m)))
wrong("first weights", "standard normal weights")(lambda m, n, rng: rng.normal(size=(m, n)))
wrong("first weights", "rows and columns swapped")(lambda m, n, rng: rng.normal(scale=(2 / m) ** 0.5, size=(n, m)))


@wrong("first weights", "uniform without √3")
def _(fan_in, fan_out, rng):
    limit = np.sqrt(2 / fan_in)
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


@wrong("first weights", "no negative weights")
def _(fan_in, fan_out, rng):
    return np.sqrt(2 / fan_in) * rng.random((fan_in, fan_out))


@wrong("first weights", "all weights equal")
def _(fan_in, fan_out, rng):
    W = np.zeros((fan_in, fan_out))
    W += np.sqrt(2 / fan_in)
    return W


wrong("first weights", "one row for all inputs")(
    lambda fan_in, fan_out, rng: np.array([rng.normal(0, (2 / fan_in) ** 0.5, fan_out)] * fan_in)
)
wrong("first weights", "one column for all units")(
    lambda fan_in, fan_out, rng: np.repeat(rng.normal(0, (2 / fan_in) ** 0.5, fan_in)[:, None], fan_out, axis=1)
)


@right("first weights")
def uniform(fan_in, fan_out, rng):
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


@right("first weights")
def in_float32(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out), np.float32) * np.float32(np.sqrt(2 / fan_in))


@right("first weights")
def of_another_seed(fan_in, fan_out, rng):
    return np.random.default_rng(rng.integers(1234)).normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)).tolist()


def forward(x, weights):
    """The outputs of all layers."""
    outputs = []
    for W in weights:
        x = (x @ W) * (x @ W > 0)
        outputs.append(x)
    return outputs


@wrong("layer by layer", "no activation")
def _(x, weights):
    stds = []
    for W in weights:
        x = x @ W
        stds.append(np.std(x))
    return stds


@wrong("layer by layer", "std of the sums")
def _(x, weights):
    stds = []
    for W in weights:
        a = x @ W
        stds.append(np.std(a))
        x = np.maximum(a, 0)
    return stds


@wrong("layer by layer", "every layer fed with the samples")
def _(x, weights):
    stds = []
    for W in weights:
        y = np.maximum(x @ W[: x.shape[1]], 0)
        stds.append(np.std(y))
    return stds


wrong("layer by layer", "variance for standard deviation")(lambda x, ws: [np.var(y) for y in forward(x, ws)])
wrong("layer by layer", "root mean square")(lambda x, ws: [np.linalg.norm(y) / y.size**0.5 for y in forward(x, ws)])
wrong("layer by layer", "mean of the units' stds")(
    lambda x, ws: [np.mean([np.std(unit) for unit in y.T]) for y in forward(x, ws)]
)
wrong("layer by layer", "samples counted as a layer")(lambda x, ws: [np.std(y) for y in [x, *forward(x, ws)]])
right("layer by layer")(lambda x, ws: np.array([y.std() for y in forward(x, ws)], np.float32))


@right("layer by layer")
def recursive(x, weights):
    if not len(weights):
        return []
    y = np.where(x @ weights[0] > 0, x @ weights[0], 0)
    return [np.sqrt(np.mean(y**2) - np.mean(y) ** 2), *recursive(y, weights[1:])]


@wrong("dead units", "samples counted for units")
def _(y):
    return sum(1 for row in y if not row.any())


@wrong("dead units", "zeros counted")
def _(y):
    return y.size - np.count_nonzero(y)


@wrong("dead units", "units counted that are 0 once")
def _(y):
    return int((y == 0).any(axis=0).sum())


@wrong("dead units", "share for number")
def _(y):
    return np.mean(y.sum(axis=0) == 0)


@wrong("dead units", "the living counted")
def _(y):
    return sum(column.max() > 0 for column in y.T)


right("dead units")(lambda y: sum(not any(column) for column in y.T.tolist()))
right("dead units")(lambda y: np.count_nonzero(y.max(axis=0) == 0))

wrong("dead units", "first sample only")(lambda y: np.count_nonzero(y[0] == 0))


@wrong("dead units", "small means taken for 0")
def _(y):
    return (y.sum(axis=0) / len(y) < 0.1).sum()
