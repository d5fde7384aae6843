"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

from workbench.tutoring.answers import right, wrong


def rates(factor):
    """A schedule number by number: `factor(k, lr, N, u)`."""
    return lambda lr, iterations, updates: [factor(k, lr, iterations, updates) for k in range(iterations)]


def cosine(k, lr, N):
    return lr / 2 + lr / 2 * math.cos(math.pi * k / N)


wrong("warm-up and cosine", "warm-up from 0")(rates(lambda k, lr, N, u: cosine(k, lr, N) * min(1, k / u)))
wrong("warm-up and cosine", "warm-up that never ends")(rates(lambda k, lr, N, u: cosine(k, lr, N) * (k + 1) / u))
wrong("warm-up and cosine", "no warm-up")(rates(lambda k, lr, N, u: cosine(k, lr, N)))
wrong("warm-up and cosine", "cosine begun after the warm-up")(
    rates(lambda k, lr, N, u: lr * (k + 1) / u if k < u else cosine(k - u, lr, N - u))
)
wrong("warm-up and cosine", "a whole cosine")(rates(lambda k, lr, N, u: cosine(2 * k, lr, N) * min(1, (k + 1) / u)))
wrong("warm-up and cosine", "a quarter of a cosine")(
    rates(lambda k, lr, N, u: lr * math.cos(math.pi * k / (2 * N)) * min(1, (k + 1) / u))
)
wrong("warm-up and cosine", "the cosine alone")(
    rates(lambda k, lr, N, u: lr * math.cos(math.pi * k / N) * min(1, (k + 1) / u))
)
wrong("warm-up and cosine", "½ forgotten")(
    rates(lambda k, lr, N, u: lr * (1 + math.cos(math.pi * k / N)) * min(1, (k + 1) / u))
)
wrong("warm-up and cosine", "k counted from 1")(rates(lambda k, lr, N, u: cosine(k + 1, lr, N) * min(1, (k + 2) / u)))
wrong("warm-up and cosine", "one update too many")(
    lambda lr, N, u: [cosine(k, lr, N) * min(1, (k + 1) / u) for k in range(N + 1)]
)
right("warm-up and cosine")(rates(lambda k, lr, N, u: cosine(k, lr, N) * min(1, (k + 1) / u)))


@right("warm-up and cosine")
def by_parts(lr, iterations, updates):
    lrs = np.float32(lr) * np.cos(np.pi / 2 * np.arange(iterations) / iterations) ** 2
    lrs[:updates] *= np.linspace(1 / updates, 1, updates)
    return lrs


def lowered(
    new_low=lambda loss, low, last: loss < low,
    used_up=lambda bad, patience: bad == patience,
    fall=None,
    append_first=False,
):
    """A learner's loop; fall: the learning rate after a fall, from it, the factor and the first one."""
    fall = fall or (lambda lr, factor, first: lr * factor)

    def answer(losses, lr, factor, patience):
        first, low, last, bad, rates = lr, np.inf, np.inf, 0, []
        for loss in losses:
            if append_first:
                rates.append(lr)
            if new_low(loss, low, last):
                low, bad = loss, 0
            else:
                bad += 1
            last = loss
            if used_up(bad, patience):
                lr, bad = fall(lr, factor, first), 0
            if not append_first:
                rates.append(lr)
        return np.array(rates)

    return answer


name = "learning rate on a plateau"
wrong(name, "compared with the loss before")(lowered(new_low=lambda loss, low, last: loss < last))
wrong(name, "equal counted as better")(lowered(new_low=lambda loss, low, last: not loss > low))
wrong(name, "one measurement too patient")(lowered(used_up=lambda bad, patience: bad > patience))
wrong(name, "one measurement late in the list")(lowered(append_first=True))
wrong(name, "factor taken off")(lowered(fall=lambda lr, factor, first: lr - factor))
wrong(name, "divided by the factor")(lowered(fall=lambda lr, factor, first: lr / factor))


@wrong(name, "count never renewed by a new low")
def _(losses, lr, factor, patience):
    rates, bad = [], 0
    for k, loss in enumerate(losses):
        bad += k > 0 and loss >= min(losses[:k])
        if bad == patience:
            lr, bad = lr * factor, 0
        rates.append(lr)
    return rates


@wrong(name, "count goes on after a fall")
def _(losses, lr, factor, patience):
    rates, bad = [], 0
    for k, loss in enumerate(losses):
        bad = bad + 1 if k and loss >= min(losses[:k]) else 0
        lr *= factor if bad >= patience else 1
        rates.append(lr)
    return rates


@wrong(name, "one fall only")
def _(losses, lr, factor, patience):
    rates, bad, fallen = [], 0, False
    for k, loss in enumerate(losses):
        bad = bad + 1 if k and loss >= min(losses[:k]) else 0
        if bad >= patience and not fallen:
            lr, fallen = lr * factor, True
        rates.append(lr)
    return rates


right(name)(lowered())


@right(name)
def by_the_place_of_the_lowest(losses, lr, factor, patience):
    rates, since = [], 0
    for k in range(len(losses)):
        since = k if losses[k] < min(losses[:k], default=np.inf) else since
        if k - since == patience:
            lr, since = np.float32(lr * factor), k
        rates.append(lr)
    return rates


@wrong("warm-up and cosine", "the smaller of the two")
def _(lr, iterations, updates):
    k = np.arange(iterations)
    return [
        min(a, b) for a, b in zip(lr * np.cos(np.pi * k / iterations / 2) ** 2, lr * (k + 1) / updates, strict=True)
    ]


@wrong("learning rate on a plateau", "lowest loss forgotten at a fall")
def _(losses, lr, factor, patience):
    lrs, best, bad = [], float("inf"), 0
    for loss in losses:
        if loss < best:
            best, bad = loss, 0
        else:
            bad += 1
        if bad == patience:
            lr, bad, best = lr * factor, 0, loss
        lrs.append(lr)
    return lrs


@wrong("warm-up and cosine", "a straight line")
def _(lr, iterations, updates):
    return [lr * (iterations - k) / iterations * min(1, (k + 1) / updates) for k in range(iterations)]
