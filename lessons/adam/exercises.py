"""Exercises: Adam, a published bug in it, AdamW."""

import numpy as np

import helpers
from workbench.tutoring.exercise import FunctionExercise, Mistake, OptimizerExercise, Problem, Walk
from workbench.tutoring.optimizer_mistakes import common_mistakes, steady, walks
from workbench.tutoring.questions import Question


class Variant(helpers.Adam):
    """Adam in parts, for a subclass to get one of them wrong."""

    def rule(self, w, g, t, m, v):
        m[...] = self.first(m, g)
        v[...] = self.second(v, g, m)
        w -= self.lr * self.step(*self.hats(m, v, t), g)

    def first(self, m, g):
        return self.beta1 * m + (1 - self.beta1) * g

    def second(self, v, g, m):
        return self.beta2 * v + (1 - self.beta2) * g**2

    def hats(self, m, v, t):
        return m / (1 - self.beta1**t), v / (1 - self.beta2**t)

    def step(self, m_hat, v_hat, g):
        return m_hat / (np.sqrt(v_hat) + self.eps)


class Uphill(Variant):
    def step(self, m_hat, v_hat, g):
        return -super().step(m_hat, v_hat, g)


class Uncorrected(Variant):
    def hats(self, m, v, t):
        return m, v


class FromZero(Variant):
    def hats(self, m, v, t):
        return super().hats(m, v, t - 1)


class FromTwo(Variant):
    def hats(self, m, v, t):
        return super().hats(m, v, t + 1)


class OneAverage(Variant):
    def second(self, v, g, m):
        return self.beta1 * v + (1 - self.beta1) * g**2


class CorrectedM(Variant):
    def hats(self, m, v, t):
        m /= 1 - self.beta1**t
        return m, v / (1 - self.beta2**t)


class CorrectedV(Variant):
    def hats(self, m, v, t):
        v /= 1 - self.beta2**t
        return m / (1 - self.beta1**t), v


class FirstCorrectionOnly(Variant):
    def hats(self, m, v, t):
        return super().hats(m, v, 1)


class OneCorrection(Variant):
    def hats(self, m, v, t):
        return m / (1 - self.beta1**t), v / (1 - self.beta1**t)


class CorrectedState(Variant):
    def hats(self, m, v, t):
        m /= 1 - self.beta1**t
        v /= 1 - self.beta2**t
        return m, v


class CorrectionsSwapped(Variant):
    def hats(self, m, v, t):
        return m / (1 - self.beta2**t), v / (1 - self.beta1**t)


class LargestKept(helpers.Adam):
    """AMSGrad."""

    def update(self, params, grads):
        self.largest = getattr(self, "largest", {})
        self.t = getattr(self, "t", 0) + 1
        for key, w in params.items():
            m, v, top = self.largest.get(key, (0, 0, 0))
            m = self.beta1 * m + (1 - self.beta1) * grads[key]
            v = self.beta2 * v + (1 - self.beta2) * grads[key] ** 2
            top = np.maximum(top, v)
            self.largest[key] = m, v, top
            step = m / (1 - self.beta1**self.t) / (np.sqrt(top / (1 - self.beta2**self.t)) + self.eps)
            w -= self.lr * step


class Swapped(helpers.Adam):
    def __init__(self, lr, beta1, beta2, eps):
        super().__init__(lr, beta2, beta1, eps)


class NotSquared(Variant):
    def second(self, v, g, m):
        return self.beta2 * v + (1 - self.beta2) * g


class SquareOfM(Variant):
    def second(self, v, g, m):
        return self.beta2 * v + (1 - self.beta2) * m**2


class NoMomentum(Variant):
    def step(self, m_hat, v_hat, g):
        return super().step(g, v_hat, g)


class NoRoot(Variant):
    def step(self, m_hat, v_hat, g):
        return m_hat / (v_hat + self.eps)


class EpsInside(Variant):
    def step(self, m_hat, v_hat, g):
        return m_hat / np.sqrt(v_hat + self.eps)


class EpsAsFloor(Variant):
    def step(self, m_hat, v_hat, g):
        return m_hat / np.maximum(np.sqrt(v_hat), self.eps)


class EpsAfterwards(Variant):
    def step(self, m_hat, v_hat, g):
        return m_hat / np.sqrt(v_hat) + self.eps


