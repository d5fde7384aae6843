"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

from workbench.tutoring.answers import right, wrong


def fold(new_b, new_W=lambda W, s: W @ np.diag(s), s=lambda gamma, var, eps: gamma * (var + eps) ** -0.5):
    """A learner's function; new_b: from b, the mean, the scale and beta."""

    def answer(W, b, gamma, beta, mean, var, eps):
        scale = s(gamma, var, eps)
        return [new_W(W, scale), new_b(b, mean, scale, beta)]

    return answer


def bias(b, mean, s, beta):
    return b * s - mean * s + beta


wrong("folded batch normalization", "variance for standard deviation")(
    fold(bias, s=lambda g, var, eps: g / (var + eps))
)
wrong("folded batch normalization", "ε left out")(fold(bias, s=lambda g, var, eps: g * var**-0.5))
wrong("folded batch normalization", "ε outside of the root")(fold(bias, s=lambda g, var, eps: g / (var**0.5 + eps)))
wrong("folded batch normalization", "γ left out")(fold(bias, s=lambda g, var, eps: (var + eps) ** -0.5))
wrong("folded batch normalization", "scale turned around")(fold(bias, s=lambda g, var, eps: (var + eps) ** 0.5 / g))
wrong("folded batch normalization", "β left out")(fold(lambda b, mean, s, beta: s * b - s * mean))
wrong("folded batch normalization", "β scaled, too")(fold(lambda b, mean, s, beta: s * (b + beta - mean)))
wrong("folded batch normalization", "mean left out")(fold(lambda b, mean, s, beta: s * b + beta))
wrong("folded batch normalization", "mean not scaled")(fold(lambda b, mean, s, beta: s * b + beta - mean))
wrong("folded batch normalization", "bias not scaled")(fold(lambda b, mean, s, beta: b + beta - s * mean))
wrong("folded batch normalization", "mean added")(fold(lambda b, mean, s, beta: s * b + s * mean + beta))
wrong("folded batch normalization", "W as it was")(fold(bias, new_W=lambda W, s: W))
right("folded batch normalization")(fold(bias))


@right("folded batch normalization")
def by_trying(W, b, gamma, beta, mean, var, eps):
    """What the two layers make of 0 and of each unit vector."""

    def predict(x):
        return gamma * (x @ W + b - mean) / np.sqrt(var + eps) + beta

    at_0 = predict(np.zeros(len(W)))
    return predict(np.eye(len(W))) - at_0, at_0.astype(np.float32)


def x_hat(x, eps):
    return (x - x.mean(axis=0)) / np.sqrt(np.mean(x**2, axis=0) - x.mean(axis=0) ** 2 + eps)


def unbiased(x):
    return ((x - x.mean(axis=0)) ** 2).sum(axis=0) / (len(x) - 1)


@wrong("running averages", "running statistics used in training")
def _(x, mean, var, rho, eps, training):
    y = (x - mean) / np.sqrt(var + eps)
    if training:
        mean = rho * mean + (1 - rho) * x.mean(axis=0)
        var = rho * var + (1 - rho) * unbiased(x)
    return y, mean, var


@wrong("running averages", "statistics of the batch in prediction")
def _(x, mean, var, rho, eps, training):
    y = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    if training:
        mean = rho * mean + (1 - rho) * x.mean(axis=0)
        var = rho * var + (1 - rho) * unbiased(x)
    return y, mean, var


def in_two_modes(train):
    """A learner's function whose prediction is right; `train` is what it does in training."""

    def answer(x, mean, var, rho, eps, training):
        if training:
            return train(x, mean, var, rho, eps)
        return (x - mean) / np.sqrt(var + eps), mean, var

    return answer


@wrong("running averages", "ρ and 1 − ρ swapped")
@in_two_modes
def _(x, mean, var, rho, eps):
    y = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return y, (1 - rho) * mean + rho * x.mean(axis=0), (1 - rho) * var + rho * unbiased(x)


@wrong("running averages", "averages changed in prediction")
def _(x, mean, var, rho, eps, training):
    mu, s2 = (x.mean(axis=0), x.var(axis=0)) if training else (mean, var)
    new_mean = rho * mean + (1 - rho) * x.mean(axis=0)
    new_var = rho * var + (1 - rho) * x.var(axis=0) * len(x) / max(1, len(x) - 1)
    return (x - mu) / np.sqrt(s2 + eps), new_mean, new_var


@wrong("running averages", "running averages never change")
@in_two_modes
def _(x, mean, var, rho, eps):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps), mean, var


@wrong("running averages", "running variance without n/(n − 1)")
@in_two_modes
def _(x, mean, var, rho, eps):
    y = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return y, rho * mean + (1 - rho) * x.mean(axis=0), rho * var + (1 - rho) * x.var(axis=0)


@wrong("running averages", "average of the standard deviations")
@in_two_modes
def _(x, mean, var, rho, eps):
    y = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return y, rho * mean + (1 - rho) * x.mean(axis=0), rho * var + (1 - rho) * x.std(axis=0)


