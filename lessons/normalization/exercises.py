"""Exercises: a batch normalization that is folded away, running averages, whitening, a check that misses mistakes."""

import numpy as np

from workbench.networks.gradient_check import numeric_gradient
from workbench.networks.normalization import BatchNorm, pca_whitening, second_moments
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal, as_array
from workbench.tutoring.questions import Question


def layer(gamma, beta, eps, rho=0.9):
    found = BatchNorm(len(gamma), rho, eps, np.float64)
    found.params["gamma"][...], found.params["beta"][...] = gamma, beta
    return found


_rng = np.random.default_rng(11)
X = _rng.normal(3, 2, size=(4, 4)).round(2) * [1, 2, 3, 4]
GAMMA, BETA = np.array([1.5, 0.5, 2.0, 1.2]), np.array([1.0, -1.0, 0.5, 2.0])


W1, B1 = _rng.normal(size=(3, 4)).round(2), _rng.normal(size=4).round(2)
MEAN4, VAR4 = np.array([1.0, -2.0, 4.0, 0.5]), np.array([4.0, 1.0, 9.0, 2.0])


def my_fold(W, b, gamma, beta, mean, var, eps):
    scale = gamma / np.sqrt(var + eps)
    return W * scale, (b - mean) * scale + beta


def folded(scale=lambda gamma, var, eps: gamma / np.sqrt(var + eps), weights=lambda W, s: W * s, bias=None):
    """A fold with one thing wrong: the scale of a unit, what becomes of W, and of b."""
    bias = bias or (lambda b, mean, s, beta: (b - mean) * s + beta)

    def answer(W, b, gamma, beta, mean, var, eps):
        s = scale(gamma, var, eps)
        return weights(W, s), bias(b, mean, s, beta)

    return answer


def folded_facts(result, W, b, *_):
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Refusal("The answer is two arrays, the new W and the new b.")
    return dict(zip(("the new W", "the new b"), map(as_array, result), strict=True))


FOLD = FunctionExercise(
    name="folded batch normalization",
    task="return the W and b of one affine layer that predicts what x W + b and batch normalization behind it do",
    reference=my_fold,
    solution=my_fold,
    facts=folded_facts,
    problems=(
        # The scales are 4/√(1 + 3) and 6/√(6 + 3), both 2; b is 2 (2 − 5) + 1 and 2 (1 − 2) − 1.
        Problem(
            "one input and two units by hand (ε = 3, so that both scales are 2)",
            (
                np.array([[1.0, -3.0]]),
                np.array([2.0, 1.0]),
                np.array([4.0, 6.0]),
                np.array([1.0, -1.0]),
                np.array([5.0, 2.0]),
                np.array([1.0, 6.0]),
                3.0,
            ),
            by_hand=[2.0, -6.0, -5.0, -3.0],
        ),
        Problem("3 inputs and 4 units", (W1, B1, GAMMA, BETA, MEAN4, VAR4, 1e-5)),
        Problem("3 inputs and 3 units, a large ε", (W1[:, :3], B1[:3], GAMMA[:3], BETA[:3], MEAN4[:3], VAR4[:3], 0.5)),
    ),
    mistakes=(
        Mistake(
            "variance for standard deviation",
            "Batch normalization divides by the root of σ² + ε.",
            folded(scale=lambda gamma, var, eps: gamma / (var + eps)),
        ),
        Mistake("ε left out", "s is √(σ² + ε).", folded(scale=lambda gamma, var, eps: gamma / np.sqrt(var))),
        Mistake(
            "ε outside of the root",
            "s is √(σ² + ε), not √σ² + ε.",
            folded(scale=lambda gamma, var, eps: gamma / (np.sqrt(var) + eps)),
        ),
        Mistake(
            "γ left out",
            "γ stretches what was normalized: it belongs to the scale.",
            folded(scale=lambda gamma, var, eps: 1 / np.sqrt(var + eps)),
        ),
        Mistake(
            "scale turned around",
            "The layer divides by s and multiplies by γ.",
            folded(scale=lambda gamma, var, eps: np.sqrt(var + eps) / gamma),
        ),
        Mistake("β left out", "β is added at the end.", folded(bias=lambda b, mean, s, beta: (b - mean) * s)),
        Mistake(
            "β scaled, too",
            "β comes after the scale: it is added as it is.",
            folded(bias=lambda b, mean, s, beta: (b - mean + beta) * s),
        ),
        Mistake(
            "mean left out",
            "The running mean is taken off x W + b before the scale.",
            folded(bias=lambda b, mean, s, beta: b * s + beta),
        ),
        Mistake(
            "mean not scaled",
            "The running mean is taken off before the scale, so that it is scaled, too.",
            folded(bias=lambda b, mean, s, beta: b * s - mean + beta),
        ),
        Mistake(
            "bias not scaled",
            "b stands before the normalization as x W does: it is scaled, too.",
            folded(bias=lambda b, mean, s, beta: b - mean * s + beta),
        ),
        Mistake(
            "mean added", "The running mean is taken off.", folded(bias=lambda b, mean, s, beta: (b + mean) * s + beta)
        ),
        Mistake("W as it was", "The scale of a unit multiplies all of its weights.", folded(weights=lambda W, s: W)),
    ),
    hints=(
        "Write the prediction out, γ (x W + b − μ)/s + β. What of it multiplies x, and what is left?",
        "Each unit has a number of its own, γ/s, that multiplies its column of W and its b − μ; β is added after that.",
        "scale = gamma / np.sqrt(var + eps)\nreturn W * scale, (b - mean) * scale + beta",
    ),
)