class EpsBeforeCorrection(helpers.Adam):
    def rule(self, w, g, t, m, v):
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        w -= self.lr * np.sqrt(1 - self.beta2**t) / (1 - self.beta1**t) * m / (np.sqrt(v) + self.eps)


class OwnLoop(helpers.Adam):
    """Adam with an `update` as learners write it: one counter, and the averages that `averages` finds."""

    count = 0

    def averages(self, key, w):
        return self.state.setdefault(key, (np.zeros_like(w), np.zeros_like(w)))

    def update(self, params, grads):
        self.count += 1
        for key, w in params.items():
            self.rule(w, grads[key], self.count, *self.averages(key, w))


class CountedPerParameter(OwnLoop):
    def update(self, params, grads):
        for key in params:
            super().update({key: params[key]}, grads)


class Shared(OwnLoop):
    def averages(self, key, w):
        return super().averages("all", w)


class AveragesRemade(OwnLoop):
    def averages(self, key, w):
        return np.zeros_like(w), np.zeros_like(w)


rebound, _, remade = common_mistakes(helpers.Adam, "averages m and v")


class MyAdam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        for key, w in params.items():
            if key not in self.m:
                self.m[key], self.v[key] = np.zeros_like(w), np.zeros_like(w)
            g = grads[key]
            self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * g
            self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * g**2
            m_hat = self.m[key] / (1 - self.beta1**self.t)
            v_hat = self.v[key] / (1 - self.beta2**self.t)
            w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


ADAM = OptimizerExercise(
    name="adam",
    task="write the class of Adam with bias correction, with update(params, grads)",
    solution=MyAdam,
    reference=helpers.Adam,
    problems=(
        # Corrected, m is 10 and v is 10² after any number of gradients of 10: each step is 10 / (10 + 10).
        Walk(
            "two steps by hand (w = 1, gradient 10 in both, η = 1, ε = 10: m̂ is 10, √v̂ is 10, and each step is 0.5)",
            (1.0, 0.5, 0.75, 10.0),
            by_hand={"w": [0.0]},
            start={"w": np.array([1.0])},
            gradient=steady(w=[10.0]),
            steps=2,
        ),
        *walks(0.3, 0.8, 0.95, 1.0),
    ),
    mistakes=(
        Mistake("uphill", "The step is taken off: w −= η m̂ / (√v̂ + ε).", Uphill),
        Mistake(
            "bias correction missing",
            "m and v start at 0 and are too small at first: divide them by 1 − β₁ᵗ and 1 − β₂ᵗ.",
            Uncorrected,
        ),
        Mistake(
            "t counted from 0",
            "β⁰ is 1, so the first correction is 0/0: add 1 to t before you use it.",
            FromZero,
        ),
        Mistake(
            "t is 2 in the first update",
            "The first update has t = 1: start at 0 and add 1, or start at 1 and add 1 at the end.",
            FromTwo,
        ),
        Mistake(
            "β₁ in the average of g², too",
            "v is averaged with its own factor: β₂ v + (1 − β₂) g².",
            OneAverage,
        ),
        Mistake(
            "m corrected in place",
            "m̂ is for this step only: give it a name of its own, and let m go on as it is.",
            CorrectedM,
        ),
        Mistake(
            "v corrected in place",
            "v̂ is for this step only: give it a name of its own, and let v go on as it is.",
            CorrectedV,
        ),
        Mistake(
            "correction of the first update in every update",
            "The factors are 1 − β₁ᵗ and 1 − β₂ᵗ: keep the number of the update, and take it as the power.",
            FirstCorrectionOnly,
        ),
        Mistake("β₁ in both corrections", "v is corrected by its own factor, 1 − β₂ᵗ.", OneCorrection),
        Mistake(
            "correction applied to the state itself",
            "m̂ and v̂ are for this step only: give them names of their own, and let m and v go on as they are.",
            CorrectedState,
        ),
        Mistake(
            "t counted once a parameter",
            "t is the number of the update: add 1 before the loop over the parameters, not in it.",
            CountedPerParameter,
        ),
        Mistake(
            "corrections swapped",
            "m is divided by 1 − β₁ᵗ and v by 1 − β₂ᵗ: each by the factor of its own average.",
            CorrectionsSwapped,
        ),
        Mistake(
            "largest v kept",
            "Dividing by the largest v so far is AMSGrad; Adam divides by v as it is, which may fall.",
            LargestKept,
        ),
        Mistake("β₁ and β₂ swapped", "β₁ belongs to m, the average of g, and β₂ to v, that of g².", Swapped),
        Mistake(
            "g not squared in v",
            "v averages g², which is never negative; of an average of gradients there may be no root.",
            NotSquared,
        ),
        Mistake("square of m in place of g²", "v averages the squared gradient, (1 − β₂) g², not m².", SquareOfM),
        Mistake("g in place of m̂", "The step has the averaged gradient m̂ above √v̂, not g itself.", NoMomentum),
        Mistake("root left out", "Divide by √v̂, or a large gradient makes a small step.", NoRoot),
        Mistake(
            "ε inside the root",
            "Here it stands outside: √v̂ + ε. Inside it works on gradients that are far larger.",
            EpsInside,
        ),
        Mistake(
            "ε as a floor",
            "max(√v̂, ε) guards the division too, but it is another rule: here ε is added, √v̂ + ε.",
            EpsAsFloor,
        ),
        Mistake(
            "ε after the division",
            "Put brackets around np.sqrt(v_hat) + eps: as it is, ε moves the weight and guards no division.",
            EpsAfterwards,
        ),
        rebound,
        Mistake(
            "state shared between parameters",
            "Every parameter needs averages m and v of its own: keep dicts with the keys of params.",
            Shared,
        ),
        remade,
        Mistake(
            "averages re-made every step",
            "m and v must outlive the update: keep them in self, and make them once, when the key is first seen.",
            AveragesRemade,
        ),
    ),
    hints=(
        "What must be kept from update to update: which arrays for each parameter, and which number for all of them?",
        "Make `self.t = 0` and two empty dicts, `self.m` and `self.v`, in `__init__`. In update, add 1 to "
        "self.t before the loop; a key that is not in self.m yet gets np.zeros_like(params[key]) in both "
        "dicts.",
        "m_hat = self.m[key] / (1 - self.beta1**self.t)\n"
        "v_hat = self.v[key] / (1 - self.beta2**self.t)\n"
        "w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)",
    ),
    variants=(
        Mistake(
            "ε added to the root of the uncorrected v",
            "Keras and some books have it; with a tiny ε the difference is too small to see. "
            "This lesson and PyTorch add ε to √v̂.",
            EpsBeforeCorrection,
        ),
    ),
)


