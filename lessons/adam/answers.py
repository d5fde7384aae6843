"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import numpy as np

import helpers
from workbench.tutoring.answers import right, wrong


class MyAdam:
    """What a learner's Adam looks like; `step` is the rule under test."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        for key, w in params.items():
            self.m.setdefault(key, np.zeros_like(w))
            self.v.setdefault(key, np.zeros_like(w))
            self.average(key, grads[key])
            self.step(w, self.m[key], self.v[key], grads[key])

    def average(self, key, g):
        self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * g
        self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * g**2

    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


right("adam")(MyAdam)


@wrong("adam", "uphill")
class _(MyAdam):
    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w += self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


@wrong("adam", "bias correction missing")
class _(MyAdam):
    def step(self, w, m, v, g):
        w -= self.lr * m / (np.sqrt(v) + self.eps)


@wrong("adam", "t counted from 0")
class _(MyAdam):
    def update(self, params, grads):
        for key, w in params.items():
            self.m.setdefault(key, np.zeros_like(w))
            self.v.setdefault(key, np.zeros_like(w))
            self.average(key, grads[key])
            self.step(w, self.m[key], self.v[key], grads[key])
        self.t += 1


@wrong("adam", "t is 2 in the first update")
class _(MyAdam):
    def step(self, w, m, v, g):
        t = self.t + 1
        w -= self.lr * m / (1 - self.beta1**t) / (np.sqrt(v / (1 - self.beta2**t)) + self.eps)


@wrong("adam", "β₁ in the average of g², too")
class _(MyAdam):
    def average(self, key, g):
        for kept, new in (self.m, g), (self.v, g**2):
            kept[key] = self.beta1 * kept[key] + (1 - self.beta1) * new


@wrong("adam", "m corrected in place")
class _(MyAdam):
    def average(self, key, g):
        super().average(key, g)
        self.m[key] = self.m[key] / (1 - self.beta1**self.t)

    def step(self, w, m, v, g):
        w -= self.lr * m / (np.sqrt(v / (1 - self.beta2**self.t)) + self.eps)


@wrong("adam", "v corrected in place")
class _(MyAdam):
    def average(self, key, g):
        super().average(key, g)
        self.v[key] = self.v[key] / (1 - self.beta2**self.t)

    def step(self, w, m, v, g):
        w -= self.lr * m / (1 - self.beta1**self.t) / (np.sqrt(v) + self.eps)


@wrong("adam", "correction of the first update in every update")
class _(MyAdam):
    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1), v / (1 - self.beta2)
        w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


@wrong("adam", "β₁ in both corrections")
class _(MyAdam):
    def step(self, w, m, v, g):
        correction = 1 - self.beta1**self.t
        w -= self.lr * (m / correction) / (np.sqrt(v / correction) + self.eps)


@wrong("adam", "correction applied to the state itself")
class _(MyAdam):
    def average(self, key, g):
        super().average(key, g)
        self.m[key] = self.m[key] / (1 - self.beta1**self.t)
        self.v[key] = self.v[key] / (1 - self.beta2**self.t)

    def step(self, w, m, v, g):
        w -= self.lr * m / (np.sqrt(v) + self.eps)


@wrong("adam", "t counted once a parameter")
class _(MyAdam):
    def update(self, params, grads):
        for key, w in params.items():
            if key not in self.m:
                self.m[key], self.v[key] = np.zeros_like(w), np.zeros_like(w)
            self.t += 1
            self.average(key, grads[key])
            self.step(w, self.m[key], self.v[key], grads[key])


@wrong("adam", "β₁ and β₂ swapped")
class _(MyAdam):
    def average(self, key, g):
        self.m[key] = self.beta2 * self.m[key] + (1 - self.beta2) * g
        self.v[key] = self.beta1 * self.v[key] + (1 - self.beta1) * g**2

    def step(self, w, m, v, g):
        w -= self.lr * m / (1 - self.beta2**self.t) / (np.sqrt(v / (1 - self.beta1**self.t)) + self.eps)


@wrong("adam", "g not squared in v")
class _(MyAdam):
    def average(self, key, g):
        self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * g
        self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * g


@wrong("adam", "square of m in place of g²")
class _(MyAdam):
    def average(self, key, g):
        self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * g
        self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * self.m[key] ** 2


@wrong("adam", "g in place of m̂")
class _(MyAdam):
    def step(self, w, m, v, g):
        w -= self.lr * g / (np.sqrt(v / (1 - self.beta2**self.t)) + self.eps)


@wrong("adam", "root left out")
class _(MyAdam):
    def step(self, w, m, v, g):
        w -= self.lr * (m / (1 - self.beta1**self.t)) / (v / (1 - self.beta2**self.t) + self.eps)


@wrong("adam", "ε inside the root")
class _(MyAdam):
    def step(self, w, m, v, g):
        w -= self.lr * (m / (1 - self.beta1**self.t)) / np.sqrt(v / (1 - self.beta2**self.t) + self.eps)


@wrong("adam", "ε after the division")
class _(MyAdam):
    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w -= self.lr * (m_hat / np.sqrt(v_hat) + self.eps)


@right("adam")
class AdamOfTheBook(MyAdam):
    def step(self, w, m, v, g):
        lr = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        w -= lr * m / (np.sqrt(v) + self.eps)


@wrong("adam", "parameters rebound instead of changed in place")
class _(MyAdam):
    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w = w - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


@wrong("adam", "state shared between parameters")
class _(MyAdam):
    def __init__(self, *args):
        super().__init__(*args)
        self.m = self.v = 0.0

    def update(self, params, grads):
        self.t += 1
        for key in params:
            self.m = self.beta1 * self.m + (1 - self.beta1) * grads[key]
            self.v = self.beta2 * self.v + (1 - self.beta2) * grads[key] ** 2
            self.step(params[key], self.m, self.v, grads[key])


@wrong("adam", "state re-made every step")
class _(MyAdam):
    def update(self, params, grads):
        self.t, self.m, self.v = 0, {}, {}
        super().update(params, grads)


@wrong("adam", "averages re-made every step")
class _(MyAdam):
    def update(self, params, grads):
        self.m, self.v = {}, {}
        super().update(params, grads)


@right("adam")
class InOneLearningRate(MyAdam):
    """The form of the paper's section 2, with the ε that goes with it."""

    def step(self, w, m, v, g):
        root = np.sqrt(1 - self.beta2**self.t)
        w -= self.lr * root / (1 - self.beta1**self.t) * m / (np.sqrt(v) + self.eps * root)


