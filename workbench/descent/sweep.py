"""Sweeps over learning rates: one optimizer on one landscape at many learning rates at once, all losses kept."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import helpers
from workbench.checks import FINITE, Array, Finite, Kind, Whole, checked, fitting
from workbench.descent.landscapes import A_LANDSCAPE, Landscape
from workbench.words import round_numbers

LRS = tuple(round_numbers(1e-4, 10, per_decade=10))


@dataclass(frozen=True)
class Sweep:
    """What a sweep found: learning rates, shape (m,), and the losses of their runs, shape (m, steps + 1)."""

    lrs: np.ndarray
    losses: np.ndarray

    @checked(steps=Whole())
    def cut(self, steps: int) -> "Sweep":
        """The Sweep of runs of only the first `steps` updates."""
        return Sweep(self.lrs, self.losses[:, : Whole(0, self.losses.shape[1] - 1).check("steps", steps) + 1])

    @checked(tolerance=FINITE)
    def updates(self, tolerance: float) -> np.ndarray:
        """Updates until the loss stays at or below a tolerance, for each learning rate: shape (m,)."""
        return updates_to(self.losses, tolerance)

    @checked(tolerance=FINITE)
    def best(self, tolerance: float) -> int:
        """Index of the learning rate with the fewest updates; of equal ones that with the lowest loss at the end."""
        ends = np.nan_to_num(self.losses[:, -1], nan=np.inf, neginf=-np.inf)
        return int(np.lexsort((ends, self.updates(tolerance)))[0])


@checked(losses=Array((..., None)), tolerance=FINITE)
def updates_to(losses: np.ndarray, tolerance: float) -> np.ndarray:
    """After how many updates the loss stays at or below a tolerance until the end of the run; inf if it never does.

    losses: shape (..., steps + 1), the loss at the start included. Returns shape (...).
    A run that passes through low loss and climbs out again is not there yet; nor is one that ends in nan.
    """
    if losses.size == 0:
        raise ValueError(f"losses has shape {losses.shape}; allowed: (..., steps + 1), one loss or more")
    above = ~(losses <= tolerance)
    last_above = above.shape[-1] - np.argmax(above[..., ::-1], axis=-1)
    return np.where(above[..., -1], np.inf, np.where(above.any(axis=-1), last_above, 0))


@checked(
    optimizer=Kind(helpers.Optimizer, "a new optimizer, as SGD()"),
    landscape=A_LANDSCAPE,
    start=Finite((None,)),
    steps=Whole(0, 10**7),
    lrs=Finite((None,), 0, "finite numbers, 0 or larger"),
)
def sweep(
    optimizer: helpers.Optimizer, landscape: Landscape, start: Sequence[float], steps: int, lrs: Sequence[float] = LRS
) -> Sweep:
    """Run an optimizer at all learning rates at once; returns a Sweep.

    optimizer: a new one, whose own learning rate does not matter. landscape: n parameters. start: n numbers.
    steps: updates of each run. lrs: learning rates, shape (m,). The optimizer itself stays as it is.
    Raises ValueError for any other argument.
    """
    n = len(landscape.start)
    fitting("start", start, (n,))
    Whole(0, 10**7 // (n * len(lrs))).check("steps", steps)
    lrs = np.array(lrs, float)
    optimizer = copy.deepcopy(optimizer)
    # All rules are element by element, so m copies of the parameters may have a learning rate each; `lr` itself, which
    # allows one number, is written past its check.
    vars(optimizer)["lr"] = np.repeat(lrs, n)
    path = helpers.trajectory(
        optimizer, lambda w: landscape.gradient(w.reshape(-1, n)).ravel(), np.tile(start, len(lrs)), steps
    )
    with np.errstate(over="ignore", invalid="ignore"):
        return Sweep(lrs, landscape.value(path.reshape(steps + 1, len(lrs), n)).T)