def run_layer(x, mean, var, rho, eps, training):
    found = layer(np.ones(len(mean)), np.zeros(len(mean)), eps, rho)
    found.mean[...], found.var[...] = mean, var
    return found.forward(x, training), found.mean, found.var


def running(
    share=lambda rho: rho,
    by_batch=lambda training: training,
    averaged=lambda training: training,
    batch_var=lambda x: x.var(axis=0, ddof=1),
    std=lambda var, eps: np.sqrt(var + eps),
):
    """A layer with one thing wrong: what is kept, what it normalizes by, when it averages, and which variance."""

    def answer(x, mean, var, rho, eps, training):
        used = (x.mean(axis=0), x.var(axis=0)) if by_batch(training) else (mean, var)
        kept = share(rho)
        y = (x - used[0]) / std(used[1], eps)
        if averaged(training):
            mean = kept * mean + (1 - kept) * x.mean(axis=0)
            var = kept * var + (1 - kept) * batch_var(x)
        return y, mean, var

    return answer


def averaged_first(x, mean, var, rho, eps, training):
    _, mean, var = run_layer(x, mean, var, rho, eps, training)
    return (x - mean) / np.sqrt(var + eps), mean, var


def one_mean(x, mean, var, rho, eps, training):
    if not training:
        return run_layer(x, mean, var, rho, eps, training)
    y = (x - x.mean()) / np.sqrt(x.var() + eps)
    return y, rho * mean + (1 - rho) * x.mean(), rho * var + (1 - rho) * x.var() * len(x) / (len(x) - 1)


def averaged_roots(x, mean, var, rho, eps, training):
    y, new_mean, _ = run_layer(x, mean, var, rho, eps, training)
    new = (rho * np.sqrt(var) + (1 - rho) * x.std(axis=0, ddof=1)) ** 2 if training else var
    return y, new_mean, new


def running_facts(result, x, *_):
    if not isinstance(result, tuple | list) or len(result) != 3:
        raise Refusal("The answer is three arrays: `return y, mean, var`.")
    return dict(zip(("y", "the running mean", "the running variance"), map(as_array, result), strict=True))


MEAN, VAR = np.array([1.0, -2.0, 4.0, 0.0]), np.array([4.0, 1.0, 9.0, 2.0])


def my_normalize(x, mean, var, rho, eps, training):
    if training:
        y = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
        mean = rho * mean + (1 - rho) * x.mean(axis=0)
        var = rho * var + (1 - rho) * x.var(axis=0, ddof=1)  # ddof=1: divided by n − 1
    else:
        y = (x - mean) / np.sqrt(var + eps)
    return y, mean, var


