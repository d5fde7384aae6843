"""Loss curves of trainings: drawn while the networks train, and as pictures of several seeds with their spread."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from workbench.checks import WORDS, AsItCame, Constraint, Finite, Whole, checked, fitting, refuse
from workbench.drawing import styles
from workbench.drawing.picture import Picture
from workbench.drawing.styles import ALL_STYLES
from workbench.words import number

HIGHEST = 5.0  # limit of the loss; guessing among ten digits costs ln 10 = 2.3


class Shares(Constraint):
    """Numbers of a shape as floats, nan for None."""

    allowed = "numbers, and None where a run diverged"

    def __init__(self, shape=(...,)):
        self.shape = shape

    def check(self, name, value):
        try:
            found = np.array(value, float)
        except (TypeError, ValueError):
            refuse(name, value, self.allowed)
        return fitting(name, found, self.shape)

    def bad(self):
        return ["x", 1j, {}, len, object(), [[1.0], [1.0, 2.0]], ["a"], [0.9, "b"], [1j], {0.9}, [[0.9], 0.8]]

    def good(self):
        return [np.full([length or 2 for length in self.shape if length != ...], 0.9), *([0.9, None], None, 1)]


class OfOptimizers(Constraint):
    """A dict from names of optimizers to numbers of a shape, as `Shares`."""

    allowed = "a dict from names of optimizers"

    def __init__(self, shape):
        self.each = Shares(shape)

    def check(self, name, value):
        if not isinstance(value, dict) or not value or not value.keys() <= ALL_STYLES.keys():
            refuse(name, value, f"{self.allowed}, {', '.join(ALL_STYLES)}")
        return {key: self.each.check(f"{name}[{key!r}]", numbers) for key, numbers in value.items()}

    def bad(self):
        no_dicts = [None, 3, "SGD", [], [0.9], {}, object(), dict, {"Adma": self.each.good()[0]}, {None: 1}]
        return [*no_dicts, *({"SGD": numbers} for numbers in self.each.bad())]

    def good(self):
        return [{"SGD": self.each.good()[0]}, {"SGD": self.each.good()[0], "Adam": self.each.good()[0]}]


class Swept(Constraint):
    """What a sweep over learning rates led to, for each optimizer."""

    allowed = "a dict from names of optimizers to dicts of lrs, m numbers, and held_out, m lists of accuracies"

    def check(self, name, value):
        if not isinstance(value, dict) or not value or not value.keys() <= ALL_STYLES.keys():
            refuse(name, value, self.allowed)
        for key, found in value.items():
            if not isinstance(found, dict) or not found.keys() >= {"lrs", "held_out"}:
                refuse(f"{name}[{key!r}]", found, self.allowed)
            lrs = Finite((None,)).check(f"{name}[{key!r}]['lrs']", found["lrs"])
            Shares((len(lrs), None)).check(f"{name}[{key!r}]['held_out']", found["held_out"])
        return value

    def bad(self):
        good = self.good()[0]["SGD"]
        found = [None, {}, [], {"lrs": [0.1]}, good | {"lrs": [0.1]}, good | {"held_out": [0.9, 0.8]}]
        found += [good | {"lrs": lrs} for lrs in (None, "1", [np.nan, 0.1], [[0.1, 0.2]], [], [1j, 2])]
        found += [good | {"held_out": a} for a in (None, "x", [[0.9], [0.8, 0.7]], [["a"], ["b"]], [[0.9]])]
        no_dicts = [None, 3, "SGD", [], [0.9], {}, object(), {"Adma": good}]
        return [*no_dicts, *({"SGD": one} for one in found)]

    def good(self):
        return [{"SGD": {"lrs": [0.1, 0.2], "held_out": [[0.9, None], [0.8, 0.7]]}}]


def windows(losses: np.ndarray, size: int) -> np.ndarray:
    """Means over windows of `size` losses, one after the other; what is left over fills no window and is left out.

    losses: shape (..., n). Returns shape (..., n // size).
    """
    losses = np.asarray(losses, float)
    whole = losses.shape[-1] // size
    return losses[..., : whole * size].reshape(*losses.shape[:-1], whole, size).mean(axis=-1)


def loss_axes(axes: Axes, iterations: int, lowest: float = 5e-3) -> None:
    """Axes for losses over iterations, on a logarithmic scale from `lowest`."""
    axes.set(xlim=(0, iterations), ylim=(lowest, HIGHEST), yscale="log", xlabel="iteration", ylabel="loss")
    ticks = [tick for tick in (0.01, 0.1, 1) if tick > lowest]
    axes.set_yticks(ticks, map(str, ticks))
    axes.grid()


def in_reach(losses: np.ndarray) -> np.ndarray:
    """Losses within reach of a logarithmic axis; nan, where a run diverged, stays a gap."""
    return np.clip(losses, 1e-9, 1e3)


@checked(values=Finite((None,)))
def spread(values: np.ndarray) -> str:
    """Median and range over the seeds, as a table has them: "97.1 % (96.9 to 97.3)"; shares in percent."""
    low, middle, high = np.percentile(values * 100, (0, 50, 100))
    return f"{middle:.1f}% ({low:.1f} to {high:.1f})"


@checked(curves=OfOptimizers((None, None)), accuracies=OfOptimizers((None,)), window=Whole(1), title=WORDS)
def many_seeds(curves: dict[str, np.ndarray], accuracies: dict[str, np.ndarray], window: int, title: str) -> Picture:
    """A Picture of several trainings with several seeds each: median loss and range, accuracy on the test digits.

    curves: for each optimizer the window means of each seed, shape (seeds, windows). accuracies: for each optimizer
    those of its seeds. window: iterations in a window. title: what was trained, a sentence.
    Raises ValueError for anything else.
    """
    seeds = len(next(iter(curves.values())))
    _same_optimizers("accuracies", accuracies, curves)
    for name in curves:
        fitting(f"curves[{name!r}]", curves[name], (seeds, None))
        fitting(f"accuracies[{name!r}]", accuracies[name], (seeds,))
    with styles.look():
        figure = styles.new_figure((9.0, 4.0))
        axes, results = figure.subplots(1, 2, width_ratios=[1.6, 1])
        loss_axes(axes, window * next(iter(curves.values())).shape[1], lowest=0.02)
        axes.set_title(f"loss before each update: median and range of {seeds} seeds")
        for name, losses in curves.items():
            losses = in_reach(losses)
            x = (np.arange(losses.shape[1]) + 0.5) * window
            axes.fill_between(
                x, losses.min(axis=0), losses.max(axis=0), color=ALL_STYLES[name]["color"], alpha=0.2, lw=0
            )
            axes.plot(x, np.median(losses, axis=0), **ALL_STYLES[name], markersize=4, markevery=4, label=name)
        for row, (name, values) in enumerate(accuracies.items()):
            results.plot(100 * values, [row] * seeds, **ALL_STYLES[name] | {"linestyle": "", "alpha": 0.6})
        results.set_yticks(range(len(accuracies)), list(accuracies))
        results.set(ylim=(len(accuracies) - 0.5, -0.5), xlabel="test accuracy in %", title="each seed")
        results.grid()
        figure.legend(loc="outside lower center", ncols=len(curves))
    rows = [
        f"{name}: median loss {np.median(losses[:, -2:].mean(axis=1)):.2g} over the last "
        f"{2 * window} iterations, test accuracy {spread(accuracies[name])}."
        for name, losses in curves.items()
    ]
    return Picture(figure, "\n".join([f"{title} Median, and range of {seeds} seeds.", *rows]))


@checked(swept=Swept(), best=AsItCame(OfOptimizers(())), title=WORDS)
def by_rate(swept: dict[str, dict], best: dict[str, int], title: str) -> Picture:
    """A Picture of a sweep: errors on the held-out digits over the learning rate, median and range of the seeds.

    swept: for each optimizer "lrs", and "held_out", the accuracies of each rate's seeds, None where a run diverged;
    these count as guesses. best: for each optimizer the index of its best rate. title: a sentence.
    Raises ValueError for anything else.
    """
    _same_optimizers("best", best, swept)
    for name, found in swept.items():
        Whole(0, len(found["lrs"]) - 1).check(f"best[{name!r}]", best[name])
    with styles.look():
        figure = styles.new_figure((9.0, 4.2))
        axes = figure.subplots()
        for name, found in swept.items():
            errors = 100 * (1 - guesses_for_none(found["held_out"]))
            middle = np.median(errors, axis=1)
            beyond = np.abs(np.stack([errors.min(axis=1), errors.max(axis=1)]) - middle)
            axes.errorbar(found["lrs"], middle, beyond, **ALL_STYLES[name], capsize=2, elinewidth=0.8, label=name)
            marker = ALL_STYLES[name] | {"linestyle": "", "markersize": 10, "markeredgecolor": "black"}
            axes.plot(found["lrs"][best[name]], middle[best[name]], **marker)
        axes.set(xscale="log", yscale="log", ylim=(1.8, 110), xlabel="learning rate η", ylabel="wrong, in %")
        axes.set_yticks([2, 3, 5, 10, 20, 50, 100], ["2", "3", "5", "10", "20", "50", "100"])
        axes.minorticks_off()
        axes.grid()
        axes.set_title("errors on held-out digits: median and range of the seeds, best rate of each method enlarged")
        figure.legend(loc="outside lower center", ncols=len(swept))
    rows = [
        f"{name}: best η = {number(found['lrs'][best[name]])}, "
        f"held-out accuracy {spread(found['held_out'][best[name]])}; η from {number(found['lrs'][0])} "
        f"to {number(found['lrs'][-1])}."
        for name, found in swept.items()
    ]
    return Picture(figure, "\n".join([title, *rows]))


@checked(accuracies=Shares())
def guesses_for_none(accuracies: Sequence) -> np.ndarray:
    """Accuracies as an array, 0.1 where a run diverged and there is none: its network can but guess."""
    return np.where(np.isnan(accuracies), 0.1, accuracies)


def _same_optimizers(name, found, others):
    if found.keys() != others.keys():
        refuse(name, found, f"a dict from names of optimizers, {', '.join(others)}")
