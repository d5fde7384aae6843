"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

from workbench.tutoring.answers import right, wrong


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
