"""Exercises: Lion from its slots, Newton–Schulz, three coefficients of which one is odd."""

import numpy as np

from lessons.beyond_adam.rules import Lion, newton_schulz
from workbench.tutoring.exercise import FunctionExercise, Mistake, OptimizerExercise, Problem, Walk
from workbench.tutoring.optimizer_mistakes import common_mistakes, steady, walks
from workbench.tutoring.questions import Question


class Variant(Lion):
    """Lion in parts, for a subclass to get one of them wrong."""

    def rule(self, w, g, t, m):
        old = m.copy()
        m[...] = self.kept(old, g)
        c = self.mixed(old, g, m)
        self.decayed(w)
        w -= self.lr * self.step(c, w)

    def kept(self, m, g):
        return self.beta2 * m + (1 - self.beta2) * g

    def mixed(self, old, g, new):
        return self.beta1 * old + (1 - self.beta1) * g

    def decayed(self, w):
        w -= self.lr * self.weight_decay * w

    def step(self, c, w):
        return np.sign(c)


class Uphill(Variant):
    def step(self, c, w):
        return -np.sign(c)


class SignOfG(Variant):
    def mixed(self, old, g, new):
        return g


class NewAverage(Variant):
    def mixed(self, old, g, new):
        return self.beta1 * new + (1 - self.beta1) * g


class OneAverage(Variant):
    def mixed(self, old, g, new):
        return new


class KeptWithBeta1(Variant):
    def kept(self, m, g):
        return self.beta1 * m + (1 - self.beta1) * g


class OldAverage(Variant):
    def mixed(self, old, g, new):
        return old


class Swapped(Lion):
    def __init__(self, lr, beta1, beta2, weight_decay):
        super().__init__(lr, beta2, beta1, weight_decay)


class NoSign(Variant):
    def step(self, c, w):
        return c


class SignKept(Variant):
    def kept(self, m, g):
        return self.beta2 * m + (1 - self.beta2) * np.sign(g)


class DecayInGradient(Lion):
    def rule(self, w, g, t, m):
        g = g + self.weight_decay * w
        w -= self.lr * np.sign(self.beta1 * m + (1 - self.beta1) * g)
        m[...] = self.beta2 * m + (1 - self.beta2) * g


class DecayInSign(Variant):
    def decayed(self, w):
        pass

    def step(self, c, w):
        return np.sign(c + self.weight_decay * w)


class NoDecay(Variant):
    def decayed(self, w):
        pass


class Growing(Variant):
    def decayed(self, w):
        w += self.lr * self.weight_decay * w


class DecayAfter(Variant):
    def rule(self, w, g, t, m):
        decay, self.weight_decay = self.weight_decay, 0.0
        super().rule(w, g, t, m)
        self.weight_decay = decay
        w -= self.lr * decay * w


rebound, shared, _ = common_mistakes(Lion, "an average m")


class MyLion:
    def __init__(self, lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0):
        self.lr, self.beta1, self.beta2, self.weight_decay = lr, beta1, beta2, weight_decay
        self.m = {}

    def update(self, params, grads):
        for key, w in params.items():
            if key not in self.m:
                self.m[key] = np.zeros_like(w)
            g = grads[key]
            c = self.beta1 * self.m[key] + (1 - self.beta1) * g
            w -= self.lr * self.weight_decay * w
            w -= self.lr * np.sign(c)
            self.m[key] = self.beta2 * self.m[key] + (1 - self.beta2) * g