def descend(gradient, start, lr, steps, eps, step=lambda lr, m_hat, v_hat, eps: lr * m_hat / (np.sqrt(v_hat) + eps)):
    """Adam with the usual β₁ and β₂ and with `step(lr, m_hat, v_hat, eps)`, which is taken off w."""
    w = np.array(start, float)
    m, v = np.zeros_like(w), np.zeros_like(w)
    path = [w]
    for t in range(1, steps + 1):
        g = gradient(w)
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g**2
        w = w - step(lr, m / (1 - 0.9**t), v / (1 - 0.999**t), eps)
        path.append(w)
    return path


def with_step(step):
    return lambda *args: descend(*args, step=step)


def without_correction(gradient, start, lr, steps, eps):
    return helpers.trajectory(Uncorrected(lr, eps=eps), gradient, start, steps)


def my_repaired_adam(gradient, start, lr, steps, eps=1e-8):
    w = np.array(start, float)
    m, v = np.zeros_like(w), np.zeros_like(w)
    path = [w]
    for t in range(1, steps + 1):
        g = gradient(w)
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g**2
        m_hat = m / (1 - 0.9**t)
        v_hat = v / (1 - 0.999**t)
        w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
        path.append(w)
    return np.array(path)


BUG_HUNT = FunctionExercise(
    name="adam bug hunt",
    earlier="epsilon bug hunt",
    task="find the bug in a function for Adam that ends in nan when a gradient is 0, and repair it",
    solution=my_repaired_adam,
    reference=descend,
    rows="update",
    problems=(
        Problem(
            "two steps by hand (w = 2, gradient 10 in both, η = 1, ε = 10: each step is 10 / (10 + 10))",
            (lambda w: np.full_like(w, 10.0), np.array([2.0]), 1.0, 2, 10.0),
            by_hand=[[2.0], [1.5], [1.0]],
        ),
        Problem("a weight whose gradient is 0", (lambda w: np.array([w[0], 0.0]), np.array([3.0, 1.0]), 0.1, 5, 1e-8)),
        Problem("30 updates on the bowl", (lambda w: np.array([0.1, 2.0]) * w, np.array([-7.0, 2.0]), 0.3, 30, 1.0)),
    ),
    mistakes=(
        Mistake(
            "ε after the division",
            "Python divides before it adds: ε moves the weight, and 0/0 is left as it was. "
            "Put brackets around np.sqrt(v_hat) + eps.",
            with_step(lambda lr, m_hat, v_hat, eps: lr * m_hat / np.sqrt(v_hat) - eps),
        ),
        Mistake(
            "ε added to the quotient",
            "The brackets are around the quotient and ε; put them around the divisor, np.sqrt(v_hat) + eps.",
            with_step(lambda lr, m_hat, v_hat, eps: lr * (m_hat / np.sqrt(v_hat) + eps)),
        ),
        Mistake(
            "ε taken out",
            "Without ε the weights no longer drift, but 0/0 is still not a number: ε belongs to the divisor.",
            with_step(lambda lr, m_hat, v_hat, eps: lr * m_hat / np.sqrt(v_hat)),
        ),
        Mistake(
            "ε inside the root",
            "That guards the division too, but it is another rule: here ε stands outside, √v̂ + ε.",
            with_step(lambda lr, m_hat, v_hat, eps: lr * m_hat / np.sqrt(v_hat + eps)),
        ),
        Mistake(
            "ε as a floor",
            "max(√v̂, ε) guards the division too, but it is another rule: here ε is added, √v̂ + ε.",
            with_step(lambda lr, m_hat, v_hat, eps: lr * m_hat / np.maximum(np.sqrt(v_hat), eps)),
        ),
        Mistake(
            "bias correction lost",
            "Keep the lines of m_hat and v_hat as they were; the bug is not there.",
            without_correction,
        ),
    ),
    hints=(
        "Do the first update of a weight whose gradient is 0 by hand: where is the division by 0?",
        "In which order does Python work out a / b + c?",
        "w = w - lr * m_hat / (np.sqrt(v_hat) + eps)",
    ),
)


