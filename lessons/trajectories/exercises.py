"""Exercises: the gradient of a tilted bowl, a descent in two dimensions, its rate."""

import numpy as np

from lessons import lesson
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem


def tilted(point):
    """The gradient of x² + x y + 2 y²."""
    x, y = point
    return np.array([2 * x + y, x + 4 * y])


def bowl(point):
    """The gradient of x²/20 + y²."""
    x, y = point
    return np.array([x / 10, 2 * y])


GRADIENT = FunctionExercise(
    name="gradient of a bowl",
    task="return the gradient of f(x, y) = x² + x y + 2 y² at a point (x, y)",
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
        "`return np.array([2 * x + y, x + 4 * y])`",
    ),
)


def descend(gradient, start, lr, steps):
    w = np.array(start, float)
    path = [w]
    for _ in range(steps):
        w = w - lr * gradient(w)
        path.append(w)
    return np.array(path)


def one_array(gradient, start, lr, steps):
    path = descend(gradient, start, lr, steps)
    return np.tile(path[-1], (steps + 1, 1))


def one_coordinate_at_a_time(gradient, start, lr, steps):
    w = np.array(start, float)
    path = [w.copy()]
    for _ in range(steps):
        for i in range(len(w)):
            w[i] -= lr * gradient(w)[i]
        path.append(w.copy())
    return path


def steps_of_one_length(gradient, start, lr, steps):
    return descend(lambda w: gradient(w) / max(np.linalg.norm(gradient(w)), 1e-300), start, lr, steps)


def slope_of_the_start(gradient, start, lr, steps):
    return descend(lambda w: gradient(np.array(start)), start, lr, steps)


TRAJECTORY = FunctionExercise(
    name="trajectory",
    task="return the list of all points of a descent in two dimensions, the start included",
    reference=descend,
    rows="update",
    problems=(
        Problem(
            "one step by hand (gradient (4, 9) at (1, 2), η = 0.1)",
            (tilted, np.array([1.0, 2.0]), 0.1, 1),
            by_hand=[[1.0, 2.0], [0.6, 1.1]],
        ),
        Problem("30 updates on the bowl", (bowl, (-7, 2), 0.5, 30)),
        Problem("10 updates on a tilted bowl", (tilted, np.array([1.0, 2.0]), 0.1, 10)),
    ),
    mistakes=(
        Mistake(
            "uphill",
            "Take `lr * gradient(w)` off: the gradient points uphill.",
            lambda g, w, lr, n: descend(g, w, -lr, n),
        ),
        Mistake(
            "one array in all places of the list",
            "`w -= …` changes the array that is in the list already. Make a new one: `w = w - …`.",
            one_array,
        ),
        Mistake(
            "one coordinate at a time",
            "Both slopes belong to the same point: take the whole gradient first, then change all coordinates.",
            one_coordinate_at_a_time,
        ),
        Mistake(
            "steps of one length",
            "Do not divide by the length of the gradient: the step gets shorter where the bowl gets flatter.",
            steps_of_one_length,
        ),
        Mistake(
            "gradient of the start in every update",
            "Call gradient(w) inside of the loop, at the present point.",
            slope_of_the_start,
        ),
        Mistake(
            "start left out",
            "Put the start into the list before the first update.",
            lambda *args: descend(*args)[1:],
        ),
        Mistake(
            "only the end returned",
            "Keep every point in a list, and return the list.",
            lambda *args: descend(*args)[-1],
        ),
    ),
    hints=(
        f"It is the loop of {lesson('gradient_descent')}; what must x become, so that the same line changes both "
        "coordinates?",
        "Make the start an array of its own, `w = np.array(start, float)`, and append a new array after each update.",
        "The line in the loop: `w = w - lr * gradient(w)`, and after it `path.append(w)`.",
    ),
)


RATE = FunctionExercise(
    name="rate",
    task="return the rate of gradient descent: by what factor the distance shrinks in the slowest direction",
    reference=lambda lr, curvatures: np.max(np.abs(1 - lr * np.array(curvatures))),
    problems=(
        Problem("η = 0.1 and the curvatures 2 and 5, by hand (factors 0.8 and 0.5)", (0.1, (2.0, 5.0)), by_hand=0.8),
        Problem("η = 0.36 and the curvatures 2 and 5", (0.36, (2.0, 5.0))),
        Problem("the bowl at η = 0.95", (0.95, (0.1, 2.0))),
        Problem("η = 0.6 and the curvatures 2 and 5, too large", (0.6, (2.0, 5.0))),
        Problem("three curvatures", (0.3, (4.0, 0.5, 6.0))),
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
        "`return np.max(np.abs(1 - lr * np.array(curvatures)))`",
    ),
)

EXERCISES = GRADIENT, TRAJECTORY, RATE