@right("adam")
class WithProductsOfBeta(MyAdam):
    """β₁ᵗ and β₂ᵗ by repeated products, averages as differences, all in float32."""

    products = np.ones(2, np.float32)

    def update(self, params, grads):
        self.products = self.products * np.array([self.beta1, self.beta2], np.float32)
        for key, w in params.items():
            m, v = self.m.get(key, 0), self.v.get(key, 0)
            self.m[key] = m + np.float32(1 - self.beta1) * (grads[key] - m)
            self.v[key] = v + np.float32(1 - self.beta2) * (grads[key] ** 2 - v)
            m_hat, v_hat = self.m[key] / (1 - self.products[0]), self.v[key] / (1 - self.products[1])
            np.copyto(w, w - self.lr * m_hat / (np.sqrt(v_hat) + self.eps), casting="same_kind")


def adam(step, corrected=True):
    """A learner's function for Adam, with the line of the step as `step(w, lr, m_hat, v_hat, eps)`."""

    def answer(gradient, start, lr, steps, eps):
        w, m, v = np.array(start, float), 0, 0
        path = [w]
        for t in range(1, steps + 1):
            g = gradient(w)
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            hats = (m / (1 - 0.9**t), v / (1 - 0.999**t)) if corrected else (m, v)
            w = step(w, lr, *hats, eps)
            path.append(w)
        return path

    return answer


def mended(w, lr, m_hat, v_hat, eps):
    return w - lr * m_hat / (np.sqrt(v_hat) + eps)


wrong("adam bug hunt", "ε after the division")(adam(lambda w, lr, m, v, eps: w - lr * m / np.sqrt(v) + eps))
wrong("adam bug hunt", "ε added to the quotient")(adam(lambda w, lr, m, v, eps: w - lr * (m / np.sqrt(v) + eps)))
wrong("adam bug hunt", "ε taken out")(adam(lambda w, lr, m, v, eps: w - lr * m / np.sqrt(v)))
wrong("adam bug hunt", "ε inside the root")(adam(lambda w, lr, m, v, eps: w - lr * m / np.sqrt(v + eps)))
wrong("adam bug hunt", "ε as a floor")(adam(lambda w, lr, m, v, eps: w - lr * m / np.sqrt(v).clip(eps)))
wrong("adam bug hunt", "bias correction lost")(adam(mended, corrected=False))
right("adam bug hunt")(adam(mended))


@right("adam bug hunt")
def _(gradient, start, lr, steps, eps):
    return helpers.trajectory(helpers.Adam(lr, eps=eps), gradient, start.astype(np.float32), steps)


