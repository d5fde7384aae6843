"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import numpy as np

from workbench.tutoring.answers import right, wrong


def filled(held_out):
    return np.nan_to_num(held_out, nan=0.1)


@wrong("best rate", "index for the rate")
def _(lrs, held_out):
    return int(np.argmax(np.median(filled(held_out), axis=1)))


@wrong("best rate", "accuracy for the rate")
def _(lrs, held_out):
    return max(np.median(row) for row in filled(held_out))


@wrong("best rate", "nan left in")
def _(lrs, held_out):
    return lrs[np.argmax([np.median(row) for row in held_out])]


@wrong("best rate", "runs that diverged left out")
def _(lrs, held_out):
    kept = [[a for a in row if a == a] for row in held_out]
    return lrs[np.argmax([np.median(row) if row else 0 for row in kept])]


@wrong("best rate", "best single run")
def _(lrs, held_out):
    row, _ = np.unravel_index(filled(held_out).argmax(), held_out.shape)
    return lrs[row]


wrong("best rate", "mean for the median")(lambda lrs, held_out: lrs[filled(held_out).sum(axis=1).argmax()])
wrong("best rate", "worst single run")(lambda lrs, held_out: lrs[np.argmax([min(row) for row in filled(held_out)])])
wrong("best rate", "lowest accuracy")(lambda lrs, held_out: lrs[np.median(filled(held_out), axis=1).argmin()])
wrong("best rate", "median over the rates")(lambda lrs, held_out: lrs[np.median(filled(held_out), 0).argmax()])


@right("best rate")
def row_by_row(lrs, held_out):
    best, found = -1.0, None
    for lr, row in zip(lrs, held_out, strict=True):
        middle = sorted(0.1 if np.isnan(a) else a for a in row)[len(row) // 2]
        if middle > best:
            best, found = middle, lr
    return found


right("best rate")(lambda lrs, held_out: float(lrs[int(np.argmax(np.median(filled(held_out), axis=1)))]))


def spread(d):
    return np.sqrt(np.sum((d - d.mean()) ** 2) / (len(d) - 1))


@wrong("paired difference", "pairs torn apart")
def _(a, b):
    return np.mean(a) - np.mean(b), np.sqrt(spread(a) ** 2 / len(a) + spread(b) ** 2 / len(b))


wrong("paired difference", "spread of a single seed")(lambda a, b: (np.mean(a - b), spread(a - b)))
wrong("paired difference", "divided by n instead of its root")(lambda a, b: (np.mean(a - b), spread(a - b) / len(a)))
wrong("paired difference", "n for n − 1")(lambda a, b: (np.mean(a - b), np.std(a - b) / len(a) ** 0.5))
wrong("paired difference", "variance for standard deviation")(
    lambda a, b: (np.mean(a - b), spread(a - b) ** 2 / np.sqrt(len(a)))
)
wrong("paired difference", "divided by the root of n − 1, too")(
    lambda a, b: (np.mean(a - b), spread(a - b) / np.sqrt(len(b) - 1))
)


@wrong("paired difference", "b − a")
def _(a, b):
    d = b - a
    return d.mean(), spread(d) / len(d) ** 0.5


@wrong("paired difference", "signs lost")
def _(a, b):
    d = abs(a - b)
    return d.mean(), spread(d) / np.sqrt(len(d))


wrong("paired difference", "median for the mean")(lambda a, b: (np.median(a - b), spread(a - b) / np.sqrt(len(a))))


@right("paired difference")
def by_hand(a, b):
    d = [x - y for x, y in zip(a, b, strict=True)]
    mean = sum(d) / len(d)
    return [mean, (sum((x - mean) ** 2 for x in d) / (len(d) - 1) / len(d)) ** 0.5]


right("paired difference")(lambda a, b: np.array([a.mean() - b.mean(), spread(a - b) / np.sqrt(len(a))]))


@wrong("best rate", "0 for a guess")
def _(lrs, held_out):
    return lrs[np.median(np.nan_to_num(held_out, nan=0.0), axis=1).argmax()]


@wrong("paired difference", "square of the standard error")
def _(a, b):
    d = a - b
    return d.mean(), ((d - d.mean()) ** 2).sum() / (len(d) - 1) / len(d)


@wrong("paired difference", "interval in place of the standard error")
def _(a, b):
    d = a - b
    return d.mean(), 1.96 * d.std(ddof=1) / np.sqrt(len(d))


@wrong("paired difference", "both methods counted")
def _(a, b):
    d = a - b
    return d.mean(), d.std(ddof=1) / np.sqrt(len(a) + len(b))