class Decay(helpers.AdamW):
    """AdamW whose `decay` of w comes before Adam; a subclass gets something wrong."""

    def rule(self, w, g, t, m, v):
        self.decay(w)
        helpers.Adam.rule(self, w, g, t, m, v)

    def decay(self, w):
        w -= self.lr * self.weight_decay * w


class InTheGradient(Decay):
    def rule(self, w, g, t, m, v):
        helpers.Adam.rule(self, w, g + self.weight_decay * w, t, m, v)


class DividedByTheRoot(helpers.AdamW):
    def rule(self, w, g, t, m, v):
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
        w -= self.lr * (m_hat + self.weight_decay * w) / (np.sqrt(v_hat) + self.eps)


class WithoutRate(Decay):
    def decay(self, w):
        w -= self.weight_decay * w


class Twice(Decay):
    def rule(self, w, g, t, m, v):
        g = g + self.weight_decay * w
        self.decay(w)
        helpers.Adam.rule(self, w, g, t, m, v)


class GrowingWithoutRate(Decay):
    def decay(self, w):
        w += self.weight_decay * w


class Growing(Decay):
    def decay(self, w):
        w += self.lr * self.weight_decay * w


class Lost(Decay):
    def decay(self, w):
        pass


class MatricesOnly(Decay):
    def decay(self, w):
        if w.ndim > 1:
            super().decay(w)


class SignOnly(Decay):
    def decay(self, w):
        w -= self.lr * self.weight_decay * np.sign(w)


class KeptPart(Decay):
    def decay(self, w):
        w *= self.lr * self.weight_decay


class Afterwards(Decay):
    def rule(self, w, g, t, m, v):
        helpers.Adam.rule(self, w, g, t, m, v)
        self.decay(w)


class MadeAnew(helpers.AdamW):
    def update(self, params, grads):
        self.state = {}
        super().update(params, grads)


class MyAdamW:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.lr, self.weight_decay = lr, weight_decay
        self.adam = helpers.Adam(lr, beta1, beta2, eps)

    def update(self, params, grads):
        for w in params.values():
            w -= self.lr * self.weight_decay * w
        self.adam.update(params, grads)


