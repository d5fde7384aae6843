"""Fillings of the slots on the turned bowl, eight facts in a matrix, averages in noise, what the stored runs say."""

import functools
from dataclasses import replace

import numpy as np

import helpers
from lessons.beyond_adam import rules
from lessons.beyond_adam.grammar import SLOTS, Slots
from workbench.checks import (
    ABOVE_0,
    BELOW_1,
    FINITE,
    NOT_NEGATIVE,
    OPTIMIZER,
    Anything,
    Array,
    Choice,
    Finite,
    Number,
    Sizes,
    Whole,
    checked,
)
from workbench.data import stored
from workbench.descent import landscapes
from workbench.descent.sweep import LRS, updates_to
from workbench.descent.trajectory import Trajectory

START = -7.0, 2.0  # on the straight bowl; the start turns with the bowl
UPDATES, BETA2, DECAY = 60, 0.99, 0.1  # of the figure with the slots
A_TURN = Number("a finite angle in degrees, −360 to 360", -360, 360)


@checked(angle=A_TURN)
def turned_bowl(angle):
    """The bowl of κ = 20, turned by an angle in degrees, with a start that turns with it: a Landscape."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    start = cos * START[0] - sin * START[1], sin * START[0] + cos * START[1]
    return replace(landscapes.bowl(rotation=angle), start=start, view=((-8.0, 8.0), (-8.0, 8.0)))


@checked(
    memory=Choice(SLOTS["memory"]),
    direction=Choice(SLOTS["direction"]),
    magnitude=Choice(SLOTS["magnitude"]),
    decay=Choice(SLOTS["decay"]),
    lr=NOT_NEGATIVE,
    beta=BELOW_1,
    angle=A_TURN,
)
def walked(memory, direction, magnitude, decay, lr, beta, angle):
    """The Trajectory of UPDATES updates of a filling of the slots on the turned bowl, from its start."""
    bowl = turned_bowl(angle)
    rule = Slots(memory, direction, magnitude, decay, lr=lr, beta=beta, beta2=BETA2, weight_decay=DECAY)
    with np.errstate(over="ignore", invalid="ignore"):
        return Trajectory.of(rule, bowl, bowl.start, UPDATES)


DIAGONAL_OR_MATRIX = {
    "SGD": helpers.SGD,
    "SignSGD": rules.SignSGD,
    "AdaGrad": helpers.AdaGrad,
    "Adam": helpers.Adam,
    "Shampoo": rules.Shampoo,
}


@checked(name=Choice(DIAGONAL_OR_MATRIX), angle=A_TURN, steps=Whole(0, 10_000), tolerance=FINITE)
def needed(name, angle, steps=200, tolerance=0.01):
    """The fewest updates until the loss on the turned bowl stays at or below a tolerance, and the η that takes them.

    At the best of the learning rates LRS; inf where none arrives within `steps`.
    """
    bowl = turned_bowl(angle)
    found = []
    for lr in LRS:
        with np.errstate(over="ignore", invalid="ignore"):
            path = helpers.trajectory(DIAGONAL_OR_MATRIX[name](lr), bowl.gradient, bowl.start, steps)
            found.append((float(updates_to(bowl.value(path), tolerance)), lr))
    return min(found)


# Facts in a matrix

FACTS = 8
SEEN = 2.0 ** -np.arange(FACTS)  # how often each fact is seen, the first one in every update
DIRECTIONS = {
    "SGD": helpers.SGD,
    "SignSGD": rules.SignSGD,
    "Adam": helpers.Adam,
    "Shampoo": rules.Shampoo,
    "Muon": lambda lr: rules.Muon(lr, momentum=0.0, weight_decay=0.0),
}


@checked(turned=Anything(), seed=Whole())
def facts(turned, seed=0):
    """Keys and values, shapes (8, 8): row i of the one is to become row i of the other when it is multiplied by W.

    All rows have the length 1 and are at right angles to one another. Straight: a fact is an entry of W. Turned: each
    is a mixture of all entries.
    """
    rng = np.random.default_rng(seed)
    if not turned:
        return np.eye(FACTS), np.eye(FACTS)
    keys, values = (np.linalg.qr(rng.normal(size=(FACTS, FACTS)))[0] for _ in range(2))
    return keys, values


def facts_gradient(W, keys, values):
    """The gradient of ½ Σ seenᵢ ‖keyᵢ W − valueᵢ‖² at W."""
    return keys.T @ (SEEN[:, None] * (keys @ W - values))


def known(W, keys, values):
    """How much of each fact W knows, shape (8,): 0 is nothing, 1 all of it."""
    return ((keys @ W) * values).sum(axis=1)


@checked(rule=OPTIMIZER, updates=Whole(0, 10_000), turned=Anything(), seed=Whole())
def learned(rule, updates, turned, seed=0):
    """The way of a new optimizer from W = 0: matrices, shape (updates + 1, 8, 8); what they know, (updates + 1, 8)."""
    keys, values = facts(turned, seed)
    W = np.zeros((FACTS, FACTS))
    path = np.zeros((updates + 1, FACTS, FACTS))
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(updates):
            rule.update({"W": W}, {"W": facts_gradient(W, keys, values)})
            path[t + 1] = W
        return path, ((keys @ path) * values).sum(axis=2)


@checked(shares=Array((None, FACTS)), within=NOT_NEGATIVE)
def all_known(shares, within=0.1):
    """The update from which on every fact is known up to a tenth, until the end of the run; inf where it is not."""
    return float(updates_to(np.nan_to_num(np.abs(shares - 1).max(axis=1), nan=np.inf), within))


@checked(name=Choice(DIRECTIONS), turned=Anything(), seed=Whole(), updates=Whole(0, 10_000))
def until_all_known(name, turned, seed=0, updates=300):
    """The fewest updates until all facts are known, and the η of LRS that takes them."""
    return min((all_known(learned(DIRECTIONS[name](lr), updates, turned, seed)[1]), lr) for lr in LRS)


CUBIC = 1.5, -0.5, 0.0  # the oldest coefficients: they lead to 1 itself, but small singular values slowly
COEFFICIENTS = {"Muon's three": rules.MUON, "3/2, −1/2, 0": CUBIC}


@checked(lr=NOT_NEGATIVE, updates=Whole(0, 10_000), turned=Anything(), steps=Whole(0, 100), of=Choice(COEFFICIENTS))
@functools.lru_cache(maxsize=8)
def muon_learned(lr, updates, turned, steps, of):
    """`learned` by Muon without memory, with so many Newton–Schulz steps and coefficients by their name; kept."""
    return learned(rules.Muon(lr, 0.0, 0.0, steps, COEFFICIENTS[of]), updates, turned)


@checked(updates=Whole(0, 10_000), turned=Anything())
@functools.cache
def others_learned(updates, turned):
    """What SGD and SignSGD know after each update, each at a learning rate that suits it: a dict to shares."""
    rates = {"SGD": 1.5, "SignSGD": 0.02}
    return {name: learned(DIRECTIONS[name](lr), updates, turned)[1] for name, lr in rates.items()}


@checked(s=Anything(), steps=Whole(0, 100), coefficients=Finite((3,)))
def after_newton_schulz(s, steps, coefficients=rules.MUON):
    """What becomes of singular values: `steps` times a s + b s³ + c s⁵."""
    a, b, c = coefficients
    for _ in range(steps):
        s = a * s + b * s**3 + c * s**5
    return s


# Averages in noise

NOISY_UPDATES, RUNS = 120, 100
AVERAGED = "last weights", "decayed η", "mean of all", "EMA", "schedule-free"


@checked(lr=ABOVE_0, noise=NOT_NEGATIVE, seed=Whole())
@functools.lru_cache(maxsize=16)
def noisy_walks(lr, noise, seed=0):
    """Ways through the bowl with noisy gradients: a dict from names to paths, shape (121, RUNS, 2); kept.

    SGD at η, at η that goes down to 0 in a straight line, and schedule-free SGD, all with the same noise.
    """
    bowl, start = landscapes.bowl(), np.tile(START, (RUNS, 1))
    noises = noise * np.random.default_rng(seed).normal(size=(NOISY_UPDATES, RUNS, 2))

    def walk(rule, rates):
        w, path = start.copy(), [start]
        for rate, noise in zip(rates, noises, strict=True):
            rule.lr = rate
            rule.update({"w": w}, {"w": bowl.gradient(w) + noise})
            path.append(np.array(rule.averages({"w": w})["w"] if hasattr(rule, "averages") else w))
        return np.array(path)

    flat = [lr] * NOISY_UPDATES
    decayed = [lr * (1 - k / NOISY_UPDATES) for k in range(NOISY_UPDATES)]
    return {
        "last weights": walk(helpers.SGD(), flat),
        "decayed η": walk(helpers.SGD(), decayed),
        "schedule-free": walk(rules.ScheduleFreeSGD(), flat),
    }


@checked(lr=ABOVE_0, noise=NOT_NEGATIVE, beta=BELOW_1, seed=Whole())
def averaged(lr, noise, beta, seed=0):
    """`noisy_walks`, and two averages of the weights of SGD at η: their mean so far, and their EMA with β."""
    walks = noisy_walks(lr, noise, seed)
    mean, ema, path = rules.Average(), rules.Average(beta), walks["last weights"]
    found = {"mean of all": [path[0]], "EMA": [path[0]]}
    for w in path[1:]:
        for name, average in ("mean of all", mean), ("EMA", ema):
            average.update({"w": w})
            found[name].append(average.averages["w"].copy())
    return {name: walks[name] if name in walks else np.array(found[name]) for name in AVERAGED}


# What is stored, see store.py


@checked(length=Choice(("500", "2000")))
def wrong_digits(length):
    """How many of the 10,000 test digits are wrong, each method at its best rate: a dict to arrays over three seeds."""
    found = stored.load("beyond_adam")["best"][length]
    return {name: np.rint(10_000 * (1 - np.array(f["test"], float))).astype(int) for name, f in found.items()}


def wrong_digits_at_flat_rates():
    """The same at learning rates that stay, 2000 iterations: AdamW, an average beside it, schedule-free."""
    found = stored.load("beyond_adam")["flat"]
    return {name: np.rint(10_000 * (1 - np.array(f["test"], float))).astype(int) for name, f in found.items()}


@checked(rule=OPTIMIZER, shape=Sizes())
def numbers_kept(rule, shape):
    """How many numbers an optimizer keeps for each weight of an array of this shape, after an update."""
    w = np.ones(shape)
    rule.update({"w": w}, {"w": np.ones(shape)})
    return sum(np.size(kept) for name, kept in rule.state["w"].items() if name != "t") / w.size


RULES = {  # by the names of the stored costs; Muon without the AdamW beside it
    **{name: getattr(helpers, name) for name in ("SGD", "Momentum", "AdamW")},
    **{
        name: getattr(rules, name)
        for name in ("SignSGD", "Lion", "AdaMax", "NAdam", "Adafactor", "Shampoo", "ScheduleFreeAdamW", "Muon")
    },
}
