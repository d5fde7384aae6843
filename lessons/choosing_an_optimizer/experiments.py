"""Seven landscapes, and what each optimizer does on them: long runs, and sweeps over learning rates.

And losses of many weights: quadratic ones, and the curvatures of a network.
"""

import functools
from dataclasses import replace

import numpy as np

import helpers
from lessons.trajectories.experiments import BOOK
from workbench.checks import ABOVE_0, NOT_NEGATIVE, Anything, Choice, Finite, Kind, Number, Seed, Whole, checked
from workbench.data import mnist
from workbench.descent import landscapes
from workbench.descent.optimizers import OPTIMIZERS
from workbench.descent.sweep import LRS, Sweep, sweep, updates_to
from workbench.descent.trajectory import Trajectory
from workbench.networks.blas import one_thread
from workbench.networks.gradient_check import numeric_hessian
from workbench.networks.network import MLP
from workbench.networks.training import train

STEPS = 200  # the longest race; all runs are this long, a shorter race shows their beginning
TOLERANCE = 0.01  # a run has arrived when its loss stays at or below it
SADDLE = landscapes.saddle()
LANDSCAPES = {
    "bowl": landscapes.bowl(),
    "rotated bowl": replace(landscapes.bowl(rotation=45), start=(-6.36, -3.54)),  # (−7, 2), turned with the bowl
    # 4 more than x² − y², which changes no gradient: the loss is 0 where the picture ends, as at all other minima.
    "saddle": replace(SADDLE, value=lambda p: SADDLE.value(p) + 4, start=(1.0, 0.01)),
    "Rosenbrock": landscapes.rosenbrock(),
    "Beale": landscapes.beale(),
    "Himmelblau": landscapes.himmelblau(),
    "plateau": landscapes.plateau(),
}


class Place(Finite):
    """Two numbers, handed on as a tuple, for which results can be kept."""

    def check(self, name, value):
        return tuple(super().check(name, value).tolist())


@checked(name=Choice(OPTIMIZERS), lr=NOT_NEGATIVE, landscape=Choice(LANDSCAPES), start=Place((2,)))
def long_run(name, lr, landscape, start):
    """A Trajectory of STEPS updates."""
    return long_run_of(OPTIMIZERS[name], (("lr", lr),), LANDSCAPES[landscape], start)


@functools.lru_cache(maxsize=64)
def long_run_of(make, arguments, landscape, start):
    """The same for any optimizer on any landscape; kept, since a slider changes one run of seven.

    make: what makes an optimizer of its arguments. arguments: pairs of a name and a value. start: a tuple.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return Trajectory.of(make(**dict(arguments)), landscape, start, STEPS)


@checked(name=Choice(OPTIMIZERS), landscape=Choice(LANDSCAPES), start=Place((2,)))
def swept(name, landscape, start):
    """A Sweep of STEPS updates over the learning rates of the slider, the book's included."""
    return swept_on(name, LANDSCAPES[landscape], start)


@functools.lru_cache(maxsize=128)
def swept_on(name, landscape, start):
    """The same on any landscape; kept. start: a tuple."""
    return sweep(OPTIMIZERS[name](), landscape, start, STEPS, sorted({*LRS, BOOK[name]}))


@functools.lru_cache(maxsize=32)
def swept_one_by_one(make, arguments, landscape, start):
    """A Sweep of any optimizer, which may not bear all learning rates at once, as `sweep` runs them; kept.

    arguments as for `long_run_of`, "lr" among them, whose value is one of the learning rates of the Sweep. A rate at
    which the optimizer raises counts as one that diverges; what it raises at all of them is raised.
    """
    others = dict(arguments)
    lrs = sorted({*LRS, others.pop("lr")})
    losses, failure = np.full((len(lrs), STEPS + 1), np.nan), None
    with np.errstate(over="ignore", invalid="ignore"):
        for row, lr in enumerate(lrs):
            try:
                losses[row] = Trajectory.of(make(lr=lr, **others), landscape, start, STEPS).losses
            except Exception as error:  # a learner's code may raise anything
                failure = error
    if failure and np.isnan(losses).all():
        raise failure
    return Sweep(np.array(lrs), losses)


@checked(lrs=Kind(dict, "a dict from names to learning rates"), landscape=Choice(LANDSCAPES))
def arrivals(lrs, landscape):
    """Updates until the loss stays at or below TOLERANCE, from the landscape's start, for each optimizer in a dict."""
    start = LANDSCAPES[landscape].start
    return {name: updates_to(long_run(name, lr, landscape, start).losses, TOLERANCE) for name, lr in lrs.items()}


@checked(landscape=Choice(LANDSCAPES))
def best_rates(landscape):
    """For each optimizer the η that arrives first on a landscape, of equal ones the one that ends lowest."""
    found = {name: swept(name, landscape, LANDSCAPES[landscape].start) for name in OPTIMIZERS}
    return {name: float(f.lrs[f.best(TOLERANCE)]) for name, f in found.items()}


