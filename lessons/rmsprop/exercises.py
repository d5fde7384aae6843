"""Exercises: RMSProp, its bias correction, the ρ of a memory."""

import numpy as np

from lessons import lesson
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem
from workbench.tutoring.questions import Question


def average(h, g, rho):
    return rho * h + (1 - rho) * g**2


def divided(g, h, eps):
    return g / (np.sqrt(h) + eps)


def descend(gradient, start, lr, rho, steps, eps, state=average, step=divided):
    """RMSProp with `state(h, g, rho)`, the new h, and `step(g, h, eps)`, the step in units of lr."""
    w = np.array(start, float)
    h = np.zeros_like(w)
    path = [w]
    for _ in range(steps):
        g = gradient(w)
        h = state(h, g, rho)
        w = w - lr * step(g, h, eps)
        path.append(w)
    return path


def with_state(state):
    return lambda *args: descend(*args, state=state)


def with_step(step):
    return lambda *args: descend(*args, step=step)


def old_average(gradient, start, lr, rho, steps, eps):
    w = np.array(start, float)
    h = np.zeros_like(w)
    path = [w]
    for _ in range(steps):
        g = gradient(w)
        w = w - lr * divided(g, h, eps)
        h = average(h, g, rho)
        path.append(w)
    return path


def corrected(gradient, start, lr, rho, steps, eps, estimate=lambda h, rho, t: h / (1 - rho**t), root=np.sqrt):
    """RMSProp that divides by the root of `estimate(h, rho, t)`, with t from 1."""
    w = np.array(start, float)
    h = np.zeros_like(w)
    path = [w]
    for t in range(1, steps + 1):
        g = gradient(w)
        h = average(h, g, rho)
        w = w - lr * g / (root(estimate(h, rho, t)) + eps)
        path.append(w)
    return path


def with_estimate(estimate):
    return lambda *args: corrected(*args, estimate=estimate)


def outside_the_root(gradient, start, lr, rho, steps, eps):
    w = np.array(start, float)
    h = np.zeros_like(w)
    path = [w]
    for t in range(1, steps + 1):
        g = gradient(w)
        h = average(h, g, rho)
        w = w - lr * g / (np.sqrt(h) / (1 - rho**t) + eps)
        path.append(w)
    return path


def begun_with_the_first(gradient, start, lr, rho, steps, eps):
    w, h, path = np.array(start, float), None, [np.array(start, float)]
    for _ in range(steps):
        g = gradient(w)
        h = g**2 if h is None else average(h, g, rho)
        w = w - lr * divided(g, h, eps)
        path.append(w)
    return path


def corrected_state(gradient, start, lr, rho, steps, eps):
    w = np.array(start, float)
    h = np.zeros_like(w)
    path = [w]
    for t in range(1, steps + 1):
        g = gradient(w)
        h = average(h, g, rho) / (1 - rho**t)
        w = w - lr * divided(g, h, eps)
        path.append(w)
    return path


def bowl(w):
    """The gradient of x²/20 + y²."""
    return np.array([0.1, 2.0]) * w


def flat_along_y(w):
    """The gradient of x²/2, which does not depend on y."""
    return np.array([w[0], 0.0])


WALKS = (
    Problem("30 updates on the bowl", (bowl, np.array([-7.0, 2.0]), 0.2, 0.9, 30, 0.1)),
    Problem("a weight whose gradient is 0", (flat_along_y, np.array([3.0, 1.0]), 0.1, 0.99, 20, 1e-8)),
)


def my_rmsprop(gradient, start, lr, rho, steps, eps=1e-8):
    w = np.array(start, float)
    h = np.zeros_like(w)
    path = [w]
    for _ in range(steps):
        g = gradient(w)
        h = rho * h + (1 - rho) * g**2
        w = w - lr * g / (np.sqrt(h) + eps)
        path.append(w)
    return path


