"""Inputs and what prepares them; a network on 1000 digits with and without batch normalization, trained and stored."""

import copy
from functools import lru_cache

import numpy as np

import helpers
from workbench.checks import (
    ABOVE_0,
    FINITE,
    NOT_NEGATIVE,
    Anything,
    Choice,
    Finite,
    Number,
    Seed,
    Whole,
    checked,
    fitting,
    refuse,
)
from workbench.data import mnist
from workbench.data.stored import load
from workbench.descent.landscapes import Landscape
from workbench.networks import training
from workbench.networks.activations import five_layers, measures
from workbench.networks.blas import one_thread
from workbench.networks.network import INIT, MLP
from workbench.networks.normalization import PREPARATIONS, BatchNorm, pca_whitening, second_moments

SIZES = 784, 100, 100, 100, 100, 100, 10
DIGITS, EPOCHS = 1000, 20
# 16 standard deviations of the first weights, and the learning rates that are tried with those of He.
SCALES = [float(f"{scale:.3g}") for scale in np.logspace(0, -4, 16)]
LRS = 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0
# Some of the scales, and what is tried with each of them.
TUNED = [SCALES[2], SCALES[3]]  # 0.293 and 0.158
TUNED_LRS = 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0
BATCHES, BATCH_LRS = (2, 4, 8, 16, 32), (0.01, 0.1)
SEEDS = 5


@checked(normalized=Anything(), init=INIT, seed=Seed())
def network(normalized, init="He", seed=0):
    """Five hidden layers of 100 ReLUs, with batch normalization before each, or without."""
    return MLP(SIZES, "ReLU", init, seed, before=BatchNorm if normalized else None)