RUNNING = FunctionExercise(
    name="running averages",
    task="return (x − μ)/s and the new running mean and variance, in training and in prediction; γ is 1 and β is 0",
    solution=my_normalize,
    reference=run_layer,
    facts=running_facts,
    problems=(
        # x̂ = ∓1/2 with s = √(1 + 3); mean 0.5 · 0 + 0.5 · 2; variance 0.5 · 1 + 0.5 · 1 · 2/1.
        Problem(
            "training by hand (samples 1 and 3; μ_run = 0, σ²_run = 1, ρ = 0.5, ε = 3)",
            (np.array([[1.0], [3.0]]), np.array([0.0]), np.array([1.0]), 0.5, 3.0, True),
            by_hand=[-0.5, 0.5, 1.0, 1.5],
        ),
        Problem("training with 4 samples of 4 features", (X, MEAN, VAR, 0.8, 1e-5, True)),
        Problem("prediction for 4 samples", (X, MEAN, VAR, 0.8, 0.5, False)),
        Problem("prediction for one sample", (X[:1], MEAN, VAR, 0.8, 0.5, False)),
    ),
    mistakes=(
        Mistake(
            "running statistics used in training",
            "In training the batch is normalized by its own mean and variance; the running ones wait for predictions.",
            running(by_batch=lambda training: False),
        ),
        Mistake(
            "statistics of the batch in prediction",
            "A prediction must not depend on the other samples: without training, use the running mean and variance.",
            running(by_batch=lambda training: True),
        ),
        Mistake(
            "ρ and 1 − ρ swapped",
            "ρ is the share that is kept of the old average; the batch gets 1 − ρ, which PyTorch calls momentum.",
            running(share=lambda rho: 1 - rho),
        ),
        Mistake(
            "averages changed in prediction",
            "Predictions leave the running averages as they are.",
            running(averaged=lambda training: True, batch_var=lambda x: x.var(axis=0) * len(x) / max(len(x) - 1, 1)),
            # of one sample the variance with n/(n − 1) is 0 · 1/0
            (running(averaged=lambda training: True),),
        ),
        Mistake(
            "running averages never change",
            "In training they take in each batch: ρ times the old one, 1 − ρ times that of the batch.",
            running(averaged=lambda training: False),
        ),
        Mistake(
            "running variance without n/(n − 1)",
            "Keras and Flax do it that way; PyTorch and the formula of this lesson take the variance of the batch "
            "times n/(n − 1).",
            running(batch_var=lambda x: x.var(axis=0)),
        ),
        Mistake(
            "factor of the variance turned around",
            "The variance of a batch is too small on average: n/(n − 1), which is above 1, makes up for it.",
            running(batch_var=lambda x: x.var(axis=0) * (len(x) - 1) / len(x)),
        ),
        Mistake(
            "one mean for all features",
            "Each feature, a column of x, has a mean and a variance of its own: axis=0.",
            one_mean,
        ),
        Mistake(
            "average of the standard deviations",
            "Average the variances; the root comes when x is divided by it.",
            running(batch_var=lambda x: x.std(axis=0)),
            (averaged_roots,),
        ),
        Mistake(
            "batch normalized by the new averages",
            "In training the batch is normalized by its own mean and variance, not by averages that hold a part of it.",
            averaged_first,
        ),
        Mistake(
            "variance for standard deviation",
            "Divide by the root of σ² + ε.",
            running(std=lambda var, eps: var + eps),
        ),
    ),
    hints=(
        "Which mean does a training step use, and which one a prediction? Which of the two changes the averages?",
        "Begin with `if training:`. There y comes from the mean and the variance of x, and the running mean"
        " and variance take in those of x, the variance divided by n − 1 (`ddof=1`). Otherwise y comes from"
        " the running ones, which stay.",
        "y = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)\n"
        "mean = rho * mean + (1 - rho) * x.mean(axis=0)\n"
        "var = rho * var + (1 - rho) * x.var(axis=0, ddof=1)  # ddof=1: divided by n − 1",
    ),
)


def axes(x, ddof=0, center=True):
    """Variances along the principal axes, and the axes as columns."""
    return np.linalg.eigh(np.cov(x.T, ddof=ddof) if center else second_moments(x))


def whitening_facts(W, x):
    W = as_array(W)
    if W.shape != (x.shape[1],) * 2:
        raise Refusal(
            f"The result is a matrix W of shape {(x.shape[1],) * 2}, a row and a column for each feature; yours has "
            f"shape {W.shape}. The whitened samples would be (x − μ) W."
        )
    found = second_moments((x - x.mean(axis=0)) @ W)
    return {"the second moments of (x − μ) W": found.round(12) + 0.0}  # 1e-16 is 0


CLOUD = np.array([[3.0, 0.0], [-1.0, 2.0], [1.0, 4.0], [5.0, 6.0], [2.0, 8.0]])
FEATURES = _rng.normal(size=(30, 4)) @ _rng.normal(size=(4, 4)) + [2.0, -1.0, 0.0, 3.0]


def my_whitening(x):
    variances, U = np.linalg.eigh(np.cov(x.T, bias=True))
    return U / np.sqrt(variances)


