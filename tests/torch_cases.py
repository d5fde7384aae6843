"""The runs in which helpers.py is compared with torch.optim: shared by the script that stores them and by the test."""

import numpy as np

import helpers

STEPS = 60
EVERY = 5  # every fifth point is stored
HALVED_AT = 20  # the update before which lr is halved, in the runs with a schedule


def bowl(w, t):
    return np.array([0.1, 2.0]) * w


def rosenbrock(w, t):
    x, y = w
    return np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])


def saddle(w, t):
    return np.array([2.0, -2.0]) * w


def noise(w, t):
    """A gradient as in stochastic training: toward zero, noisy, and of very different size for each parameter."""
    return np.array([1e-3, 1.0, 1e3]) * (w + np.random.default_rng(t).normal(size=3))


LANDSCAPES = {
    "bowl": (bowl, (-7.0, 2.0)),
    "rosenbrock": (rosenbrock, (-1.5, 2.0)),
    "saddle": (saddle, (1.0, 1e-3)),
    "noise": (noise, (1.0, -2.0, 3.0)),
}

# name in helpers, arguments in helpers; the script translates them for torch
# Learning rates at which no path is chaotic: there rounding errors would grow beyond 1e-12, whoever computes.
SETTINGS = [
    ("SGD", {}),
    ("SGD", {"lr": 1e-4}),
    ("SGD", {"lr": 0.0}),
    ("Momentum", {"lr": 1e-4}),
    ("Momentum", {"lr": 3e-5, "momentum": 0.5}),
    ("Momentum", {"lr": 1e-4, "momentum": 0.0}),
    ("Nesterov", {"lr": 1e-4}),
    ("Nesterov", {"lr": 3e-5, "momentum": 0.99}),
    ("AdaGrad", {}),
    ("AdaGrad", {"lr": 1.5}),
    ("AdaGrad", {"lr": 0.1, "eps": 0.1}),
    ("RMSProp", {}),
    ("RMSProp", {"lr": 0.1, "rho": 0.99}),
    ("RMSProp", {"lr": 0.03, "rho": 0.5, "eps": 1e-3}),
    ("Adam", {}),
    ("Adam", {"lr": 0.3}),
    ("Adam", {"lr": 0.03, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3}),
    ("Adam", {"lr": 0.1, "beta1": 0.0, "beta2": 0.0}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.3, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.03, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3, "weight_decay": 1.0}),
]
# Where lr changes, PyTorch's momentum is another method (docstring of helpers.Momentum).
SCHEDULED = {"SGD", "AdaGrad", "RMSProp", "Adam", "AdamW"}


def cases():
    """(name of the run, optimizer's name, its arguments, landscape, whether lr is halved) of every stored run."""
    for optimizer, arguments in SETTINGS:
        for landscape in LANDSCAPES:
            # lr .01, SGD's default, is too large for Rosenbrock and for the noisy gradient of 1e3.
            if (optimizer, arguments) == ("SGD", {}) and landscape in ("rosenbrock", "noise"):
                continue
            for halved in (False, True)[: 1 + (optimizer in SCHEDULED)]:
                words = " ".join(f"{k}={v:g}" for k, v in arguments.items()) or "defaults"
                yield f"{optimizer} {words} {landscape}{' halved' * halved}", optimizer, arguments, landscape, halved


def walk(optimizer, landscape, halved, update=None):
    """Every fifth point of 60 updates of an optimizer, from helpers unless another `update(w, g)` is given."""
    gradient, start = LANDSCAPES[landscape]
    w = np.array(start)
    update = update or (lambda w, g: optimizer.update({"w": w}, {"w": g}))
    points = []
    for t in range(1, STEPS + 1):
        if halved and t == HALVED_AT:
            optimizer.lr /= 2
        update(w, gradient(w, t))
        if t % EVERY == 0:
            points.append(w.tolist())
    return points


def make(optimizer, arguments):
    return getattr(helpers, optimizer)(**arguments)
