"""Loss curves of trainings: drawn while the networks train, and as pictures of several seeds with their spread."""

import numpy as np

from workbench import checks
from workbench.drawing import styles
from workbench.drawing.picture import Picture
from workbench.drawing.styles import STYLES
from workbench.words import number

SWEPT = "a dict from names of optimizers to dicts of lrs, m numbers, and held_out, m lists of accuracies"
HIGHEST = 5.0  # limit of the loss; guessing among ten digits costs ln 10 = 2.3


def windows(losses, size):
    """Means over windows of `size` losses, one after the other; what is left over fills no window and is left out.

    losses: shape (..., n). Returns shape (..., n // size).
    """
    losses = np.asarray(losses, float)
    whole = losses.shape[-1] // size
    return losses[..., : whole * size].reshape(*losses.shape[:-1], whole, size).mean(axis=-1)


def loss_axes(axes, iterations, lowest=5e-3):
    """Axes for losses over iterations, on a logarithmic scale from `lowest`."""
    axes.set(xlim=(0, iterations), ylim=(lowest, HIGHEST), yscale="log", xlabel="iteration", ylabel="loss")
    ticks = [tick for tick in (0.01, 0.1, 1) if tick > lowest]
    axes.set_yticks(ticks, map(str, ticks))
    axes.grid()


def in_reach(losses):
    """Losses within reach of a logarithmic axis; nan, where a run diverged, stays a gap."""
    return np.clip(losses, 1e-9, 1e3)


def spread(values):
    """Median and range over the seeds, as a table has them: "97.1 % (96.9 to 97.3)"; shares in percent."""
    values = checks.finite("values", values, (None,))
    low, middle, high = np.percentile(values * 100, (0, 50, 100))
    return f"{middle:.1f}% ({low:.1f} to {high:.1f})"


def many_seeds(curves, accuracies, window, title):
    """A Picture of several trainings with several seeds each: median loss and range, accuracy on the test digits.

    curves: for each optimizer the window means of each seed, shape (seeds, windows). accuracies: for each optimizer
    those of its seeds. window: iterations in a window. title: what was trained, a sentence.
    Raises ValueError for anything else.
    """
    curves = _of_optimizers("curves", curves, (None, None))
    seeds = len(next(iter(curves.values())))
    accuracies = _of_optimizers("accuracies", accuracies, (seeds,), curves)
    checks.whole("window", window, 1)
    checks.kind("title", title, str, "a sentence")
    with styles.look():
        figure = styles.new_figure((9.0, 4.0))
        axes, results = figure.subplots(1, 2, width_ratios=[1.6, 1])
        loss_axes(axes, window * next(iter(curves.values())).shape[1], lowest=0.02)
        axes.set_title(f"loss before each update: median and range of {seeds} seeds")
        for name, losses in curves.items():
            losses = in_reach(losses)
            x = (np.arange(losses.shape[1]) + 0.5) * window
            axes.fill_between(x, losses.min(axis=0), losses.max(axis=0), color=STYLES[name]["color"], alpha=0.2, lw=0)
            axes.plot(x, np.median(losses, axis=0), **STYLES[name], markersize=4, markevery=4, label=name)
        for row, (name, values) in enumerate(accuracies.items()):
            results.plot(100 * values, [row] * seeds, **STYLES[name] | {"linestyle": "", "alpha": 0.6})
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


def by_rate(swept, best, title):
    """A Picture of a sweep: errors on the held-out digits over the learning rate, median and range of the seeds.

    swept: for each optimizer "lrs", and "held_out", the accuracies of each rate's seeds, None where a run diverged;
    these count as guesses. best: for each optimizer the index of its best rate. title: a sentence.
    Raises ValueError for anything else.
    """
    if not isinstance(swept, dict) or not swept:
        checks.refuse("swept", swept, SWEPT)
    for name, found in swept.items():
        if not isinstance(found, dict) or not found.keys() >= {"lrs", "held_out"}:
            checks.refuse(f"swept[{name!r}]", found, SWEPT)
        lrs = checks.finite(f"swept[{name!r}]['lrs']", found["lrs"], (None,))
        checks.array(f"swept[{name!r}]['held_out']", guesses_for_none(found["held_out"]), (len(lrs), None))
    _of_optimizers("best", best, (), swept)
    for name, found in swept.items():
        checks.whole(f"best[{name!r}]", best[name], 0, len(found["lrs"]) - 1)
    checks.kind("title", title, str, "a sentence")
    with styles.look():
        figure = styles.new_figure((9.0, 4.2))
        axes = figure.subplots()
        for name, found in swept.items():
            errors = 100 * (1 - guesses_for_none(found["held_out"]))
            middle = np.median(errors, axis=1)
            beyond = np.abs(np.stack([errors.min(axis=1), errors.max(axis=1)]) - middle)
            axes.errorbar(found["lrs"], middle, beyond, **STYLES[name], capsize=2, elinewidth=0.8, label=name)
            marker = STYLES[name] | {"linestyle": "", "markersize": 10, "markeredgecolor": "black"}
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


def guesses_for_none(accuracies):
    """Accuracies as an array, 0.1 where a run diverged and there is none: its network can but guess."""
    accuracies = _floats("accuracies", accuracies)
    return np.where(np.isnan(accuracies), 0.1, accuracies)


def _floats(name, value):
    """Numbers as floats, nan for None."""
    try:
        return np.array(value, float)
    except (TypeError, ValueError):
        return checks.refuse(name, value, "numbers, and None where a run diverged")


def _of_optimizers(name, found, shape, others=None):
    """A dict from names of optimizers to arrays of a shape, as floats; others: a dict of the same names."""
    checks.kind(name, found, dict, "a dict from names of optimizers")
    if not found or not found.keys() <= STYLES.keys() or (others is not None and found.keys() != others.keys()):
        checks.refuse(name, found, f"a dict from names of optimizers, {', '.join(others or STYLES)}")
    return {key: checks.array(f"{name}[{key!r}]", _floats(f"{name}[{key!r}]", a), shape) for key, a in found.items()}