WHITENING = FunctionExercise(
    name="whitening",
    task="return the matrix W for which (x − μ) W has the identity as its second moments",
    solution=my_whitening,
    reference=lambda x: pca_whitening(x)[1],
    facts=whitening_facts,
    problems=(
        # Centered: (±2, 0) and (0, ±1). The variances are 2 and 1/2, and the axes are those of x.
        Problem(
            "four samples by hand (variances 2 and 1/2, no correlation)",
            (np.array([[3.0, 5.0], [-1.0, 5.0], [1.0, 6.0], [1.0, 4.0]]),),
            by_hand=[[1.0, 0.0], [0.0, 1.0]],
        ),
        Problem("5 samples of 2 correlated features", (CLOUD,)),
        Problem("30 samples of 4 features", (FEATURES,)),
    ),
    mistakes=(
        Mistake(
            "divided by the variances",
            "A column divided by its variance has the variance 1/λ: divide by the root.",
            lambda x: axes(x)[1] / axes(x)[0],
        ),
        Mistake("only turned", "U removes the correlations; the widths are still there: divide.", lambda x: axes(x)[1]),
        Mistake(
            "multiplied by the standard deviations",
            "Wide directions become wider still: divide by the root of the variance.",
            lambda x: axes(x)[1] * np.sqrt(axes(x)[0]),
        ),
        Mistake(
            "inverse of the covariance",
            "It divides every direction by its variance: whitening is a root of that inverse.",
            lambda x: np.linalg.inv(np.cov(x.T, bias=True)),
        ),
        Mistake(
            "rows divided instead of columns",
            "The axes are the columns of U: `U / np.sqrt(variances)`, without `[:, None]`, divides these.",
            lambda x: axes(x)[1] / np.sqrt(axes(x)[0])[:, None],
        ),
        Mistake(
            "features scaled, correlations kept",
            "Features of equal width are as correlated as before: turn to the principal axes first.",
            lambda x: np.diag(1 / x.std(axis=0)),
        ),
        Mistake(
            "mean left in",
            "Take the covariance, of the centered samples; the second moments of raw x hold the mean, too.",
            lambda x: axes(x, center=False)[1] / np.sqrt(axes(x, center=False)[0]),
        ),
        Mistake(
            "covariance divided by n − 1",
            "np.cov divides by n − 1, which is in use, too; the second moments here are means over n: `bias=True`.",
            lambda x: axes(x, ddof=1)[1] / np.sqrt(axes(x, ddof=1)[0]),
        ),
    ),
    hints=(
        "In which directions is x uncorrelated, and how wide is it along them?",
        "`variances, U = np.linalg.eigh(np.cov(x.T, bias=True))`; the axes are the columns of U.",
        "variances, U = np.linalg.eigh(np.cov(x.T, bias=True))\nreturn U / np.sqrt(variances)",
    ),
)


# The bug hunt: a check is handed ways back, and must tell right from wrong ones.


def backward(dy, x, gamma, eps):
    found = layer(gamma, np.zeros(len(gamma)), eps)
    found.forward(x, training=True)
    return found.backward(dy)


def parts(dy, x, gamma, eps):
    """γ g, x̂ and s."""
    s = np.sqrt(x.var(axis=0) + eps)
    return gamma * dy, (x - x.mean(axis=0)) / s, s


def by_hand(dy, x, gamma, eps):
    """Right, written as in the lesson; it takes a batch of one, too, which the layer refuses."""
    g, x_hat, s = parts(dy, x, gamma, eps)
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s


def mean_constant(dy, x, gamma, eps):
    g, x_hat, s = parts(dy, x, gamma, eps)
    return (g - x_hat * (g * x_hat).mean(axis=0)) / s


def variance_constant(dy, x, gamma, eps):
    g, _, s = parts(dy, x, gamma, eps)
    return (g - g.mean(axis=0)) / s


def sums_for_means(dy, x, gamma, eps):
    g, x_hat, s = parts(dy, x, gamma, eps)
    return (g - g.sum(axis=0) - x_hat * (g * x_hat).sum(axis=0)) / s


def one_percent_off(dy, x, gamma, eps):
    return 1.01 * by_hand(dy, x, gamma, eps)


def gamma_forgotten(dy, x, gamma, eps):
    return by_hand(dy, x, np.ones(len(gamma)), eps)


def gradient_check(samples=5, weights=np.random.Generator.normal, close=np.allclose, gamma_of=lambda gamma: gamma):
    """A check of a way back on a batch of that many samples, of the loss Σ weights · y."""

    def check(backward):
        rng = np.random.default_rng(0)
        x, gamma = rng.normal(size=(samples, 4)), gamma_of(rng.uniform(0.5, 2, 4))
        dy = weights(rng, size=x.shape)

        def loss():
            mean, s = x.mean(axis=0), np.sqrt(x.var(axis=0) + 1e-5)
            return (dy * gamma * (x - mean) / s).sum()

        return bool(close(backward(dy, x, gamma, 1e-5), numeric_gradient(loss, x)))

    return check


