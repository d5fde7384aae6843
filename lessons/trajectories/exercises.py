"""Exercises: the gradient of a tilted bowl, a descent whose steps choose their rate, the rate of a descent."""

import numpy as np

from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem
from workbench.tutoring.questions import Question


def tilted(point):
    """The gradient of x² + x y + 2 y²."""
    x, y = point
    return np.array([2 * x + y, x + 4 * y])


def my_gradient(point):
    x, y = point
    return np.array([2 * x + y, x + 4 * y])


GRADIENT = FunctionExercise(
    name="gradient of a bowl",
    task="return the gradient of f(x, y) = x² + x y + 2 y² at a point (x, y)",
    solution=my_gradient,
    reference=tilted,
    problems=(
        Problem("the point (1, 2), by hand", (np.array([1.0, 2.0]),), by_hand=[4.0, 9.0]),
        Problem("the point (−3, 5)", (np.array([-3.0, 5.0]),)),
        Problem("the minimum", (np.array([0.0, 0.0]),)),
    ),
    mistakes=(
        Mistake(
            "x y left out",
            "x y depends on both: its partial derivatives are y along x, and x along y.",
            lambda p: np.array([2 * p[0], 4 * p[1]]),
        ),
        Mistake(
            "x y derived to itself",
            "Along x the y is a constant factor: x y has the partial derivatives y and x.",
            lambda p: np.array([2 * p[0] + p[0], p[1] + 4 * p[1]]),
        ),
        Mistake(
            "entries swapped",
            "The first entry is the derivative along x, the second the one along y.",
            lambda p: tilted(p)[::-1],
        ),
        Mistake(
            "factor 2 of the squares left out",
            "x² has the derivative 2 x, and 2 y² has 4 y.",
            lambda p: np.array([p[0] + p[1], p[0] + 2 * p[1]]),
        ),
        Mistake(
            "the sum of the slopes", "A gradient has one entry a weight: return both slopes.", lambda p: tilted(p).sum()
        ),
        Mistake("downhill", "The gradient points uphill; the minus sign belongs to the update.", lambda p: -tilted(p)),
    ),
    hints=(
        "Derive along x with y kept fixed, then along y with x kept fixed.",
        "Along x: x² gives 2x, x y gives y, 2y² gives 0. Do the same along y.",
        "return np.array([2 * x + y, x + 4 * y])",
    ),
)


A = np.array([[2.0, 1.0], [1.0, 4.0]])  # tilted: its gradient at w is A w
LONG = np.array([[0.1, 0.0], [0.0, 2.0]])
WIDE = np.array([[3.0, 1.0, 0.5], [1.0, 2.0, 0.0], [0.5, 0.0, 5.0]])


def my_best_steps(A, start, steps):
    w = np.array(start, float)
    path = [w]
    for _ in range(steps):
        g = A @ w
        lr = (g @ g) / (g @ A @ g)
        w = w - lr * g
        path.append(w)
    return path


def with_rate(rate):
    """A descent whose learning rate is `rate(A, w, g)`."""

    def answer(A, start, steps):
        path = [np.array(start, float)]
        for _ in range(steps):
            g = A @ path[-1]
            path.append(path[-1] - rate(A, path[-1], g) * g)
        return path

    return answer


BEST_STEPS = FunctionExercise(
    name="best steps",
    vary=("start", "steps"),  # A is to be symmetric
    task="return all points of a descent on ½ wᵀ A w, the start included, "
    "whose every update has the learning rate with the lowest loss after it",
    reference=my_best_steps,
    solution=my_best_steps,
    rows="update",
    problems=(
        # g = (2, 4); g·g = 20, g·Ag = 4·2 + 16·1 = 24, so η = 5/6 and w = (1 − 5/3, 4 − 10/3).
        Problem(
            "one step by hand (A = diag(2, 1), w = (1, 4): g = (2, 4), η = 20/24)",
            (np.diag([2.0, 1.0]), np.array([1.0, 4.0]), 1),
            by_hand=[[1.0, 4.0], [-2 / 3, 2 / 3]],
        ),
        Problem("6 updates on the bowl", (LONG, np.array([-7.0, 2.0]), 6)),
        Problem("5 updates on a tilted bowl", (A, np.array([3.0, -1.0]), 5)),
        Problem("4 updates with three weights", (WIDE, np.array([1.0, -2.0, 3.0]), 4)),
    ),
    mistakes=(
        Mistake(
            "one learning rate for the whole descent",
            "It is the best for the first step; the best η depends on the direction of each gradient, "
            "so compute it inside of the loop.",
            lambda A, start, steps: with_rate(
                lambda A_, w, g: (A @ start) @ (A @ start) / ((A @ start) @ A @ (A @ start))
            )(A, start, steps),
        ),
        Mistake(
            "1/λ of the steepest direction",
            "That is safe for every direction, and too short for most: only the curvature along g counts.",
            with_rate(lambda A, w, g: 1 / np.linalg.eigvalsh(A)[-1]),
        ),
        Mistake(
            "2/(λ₁ + λ₂)",
            "That is the best constant learning rate; here each step has its own.",
            with_rate(lambda A, w, g: 2 / np.linalg.eigvalsh(A)[[0, -1]].sum()),
        ),
        Mistake(
            "curvature along w",
            "The step leads along g: the curvature that counts is g·A g/g·g.",
            with_rate(lambda A, w, g: (w @ w) / (w @ A @ w)),
        ),
        Mistake(
            "curvature for its inverse",
            "A larger curvature needs a shorter step.",
            with_rate(lambda A, w, g: (g @ A @ g) / (g @ g)),
        ),
        Mistake(
            "limit in place of the best",
            "At twice the best η the loss is where it was before the step.",
            with_rate(lambda A, w, g: 2 * (g @ g) / (g @ A @ g)),
        ),
        Mistake(
            "length of g not squared",
            "np.linalg.norm(g) is the root of g·g.",
            with_rate(lambda A, w, g: np.sqrt(g @ g) / (g @ A @ g)),
        ),
    ),
    hints=(
        "Along the step the loss is a parabola in η. Where is its lowest point?",
        "½ (w − η g)ᵀ A (w − η g) has the derivative −g·g + η g·A g along η; set it to 0, anew in each update.",
        "g = A @ w\nlr = (g @ g) / (g @ A @ g)\nw = w - lr * g\npath.append(w)",
    ),
)


