"""The losses of several trainings, drawn while they train."""

from collections.abc import Iterable, Sequence

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from workbench.checks import WORDS, Constraint, Whole, checked, refuse
from workbench.drawing.curves import in_reach, loss_axes, windows
from workbench.drawing.styles import OWN_STYLES, STYLES, with_own
from workbench.live.figure import LiveFigure
from workbench.networks.training import Run


class Names(Constraint):
    """Names of a learner's own optimizers."""

    allowed = f"at most {len(OWN_STYLES)} names, none of {', '.join(STYLES)}"

    def check(self, name, value):
        if isinstance(value, str) or not isinstance(value, Iterable):
            refuse(name, value, self.allowed)
        names = list(value)
        proper = all(isinstance(one, str) and one and one not in STYLES for one in names)
        if not proper or len(names) > len(OWN_STYLES) or len(set(names)) < len(names):
            refuse(name, value, self.allowed)
        return names

    def bad(self):
        return [3, None, "mine", [3], [""], ["Adam"], ["a", "a"], [f"o{k}" for k in range(len(OWN_STYLES) + 1)]]

    def good(self):
        return [["mine"], (), {"a": 1}]


@checked(iterations=Whole(1), window=Whole(1), title=WORDS, own=Names())
class LossCurves(LiveFigure):
    """The losses of several trainings while they train: the `watch` of `compare`.

    It shows itself when it is first called. What a notebook stores of it is one line of text that never changes, since
    the last digits of a training differ from one processor to another.
    iterations: of each training. window: so many losses make a point of a curve. title: what is trained, a sentence.
    own: names of trainings by a learner's own optimizers, beside those of the course's.
    """

    size = (9.0, 3.8)

    def __init__(
        self,
        iterations: int,
        window: int = 50,
        title: str = "Losses of several networks while they train.",
        own: Sequence[str] = (),
    ):
        self.styles = with_own(own)
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
        self.redraw()

    def settings_in_words(self):
        return f"{self.iterations} iterations each"

    def control_box(self):
        return widgets.Box(layout={"display": "none"})

    def build(self, figure):
        axes, results = figure.subplots(1, 2, width_ratios=[1.35, 1])
        loss_axes(axes, self.iterations)
        axes.set_title(f"loss of the batch before each update, means of {self.window}")
        results.set(xlim=(-0.03, 1), ylim=(len(self.styles) - 0.5, -0.5))
        results.set_axis_off()
        self.curves, self.marks, self.results = {}, {}, {}
        for row, (name, style) in enumerate(self.styles.items()):
            look = style | {"markersize": 4, "markevery": max(1, self.iterations // self.window // 10)}
            self.curves[name] = self.moving_line(axes, **look)
            (self.marks[name],) = self.moving(results.plot([0, 0.05, 0.1], 3 * [row], **style))
            self.results[name] = self.moving(results.text(0.13, row, "", va="center", fontsize=8))

    def draw(self):
        for name in self.styles:
            for artist in self.curves[name], self.marks[name], self.results[name]:
                artist.set_visible(name in self.runs)
        lines = {name: self.result(run) for name, run in self.runs.items()}
        for name, run in self.runs.items():
            means = windows(run.losses[: run.done], self.window)
            self.curves[name].set_data((np.arange(len(means)) + 0.5) * self.window, in_reach(means))
            self.results[name].set_text(f"{name}\n{lines[name]}")
        for name in [name for name, run in self.runs.items() if run.failure is not None]:
            self.tell(f"{name} has {lines[name]}.")
        return "\n".join(f"{name}: {line}." for name, line in lines.items())

    def result(self, run: Run) -> str:
        """How far a run is, in words."""
        if run.failure is not None:
            return f"raised {type(run.failure).__name__}: {run.failure}"
        if run.diverged is not None:
            return f"diverged at iteration {run.diverged}"
        if run.done == 0:
            return "waits"
        words = f"{run.done} iterations, loss {run.loss():.2g}"
        if np.isfinite(run.accuracy):
            words += f", test {run.accuracy:.1%}, {run.seconds:.1f} s"
        return words
