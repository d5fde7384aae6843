"""Exercises: how far an update moves weights, the causes of three sick runs, clipping by norm; the runs to be named."""

import numpy as np

from lessons.diagnosis.experiments import CAUSES
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal, ValueExercise, as_array
from workbench.tutoring.questions import Question

# How far an update moves weights

_rng = np.random.default_rng(3)
BEFORE = _rng.normal(0.3, 1.0, size=(4, 3)).round(2)
AFTER = BEFORE + _rng.normal(0.02, 0.1, size=(4, 3)).round(3)


def my_ratio(before, after):
    change = after - before
    return np.linalg.norm(change) / np.linalg.norm(before)


RATIO = FunctionExercise(
    name="update ratio",
    task="return the length of the change of a weight matrix, divided by the length of the matrix before",
    solution=my_ratio,
    reference=my_ratio,
    problems=(
        Problem(
            "two weights by hand (3 and 4 become 3 and 4.5)",
            (np.array([[3.0, 4.0]]), np.array([[3.0, 4.5]])),
            by_hand=0.1,
        ),
        Problem("12 weights", (BEFORE, AFTER)),
        Problem("an update ten times as long", (BEFORE, BEFORE + 10 * (AFTER - BEFORE))),
        Problem("nothing moved", (BEFORE, BEFORE.copy())),
    ),
    mistakes=(
        Mistake(
            "divided by the new weights",
            "The change is compared with the weights that there were: divide by the length of `before`.",
            lambda before, after: np.linalg.norm(after - before) / np.linalg.norm(after),
        ),
        Mistake(
            "root forgotten",
            "A length is the root of the sum of the squares; np.linalg.norm takes it.",
            lambda before, after: ((after - before) ** 2).sum() / (before**2).sum(),
        ),
        Mistake(
            "difference of the lengths",
            "Weights can turn without becoming longer: take the length of the difference.",
            lambda before, after: (np.linalg.norm(after) - np.linalg.norm(before)) / np.linalg.norm(before),
            (lambda before, after: abs(np.linalg.norm(after) / np.linalg.norm(before) - 1),),
        ),
        Mistake(
            "weights divided by the change",
            "The change stands above: a ratio of 0.001 means that the weights moved by a thousandth.",
            lambda before, after: np.linalg.norm(before) / np.linalg.norm(after - before),
        ),
        Mistake(
            "entry by entry",
            "Weights near 0 make such quotients huge: first the two lengths, then one quotient.",
            lambda before, after: np.mean(np.abs((after - before) / before)),
            (
                lambda before, after: np.linalg.norm((after - before) / before),
                lambda before, after: np.abs((after - before) / before),
                lambda before, after: (after - before) / before,
                lambda before, after: np.mean((after - before) / before),
            ),
        ),
        Mistake(
            "signs cancel",
            "In a plain mean or sum, changes up and down cancel: take lengths.",
            lambda before, after: np.mean(after - before) / np.mean(before),
            (lambda before, after: abs(np.mean(after - before) / np.mean(before)),),
        ),
        Mistake(
            "length of the change alone",
            "Whether a change is large depends on the weights: divide by their length.",
            lambda before, after: np.linalg.norm(after - before),
        ),
        Mistake(
            "largest entries",
            "One weight says little of a layer: take the lengths of both matrices.",
            lambda before, after: np.abs(after - before).max() / np.abs(before).max(),
        ),
    ),
    variants=(
        Mistake(
            "with absolute values in place of squares",
            "For weights and changes that are normally distributed it is nearly the same number.",
            lambda before, after: np.abs(after - before).sum() / np.abs(before).sum(),
        ),
        Mistake(
            "with standard deviations in place of lengths",
            "The two agree where the means of weights and changes are near 0.",
            lambda before, after: np.std(after - before) / np.std(before),
        ),
    ),
    hints=(
        "What has to be measured is how far the weights are from where they were.",
        "`after - before` is the change; np.linalg.norm of a matrix is its length, the root of the sum of all squares.",
        "change = after - before\nreturn np.linalg.norm(change) / np.linalg.norm(before)",
    ),
)

# The causes of three sick runs

