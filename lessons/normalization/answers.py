"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

from workbench.tutoring.answers import right, wrong


@wrong("batch normalization", "mean over the wrong axis")
def _(x, gamma, beta, eps):
    mu, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return gamma * (x - mu) / np.sqrt(var + eps) + beta


@wrong("batch normalization", "one mean for all features")
def _(x, gamma, beta, eps):
    return gamma * (x - np.mean(x)) / np.sqrt(np.var(x) + eps) + beta


@wrong("batch normalization", "variance for standard deviation")
def _(x, gamma, beta, eps):
    return gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + eps) + beta


@wrong("batch normalization", "ε outside of the root")
def _(x, gamma, beta, eps):
    return gamma * (x - x.mean(axis=0)) / (np.sqrt(x.var(axis=0)) + eps) + beta


@wrong("batch normalization", "ε left out")
def _(x, gamma, beta, eps):
    return gamma * (x - x.mean(axis=0)) / x.std(axis=0) + beta


@wrong("batch normalization", "variance without bias in training")
def _(x, gamma, beta, eps):
    centered = x - x.mean(axis=0)
    var = (centered**2).sum(axis=0) / (len(x) - 1)
    return gamma * centered / np.sqrt(var + eps) + beta


@wrong("batch normalization", "mean not taken off")
def _(x, gamma, beta, eps):
    return gamma * x / np.sqrt(x.var(axis=0) + eps) + beta


def x_hat(x, eps):
    return (x - x.mean(axis=0)) / np.sqrt(np.mean(x**2, axis=0) - x.mean(axis=0) ** 2 + eps)


wrong("batch normalization", "γ and β swapped")(lambda x, gamma, beta, eps: beta * x_hat(x, eps) + gamma)
wrong("batch normalization", "β stretched, too")(lambda x, gamma, beta, eps: gamma * (x_hat(x, eps) + beta))
wrong("batch normalization", "γ and β left out")(lambda x, gamma, beta, eps: x_hat(x, eps))
right("batch normalization")(lambda x, gamma, beta, eps: gamma * x_hat(x, eps) + beta)


@right("batch normalization")
def feature_by_feature(x, gamma, beta, eps):
    columns = []
    for column, g, b in zip(x.T.astype(np.float32), gamma, beta, strict=True):
        scale = g / math.sqrt(column.var() + eps)
        columns.append(scale * column + (b - scale * column.mean()))
    return np.array(columns).T


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


def my_check(backward, samples=4, dy=None, limit=1e-6):
    rng = np.random.default_rng(7)
    x, gamma = rng.normal(size=(samples, 3)), np.array([0.5, 1.0, 2.0])
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
