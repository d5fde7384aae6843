"""Exercises: Nesterov's method with the gradient ahead, and a published bug in the form of the libraries."""

import numpy as np

import helpers
from lessons.nesterov.experiments import look_ahead
from workbench.tutoring.exercise import FunctionExercise, Mistake, OptimizerExercise, Problem, Walk
from workbench.tutoring.optimizer_mistakes import common_mistakes, steady, walks
from workbench.tutoring.questions import Question


def gradient_at(where):
    return lambda *args: look_ahead(*args, where=where)


def places_ahead(gradient, start, lr, momentum, steps):
    return helpers.trajectory(helpers.Nesterov(lr, momentum), gradient, start, steps)


def velocity_twice(*args):
    return look_ahead(*args, ahead=True)


def bowl_slope(w):
    """The gradient of x²/20 + y²."""
    return np.array([0.1, 2.0]) * w


def my_nesterov(gradient, start, lr, momentum, steps):
    theta, v = np.array(start, float), np.zeros(len(start))
    path = [theta]
    for _ in range(steps):
        v = momentum * v - lr * gradient(theta + momentum * v)
        theta = theta + v
        path.append(theta)
    return path


NESTEROV = FunctionExercise(
    name="nesterov",
    task="return the list of all points θ of Nesterov's method, the start included",
    solution=my_nesterov,
    reference=look_ahead,
    rows="update",
    problems=(
        # θ = 8, v = 0: v = −0.5 · 8 = −4, θ = 4. Then ahead is 4 − 2 = 2: v = −2 − 1 = −3, θ = 1.
        Problem(
            "two steps by hand (θ = 8, gradient θ, η = 0.5, β = 0.5)",
            (lambda w: w, np.array([8.0]), 0.5, 0.5, 2),
            by_hand=[[8.0], [4.0], [1.0]],
        ),
        Problem("30 updates on the bowl", (bowl_slope, np.array([-7.0, 2.0]), 0.1, 0.9, 30)),
        # Its gradient is no straight line: halfway between two places it is not the mean of theirs.
        Problem("10 updates on x⁴/4", (lambda w: w**3, np.array([1.5]), 0.1, 0.8, 10)),
    ),
    mistakes=(
        Mistake(
            "gradient at θ",
            "That is the heavy ball. Take the gradient where the momentum alone would lead: at θ + β v.",
            gradient_at(lambda theta, v, momentum: theta),
        ),
        Mistake(
            "gradient at θ + v",
            "Only the part β of the velocity is left for the next update: look ahead to θ + β v.",
            gradient_at(lambda theta, v, momentum: theta + v),
        ),
        Mistake(
            "gradient behind instead of ahead",
            "Look ahead to θ + β v: this v holds − η g, so it already points downhill.",
            gradient_at(lambda theta, v, momentum: theta - momentum * v),
        ),
        Mistake(
            "the momentum walked twice",
            "The look ahead is for the gradient only: the new point is θ + v, counted from θ.",
            velocity_twice,
        ),
        Mistake(
            "the places ahead returned",
            "These are the points θ + β v; return the points θ.",
            places_ahead,
        ),
    ),
    hints=(
        "It is the heavy ball with one change: where is the gradient taken?",
        "Compute `ahead = theta + momentum * v` first, and give it to gradient.",
        "v = momentum * v - lr * gradient(theta + momentum * v)\ntheta = theta + v\npath.append(theta)",
    ),
)


class RenewedTooEarly(helpers.Nesterov):
    def rule(self, w, g, t, v):
        v[...] = self.momentum * v - self.lr * g
        w += self.momentum**2 * v - (1 + self.momentum) * self.lr * g


class SmallStep(helpers.Nesterov):
    def rule(self, w, g, t, v):
        old = v.copy()
        v[...] = self.momentum * v - self.lr * g
        w += self.momentum**2 * old - self.lr * g


class NewWithOldStep(helpers.Nesterov):
    def rule(self, w, g, t, v):
        v[...] = self.momentum * v - self.lr * g
        w += self.momentum * v - (1 + self.momentum) * self.lr * g


class NewWithoutStep(helpers.Nesterov):
    def rule(self, w, g, t, v):
        v[...] = self.momentum * v - self.lr * g
        w += self.momentum * v


class MyNesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for key, w in params.items():
            if key not in self.v:
                self.v[key] = np.zeros_like(w)
            w += self.momentum**2 * self.v[key] - (1 + self.momentum) * self.lr * grads[key]
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]


NESTEROV_HUNT = OptimizerExercise(
    name="nesterov bug hunt",
    task="find the bug in a class for Nesterov's method with the gradient at w, and repair it",
    solution=MyNesterov,
    reference=helpers.Nesterov,
    problems=(
        # The first step: v = 0, so w + β v' − η g with v' = −1 is 1 − 0.5 − 1. The second: v' = −1.5, −0.5 − 0.75 − 1.
        Walk(
            "two steps by hand (w = 1, gradient 10 in both, η = 0.1, β = 0.5: w is −0.5, then −2.25)",
            (0.1, 0.5),
            by_hand={"w": [-2.25]},
            start={"w": np.array([1.0])},
            gradient=steady(w=[10.0]),
            steps=2,
        ),
        *walks(0.1, 0.9),
    ),
    mistakes=(
        Mistake(
            "velocity renewed too early",
            "The formula with β² and 1 + β is for the old velocity. Use v before it is renewed, "
            "or write the formula for the new one: w + β v − η g.",
            RenewedTooEarly,
        ),
        Mistake("η g without 1 + β", "With the old velocity the gradient counts (1 + β) times.", SmallStep),
        Mistake(
            "new velocity with the step of the old one",
            "β v with the new v holds β η g already: with it comes η g, not (1 + β) η g.",
            NewWithOldStep,
        ),
        Mistake(
            "gradient step left out", "With the new velocity the change of w is β v − η g, not β v.", NewWithoutStep
        ),
        Mistake("heavy ball", "That is w + v, Polyak's method; here w changes by β v − η g.", helpers.Momentum),
        *common_mistakes(helpers.Nesterov, "a velocity"),
    ),
    hints=(
        "Do the first update by hand, with v = 0: which of the two formulas does the class agree with?",
        "One line uses v, another changes it. Is it the v that the formula means?",
        "w += self.momentum**2 * self.v[key] - (1 + self.momentum) * self.lr * grads[key]\n"
        "self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]",
    ),
)

EXERCISES = NESTEROV, NESTEROV_HUNT


QUESTIONS = (
    Question(
        name="swings of two methods",
        question=(
            "Heavy ball and Nesterov's method run with η = 0.2 and β = 0.9 on a bowl with the curvatures 0.5 and 2. "
            "Which of them swings longer across the steep direction?"
        ),
        options=("the heavy ball", "Nesterov's method", "both as long"),
        answer="the heavy ball",
        why="Ahead, the slope of the other side is felt one update sooner, so Nesterov's method brakes sooner.",
    ),
    Question(
        name="the limit of looking ahead",
        question=(
            "On the bowl with the curvatures 0.1 and 2 gradient descent diverges above η = 1, the heavy ball with "
            "β = 0.9 above 1.9. Where does Nesterov's method with β = 0.9 diverge?"
        ),
        options=("above 0.68", "above 1", "above 1.45", "above 1.9"),
        answer="above 0.68",
        why="In the first update the gradient counts 1 + β times, so a step is too long sooner.",
    ),
)