FITS = "it agrees with the cause"
# What the checkup of a run says against a cause, by the number of the cause.
AGAINST = {
    "I": {
        1: "the ratio is far below 0.01, so no step is too long",
        2: "one batch is learned almost perfectly in 100 updates, so the steps are long enough",
        3: "nearly all units of layer 4 are alive",
        4: "ten different digits are in a batch",
        5: "σ is that of He",
        6: "the largest input is 1",
        7: "the ratio is far below what a first step of Adam that is too long would give",
    },
    "II": {
        1: "the first loss is measured before any step, and it is many times ln 10",
        2: "the ratio is far above 0.001",
        3: "the gradient of W1 is not 0, and dead units do not make a first loss of many times ln 10",
        4: "ten different digits are in a batch",
        6: "the largest input is 1",
        7: "the first loss is measured before any step, and it is many times ln 10",
        8: "wrong labels leave the first loss near ln 10",
    },
    "III": {
        1: "one batch is learned almost perfectly at this learning rate",
        2: "one batch is learned almost perfectly in 100 updates, so the steps are long enough",
        3: "most units of layer 4 are alive",
        5: "σ is that of He",
        6: "the largest input is 1",
        7: "one batch is learned almost perfectly, and a batch shows something else that is odd",
        8: "wrong labels would be mixed, and a batch shows something that is not",
    },
}


def cause_facts(answer):
    if answer.shape != (3,):
        raise Refusal("The answer is three numbers, one for each run.")
    for name, number in zip(AGAINST, answer, strict=True):
        if number not in range(1, len(CAUSES) + 1):
            raise Refusal(
                f"Run {name} has the number {number:g}; allowed: 1 to {len(CAUSES)}, from the list of causes."
            )
    return {
        f"the checkup on run {name}": f"against it: {against[number]}" if number in against else FITS
        for (name, against), number in zip(AGAINST.items(), answer, strict=True)
    }


THREE = ValueExercise(
    name="three sick runs",
    task="replace each 0 by the number of the cause, from the list above",
    solution="my_causes = 8, 5, 4",
    reference=np.array([8.0, 5.0, 4.0]),
    facts=cause_facts,
    untouched=np.zeros(3),
    problems=(Problem("the causes of runs I, II and III", by_hand=[FITS] * 3),),
    mistakes=(
        Mistake(
            "flat loss taken for short steps",
            "A loss that stays at ln 10 has several causes. Can run I learn one batch?",
            (2, 5, 4),
        ),
        Mistake(
            "large loss put down to the inputs",
            "Two things enter the first loss, the inputs and the weights. Which of the two is out of its range?",
            (8, 6, 4),
        ),
        Mistake(
            "jumps put down to the learning rate",
            "Look at what run III is fed before blaming how fast it eats.",
            (8, 5, 1),
        ),
        Mistake(
            "dead units taken for the cause",
            "Units that die in a run may be what something else has led to. What is wrong before the first step?",
            (8, 3, 4),
        ),
        Mistake("numbered from 0", "The list begins with number 1.", (7, 4, 3)),
    ),
    hints=(
        "Compare each line of a checkup with that of the healthy run: which of them is far off?",
        "A first loss far from ln 10 is made by inputs or weights; a batch with one digit by the order; and a network "
        "that learns one batch but not many has nothing in common to learn from.",
        "my_causes = 8, 5, 4",
    ),
)

# Clipping by norm


def clip_facts(result, grads, limit):
    if not isinstance(result, dict):
        raise Refusal("The answer is a dict with the keys of grads.")
    if result.keys() != grads.keys():
        raise Refusal(f"The dict has the keys {', '.join(map(str, result)) or 'none'}; allowed: {', '.join(grads)}.")
    return {f"gradient of {key}": as_array(g) for key, g in result.items()}


def length(grads):
    return np.sqrt(sum((g**2).sum() for g in grads.values()))


def scaled(factor):
    """An answer that multiplies all gradients by a number, from the length of all of them and the limit."""
    return lambda grads, limit: {key: factor(length(grads), limit) * g for key, g in grads.items()}


def each_by_itself(function):
    """An answer that takes each gradient by itself."""
    return lambda grads, limit: {key: function(g, limit) for key, g in grads.items()}


GRADS = {"W1": _rng.normal(size=(3, 2)).round(2), "b1": np.array([0.3, -2.0]), "W2": _rng.normal(size=(2, 2)).round(2)}


def my_clip(grads, limit):
    length = np.sqrt(sum((g**2).sum() for g in grads.values()))
    factor = min(1, limit / length)
    return {key: factor * g for key, g in grads.items()}


