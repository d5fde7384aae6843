"""Exercises: the learning rate that held-out digits choose, and a paired difference with its standard error."""

import numpy as np

from lessons import lesson
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal, as_array
from workbench.tutoring.questions import Question

GUESS = 0.1  # the accuracy of a guess among ten digits
nan = np.nan


def my_rate(lrs, held_out):
    accuracies = np.where(np.isnan(held_out), 0.1, held_out)
    return lrs[np.median(accuracies, axis=1).argmax()]


def chosen(by, best=np.argmax, of=lambda held_out: np.where(np.isnan(held_out), GUESS, held_out)):
    """The rate at which `by` of each row of accuracies is the best."""
    return lambda lrs, held_out: lrs[best(by(of(held_out)))]


def medians(accuracies):
    return np.median(accuracies, axis=1)


def medians_of_those_left(held_out):
    """The median of the runs that did not diverge; 0 where none is left."""
    return np.array([np.median(row[~np.isnan(row)]) if not np.isnan(row).all() else 0.0 for row in held_out])


def median_of_each_seed(accuracies):
    return np.median(accuracies, axis=0)


RATES = np.array([0.001, 0.01, 0.1, 1.0])

RATE = FunctionExercise(
    name="best rate",
    task="return the learning rate whose held-out accuracies have the highest median; held_out has a row for each rate "
    "and a column for each seed, and nan, a run that diverged, counts as a guess, 0.1",
    solution=my_rate,
    reference=my_rate,
    problems=(
        Problem(
            "two rates by hand (the medians are 0.8 and 0.9)",
            (np.array([0.01, 0.1]), np.array([[0.8, 0.95, 0.7], [0.9, 0.9, 0.1]])),
            by_hand=0.1,
        ),
        Problem(
            "a rate at which two of three runs diverge",
            (RATES, np.array([[0.91, 0.92, 0.93], [0.94, 0.95, 0.96], [0.945, 0.91, 0.955], [nan, nan, 0.98]])),
        ),
        Problem(
            "a rate with one lucky run",
            (RATES, np.array([[0.91, 0.92, 0.93], [0.95, 0.93, 0.94], [0.97, 0.93, 0.93], [0.52, nan, nan]])),
        ),
        Problem(
            "a rate with one run that failed",
            (RATES, np.array([[0.91, 0.92, 0.93], [0.94, 0.95, 0.93], [0.96, 0.965, 0.3], [nan, nan, nan]])),
        ),
        Problem(
            "a rate with one run that diverged",
            (RATES, np.array([[0.931, 0.92, 0.93], [0.95, 0.96, nan], [0.94, 0.945, 0.947], [0.3, 0.2, 0.4]])),
        ),
        Problem(
            "rates with two seeds, of which one run diverged",
            (RATES[1:3], np.array([[0.92, nan], [0.48, 0.49]])),
        ),
        Problem(
            "four rates and five seeds",
            (
                RATES,
                np.array(
                    [
                        [0.91, 0.90, 0.92, 0.91, 0.93],
                        [0.94, 0.93, 0.95, 0.94, 0.92],
                        [0.93, nan, 0.97, 0.92, 0.91],
                        [nan, nan, nan, nan, 0.95],
                    ]
                ),
            ),
        ),
    ),
    mistakes=(
        Mistake(
            "index for the rate",
            "argmax says in which row the best median stands. The rate is the entry of lrs at that place.",
            lambda lrs, held_out: medians(np.where(np.isnan(held_out), GUESS, held_out)).argmax(),
        ),
        Mistake(
            "accuracy for the rate",
            "The highest median is an accuracy. Ask for its place with argmax, and return the rate at that place.",
            lambda lrs, held_out: medians(np.where(np.isnan(held_out), GUESS, held_out)).max(),
        ),
        Mistake(
            "nan left in",
            "The median of a row with nan is nan, and argmax takes the first nan for the largest. "
            "Put 0.1 in its place before.",
            chosen(medians, of=lambda held_out: held_out),
        ),
        Mistake(
            "0 for a guess",
            "Guessing among ten digits is right in one of ten: put 0.1 in the place of nan.",
            chosen(medians, of=np.nan_to_num),
        ),
        Mistake(
            "runs that diverged left out",
            "A rate at which two of three runs diverge is a bad one. `nanmedian` looks only at the runs that are left: "
            "put 0.1 in the place of nan.",
            chosen(medians_of_those_left, of=lambda held_out: held_out),
        ),
        Mistake(
            "best single run",
            "The largest accuracy of a row is that of its luckiest seed. Take the median of the row.",
            chosen(lambda accuracies: accuracies.max(axis=1)),
        ),
        Mistake(
            "mean for the median",
            "One failed run pulls the mean far down, and the median hardly: `np.median(…, axis=1)`.",
            chosen(lambda accuracies: accuracies.mean(axis=1)),
        ),
        Mistake(
            "worst single run",
            "The smallest accuracy of a row is that of its unluckiest seed. Take the median of the row.",
            chosen(lambda accuracies: accuracies.min(axis=1)),
        ),
        Mistake(
            "lowest accuracy",
            "These are accuracies, not losses: the best is the highest, argmax.",
            chosen(medians, np.argmin),
        ),
        Mistake(
            "median over the rates",
            "Each rate has a row of its own, with a number for each seed: the median goes along the row, axis=1.",
            chosen(median_of_each_seed),
        ),
    ),
    hints=(
        "What should stand in the place of nan, before any median is taken?",
        "`np.where(np.isnan(held_out), 0.1, held_out)`, then the median of each row, `axis=1`, then `argmax`.",
        "accuracies = np.where(np.isnan(held_out), 0.1, held_out)\nreturn lrs[np.median(accuracies, axis=1).argmax()]",
    ),
)


