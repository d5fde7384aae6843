"""What an optimizer did on a landscape: its path, the losses on it, and where it left the picture for good."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import helpers
from workbench.descent.landscapes import Landscape
from workbench.words import number, point


@dataclass(frozen=True)
class Trajectory:
    """What an optimizer did on a landscape, from its start on.

    path: points, shape (k + 1, n). losses: at these points, shape (k + 1,).
    diverged: the update from which on the path stayed out of the landscape's view; None without.
    """

    path: np.ndarray
    losses: np.ndarray
    diverged: int | None

    @classmethod
    def of(cls, optimizer: helpers.Optimizer, landscape: Landscape, start: Sequence[float], steps: int) -> "Trajectory":
        """`steps` updates of a new optimizer on a landscape, from `start`, n numbers.

        Raises what `trajectory` does, and ValueError for a start where the landscape has no finite loss.
        """
        path = helpers.trajectory(optimizer, landscape.gradient, start, steps)
        losses = landscape.value(path)
        if not np.isfinite(losses[0]):
            raise ValueError(f"start is {point(start)}, where the loss is {losses[0]}; allowed: where it is finite")
        return cls(path, losses, diverged_at(path, losses, landscape.view))

    @property
    def result(self) -> str:
        """The end of the path, in words."""
        if self.diverged is not None:
            return f"diverged at step {self.diverged}"
        return f"loss {number(self.losses[-1])} at {point(self.path[-1])}"


def inside(path: np.ndarray, view: Sequence) -> np.ndarray:
    """Which points of a path, shape (k, n), lie in the picture: shape (k,); nan and inf do not."""
    low, high = np.transpose(view)
    return ((path >= low) & (path <= high)).all(axis=1)


def drawable(path: np.ndarray, diverged: int | None) -> np.ndarray:
    """The part of a path, shape (k, n), to draw: one that diverged ends with its first stroke out of the picture."""
    return path if diverged is None else path[: diverged + 1]


def diverged_at(path: np.ndarray, losses: np.ndarray, view: Sequence) -> int | None:
    """The update from which on a path stays outside of the picture, or None.

    A path that swings out and comes back has not diverged, nor has one that is outside with less loss than at first.
    """
    if not len(path) or inside(path[-1:], view)[0] or losses[-1] < losses[0]:
        return None
    seen = np.flatnonzero(inside(path, view))
    return int(seen[-1]) + 1 if len(seen) else 0
