"""Exercises: a warm-up with half a cosine, a learning rate on a plateau."""

import numpy as np

from workbench.networks import schedules
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem
from workbench.tutoring.questions import Question

# Warm-up and cosine


def my_schedule(lr, iterations, updates):
    k = np.arange(iterations)
    half_cosine = lr * (1 + np.cos(np.pi * k / iterations)) / 2
    return half_cosine * np.minimum(1, (k + 1) / updates)


def warm_cosine(lr, iterations, updates):
    return schedules.warmup(schedules.cosine(lr, iterations), iterations, updates)(np.arange(iterations))


def half_cosine(lr, iterations, updates, k=None, turns=1.0, warm=lambda k, u: np.minimum(1, (k + 1) / u)):
    """The schedule with another k, other turns of the cosine, or another warm-up."""
    k = np.arange(iterations) if k is None else k
    return lr * (1 + np.cos(np.pi * turns * k / iterations)) / 2 * warm(k, updates)


def after_warmup(lr, iterations, updates):
    k = np.arange(iterations)
    later = np.maximum(k - updates, 0) / (iterations - updates)
    return lr * np.minimum(1, (k + 1) / updates) * (1 + np.cos(np.pi * later)) / 2


WARM_COSINE = FunctionExercise(
    name="warm-up and cosine",
    task="return the learning rates of all updates, half a cosine times a warm-up, as in the table of schedules",
    reference=warm_cosine,
    solution=my_schedule,
    problems=(
        # The cosine is 1, √½, 0 and −√½; its halves times 2 are 2, 1 + √½, 1 and 1 − √½; the first counts half.
        Problem(
            "4 updates by hand (η₀ = 2, a warm-up of 2)",
            (2.0, 4, 2),
            by_hand=[1.0, 1 + 0.5**0.5, 1.0, 1 - 0.5**0.5],
        ),
        Problem("10 updates, a warm-up of 3", (0.5, 10, 3)),
        Problem("100 updates, a warm-up of 50", (0.1, 100, 50)),
    ),
    mistakes=(
        Mistake(
            "warm-up from 0",
            "The first update would do nothing: it has (k + 1)/u with k = 0.",
            lambda *a: half_cosine(*a, warm=lambda k, u: np.minimum(1, k / u)),
        ),
        Mistake(
            "warm-up that never ends",
            "From update u on the factor stays 1: `np.minimum(1, (k + 1) / u)`.",
            lambda *a: half_cosine(*a, warm=lambda k, u: (k + 1) / u),
        ),
        Mistake(
            "no warm-up",
            "Multiply by min(1, (k + 1)/u).",
            lambda *a: half_cosine(*a, warm=lambda k, u: 1),
        ),
        Mistake(
            "cosine begun after the warm-up",
            "Keras does it that way. Here both run from the first update, and the schedule is their product.",
            after_warmup,
        ),
        Mistake(
            "a whole cosine",
            "cos(2πk/N) comes back to η₀ at the end; half a turn, cos(πk/N), ends near 0.",
            lambda *a: half_cosine(*a, turns=2),
        ),
        Mistake(
            "a straight line",
            "1 − k/N falls in equal steps; half a cosine is slow at first and at the end, (1 + cos(πk/N))/2.",
            lambda lr, n, u: lr * (1 - np.arange(n) / n) * np.minimum(1, (np.arange(n) + 1) / u),
        ),
        Mistake(
            "a quarter of a cosine",
            "cos(πk/2N) alone is another shape; here it is (1 + cos(πk/N))/2.",
            lambda lr, n, u: lr * np.cos(np.pi / 2 * np.arange(n) / n) * np.minimum(1, (np.arange(n) + 1) / u),
        ),
        Mistake(
            "the cosine alone",
            "cos(πk/N) falls below 0 half way: lift it by 1 and take half, (1 + cos(πk/N))/2.",
            lambda lr, n, u: lr * np.cos(np.pi * np.arange(n) / n) * np.minimum(1, (np.arange(n) + 1) / u),
        ),
        Mistake(
            "½ forgotten",
            "1 + cos is 2 at the start: take half of it.",
            lambda *a: 2 * half_cosine(*a),
        ),
        Mistake(
            "k counted from 1",
            "The first update has k = 0: `np.arange(iterations)`.",
            lambda lr, n, u: half_cosine(lr, n, u, k=np.arange(1, n + 1)),
            (lambda lr, n, u: half_cosine(lr, n, u, k=np.arange(1, n + 1), warm=lambda k, u: np.minimum(1, k / u)),),
        ),
        Mistake(
            "the smaller of the two",
            "The warm-up is a factor: multiply the cosine by it, instead of taking what is smaller.",
            lambda lr, n, u: np.minimum(half_cosine(lr, n, u, warm=lambda k, u: 1), lr * (np.arange(n) + 1) / u),
        ),
        Mistake(
            "one update too many",
            "N updates have k = 0 to N − 1: `np.arange(iterations)`.",
            lambda lr, n, u: half_cosine(lr, n, u, k=np.arange(n + 1)),
        ),
    ),
    hints=(
        "Start from `k = np.arange(iterations)`: both factors are functions of k.",
        "Half a cosine is `lr * (1 + np.cos(np.pi * k / iterations)) / 2`; the warm-up is the last row of the table.",
        "k = np.arange(iterations)\n"
        "half_cosine = lr * (1 + np.cos(np.pi * k / iterations)) / 2\n"
        "return half_cosine * np.minimum(1, (k + 1) / updates)",
    ),
)


