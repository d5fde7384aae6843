"""What Adam does: in steps, tuned, all it holds in a run, weights that decay, its drift under rare gradients."""

import numpy as np

import helpers
from workbench.checks import (
    BELOW_1,
    FINITE,
    NOT_NEGATIVE,
    OPTIMIZER,
    AFunction,
    Choice,
    Finite,
    Kind,
    Number,
    Numbers,
    Seed,
    Whole,
    checked,
)
from workbench.descent import landscapes


class Uncorrected(helpers.Adam):
    """Adam without its bias correction: after infinitely many updates there would be none."""

    def rule(self, w, g, t, m, v):
        super().rule(w, g, np.inf, m, v)


STEPS = {"step 1": lambda lr: helpers.RMSProp(lr, rho=0.999), "step 2": Uncorrected, "step 3": helpers.Adam}
TUNED = {
    "SGD": helpers.SGD,
    "Adam, β₁ = 0.9": helpers.Adam,
    "Adam, β₁ = 0.5": lambda lr: helpers.Adam(lr, beta1=0.5),
}


@checked(name=Choice(TUNED), rotation=FINITE)
def tuned(name, rotation):
    """The lowest loss at update 30, and of the highest of updates 26 to 30: the best of η = 0.01, 0.02, …, 4 for each.

    The bowl and its start (−7, 2) are turned by `rotation` degrees.
    """
    bowl, angle = landscapes.bowl(rotation=rotation), np.radians(rotation)
    start = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ (-7.0, 2.0)
    rates = np.arange(1, 401) / 100
    with np.errstate(over="ignore", invalid="ignore"):
        paths = [helpers.trajectory(TUNED[name](lr), bowl.gradient, start, steps=30)[26:] for lr in rates]
        losses = np.nan_to_num(bowl.value(np.array(paths)), nan=np.inf)
    return losses[:, -1].min(), losses.max(axis=1).min()


@checked(
    optimizer=Kind(helpers.Adam, "a new Adam, as Adam(lr=0.1)"),
    gradient=AFunction(),
    start=Finite((None,)),
    steps=Whole(1, 10**6),
)
def updates(optimizer, gradient, start, steps):
    """A run of Adam with all it holds: path, shape (steps + 1, n); gradients, m and v of each update, (steps, n)."""
    w = np.array(start, float)
    path, held = [w.copy()], []
    for _ in range(steps):
        g = gradient(w)
        optimizer.update({"w": w}, {"w": g})
        path.append(w.copy())
        held.append([g, optimizer.state["w"]["m"].copy(), optimizer.state["w"]["v"].copy()])
    return np.array(path), *np.transpose(held, (1, 0, 2))


@checked(optimizer=OPTIMIZER, noise=Finite((None, None, None)), l2=NOT_NEGATIVE)
def decayed(optimizer, noise, l2=0.0):
    """Mean weights under gradients of noise: from 1, updated by the noise plus l2 times the weight itself.

    noise: shape (updates, pairs, n). Each value is used for two copies of the weight, once with the other sign, so that
    its sum is zero and the mean over the copies shows the decay alone. Returns the means, shape (updates + 1, n).
    """
    w = np.ones((2, *noise.shape[1:]))
    means = [w.mean(axis=(0, 1))]
    for z in noise:
        optimizer.update({"w": w}, {"w": np.stack([z, -z]) + l2 * w})
        means.append(w.mean(axis=(0, 1)))
    return np.array(means)


SIZES = np.array([0.01, 0.1, 1, 10, 100])


@checked(seed=Seed())
def decay_left(seed):
    """By name, what is left of weights whose gradients are noise of SIZES: η = 0.01, λ = 0.1, 300 updates."""
    noise = np.random.default_rng(seed).normal(size=(300, 6, 1)) * SIZES
    return {
        "L2 in SGD": decayed(helpers.SGD(0.01), noise, 0.1)[-1],
        "L2 in Adam": decayed(helpers.Adam(0.01), noise, 0.1)[-1],
        "AdamW": decayed(helpers.AdamW(0.01, weight_decay=0.1), noise)[-1],
    }


@checked(optimizer=OPTIMIZER, period=Whole(1), high=FINITE, lr=NOT_NEGATIVE, updates=Whole(0, 10**7))
def online(optimizer, period, high, lr, updates):
    """x from 0 on [−1, 1] under gradients `high` (once a period, first) and −1, with learning rate lr/√t.

    Returns shape (updates + 1,), the start included.
    """
    x = np.zeros(1)
    path = np.zeros(updates + 1)
    grads = {True: np.array([float(high)]), False: np.array([-1.0])}
    for t in range(1, updates + 1):
        optimizer.lr = lr / np.sqrt(t)
        optimizer.update({"x": x}, {"x": grads[t % period == 1]})
        np.clip(x, -1, 1, out=x)
        path[t] = x[0]
    return path


@checked(
    period=Whole(1, 10**6),
    high=Number("1e-50 to 1e50", 1e-50, 1e50),
    beta1=BELOW_1,
    beta2=Numbers("numbers from 0 to below 1", 0, np.nextafter(1, 0)),
)
def drift(period, high, beta1, beta2):
    """Adam's mean step in the long run, in learning rates, under gradients `high` once a period and −1 otherwise.

    j updates after the large gradient, m and v have settled at
    m = (1 − β₁)(high + 1) β₁ʲ / (1 − β₁ⁿ) − 1 and v = (1 − β₂)(high² − 1) β₂ʲ / (1 − β₂ⁿ) + 1.
    beta2 may be an array; returns its shape. ε is taken as 0.
    """
    j = np.arange(period)
    b = np.asarray(beta2)[..., None]
    m = (1 - beta1) * (high + 1) * beta1**j / (1 - beta1**period) - 1
    v = (1 - b) * (high**2 - 1) * b**j / (1 - b**period) + 1
    return -(m / np.sqrt(v)).mean(axis=-1)
