"""Exercises: gradient descent in one dimension, its limit, and a step across a hilltop."""

import numpy as np

import helpers
from workbench.descent import landscapes
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal, ValueExercise
from workbench.tutoring.questions import Question


def slope(x):
    """The slope of x²."""
    return 2 * x


def wavy_slope(x):
    """The slope of x⁴/4 − x² + x/4."""
    return x**3 - 2 * x + 0.25


def descend(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        x = x - lr * gradient(x)
        path.append(x)
    return path


def accumulated(step, x, steps):
    """The start and what `step(x, number)` makes of it, again and again."""
    path = [x]
    for k in range(steps):
        path.append(step(path[-1], k))
    return path


def uphill(gradient, x, lr, steps):
    return descend(gradient, x, -lr, steps)


def without_lr(gradient, x, lr, steps):
    return descend(gradient, x, 1.0, steps)


def slope_of_the_start(gradient, x, lr, steps):
    return [x - k * lr * gradient(x) for k in range(steps + 1)]


def from_zero(gradient, x, lr, steps):
    return [x, *(-lr * gradient(w) for w in descend(gradient, x, lr, steps)[:-1])]


def one_too_many(gradient, x, lr, steps):
    return descend(gradient, x, lr, steps + 1)


def without_start(gradient, x, lr, steps):
    return descend(gradient, x, lr, steps)[1:]


def before_the_update(gradient, x, lr, steps):
    path = descend(gradient, x, lr, steps)
    return [x, *path[:-1]]


def only_the_end(gradient, x, lr, steps):
    return descend(gradient, x, lr, steps)[-1]


def my_descent(gradient, x, lr, steps):
    path = [x]
    for _ in range(steps):
        x = x - lr * gradient(x)
        path.append(x)
    return path


GRADIENT_DESCENT = FunctionExercise(
    name="gradient descent",
    task="return the list of all x of a descent, the start included",
    solution=my_descent,
    reference=descend,
    rows="update",
    problems=(
        Problem("one step by hand (x = 4, slope 8, η = 0.25)", (slope, 4.0, 0.25, 1), by_hand=[4.0, 2.0]),
        Problem("10 updates on x²", (slope, -5.0, 0.3, 10)),
        Problem("5 updates on a curve with two valleys", (wavy_slope, 2.0, 0.1, 5)),
        Problem("no update at all", (slope, 3.0, 0.1, 0)),
        Problem("6 updates near the minimum of x²", (slope, 0.4, 0.1, 6)),
    ),
    mistakes=(
        Mistake("uphill", "The slope points uphill: take `lr * gradient(x)` off x, do not add it.", uphill),
        Mistake("learning rate left out", "Multiply the slope by lr before you take it off.", without_lr),
        Mistake(
            "slope of the start in every update",
            "Call gradient(x) inside of the loop, so that each update has the slope of the present x.",
            slope_of_the_start,
        ),
        Mistake(
            "learning rate that falls",
            "lr is the same in every update: divide it by nothing.",
            lambda gradient, x, lr, steps: accumulated(lambda w, k: w - lr / (k + 1) * gradient(w), x, steps),
            (lambda gradient, x, lr, steps: accumulated(lambda w, k: w - lr / (k + 1) ** 0.5 * gradient(w), x, steps),),
        ),
        Mistake(
            "only the sign of the slope",
            "The step is lr times the slope itself: it is long where the curve is steep.",
            lambda gradient, x, lr, steps: accumulated(lambda w, k: w - lr * np.sign(gradient(w)), x, steps),
        ),
        Mistake(
            "slope clipped",
            "The update takes the slope as it is, however steep the curve: leave out what limits it.",
            lambda gradient, x, lr, steps: accumulated(lambda w, k: w - lr * np.clip(gradient(w), -1, 1), x, steps),
            tuple(
                lambda gradient, x, lr, steps, c=c: accumulated(
                    lambda w, k: w - lr * np.clip(gradient(w), -c, c), x, steps
                )
                for c in (0.5, 2, 5)
            ),
        ),
        Mistake(
            "rounded on the way",
            "A number that is rounded in the loop carries its error into all later updates: round where it is shown.",
            lambda gradient, x, lr, steps: accumulated(lambda w, k: round(w - lr * gradient(w), 2), x, steps),
            tuple(
                lambda gradient, x, lr, steps, d=d: accumulated(lambda w, k: round(w - lr * gradient(w), d), x, steps)
                for d in (1, 3, 4)
            ),
        ),
        Mistake("x replaced by the step", "The update is x − lr · slope: start from the present x.", from_zero),
        Mistake("one update too many", "`range(steps)` counts the updates; the start is one entry more.", one_too_many),
        Mistake("start left out", "Begin with `path = [x]`, and append after each update.", without_start),
        Mistake("appended before the update", "Append x after it was renewed, not before.", before_the_update),
        Mistake("only the end returned", "Keep every x in a list, and return the list.", only_the_end),
    ),
    hints=(
        "You need the list, a loop over the updates, and in the loop the update of this lesson.",
        "Start with `path = [x]`; in the loop renew x, then append it.",
        "x = x - lr * gradient(x)\npath.append(x)",
    ),
)


def constant(x):
    """The second derivative of x²."""
    return 2.0


def wavy_curvature(x):
    """The second derivative of x⁴/4 − x² + x/4."""
    return 3 * x**2 - 2


def bowl_of_a_wave(x):
    """The second derivative of −4 cos x."""
    return 4 * np.cos(x)


def my_limit(second_derivative, x):
    return 2 / second_derivative(x)


LIMIT = FunctionExercise(
    name="learning-rate limit",
    task="return the learning rate above which no descent comes to rest at the minimum x of a curve",
    solution=my_limit,
    vary=(),  # x is to be the minimum of the curve
    reference=lambda second_derivative, x: 2 / second_derivative(x),
    problems=(
        Problem("x², with the second derivative 2, by hand", (constant, 0.0), by_hand=1.0),
        Problem("−4 cos x and its minimum at 0", (bowl_of_a_wave, 0.0)),
        Problem("the deep one of two valleys", (wavy_curvature, -1.473)),
    ),
    mistakes=(
        Mistake(
            "best learning rate for the limit",
            "At 1/λ the factor 1 − η λ is 0 and one update arrives; it leads away where the factor is below −1.",
            lambda second_derivative, x: 1 / second_derivative(x),
        ),
        Mistake(
            "limit of x² for every curve",
            "1 is the limit where the curvature is 2; a larger curvature has a lower limit.",
            lambda second_derivative, x: 1.0,
        ),
        Mistake(
            "limit that grows with the curvature",
            "Divide by the curvature: where a curve bends more, shorter steps are needed.",
            lambda second_derivative, x: second_derivative(x) / 2,
        ),
        Mistake(
            "second derivative at another place",
            "The curvature that counts is the second derivative at the minimum, `second_derivative(x)`.",
            lambda second_derivative, x: 2 / second_derivative(0.0),
        ),
    ),
    hints=(
        "An update multiplies the distance to the minimum by 1 − η λ, where λ is the second derivative at the minimum.",
        "It leads away from the minimum when this factor is below −1: solve 1 − η λ = −1 for η.",
        "return 2 / second_derivative(x)",
    ),
)


LANDSCAPE = landscapes.two_valleys()
DEEP, SHALLOW = LANDSCAPE.minima
REST = 2 / LANDSCAPE.hessian(DEEP).item()  # above this learning rate the deep valley throws a descent out


def valley(lr):
    """Where a descent from 2.4 ends, in words."""
    if lr.size != 1 or not lr.item() > 0:
        raise Refusal("A learning rate is one number above 0.")
    if lr.item() >= REST:
        return {"the end": "outside of the deep valley, at a learning rate above its limit"}
    end = helpers.trajectory(helpers.SGD(lr.item()), LANDSCAPE.gradient, [2.4], 2000)[-1]
    known = {"the deep valley": DEEP, "the shallow valley": SHALLOW}
    ends = [name for name, x in known.items() if np.isclose(end, x, atol=0.01).all()]
    return {"the end": ends[0] if ends else "still on its way after 2000 updates"}


HILLTOP = ValueExercise(
    name="across the hilltop",
    untouched=0.1,
    task="find a learning rate with which a descent from 2.4 ends in the deep valley near −1.473",
    solution="my_lr = 0.3",
    reference=0.3,
    facts=valley,
    problems=(Problem("a descent of 2000 updates from 2.4", by_hand="the deep valley"),),
    mistakes=(
        Mistake(
            "too short to cross",
            "The first updates must lead beyond the hilltop at x = 0.126; take a larger η.",
            0.12,
        ),
        Mistake(
            "too long to rest",
            "No descent can come to rest in the deep valley above 2/λ = 0.444, with λ the curvature there.",
            0.5,
        ),
    ),
    hints=(
        "The slope at 2.4 is 9.274: how long must the first step be to get to the left of 0.126?",
        "A step of about 2.3 or more crosses; an η above 0.444 cannot rest in the deep valley.",
        "my_lr = 0.3",
    ),
)

EXERCISES = GRADIENT_DESCENT, LIMIT, HILLTOP


QUESTIONS = (
    Question(
        name="one update",
        question="From −5 on x²: with which η does one update reach the minimum?",
        options=("0.1", "0.5", "1"),
        answer="0.5",
        why="An update multiplies x by 1 − 2η, and that is 0 there.",
    ),
    Question(
        name="to and fro",
        question="From −5 on x² with η = 1: where do the first two updates lead?",
        options=("to 0, and stay there", "to 5, then back to −5", "to 5, then to 15"),
        answer="to 5, then back to −5",
        why="The factor 1 − 2η is −1: every update changes the sign and nothing else.",
    ),
    Question(
        name="a large learning rate",
        question="From −5 on x² with η = 1.2: what happens?",
        options=("it jumps between two points", "it changes sides and arrives", "every update leads further away"),
        answer="every update leads further away",
        why="The factor 1 − 2η is −1.4, larger than 1 in size.",
    ),
)