LION = OptimizerExercise(
    name="lion",
    task="write the class of Lion, with update(params, grads)",
    solution=MyLion,
    reference=Lion,
    problems=(
        # The decay leaves 3/4 of w, and each step is ½: 1 becomes 0.75 − 0.5 = 0.25, then 0.1875 − 0.5.
        Walk(
            "two steps by hand (w = 1, gradient 10 in both, η = ½, λ = ½: w is 0.25, then −0.3125)",
            (0.5, 0.5, 0.75, 0.5),
            by_hand={"w": [-0.3125]},
            start={"w": np.array([1.0])},
            gradient=steady(w=[10.0]),
            steps=2,
        ),
        *walks(0.3, 0.6, 0.95, 0.2),
        Walk(
            "15 updates toward 3, where the decay leads elsewhere",
            (0.3, 0.6, 0.95, 0.5),
            start={"w": np.array([-1.0, 5.0])},
            gradient=lambda params: {key: w - 3 for key, w in params.items()},
            steps=15,
        ),
    ),
    mistakes=(
        Mistake("uphill", "The sign of c points uphill: take η sign(c) off w.", Uphill),
        Mistake(
            "sign of the gradient alone",
            "That is SignSGD: c lacks the average, or m is made anew in each update. Keep m in self, and give it the "
            "share β₁ in c.",
            SignOfG,
        ),
        Mistake(
            "average renewed before the step",
            "c mixes the gradient with the m of the updates before: renew m after the step.",
            NewAverage,
        ),
        Mistake(
            "one average for both",
            "The step has an average of its own, with β₁; m is kept with β₂.",
            OneAverage,
        ),
        Mistake("average kept with β₁", "β₁ is for c alone; m is renewed with β₂.", KeptWithBeta1),
        Mistake("gradient left out of the step", "c has a share of 1 − β₁ of the present gradient, too.", OldAverage),
        Mistake("β₁ and β₂ swapped", "β₁ belongs to c, which is used once, and β₂ to m, which is kept.", Swapped),
        Mistake("sign left out", "All entries of a step have the size η: take np.sign(c).", NoSign),
        Mistake("sign kept in the average", "m averages the gradients themselves, not their signs.", SignKept),
        Mistake(
            "decay in the gradient",
            "λ w is no part of the gradient here: the weights decay by themselves, η λ w.",
            DecayInGradient,
        ),
        Mistake("decay inside the sign", "There λ w loses its size: it stands outside of the sign.", DecayInSign),
        Mistake("decay left out", "Each weight loses its part η λ in each update.", NoDecay),
        Mistake("weights that grow", "The decay is taken off: w −= η λ w.", Growing),
        Mistake(
            "decay after the step",
            "It is a part of the old weights: let them decay before the step, or in the same line.",
            DecayAfter,
        ),
        rebound,
        shared,
    ),
    hints=(
        "Which two averages does an update compute, and which of them is kept for the next one?",
        "Make an empty dict self.m in `__init__`. In update, compute c from the m that is there, take the decay and "
        "the step off w, and renew m last.",
        "c = self.beta1 * self.m[key] + (1 - self.beta1) * g\n"
        "w -= self.lr * self.weight_decay * w\n"
        "w -= self.lr * np.sign(c)\n"
        "self.m[key] = self.beta2 * self.m[key] + (1 - self.beta2) * g",
    ),
)


def iterated(G, steps, a, b, c, start=None, polynomial=None, gram=lambda X: X @ X.T):
    """Newton–Schulz with other parts: `start(G)`, `gram(X)`, or the whole of `polynomial(X, A, a, b, c)`."""
    X = (start or (lambda G: G / np.linalg.norm(G)))(G)
    step = polynomial or (lambda X, A, a, b, c: a * X + (b * A + c * A @ A) @ X)
    for _ in range(steps):
        X = step(X, gram(X), a, b, c)
    return X


def with_(**parts):
    return lambda G, steps, a, b, c: iterated(G, steps, a, b, c, **parts)


def first_gram(G, steps, a, b, c):
    X = G / np.linalg.norm(G)
    A = X @ X.T
    for _ in range(steps):
        X = a * X + (b * A + c * A @ A) @ X
    return X


def normed_each_time(G, steps, a, b, c):
    X = G
    for _ in range(steps):
        X = iterated(X, 1, a, b, c)
    return X


def exact(G, steps, *coefficients):
    u, _, vt = np.linalg.svd(G, full_matrices=False)
    return u @ vt


def my_newton_schulz(G, steps, a, b, c):
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    return X


RNG = np.random.default_rng(0)
WIDE, SQUARE = RNG.normal(size=(3, 5)).round(1), RNG.normal(size=(4, 4)).round(1)
# Its norm is 5, so its singular values become 0.6 and 0.8.
DIAGONAL = np.array([[3.0, 0.0], [0.0, 4.0]])