ADAMW = OptimizerExercise(
    name="adamw",
    task="write the class of AdamW, with update(params, grads)",
    solution=MyAdamW,
    reference=helpers.AdamW,
    problems=(
        # The decay halves w, 4 to 2 and 1.5 to 0.75; each step of Adam is 10 / (10 + 10).
        Walk(
            "two steps by hand (w = 4, gradient 10 in both, η = 1, λ = 0.5, ε = 10: w is 1.5, then 0.25)",
            (1.0, 0.5, 0.75, 10.0, 0.5),
            by_hand={"w": [0.25]},
            start={"w": np.array([4.0])},
            gradient=steady(w=[10.0]),
            steps=2,
        ),
        *walks(0.3, 0.8, 0.95, 0.1, 0.2),
    ),
    mistakes=(
        Mistake(
            "decay inside the moving averages",
            "g + λ w is L2: the decay is averaged, and divided by √v̂. Take η λ w off the weights themselves, "
            "and give Adam the gradient as it is.",
            InTheGradient,
        ),
        Mistake(
            "decay divided by the root",
            "λ w stands beside the step of Adam, not above √v̂: every weight loses the same part ηλ.",
            DividedByTheRoot,
        ),
        Mistake("decay not times η", "The part that a weight loses is η λ, not λ.", WithoutRate),
        Mistake(
            "decay in the gradient and outside of it",
            "Once is enough: take η λ w off the weights, and give Adam the gradient as it is.",
            Twice,
        ),
        Mistake(
            "weights that grow, and not times η",
            "The decay is taken off, and the part that a weight loses is η λ: w −= η λ w.",
            GrowingWithoutRate,
        ),
        Mistake("weights that grow", "The decay is taken off: w −= η λ w.", Growing),
        Mistake(
            "only matrices decayed",
            "Biases are often spared in practice; here all arrays of params decay, whatever their shape.",
            MatricesOnly,
        ),
        Mistake(
            "sign in place of the weight",
            "The decay is in proportion to w; η λ sign(w) takes the same off all weights, that is L1.",
            SignOnly,
        ),
        Mistake("what is left for what is lost", "η λ is the part that goes: w −= η λ w, or w *= 1 − η λ.", KeptPart),
        Mistake(
            "decay lost",
            "This is the path of Adam alone. Is the decay there, and does it change the array in place? "
            "`w = w - …` makes a new one.",
            Lost,
        ),
        Mistake(
            "decay after the step",
            "The decay is that of the old w: take it off first, then comes Adam.",
            Afterwards,
        ),
        Mistake(
            "Adam made anew every step",
            "An Adam that is new in each update remembers nothing: make it once, in __init__, and keep it in self.",
            MadeAnew,
        ),
    ),
    hints=(
        "What does AdamW do to a weight whose gradients have all been 0?",
        "Make a helpers.Adam in __init__; in update, shrink every array in place, then call that Adam's update.",
        "for w in params.values():\n    w -= self.lr * self.weight_decay * w\nself.adam.update(params, grads)",
    ),
)

EXERCISES = ADAM, ADAMW, BUG_HUNT


QUESTIONS = (
    Question(
        name="loss times 1000",
        question="Multiply the loss by 1000: what happens to Adam's path?",
        options=("it diverges", "its steps are 1000 times as long", "it stays the same"),
        answer="it stays the same",
        why="Both averages grow with the gradient, so their ratio does not.",
    ),
    Question(
        name="no bias correction",
        question="Leave the bias correction out: are the first moves shorter or longer?",
        options=("shorter", "as long", "longer"),
        answer="longer",
        why="The first is (1 − β₁)/√(1 − β₂) = 3.16 times as long: v is further below g² than m is below g.",
    ),
    Question(
        name="past the bottom",
        question=(
            "With η = 0.3 Adam comes down along y, and after update 8 it is past the bottom of the valley: the slope "
            "along y now points the other way. Where does update 9 lead along y?"
        ),
        options=("back toward the bottom", "on, away from the bottom", "it stands still"),
        answer="on, away from the bottom",
        why="m̂ averages the gradients of the way down; only in update 15 do the new ones outweigh them.",
    ),
    Question(
        name="decay in adam",
        question="SGD makes weights decay by adding λ w to the gradient. Does that do the same in Adam?",
        options=("yes", "no, all decay faster", "no, it depends on the gradients"),
        answer="no, it depends on the gradients",
        why="λ w is divided by √v̂ too: a weight with large gradients hardly decays.",
    ),
)
