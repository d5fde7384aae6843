"""Exercises: the heavy ball, and the best η and β of a bowl."""

import numpy as np

import helpers
from workbench.descent import landscapes, theory
from workbench.tutoring.exercise import (
    Mistake,
    OptimizerExercise,
    Problem,
    Refusal,
    ValueExercise,
    Walk,
)
from workbench.tutoring.optimizer_mistakes import common_mistakes, steady, walks
from workbench.tutoring.questions import Question


class Uphill(helpers.Momentum):
    def rule(self, w, g, t, v):
        v[...] = self.momentum * v - self.lr * g
        w -= v


class Averaging(helpers.Momentum):
    def rule(self, w, g, t, v):
        v[...] = self.momentum * v + (1 - self.momentum) * g
        w -= self.lr * v


class Swapped(helpers.Momentum):
    def rule(self, w, g, t, v):
        v[...] = (1 - self.momentum) * v - self.lr * g
        w += v


class OldVelocity(helpers.Momentum):
    def rule(self, w, g, t, v):
        w += v
        v[...] = self.momentum * v - self.lr * g


class RateTwice(helpers.Momentum):
    def rule(self, w, g, t, v):
        v[...] = self.momentum * v - self.lr * g
        w += self.lr * v


class RateLeftOut(helpers.Momentum):
    def rule(self, w, g, t, v):
        v[...] = self.momentum * v - g
        w += v


class FrictionOnAll(helpers.Momentum):
    def rule(self, w, g, t, v):
        v[...] = self.momentum * (v - self.lr * g)
        w += v


class StepTwice(helpers.Momentum):
    def rule(self, w, g, t, v):
        v[...] = self.momentum * v - self.lr * g
        w += v - self.lr * g


class MyMomentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for key, w in params.items():
            if key not in self.v:
                self.v[key] = np.zeros_like(w)
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            w += self.v[key]


MOMENTUM = OptimizerExercise(
    name="momentum",
    task="write the class of the heavy ball, with update(params, grads)",
    solution=MyMomentum,
    reference=helpers.Momentum,
    problems=(
        Walk(
            "two steps by hand (w = 1, gradient 10 in both, η = 0.1, β = 0.5: v is −1, then −1.5)",
            (0.1, 0.5),
            by_hand={"w": [-1.5]},
            start={"w": np.array([1.0])},
            gradient=steady(w=[10.0]),
            steps=2,
        ),
        *walks(0.1, 0.9),
    ),
    mistakes=(
        Mistake(
            "uphill",
            "A v that holds − η g is added to w, one that holds + η g is taken off; yours does it the other way, "
            "so the step goes uphill.",
            Uphill,
        ),
        Mistake(
            "averaging form for heavy ball",
            "(1 − β) g belongs to another convention, with a learning rate of η/(1 − β). Here v ← β v − η g.",
            Averaging,
        ),
        Mistake("β and 1 − β swapped", "v keeps the part β of itself, not 1 − β.", Swapped),
        Mistake("old velocity", "Renew v first, then add the new v to w.", OldVelocity),
        Mistake("learning rate used twice", "v is a way already and holds η: add v itself to w.", RateTwice),
        Mistake("learning rate left out", "Multiply the gradient by lr when v is renewed.", RateLeftOut),
        Mistake(
            "β applied to the gradient too", "Only v is multiplied by β: β v − η g, without brackets.", FrictionOnAll
        ),
        Mistake("gradient used twice", "The gradient is in v already; w changes by v and nothing else.", StepTwice),
        Mistake(
            "Nesterov's step",
            "β v − η g with the new v is Nesterov's method; the heavy ball adds v itself.",
            helpers.Nesterov,
        ),
        *common_mistakes(helpers.Momentum, "a velocity"),
    ),
    hints=(
        "Keep a dict of velocities beside lr and momentum; what shape must the velocity of a key have?",
        "Make `self.v = {}` in `__init__`. In update, for each key: where it is not in self.v yet, put "
        "np.zeros_like(params[key]) there; then come the two lines of the method.",
        "self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]\nw += self.v[key]",
    ),
)


