"""Trainings with one bad ingredient, and what is measured of them; tuning on a budget; clipping; sharpness; batches."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np

import helpers
from workbench.checks import (
    ABOVE_0,
    BELOW_1,
    Array,
    Choice,
    Finite,
    Floats,
    Number,
    OrNone,
    Seed,
    Whole,
    checked,
    fitting,
)
from workbench.data import mnist
from workbench.data.stored import load
from workbench.descent import landscapes
from workbench.descent.trajectory import Trajectory, diverged_at
from workbench.networks import schedules
from workbench.networks.blas import one_thread
from workbench.networks.curvature import sharpness
from workbench.networks.network import A_NETWORK, INITS, MLP, softmax
from workbench.networks.training import Run, accuracy, batches, train

# Sick runs: a recipe for a training, in which one ingredient is bad

SIZES, HIDDEN = (784, 100, 100, 100, 100, 10), 4
LAYERS = tuple(f"W{k}" for k in range(1, len(SIZES)))
UPDATES, BATCH = 300, 100
LOOKED_AT = 0, 1, 2, 5, 10, 20, 50, 100, 200, 299  # updates, from 0, of which the layers are measured
CAUSES = (
    "learning rate too high",
    "learning rate too low",
    "dead ReLUs",
    "unshuffled data",
    "wrong initialization",
    "missing normalization",
    "no bias correction",
    "shuffled labels",
)


class Uncorrected(helpers.Adam):
    """Adam whose moving averages are not corrected for their start at zero."""

    def rule(self, w, g, t, m, v):
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        w -= self.lr * m / (np.sqrt(v) + self.eps)


@dataclass(frozen=True)
class Recipe:
    """All that a training is made of.

    optimizer: a function that makes one. init: as for MLP. bias: the first biases of hidden layers. scale: what pixels,
    0 to 255, are multiplied by. labels: "right", or "shuffled", each from another image. order: of the digits,
    "shuffled", "sorted" by their labels, or "in turn": a batch of zeros, one of ones, and so on.
    """

    optimizer: Callable = field(default=partial(helpers.SGD, 0.1))
    init: str | float = "He"
    bias: float = 0.0
    scale: float = 1 / 255
    labels: str = "right"
    order: str = "shuffled"


def new_network(recipe, seed):
    """The network of a Recipe, 784-[100×4]-10, before its training."""
    network = MLP(SIZES, init=recipe.init, seed=seed)
    for k in range(1, HIDDEN + 1):
        network.params[f"b{k}"][...] = recipe.bias
    return network


def inputs_of(recipe, images):
    """Images as the network of a Recipe gets them: (n, 784)."""
    return images.reshape(-1, SIZES[0]) * np.float32(recipe.scale)


def batches_of(recipe, seed):
    """Endless pairs of inputs, (BATCH, 784), and labels, from the 50,000 digits that are not held out."""
    (images, labels), _ = mnist.split(mnist.load())
    if recipe.labels == "shuffled":
        labels = np.random.default_rng(seed).permutation(labels)
    for chosen in ORDERS[recipe.order](labels, seed):
        yield inputs_of(recipe, images[chosen]), labels[chosen]


def _sorted(labels, seed):
    """All digits by their labels, so thinned that UPDATES batches lead from the zeros to the nines."""
    order = np.argsort(labels, kind="stable")
    while True:
        yield from order[np.arange(UPDATES * BATCH) * len(order) // (UPDATES * BATCH)].reshape(UPDATES, BATCH)


def _in_turn(labels, seed):
    digits = [np.flatnonzero(labels == digit) for digit in range(10)]
    ways = [batches(len(digit), BATCH, (seed, k)) for k, digit in enumerate(digits)]
    while True:
        for digit, way in zip(digits, ways, strict=True):
            yield digit[next(way)]


ORDERS = {
    "shuffled": lambda labels, seed: batches(len(labels), BATCH, seed),
    "sorted": _sorted,
    "in turn": _in_turn,
}

HEALTHY = Recipe()
ADAM = Recipe(partial(helpers.Adam, 0.001))
# Each sick run: its cause, its recipe, and the recipe with nothing but the cause put right.
SICK = {
    "A": ("shuffled labels", replace(HEALTHY, labels="shuffled"), HEALTHY),
    "B": ("learning rate too high", replace(HEALTHY, optimizer=partial(helpers.SGD, 0.7)), HEALTHY),
    "C": ("missing normalization", replace(ADAM, scale=1.0), ADAM),
    "D": ("dead ReLUs", replace(HEALTHY, bias=-1.0), HEALTHY),
    "E": ("unshuffled data", replace(HEALTHY, order="sorted"), HEALTHY),
    "F": ("wrong initialization", replace(HEALTHY, init=0.01), HEALTHY),
    "G": ("no bias correction", Recipe(partial(Uncorrected, 0.01)), Recipe(partial(helpers.Adam, 0.01))),
    "H": ("learning rate too low", replace(HEALTHY, optimizer=partial(helpers.SGD, 0.0001)), HEALTHY),
}
UNSEEN = {
    "I": ("shuffled labels", Recipe(partial(helpers.Momentum, 0.02), labels="shuffled")),
    "II": ("wrong initialization", replace(HEALTHY, init=0.3)),
    "III": ("unshuffled data", replace(HEALTHY, order="in turn")),
}
RECIPES = {
    "healthy": HEALTHY,
    **{name: sick for name, (_, sick, _) in SICK.items()},
    **{f"{name}, cured": cured for name, (_, _, cured) in SICK.items()},
    **{name: recipe for name, (_, recipe) in UNSEEN.items()},
}


def held_out(n):
    """The first `n` of the digits held out: images and labels."""
    _, (images, labels) = mnist.split(mnist.load())
    return images[:n], labels[:n]


def norms(arrays):
    """The length of the weights of each layer, from a dict of arrays: len(LAYERS) numbers."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.array([np.linalg.norm(arrays[key].astype(float)) for key in LAYERS])