RMSPROP = FunctionExercise(
    name="rmsprop",
    task="return the list of all points of RMSProp, the start included",
    solution=my_rmsprop,
    reference=descend,
    rows="update",
    problems=(
        # h = 0.25 · 8² = 16, the step is 8 / (4 + 4); then h = 0.75 · 16 + 0.25 · 4² = 16, the step is 4 / (4 + 4).
        Problem(
            "two steps by hand (w = 2, gradient 4 w, η = 1, ρ = 0.75, ε = 4: √h is 4 both times)",
            (lambda w: 4 * w, np.array([2.0]), 1.0, 0.75, 2, 4.0),
            by_hand=[[2.0], [1.0], [0.5]],
        ),
        *WALKS,
    ),
    mistakes=(
        Mistake(
            "ρ and 1 − ρ swapped",
            "h keeps the part ρ of itself, and the new square counts 1 − ρ.",
            with_state(lambda h, g, rho: (1 - rho) * h + rho * g**2),
        ),
        Mistake(
            "sum in place of the average",
            "The new square counts 1 − ρ: without that factor h becomes 1/(1 − ρ) times as large as an average is.",
            with_state(lambda h, g, rho: rho * h + g**2),
        ),
        Mistake(
            "nothing is forgotten",
            "h + g² is AdaGrad. Only the part ρ of the old h stays.",
            with_state(lambda h, g, rho: h + g**2),
        ),
        Mistake(
            "ρ on the new square too",
            "ρ belongs to the old h alone: ρ h + (1 − ρ) g², without brackets around the sum.",
            with_state(lambda h, g, rho: rho * (h + (1 - rho) * g**2)),
        ),
        Mistake(
            "h not squared",
            "h averages g², which is never negative; of an average of gradients there may be no root.",
            with_state(lambda h, g, rho: rho * h + (1 - rho) * g),
        ),
        Mistake(
            "h re-made in every update",
            "h must outlive the update: make it once, before the loop.",
            with_state(lambda h, g, rho: (1 - rho) * g**2),
        ),
        Mistake(
            "h of the update before",
            "Renew h first, then divide: at the first update the old h is 0, and ε alone is left to divide by.",
            old_average,
        ),
        Mistake(
            "root left out",
            "Divide by √h, or a large gradient makes a small step.",
            with_step(lambda g, h, eps: g / (h + eps)),
        ),
        Mistake(
            "ε inside the root",
            "Here it stands outside: √h + ε. Keras has it inside; the section on ε says when that matters.",
            with_step(lambda g, h, eps: g / np.sqrt(h + eps)),
        ),
        Mistake(
            "ε missing",
            "A weight that has seen no gradient has h = 0, and 0/0 is not a number: divide by √h + ε.",
            with_step(lambda g, h, eps: g / np.sqrt(h)),
        ),
        Mistake(
            "η added to the step",
            "The step is η times g/(√h + ε), not η plus it.",
            lambda gradient, start, lr, rho, steps, eps: descend(
                gradient, start, 1.0, rho, steps, eps, step=lambda g, h, eps: lr + divided(g, h, eps)
            ),
        ),
        Mistake(
            "bias correction added",
            "Dividing h by 1 − ρᵏ is an improvement that RMSProp has not; it is the next exercise.",
            corrected,
        ),
        Mistake("start left out", "Begin with `path = [w]`.", lambda *args: descend(*args)[1:]),
        Mistake(
            "one h for all weights",
            "Every weight has an h of its own: g**2 without a sum, a mean or a norm over its entries.",
            with_state(lambda h, g, rho: rho * h + (1 - rho) * np.mean(g**2)),
            (with_state(lambda h, g, rho: rho * h + (1 - rho) * np.sum(g**2)),),
        ),
        Mistake(
            "sizes averaged in place of squares",
            "h averages g², and the step is divided by its root; an average of |g| is another rule.",
            lambda *args: descend(
                *args,
                state=lambda h, g, rho: rho * h + (1 - rho) * np.abs(g),
                step=lambda g, h, eps: g / (h + eps),
            ),
            (with_state(lambda h, g, rho: rho * h + (1 - rho) * np.abs(g)),),
        ),
    ),
    hints=(
        f"It is AdaGrad of {lesson('adagrad')} with another line for h.",
        "Before the loop: `w = np.array(start, float)`, `h = np.zeros_like(w)`, `path = [w]`. "
        "In it: the gradient, h, w, append.",
        "h = rho * h + (1 - rho) * g**2\nw = w - lr * g / (np.sqrt(h) + eps)",
    ),
)


def my_corrected(gradient, start, lr, rho, steps, eps=1e-8):
    w = np.array(start, float)
    h = np.zeros_like(w)
    path = [w]
    for k in range(1, steps + 1):
        g = gradient(w)
        h = rho * h + (1 - rho) * g**2
        w = w - lr * g / (np.sqrt(h / (1 - rho**k)) + eps)
        path.append(w)
    return path


