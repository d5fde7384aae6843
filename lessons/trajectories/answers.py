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


@wrong("trajectory", "uphill")
def _(gradient, start, lr, steps):
    path = np.zeros((steps + 1, 2))
    path[0] = start
    for k in range(steps):
        path[k + 1] = path[k] + lr * gradient(path[k])
    return path


@wrong("trajectory", "one array in all places of the list")
def _(gradient, start, lr, steps):
    w = np.array(start, float)
    path = [w]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w)
    return path


@wrong("trajectory", "one coordinate at a time")
def _(gradient, start, lr, steps):
    x, y = start
    path = [(x, y)]
    for _ in range(steps):
        x = x - lr * gradient((x, y))[0]
        y = y - lr * gradient((x, y))[1]
        path.append((x, y))
    return path


@wrong("trajectory", "steps of one length")
def _(gradient, start, lr, steps):
    w = np.array(start, float)
    path = [w]
    for _ in range(steps):
        g = gradient(w)
        w = w - lr * g / np.sqrt(np.sum(g**2))
        path.append(w)
    return path


@wrong("trajectory", "gradient of the start in every update")
def _(gradient, start, lr, steps):
    return [np.array(start) - k * lr * gradient(start) for k in range(steps + 1)]


@wrong("trajectory", "start left out")
def _(gradient, start, lr, steps):
    path, w = [], np.array(start, float)
    for _ in range(steps):
        w = w - lr * gradient(w)
        path.append(w)
    return path


@wrong("trajectory", "only the end returned")
def _(gradient, start, lr, steps):
    w = np.array(start, float)
    for _ in range(steps):
        w = w - lr * gradient(w)
    return w


@right("trajectory")
def with_copies(gradient, start, lr, steps):
    w = np.array(start, np.float32)
    path = [w.copy()]
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w.copy())
    return path


@right("trajectory")
def by_components(gradient, start, lr, steps):
    x, y = start
    path = [(x, y)]
    for _ in range(steps):
        gx, gy = gradient((x, y))
        x, y = x - lr * gx, y - lr * gy
        path.append((x, y))
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
