"""Answers to the exercises of lessons 09 to 13, as a learner would write them: see test_exercises.py."""

import math

import numpy as np
from exercise_cases import right, wrong

# Lesson 09


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


@right("first weights")
def uniform(fan_in, fan_out, rng):
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


@right("first weights")
def in_float32(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out), np.float32) * np.float32(np.sqrt(2 / fan_in))


@right("first weights")
def of_another_seed(fan_in, fan_out, rng):
    return np.random.default_rng(1234).normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)).tolist()


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


# Lesson 10


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


# Lesson 11


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


# Lesson 12


def with_penalty(slope, penalized=lambda key: "W" in key):
    def answer(grads, params, lam):
        result = {}
        for key in grads:
            result[key] = grads[key].copy()
            if penalized(key):
                result[key] += slope(params[key], lam)
        return result

    return answer


wrong("weight decay", "biases decayed, too")(with_penalty(lambda W, lam: lam * W, lambda key: True))
wrong("weight decay", "½ of the penalty kept")(with_penalty(lambda W, lam: 0.5 * lam * W))
wrong("weight decay", "½ of the penalty forgotten")(with_penalty(lambda W, lam: 2 * lam * W))
wrong("weight decay", "weights pushed away from 0")(with_penalty(lambda W, lam: -lam * W))
wrong("weight decay", "penalty instead of its gradient")(with_penalty(lambda W, lam: lam * W * W / 2))
wrong("weight decay", "sign instead of the weight")(with_penalty(lambda W, lam: lam * (1.0 * (W > 0) - (W < 0))))
wrong("weight decay", "only the first layer")(with_penalty(lambda W, lam: lam * W, lambda key: key in ("W1", "b0")))


@wrong("weight decay", "gradient decayed instead of the weight")
def _(grads, params, lam):
    return {key: (1 + lam) * g if key.startswith("W") else g for key, g in grads.items()}


right("weight decay")(with_penalty(lambda W, lam: lam * W))


@right("weight decay")
def in_single_precision(grads, params, lam):
    decayed = {key: g.astype(np.float32) for key, g in grads.items()}
    for key in decayed:
        if params[key].ndim == 2:
            decayed[key] = decayed[key] + np.float32(lam) * params[key]
    return decayed


@wrong("early stopping", "last weights kept")
def _(network, update, loss, updates, patience):
    lowest, waited, best = np.inf, 0, None
    for done in range(1, updates + 1):
        update(network)
        value = loss(network)
        if value < lowest:
            lowest, waited, best = value, 0, dict(network.params)
        else:
            waited += 1
            if waited == patience:
                return best, done
    return best, updates


def stop_by_history(stop, choose=np.argmin):
    """A learner's loop that keeps all losses: `stop(losses, patience)` after each, `choose(losses)` at the end."""

    def answer(network, update, loss, updates, patience):
        losses, weights = [], []
        while len(losses) < updates:
            update(network)
            losses.append(loss(network))
            weights.append({"w": np.copy(network.params["w"])})
            if stop(losses, patience):
                break
        return weights[choose(losses)], len(losses)

    return answer


def since_best(losses):
    return len(losses) - 1 - int(np.argmin(losses))


wrong("early stopping", "stop at the first rise")(stop_by_history(lambda losses, patience: since_best(losses) >= 1))
wrong("early stopping", "one measurement too patient")(
    stop_by_history(lambda losses, patience: since_best(losses) > patience)
)
wrong("early stopping", "one measurement too hasty")(
    stop_by_history(
        lambda losses, patience: since_best(losses) >= patience - 1 and (patience > 1 or since_best(losses))
    )
)
wrong("early stopping", "never stopped")(stop_by_history(lambda losses, patience: False))


@wrong("early stopping", "patience never renewed")
def _(network, update, loss, updates, patience):
    best, lowest, waited = None, 1e9, 0
    for done in range(1, updates + 1):
        update(network)
        if loss(network) < lowest:
            lowest = loss(network)
            best = {key: p.copy() for key, p in network.params.items()}
        else:
            waited += 1
        if waited >= patience:
            return best, done
    return best, updates


@wrong("early stopping", "compared with the measurement before")
def _(network, update, loss, updates, patience):
    best, before, waited = None, np.inf, 0
    for done in range(1, updates + 1):
        update(network)
        value = loss(network)
        if value < before:
            waited = 0
            best = {key: p.copy() for key, p in network.params.items()}
        else:
            waited += 1
        before = value
        if waited >= patience:
            return best, done
    return best, updates