class MyAdamW:
    """What a learner's AdamW looks like: `update` is under test."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.lr, self.weight_decay = lr, weight_decay
        self.adam = helpers.Adam(lr, beta1, beta2, eps)


@wrong("adamw", "decay inside the moving averages")
class _(MyAdamW):
    def update(self, params, grads):
        self.adam.update(params, {key: grads[key] + self.weight_decay * params[key] for key in params})


@wrong("adamw", "decay divided by the root")
class _(MyAdam):
    def __init__(self, lr, beta1, beta2, eps, weight_decay):
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = weight_decay

    def step(self, w, m, v, g):
        above = m / (1 - self.beta1**self.t) + self.weight_decay * w
        w -= self.lr * above / (np.sqrt(v / (1 - self.beta2**self.t)) + self.eps)


@wrong("adamw", "decay not times η")
class _(MyAdamW):
    def update(self, params, grads):
        for w in params.values():
            w *= 1 - self.weight_decay
        self.adam.update(params, grads)


@wrong("adamw", "weights that grow")
class _(MyAdamW):
    def update(self, params, grads):
        for w in params.values():
            w *= 1 + self.lr * self.weight_decay
        self.adam.update(params, grads)


@wrong("adamw", "what is left for what is lost")
class _(MyAdamW):
    def update(self, params, grads):
        for key in params:
            params[key] *= self.lr * self.weight_decay
        self.adam.update(params, grads)


@wrong("adamw", "decay lost")
class _(MyAdamW):
    def update(self, params, grads):
        for w in params.values():
            w = w - self.lr * self.weight_decay * w
        self.adam.update(params, grads)


@wrong("adamw", "decay after the step")
class _(MyAdamW):
    def update(self, params, grads):
        self.adam.update(params, grads)
        for key in params:
            params[key] -= self.lr * self.weight_decay * params[key]


@wrong("adamw", "Adam made anew every step")
class _:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.settings, self.part = (lr, beta1, beta2, eps), lr * weight_decay

    def update(self, params, grads):
        for w in params.values():
            w -= self.part * w
        helpers.Adam(*self.settings).update(params, grads)


@right("adamw")
class _(MyAdamW):
    def update(self, params, grads):
        for w in params.values():
            w -= self.lr * self.weight_decay * w
        self.adam.update(params, grads)


@right("adamw")
class InOneLine(MyAdam):
    """Step and decay at once, both of the old w, as the paper writes it."""

    def __init__(self, lr, beta1, beta2, eps, weight_decay):
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = weight_decay

    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        w -= self.lr * (m_hat / (np.sqrt(v_hat) + self.eps) + self.weight_decay * w)


@wrong("adamw", "decay in the gradient and outside of it")
class _:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.adamw, self.weight_decay = helpers.AdamW(lr, beta1, beta2, eps, weight_decay), weight_decay

    def update(self, params, grads):
        self.adamw.update(params, {key: grads[key] + self.weight_decay * w for key, w in params.items()})


@wrong("adamw", "weights that grow, and not times η")
class _:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.adam, self.factor = helpers.Adam(lr, beta1, beta2, eps), 1 + weight_decay

    def update(self, params, grads):
        for w in params.values():
            w *= self.factor
        self.adam.update(params, grads)


@wrong("adam", "corrections swapped")
class _(MyAdam):
    def step(self, w, m, v, g):
        m_hat, v_hat = m / (1 - self.beta2**self.t), v / (1 - self.beta1**self.t)
        w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


@wrong("adam", "largest v kept")
class _(MyAdam):
    def step(self, w, m, v, g):
        self.largest = getattr(self, "largest", {})
        self.largest[id(w)] = np.maximum(self.largest.get(id(w), 0), v)
        v_hat = self.largest[id(w)] / (1 - self.beta2**self.t)
        w -= self.lr * m / (1 - self.beta1**self.t) / (np.sqrt(v_hat) + self.eps)


@wrong("adamw", "only matrices decayed")
class _(helpers.Adam):
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        super().__init__(lr, beta1, beta2, eps)
        self.kept = 1 - lr * weight_decay

    def update(self, params, grads):
        for key in params:
            if key == "W":
                params[key] *= self.kept
        super().update(params, grads)


@wrong("adamw", "sign in place of the weight")
class _(helpers.Adam):
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        super().__init__(lr, beta1, beta2, eps)
        self.step = lr * weight_decay

    def update(self, params, grads):
        for w in params.values():
            w -= np.where(w > 0, self.step, -self.step)
        super().update(params, grads)


@wrong("adam", "ε as a floor")
class _(MyAdam):
    def step(self, w, m, v, g):
        v_hat = v / (1 - self.beta2**self.t)
        w -= self.lr * m / (1 - self.beta1**self.t) / np.sqrt(v_hat).clip(self.eps)