def dead(network, x):
    """Of each hidden layer the share of units that are 0 for all of x: HIDDEN numbers."""
    return np.array([(y == 0).all(axis=0).mean() for y in network.forward(x)[2 : 2 * HIDDEN + 1 : 2]])


class Watched(NamedTuple):
    """What is measured of a run.

    losses: of each batch, before the update, (UPDATES,); nan once it has diverged. gradients, ratios: of each layer, at
    the updates LOOKED_AT: the length of its gradient, and that of the change of its weights divided by that of its
    weights. dead: of each hidden layer, on the batch after the update. accuracy: on 1000 digits held out.
    """

    losses: np.ndarray
    gradients: np.ndarray
    ratios: np.ndarray
    dead: np.ndarray
    accuracy: float


@checked(name=Choice(RECIPES), seed=Seed(), updates=Whole(1, 10**5))
def watched(name, seed=0, updates=UPDATES):
    """Train one of RECIPES for some updates; what is Watched of it."""
    recipe = RECIPES[name]
    network, optimizer = new_network(recipe, seed), recipe.optimizer()
    losses = np.full(updates, np.nan)
    gradients, ratios, idle = (np.full((len(LOOKED_AT), n), np.nan) for n in (len(LAYERS), len(LAYERS), HIDDEN))
    with one_thread(), np.errstate(over="ignore", invalid="ignore"):
        for k, (x, labels) in zip(range(updates), batches_of(recipe, seed), strict=False):
            loss, grads = network.loss_and_gradients(x, labels)
            if not np.isfinite(loss):
                break
            losses[k] = loss
            before = {key: network.params[key].copy() for key in LAYERS}
            optimizer.update(network.params, grads)
            if k in LOOKED_AT:
                at = LOOKED_AT.index(k)
                gradients[at] = norms(grads)
                ratios[at] = norms({key: network.params[key] - w for key, w in before.items()}) / norms(before)
                idle[at] = dead(network, x)
        images, labels = held_out(1000)
        right = float((network.predict(inputs_of(recipe, images)) == labels).mean())
    return Watched(losses, gradients, ratios, idle, right)


@checked(name=Choice(RECIPES), updates=Whole(1, 10**5), seed=Seed())
def one_batch(name, updates=100, seed=0):
    """The losses of `updates` updates that all have the same batch, the first one: (updates,)."""
    recipe = RECIPES[name]
    network, optimizer = new_network(recipe, seed), recipe.optimizer()
    x, labels = next(batches_of(recipe, seed))
    run = Run(updates, network)
    # A batch as large as the set: each update has all of it.
    losses = train(network, optimizer, x, labels, updates, len(x), seed, run=run).losses
    return np.array([*losses, *[np.nan] * (updates - len(losses))])


