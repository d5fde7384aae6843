"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

import helpers
from workbench.descent.sweep import sweep
from workbench.tutoring.answers import right, wrong


@wrong("sweep", "lowest loss on the way")
def _(method, landscape, start, steps, lrs):
    return [
        min(landscape.value(p) for p in helpers.trajectory(method(lr=lr), landscape.gradient, start, steps))
        for lr in lrs
    ]


@wrong("sweep", "one optimizer for all learning rates")
def _(method, landscape, start, steps, lrs):
    optimizer, ends = method(lr=lrs[0]), []
    for lr in lrs:
        optimizer.lr = lr
        path = helpers.trajectory(optimizer, landscape.gradient, start, steps)
        ends.append(landscape.value(path[-1]))
    return ends


@wrong("sweep", "runs that go on where the last one ended")
def _(method, landscape, start, steps, lrs):
    params, ends = {"w": np.array(start)}, []
    for lr in lrs:
        optimizer = method(lr=lr)
        for _ in range(steps):
            optimizer.update(params, {"w": landscape.gradient(params["w"])})
        ends.append(landscape.value(params["w"]))
    return ends


@wrong("sweep", "learning rate not handed on")
def _(method, landscape, start, steps, lrs):
    return [landscape.value(helpers.trajectory(method(), landscape.gradient, start, steps)[-1]) for _ in lrs]


@wrong("sweep", "loss of the start")
def _(method, landscape, start, steps, lrs):
    paths = np.array([helpers.trajectory(method(lr=lr), landscape.gradient, start, steps) for lr in lrs])
    return landscape.value(paths)[:, 0]


@wrong("sweep", "mean over all updates")
def _(method, landscape, start, steps, lrs):
    paths = np.array([helpers.trajectory(method(lr=lr), landscape.gradient, start, steps) for lr in lrs])
    return landscape.value(paths).mean(axis=1)


@wrong("sweep", "all losses of each run")
def _(method, landscape, start, steps, lrs):
    ends = []
    for lr in lrs:
        path = helpers.trajectory(method(lr=lr), landscape.gradient, start, steps)
        ends.append(landscape.value(path))
    return ends


@wrong("sweep", "points in place of losses")
def _(method, landscape, start, steps, lrs):
    ends = []
    for lr in lrs:
        params, optimizer = {"w": np.array(start)}, method(lr=lr)
        for _ in range(steps):
            optimizer.update(params, {"w": landscape.gradient(params["w"])})
        ends.append(params["w"])
    return np.array(ends)


@wrong("sweep", "only the lowest loss")
def _(method, landscape, start, steps, lrs):
    lowest = np.inf
    for lr in lrs:
        path = helpers.trajectory(method(lr=lr), landscape.gradient, start, steps)
        lowest = min(lowest, landscape.value(path[-1]))
    return lowest


@right("sweep")
def _(method, landscape, start, steps, lrs):
    return sweep(method(), landscape, start, steps, lrs).losses[:, -1]


@right("sweep")
def step_by_step(method, landscape, start, steps, lrs):
    ends = ()
    for lr in lrs:
        optimizer, params = method(lr), {"w": np.array(start, np.float32)}
        for _ in range(steps):
            optimizer.update(params, {"w": landscape.gradient(params["w"]).astype(np.float32)})
        ends += (landscape.value(params["w"]),)
    return ends


@wrong("best learning rate", "lowest loss on the way")
def _(lrs, losses):
    lowest = [np.nanmin(of_lr) for of_lr in losses]
    return lrs[lowest.index(min(lowest))]


@wrong("best learning rate", "luckiest seed")
def _(lrs, losses):
    return lrs[np.argmin(np.nanmin(losses[:, :, -1], axis=1))]


def chosen(score):
    """The learning rate with the lowest score of its losses, shape (seeds, updates + 1)."""
    return lambda lrs, losses: min(
        zip(lrs, losses, strict=True), key=lambda pair: np.nan_to_num(score(pair[1]), nan=np.inf)
    )[0]


