"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import numpy as np

from workbench.tutoring.answers import right, wrong


@wrong("gradient of a bowl", "x y left out")
def _(point):
    return 2 * point[0], 4 * point[1]


@wrong("gradient of a bowl", "x y derived to itself")
def _(point):
    x, y = point
    return [3 * x, 5 * y]


@wrong("gradient of a bowl", "entries swapped")
def _(point):
    x, y = point
    return np.array([x + 4 * y, 2 * x + y])


@wrong("gradient of a bowl", "factor 2 of the squares left out")
def _(point):
    x, y = point
    return np.array([x + y, x + 2 * y])


@wrong("gradient of a bowl", "the sum of the slopes")
def _(point):
    x, y = point
    return 2 * x + y + x + 4 * y


@wrong("gradient of a bowl", "downhill")
def _(point):
    x, y = point
    return np.array([-(2 * x + y), -(x + 4 * y)])


right("gradient of a bowl")(lambda point: np.array([[2, 1], [1, 4]]) @ point)


@right("gradient of a bowl")
def by_central_differences(point):
    def f(x, y):
        return x**2 + x * y + 2 * y**2

    x, y = map(float, point)
    return (f(x + 1e-5, y) - f(x - 1e-5, y)) / 2e-5, (f(x, y + 1e-5) - f(x, y - 1e-5)) / 2e-5


def steps_of(rate):
    """A learner's loop with another learning rate."""

    def answer(A, start, steps):
        w = np.array(start, float)
        path = [w]
        for _ in range(steps):
            g = A.dot(w)
            w = w - rate(A, w, g) * g
            path.append(w)
        return np.array(path)

    return answer


@wrong("best steps", "one learning rate for the whole descent")
def _(A, start, steps):
    w, path = np.array(start), [np.array(start)]
    g = A @ w
    lr = g @ g / (g @ (A @ g))
    for _ in range(steps):
        w = w - lr * A @ w
        path.append(w)
    return path


wrong("best steps", "1/λ of the steepest direction")(steps_of(lambda A, w, g: 1 / np.linalg.norm(A, 2)))
wrong("best steps", "2/(λ₁ + λ₂)")(steps_of(lambda A, w, g: 2 / (np.linalg.norm(A, 2) + np.linalg.norm(A, -2))))
wrong("best steps", "curvature along w")(steps_of(lambda A, w, g: w.dot(w) / w.dot(g)))
wrong("best steps", "curvature for its inverse")(steps_of(lambda A, w, g: g.dot(A).dot(g) / g.dot(g)))
wrong("best steps", "limit in place of the best")(steps_of(lambda A, w, g: g @ g / (g @ A @ g / 2)))
wrong("best steps", "length of g not squared")(steps_of(lambda A, w, g: np.linalg.norm(g) / (g @ A @ g)))
right("best steps")(steps_of(lambda A, w, g: np.sum(g**2) / np.sum(g * (A @ g))))


@right("best steps")
def by_three_losses(A, start, steps):
    """The parabola through the losses at η = 0, 1 and 2."""

    def loss(w):
        return w @ A @ w / 2

    path = [start]
    for _ in range(steps):
        w, g = path[-1], A @ path[-1]
        f0, f1, f2 = (loss(w - lr * g) for lr in (0, 1, 2))
        path.append(w - (3 * f0 - 4 * f1 + f2) / (2 * (f0 - 2 * f1 + f2)) * g)
    return path


wrong("rate", "sign kept")(lambda lr, curvatures: max(1 - lr * c for c in curvatures))
wrong("rate", "fastest direction")(lambda lr, curvatures: min(abs(1 - lr * c) for c in curvatures))
wrong("rate", "steepest direction only")(lambda lr, curvatures: abs(1 - lr * max(curvatures)))
wrong("rate", "flattest direction only")(lambda lr, curvatures: abs(1 - lr * min(curvatures)))
wrong("rate", "rate of the loss")(lambda lr, curvatures: max(abs(1 - lr * c) for c in curvatures) ** 2)
wrong("rate", "mean of the directions")(
    lambda lr, curvatures: sum(abs(1 - lr * c) for c in curvatures) / len(curvatures)
)
right("rate")(lambda lr, curvatures: max(lr * max(curvatures) - 1, 1 - lr * min(curvatures)))
right("rate")(lambda lr, curvatures: np.linalg.norm(np.eye(len(curvatures)) - lr * np.diag(curvatures), ord=2))