@wrong("running averages", "batch normalized by the new averages")
@in_two_modes
def _(x, mean, var, rho, eps):
    mean = rho * mean + (1 - rho) * x.mean(axis=0)
    var = rho * var + (1 - rho) * unbiased(x)
    return (x - mean) / np.sqrt(var + eps), mean, var


@wrong("running averages", "variance for standard deviation")
def _(x, mean, var, rho, eps, training):
    if training:
        y = (x - x.mean(axis=0)) / (x.var(axis=0) + eps)
        return y, rho * mean + (1 - rho) * x.mean(axis=0), rho * var + (1 - rho) * unbiased(x)
    return (x - mean) / (var + eps), mean, var


@right("running averages")
@in_two_modes
def _(x, mean, var, rho, eps):
    mu, s2 = x.mean(axis=0), x.var(axis=0)
    mean = mean + (1 - rho) * (mu - mean)
    var = var + (1 - rho) * (len(x) / (len(x) - 1) * s2 - var)
    return [(x - mu) / np.sqrt(s2 + eps), mean, var]


def principal(x):
    centered = x - x.mean(axis=0)
    return np.linalg.eigh(centered.T @ centered / len(x))


@wrong("whitening", "divided by the variances")
def _(x):
    variances, U = principal(x)
    return U @ np.diag(1 / variances)


@wrong("whitening", "only turned")
def _(x):
    return np.linalg.svd(x - x.mean(axis=0))[2].T[:, ::-1]


@wrong("whitening", "multiplied by the standard deviations")
def _(x):
    variances, U = principal(x)
    return U @ np.diag(variances**0.5)


@wrong("whitening", "rows divided instead of columns")
def _(x):
    variances, U = principal(x)
    return np.array([row / math.sqrt(v) for row, v in zip(U, variances, strict=True)])


@wrong("whitening", "features scaled, correlations kept")
def _(x):
    return np.eye(x.shape[1]) / x.std(axis=0)


@wrong("whitening", "mean left in")
def _(x):
    variances, U = np.linalg.eigh(x.T @ x / len(x))
    return U / np.sqrt(variances)


@wrong("whitening", "covariance divided by n − 1")
def _(x):
    variances, U = np.linalg.eigh(np.cov(x.T))
    return U / np.sqrt(variances)


@right("whitening")
def by_singular_values(x):
    _, s, Vt = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    return Vt.T / s * math.sqrt(len(x))


@right("whitening")
def turned_back(x):
    variances, U = principal(x)
    return U / np.sqrt(variances) @ U.T


@right("whitening")
def by_cholesky(x):
    return np.linalg.inv(np.linalg.cholesky(np.cov(x.T, bias=True))).T


def central(f, x, h=1e-5):
    """Slopes of f at x."""
    slopes = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        slopes[i] = (f(up) - f(down)) / (2 * h)
    return slopes


def my_check(backward, samples=4, dy=None, limit=1e-6, gamma=None):
    rng = np.random.default_rng(7)
    x, gamma = rng.normal(size=(samples, 3)), np.array([0.5, 1.0, 2.0]) if gamma is None else gamma
    dy = rng.normal(size=x.shape) if dy is None else dy * np.ones_like(x)
    measured = central(lambda x: np.sum(dy * gamma * x_hat(x, 1e-4)), x)
    return np.abs(backward(dy, x, gamma, 1e-4) - measured).max() < limit


wrong("gradient check bug hunt", "batch of one")(lambda backward: my_check(backward, samples=1))
wrong("gradient check bug hunt", "equal weights for all outputs")(lambda backward: my_check(backward, dy=1.0))
wrong("gradient check bug hunt", "too much tolerance")(lambda backward: my_check(backward, limit=0.1))
wrong("gradient check bug hunt", "everything passes")(lambda backward: not False)
wrong("gradient check bug hunt", "nothing passes")(lambda backward: my_check(backward, limit=1e-20))
right("gradient check bug hunt")(my_check)
right("gradient check bug hunt")(lambda backward: my_check(backward, samples=2, limit=1e-7))
right("gradient check bug hunt")(lambda backward: bool(my_check(backward, samples=50)))
wrong("gradient check bug hunt", "γ is 1 everywhere")(lambda backward: my_check(backward, gamma=np.ones(3)))


@wrong("running averages", "factor of the variance turned around")
def _(x, mean, var, rho, eps, training):
    if not training:
        return (x - mean) / np.sqrt(var + eps), mean, var
    m, v, n = x.mean(axis=0), x.var(axis=0), len(x)
    return (x - m) / np.sqrt(v + eps), rho * mean + (1 - rho) * m, rho * var + (1 - rho) * v * (n - 1) / n


@wrong("running averages", "one mean for all features")
def _(x, mean, var, rho, eps, training):
    if not training:
        return (x - mean) / np.sqrt(var + eps), mean, var
    m, v, n = np.mean(x), np.var(x), len(x)
    return (x - m) / np.sqrt(v + eps), rho * mean + (1 - rho) * m, rho * var + (1 - rho) * v * n / (n - 1)


@wrong("whitening", "inverse of the covariance")
def _(x):
    centered = x - x.mean(axis=0)
    return np.linalg.inv(centered.T @ centered / len(x))