wrong("best learning rate", "mean over all updates")(chosen(np.mean))
wrong("best learning rate", "median of the seeds")(chosen(lambda runs: np.median(runs[:, -1])))
wrong("best learning rate", "worst seed")(chosen(lambda runs: np.max(runs[:, -1])))
wrong("best learning rate", "first seed only")(chosen(lambda runs: runs[0, -1]))


@wrong("best learning rate", "seeds that diverged left out")
def _(lrs, losses):
    return lrs[np.argmin(np.nanmean(losses[:, :, -1], axis=1))]


@wrong("best learning rate", "diverged run chosen")
def _(lrs, losses):
    means = losses.mean(axis=1)[:, -1]
    return lrs[means.argmin()]


@wrong("best learning rate", "index in place of the learning rate")
def _(lrs, losses):
    return np.nanargmin(losses[:, :, -1].mean(axis=1))


@wrong("best learning rate", "highest loss")
def _(lrs, losses):
    return lrs[np.nanargmax(losses[:, :, -1].mean(axis=1))]


right("best learning rate")(lambda lrs, losses: lrs[np.nanargmin(losses[:, :, -1].mean(axis=1))])
right("best learning rate")(lambda lrs, losses: lrs[np.nanargmin(losses[..., -1].astype(np.float32).sum(axis=1))])


@right("best learning rate")
def with_loops(lrs, losses):
    lowest, chosen = math.inf, None
    for lr, of_lr in zip(lrs, losses, strict=True):
        mean = sum(of_seed[-1] for of_seed in of_lr) / len(of_lr)
        if mean < lowest:
            lowest, chosen = mean, lr
    return chosen


def racing(sgd, momentum):
    """A race with the β of each curve as functions of β."""

    def answer(landscape, start, lr, beta, steps):
        return {
            name: landscape.value(helpers.trajectory(helpers.Momentum(lr, b), landscape.gradient, start, steps))
            for name, b in (("SGD", sgd(beta)), ("Momentum", momentum(beta)))
        }

    return answer


wrong("same run bug hunt", "SGD that is Momentum")(racing(lambda beta: beta, lambda beta: beta))
wrong("same run bug hunt", "Momentum that is SGD")(racing(lambda beta: 0, lambda beta: 0))
wrong("same run bug hunt", "curves swapped")(racing(lambda beta: beta, lambda beta: 0))
right("same run bug hunt")(racing(lambda beta: 0.0, lambda beta: beta))


@right("same run bug hunt")
def with_a_copy(landscape, start, lr, beta, steps):
    settings = {"lr": lr, "momentum": 0.0}
    with_momentum = settings | {"momentum": beta}
    losses = {}
    for name, setting in ("Momentum", with_momentum), ("SGD", settings):
        path = helpers.trajectory(helpers.Momentum(**setting), landscape.gradient, np.float32(start), steps)
        losses[name] = landscape.value(path).tolist()
    return losses


@wrong("sweep", "another number of updates")
def _(method, landscape, start, steps, lrs):
    return [landscape.value(helpers.trajectory(method(lr=lr), landscape.gradient, start, steps + 1)[-1]) for lr in lrs]


@wrong("best learning rate", "loss in place of the learning rate")
def _(lrs, losses):
    return np.nanmin(losses[:, :, -1].mean(axis=1))


def two_curves(landscape, start, steps, momentum, lr):
    return {
        "SGD": landscape.value(helpers.trajectory(helpers.SGD(lr), landscape.gradient, start, steps)),
        "Momentum": landscape.value(helpers.trajectory(momentum, landscape.gradient, start, steps)),
    }


@wrong("same run bug hunt", "another learning rate for Momentum")
def _(landscape, start, lr, beta, steps):
    return two_curves(landscape, start, steps, helpers.Momentum(lr * (1 - beta), beta), lr)


@wrong("same run bug hunt", "Nesterov in place of Momentum")
def _(landscape, start, lr, beta, steps):
    return two_curves(landscape, start, steps, helpers.Nesterov(lr, beta), lr)
