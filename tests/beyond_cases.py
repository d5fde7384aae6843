"""The runs in which lessons/beyond_adam/rules.py is compared with other libraries: for what stores and what tests."""

import numpy as np

from lessons.beyond_adam import rules

STEPS, EVERY = 40, 5  # every fifth point is stored
STARTS = {
    "vector": np.array([-7.0, 2.0, 0.5]),
    "wide": np.array([[1.0, -2.0, 3.0, 0.5], [4.0, 0.1, -1.0, 2.0], [0.3, 5.0, -0.2, -3.0]]),
}
STARTS["tall"] = STARTS["wide"].T.copy()

# name in rules, arguments there, the library that has it, the shapes of STARTS
SETTINGS = [
    ("SignSGD", {"lr": 0.1}, "optax", ("vector", "wide")),
    ("Lion", {"lr": 0.1}, "optax", ("vector", "wide")),
    ("Lion", {"lr": 0.05, "beta1": 0.5, "beta2": 0.8, "weight_decay": 0.3}, "optax", ("vector", "wide")),
    ("AdaMax", {}, "torch", ("vector", "wide")),
    ("AdaMax", {"lr": 0.3, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3}, "torch", ("vector", "wide")),
    ("NAdam", {}, "torch", ("vector", "wide")),
    ("NAdam", {"lr": 0.3, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3}, "torch", ("vector", "wide")),
    ("Adafactor", {}, "torch", ("vector", "wide", "tall")),
    ("Adafactor", {"lr": 1.0}, "torch", ("vector", "wide", "tall")),
    ("Muon", {"lr": 0.1}, "torch", ("wide", "tall")),
    ("Muon", {"lr": 0.3, "momentum": 0.5, "weight_decay": 0.5, "steps": 3}, "torch", ("wide", "tall")),
    ("ScheduleFreeSGD", {"lr": 0.2}, "schedulefree", ("vector", "wide")),
    ("ScheduleFreeSGD", {"lr": 0.5, "beta": 0.6}, "schedulefree", ("vector", "wide")),
    ("ScheduleFreeAdamW", {}, "schedulefree", ("vector", "wide")),
    (
        "ScheduleFreeAdamW",
        {"lr": 0.3, "beta": 0.6, "beta2": 0.9, "weight_decay": 0.2},
        "schedulefree",
        ("vector", "wide"),
    ),
]


def gradient(w, t):
    """Toward 1, of a different curvature for each entry, and noisy."""
    curvatures = np.geomspace(0.1, 2, w.size).reshape(w.shape)
    return curvatures * (w - 1 + 0.3 * np.random.default_rng(t).normal(size=w.shape))


def cases():
    """(name of the run, name of the rule, its arguments, library, shape of the start) of every stored run."""
    for name, arguments, library, shapes in SETTINGS:
        for shape in shapes:
            words = " ".join(f"{k}={v:g}" for k, v in arguments.items()) or "defaults"
            yield f"{name} {words} {shape}", name, arguments, library, shape


def walk(shape, update):
    """Every fifth point of 40 updates of an `update(w, g)` that changes w in place."""
    w, points = STARTS[shape].copy(), []
    for t in range(1, STEPS + 1):
        update(w, gradient(w, t))
        if t % EVERY == 0:
            points.append(w.tolist())
    return points


def make(name, arguments):
    return getattr(rules, name)(**arguments)
