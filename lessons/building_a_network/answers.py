"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import numpy as np

from workbench.tutoring.answers import right, wrong


def chances(z):
    """Softmax, without overflow."""
    e = np.exp(z - np.max(z, axis=1)[:, None])
    return e / np.sum(e, axis=1)[:, None]


def of_labels(q, labels):
    return np.array([q[i, label] for i, label in enumerate(labels)])


@wrong("cross-entropy", "maximum not taken off")
def _(z, labels):
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.mean(np.log(of_labels(q, labels)))


@wrong("cross-entropy", "log of a probability that was rounded to 0")
def _(z, labels):
    return -np.mean(np.log(of_labels(chances(z), labels)))


@wrong("cross-entropy", "small number added to the probability")
def _(z, labels):
    y = np.eye(z.shape[1])[labels]
    return -np.sum(y * np.log(chances(z) + 1e-7)) / len(z)


def log_chances(z):
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@wrong("cross-entropy", "loss summed")
def _(z, labels):
    return -of_labels(log_chances(z), labels).sum()


@wrong("cross-entropy", "divided by classes, too")
def _(z, labels):
    return -np.mean(np.where(np.eye(z.shape[1])[labels] == 1, log_chances(z), 0))


@wrong("cross-entropy", "sign forgotten")
def _(z, labels):
    return np.mean(of_labels(log_chances(z), labels))


@wrong("cross-entropy", "softmax over the samples")
def _(z, labels):
    e = np.exp(z - z.max())
    q = e / e.sum(axis=0, keepdims=True)
    return -np.log(of_labels(q, labels)).mean()


@wrong("cross-entropy", "axis lost in the sum")
def _(z, labels):
    e = np.exp(z - z.max())
    q = e / e.sum(axis=1)
    return -np.log(of_labels(q, labels)).mean()


@wrong("cross-entropy", "softmax over the whole batch")
def _(z, labels):
    e = np.exp(z - np.max(z))
    q = e / np.sum(e)
    return -np.log(of_labels(q, labels)).mean()


@wrong("cross-entropy", "softmax taken twice")
def _(z, labels):
    return -of_labels(log_chances(chances(z)), labels).mean()


@wrong("cross-entropy", "logarithm of base 2")
def _(z, labels):
    return -of_labels(log_chances(z), labels).mean() / np.log(2)


right("cross-entropy")(lambda z, labels: -np.mean(of_labels(log_chances(z), labels)))


wrong("cross-entropy", "logits taken for logarithms of probabilities")(
    lambda z, labels: np.mean([-row[label] for row, label in zip(z, labels, strict=True)])
)


@wrong("cross-entropy", "maximum of the whole batch taken off")
def _(z, labels):
    z = z - np.max(z)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[range(len(z)), labels])


wrong("cross-entropy", "label ignored")(lambda z, labels: np.mean([np.logaddexp.reduce(row) - row.max() for row in z]))


@right("cross-entropy")
def with_logaddexp(z, labels):
    z = z.astype(np.float32)
    return np.mean([np.logaddexp.reduce(row) - row[label] for row, label in zip(z, labels, strict=True)])


@wrong("gradient at the logits", "gradient not divided by the batch")
def _(q, labels):
    dz = q.copy()
    for i in range(len(q)):
        dz[i, labels[i]] -= 1
    return dz


@wrong("gradient at the logits", "divided by classes, too")
def _(q, labels):
    n, classes = q.shape
    return (q - np.eye(classes)[labels]) / (n * classes)


@wrong("gradient at the logits", "divided before 1 is taken off")
def _(q, labels):
    dz = q / len(q)
    dz[np.arange(len(q)), labels] -= 1
    return dz


@wrong("gradient at the logits", "1 taken off in every row")
def _(q, labels):
    y = np.zeros_like(q)
    y[:, labels] = 1
    return (q - y) / len(q)


@wrong("gradient at the logits", "label minus probability")
def _(q, labels):
    return (np.eye(q.shape[1])[labels] - q) / len(labels)


@wrong("gradient at the logits", "label forgotten")
def _(q, labels):
    return q / len(labels)


@wrong("gradient at the logits", "gradient at the probabilities")
def _(q, labels):
    dq = np.zeros_like(q)
    for i, label in enumerate(labels):
        dq[i, label] = -1 / q[i, label] / len(q)
    return dq


@right("gradient at the logits")
def _(q, labels):
    dz = np.array(q, np.float32)
    dz[range(len(q)), labels] -= 1
    return dz / len(q)


@right("gradient at the logits")
def through_softmax(q, labels):
    """By the chain rule, with the whole Jacobian of softmax."""
    rows = []
    for p, label in zip(q, labels, strict=True):
        dq = np.zeros_like(p)
        dq[label] = -1 / p[label]
        rows.append((np.diag(p) - np.outer(p, p)) @ dq / len(q))
    return rows


def layer(passes, to_parameters=lambda da, dy: da):
    """A way back: `passes` says from the sums, dy and x W what goes through ReLU."""

    def answer(x, W, b, dy):
        a = x @ W + b
        da = dy * passes(a, dy, x @ W)
        d = to_parameters(da, dy)
        return x.T @ d, d.sum(axis=0), da @ W.T

    return answer


wrong("way back", "mask from the gradient")(layer(lambda a, dy, xw: dy > 0))
wrong("way back", "ReLU left out")(layer(lambda a, dy, xw: np.ones_like(a)))
wrong("way back", "bias left out of the sum")(layer(lambda a, dy, xw: xw > 0))
wrong("way back", "mask turned around")(layer(lambda a, dy, xw: a < 0))
wrong("way back", "times the output instead of the mask")(layer(lambda a, dy, xw: np.maximum(a, 0)))
wrong("way back", "mask only on the way to the inputs")(layer(lambda a, dy, xw: a > 0, lambda da, dy: dy))


@wrong("way back", "W not transposed")
def _(x, W, b, dy):
    da = np.where(x @ W + b > 0, dy, 0)
    return x.T @ da, da.sum(axis=0), da @ W


@wrong("way back", "mean for the bias")
def _(x, W, b, dy):
    da = np.where(x @ W + b > 0, dy, 0)
    return x.T @ da, da.mean(axis=0), da @ W.T


@wrong("way back", "divided by the batch once more")
def _(x, W, b, dy):
    da = np.where(x @ W + b > 0, dy, 0)
    return x.T @ da / len(x), da.sum(axis=0) / len(x), da @ W.T


@wrong("way back", "bias gradient not added up")
def _(x, W, b, dy):
    da = np.where(x @ W + b > 0, dy, 0)
    return x.T @ da, da, da @ W.T


right("way back")(layer(lambda a, dy, xw: a > 0))


@right("way back")
def sample_by_sample(x, W, b, dy):
    dW, db, dx = np.zeros(W.shape, np.float32), np.zeros(b.shape, np.float32), []
    for row, d in zip(x, dy, strict=True):
        da = d.copy()
        da[row @ W + b < 0] = 0
        dW += np.outer(row, da)
        db += da
        dx.append(W @ da)
    return [dW, db, dx]


@wrong("cross-entropy", "logits clipped")
def _(z, labels):
    z = np.minimum(np.maximum(z, -500), 500)
    log_q = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(log_q[np.arange(len(z)), labels])


@wrong("way back", "mask at the inputs, too")
def _(x, W, b, dy):
    da = np.where(x @ W + b > 0, dy, 0)
    return x.T @ da, da.sum(axis=0), np.where(x > 0, da @ W.T, 0)