@checked(name=Choice(RECIPES), seed=Seed(), updates=Whole(1, 10**5))
def checkup(name, seed=0, updates=100):
    """What can be measured of one of RECIPES in a second: a dict from what it is to a number.

    updates: of the training on one batch.
    """
    recipe = RECIPES[name]
    network, (x, labels) = new_network(recipe, seed), next(batches_of(recipe, seed))
    first = watched(name, seed, updates=1)
    W = network.params["W2"]
    return {
        "first loss": first.losses[0],
        "largest input": float(x.max()),
        "different digits in a batch": len(np.unique(labels)),
        "σ of W2, divided by He's": float(W.std() / INITS["He"](*W.shape)),
        "dead units of layer 4": first.dead[0, -1],
        "length of the gradient of W1": first.gradients[0, 0],
        "ratio of W2, first update": first.ratios[0, 1],
        f"loss of one batch, {updates} updates": one_batch(name, updates, seed)[-1],
    }


# The range test, and tuning on a budget: a smaller network, 784-50-50-10, for 300 updates

SMALL, TRAINED, TEST_DIGITS = (784, 50, 50, 10), 300, 2000
OPTIMIZERS = {"SGD": helpers.SGD, "Momentum": helpers.Momentum, "Adam": helpers.Adam}
RATES = np.array([float(f"{lr:.2g}") for lr in np.logspace(-5, 1, 31)])  # five in each power of ten
DECAYS = np.array([float(f"{decay:.2g}") for decay in np.logspace(-4, 2, 7)])
PLANS = "constant", "half a cosine"
TUNED = 3  # seeds
LENGTHS = 50, 100, 200, 400  # updates of a range test
LOW, HIGH = 1e-5, 10.0


def rising(updates):
    """The learning rates of a range test: from LOW to HIGH, each the same number of times the one before."""
    return LOW * (HIGH / LOW) ** (np.arange(updates) / (updates - 1))


def range_test(name, updates=100, seed=0):
    """The loss of each batch while the learning rate rises: (updates,); nan from where it is four times the first."""
    (images, labels), _ = mnist.split(mnist.load())
    network, optimizer, lrs = MLP(SMALL, seed=seed), OPTIMIZERS[name](LOW), rising(updates)

    def each(run):
        optimizer.lr = float(lrs[min(run.done, updates - 1)])
        return run.losses[-1] > 4 * run.losses[0]

    found = train(network, optimizer, images, labels, updates, BATCH, seed, each=each).losses
    losses = np.full(updates, np.nan)
    losses[: len(found)] = found
    return np.where(losses > 4 * losses[0], np.nan, losses)


@checked(losses=Array((None,)), beta=BELOW_1)
def smoothed(losses, beta):
    """The moving average of losses, corrected for its start as Adam's: same shape."""
    means, m = np.empty(len(losses)), 0.0
    for k, loss in enumerate(losses):
        m = beta * m + (1 - beta) * loss
        means[k] = m / (1 - beta ** (k + 1))
    return means


def lowest_places():
    """By optimizer, where the losses of the stored range tests are lowest, smoothed with β = 0.8: (LENGTHS, seeds)."""
    return {
        name: np.array([[lowest(losses) for losses in by_length[n]] for n in LENGTHS])
        for name, by_length in stored().ranges.items()
    }


def lowest(losses, beta=0.8):
    """The learning rate at which the smoothed loss of a range test is lowest."""
    known = losses[np.isfinite(losses)]
    return rising(len(losses))[smoothed(known, beta).argmin()]


@checked(share=Number("0.001 to 1", 0.001, 1))
def read_off(share):
    """By optimizer, the digits held out that are wrong, in %, at a share of the place where a range test is lowest.

    For each of the stored tests, (LENGTHS, seeds): after TRAINED updates at the nearest of RATES, the median of seeds.
    """
    found = {}
    for runs, (name, places) in zip(stored().methods[:, 0, ..., 0], lowest_places().items(), strict=True):
        nearest = np.abs(np.log(RATES) - np.log(share * places)[..., None]).argmin(axis=-1)
        found[name] = 100 * (1 - np.median(runs, axis=-1))[nearest]
    return found