NEWTON_SCHULZ = FunctionExercise(
    name="newton-schulz",
    task="return G after `steps` Newton–Schulz steps with the coefficients a, b and c",
    solution=my_newton_schulz,
    reference=lambda G, steps, a, b, c: newton_schulz(G, steps, (a, b, c)),
    problems=(
        Problem(
            "one step by hand (singular values 0.6 and 0.8, a = 2, b = −1.5, c = 0.5: "
            "2 · 0.6 − 1.5 · 0.216 + 0.5 · 0.07776 = 0.91488, and 0.99584)",
            (DIAGONAL, 1, 2.0, -1.5, 0.5),
            by_hand=[[0.91488, 0.0], [0.0, 0.99584]],
        ),
        Problem("three steps of a 4 × 4 matrix", (SQUARE, 3, 3.4445, -4.7750, 2.0315)),
        Problem("two steps of a 3 × 5 matrix", (WIDE, 2, 1.875, -1.25, 0.375)),
    ),
    mistakes=(
        Mistake(
            "not divided by the norm",
            "Above 1 the powers s³ and s⁵ run away: begin with G / np.linalg.norm(G).",
            with_(start=lambda G: G),
        ),
        Mistake(
            "divided by the largest singular value",
            "That is np.linalg.norm(G, 2), which needs them all first; here ‖G‖ is np.linalg.norm(G).",
            with_(start=lambda G: G / np.linalg.norm(G, 2)),
        ),
        Mistake(
            "divided by the largest entry",
            "A singular value can be larger than all entries: divide by np.linalg.norm(G).",
            with_(start=lambda G: G / np.abs(G).max()),
        ),
        Mistake(
            "divided by the norm in each step",
            "Once, before the first step: later it would push the values down again.",
            normed_each_time,
        ),
        Mistake("A not renewed", "X changes in each step, and A = X Xᵀ with it: make A in the loop.", first_gram),
        Mistake(
            "A once in the last term",
            "s⁵ takes A twice: c * A @ A.",
            with_(polynomial=lambda X, A, a, b, c: a * X + (b * A + c * A) @ X),
        ),
        Mistake(
            "squares of the entries",
            "A**2 squares each entry; the matrix times itself is A @ A.",
            with_(polynomial=lambda X, A, a, b, c: a * X + (b * A + c * A**2) @ X),
        ),
        Mistake(
            "entry by entry",
            "`*` and `**` work on the entries; singular values change by products of matrices, `@`.",
            lambda G, steps, a, b, c: iterated(
                G, steps, a, b, c, polynomial=lambda X, A, a, b, c: a * X + b * X**3 + c * X**5
            ),
        ),
        Mistake(
            "last term left out",
            "The polynomial has three terms: c * A @ A belongs into the brackets.",
            with_(polynomial=lambda X, A, a, b, c: a * X + b * A @ X),
        ),
        Mistake(
            "first term left out",
            "a X is what makes small singular values grow: add it.",
            with_(polynomial=lambda X, A, a, b, c: (b * A + c * A @ A) @ X),
        ),
        Mistake(
            "b and c swapped",
            "b goes with s³, which is A X, and c with s⁵.",
            lambda G, steps, a, b, c: iterated(G, steps, a, c, b),
        ),
        Mistake(
            "b taken off",
            "b is negative already: add b A.",
            lambda G, steps, a, b, c: iterated(G, steps, a, -b, c),
        ),
        Mistake(
            "another number of steps",
            "Repeat it `steps` times: range(steps).",
            lambda G, steps, a, b, c: iterated(G, steps + 1, a, b, c),
            (lambda G, steps, a, b, c: iterated(G, steps - 1, a, b, c),),
        ),
        Mistake(
            "singular values of 1",
            "That is where it leads at best; the steps land near it, and without a decomposition.",
            exact,
        ),
    ),
    hints=(
        "What has to be done once, before the first step, and what in each step?",
        "Divide G by np.linalg.norm(G). In each step make A = X @ X.T and then the new X, with `@` for each product.",
        "A = X @ X.T\nX = a * X + (b * A + c * A @ A) @ X",
    ),
)