def verdict_facts(result, backward):
    if not isinstance(result, bool | np.bool_):
        raise Refusal(f"The check returns True or False; yours returned {result!r}.")
    return {"the verdict": "a pass" if result else "a refusal"}


def fixed_check(backward):
    rng = np.random.default_rng(0)
    x, gamma, eps = rng.normal(size=(5, 4)), rng.uniform(0.5, 2, 4), 1e-5
    dy = rng.normal(size=x.shape)

    def loss():
        return (dy * gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)).sum()

    return np.allclose(backward(dy, x, gamma, eps), numeric_gradient(loss, x))


CHECK = FunctionExercise(
    name="gradient check bug hunt",
    task="repair a gradient check, so that it tells right ways back of batch normalization from wrong ones",
    solution=fixed_check,
    reference=gradient_check(),
    facts=verdict_facts,
    problems=(
        Problem("the right formula, by hand", (by_hand,), by_hand="a pass"),
        Problem("a way back in which the variance is a constant", (variance_constant,)),
        Problem("a way back in which the mean is a constant", (mean_constant,)),
        Problem("a way back with sums for means", (sums_for_means,)),
        Problem("a way back that is 1 % too long", (one_percent_off,)),
        Problem("a way back without γ", (gamma_forgotten,)),
    ),
    mistakes=(
        Mistake(
            "batch of one",
            "A single sample is its own mean, so x̂ and its gradient are 0, and many wrong formulas give 0 there, too. "
            "Draw several samples.",
            gradient_check(samples=1),
        ),
        Mistake(
            "equal weights for all outputs",
            "With dy = 1 the loss is the sum of x̂, which is 0 for every x: it has no slope to compare. Draw dy.",
            gradient_check(weights=lambda rng, size: np.ones(size)),
        ),
        Mistake(
            "too much tolerance",
            "A right gradient agrees with central differences to about 1e-8; np.allclose with its defaults is enough.",
            gradient_check(close=lambda a, b: np.allclose(a, b, rtol=0.1, atol=0.1)),
            tuple(
                gradient_check(close=lambda a, b, off=off: np.allclose(a, b, rtol=0, atol=off))
                for off in (0.01, 0.3, 0.5, 1.0, 2.0)
            ),
        ),
        Mistake(
            "γ is 1 everywhere",
            "With γ = 1 a way back that forgets γ looks right: draw γ, too.",
            gradient_check(gamma_of=np.ones_like),
        ),
        Mistake("everything passes", "It returns True for wrong formulas, too: compare.", lambda backward: True),
        Mistake(
            "nothing passes",
            "It refuses the right formula: are both gradients taken at the same x, dy and γ?",
            lambda backward: False,
        ),
    ),
    hints=(
        "Print both gradients that the check compares.",
        "What are mean, variance and x̂ of the batch that the check draws, and which formulas give 0 there, too?",
        "x, gamma, eps = rng.normal(size=(5, 4)), rng.uniform(0.5, 2, 4), 1e-5",
    ),
)

EXERCISES = FOLD, RUNNING, WHITENING, CHECK


QUESTIONS = (
    Question(
        name="a mean of 4",
        question=(
            "A linear fit, without a bias, of two features without correlation, of standard deviation 1; one has the "
            "mean 4, the other 0. What is κ of its bowl?"
        ),
        answer=17,
        why="The mean adds its square to one of the curvatures: 1 + 4² against 1.",
    ),
    Question(
        name="whitened inputs",
        question="How many updates does gradient descent need, at its best η, on a bowl whose inputs are whitened?",
        answer=1,
        why="Every direction has the curvature 1, and η = 1 arrives at once.",
    ),
    Question(
        name="ahead at how many scales",
        question=(
            "Two networks, one with batch normalization and one without, are trained from each of 16 scales of first "
            "weights, σ from 1 down to 0.0001, all with η = 0.01. At how many of them does the network with it get "
            "more training digits right after 20 epochs?"
        ),
        options=("3", "8", "13", "all 16"),
        answer="13",
        why="At 13 it is ahead with every seed. At two the other one is, and at the smallest σ neither of them learns.",
    ),
    Question(
        name="a batch of two",
        question="What does batch normalization make of a batch of two samples?",
        options=("it keeps their distance", "1 and −1 in each feature", "0 in each feature"),
        answer="1 and −1 in each feature",
        why="One lies above their mean, the other below, equally far; only the order is left.",
    ),
)