# A learning rate on a plateau


def my_plateau(losses, lr, factor, patience):
    lrs, lowest, waited = [], np.inf, 0
    for loss in losses:
        if loss < lowest:
            lowest, waited = loss, 0
        else:
            waited += 1
        if waited == patience:
            lr, waited = lr * factor, 0
        lrs.append(lr)
    return lrs


def plateau(
    better=lambda loss, lowest, before: loss < lowest,
    late=0,
    reset=True,
    again=True,
    before=False,
    lower=lambda lr, factor: lr * factor,
):
    """A schedule with one thing wrong: what counts as better, when it falls, what happens after that."""

    def answer(losses, lr, factor, patience):
        lrs, lowest, last, waited, fallen = [], np.inf, np.inf, 0, False
        for loss in losses:
            if before:
                lrs.append(lr)
            if better(loss, lowest, last):
                lowest, waited = loss, 0 if reset else waited
            else:
                waited += 1
            last = loss
            if waited >= patience + late and not (fallen and not again):
                lr, fallen = lower(lr, factor), True
                waited = 0 if again else waited
            if not before:
                lrs.append(lr)
        return lrs

    return answer


def lowest_forgotten(losses, lr, factor, patience):
    lrs, lowest, waited = [], np.inf, 0
    for loss in losses:
        lowest, waited = (loss, 0) if loss < lowest else (lowest, waited + 1)
        if waited == patience:
            lr, lowest, waited = lr * factor, loss, 0
        lrs.append(lr)
    return lrs


def kept_waiting(losses, lr, factor, patience):
    lrs, lowest, waited = [], np.inf, 0
    for loss in losses:
        lowest, waited = (loss, 0) if loss < lowest else (lowest, waited + 1)
        lr = lr * factor if waited >= patience else lr
        lrs.append(lr)
    return lrs