def small(optimizer, seed, schedule=None):
    """Accuracies on TEST_DIGITS digits held out and on as many test digits, after TRAINED updates; 0.1 if diverged."""
    digits = mnist.load()
    (images, labels), _ = mnist.split(digits)
    network = MLP(SMALL, seed=seed)
    each = schedules.follow(optimizer, schedule) if schedule else None
    run = train(network, optimizer, images, labels, TRAINED, BATCH, seed, each=each)
    if run.diverged is not None or not all(np.isfinite(p).all() for p in network.params.values()):
        return 0.1, 0.1
    test = digits.test_images[:TEST_DIGITS], digits.test_labels[:TEST_DIGITS]
    return accuracy(network, *held_out(TEST_DIGITS)), accuracy(network, *test)


def by_method(name, plan, lr, seed):
    """As `small`, with an optimizer of OPTIMIZERS and a plan of PLANS for its learning rate."""
    schedule = schedules.cosine(lr, TRAINED) if plan == "half a cosine" else None
    return small(OPTIMIZERS[name](lr), seed, schedule)


def by_decay(lr, decay):
    """As `small`, with AdamW."""
    return small(helpers.AdamW(lr, weight_decay=decay), 0)


@checked(chosen=Finite((None,)), reported=Finite((None,)), trials=Whole(1, 10**6), chances=OrNone(Finite((None,), 0)))
def best_of(chosen, reported, trials, chances=None):
    """What the best of some trials is worth, on average over all draws, exactly.

    chosen: what each possible trial has, the highest of which is taken. reported: what is then reported of it; same
    shape, (m,). chances: of each to be drawn; by default all have the same.
    """
    fitting("reported", reported, chosen.shape)
    chances = np.ones(len(chosen)) if chances is None else fitting("chances", chances, chosen.shape)
    order = np.argsort(chosen, kind="stable")
    below = np.cumsum(chances[order]) / np.sum(chances)
    lands = np.diff(np.concatenate([[0.0], below]) ** trials)  # the chance that the best of all is this one
    return float(lands @ reported[order])


@checked(table=Finite((None, None, 2)), trials=Whole(1, 10**6))
def grid_of(table, trials):
    """What the best point of a grid is worth: k rates × k decays, k² at most `trials`; the mean over where it begins.

    table: accuracies on the digits that choose and on those reported, (rates, decays, 2).
    """
    k, found = int(np.sqrt(trials)), []
    m, n = table.shape[:2]
    for begin in (np.arange(m) + 0.5) / m:
        rows = ((np.arange(k) + begin) * m / k).astype(int)
        columns = ((np.arange(k) + begin) * n / k).astype(int)
        points = table[np.ix_(rows, columns)].reshape(-1, 2)
        found.append(points[points[:, 0].argmax(), 1])
    return float(np.mean(found))


# Clipping


@checked(g=Array((None,)), limit=ABOVE_0)
def by_norm(g, limit):
    """A gradient whose length is at most `limit`, in the same direction (Pascanu, Mikolov and Bengio 2013)."""
    length = math.sqrt(g @ g)
    return g * (limit / length) if length > limit else g


@checked(g=Array((None,)), limit=ABOVE_0)
def by_value(g, limit):
    """A gradient whose entries lie between −limit and limit."""
    return np.minimum(np.maximum(g, -limit), limit)


CLIPS = {"no clipping": lambda g, limit: g, "by norm": by_norm, "by value": by_value}
FALLS = {"cliff": landscapes.cliff(), "Rosenbrock": landscapes.rosenbrock()}
FALL = 200  # updates


def falls(place, lr, momentum, limit, steps=FALL):
    """The heavy ball on one of FALLS with each of CLIPS: a dict to Trajectories, whose losses are above the minimum.

    All balls at once, a row each: a slider has to follow. w ← w + v, v ← β v − η clip(g), as helpers.Momentum.
    """
    landscape = FALLS[place]
    paths = np.tile(np.array(landscape.start), (steps + 1, len(CLIPS), 1))
    v = np.zeros_like(paths[0])
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):
            g = landscape.gradient(paths[k])
            for row, clip in enumerate(CLIPS.values()):
                g[row] = clip(g[row], limit)
            v = momentum * v - lr * g
            paths[k + 1] = paths[k] + v
    found = {}
    for name, path in zip(CLIPS, np.swapaxes(paths, 0, 1), strict=True):
        losses = landscape.value(path)
        diverged = diverged_at(path, losses, landscape.view)
        found[name] = Trajectory(path, losses - landscape.value(landscape.minima[0]), diverged)
    return found


