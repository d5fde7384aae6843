"""Questions that the learner commits to before a figure answers them, and the summary of them, as widgets."""

import html
import math
from collections.abc import Callable, Iterable

import ipywidgets as widgets

from workbench.tutoring.questions import Question


class Stated(widgets.VBox):
    """A box of widgets that also states itself in words: what GitHub shows, a screen reader reads, nbval compares."""

    words = ""

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": self.words}


def status(text: str) -> str:
    """A text as HTML that screen readers read when it changes."""
    return f'<div role="status" style="line-height: 1.5">{html.escape(text)}</div>'


class Prediction(Stated):
    """A Question with a button for each option, or a field for a number. The first answer counts, then it is told why.

    told: called with the answer, after it was given.
    """

    def __init__(self, question: Question, told: Callable[[str | float], None] = lambda given: None):
        self.question, self.chosen = question, None
        self._told = told
        if question.options:
            self.words = f"{question.question}\nOptions: {'; '.join(question.options)}"
            self.buttons = [widgets.Button(description=option, layout={"width": "auto"}) for option in question.options]
            for button in self.buttons:
                button.on_click(lambda button: self.choose(button.description))
            fields = self.buttons
        else:
            self.words = f"{question.question}\nYour answer is a number."
            self.field = widgets.Text(placeholder="a number", description="Your number:", layout={"width": "16em"})
            self.field.style.description_width = "initial"
            button = widgets.Button(description="Commit", layout={"width": "auto"})
            button.on_click(lambda button: self._read())
            self.buttons, fields = [button], [self.field, button]
        text = widgets.HTML(f'<div style="line-height: 1.5">{html.escape(question.question)}</div>')
        row = widgets.Box(fields, layout={"flex_flow": "row wrap"})
        self.result = widgets.HTML().add_class("prediction-result")
        super().__init__([text, row, self.result])
        self.add_class("prediction")

    @property
    def right(self):
        return self.chosen is not None and self.question.right(self.chosen)

    def choose(self, given: str | float) -> None:
        """Commit to an option, or to a number; a second call changes nothing."""
        if self.chosen is not None:
            return
        self.chosen = given
        for button in self.buttons:
            button.disabled = True
            if button.description in (given, "Commit"):
                button.icon = "check" if self.right else "times"
        if not self.question.options:
            self.field.value, self.field.disabled = f"{given:,.6g}", True
        words = self.question.told(given)
        self.words = f"{self.words}\n{words}"
        self.result.value = status(words)
        self._told(given)

    def _read(self):
        """Commit to what stands in the field, where it is a number."""
        try:
            number = float(self.field.value.strip().replace(",", "").replace("−", "-"))
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            self.choose(number)
        else:
            self.result.value = status("The answer is a number, such as 40 or 0.5.")


class Summary(Stated):
    """How many of the predictions were answered, and how many of these were right; it follows later clicks."""

    def __init__(self, predictions: Iterable[Prediction]):
        self._predictions = predictions
        self._text = widgets.HTML().add_class("prediction-summary")
        super().__init__([self._text])
        self.update()

    def update(self):
        answered = [p for p in self._predictions if p.chosen is not None]
        right = sum(p.right for p in answered)
        self.words = f"Predictions: {len(answered)} of {len(self._predictions)} answered"
        self.words += f", {right} right." if answered else "."
        lines = [self.words, *(f"{p.question.question} {p.question.answer}." for p in answered if not p.right)]
        if len(lines) > 1:
            lines.insert(1, "What came out otherwise than you thought:")
        self.words = "\n".join(lines)
        shown = html.escape(self.words).replace("\n", "<br>")
        self._text.value = f'<div role="status" style="line-height: 1.5">{shown}</div>'