def my_difference(a, b):
    d = a - b
    return d.mean(), d.std(ddof=1) / np.sqrt(len(d))


def with_error(error, mean=lambda a, b: np.mean(a - b)):
    """A difference with another standard error."""
    return lambda a, b: (mean(a, b), error(a, b))


def right_error(a, b):
    return my_difference(a, b)[1]


def unpaired(a, b):
    return np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))


def difference_facts(result, a, b):
    if not isinstance(result, tuple | list | np.ndarray) or len(result) != 2:
        raise Refusal("The answer is two numbers: `return mean, standard_error`.")
    return dict(zip(("the mean", "the standard error"), map(as_array, result), strict=True))


_rng = np.random.default_rng(20)
BASE = _rng.normal(0.08, 0.01, 6).round(4)

DIFFERENCE = FunctionExercise(
    name="paired difference",
    task="return the mean of a − b and its standard error, for losses a and b of two methods with the same seeds",
    solution=my_difference,
    reference=my_difference,
    facts=difference_facts,
    problems=(
        Problem(
            "four seeds by hand (the differences are 1, 3, 1 and 3: mean 2, and the root of (4/3)/4)",
            (np.array([11.0, 23.0, 31.0, 43.0]), np.array([10.0, 20.0, 30.0, 40.0])),
            by_hand=[2.0, np.sqrt(1 / 3)],
        ),
        Problem("two seeds", (np.array([0.5, 0.9]), np.array([0.75, 0.8]))),
        Problem("six seeds", (BASE, (BASE + _rng.normal(0.002, 0.001, 6)).round(4))),
        Problem("five seeds, a the larger", (BASE[:5] + 0.01, BASE[[1, 0, 3, 2, 4]])),
    ),
    mistakes=(
        Mistake(
            "pairs torn apart",
            "The seeds differ by more than the methods do, and that spread is in a and in b alike. Take the difference "
            "of each pair first, then the spread of the differences.",
            with_error(unpaired),
        ),
        Mistake(
            "spread of a single seed",
            "The standard deviation says how far one difference is off. The mean of n of them is off by √n times less.",
            with_error(lambda a, b: np.std(a - b, ddof=1)),
        ),
        Mistake(
            "divided by n instead of its root",
            "The standard error falls with the root of the number of seeds: divide by √n.",
            with_error(lambda a, b: np.std(a - b, ddof=1) / len(a)),
        ),
        Mistake(
            "n for n − 1",
            "The mean was taken from the same differences, so their spread is divided by n − 1: `ddof=1`.",
            with_error(lambda a, b: np.std(a - b) / np.sqrt(len(a))),
        ),
        Mistake(
            "variance for standard deviation",
            "var is the square of the spread: take its root, then divide by √n.",
            with_error(lambda a, b: np.var(a - b, ddof=1) / np.sqrt(len(a))),
        ),
        Mistake(
            "square of the standard error",
            "The variance over n is its square: take the root.",
            with_error(lambda a, b: np.var(a - b, ddof=1) / len(a)),
        ),
        Mistake(
            "interval in place of the standard error",
            "1.96 or 2 standard errors are half of an interval for 95 %; asked for is one.",
            with_error(lambda a, b: 1.96 * right_error(a, b)),
            (with_error(lambda a, b: 2 * right_error(a, b)),),
        ),
        Mistake(
            "both methods counted",
            "There are n differences, one for each seed, not 2n: divide by √n.",
            with_error(lambda a, b: right_error(a, b) / np.sqrt(2)),
        ),
        Mistake(
            "divided by the root of n − 1, too",
            "The n − 1 belongs into the standard deviation, `ddof=1`; the mean is one of n differences, so divide that "
            "by √n.",
            with_error(lambda a, b: np.std(a - b, ddof=1) / np.sqrt(len(a) - 1)),
        ),
        Mistake(
            "b − a",
            "It is a − b: positive where a has the larger loss.",
            with_error(right_error, lambda a, b: np.mean(b - a)),
        ),
        Mistake(
            "signs lost",
            "A difference keeps its sign: where a wins on some seeds and b on others, they cancel.",
            lambda a, b: (np.abs(a - b).mean(), np.abs(a - b).std(ddof=1) / np.sqrt(len(a))),
        ),
        Mistake(
            "median for the mean",
            "The standard error belongs to the mean of the differences: `np.mean(a - b)`.",
            with_error(right_error, lambda a, b: np.median(a - b)),
        ),
    ),
    hints=(
        "Which numbers does the pairing give you, one for each seed?",
        "`d = a - b`; its standard deviation with `ddof=1`, and how does the mean of n numbers spread?",
        "d = a - b\nreturn d.mean(), d.std(ddof=1) / np.sqrt(len(d))",
    ),
)

EXERCISES = RATE, DIFFERENCE


QUESTIONS = (
    Question(
        name="lowest loss on digits",
        question="η = 0.01, but 0.001 for RMSProp and Adam: which has the lowest loss after 2000 iterations?",
        options=("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam"),
        answer="Adam",
        why="It has the lowest loss on four of five seeds; AdaGrad, which is ahead at first, on none.",
    ),
    Question(
        name="accuracies apart",
        question=(
            "Give each optimizer its own best learning rate: how far apart are their accuracies on the test digits?"
        ),
        options=("less than 1 point", "about 3 points", "about 10 points"),
        answer="less than 1 point",
        why="All six lie within half a point: the ranking was one of learning rates.",
    ),
    Question(
        name="wrong test digits",
        question="How many of the 10,000 test digits does the best network of this lesson get wrong?",
        answer=200,
        within=1.4,
        why=f"Between 150 and 250; {lesson('lenet')} gets fewer wrong, with another kind of layer.",
    ),
)