# The edge of stability: gradient descent on 1000 digits, all of them in each update

FEW, NARROW = 1000, (784, 50, 50, 50, 50, 10)
EDGE_UPDATES, EDGE_STEP, EDGE_SEEDS = 400, 5, 3
EDGE_STARTS = {  # the learning rate, and the updates of its warm-up
    "η = 0.02": (0.02, 0),
    "η = 0.05": (0.05, 0),
    "η = 0.1": (0.1, 0),
    "η = 0.2": (0.2, 0),
    "0.2 after a warm-up": (0.2, 100),
}
EDGE_AT = np.arange(0, EDGE_UPDATES + 1, EDGE_STEP)


@checked(start=Choice(EDGE_STARTS), k=Array())
def edge_rate(start, k):
    """The learning rate of the updates k in one of EDGE_STARTS."""
    lr, warm = EDGE_STARTS[start]
    constant = schedules.constant(lr)
    return (schedules.warmup(constant, EDGE_UPDATES, warm) if warm else constant)(k)


def edge(start, seed, updates=EDGE_UPDATES):
    """The loss and the sharpness after every EDGE_STEP updates of gradient descent: (2, updates // EDGE_STEP + 1)."""
    digits = mnist.load()
    x, labels = mnist.pixels(digits.train_images[:FEW]).astype(float), digits.train_labels[:FEW]
    network, optimizer, found, direction = MLP(NARROW, seed=seed, dtype=np.float64), helpers.SGD(), [], None
    with one_thread():
        for k in range(updates + 1):
            loss, grads = network.loss_and_gradients(x, labels)
            if k % EDGE_STEP == 0:
                curvature, direction = sharpness(network, x, labels, direction)
                found.append((loss, curvature))
            optimizer.lr = float(edge_rate(start, k))
            optimizer.update(network.params, grads)
    return np.transpose(found)


# Batch sizes

SIZES_TRIED = tuple(4**k for k in range(1, 7))  # 4 to 4096
BATCH_RATES = tuple(2.0**k for k in range(-6, 3))  # so fine that both rules lead from one to another
TARGET, CHECKED_ON, BATCH_SEEDS = 0.3, 1000, 3  # a loss, and the digits held out that it is measured on
NOISE_AT = 0, 10, 30, 100, 300, 1000  # updates
NOISE_DIGITS, NOISE_SEEDS = 10_000, 3


@checked(network=A_NETWORK, x=Floats(), labels=Array((None,)))
def noise_scale(network, x, labels):
    """The gradient noise scale: the variance of one sample's gradient, all entries added up, divided by |G|².

    McCandlish and others 2018, equation 2.9, "simple". network: of affine layers and activations. The gradient of
    sample i at W is the product of its input and its dy, so its square is |x|²|dy|²; at b it is |dy|².
    """
    network.loss(x, labels)  # which refuses what does not fit
    outputs, n = network.forward(x), len(x)
    dy = softmax(outputs[-1])
    dy[np.arange(n), labels] -= 1
    grads, back = network.backward(dy)
    squares = sum(
        ((y.astype(float) ** 2).sum(axis=1) + 1) * (d.astype(float) ** 2).sum(axis=1)
        for layer, y, d in zip(network.layers, outputs, back, strict=False)
        if layer.params
    )
    of_mean = sum(float((g.astype(float) ** 2).sum()) for g in grads.values()) / n**2
    variance = (squares.mean() - of_mean) * n / (n - 1)
    return float(variance / (of_mean - variance / n))  # |G|² of the mean of n is too large by variance / n


def noise(seed):
    """The loss and the gradient noise scale of NOISE_DIGITS digits, after NOISE_AT updates of SGD: (2, NOISE_AT)."""
    (images, labels), _ = mnist.split(mnist.load())
    x, t = mnist.pixels(images[-NOISE_DIGITS:]), labels[-NOISE_DIGITS:]
    network, found = MLP(SMALL, seed=seed), []

    def each(run):
        if run.done in NOISE_AT:
            found.append((network.loss(x, t), noise_scale(network, x, t)))

    run = Run(NOISE_AT[-1], network)
    each(run)
    train(network, helpers.SGD(0.1), images, labels, NOISE_AT[-1], BATCH, seed, each=each, run=run)
    return np.transpose(found)


