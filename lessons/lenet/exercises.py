"""Exercises: a feature map, max pooling and its way back, the parameters of a LeNet for colors."""

import numpy as np

from lessons import lesson
from workbench.networks.convolution import Convolution, MaxPool
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal, ValueExercise
from workbench.tutoring.questions import Question

# A feature map


def feature_map(x, W, b, padding="valid"):
    return Convolution(W[None, None], np.array([b]), padding).forward(x[None, None])[0, 0]


def windows(x, W):
    """x under the kernel at each place, shape (h', w', m, m)."""
    return np.lib.stride_tricks.sliding_window_view(x, W.shape)


_rng = np.random.default_rng(13)
PICTURE, KERNEL = _rng.normal(size=(7, 9)).round(1), _rng.normal(size=(3, 3)).round(1)


def my_feature_map(x, W, b):
    (h, w), m = x.shape, len(W)
    y = np.zeros((h - m + 1, w - m + 1))
    for i in range(h - m + 1):
        for j in range(w - m + 1):
            y[i, j] = np.sum(x[i : i + m, j : j + m] * W) + b
    return y


MAP = FunctionExercise(
    name="feature map",
    task="return the feature map of one picture x under one kernel W with the bias b, where the kernel fits (valid)",
    solution=my_feature_map,
    reference=feature_map,
    problems=(
        Problem(
            "3 × 3 pixels and a kernel of 2 × 2, by hand",
            (
                np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]]),
                np.array([[1.0, 2.0], [0.0, -1.0]]),
                0.5,
            ),
            by_hand=[[4.5, -0.5], [2.5, 6.5]],
        ),
        Problem("7 × 9 pixels and a kernel of 3 × 3", (PICTURE, KERNEL, -0.7)),
        Problem("a kernel as large as the picture", (PICTURE[:3, :3], KERNEL, 2.0)),
    ),
    mistakes=(
        Mistake(
            "kernel flipped",
            "Mathematics turns the kernel by 180°; in networks it lies on the picture as it is, at x[i + p, j + q].",
            lambda x, W, b: feature_map(x, W[::-1, ::-1], b),
        ),
        Mistake(
            "rows and columns of the kernel swapped",
            "W[p, q] meets x[i + p, j + q]: p goes with the rows.",
            lambda x, W, b: feature_map(x, W.T, b),
        ),
        Mistake("bias left out", "b is added to every number of the map.", lambda x, W, b: feature_map(x, W, 0 * b)),
        Mistake(
            "bias added for every weight",
            "b is added once to each sum, after the products.",
            lambda x, W, b: feature_map(x, W, b * W.size),
        ),
        Mistake(
            "last row and column left out",
            "A kernel of m rows fits h − m + 1 times into h rows.",
            lambda x, W, b: feature_map(x, W, b)[:-1, :-1],
        ),
        Mistake(
            "margin of zeros",
            "Valid means only where the kernel fits: the map is smaller than the picture.",
            lambda x, W, b: feature_map(np.pad(x, [(m // 2, (m - 1) // 2) for m in W.shape]), W, b),
        ),
        Mistake(
            "steps as long as the kernel",
            "The kernel moves by one pixel; tiles that do not overlap are for pooling.",
            lambda x, W, b: feature_map(x, W, b)[:: len(W), :: len(W)],
        ),
        Mistake(
            "matrix product for products",
            "Weights and pixels are multiplied one by one, `*`, not by `@`.",
            lambda x, W, b: (windows(x, W) @ W).sum(axis=(2, 3)) + b,
        ),
        Mistake(
            "mean for sum",
            "The products are added up; nothing is divided.",
            lambda x, W, b: (feature_map(x, W, b) - b) / W.size + b,
        ),
    ),
    hints=(
        "How many places are there for the kernel in a row, and in a column?",
        "Two loops over the places i, j; under the kernel lies `x[i : i + m, j : j + m]`.",
        "y[i, j] = np.sum(x[i : i + m, j : j + m] * W) + b",
    ),
)

# Max pooling


def squares(x):
    """The four numbers of each 2 × 2 square along the last axis, shape (h/2, w/2, 4)."""
    h, w = x.shape
    return x.reshape(h // 2, 2, w // 2, 2).swapaxes(1, 2).reshape(h // 2, w // 2, 4)


FOUR = np.array([[1.0, -2.0, 0.0, 4.0], [3.0, 2.0, 5.0, -1.0]])
NEGATIVE = _rng.permutation(48).reshape(6, 8) / 10 - 3


def my_max_pool(x):
    top = np.maximum(x[0::2, 0::2], x[0::2, 1::2])
    bottom = np.maximum(x[1::2, 0::2], x[1::2, 1::2])
    return np.maximum(top, bottom)  # or x.reshape(h // 2, 2, w // 2, 2).max(axis=(1, 3))


def by_axes(x):
    h, w = x.shape
    return x.reshape(h // 2, 2, w // 2, 2).max(axis=(1, 3))


POOL = FunctionExercise(
    name="max pooling",
    forms=(by_axes,),
    task="return the largest number of each 2 × 2 square of a map x of even height and width",
    solution=my_max_pool,
    reference=lambda x: MaxPool().forward(x[None, None])[0, 0],
    problems=(
        Problem("2 × 4 numbers by hand", (FOUR,), by_hand=[[3.0, 5.0]]),
        Problem("6 × 8 numbers", (NEGATIVE,)),
        Problem("4 × 4 numbers below 0", (-np.abs(NEGATIVE[:4, :4]) - 1,)),
    ),
    mistakes=(
        Mistake("mean of the square", "Max pooling keeps the largest number.", lambda x: squares(x).mean(axis=2)),
        Mistake(
            "squares that overlap",
            "The squares lie side by side: they move by 2, and the map becomes half as high and half as wide.",
            lambda x: windows(x, np.zeros((2, 2))).max(axis=(2, 3)),
        ),
        Mistake(
            "one number of each square",
            "`x[::2, ::2]` is the upper left number of every square; there are three more such slices to compare with.",
            lambda x: x[::2, ::2],
        ),
        Mistake(
            "pairs in a row only",
            "A square has two rows and two columns: pool over both.",
            lambda x: np.maximum(x[:, ::2], x[:, 1::2]),
        ),
        Mistake(
            "upper row of each square only",
            "The lower row has two more numbers: x[1::2, ::2] and x[1::2, 1::2].",
            lambda x: np.maximum(x[::2, ::2], x[::2, 1::2]),
        ),
        Mistake(
            "squares cut out wrongly",
            "`reshape(h // 2, w // 2, 4)` takes four numbers of one row. It is `x.reshape(h // 2, 2, w // 2, 2)`, "
            "with the maximum over axes 1 and 3.",
            lambda x: x.reshape(x.shape[0] // 2, x.shape[1] // 2, 4).max(axis=2),
        ),
        Mistake(
            "largest absolute value",
            "−5 is less than 1: signs count.",
            lambda x: np.take_along_axis(squares(x), np.abs(squares(x)).argmax(axis=2)[..., None], 2)[..., 0],
            (lambda x: np.abs(squares(x)).max(axis=2),),
        ),
        Mistake(
            "numbers below 0 lost",
            "Pooling alone keeps a negative maximum; setting it to 0 is what ReLU does.",
            lambda x: squares(x).max(axis=2, initial=0.0),
        ),
    ),
    hints=(
        "`x[0::2, 0::2]` holds the upper left number of every square. Which are the three other slices?",
        "np.maximum compares two arrays number by number: first the two of the upper row, then those of the"
        " lower row, then the two results.",
        "top = np.maximum(x[0::2, 0::2], x[0::2, 1::2])\nbottom = np.maximum(x[1::2, 0::2], x[1::2, 1::2])",
    ),
)


def pool_back(x, dy):
    pool = MaxPool()
    pool.forward(x[None, None])
    return pool.backward(dy[None, None])[0, 0]


def spread(dy):
    """dy, each number four times."""
    return np.kron(dy, np.ones((2, 2)))


def turned_squares(dx):
    """Each 2 × 2 square with its rows for its columns."""
    h, w = dx.shape
    return dx.reshape(h // 2, 2, w // 2, 2).transpose(0, 3, 2, 1).reshape(h, w)


def upper_left(x, dy):
    dx = np.zeros_like(x)
    dx[::2, ::2] = dy
    return dx


DY = _rng.normal(size=(3, 4)).round(1)


def my_pool_backward(x, dy):
    h, w = x.shape
    largest = x.reshape(h // 2, 2, w // 2, 2).max(axis=(1, 3))
    largest, dy = (a.repeat(2, axis=0).repeat(2, axis=1) for a in (largest, dy))
    return dy * (x == largest)


POOL_BACK = FunctionExercise(
    name="way back of max pooling",
    task="return ∂L/∂x of 2 × 2 max pooling, from the map x, in which no numbers are equal, and dy = ∂L/∂y",
    solution=my_pool_backward,
    reference=pool_back,
    problems=(
        Problem(
            "2 × 4 numbers by hand (the largest are 3 and 5; ∂L/∂y = 10 and −20)",
            (FOUR, np.array([[10.0, -20.0]])),
            by_hand=[[0, 0, 0, 0], [10.0, 0, -20.0, 0]],
        ),
        Problem("6 × 8 numbers", (NEGATIVE, DY)),
    ),
    mistakes=(
        Mistake(
            "largest number of each row",
            "Each square has a largest number of its own, whatever else stands in its rows.",
            lambda x, dy: spread(dy) * (x == x.max(axis=1, keepdims=True)),
        ),
        Mistake(
            "dy laid out in tiles",
            "np.tile repeats dy as a whole; each of its numbers belongs to one square: "
            "`dy.repeat(2, axis=0).repeat(2, axis=1)`.",
            lambda x, dy: np.tile(dy, (2, 2)) * (pool_back(x, np.ones_like(dy)) > 0),
        ),
        Mistake(
            "gradient to all four",
            "Only the largest number of a square changes the output; the others get 0.",
            lambda x, dy: spread(dy),
        ),
        Mistake(
            "a quarter to each",
            "That is the way back of the mean. The largest number gets all of it.",
            lambda x, dy: spread(dy) / 4,
        ),
        Mistake(
            "always the same place",
            "The gradient goes to the largest number, wherever it is in the square: compare x with its maximum.",
            upper_left,
        ),
        Mistake(
            "times the largest number",
            "The slope of the maximum is 1 at the largest number: dy goes there as it is.",
            lambda x, dy: pool_back(x, dy) * x,
        ),
        Mistake(
            "to the smallest number",
            "The largest number gets the gradient.",
            lambda x, dy: pool_back(-x, dy),
        ),
        Mistake(
            "largest number of the whole map",
            "Each square has a largest number of its own.",
            lambda x, dy: (x == x.max()) * spread(dy),
        ),
        Mistake(
            "row and column of the place swapped",
            "Of a place in the square the first index is the row, the second the column.",
            lambda x, dy: turned_squares(pool_back(x, dy)),
        ),
        Mistake(
            "1 in place of the gradient",
            "The largest number gets what came back to its square, dy.",
            lambda x, dy: pool_back(x, np.ones_like(dy)),
        ),
        Mistake(
            "only where the map is positive",
            "That is ReLU's way back; pooling asks which number is the largest, whatever its sign.",
            lambda x, dy: pool_back(x, dy) * (x > 0),
        ),
    ),
    hints=(
        "If one of the three smaller numbers of a square grows a little, what does the output do?",
        "Pool the map as in the exercise before and call the result largest; `.repeat(2, axis=0).repeat(2, "
        "axis=1)` brings it, and dy, back to the size of x.",
        "largest, dy = (a.repeat(2, axis=0).repeat(2, axis=1) for a in (largest, dy))\nreturn dy * (x == largest)",
    ),
)


# Counting


def counts(answer):
    """The four numbers, in words, so that 1500 is not nearly 1520."""
    if answer.shape != (4,):
        raise Refusal("The answer is four numbers, one for each layer.")
    return {f"layer {i}": f"{n:,.12g}" for i, n in enumerate(answer.tolist(), start=1)}


COUNT = ValueExercise(
    name="lenet in color",
    task="count the parameters of each layer of this lesson's LeNet when pictures have 3 channels and 32 × 32 pixels",
    # Maps of 32, 16, 12 and 6 rows; 50 · 6 · 6 = 1800.
    solution="my_counts = 20 * (3 * 25 + 1), 50 * (20 * 25 + 1), 500 * (50 * 6 * 6 + 1), 10 * (500 + 1)",
    reference=(20 * (3 * 25 + 1), 50 * (20 * 25 + 1), 500 * (1800 + 1), 10 * (500 + 1)),
    facts=counts,
    problems=(
        Problem(
            "20 kernels of 3 · 25 weights and a bias, and so on, by hand",
            by_hand=["1,520", "25,050", "900,500", "5,010"],
        ),
    ),
    mistakes=(
        Mistake("biases forgotten", "Each kernel and each unit has a bias, too.", (1500, 25000, 900000, 5000)),
        Mistake(
            "one channel in the first layer",
            "A kernel has as many channels as what it lies on: 3 · 25 weights.",
            (520, 25050, 900500, 5010),
        ),
        Mistake(
            "one channel in the second layer",
            "The second convolution takes 20 maps: each of its kernels has 20 · 25 weights.",
            (1520, 1300, 900500, 5010),
        ),
        Mistake(
            "1250 as for 28 × 28",
            "Same keeps 32 rows, pooling leaves 16, valid 12, pooling 6: the third layer has 50 · 6 · 6 inputs.",
            (1520, 25050, 625500, 5010),
        ),
        Mistake(
            "same in both convolutions",
            "The second convolution is valid: 16 rows become 12, and pooling makes 6 of them.",
            (1520, 25050, 500 * (50 * 64 + 1), 5010),
        ),
        Mistake(
            "second pooling forgotten",
            "12 rows are pooled to 6 before the affine layer.",
            (1520, 25050, 500 * (50 * 144 + 1), 5010),
        ),
    ),
    hints=(
        "The height of the maps goes 32, then? Same keeps it, pooling halves it, valid takes 4 off.",
        "A kernel has channels · 25 weights and a bias; an affine unit has a weight for each input and a bias.",
        "my_counts = 20 * (3 * 25 + 1), 50 * (20 * 25 + 1), 500 * (50 * 6 * 6 + 1), 10 * (500 + 1)",
    ),
)

EXERCISES = MAP, POOL, POOL_BACK, COUNT


QUESTIONS = (
    Question(
        name="most parameters",
        question="LeNet has 656,080 parameters. Which of its four layers with parameters has most of them?",
        options=("the first convolution", "the second convolution", "the first affine layer", "the last layer"),
        answer="the first affine layer",
        why="It has 95 % of them, and the two convolutions together 4 %.",
    ),
    Question(
        name="errors of lenet",
        question=(
            f"An MLP ({lesson('building_a_network')}) with as many parameters and LeNet train on every digit once: "
            "how many test errors has LeNet?"
        ),
        options=("as many", "about 0.4 times as many", "about 0.1 times as many"),
        answer="about 0.4 times as many",
        why=(
            "Over three seeds 0.37 to 0.51 times as many: what holds for one place need not be learned for every other."
        ),
    ),
    Question(
        name="moved digits",
        question="A trained LeNet reads 99 of 100 test digits. How many does it read when all are moved by 6 pixels?",
        options=("about 99", "about 80", "about 30"),
        answer="about 30",
        why="Its maps move along, but the affine layers expect them in their place.",
    ),
    Question(
        name="second kernels",
        question="Do the kernels of the second convolution look different from those of the first?",
        options=("yes, they show parts of digits", "no, both look like noise"),
        answer="no, both look like noise",
        why="They started as noise, and training moved them only a part of their length.",
    ),
)