PLATEAU = FunctionExercise(
    name="learning rate on a plateau",
    task="return the learning rate after each measured loss: it is multiplied by factor when `patience` losses "
    "in a row were not lower than the lowest so far, and then the count starts again",
    reference=my_plateau,
    solution=my_plateau,
    problems=(
        Problem(
            "losses 5, 3, 4, 3.5, 2, 2, 2.5, 1 by hand (η = 8, factor ½, patience 2: it falls at 3.5 and at 2.5)",
            (np.array([5.0, 3.0, 4.0, 3.5, 2.0, 2.0, 2.5, 1.0]), 8.0, 0.5, 2),
            by_hand=[8.0, 8.0, 8.0, 4.0, 4.0, 4.0, 2.0, 2.0],
        ),
        Problem("a loss that stays", (np.full(9, 3.0), 0.9, 0.1, 3)),
        Problem("losses that only fall", (np.array([4.0, 3.0, 2.0, 1.0]), 0.5, 0.3, 1)),
        Problem("losses that swing", (np.array([5.0, 6.0, 4.0, 5.5, 4.5, 4.2, 3.0, 3.5, 3.4, 3.3, 3.2]), 0.4, 0.2, 2)),
        Problem("patience 1", (np.array([2.0, 3.0, 2.5, 1.0, 1.5, 0.5]), 1.0, 0.5, 1)),
        Problem(
            "new lows between the others", (np.array([5.0, 6.0, 4.0, 5.0, 3.0, 4.0, 2.0, 3.0, 3.5, 3.6]), 0.6, 0.5, 3)
        ),
    ),
    mistakes=(
        Mistake(
            "compared with the loss before",
            "Better means lower than the lowest so far, not lower than the last one.",
            plateau(better=lambda loss, lowest, before: loss < before),
        ),
        Mistake(
            "equal counted as better",
            "A loss that only equals the lowest is no progress.",
            plateau(better=lambda loss, lowest, before: loss <= lowest),
        ),
        Mistake(
            "lowest loss forgotten at a fall",
            "Only the count starts again; what has to be beaten is still the lowest loss of all.",
            lowest_forgotten,
        ),
        Mistake(
            "one measurement too patient",
            "It falls at the loss with which `patience` in a row were no better.",
            plateau(late=1),
        ),
        Mistake(
            "count never renewed by a new low", "Every new lowest loss starts the count again.", plateau(reset=False)
        ),
        Mistake(
            "count goes on after a fall",
            "After a fall the count starts again, or η falls at every loss from then on.",
            kept_waiting,
        ),
        Mistake(
            "one fall only",
            "It can fall again and again, whenever patience is used up, and each fall multiplies the present η.",
            plateau(again=False),
        ),
        Mistake(
            "one measurement late in the list",
            "The loss with which patience is used up has the new learning rate already: append after the fall.",
            plateau(before=True),
        ),
        Mistake("factor taken off", "η is multiplied by the factor.", plateau(lower=lambda lr, factor: lr - factor)),
        Mistake(
            "divided by the factor",
            "A factor of ½ halves η: multiply.",
            plateau(lower=lambda lr, factor: lr / factor),
        ),
    ),
    hints=(
        "What has to be remembered from one loss to the next? Three things.",
        "A loss below the lowest so far sets the count to 0, any other adds 1. Where the count is `patience`, η "
        "falls and the count is 0 again. Then η goes into the list.",
        "if loss < lowest:\n    lowest, waited = loss, 0\nelse:\n    waited += 1\n"
        "if waited == patience:\n    lr, waited = lr * factor, 0\nlrs.append(lr)",
    ),
)

EXERCISES = WARM_COSINE, PLATEAU


QUESTIONS = (
    Question(
        name="a drop at update 1000",
        question=(
            "A learning rate of 0.1 is planned to drop to 0.01 at update 1000, and the run has 600 updates. What "
            "becomes of it?"
        ),
        options=("it drops at the last update", "it stays at 0.1", "it goes down to 0.01 bit by bit"),
        answer="it stays at 0.1",
        why="A boundary past the end does nothing; schedules that know how long the run is refuse it.",
    ),
    Question(
        name="no noise at all",
        question=("The gradients are exact. Which learning rate has the lowest loss on the bowl after 300 updates?"),
        options=("0.5 all the time", "0.5, and a tenth of it from the middle on", "half a cosine from 0.5 down to 0"),
        answer="0.5 all the time",
        why="Without noise there is nothing to calm, and every shorter step is a step lost.",
    ),
    Question(
        name="the steepest direction",
        question=(
            "A network starts to learn with a small learning rate. What becomes of the largest curvature of its loss "
            "during the first 40 updates?"
        ),
        options=("it falls to a fifth or less", "it stays as it is, within a third", "it grows to five times or more"),
        answer="it grows to five times or more",
        why="On five of five seeds: from 7 to 15 at the start to 66 to 90 after 40 updates.",
    ),
)