@checked(name=Choice(OPTIMIZERS))
def served(name):
    """On how many of the landscapes an optimizer arrives with each learning rate: a dict."""
    count = dict.fromkeys(LRS, 0)
    for landscape in LANDSCAPES:
        found = swept(name, landscape, LANDSCAPES[landscape].start)
        arrived = dict(zip(found.lrs.tolist(), np.isfinite(found.updates(TOLERANCE)), strict=True))
        count = {lr: n + bool(arrived[lr]) for lr, n in count.items()}
    return count


@checked(rows=Kind(dict, "a dict from names of rows to dicts of numbers"), most=ABOVE_0)
def as_table(rows, most=100):
    """Rows by name, of updates by optimizer, as text; inf is a dash, and a number above `most` is not told."""
    lines = [" " * 24 + "".join(f"{name:>9}" for name in OPTIMIZERS)]
    for name, row in rows.items():
        cells = ("-" if n == np.inf else f">{most}" if n > most else f"{n:.0f}" for n in row.values())
        lines.append(f"{name:24}" + "".join(f"{cell:>9}" for cell in cells))
    return "\n".join(lines)


# Quadratic losses of many weights

CASES = {  # weights, condition number, whether each direction is a mixture of all weights
    "2, κ = 20, straight": (2, 20, False),
    "2, κ = 1000, turned": (2, 1000, True),
    "100, κ = 20, turned": (100, 20, True),
    "100, κ = 1000, straight": (100, 1000, False),
    "100, κ = 1000, turned": (100, 1000, True),
}
SEEDS = 5


@checked(n=Whole(2, 1000), condition=Number("a number from 1 to 1e9", 1, 1e9), turned=Anything(), seed=Seed())
def quadratic(n, condition, turned, seed=0):
    """A Landscape of n weights: n parabolas added up, one for each direction, of curvatures 2/κ to 2 in equal ratios.

    Its directions are those of the weights, or turned at random. At the start, 0, the loss is 1, an n-th of it in each
    direction.
    """
    rng = np.random.default_rng(seed)
    directions = np.linalg.qr(rng.normal(size=(n, n)))[0] if turned else np.eye(n)  # a column each, at right angles
    curvatures = np.geomspace(2 / condition, 2, n)
    H = (directions * curvatures) @ directions.T
    minimum = directions @ (rng.choice([-1, 1], size=n) / np.sqrt(n * curvatures / 2))
    return landscapes.Landscape(
        name=f"{n} weights, κ = {condition}",
        value=lambda w: (((w - minimum) @ H) * (w - minimum)).sum(axis=-1) / 2,
        gradient=lambda w: (w - minimum) @ H,
        hessian=lambda w: H,
        minima=minimum[None],
        view=((-30.0, 30.0),) * n,
        start=(0.0,) * n,
    )


@checked(case=Choice(CASES), seeds=Whole(1, 100))
@functools.cache
def needed_on_quadratics(case, seeds=SEEDS):
    """Updates to a loss of 0.001, at most 300, of each optimizer at its own best η: a dict of numbers, one a seed."""
    needed = {name: [] for name in OPTIMIZERS}
    for seed in range(seeds):
        loss = quadratic(*CASES[case], seed)
        for name, method in OPTIMIZERS.items():
            found = sweep(method(), loss, loss.start, steps=300)
            needed[name].append(found.updates(1e-3)[found.best(1e-3)])
    return needed


@checked(seed=Seed(), n=Whole(100, 60_000), updates=Whole(1))
def curvatures_of_a_network(seed=0, n=1000, updates=300):
    """The Hessian of a trained network's loss, by differences: its curvatures, ascending, and its directions.

    The network: 49 inputs, 10 tanh units, 10 classes, 610 weights, some updates with Adam at 0.01 on batches of 100 of
    the first n digits, shrunk to 7 × 7 pixels; the loss is that on all of them. Returns shapes (610,) and (610, 610), a
    direction a column.
    """
    digits = mnist.load()
    x = mnist.pixels(digits.train_images[:n]).reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49)
    x, labels = x.astype(float), digits.train_labels[:n]
    network = MLP((49, 10, 10), "tanh", "Xavier", seed, np.float64)
    train(network, helpers.Adam(0.01), x, labels, updates, 100, seed)

    with one_thread():
        hessian = numeric_hessian(network, x, labels, h=1e-4)
    return np.linalg.eigh((hessian + hessian.T) / 2)


# A start is luck


@checked(name=Choice(OPTIMIZERS), lr=NOT_NEGATIVE, seed=Seed())
def share_that_arrives(name, lr, seed=0):
    """The share of 200 starts, up to 0.1 in x and y from Rosenbrock's, from which a run of 200 updates arrives."""
    rosenbrock = LANDSCAPES["Rosenbrock"]
    starts = np.array(rosenbrock.start) + np.random.default_rng(seed).uniform(-0.1, 0.1, size=(200, 2))
    with np.errstate(over="ignore", invalid="ignore"):  # some diverge
        paths = helpers.trajectory(
            OPTIMIZERS[name](lr=lr), lambda w: rosenbrock.gradient(w.reshape(-1, 2)).ravel(), starts.ravel(), STEPS
        )
        return float(np.isfinite(updates_to(rosenbrock.value(paths.reshape(-1, 200, 2)).T, TOLERANCE)).mean())