CORRECTED = FunctionExercise(
    name="bias correction",
    task="return the list of all points of RMSProp with bias correction, the start included",
    solution=my_corrected,
    reference=corrected,
    rows="update",
    problems=(
        # Corrected, h is 8² after any number of gradients of 8: each step is 2 · 8 / (8 + 8).
        Problem(
            "two steps by hand (w = 2, gradient 8 in both, η = 2, ρ = 0.75, ε = 8: each step is 1)",
            (lambda w: np.full_like(w, 8.0), np.array([2.0]), 2.0, 0.75, 2, 8.0),
            by_hand=[[2.0], [1.0], [0.0]],
        ),
        *WALKS,
    ),
    mistakes=(
        Mistake("correction missing", "Divide h by 1 − ρᵏ before you take its root.", descend),
        Mistake(
            "updates counted from 0",
            "ρ⁰ is 1, so the first correction divides by 0: the first update is number 1.",
            with_estimate(lambda h, rho, t: h / (1 - rho ** (t - 1))),
        ),
        Mistake(
            "correction of the first update in every update",
            "The factor is 1 − ρᵏ, with the number k of the update as the power; it goes to 1.",
            with_estimate(lambda h, rho, t: h / (1 - rho)),
        ),
        Mistake(
            "correction outside of the root",
            "It is h that is too small by 1 − ρᵏ, and √h by the root of that: correct first, then take the root.",
            outside_the_root,
        ),
        Mistake(
            "correction applied to h itself",
            "The corrected h is for this step only: give it a name of its own, and let h go on as it is.",
            corrected_state,
        ),
        Mistake(
            "average begun with the first square",
            "That is right for the first update only: afterwards the first square counts too much. Begin at 0, and "
            "divide by 1 − ρᵏ.",
            begun_with_the_first,
        ),
        Mistake(
            "multiplied in place of divided",
            "At first h is too small; dividing by 1 − ρᵏ makes it larger.",
            with_estimate(lambda h, rho, t: h * (1 - rho**t)),
        ),
    ),
    hints=(
        "After k gradients of the same size, which part of g² is in h?",
        "Count the updates with `for k in range(1, steps + 1)`, and divide h by `1 - rho**k` where its root is taken.",
        "w = w - lr * g / (np.sqrt(h / (1 - rho**k)) + eps)",
    ),
)


def my_rho(n):
    return 0.5 ** (1 / n)


MEMORY = FunctionExercise(
    name="memory",
    task="return ρ with which a squared gradient has lost half of its weight in h after n updates",
    solution=my_rho,
    reference=lambda n: 0.5 ** (1 / n),
    problems=(
        Problem("n = 1, by hand (ρ is ½)", (1,), by_hand=0.5),
        Problem("n = 2 (ρ² is ½)", (2,)),
        Problem("n = 7", (7,)),
        Problem("n = 69", (69,)),
    ),
    mistakes=(
        Mistake(
            "power in place of the root",
            "ρ to the power of n is ½, so ρ is the n-th root of ½.",
            lambda n: 0.5**n,
        ),
        Mistake(
            "1 − 1/n",
            "With this ρ a square has 37 % of its weight left after many updates n, not half.",
            lambda n: 1 - 1 / n,
        ),
        Mistake(
            "half-life for ρ",
            "ln ½/ln ρ is the half-life of a given ρ. Here n is given: solve ρⁿ = ½ for ρ.",
            lambda n: np.log(0.5) / np.log(n),
        ),
        Mistake(
            "half-life of the root",
            "That is when √h has forgotten half; the weight in h falls by ρ in every update.",
            lambda n: 0.5 ** (2 / n),
        ),
    ),
    hints=(
        "How much does a squared gradient count that is n updates old?",
        "ρⁿ = ½: solve it for ρ.",
        "return 0.5 ** (1 / n)",
    ),
)

EXERCISES = RMSPROP, CORRECTED, MEMORY


QUESTIONS = (
    Question(
        name="first step of rmsprop",
        question="How long is the first step with ρ = 0.99, in units of η?",
        answer=10,
        why="After one update h is (1 − ρ) g², so the step is η/√(1 − ρ).",
    ),
    Question(
        name="a memory of gradients",
        question="All gradients fall to a hundredth. After how many updates is a step half of η again, with ρ = 0.9?",
        answer=77,
        within=1.3,
        why="The half-life of h is 6.6 updates, but h has to fall from 1 to 0.0004.",
    ),
    Question(
        name="close to the minimum",
        question="On a bowl, with a constant η: how close to the minimum does RMSProp get in the end?",
        options=("to the last digit", "to about η/2", "it depends on the curvature"),
        answer="to about η/2",
        why="The step size grows until each coordinate jumps from η/2 to −η/2 and back, whatever its curvature.",
    ),
)
