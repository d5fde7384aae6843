"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import numpy as np

from workbench.tutoring.answers import right, wrong


class MyLion:
    """What a learner's Lion looks like; `direction` and `keep` are under test."""

    def __init__(self, lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0):
        self.lr, self.b1, self.b2, self.decay, self.m = lr, beta1, beta2, weight_decay, {}

    def update(self, params, grads):
        for key, w in params.items():
            g, m = grads[key], self.m.get(key, np.zeros_like(params[key]))
            self.change(w, self.direction(g, m))
            self.m[key] = self.keep(g, m)

    def direction(self, g, m):
        return np.sign(self.b1 * m + (1 - self.b1) * g)

    def keep(self, g, m):
        return self.b2 * m + (1 - self.b2) * g

    def change(self, w, step):
        w -= self.lr * (step + self.decay * w)


right("lion")(MyLion)


@right("lion")
class _(MyLion):
    def keep(self, g, m):
        return m + np.array(1 - self.b2, m.dtype) * (g - m)

    def change(self, w, step):
        w *= 1 - self.lr * self.decay
        w -= self.lr * step


@wrong("lion", "uphill")
class _(MyLion):
    def change(self, w, step):
        w *= 1 - self.lr * self.decay
        w += self.lr * step


@wrong("lion", "sign of the gradient alone")
class _(MyLion):
    def direction(self, g, m):
        return np.sign(g)


@wrong("lion", "average renewed before the step")
class _(MyLion):
    def direction(self, g, m):
        return super().direction(g, self.keep(g, m))


@wrong("lion", "one average for both")
class _(MyLion):
    def direction(self, g, m):
        return np.sign(self.keep(g, m))


@wrong("lion", "average kept with β₁")
class _(MyLion):
    def keep(self, g, m):
        return self.b1 * m + (1 - self.b1) * g


@wrong("lion", "gradient left out of the step")
class _(MyLion):
    def direction(self, g, m):
        return np.sign(m)


@wrong("lion", "β₁ and β₂ swapped")
class _(MyLion):
    def __init__(self, lr, beta1, beta2, weight_decay):
        super().__init__(lr, beta2, beta1, weight_decay)


@wrong("lion", "sign left out")
class _(MyLion):
    def direction(self, g, m):
        return self.b1 * m + (1 - self.b1) * g


@wrong("lion", "sign kept in the average")
class _(MyLion):
    def keep(self, g, m):
        return super().keep(np.sign(g), m)


@wrong("lion", "decay in the gradient")
class _(MyLion):
    def update(self, params, grads):
        lam, self.decay = self.decay, 0
        super().update(params, {key: grads[key] + lam * w for key, w in params.items()})
        self.decay = lam


@wrong("lion", "decay inside the sign")
class _(MyLion):
    def update(self, params, grads):
        for key, w in params.items():
            g, m = grads[key], self.m.get(key, 0 * w)
            w -= self.lr * np.sign(self.b1 * m + (1 - self.b1) * g + self.decay * w)
            self.m[key] = self.keep(g, m)


@wrong("lion", "decay left out")
class _(MyLion):
    def change(self, w, step):
        w -= self.lr * step


@wrong("lion", "weights that grow")
class _(MyLion):
    def change(self, w, step):
        w *= 1 + self.lr * self.decay
        w -= self.lr * step


@wrong("lion", "decay after the step")
class _(MyLion):
    def change(self, w, step):
        w -= self.lr * step
        w *= 1 - self.lr * self.decay


@wrong("lion", "parameters rebound instead of changed in place")
class _(MyLion):
    def change(self, w, step):
        w = w - self.lr * (step + self.decay * w)


@wrong("lion", "state shared between parameters")
class _(MyLion):
    shared = 0.0

    def update(self, params, grads):
        for key, w in params.items():
            self.change(w, self.direction(grads[key], self.shared))
            self.shared = self.keep(grads[key], self.shared)


def loop(step, start=lambda G: G / np.sqrt((G**2).sum()), extra=0):
    """A learner's Newton–Schulz, with the line in the loop as `step(X, a, b, c)`."""

    def answer(G, steps, a, b, c):
        X = start(G)
        for _ in range(steps + extra):
            X = step(X, a, b, c)
        return X

    return answer


def usual(X, a, b, c):
    return a * X + b * X @ X.T @ X + c * X @ X.T @ X @ X.T @ X


right("newton-schulz")(loop(usual))
right("newton-schulz")(loop(lambda X, a, b, c: X @ (a * np.eye(X.shape[1]) + b * X.T @ X + c * (X.T @ X) @ (X.T @ X))))
wrong("newton-schulz", "not divided by the norm")(loop(usual, lambda G: G))
wrong("newton-schulz", "divided by the largest singular value")(
    loop(usual, lambda G: G / np.linalg.svd(G, compute_uv=False)[0])
)
wrong("newton-schulz", "divided by the largest entry")(loop(usual, lambda G: G / abs(G).max()))
wrong("newton-schulz", "divided by the norm in each step")(
    loop(lambda X, a, b, c: usual(X / np.linalg.norm(X), a, b, c), lambda G: G)
)
wrong("newton-schulz", "A once in the last term")(loop(lambda X, a, b, c: a * X + (b + c) * X @ X.T @ X))
wrong("newton-schulz", "squares of the entries")(
    loop(lambda X, a, b, c: a * X + (b * X @ X.T + c * np.square(X @ X.T)) @ X)
)
wrong("newton-schulz", "entry by entry")(loop(lambda X, a, b, c: X * (a + b * X * X + c * X * X * X * X)))
wrong("newton-schulz", "last term left out")(loop(lambda X, a, b, c: usual(X, a, b, 0)))
wrong("newton-schulz", "first term left out")(loop(lambda X, a, b, c: usual(X, 0, b, c)))
wrong("newton-schulz", "b and c swapped")(loop(lambda X, a, b, c: usual(X, a, c, b)))
wrong("newton-schulz", "b taken off")(loop(lambda X, a, b, c: usual(X, a, -b, c)))
wrong("newton-schulz", "another number of steps")(loop(usual, extra=1))


@wrong("newton-schulz", "A not renewed")
def _(G, steps, a, b, c):
    X = G / np.linalg.norm(G)
    P = a * np.eye(len(X)) + b * X @ X.T + c * X @ X.T @ X @ X.T
    return np.linalg.matrix_power(P, steps) @ X


@wrong("newton-schulz", "singular values of 1")
def _(G, steps, a, b, c):
    u, s, vt = np.linalg.svd(G, full_matrices=False)
    return (u * np.ones_like(s)) @ vt


def quintic(a, b, c):
    return lambda G, steps: loop(usual)(G, steps, a, b, c)


right("odd coefficient")(quintic(15 / 8, -10 / 8, 3 / 8))
wrong("odd coefficient", "nothing repaired")(quintic(1.875, -1.25, 0.75))
wrong("odd coefficient", "first coefficient made to fit")(quintic(1.5, -1.25, 0.75))
wrong("odd coefficient", "second coefficient made to fit")(quintic(1.875, -1.625, 0.75))
wrong("odd coefficient", "coefficients of Muon")(quintic(3.4445, -4.775, 2.0315))
wrong("odd coefficient", "cubic polynomial")(quintic(1.5, -0.5, 0))
wrong("odd coefficient", "last term left out")(quintic(1.875, -1.25, 0))
wrong("odd coefficient", "sign of the last turned")(quintic(1.875, -1.25, -0.75))


@wrong("odd coefficient", "decomposition in place of steps")
def _(G, steps):
    u, _, vt = np.linalg.svd(G, full_matrices=False)
    return u @ vt
