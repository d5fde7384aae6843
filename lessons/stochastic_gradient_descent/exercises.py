"""Exercises: draws that are not even, an epoch, shuffled orders, a schedule that never fires."""

import numpy as np

from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal
from workbench.tutoring.questions import Question

# Three samples whose residuals at slope 1 and intercept 1 are 2, 4 and −1.
W, U3, T3 = np.array([1.0, 1.0]), np.array([1.0, 2.0, 3.0]), np.array([0.0, -1.0, 5.0])
_rng = np.random.default_rng(3)
U10, T10 = _rng.uniform(-1, 2, 10).round(2), _rng.uniform(-2, 3, 10).round(2)


def terms(w, u, t):
    """The gradients of single samples, shape (2, samples)."""
    r = w[0] * u + w[1] - t
    return np.array([r * u, r])


def gradient(w, u, t):
    """The mean gradient of (x u + y − t)²/2 over samples u, t."""
    return terms(w, u, t).mean(axis=1)


G3 = np.array([[2.0, 4.0], [6.0, -2.0], [1.0, 1.0]])  # the gradients of three samples
P3 = np.array([0.5, 0.25, 0.25])
G5, P5 = _rng.normal(size=(5, 2)).round(2), np.array([0.1, 0.3, 0.05, 0.35, 0.2])


def my_estimate(g, p, i):
    return g[i] / (len(g) * p[i])


UNEVEN = FunctionExercise(
    name="uneven draws",
    task="return an estimate of the mean gradient from the one sample i that was drawn, "
    "right on average when sample k is drawn with the probability p[k]",
    reference=my_estimate,
    solution=my_estimate,
    problems=(
        # 2/(3 · 0.5) and 4/(3 · 0.5).
        Problem(
            "3 samples, sample 0 by hand (gradient (2, 4), probability 1/2)",
            (G3, P3, 0),
            by_hand=[4 / 3, 8 / 3],
        ),
        Problem("3 samples, sample 1", (G3, P3, 1)),
        Problem("5 samples, sample 2, which is rare", (G5, P5, 2)),
        Problem("5 samples, sample 3, which comes often", (G5, P5, 3)),
        Problem("5 samples, gradients of 3 weights", (np.c_[G5, G5[::-1, 0]], P5, 1)),
        Problem("4 samples that come equally often", (G5[:4], np.full(4, 0.25), 1)),
    ),
    mistakes=(
        Mistake(
            "gradient of the sample as it is",
            "That is right on average only where all samples come equally often; one that comes often would count "
            "too much.",
            lambda g, p, i: g[i],
        ),
        Mistake(
            "multiplied by the probability",
            "A sample that comes often counts often already: divide by its probability.",
            lambda g, p, i: g[i] * p[i],
        ),
        Mistake(
            "n left out",
            "Σ p g/p is the sum of all gradients; the mean is a n-th of it.",
            lambda g, p, i: g[i] / p[i],
        ),
        Mistake(
            "divided by n alone",
            "A sample that comes rarely has to count more when it comes: divide by its probability, too.",
            lambda g, p, i: g[i] / len(g),
        ),
        Mistake(
            "number of weights for the number of samples",
            "n is how many samples there are, the number of rows: len(g).",
            lambda g, p, i: g[i] / (g.shape[1] * p[i]),
            (lambda g, p, i: g[i] / (len(g[i]) * p[i]),),
        ),
        Mistake(
            "all numbers of g counted",
            "g.size is rows times columns; n is the number of samples, the rows: len(g).",
            lambda g, p, i: g[i] / (g.size * p[i]),
        ),
        Mistake(
            "n on the wrong side",
            "The weight of the sample is 1/(n p), which is 1 where all samples come equally often.",
            lambda g, p, i: g[i] * len(g) * p[i],
        ),
        Mistake(
            "mean of all gradients",
            "That is what the estimate is right for on average; here only sample i was looked at.",
            lambda g, p, i: g.mean(axis=0),
        ),
        Mistake(
            "expected value of the plain draw",
            "Σ p g is where plain draws lead, and not the mean gradient. Only sample i was looked at.",
            lambda g, p, i: p @ g,
        ),
    ),
    hints=(
        "Draw very often: how often does sample i come, and how often should it count?",
        "Find the factor c for which the average, the sum of p[k] · c[k] · g[k] over all k, is the mean of all g[k].",
        "return g[i] / (len(g) * p[i])",
    ),
)