def my_rate(lr, curvatures):
    return np.max(np.abs(1 - lr * np.array(curvatures)))


RATE = FunctionExercise(
    name="rate",
    task="return the rate of gradient descent: by what factor the distance shrinks in the slowest direction",
    solution=my_rate,
    reference=lambda lr, curvatures: np.max(np.abs(1 - lr * np.array(curvatures))),
    problems=(
        Problem(
            "η = 0.1 and the curvatures 2 and 5, by hand (factors 0.8 and 0.5)",
            (0.1, np.array([2.0, 5.0])),
            by_hand=0.8,
        ),
        Problem("η = 0.36 and the curvatures 2 and 5", (0.36, np.array([2.0, 5.0]))),
        Problem("the bowl at η = 0.95", (0.95, np.array([0.1, 2.0]))),
        Problem("η = 0.6 and the curvatures 2 and 5, too large", (0.6, np.array([2.0, 5.0]))),
        Problem("three curvatures", (0.3, np.array([4.0, 0.5, 6.0]))),
    ),
    mistakes=(
        Mistake(
            "sign kept",
            "A factor of −0.8 shrinks the distance as 0.8 does: compare the factors by their size.",
            lambda lr, c: np.max(1 - lr * np.array(c)),
        ),
        Mistake(
            "fastest direction",
            "The distance shrinks no faster than its slowest direction: take the largest factor.",
            lambda lr, c: np.min(np.abs(1 - lr * np.array(c))),
        ),
        Mistake(
            "steepest direction only",
            "At a small η the flat direction is the slow one: look at all curvatures.",
            lambda lr, c: np.abs(1 - lr * np.max(c)),
        ),
        Mistake(
            "flattest direction only",
            "At a large η the steep direction is the slow one: look at all curvatures.",
            lambda lr, c: np.abs(1 - lr * np.min(c)),
        ),
        Mistake(
            "rate of the loss",
            "The loss shrinks by the square; the rate is that of the distance.",
            lambda lr, c: np.max((1 - lr * np.array(c)) ** 2),
        ),
        Mistake(
            "mean of the directions",
            "In the long run the slowest direction alone is left: take the maximum.",
            lambda lr, c: np.mean(np.abs(1 - lr * np.array(c))),
        ),
    ),
    hints=(
        "An update multiplies the coordinate of curvature λ by 1 − η λ.",
        "Compute all factors at once, `1 - lr * np.array(curvatures)`; which of them is largest in size?",
        "return np.max(np.abs(1 - lr * np.array(curvatures)))",
    ),
)

EXERCISES = GRADIENT, BEST_STEPS, RATE


QUESTIONS = (
    Question(
        name="the first update",
        question=(
            "Draw two arrows from (−7, 2): one to the minimum at (0, 0), one along the first update. "
            "How large is the angle between them?"
        ),
        options=("less than 10°", "10° to 40°", "40° to 70°", "more than 70°"),
        answer="40° to 70°",
        why="The slope along y is much larger than that along x, so the update goes mostly along y: 64° off.",
    ),
    Question(
        name="without a zig-zag",
        question="Which of these learning rates has the lowest loss after 30 updates from (−7, 2)?",
        options=("0.3, no zig-zag", "0.5, no zig-zag", "0.95, as in the picture"),
        answer="0.95, as in the picture",
        why="A smaller η takes the zig-zag out of y, and makes x so slow that the loss is more than 8 times as high.",
    ),
    Question(
        name="four optimizers",
        question=(
            "SGD with η = 0.95, Momentum with 0.1, AdaGrad with 1.5, Adam with 0.3: which has the lowest "
            "loss after 30 updates?"
        ),
        options=("SGD", "Momentum", "AdaGrad", "Adam"),
        answer="AdaGrad",
        why="After it comes SGD; Adam, with its smooth path, has the highest loss.",
    ),
)