FLAT = landscapes.bowl(condition=100)


def tuned(answer):
    """Whether (η, β) brings the loss of the bowl with κ = 100 below 1e-5 in 60 updates, in words."""
    if answer.shape != (2,):
        raise Refusal("The answer is two numbers: (lr, momentum).")
    lr, momentum = answer.tolist()
    if not (0 < lr < np.inf and 0 <= momentum < 1):
        raise Refusal("lr must be above 0, and momentum from 0 to below 1.")
    path = helpers.trajectory(helpers.Momentum(lr, momentum), FLAT.gradient, (-7.0, 2.0), steps=60)
    loss = FLAT.value(path[-1])
    if loss < 1e-5:
        return {"the loss after 60 updates": "below 0.00001"}
    flat, steep = theory.momentum_rate(lr, np.array([0.02, 2.0]), momentum)
    if max(flat, steep) >= 1:
        how = "growing: it diverges"
    elif np.isclose(max(flat, steep), np.sqrt(momentum)):
        how = "too high: it swings"
    else:
        how = "too high: it creeps along x" if flat > steep else "too high: it zig-zags along y"
    return {"the loss after 60 updates": how}


TUNED = ValueExercise(
    name="best momentum",
    untouched=(0.1, 0.9),
    task="find η and β with a loss below 0.00001 after 60 updates on the bowl with κ = 100",
    solution="my_lr, my_beta = (2 / (np.sqrt(0.02) + np.sqrt(2))) ** 2, (9 / 11) ** 2",
    reference=((2 / (np.sqrt(0.02) + np.sqrt(2))) ** 2, (9 / 11) ** 2),
    facts=tuned,
    problems=(Problem("60 updates from (−7, 2)", by_hand="below 0.00001"),),
    mistakes=(
        Mistake("diverges", "η must stay below 2(1 + β)/λ, with λ = 2 here.", (2.5, 0.2)),
        Mistake("too much momentum", "Where it swings, the rate is √β whatever η is: take a smaller β.", (1.6, 0.9)),
        Mistake(
            "creeping along x",
            "The curvature along x is 0.02: take a larger η, or a larger β.",
            (0.12, 0.9),
        ),
        Mistake(
            "zig-zag along y", "The curvature along y is 2, and η is too close to its limit for this β.", (1.5, 0.51)
        ),
    ),
    hints=(
        "The curvatures of this bowl are 0.02 and 2; the section on the best β has a formula for both numbers.",
        "η = (2/(√λ₁ + √λ₂))², and β = ((√κ − 1)/(√κ + 1))² with √κ = 10.",
        "my_lr, my_beta = (2 / (np.sqrt(0.02) + np.sqrt(2))) ** 2, (9 / 11) ** 2",
    ),
)

EXERCISES = MOMENTUM, TUNED


QUESTIONS = (
    Question(
        name="which momentum",
        question="Which β leads to the lowest loss after 30 updates, with a learning rate that suits it?",
        options=("0", "0.4", "0.9", "0.99"),
        answer="0.4",
        why="The condition number of this bowl is 20; 0.9 is best for one near 1442.",
    ),
    Question(
        name="the limit of the learning rate",
        question=(
            "A learning rate above 1 makes gradient descent diverge on this bowl. What does momentum do to that limit?"
        ),
        options=("it lowers it", "it leaves it at 1", "it raises it"),
        answer="it raises it",
        why="The heavy ball converges below 2(1 + β)/λ: at β = 0.9 that is 1.9.",
    ),
    Question(
        name="beside the ridge",
        question=(
            "SGD, Momentum, AdaGrad and Adam start at (1, 0.001), beside the ridge of the saddle x² − y², all with "
            "η = 0.05: which of them is first at |y| = 1?"
        ),
        options=("SGD", "Momentum", "AdaGrad", "Adam"),
        answer="Adam",
        why=(
            "It divides by the size of the gradient, so a tiny slope moves it as fast as a large one. SGD is last; "
            "with another η the order is another."
        ),
    ),
)