CLIP = FunctionExercise(
    name="clipping by norm",
    task="return a dict of gradients that together are at most as long as the limit, in the same direction",
    solution=my_clip,
    reference=scaled(lambda norm, limit: min(1, limit / norm)),
    facts=clip_facts,
    problems=(
        # Their length is √(9 + 16) = 5, so everything is multiplied by 1/5.
        Problem(
            "two arrays by hand (W = 3 and 0, b = 4, limit 1)",
            ({"W1": np.array([[3.0, 0.0]]), "b1": np.array([4.0])}, 1.0),
            by_hand=[0.6, 0.0, 0.8],
        ),
        Problem("three arrays, limit 0.5", (GRADS, 0.5)),
        Problem("three arrays, limit 2", (GRADS, 2.0)),
        Problem("gradients shorter than the limit", (GRADS, 50.0)),
    ),
    mistakes=(
        Mistake(
            "each array by itself",
            "One length for all arrays together: else the direction of the update changes.",
            each_by_itself(lambda g, limit: g * min(1, limit / np.sqrt((g**2).sum()))),
        ),
        Mistake(
            "clipped by value",
            "np.clip cuts single entries and so turns the direction: multiply all of them by one number.",
            each_by_itself(lambda g, limit: np.clip(g, -limit, limit)),
        ),
        Mistake(
            "short gradients made longer",
            "A gradient that is shorter than the limit stays as it is: the factor is at most 1.",
            scaled(lambda norm, limit: limit / norm),
        ),
        Mistake(
            "root forgotten",
            "The length is the root of the sum of all squares.",
            scaled(lambda norm, limit: min(1, limit / norm**2)),
        ),
        Mistake(
            "divided by the length",
            "Unit length times the limit: the factor is limit / length.",
            scaled(lambda norm, limit: 1 / norm if norm > limit else 1),
        ),
        Mistake(
            "multiplied by the limit",
            "The factor is limit / length.",
            scaled(lambda norm, limit: limit if norm > limit else 1),
        ),
        Mistake(
            "long gradients set to 0",
            "A long gradient is shortened, not thrown away: its direction is worth something.",
            scaled(lambda norm, limit: 0.0 if norm > limit else 1.0),
        ),
        Mistake(
            "lengths of the arrays added up",
            "Squares add up, lengths do not: √(3² + 4²) is 5, and not 7.",
            lambda grads, limit: {
                key: g * min(1, limit / sum(np.linalg.norm(h) for h in grads.values())) for key, g in grads.items()
            },
        ),
        Mistake(
            "largest entry for the length",
            "The length counts all entries: the root of the sum of their squares.",
            lambda grads, limit: {
                key: g * min(1, limit / max(np.abs(h).max() for h in grads.values())) for key, g in grads.items()
            },
        ),
    ),
    hints=(
        "How long are all gradients together, taken as one long row of numbers?",
        "The length is `np.sqrt(sum((g**2).sum() for g in grads.values()))`. Above the limit, everything is multiplied "
        "by limit / length.",
        "length = np.sqrt(sum((g**2).sum() for g in grads.values()))\n"
        "factor = min(1, limit / length)\n"
        "return {key: factor * g for key, g in grads.items()}",
    ),
)

EXERCISES = RATIO, THREE, CLIP

WHY = {
    "A": ("shuffled labels", "Gradients, steps and units are as in the healthy run, yet the loss stays at ln 10."),
    "B": ("learning rate too high", "The first updates move weights by 2 to 7 % each, and the loss jumps about."),
    "C": ("missing normalization", "The first loss is 181, though the weights are drawn as in the healthy run."),
    "D": ("dead ReLUs", "All units of layers 2 to 4 are 0 for the whole batch, and no gradient gets through."),
    "E": ("unshuffled data", "The loss is nearly 0 for long, then high for a few batches: where the digit changes."),
    "F": ("wrong initialization", "The gradients are ten thousand times too short, in every layer and at once."),
    "G": ("no bias correction", "Its first step is three times what Adam's is at this η; hundreds of units die of it."),
    "H": ("learning rate too low", "The gradients are those of the healthy run, the steps a thousand times shorter."),
}
QUESTIONS = tuple(
    Question(
        name=f"run {name}",
        question=f"Run {name}: which cause fits what you see?",
        options=CAUSES,
        answer=answer,
        why=why,
    )
    for name, (answer, why) in WHY.items()
)
