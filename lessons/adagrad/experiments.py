"""A noisy parabola, and rare words: what SGD, a falling learning rate and AdaGrad make of them."""

import functools

import numpy as np

import helpers
from workbench.checks import Array, Choice, Constraint, Number, Seed, Whole, checked, refuse
from workbench.words import round_numbers


class Recorder:
    """The gradient of a landscape with noise added, a row of `noise` a call; keeps all that it returned in `seen`."""

    def __init__(self, landscape, noise):
        self.landscape, self.noise, self.seen = landscape, noise, []

    def __call__(self, p):
        self.seen.append(self.landscape.gradient(p) + self.noise[len(self.seen)])
        return self.seen[-1]


def noisy_runs():
    """Distances from the minimum of x²/2 under noise of standard deviation 1, in 200 runs from x = 5.

    Returns a dict from the name of a method to the root mean square of x after 100 and after 10,000 updates, and the
    sums h that AdaGrad has in the end, shape (200,).
    """
    methods = {
        "SGD, η = 0.5": (helpers.SGD(), lambda k: 0.5),
        "SGD, η = 1/√k": (helpers.SGD(), lambda k: 1 / np.sqrt(k)),
        "AdaGrad, η = 1": (helpers.AdaGrad(), lambda k: 1.0),
    }
    found = {}
    for name, (optimizer, schedule) in methods.items():
        rng = np.random.default_rng(0)
        x, distances = np.full(200, 5.0), []
        for k in range(1, 10_001):
            optimizer.lr = schedule(k)
            optimizer.update({"x": x}, {"x": x + rng.normal(size=200)})
            if k in (100, 10_000):
                distances.append(np.sqrt(np.mean(x**2)))
        found[name] = distances
    return found, optimizer.state["x"]["h"]


RANKS = np.arange(1, 21)
FREQUENCIES = {"all words alike": 0, "1 / rank (Zipf's law)": 1, "1 / rank²": 2}
TRUTH = np.where(RANKS % 2, 2.0, -2.0)
SAMPLES = 1000
SEEDS = 20
LRS = np.array(round_numbers(0.1, 100))  # those of the sliders
METHODS = {"SGD": "SGD, η constant", "decay": "SGD, η/√t", "AdaGrad": "AdaGrad, η/√h"}


_EXPONENT = Number("a number from 0 to 10", 0, 10)


class Seeds(Constraint):
    """Some seeds, as a tuple, for which results can be kept."""

    allowed = "a tuple of whole numbers, 0 or larger"

    def check(self, name, value):
        if not isinstance(value, tuple) or not value:
            refuse(name, value, self.allowed)
        for i, seed in enumerate(value):
            Whole().check(f"{name}[{i}]", seed)
        return value

    def bad(self):
        return [None, 3, "1", [], [1, 2], (), {1}, {1: 2}, range(3), len, *((1, seed) for seed in Whole().bad())]

    def good(self):
        return [(0, 1), (3,)]


@checked(exponent=_EXPONENT)
def frequency(exponent):
    """How often each of 20 words occurs, in proportion to 1/rankᵉ: shape (20,), the sum is 1."""
    share = 1.0 / RANKS**exponent
    return share / share.sum()


@checked(exponent=_EXPONENT, seed=Seed())
def samples(exponent, seed):
    """The words and the labels of one text: shapes (1000,), words from 0 to 19, labels 0 or 1."""
    rng = np.random.default_rng(seed)
    words = rng.choice(len(RANKS), SAMPLES, p=frequency(exponent))
    labels = rng.random(SAMPLES) < sigmoid(TRUTH[words])
    return words, labels.astype(float)


@checked(z=Array())
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@checked(w=Array((..., len(RANKS))))
def excess(w):
    """How much larger the expected loss of each word is with weights w than with the true ones, shapes (..., 20)."""
    p = sigmoid(TRUTH)
    loss = lambda w: p * np.logaddexp(0, -w) + (1 - p) * np.logaddexp(0, w)  # noqa: E731
    return loss(w) - loss(TRUTH)


@checked(method=Choice(METHODS), exponent=_EXPONENT, seeds=Seeds())
@functools.cache
def trained(method, exponent, seeds=tuple(range(SEEDS))):
    """The weights after one pass over the samples, for each seed and learning rate at once: shape (seeds, LRS, 20).

    Like an optimizer of `helpers` at work on one sample at a time, but only the weight of the sample's word is touched.
    """
    words, labels = np.array([samples(exponent, seed) for seed in seeds]).transpose(1, 2, 0)
    w = np.zeros((len(seeds), len(LRS), len(RANKS)))
    h = np.zeros_like(w)
    each = np.arange(len(seeds))
    for t, (word, label) in enumerate(zip(words.astype(int), labels, strict=True), start=1):
        at = each, slice(None), word
        g = sigmoid(w[at]) - label[:, None]
        if method == "AdaGrad":
            h[at] += g**2
            w[at] -= LRS * g / (np.sqrt(h[at]) + 1e-8)
        else:
            w[at] -= LRS / (np.sqrt(t) if method == "decay" else 1) * g
    return w


TRIED, JUDGED = tuple(range(100)), tuple(range(100, 300))  # seeds


@checked(exponent=_EXPONENT, tried=Seeds(), others=Seeds())
def judged(exponent, tried=TRIED, others=JUDGED):
    """Each method at the learning rate that is best on 100 seeds, judged on 200 others, or on other seeds.

    Returns two dicts from the methods: to the best learning rate, and to the excess losses on the others, one a seed.
    """
    share, best, losses = frequency(exponent), {}, {}
    for method in METHODS:
        known, fresh = ((share * excess(trained(method, exponent, seeds))).sum(axis=-1) for seeds in (tried, others))
        i = known.mean(axis=0).argmin()
        best[method], losses[method] = LRS[i], fresh[:, i]
    return best, losses