def updates_to_target(batch, lr, seed):
    """After how many updates of SGD the loss of the digits held out is TARGET or less; nan if it takes too many.

    It is measured whenever the number of updates has grown by a fiftieth, and after each of the first fifty. Allowed
    are 400 updates, and as many more as 40,000 digits make.
    """
    (images, labels), _ = mnist.split(mnist.load())
    check_images, check_labels = held_out(CHECKED_ON)
    x = mnist.pixels(check_images)
    network, arrived, following = MLP(SMALL, seed=seed), np.nan, 1

    def each(run):
        nonlocal arrived, following
        if run.done < following:
            return False
        following = run.done + max(1, run.done // 50)
        if network.loss(x, check_labels) <= TARGET:
            arrived = float(run.done)
        return arrived == run.done

    train(network, helpers.SGD(lr), images, labels, 400 + 40_000 // batch, batch, seed, each=each)
    return arrived


def medians(found):
    """The median of the seeds of `updates_to_target`, nan where one did not arrive: (SIZES_TRIED, BATCH_RATES)."""
    return np.median(found, axis=-1)


@checked(found=Array((None, None, None)))
def best_batches(found):
    """For each of SIZES_TRIED the fewest updates to the loss, and the learning rate that has them: two arrays."""
    updates = np.where(np.isnan(medians(found)), np.inf, medians(found))
    return updates.min(axis=1), np.array(BATCH_RATES)[updates.argmin(axis=1)]


RULES = {"linear rule": 1.0, "square-root rule": 0.5}  # the power of the batch size in the learning rate


def by_rule(found, rule, known):
    """The learning rates that a rule gives from the best one at the batch size `known`, and the updates: two arrays.

    nan where the loss is not reached, or the rate lies beyond those tried.
    """
    sizes = np.array(SIZES_TRIED)
    best = best_batches(found)[1][SIZES_TRIED.index(known)]
    lrs = best * (sizes / known) ** RULES[rule]
    updates = [
        medians(found)[i, BATCH_RATES.index(lr)] if lr in BATCH_RATES else np.nan for i, lr in enumerate(lrs.tolist())
    ]
    return lrs, np.array(updates)


@checked(
    sizes=Finite((None,), 1, "batch sizes, 1 or larger"), updates=Finite((None,), 1, "numbers of updates, 1 or larger")
)
def critical(sizes, updates):
    """S and C of the curve S (1 + C / B) that lies closest to the updates at the batch sizes B, by ratio: a pair.

    McCandlish and others 2018, equation 2.11: S updates are the fewest, and C is the critical batch size.
    """
    fitting("updates", updates, sizes.shape)
    tried = np.logspace(0, 5, 2001)
    logs = np.log(updates) - np.log(1 + tried[:, None] / sizes)
    C = tried[logs.std(axis=1).argmin()]
    return float(np.exp(np.mean(np.log(updates) - np.log(1 + C / sizes)))), float(C)


# What store.py stored


class Stored(NamedTuple):
    """The runs that store.py made.

    watched: from the names in RECIPES, those of UNSEEN left out, to Watched, seed 0. ranges: from the names in
    OPTIMIZERS to dicts from LENGTHS to the losses of range tests, (TUNED seeds, length). methods: accuracies of
    `by_method`, on the digits held out and on test digits, (OPTIMIZERS, PLANS, RATES, TUNED seeds, 2). decays: those of
    `by_decay`, (RATES, DECAYS, 2). edge: from the names in EDGE_STARTS to losses and sharpness,
    (EDGE_SEEDS, 2, EDGE_AT). noise: of `noise`, (NOISE_SEEDS, 2, NOISE_AT). batches: of `updates_to_target`,
    (SIZES_TRIED, BATCH_RATES, BATCH_SEEDS).
    """

    watched: dict
    ranges: dict
    methods: np.ndarray
    decays: np.ndarray
    edge: dict
    noise: np.ndarray
    batches: np.ndarray


def stored():
    """The Stored runs, read from stored.json."""
    found = load("diagnosis")
    return Stored(
        watched={name: Watched(*(np.array(part, float) for part in parts)) for name, parts in found["watched"].items()},
        ranges={
            name: {int(length): np.array(runs, float) for length, runs in by_length.items()}
            for name, by_length in found["ranges"].items()
        },
        edge={name: np.array(runs, float) for name, runs in found["edge"].items()},
        **{name: np.array(found[name], float) for name in ("methods", "decays", "noise", "batches")},
    )