@wrong("early stopping", "equal counted as better")
def _(network, update, loss, updates, patience):
    best, lowest, waited = None, np.inf, 0
    for done in range(1, updates + 1):
        update(network)
        if loss(network) <= lowest:
            best, lowest, waited = {"w": network.params["w"].copy()}, loss(network), 0
        else:
            waited += 1
        if waited >= patience:
            return best, done
    return best, updates


@wrong("early stopping", "highest loss kept")
def _(network, update, loss, updates, patience):
    best, highest, waited = None, -np.inf, 0
    for done in range(1, updates + 1):
        update(network)
        if loss(network) > highest:
            best, highest, waited = {"w": network.params["w"].copy()}, loss(network), 0
        else:
            waited += 1
        if waited >= patience:
            return best, done
    return best, updates


right("early stopping")(stop_by_history(lambda losses, patience: since_best(losses) >= patience))


@right("early stopping")
def with_the_number_of_the_best(network, update, loss, updates, patience):
    done = best_at = 0
    lowest, best = float("inf"), {}
    while done < updates and done - best_at < patience:
        update(network)
        done += 1
        value = loss(network)
        if value < lowest:
            lowest, best_at = value, done
            for key in network.params:
                best[key] = np.array(network.params[key], np.float32)
    return [best, done]


def units_left_out(mask, training_factor, prediction=lambda x, p: x):
    def answer(x, p, training, rng):
        if training:
            return x * mask(x, p, rng) * training_factor(p)
        return prediction(x, p)

    return answer


def keep(x, p, rng):
    return 1.0 * (rng.uniform(size=x.shape) > p)


def keep_p(x, p, rng):
    return rng.random(x.shape) < p


wrong("dropout", "kept units not scaled")(units_left_out(keep, lambda p: 1))
wrong("dropout", "scaled in prediction instead of in training")(
    units_left_out(keep, lambda p: 1, lambda x, p: x - p * x)
)
wrong("dropout", "scaled in training and in prediction")(
    units_left_out(keep, lambda p: 1 / (1 - p), lambda x, p: x * (1 - p))
)
wrong("dropout", "p taken for the share that is kept")(units_left_out(keep_p, lambda p: 1 / (1 - p)))
wrong("dropout", "p taken for the share that is kept, and for the factor")(units_left_out(keep_p, lambda p: 1 / p))
wrong("dropout", "divided by p")(units_left_out(keep, lambda p: 1 / p))
wrong("dropout", "multiplied by 1 − p in training")(units_left_out(keep, lambda p: 1 - p))
wrong("dropout", "the same units in every sample")(
    units_left_out(lambda x, p, rng: rng.random(x.shape[1]) >= p, lambda p: 1 / (1 - p))
)
wrong("dropout", "nothing dropped")(lambda x, p, training, rng: x)


@wrong("dropout", "dropped in prediction, too")
def _(x, p, training, rng):
    y = x.copy()
    y[rng.random(x.shape) < p] = 0
    return y / (1 - p)


right("dropout")(units_left_out(keep, lambda p: 1 / (1 - p)))


@right("dropout")
def by_choice(x, p, training, rng):
    if not training:
        return x.astype(np.float32)
    return np.where(rng.choice([True, False], p=[p, 1 - p], size=x.shape), 0, x / np.float32(1 - p))


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


# Lesson 13


def convolved(product, size=lambda n, m: n - m + 1, stride=1):
    """Two loops over the places; `product` is what is done with the pixels under the kernel."""

    def answer(x, W, b):
        m = len(W)
        y = np.zeros([len(range(0, size(n, m), stride)) for n in x.shape])
        for i, j in np.ndindex(y.shape):
            top, left = i * stride, j * stride
            y[i, j] = product(x[top : top + m, left : left + m], W, b)
        return y

    return answer


wrong("feature map", "kernel flipped")(convolved(lambda part, W, b: np.sum(part * np.flip(W)) + b))
wrong("feature map", "rows and columns of the kernel swapped")(convolved(lambda part, W, b: np.vdot(part.T, W) + b))
wrong("feature map", "bias left out")(convolved(lambda part, W, b: np.sum(part * W)))
wrong("feature map", "bias added for every weight")(convolved(lambda part, W, b: np.sum(part * W + b)))
wrong("feature map", "last row and column left out")(
    convolved(lambda part, W, b: np.sum(part * W) + b, size=lambda n, m: n - m)
)
wrong("feature map", "steps as long as the kernel")(
    lambda x, W, b: convolved(lambda part, W, b: np.sum(part * W) + b, stride=len(W))(x, W, b)
)
wrong("feature map", "matrix product for products")(convolved(lambda part, W, b: np.sum(part @ W) + b))
wrong("feature map", "mean for sum")(convolved(lambda part, W, b: np.mean(part * W) + b))