def quintic(*coefficients):
    return lambda G, steps: newton_schulz(G, steps, coefficients)


def my_quintic(G, steps):
    a, b, c = 1.875, -1.25, 0.375
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    return X


ODD = FunctionExercise(
    name="odd coefficient",
    task="find the coefficient that is wrong, and repair it",
    solution=my_quintic,
    reference=quintic(15 / 8, -10 / 8, 3 / 8),
    problems=(
        Problem(
            "one step by hand (singular values 0.6 and 0.8 become 0.88416 and 0.98288)",
            (DIAGONAL, 1),
            by_hand=[[0.88416, 0.0], [0.0, 0.98288]],
        ),
        Problem("four steps of a 4 × 4 matrix", (SQUARE, 4)),
        Problem("twelve steps of a 3 × 5 matrix, which lead to 1", (WIDE, 12)),
    ),
    mistakes=(
        Mistake(
            "nothing repaired",
            "One of the coefficients is still the wrong one: what becomes of s = 1?",
            quintic(1.875, -1.25, 0.75),
        ),
        Mistake(
            "first coefficient made to fit",
            "Now 1 stays 1, but values beside it do not come closer: the curve must be flat at 1, a + 3 b + 5 c = 0.",
            quintic(1.5, -1.25, 0.75),
        ),
        Mistake(
            "second coefficient made to fit",
            "Now 1 stays 1, but the curve is not flat there, as a + 3 b + 5 c = 0 asks.",
            quintic(1.875, -1.625, 0.75),
        ),
        Mistake(
            "coefficients of Muon",
            "Those are meant to be quick, and do not lead to 1; only one of the three here has to change.",
            quintic(3.4445, -4.7750, 2.0315),
        ),
        Mistake(
            "cubic polynomial",
            "3/2 and −1/2 lead to 1 as well, but that is another polynomial: only one coefficient is wrong.",
            quintic(1.5, -0.5, 0.0),
        ),
        Mistake("last term left out", "Without s⁵ a value of 1 becomes 0.625.", quintic(1.875, -1.25, 0.0)),
        Mistake("sign of the last turned", "With −0.75 a value of 1 becomes −0.125.", quintic(1.875, -1.25, -0.75)),
        Mistake(
            "decomposition in place of steps",
            "Repair the steps: their number says how close to 1 they come.",
            exact,
        ),
    ),
    hints=(
        "What must the polynomial make of s = 1, if 1 is where all values are to come to rest?",
        "Two sums tell: a + b + c is what becomes of 1, and a + 3 b + 5 c is the slope there, which has to be 0 for "
        "values near 1 to come closer quickly. Change one coefficient so that both come out right.",
        "a, b, c = 1.875, -1.25, 0.375",
    ),
)

EXERCISES = LION, NEWTON_SCHULZ, ODD


QUESTIONS = (
    Question(
        name="adaptive on the turned bowl",
        question=(
            "AdaGrad reaches a loss of 0.01 on the straight bowl in 4 updates, at its best η. How many does it need on "
            "the same bowl turned by 45°?"
        ),
        answer=43,
        within=1.5,
        why="Its step sizes belong to x and y, and after the turn steep and flat are mixtures of both.",
    ),
    Question(
        name="muon on two weights",
        question="The gradient of a column of two weights is (3, 4). What does Muon's step follow?",
        options=("(0.6, 0.8)", "(1, 1)", "(−0.8, 0.6)"),
        answer="(0.6, 0.8)",
        why="The one singular value of a column is its length: the step has the direction of the gradient.",
    ),
    Question(
        name="muon against adamw",
        question=(
            "Muon trains the hidden matrices of the MNIST network and AdamW the rest; or AdamW trains all of it. Each "
            "has its own best η. After 2000 updates, how far apart are the median test errors?"
        ),
        options=("Muon makes half as many", "less than half a point", "AdamW makes half as many"),
        answer="less than half a point",
        why="With fair tuning both end close to each other; what differs is how soon they get there.",
    ),
)