@checked(normalized=Anything(), seed=Seed(), init=INIT, lr=NOT_NEGATIVE, batch=Whole(1, DIGITS), epochs=Whole(1))
def run(normalized, seed, init="He", lr=0.01, batch=100, epochs=EPOCHS):
    """Train on the first 1000 digits by SGD; returns how many answers of the network are right.

    First a list of epochs + 1 numbers, of the 1000 digits before training and after each epoch; then two numbers in the
    end, of 10,000 digits held out and of the 10,000 test digits. All are predictions; after the loss has become
    infinite or no number, they are 0.
    """
    net, optimizer = network(normalized, init, seed), helpers.SGD(lr)
    digits = mnist.load()
    x, labels = mnist.pixels(digits.train_images[:DIGITS]), digits.train_labels[:DIGITS]
    right = [count(net, x, labels)]

    def each(run):
        if run.done % (DIGITS // batch) == 0:
            right.append(count(net, x, labels))

    with np.errstate(over="ignore", invalid="ignore"), one_thread():
        done = training.train(net, optimizer, x, labels, DIGITS // batch * epochs, batch, seed, each)
        others = 0, 0
        if done.diverged is None:
            _, held_out = mnist.split(digits)
            others = count(net, *held_out), count(net, digits.test_images, digits.test_labels)
    if done.interrupted:
        raise KeyboardInterrupt
    if done.diverged is not None:
        right = [*right, *[0] * epochs][: epochs + 1]
    return right, *others


def count(net, images, labels):
    """How many predictions are right; none of a network that gives infinite numbers or nan."""
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(net.logits(training.inputs(images[:100], net))).all()
        return round(training.accuracy(net, images, labels) * len(images)) if finite else 0


# What is stored: for each experiment its settings, as keyword arguments of `run`.
EXPERIMENTS = {
    "scales": [{"init": scale} for scale in SCALES],
    "learning rates": [{"lr": lr} for lr in LRS],
    "batches": [{"batch": batch, "lr": lr, "epochs": 5} for batch in BATCHES for lr in BATCH_LRS],
    "tuned scales": [{"init": scale, "lr": lr} for scale in TUNED for lr in TUNED_LRS],
}


@checked(experiment=Choice(EXPERIMENTS))
def stored(experiment):
    """The stored results of one of EXPERIMENTS, as shares of right answers: a dict of arrays.

    "training": of the 1000 training digits, shape (settings, 2 without and with, seeds, epochs + 1), of "tuned scales"
    the last epoch only. "held out" and "test", of 10,000 digits each: shape (settings, 2, seeds). No learning rate is
    chosen for "scales", so nothing is held out there.
    """
    results = load("normalization")[experiment]
    return {name: np.array(counts) / (DIGITS if name == "training" else 10000) for name, counts in results.items()}


@checked(correlation=Number("−1 to 1", -1, 1), spread=ABOVE_0, mean=FINITE, n=Whole(3, 10**6))
def cloud(correlation, spread, mean, n=100):
    """n samples of two features, shape (n, 2), and targets 0.5 x₁ − x₂ + noise, shape (n,).

    correlation: of the features, exactly. spread: standard deviation of the first; that of the second is 1.
    mean: how far from 0 the mean lies, in the direction in which the samples spread most.
    """
    rng = np.random.default_rng(0)
    u, noise = rng.normal(size=(n, 2)), rng.normal(0, 0.3, n)
    shift, W = pca_whitening(u)
    mixed = np.array([[spread, correlation], [0, np.sqrt(1 - correlation**2)]])
    x = (u - shift) @ W @ mixed
    widest = np.linalg.eigh(second_moments(x))[1][:, -1]
    x = x + mean * widest * (1 if widest[0] > 0 else -1)
    return x, x @ [0.5, -1] + noise


def squared_error(z, t):
    """The mean of (w·z − t)²/2 above its minimum, as a Landscape over w. z: shape (n, 2); t: shape (n,)."""
    H = second_moments(z)
    best = np.linalg.solve(H, z.T @ t / len(t))
    return Landscape(
        name="mean of (w·z − t)²/2",
        value=lambda w: (((w - best) @ H) * (w - best)).sum(axis=-1) / 2,
        gradient=lambda w: (w - best) @ H,
        hessian=lambda w: np.broadcast_to(H, (*np.shape(w), 2)),
        minima=best[None],
        view=((-4.0, 4.0), (-4.0, 4.0)),
        start=(0.0, 0.0),
    )


@checked(x=Finite((None, 2)), t=Finite((None,)), name=Choice(PREPARATIONS))
def prepared(x, t, name):
    """The samples as one of PREPARATIONS leaves them, its matrix, and the loss over the weights of what it leaves."""
    fitting("t", t, (len(x),))
    if np.linalg.matrix_rank(second_moments(x)) < 2:
        refuse("x", x, "two features that are not in proportion to each other")
    mean, W = PREPARATIONS[name](x)
    z = (x - mean) @ W
    # The mean of the targets goes with that of the inputs; else w would have to make up for it.
    return z, W, squared_error(z, t if name == "raw" else t - t.mean())


def batch_norm(gamma=1.0, beta=0.0):
    """A function from a number of units to a BatchNorm of that many, all γ and all β being what is given."""

    def make(units):
        layer = BatchNorm(units)
        layer.params["gamma"][...], layer.params["beta"][...] = gamma, beta
        return layer

    return make


# What the lesson prints of inputs.

FAULTS = {
    "mean 4": {"correlation": 0, "spread": 1, "mean": 4},
    "width 3": {"correlation": 0, "spread": 3, "mean": 0},
    "correlation 0.8": {"correlation": 0.8, "spread": 1, "mean": 0},
    "all three": {"correlation": 0.8, "spread": 2, "mean": 3},
}


def conditions():
    """From each of FAULTS to a dict from PREPARATIONS to the condition number of the bowl that they leave."""
    found = {}
    for fault, settings in FAULTS.items():
        x, t = cloud(**settings)
        found[fault] = {name: np.linalg.cond(second_moments(prepared(x, t, name)[0])) for name in PREPARATIONS}
    return found


def condition_table():
    """A table of the condition numbers: a row for each preparation, a column for each fault."""
    found = conditions()
    lines = ["κ              " + "".join(f"{fault:>17}" for fault in found)]
    lines += [f"{name:15}" + "".join(f"{row[name]:17.3g}" for row in found.values()) for name in PREPARATIONS]
    return "\n".join(lines)


MANY = 10_000
DIGIT_EPS = {"scaled": 0.01, "PCA whitened": 0.01, "ZCA whitened": 0.01}


@lru_cache(maxsize=1)
def prepared_digits():
    """From each of PREPARATIONS to three arrays: ten digits, the second moments of MANY with a constant 1 for the bias,
    and the mean of the inputs times the ten targets, which are 1 at the label and else 0.
    """
    digits = mnist.load()
    images, labels = mnist.pixels(digits.train_images[:MANY]).astype(float), digits.train_labels[:MANY]
    x = np.column_stack([images, np.ones(MANY)])
    H, A = second_moments(x), x.T @ np.eye(10)[labels] / MANY
    found = {}
    for name, preparation in PREPARATIONS.items():
        mean, W = preparation(images, DIGIT_EPS.get(name, 0))
        # What is prepared is x times this, so its moments need no MANY products of matrices.
        T = np.block([[W, np.zeros((784, 1))], [-mean @ W, np.ones((1, 1))]])
        found[name] = (images[:10] - mean) @ W, T.T @ H @ T, T.T @ A
    return found


def shares_left(name, updates=(1, 10, 100)):
    """The share of its first loss that a linear fit of the digits has left after some updates, η = 1/λ₁."""
    _, H, A = prepared_digits()[name]
    w, left = np.zeros_like(A), []
    lr = 1 / np.linalg.eigvalsh(H)[-1]
    for k in range(max(updates) + 1):
        if k in updates:
            left.append(1 + (w * (H @ w) - 2 * w * A).sum())  # the first loss is that of w = 0: 1/2
        w = w - lr * (H @ w - A)
    return left


def lowest_share():
    """The share of the first loss that no linear fit of the digits can get rid of."""
    _, H, A = prepared_digits()["raw"]
    return 1 - (A * np.linalg.lstsq(H, A, rcond=None)[0]).sum()


def digit_losses():
    """A table: what is left of the loss of a linear fit of the digits, for each preparation."""
    lines = ["loss left after     1     10    100 updates"]
    lines += [f"{name:15}" + "".join(f"{share:6.0%}" for share in shares_left(name)) for name in PREPARATIONS]
    return "\n".join([*lines, f"lowest that a linear fit can reach: {lowest_share():.0%}"])


def digit_curvatures():
    """A table: the largest curvature of the fit of the digits, the hundredth, and their ratio."""
    lines = ["inputs           λ₁    λ₁₀₀   λ₁/λ₁₀₀"]
    for name, (_, H, _) in prepared_digits().items():
        curvatures = np.linalg.eigvalsh(H)[::-1]
        ratio = curvatures[0] / curvatures[99]
        lines.append(f"{name:12}  {curvatures[0]:5.1f}  {curvatures[99]:6.3f}  {ratio:8.1f}")
    return "\n".join(lines)


FEW_CASES = ("centered", 0), ("PCA whitened", 1e-6), ("PCA whitened", 1)


@lru_cache(maxsize=1)
def whitened_few():
    """From each of FEW_CASES to the shares of DIGITS training digits, and of 5000 test digits, that a linear network
    gets right after 200 updates with η = 0.3: medians of three seeds.
    """
    few, labels, test, test_labels = _few()
    found = {}
    for name, eps in FEW_CASES:
        mean, W = PREPARATIONS[name](few.astype(float), eps)
        z, z_test = (few - mean) @ W, (test - mean) @ W
        shares = []
        for seed in range(3):
            net = MLP((784, 10), init="Xavier", seed=seed, dtype=np.float64)
            training.train(net, helpers.SGD(lr=0.3), z, labels, 200, batch=100, seed=seed)
            shares.append([training.accuracy(net, z, labels), training.accuracy(net, z_test, test_labels)])
        found[name, eps] = np.median(shares, axis=0)
    return found


def whitened_few_table():
    return "\n".join(
        f"{name:12}, ε = {eps:<6}: training digits {learned:4.0%}, test digits {known:.0%}"
        for (name, eps), (learned, known) in whitened_few().items()
    )


def _few():
    """DIGITS training digits and 5000 test digits, each with labels."""
    digits = mnist.load()
    train, test = (mnist.pixels(images) for images in (digits.train_images[:DIGITS], digits.test_images[:5000]))
    return train, digits.train_labels[:DIGITS], test, digits.test_labels[:5000]


# What it prints of batch normalization.


def normalized(units, rho=0.9, eps=1e-5):
    return BatchNorm(units, rho, eps, dtype=np.float64)


def spread_between_samples():
    """A table: how far apart samples are in the fifth layer of the five-layer experiment, ranges of five seeds."""
    lines = ["σ       without               with batch normalization"]
    for sigma in 0.01, 0.1, 1.0:
        ranges = []
        for before in None, normalized:
            runs = [five_layers("sigmoid", sigma, seed, dtype=np.float64, before=before) for seed in range(5)]
            spread = [measures(signals).between_samples[4] for signals in runs]
            ranges.append(f"{min(spread):.2g} to {max(spread):.2g}")
        lines.append(f"{sigma:<6}  {ranges[0]:20}  {ranges[1]}")
    return "\n".join(lines)


def scales_table():
    """A table: what networks from all SCALES get right with η = 0.01, medians of the seeds."""
    right, test = stored("scales")["training"][..., -1], stored("scales")["test"]
    rows = zip(SCALES, np.median(right, axis=-1), np.median(test, axis=-1), strict=True)
    lines = ["     σ    training digits        test digits", "          without    with     without   with"]
    lines += [f"{sigma:<8}  {a:6.0%}  {b:6.0%}     {c:6.0%} {d:6.0%}" for sigma, (a, b), (c, d) in rows]
    return "\n".join(lines)


def _tuned(experiment, values, lrs):
    """From each of some values to a pair, without and with batch normalization: the learning rate that is best on the
    digits held out, and what share of the test digits the network of each seed gets right with it.
    """
    held_out, test = (stored(experiment)[name].reshape(len(values), len(lrs), 2, -1) for name in ("held out", "test"))
    best = np.median(held_out, axis=-1).argmax(axis=1)  # value, without and with
    return {value: [(lrs[best[i, k]], test[i, best[i, k], k]) for k in (0, 1)] for i, value in enumerate(values)}


def tuned_scales():
    """What `_tuned` finds at each of the scales TUNED."""
    return _tuned("tuned scales", TUNED, TUNED_LRS)


def tuned_scales_table():
    """A table: test digits right, each network with the learning rate that is best on the digits held out."""
    lines = ["σ      without batch normalization        with batch normalization"]
    for scale, pair in {**tuned_scales(), "He": tuned_rates()}.items():
        cells = [f"{np.median(test):.0%} ({test.min():.0%} to {test.max():.0%}) at η = {lr:<5g}" for lr, test in pair]
        lines.append(f"{scale:<5}  {cells[0]:33}  {cells[1]}")
    return "\n".join(line.rstrip() for line in lines)


def tuned_rates():
    """Without and with batch normalization: the learning rate that is best on the digits held out, and its test."""
    return _tuned("learning rates", ["He"], LRS)["He"]


def rates_table():
    """A table: what the network gets right at each of LRS, medians, and the test digits at the best of them."""
    right, held_out = (stored("learning rates")[name] for name in ("training", "held out"))
    rows = zip(LRS, np.median(right[..., -1], axis=-1), np.median(held_out, axis=-1), strict=True)
    lines = ["    η    training digits      digits held out", "         without    with   without   with"]
    for lr, trained, others in rows:
        cells = (f"{share:7.0%}" if share else "diverges" for share in (*trained, *others))
        lines.append(f"{lr:<6}  {'  '.join(f'{cell:>8}' for cell in cells)}")
    for name, (lr, test) in zip(("without", "with"), tuned_rates(), strict=True):
        lines.append(
            f"{name}: best on the digits held out at η = {lr}, "
            f"test digits {np.median(test):.0%} ({test.min():.0%} to {test.max():.0%})"
        )
    return "\n".join(lines)


def tuned_batches():
    """What `_tuned` finds for each of the sizes BATCHES."""
    return _tuned("batches", BATCHES, BATCH_LRS)


def batches_table():
    """A table: test digits right after five epochs, for batches of 2 to 32."""
    lines = ["batch   without                      with batch normalization"]
    for size, pair in tuned_batches().items():
        cells = [f"{np.median(test):4.0%} ({test.min():.0%} to {test.max():.0%}), η = {lr:<5g}" for lr, test in pair]
        lines.append(f"{size:5}   {cells[0]:27}  {cells[1]}")
    return "\n".join(line.rstrip() for line in lines)


@checked(times=ABOVE_0)
def first_gradient(times):
    """Loss, first weights and their gradient of a network with batch normalization, the first weights `times` as large.

    ε is 1e-12, so small that it does not matter.
    """
    net = MLP((784, 100, 10), dtype=np.float64, before=lambda units: normalized(units, eps=1e-12))
    net.params["W1"] *= times
    few, labels, *_ = _few()
    loss, grads = net.loss_and_gradients(few[:100], labels[:100])
    return loss, net.params["W1"], grads["W1"]


@checked(lr=NOT_NEGATIVE, kept=Number("0 to 1", 0, 1), updates=Whole(1))
def growth(lr, kept=1.0, updates=200):
    """How many times as long the second layer's weights are after some updates of the network with batch normalization.

    kept: all weights are multiplied by it after each update. In float64: in float32 processors differ by some percent.
    """
    net = MLP(SIZES, dtype=np.float64, before=normalized)
    few, labels, *_ = _few()
    before = np.linalg.norm(net.params["W2"])

    def each(run):
        for name, array in net.params.items():
            if name.startswith("W"):
                array *= kept

    training.train(net, helpers.SGD(lr), few, labels, updates, batch=100, each=each)
    return np.linalg.norm(net.params["W2"]) / before


def share_right(net, images, labels, training):
    """The share of right answers, 100 digits at a time, predicted or in training mode."""
    batches = zip(images.reshape(-1, 100, 784), labels.reshape(-1, 100), strict=True)
    with one_thread():  # for matrices this small a second core costs more time than it saves
        return np.mean([(net.logits(x, training).argmax(axis=1) == t).mean() for x, t in batches])


AVERAGES = (0.9, 20), (0.99, 20), (0.9, 200), (0.99, 200)


@lru_cache(maxsize=16)
def _trained(rho, updates, seed):
    net = MLP(SIZES, seed=seed, dtype=np.float64, before=lambda units: normalized(units, rho))
    few, labels, *_ = _few()
    training.train(net, helpers.SGD(lr=0.1), few, labels, updates, batch=100, seed=seed)
    return net


@lru_cache(maxsize=1)
def two_ways_to_predict():
    """Of each of AVERAGES, ρ and updates: the shares of 5000 test digits that are right by the running averages, and by
    mean and variance of batches of 100 test digits; medians of three seeds.
    """
    *_, test, labels = _few()
    found = {}
    for rho, updates in AVERAGES:
        nets = [_trained(rho, updates, seed) for seed in range(3)]
        both = [[share_right(net, test, labels, mode) for mode in (False, True)] for net in map(copy.deepcopy, nets)]
        found[rho, updates] = np.median(both, axis=0)
    return found


def averages_table():
    return "\n".join(
        f"ρ = {rho:<4}, {updates:3} updates: {predicted:.0%} by running averages, {of_batch:.0%} by the batch"
        for (rho, updates), (predicted, of_batch) in two_ways_to_predict().items()
    )


def sorted_by_class():
    """The share of test digits that a trained network gets right: predicted, then in training mode with the digits
    sorted by class, then predicted again.
    """
    *_, test, labels = _few()
    net, order = copy.deepcopy(_trained(0.9, 200, 0)), np.argsort(labels, kind="stable")
    before = share_right(net, test, labels, training=False)
    wrong = share_right(net, test[order], labels[order], training=True)
    return before, wrong, share_right(net, test, labels, training=False)


def growth_of_gradients():
    """30 ReLU layers from He: how many times as large the gradient is in the first layer as in the last, without batch
    normalization and with it.
    """
    found = []
    for before in None, normalized:
        gradient = measures(five_layers("ReLU", "He", layers=30, dtype=np.float64, before=before)).gradient
        found.append(gradient[0] / gradient[-1])
    return found
