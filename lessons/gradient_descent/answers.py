"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import itertools

import numpy as np

from workbench.tutoring.answers import right, wrong


@wrong("gradient descent", "uphill")
def _(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        x += lr * gradient(x)
        path.append(x)
    return path


@wrong("gradient descent", "learning rate left out")
def _(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        x = x - gradient(x)
        path.append(x)
    return path


@wrong("gradient descent", "slope of the start in every update")
def _(gradient, x, lr, steps):
    path = [x]
    g = gradient(x)
    for _ in range(steps):
        x = x - lr * g
        path.append(x)
    return path


@wrong("gradient descent", "x replaced by the step")
def _(gradient, x, lr, steps):
    path = np.zeros(steps + 1)
    path[0] = x
    for k in range(steps):
        path[k + 1] = -lr * gradient(x)
        x = x - lr * gradient(x)
    return path


@wrong("gradient descent", "one update too many")
def _(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps + 1):
        x = x - lr * gradient(x)
        path.append(x)
    return path


@wrong("gradient descent", "start left out")
def _(gradient, x, lr, steps):
    path = []
    for _ in range(steps):
        x = x - lr * gradient(x)
        path.append(x)
    return path


@wrong("gradient descent", "appended before the update")
def _(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        path.append(x)
        x = x - lr * gradient(x)
    return path


@wrong("gradient descent", "only the end returned")
def _(gradient, x, lr, steps):
    for _ in range(steps):
        x = x - lr * gradient(x)
    return x


@right("gradient descent")
def _(gradient, x, lr, steps):
    return list(itertools.accumulate(range(steps), lambda x, _: x - lr * gradient(x), initial=x))


@right("gradient descent")
def in_float32(gradient, x, lr, steps):
    path = np.empty(steps + 1, np.float32)
    path[0] = x
    for k in range(steps):
        path[k + 1] = path[k] - np.float32(lr) * np.float32(gradient(path[k]))
    return path


@right("gradient descent")
def recursive(gradient, x, lr, steps):
    return (x,) if steps == 0 else (x, *recursive(gradient, x - lr * gradient(x), lr, steps - 1))


wrong("learning-rate limit", "best learning rate for the limit")(lambda f2, x: 1 / f2(x))
wrong("learning-rate limit", "limit of x² for every curve")(lambda f2, x: 1)
wrong("learning-rate limit", "second derivative at another place")(lambda f2, x: 2 / f2(0))
wrong("learning-rate limit", "limit that grows with the curvature")(lambda f2, x: f2(x) * 0.5)
right("learning-rate limit")(lambda f2, x: np.float32(2) / np.float32(f2(x)))
right("learning-rate limit")(lambda f2, x: [2 * f2(x) ** -1])

wrong("across the hilltop", "too short to cross")(0.2)
wrong("across the hilltop", "too long to rest")(0.6)
for lr in 0.25, 0.3, np.float32(0.44), [0.4]:
    right("across the hilltop")(lr)


def descent(step):
    def answer(gradient, x, lr, steps):
        path = [x]
        while len(path) <= steps:
            path.append(path[-1] - step(gradient(path[-1]), lr, len(path)))
        return path

    return answer


wrong("gradient descent", "learning rate that falls")(descent(lambda g, lr, k: lr / k * g))
wrong("gradient descent", "only the sign of the slope")(descent(lambda g, lr, k: lr if g > 0 else -lr))


@wrong("gradient descent", "rounded on the way")
def _(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        x = round(x - lr * gradient(x), 2)
        path.append(x)
    return path


wrong("gradient descent", "slope clipped")(descent(lambda g, lr, k: lr * max(-1, min(1, g))))
