"""Loss curves of trainings: drawn while the networks train, and as pictures of several seeds with their spread."""

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from workbench import checks
from workbench.drawing import figures
from workbench.drawing.figures import STYLES
from workbench.live.figure import LiveFigure

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


class LossCurves(LiveFigure):
    """The losses of several trainings while they train: the `watch` of `workbench.networks.training.compare`.

    It shows itself when it is first called. What a notebook stores of it is one line of text that never changes, since
    the last digits of a training differ from one processor to another.
    iterations: of each training. window: so many losses make a point of a curve. title: what is trained, a sentence.
    """

    size = (9.0, 3.8)

    def __init__(self, iterations, window=50, title="Losses of several networks while they train."):
        checks.whole("iterations", iterations, 1)
        checks.whole("window", window, 1)
        checks.kind("title", title, str, "a sentence")
        self.iterations, self.window, self.title = iterations, window, title
        self.runs, self.shown = {}, False
        super().__init__()
        # The page's live figures have controls to operate; this one follows the training.
        self.remove_class("live-figure")

    def __call__(self, runs):
        if not self.shown:
            data = widgets.VBox._repr_mimebundle_(self)
            display(data | {"text/plain": f"{self.title} The curves are drawn while it runs."}, raw=True)
            self.shown = True
        self.runs = runs
        self._drawn = None
        self._changed()

    def settings_in_words(self):
        return f"{self.iterations} iterations each"

    def control_box(self):
        return widgets.Box(layout={"display": "none"})

    def build(self, figure):
        axes, results = figure.subplots(1, 2, width_ratios=[1.35, 1])
        loss_axes(axes, self.iterations)
        axes.set_title(f"loss of the batch before each update, means of {self.window}")
        results.set(xlim=(-0.03, 1), ylim=(len(STYLES) - 0.5, -0.5))
        results.set_axis_off()
        self.curves, self.marks, self.results = {}, {}, {}
        for row, (name, style) in enumerate(STYLES.items()):
            look = style | {"markersize": 4, "markevery": max(1, self.iterations // self.window // 10)}
            (self.curves[name],) = self.moving(axes.plot([], [], **look))
            (self.marks[name],) = self.moving(results.plot([0, 0.05, 0.1], 3 * [row], **style))
            self.results[name] = self.moving(results.text(0.13, row, "", va="center", fontsize=8))

    def draw(self):
        for name in STYLES:
            for artist in self.curves[name], self.marks[name], self.results[name]:
                artist.set_visible(name in self.runs)
        lines = {name: self.result(run) for name, run in self.runs.items()}
        for name, run in self.runs.items():
            means = windows(run.losses[: run.done], self.window)
            self.curves[name].set_data((np.arange(len(means)) + 0.5) * self.window, in_reach(means))
            self.results[name].set_text(f"{name}\n{lines[name]}")
        return "\n".join(f"{name}: {line}." for name, line in lines.items())

    def result(self, run):
        """How far a run is, in words."""
        if run.diverged is not None:
            return f"diverged at iteration {run.diverged}"
        if run.done == 0:
            return "waits"
        words = f"{run.done} iterations, loss {run.loss():.2g}"
        if np.isfinite(run.accuracy):
            words += f", test {run.accuracy:.1%}, {run.seconds:.1f} s"
        return words


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
    with figures.look():
        figure = figures.new_figure((9.0, 4.0))
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
    return figures.Picture(figure, "\n".join([f"{title} Median, and range of {seeds} seeds.", *rows]))


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
    with figures.look():
        figure = figures.new_figure((9.0, 4.2))
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
        f"{name}: best η = {figures.number(found['lrs'][best[name]])}, "
        f"held-out accuracy {spread(found['held_out'][best[name]])}; η from {figures.number(found['lrs'][0])} "
        f"to {figures.number(found['lrs'][-1])}."
        for name, found in swept.items()
    ]
    return figures.Picture(figure, "\n".join([title, *rows]))


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
