"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

from workbench.tutoring.answers import right, wrong

wrong("uneven draws", "gradient of the sample as it is")(lambda g, p, i: list(g[i]))
wrong("uneven draws", "multiplied by the probability")(lambda g, p, i: p[i] * g[i])
wrong("uneven draws", "n left out")(lambda g, p, i: np.divide(g[i], p[i]))
wrong("uneven draws", "divided by n alone")(lambda g, p, i: g[i] / g.shape[0])
wrong("uneven draws", "n on the wrong side")(lambda g, p, i: p[i] / (1 / len(p)) * g[i])
wrong("uneven draws", "mean of all gradients")(lambda g, p, i: sum(g) / len(g))
wrong("uneven draws", "expected value of the plain draw")(lambda g, p, i: np.average(g, axis=0, weights=p))


@right("uneven draws")
def by_the_share(g, p, i):
    even = 1 / len(p)
    return g[i] * np.float32(even / p[i])


@right("uneven draws")
def all_at_once(g, p, i):
    return (g.T / (p * p.size)).T[i]


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


right("schedule bug hunt")(lambda update, n, m: 0.3 * 0.1 ** min(update * m // n // 10, 2))


@right("schedule bug hunt")
def _(update, n, m):
    lr = np.float32(0.3)
    for boundary in 10 * n / m, 20 * n / m:
        if update >= boundary:
            lr /= 10
    return lr


@wrong("uneven draws", "number of weights for the number of samples")
def _(g, p, i):
    return g[i] / p[i] / len(g[i])


@wrong("uneven draws", "all numbers of g counted")
def _(g, p, i):
    return g[i] / p[i] / g.size


@wrong("schedule bug hunt", "second fall after 30 epochs")
def _(update, n, m):
    epoch = update * m // n
    return 0.3 if epoch < 10 else 0.03 if epoch < 30 else 0.003
