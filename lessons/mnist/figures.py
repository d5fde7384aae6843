"""Live figure: a small network that is trained on MNIST at the press of a button."""

import functools
from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np

import helpers
from lessons.mnist.experiments import BATCH, BETAS, ITERATIONS, METHODS, SIZES, WINDOW, Settings
from workbench.checks import OPTIMIZER, Constraint, Kind, Whole, checked, refuse
from workbench.data import mnist
from workbench.drawing.curves import in_reach, loss_axes, windows
from workbench.drawing.digits import as_captions, confidently_wrong, mosaic, places
from workbench.drawing.styles import STYLES
from workbench.live.controls import choice, log_slider, slider
from workbench.live.figure import LiveFigure
from workbench.live.loss_curves import LossCurves, Names
from workbench.live.training import Run, compare, train
from workbench.networks.network import MLP
from workbench.words import number

COLUMNS, ROWS = 4, 3


@dataclass(frozen=True)
class Mistakes:
    """What a trained network gets wrong of the test digits: how many, the surest as a mosaic, captions for these."""

    count: int
    image: np.ndarray
    captions: list

    @classmethod
    def of(cls, network):
        digits = mnist.load()
        wrong, classes, _ = confidently_wrong(network, digits.test_images, digits.test_labels)
        first = wrong[: COLUMNS * ROWS]
        captions = as_captions(digits.test_labels[first], classes[: len(first)])
        return cls(len(wrong), mosaic(digits.test_images[first], COLUMNS, ROWS), captions)


@checked(settings=Kind(Settings, "Settings"))
@functools.cache
def trained(settings):
    """The Run of a training and its Mistakes, None where it diverged; kept."""
    run = settings.train(train=train)
    return run, None if run.diverged is not None else Mistakes.of(run.network)


class Racing(Constraint):
    """New optimizers by name, the course's or one's own."""

    allowed = "a dict from names to new optimizers, as SGD(lr=0.1), at most four of them one's own"

    def check(self, name, value):
        if not isinstance(value, dict) or not value:
            refuse(name, value, self.allowed)
        for key, optimizer in value.items():
            OPTIMIZER.check(f"{name}[{key!r}]", optimizer)
        Names().check(name, [key for key in value if key not in STYLES])
        return value

    def bad(self):
        return [None, 3, {}, [], "SGD", object(), {"mine": helpers.SGD}, {"mine": 3}, {3: helpers.SGD()}]

    def good(self):
        return [{"SGD": helpers.SGD(0.1)}]


