"""Exercises: AdaGrad, how slow it gets on a slope, its learning rate on a turned bowl."""

import numpy as np

import helpers
from workbench.descent import landscapes
from workbench.tutoring.exercise import (
    FunctionExercise,
    Mistake,
    OptimizerExercise,
    Problem,
    Refusal,
    ValueExercise,
    Walk,
    as_array,
)
from workbench.tutoring.optimizer_mistakes import common_mistakes, steady, walks
from workbench.tutoring.questions import Question


class Uphill(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += g**2
        w += self.lr * g / (np.sqrt(h) + self.eps)


class NotSquared(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += g
        w -= self.lr * g / (np.sqrt(h) + self.eps)


class NoRoot(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += g**2
        w -= self.lr * g / (h + self.eps)


class OldSum(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        w -= self.lr * g / (np.sqrt(h) + self.eps)
        h += g**2


class EpsInside(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += g**2
        w -= self.lr * g / np.sqrt(h + self.eps)


class EpsMissing(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += g**2
        w -= self.lr * g / np.sqrt(h)


class EpsAfterwards(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += g**2
        w -= self.lr * g / np.sqrt(h) + self.eps


class Decayed(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h[...] = 0.9 * h + 0.1 * g**2
        w -= self.lr * g / (np.sqrt(h) + self.eps)


class FromATenth(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += g**2 + (0.1 if t == 1 else 0)
        w -= self.lr * g / (np.sqrt(h) + self.eps)


class OneForAll(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += np.sum(g**2)
        w -= self.lr * g / (np.sqrt(h) + self.eps)


class MeanOfSquares(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += g**2
        w -= self.lr * g / (np.sqrt(h / t) + self.eps)


class LargestSquare(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h[...] = np.maximum(h, g**2)
        w -= self.lr * g / (np.sqrt(h) + self.eps)


class SumOfSizes(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += np.abs(g)
        w -= self.lr * g / (h + self.eps)


class RootOfSizes(helpers.AdaGrad):
    def rule(self, w, g, t, h):
        h += np.abs(g)
        w -= self.lr * g / (np.sqrt(h) + self.eps)


class MyAdaGrad:
    def __init__(self, lr=0.01, eps=1e-8):
        self.lr, self.eps, self.h = lr, eps, {}

    def update(self, params, grads):
        for key, w in params.items():
            if key not in self.h:
                self.h[key] = np.zeros_like(w)
            self.h[key] += grads[key] ** 2
            w -= self.lr * grads[key] / (np.sqrt(self.h[key]) + self.eps)


ADAGRAD = OptimizerExercise(
    name="adagrad",
    task="write the class of AdaGrad, with update(params, grads)",
    solution=MyAdaGrad,
    reference=helpers.AdaGrad,
    problems=(
        # h = 9, so the first step is 2 · 3 / (3 + 3); then h = 9 + 16, and the second is 2 · 4 / (5 + 3).
        Walk(
            "two steps by hand (w = 1, gradients 3 and 4, η = 2, ε = 3: √h is 3, then 5, and each step is 1)",
            (2.0, 3.0),
            by_hand={"w": [-1.0]},
            start={"w": np.array([1.0])},
            gradient=lambda params: {"w": 4 - params["w"]},
            steps=2,
        ),
        Walk(
            "a weight whose gradient is 0",
            (0.5, 1e-8),
            start={"w": np.array([1.0, 2.0])},
            gradient=steady(w=[0.0, 0.5]),
            steps=2,
        ),
        *walks(0.5, 0.1),
    ),
    mistakes=(
        Mistake("uphill", "The step is taken off: w −= η g / (√h + ε).", Uphill),
        Mistake(
            "h not squared",
            "h adds up g², which is never negative; of a sum of gradients there may be no root.",
            NotSquared,
        ),
        Mistake("root left out", "Divide by √h, or a large gradient makes a small step.", NoRoot),
        Mistake(
            "mean of the squares",
            "h is the sum of all squares so far and is divided by nothing: that is why the steps get shorter.",
            MeanOfSquares,
        ),
        Mistake(
            "largest square in place of the sum",
            "h adds up all squares so far; it grows with each gradient, not only with one that is the largest.",
            LargestSquare,
        ),
        Mistake(
            "sizes added up in place of squares",
            "h adds up g², not |g|, and the step is divided by its root.",
            SumOfSizes,
            (RootOfSizes,),
        ),
        Mistake(
            "h of the update before",
            "Add g² to h first, then divide: at the first update the old h is 0, and ε alone is left to divide by.",
            OldSum,
        ),
        Mistake(
            "ε inside the root",
            "Here it stands outside: √h + ε. Some libraries write √(h + ε), which is another path once gradients "
            "are small.",
            EpsInside,
        ),
        Mistake(
            "ε missing",
            "A weight that has seen no gradient has h = 0, and 0/0 is not a number: divide by √h + ε.",
            EpsMissing,
        ),
        Mistake(
            "ε after the division",
            "Put brackets around np.sqrt(h) + eps: as it is, ε moves the weight and guards no division.",
            EpsAfterwards,
        ),
        Mistake(
            "moving average in place of the sum",
            "h ← 0.9 h + 0.1 g² forgets; that is RMSProp. AdaGrad adds g² to all of the old h.",
            Decayed,
        ),
        Mistake(
            "h begins at 0.1",
            "Keras begins so, by its `initial_accumulator_value`; in this lesson and in PyTorch h begins at 0.",
            FromATenth,
        ),
        Mistake(
            "one h for all weights of an array",
            "Every weight has an h of its own: g**2 without a sum over its entries.",
            OneForAll,
        ),
        *common_mistakes(helpers.AdaGrad, "a sum h"),
    ),
    hints=(
        "Keep a dict of sums beside lr and eps; what shape must the sum of a key have?",
        "Make `self.h = {}` in `__init__`. In update, for each key: where it is not in self.h yet, put "
        "np.zeros_like(params[key]) there; add the squared gradient to it before you divide by its root.",
        "self.h[key] += grads[key] ** 2\nw -= self.lr * grads[key] / (np.sqrt(self.h[key]) + self.eps)",
    ),
)


def updates_on_a_slope(distance, lr):
    return (distance / (2 * lr)) ** 2


def about(result, distance, lr):
    """The number of updates; the formula's own where the result is within a tenth of it, as a count by loop is."""
    number = as_array(result)
    if number.size != 1:
        raise Refusal("The result is one number.")
    formula = updates_on_a_slope(distance, lr)
    return {"the number of updates": formula if abs(number / formula - 1) < 0.1 else number}


def my_updates(distance, lr):
    return (distance / (2 * lr)) ** 2


SLOPE = FunctionExercise(
    name="updates on a slope",
    vary=(),  # a count by loop is off by one from the formula
    task="return about how many updates AdaGrad needs for a distance where the gradient is 1 all the way",
    solution=my_updates,
    reference=updates_on_a_slope,
    facts=about,
    problems=(
        Problem("a distance of 10 with η = 0.05, by hand ((10 / 0.1)²)", (10.0, 0.05), by_hand=[10_000.0]),
        Problem("the slope of the lesson, 7 with η = 0.1", (7.0, 0.1)),
        Problem("a distance of 3 with η = 0.02", (3.0, 0.02)),
    ),
    mistakes=(
        Mistake(
            "steps that stay at η",
            "Only the first step is η; step k is η/√k, because h is k after k gradients of 1.",
            lambda distance, lr: distance / lr,
        ),
        Mistake(
            "all steps as short as the last",
            "η √k is k times the last step; the steps before it were longer, and k of them lead 2 η √k far.",
            lambda distance, lr: (distance / lr) ** 2,
        ),
        Mistake(
            "square forgotten",
            "Solve distance = 2 η √k for k, not for √k.",
            lambda distance, lr: distance / (2 * lr),
        ),
    ),
    hints=(
        "How long is step k? How far do k such steps lead?",
        "The steps η/√k add up to about 2 η √k; a loop that counts does it too.",
        "return (distance / (2 * lr)) ** 2",
    ),
)

TURNED = landscapes.bowl(rotation=45)
START = np.sqrt(1 / 2) * np.array([[1, -1], [1, 1]]) @ np.array([-7.0, 2.0])  # (−7, 2) turned along


def on_the_turned_bowl(answer):
    """Whether η brings the loss of the turned bowl below 0.052 in 30 updates, in words."""
    if answer.size != 1:
        raise Refusal("The answer is one number.")
    lr = answer.item()
    if not 0 < lr < np.inf:
        raise Refusal("η must be above 0.")
    if TURNED.value(helpers.trajectory(helpers.AdaGrad(lr), TURNED.gradient, START, steps=30)[-1]) < 0.052:
        return {"the loss after 30 updates": "below 0.052"}
    return {"the loss after 30 updates": f"above it, with an η that is too {'small' if lr < 2.8 else 'large'}"}


ON_THE_TURNED_BOWL = ValueExercise(
    name="turned bowl",
    untouched=1.5,
    task="find η with which AdaGrad gets below 0.052 on the turned bowl after 30 updates",
    solution="my_lr = 2.8",
    reference=2.8,
    facts=on_the_turned_bowl,
    problems=(Problem("30 updates from (−7, 2), turned by 45°", by_hand="below 0.052"),),
    mistakes=(
        Mistake("η too small", "The steps shrink before the path is near the minimum: start with longer ones.", 1.2),
        Mistake(
            "η too large",
            "The first step leads across the valley, and the large gradients there stay in h. "
            "What is best on the straight bowl is too much here.",
            9.0,
        ),
    ),
    hints=(
        "Is η = 1.5 too small or too large? Try its double and its half.",
        "The loss changes slowly near the best η: try 2, 3 and 4, and go on between the best two.",
        "my_lr = 2.8",
    ),
)

EXERCISES = ADAGRAD, SLOPE, ON_THE_TURNED_BOWL


QUESTIONS = (
    Question(
        name="first update of adagrad",
        question="How far does the first update go along x, and how far along y?",
        options=("1.05 and 6", "1.5 and 1.5", "0.7 and 4"),
        answer="1.5 and 1.5",
        why="At first h is g², so g/√h is 1 or −1: every weight moves by η.",
    ),
    Question(
        name="condition number of adagrad",
        question="The condition number κ goes from 20 to 100: how does AdaGrad's path change?",
        options=("it gets slower", "it does not change", "it diverges"),
        answer="it does not change",
        why="The curvature along x becomes a fifth, and so do g and √h along x: in g/√h that cancels.",
    ),
    Question(
        name="bowl turned by 45 degrees",
        question=(
            "The bowl is turned by 45°. Which has the lower loss after 30 updates, each at its best learning rate?"
        ),
        options=("AdaGrad", "SGD", "both the same"),
        answer="SGD",
        why="Step sizes for x and y cannot tell the steep from the flat direction when both are mixtures of x and y.",
    ),
)