def epoch(w, u, t, order, m, lr, gradient=gradient):
    path = [w]
    for k in range(0, len(order), m):
        batch = order[k : k + m]
        w = w - lr * gradient(w, u[batch], t[batch])
        path.append(w)
    return path


def in_stored_order(w, u, t, order, m, lr):
    return epoch(w, u, t, np.arange(len(u)), m, lr)


def first_batch_only(w, u, t, order, m, lr):
    batch = order[:m]
    return epoch(w, u, t, order, m, lr, lambda w, *_: gradient(w, u[batch], t[batch]))


def all_samples(w, u, t, order, m, lr):
    return epoch(w, u, t, order, m, lr, lambda w, *_: gradient(w, u, t))


def rest_dropped(w, u, t, order, m, lr):
    return epoch(w, u, t, order[: len(order) // m * m], m, lr)


def overlapping(w, u, t, order, m, lr):
    path = [w]
    for k in range(len(order)):
        batch = order[k : k + m]
        w = w - lr * gradient(w, u[batch], t[batch])
        path.append(w)
    return path


def weights_of_the_start(w, u, t, order, m, lr):
    return epoch(w, u, t, order, m, lr, lambda _, *batch: gradient(w, *batch))


def summed(w, u, t, order, m, lr):
    return epoch(w, u, t, order, m, lr, lambda *args: terms(*args).sum(axis=1))


def batch_size_for_all(w, u, t, order, m, lr):
    return epoch(w, u, t, order, m, lr, lambda *args: terms(*args).sum(axis=1) / m)


ORDER = np.array([3, 8, 0, 5, 9, 1, 7, 2, 6, 4])


def my_epoch(w, u, t, order, m, lr):
    path = [w]
    for k in range(0, len(order), m):
        batch = order[k : k + m]
        w = w - lr * gradient(w, u[batch], t[batch])
        path.append(w)
    return path


EPOCH = FunctionExercise(
    name="one epoch",
    task="return all points of one epoch of mini-batch SGD, the start included; the last batch may be smaller",
    solution=my_epoch,
    reference=epoch,
    rows="update",
    problems=(
        # Order 2, 0, 1 in batches of 2: samples (3, 5) and (1, 0) have the residuals −1 and 2, the
        # mean gradient is (−0.5, 0.5), so w = (1.05, 0.95); then sample (2, −1) has the residual 4.05, the gradient
        # (8.1, 4.05).
        Problem(
            "two batches by hand, the second one of a single sample",
            (W, U3, T3, np.array([2, 0, 1]), 2, 0.1),
            by_hand=[[1.0, 1.0], [1.05, 0.95], [0.24, 0.545]],
        ),
        Problem("10 samples in batches of 5", (np.array([-2.0, 3.0]), U10, T10, ORDER, 5, 0.3)),
        Problem("10 samples in batches of 4, 4 and 2", (np.array([-2.0, 3.0]), U10, T10, ORDER, 4, 0.3)),
        Problem("10 samples one by one", (np.array([-2.0, 3.0]), U10, T10, ORDER, 1, 0.3)),
    ),
    mistakes=(
        Mistake(
            "order ignored",
            "Cut `order` into batches, and use them as indices: u[batch], t[batch].",
            in_stored_order,
        ),
        Mistake(
            "first batch in every update",
            "The batch must move on: order[k : k + m] with k = 0, m, 2m and so on.",
            first_batch_only,
        ),
        Mistake(
            "all samples in every update",
            "Give gradient the samples of the batch only: u[batch], t[batch].",
            all_samples,
        ),
        Mistake(
            "last batch dropped",
            "An epoch uses every sample: let k run up to len(order), and the last slice becomes shorter by itself.",
            rest_dropped,
        ),
        Mistake("overlapping batches", "k must move by m: `range(0, len(order), m)`.", overlapping),
        Mistake(
            "gradient at the start of the epoch",
            "Each batch has its gradient at the weights that the batch before left behind.",
            weights_of_the_start,
        ),
        Mistake("sum over the batch", "Take the mean over the batch, or the step grows with m.", summed),
        Mistake(
            "smaller batch divided by m",
            "The last batch has fewer samples: divide by len(batch), not by m.",
            batch_size_for_all,
        ),
        Mistake("start left out", "Begin with `path = [w]`.", lambda *args: epoch(*args)[1:]),
    ),
    hints=(
        "`order` says which sample comes when; cut it into pieces of m.",
        "`for k in range(0, len(order), m)` gives where each batch begins; the batch is `order[k : k + m]`.",
        "batch = order[k : k + m]\nw = w - lr * gradient(w, u[batch], t[batch])\npath.append(w)",
    ),
)


def order_facts(result, n, epochs, rng):
    """What is to be seen of an order of samples that is random."""
    try:
        orders = np.array(result)
    except ValueError:
        raise Refusal("The rows have different lengths; every epoch has n samples.") from None
    if orders.shape != (epochs, n):
        raise Refusal(f"The result has the shape {orders.shape}; allowed: {(epochs, n)}, a row for each epoch.")
    if orders.dtype.kind not in "iu":
        raise Refusal(f"Indices are whole numbers; these are of dtype {orders.dtype}.")
    told = {True: "yes", False: "no"}
    counts = np.bincount(orders.ravel().clip(0, n - 1), minlength=n)
    return {
        "every index is one of 0 … n − 1:": told[bool((orders >= 0).all() and (orders < n).all())],
        "every sample comes as often as there are epochs:": told[bool((counts == epochs).all())],
        "every epoch holds every sample once:": told[bool((np.sort(orders) == np.arange(n)).all())],
        "the samples are shuffled:": told[bool((orders != np.arange(n)).any())],
        "neighbors come apart:": told[n < 20 or bool((np.diff(orders, axis=1) == 1).mean() < 0.5)],
        "the epochs have different orders:": told[bool(epochs == 1 or (orders != orders[0]).any())],
    }


def seeded():
    return np.random.default_rng(0)


def my_orders(n, epochs, rng):
    return np.array([rng.permutation(n) for _ in range(epochs)])


ORDERS = FunctionExercise(
    name="shuffled epochs",
    task="return the order of n samples in each epoch, an array of shape (epochs, n), with the generator rng",
    solution=my_orders,
    reference=lambda n, epochs, rng: np.array([rng.permutation(n) for _ in range(epochs)]),
    facts=order_facts,
    problems=(
        Problem("3 epochs of 8 samples", (8, 3, seeded()), by_hand=["yes"] * 6),
        Problem("2 epochs of 50 samples", (50, 2, seeded())),
    ),
    mistakes=(
        Mistake(
            "drawn with replacement",
            "Independent draws miss about a third of the samples in an epoch. A permutation holds each of them once.",
            lambda n, epochs, rng: rng.integers(n, size=(epochs, n)),
        ),
        Mistake(
            "the same order in every epoch",
            "Shuffle again for every epoch: the call of permutation stands inside of the loop.",
            lambda n, epochs, rng: np.tile(rng.permutation(n), (epochs, 1)),
        ),
        Mistake(
            "not shuffled",
            "The samples come in the order in which they are stored; use `rng.permutation(n)`.",
            lambda n, epochs, rng: np.tile(np.arange(n), (epochs, 1)),
        ),
        Mistake(
            "shuffled across epochs",
            "A sample may then come twice in one epoch and not at all in another: shuffle each epoch by itself.",
            lambda n, epochs, rng: rng.permutation(np.tile(np.arange(n), epochs)).reshape(epochs, n),
        ),
        Mistake(
            "counted from 1",
            "Python counts samples from 0: the last of n has the index n − 1.",
            lambda n, epochs, rng: np.array([rng.permutation(n) + 1 for _ in range(epochs)]),
        ),
    ),
    hints=(
        "What is an order in which every sample comes once? Look for it among the methods of rng.",
        "`rng.permutation(n)` is the order of one epoch; every epoch needs a call of its own.",
        "return np.array([rng.permutation(n) for _ in range(epochs)])",
    ),
)


def schedule(update, n, m):
    epochs = update * m / n
    return 0.3 if epochs < 10 else 0.03 if epochs < 20 else 0.003


def boundaries(*at):
    """A schedule that falls to a tenth at each of two updates: functions of n and m."""
    first, second = at
    return lambda update, n, m: 0.3 if update < first(n, m) else 0.03 if update < second(n, m) else 0.003


def my_schedule(update, n, m):
    updates_per_epoch = n / m
    if update < 10 * updates_per_epoch:
        return 0.3
    if update < 20 * updates_per_epoch:
        return 0.03
    return 0.003


SCHEDULE = FunctionExercise(
    name="schedule bug hunt",
    vary={"update": (40, 80), "n": (16, 64), "m": (4, 16)},  # n is to be a multiple of m
    task="repair a schedule that should divide η by 10 after 10 epochs, and by 10 again after 20",
    solution=my_schedule,
    reference=schedule,
    problems=(
        # 10 epochs of 32 samples in batches of 8 are 40 updates.
        Problem("update 40, 32 samples in batches of 8, by hand (10 epochs are over)", (40, 32, 8), by_hand=0.03),
        Problem("update 60", (60, 32, 8)),
        Problem("update 0", (0, 32, 8)),
        Problem("update 39", (39, 32, 8)),
        Problem("update 79", (79, 32, 8)),
        Problem("update 80", (80, 32, 8)),
        Problem("update 99", (99, 32, 8)),
        Problem("update 160, after 40 epochs", (160, 32, 8)),
        Problem("update 399, 32 samples one by one", (399, 32, 1)),
        Problem("update 15, full batches of 32", (15, 32, 32)),
    ),
    mistakes=(
        Mistake(
            "boundaries in samples",
            "10 n is a number of samples, and `update` counts batches: the last update comes before it, "
            "and η never falls. An epoch has n/m updates.",
            boundaries(lambda n, m: 10 * n, lambda n, m: 20 * n),
        ),
        Mistake(
            "boundaries in epochs",
            "10 is a number of epochs, and `update` counts batches: η falls too early. An epoch has n/m updates.",
            boundaries(lambda n, m: 10, lambda n, m: 20),
        ),
        Mistake(
            "boundaries in samples of a batch",
            "m is the number of samples in a batch; an epoch has n/m updates.",
            boundaries(lambda n, m: 10 * m, lambda n, m: 20 * m),
        ),
        Mistake(
            "one update late",
            "Updates count from 0: when `update` is 10 n/m, ten epochs are over. Compare with <, not with <=.",
            boundaries(lambda n, m: 10 * n / m + 1, lambda n, m: 20 * n / m + 1),
        ),
        Mistake(
            "only the first fall",
            "After 20 epochs η must fall again.",
            boundaries(lambda n, m: 10 * n / m, lambda n, m: np.inf),
        ),
        Mistake(
            "second fall after 30 epochs",
            "The second fall is after 20 epochs in all, 10 after the first one.",
            boundaries(lambda n, m: 10 * n / m, lambda n, m: 30 * n / m),
        ),
    ),
    hints=(
        "Print η for the first and the last update of 25 epochs. When does it fall?",
        "In what unit is `update`, and in what unit are the boundaries? How many updates has an epoch?",
        "updates_per_epoch = n / m\nif update < 10 * updates_per_epoch:",
    ),
)

EXERCISES = EPOCH, SCHEDULE, ORDERS, UNEVEN


QUESTIONS = (
    Question(
        name="one sample an update",
        question=(
            "One sample per update instead of 32, with the same η: how many times as many updates does it take to come "
            "close to the minimum?"
        ),
        options=("32 times as many", "about √32 times as many", "about as many"),
        answer="about as many",
        why="Far from the minimum most samples agree, so one of them points about the right way.",
    ),
    Question(
        name="every sample twice",
        question=(
            "Every sample is copied once, so that there are 64. Which batch sizes now have to look at more samples to "
            "come as close to the minimum?"
        ),
        options=("all of them", "the mini-batch and the full batch", "the full batch alone"),
        answer="the full batch alone",
        why="It computes 64 gradients an update, and the copies tell it nothing new.",
    ),
    Question(
        name="a constant learning rate",
        question="Where does SGD with one sample and a constant learning rate end?",
        options=("in the minimum", "in a cloud around it", "far away from it"),
        answer="in a cloud around it",
        why="At the minimum the gradients of the samples are not zero, only their mean is.",
    ),
    Question(
        name="out of the shallow valley",
        question=(
            "A descent sits in a shallow valley beside a deep one, with η = 0.3. Which batch sizes get it "
            "out in 100 updates?"
        ),
        options=("small ones", "all of them", "large ones", "none"),
        answer="small ones",
        why="The full batch stays where its loss has a valley; one sample is noisy enough to leave it.",
    ),
)