@wrong("feature map", "margin of zeros")
def _(x, W, b):
    h, w = x.shape
    m = len(W)
    padded = np.zeros((h + m - 1, w + m - 1))
    padded[m // 2 : m // 2 + h, m // 2 : m // 2 + w] = x
    return [[np.sum(padded[i : i + m, j : j + m] * W) + b for j in range(w)] for i in range(h)]


right("feature map")(convolved(lambda part, W, b: np.vdot(part, W) + b))


@right("feature map")
def kernel_entry_by_entry(x, W, b):
    (h, w), (m, _) = x.shape, W.shape
    y = np.full((h - m + 1, w - m + 1), b, np.float32)
    for p, q in np.ndindex(m, m):
        y += np.float32(W[p, q]) * x[p : p + h - m + 1, q : q + w - m + 1]
    return y


def pooled(pick):
    def answer(x):
        h, w = x.shape
        return [[pick(x[i : i + 2, j : j + 2]) for j in range(0, w, 2)] for i in range(0, h, 2)]

    return answer


wrong("max pooling", "mean of the square")(pooled(np.mean))
wrong("max pooling", "one number of each square")(pooled(lambda s: s[0, 0]))
wrong("max pooling", "upper row of each square only")(pooled(lambda s: max(s[0])))
wrong("max pooling", "largest absolute value")(pooled(lambda s: max(s.ravel(), key=abs)))
wrong("max pooling", "numbers below 0 lost")(pooled(lambda s: max(0.0, *s.ravel())))


@wrong("max pooling", "squares that overlap")
def _(x):
    h, w = x.shape
    return [[x[i : i + 2, j : j + 2].max() for j in range(w - 1)] for i in range(h - 1)]


@wrong("max pooling", "pairs in a row only")
def _(x):
    return x.reshape(x.shape[0], -1, 2).max(axis=2)


@wrong("max pooling", "squares cut out wrongly")
def _(x):
    h, w = x.shape
    return x.reshape(-1, 4).max(axis=1).reshape(h // 2, w // 2)


right("max pooling")(pooled(np.max))
right("max pooling")(lambda x: np.maximum.reduce([x[i::2, j::2] for i in (0, 1) for j in (0, 1)]).astype(np.float32))


def gone_back(share):
    """share(square, d): what each of the four numbers of a square gets."""

    def answer(x, dy):
        dx = np.zeros(x.shape)
        for i, j in np.ndindex(dy.shape):
            dx[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = share(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2], dy[i, j])
        return dx

    return answer


wrong("way back of max pooling", "gradient to all four")(gone_back(lambda s, d: d))
wrong("way back of max pooling", "a quarter to each")(gone_back(lambda s, d: d / 4))
wrong("way back of max pooling", "always the same place")(gone_back(lambda s, d: [[d, 0], [0, 0]]))
wrong("way back of max pooling", "times the largest number")(gone_back(lambda s, d: s.max() * d * (s == s.max())))
wrong("way back of max pooling", "to the smallest number")(gone_back(lambda s, d: d * (s == s.min())))
wrong("way back of max pooling", "only where the map is positive")(gone_back(lambda s, d: d * (s == max(s.max(), 0.0))))
right("way back of max pooling")(gone_back(lambda s, d: d * (s >= s.max())))


@right("way back of max pooling")
def repeated(x, dy):
    largest = x.reshape(len(dy), 2, -1, 2).max(axis=(1, 3))
    return (x == np.kron(largest, np.ones((2, 2)))) * dy.repeat(2, axis=0).repeat(2, axis=1).astype(np.float32)


def color_counts(bias=1, first=3, second=20, inputs=50 * 6 * 6):
    counts = [20 * (first * 25 + bias), 50 * (second * 25 + bias), 500 * (inputs + bias), 10 * (500 + bias)]
    return np.array(counts)


wrong("lenet in color", "biases forgotten")(color_counts(bias=0))
wrong("lenet in color", "one channel in the first layer")(color_counts(first=1))
wrong("lenet in color", "one channel in the second layer")(color_counts(second=1))
wrong("lenet in color", "1250 as for 28 × 28")(color_counts(inputs=1250))
wrong("lenet in color", "same in both convolutions")(color_counts(inputs=50 * 8 * 8))
wrong("lenet in color", "second pooling forgotten")(color_counts(inputs=50 * 12 * 12))
right("lenet in color")(color_counts())
right("lenet in color")([1520.0, 25050.0, 900500.0, 5010.0])