@checked(optimizers=Racing(), iterations=Whole(1), seed=Whole())
def race_on_digits(optimizers, iterations=ITERATIONS, seed=0):
    """Train a network with each of several optimizers, and draw their losses meanwhile; returns a dict of their Runs.

    optimizers: a dict from names to new optimizers, the course's or one's own. One that raises is told in the figure's
    status line, and the others go on. iterations: of each. seed: of the first weights and of the order of the digits.
    The network is that of Training, the same for all; accuracy is that on the 10,000 test digits.
    """
    digits = mnist.load()

    def job(optimizer):
        def work(run):
            network = MLP(SIZES, seed=seed, dtype=np.float64)
            train(network, optimizer, digits.train_images, digits.train_labels, iterations, BATCH, seed, run=run)

        return work

    own = [name for name in optimizers if name not in STYLES]
    layers = "-".join(map(str, SIZES))
    title = f"The network {layers}, {iterations} iterations with {BATCH} digits each, seed {seed}."
    watch = LossCurves(iterations, window=max(1, iterations // 50), title=title, own=own)
    jobs = {name: job(optimizer) for name, optimizer in optimizers.items()}
    return compare(jobs, (digits.test_images, digits.test_labels), iterations, watch, go_on=True)


class Training(LiveFigure):
    """Optimizer, η, β and seed; a button trains: the loss of this training and of earlier ones, and its mistakes."""

    title = f"A network with four layers of 50 units, {ITERATIONS} iterations with {BATCH} digits each."
    size = (9.0, 4.2)

    def __init__(self, **settings):
        super().__init__(**settings)
        if settings:
            self.reset()  # trains with these

    def make_controls(self):
        controls = {
            "optimizer": choice("optimizer", METHODS, "Momentum"),
            "lr": log_slider("learning rate η", 0.01, 1e-4, 10, per_decade=10),
            "beta": slider("β (ρ, β₁)", 0.9, 0.0, 0.99, 0.01),
            "seed": slider("seed", 0, 0, 9, 1),
        }
        controls["optimizer"].observe(self._has_beta, names="value")
        return controls

    def _has_beta(self, change):
        self.controls["beta"].disabled = change["new"] not in BETAS

    def settings_in_words(self):
        return str(Settings.of(**self.settings))

    def buttons(self):
        self.button = widgets.Button(description="Train", button_style="primary", tooltip="Train with these settings")
        self.button.on_click(self.train)
        return [self.button, *super().buttons()]

    def train(self, button=None):
        """Train with the present settings; the curve grows meanwhile."""
        settings = Settings.of(**self.settings)
        run = Run(ITERATIONS)
        self.trained[settings] = run, None
        self.button.disabled = True

        def each(run):
            if run.done % 50 == 0:
                self.redraw()

        try:
            settings.train(each, run, train)
            self.trained[settings] = run, None if run.diverged is not None else Mistakes.of(run.network)
        finally:
            self.button.disabled = False
        self.redraw()

    def reset(self):
        """The first settings, and nothing trained but these."""
        self._forget()
        self.redraw(**self.initial)

    def _forget(self):
        first = Settings.of(**self.initial)
        self.trained = {first: trained(first)}

    def build(self, figure):
        self._forget()
        losses, wrong = figure.subplots(1, 2, width_ratios=[1.25, 1])
        loss_axes(losses, ITERATIONS, lowest=0.03)
        self.loss_title = self.moving(losses.set_title("loss"))
        self.earlier = self.moving_line(losses, color="0.75", linewidth=1)
        self.curves = {
            name: self.moving_line(losses, **STYLES[name] | {"markersize": 5, "markevery": 5, "linewidth": 2})
            for name in METHODS
        }
        self.note = self.moving(losses.text(0.97, 0.95, "", ha="right", va="top", transform=losses.transAxes))
        blank = mosaic([], COLUMNS, ROWS)
        self.mosaic = self.moving(wrong.imshow(blank, cmap="Greys", vmin=0, vmax=255, interpolation="nearest"))
        wrong.set_axis_off()
        self.wrong_title = self.moving(wrong.set_title("wrong"))
        self.captions = self.moving(
            [wrong.text(x, y, "", ha="center", va="center", fontsize=8) for x, y in places(COLUMNS, ROWS)]
        )

    def draw(self, optimizer, lr, beta, seed):
        settings = Settings.of(optimizer, lr, beta, seed)
        run, mistakes = self.trained.get(settings, (None, None))
        others = [other for key, (other, _) in self.trained.items() if key != settings]
        self._draw_losses(settings, run, others)
        self._draw_mistakes(run, mistakes)
        return self._result(run, mistakes) + (f" Trainings in gray, for comparison: {len(others)}." if others else "")

    def _draw_losses(self, settings, run, others):
        for curve in self.curves.values():
            curve.set_data([], [])
        if run:
            self.curves[settings.optimizer].set_data(*_points(run))
        lines = [np.append(_points(other), [[np.nan], [np.nan]], axis=1) for other in others]
        self.earlier.set_data(*np.concatenate(lines, axis=1) if lines else ([], []))
        self.loss_title.set_text(str(settings))
        if run is None:
            note = "press Train"
        elif run.diverged is not None:
            note = f"diverged at iteration {run.diverged}"
        else:
            note = f"loss {number(round(run.loss(), 3))}, mean of the last 100"
        self.note.set_text(note + "\ngray: earlier trainings" * bool(others))

    def _draw_mistakes(self, run, mistakes):
        captions = mistakes.captions if mistakes else []
        self.mosaic.set_visible(mistakes is not None)
        if mistakes:
            self.mosaic.set_data(mistakes.image)
            self.wrong_title.set_text(f"{mistakes.count} of 10000 test digits are wrong; the surest {len(captions)}")
        else:
            self.wrong_title.set_text("no network to test" if run is None or run.diverged is not None else "training")
        for text, caption in zip(self.captions, captions + [""] * (len(self.captions) - len(captions)), strict=True):
            text.set_text(caption)

    def _result(self, run, mistakes):
        if run is None:
            return "Not trained with these settings yet: press Train."
        if run.diverged is not None:
            return f"Diverged at iteration {run.diverged}: the loss is no finite number any more."
        if mistakes is None:
            return f"Training: {run.done} of {run.iterations} iterations."
        return (
            f"Loss {number(round(run.loss(), 3))}, mean of the last 100 iterations. "
            f"Test accuracy {100 - mistakes.count / 100:.1f}%: {mistakes.count} of 10000 digits are wrong, "
            f"the surest are {', '.join(mistakes.captions)}."
        )


def _points(run):
    """The curve of a Run: iterations and mean losses, shape (2, windows); windows with no finite loss are left out."""
    means = windows(run.losses[: run.done], WINDOW)
    means = means[np.isfinite(means)]
    return np.stack([(np.arange(len(means)) + 0.5) * WINDOW, in_reach(means)])
