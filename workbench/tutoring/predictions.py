"""Questions that the learner commits to before a figure answers them, and the summary of them, as widgets."""

import html
from collections.abc import Callable, Iterable, Sequence

import ipywidgets as widgets

from workbench.checks import WORDS, AFunction, Anything, Kind, checked, refuse


class Stated(widgets.VBox):
    """A box of widgets that also states itself in words: what GitHub shows, a screen reader reads, nbval compares."""

    words = ""

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": self.words}


A_PREDICTION = {
    "question": WORDS,
    "options": Kind((list, tuple), "a list of names"),
    "answer": Anything(),  # one of the options
    "why": WORDS,
}


@checked(**A_PREDICTION, told=AFunction())
class Prediction(Stated):
    """A question with a button for each option. The first click counts, then the answer is told and why.

    question, why: sentences. options: names; answer: one of them. told: called after the click, without arguments.
    Raises ValueError when the answer is none of the options, and for anything else that is not as said here.
    """

    def __init__(
        self, question: str, options: Sequence[str], answer: str, why: str, told: Callable[[], None] = lambda: None
    ):
        if not options:
            refuse("options", options, "a list of names, one or more")
        options = [str(option) for option in options]
        if str(answer) not in options:
            raise ValueError(f"answer is {answer!r}; allowed: {', '.join(options)}")
        self.question, self.answer, self.why, self.chosen = question, str(answer), why, None
        self._told = told
        self.words = f"{question}\nOptions: {'; '.join(options)}"
        self.buttons = [widgets.Button(description=option, layout={"width": "auto"}) for option in options]
        for button in self.buttons:
            button.on_click(lambda button: self.choose(button.description))
        text = widgets.HTML(f'<div style="line-height: 1.5">{html.escape(question)}</div>')
        row = widgets.Box(self.buttons, layout={"flex_flow": "row wrap"})
        self.result = widgets.HTML().add_class("prediction-result")
        super().__init__([text, row, self.result])
        self.add_class("prediction")

    @property
    def right(self):
        return self.chosen == self.answer

    def choose(self, option: str) -> None:
        """Commit to an option; a second call changes nothing."""
        if self.chosen is not None:
            return
        self.chosen = option
        for button in self.buttons:
            button.disabled = True
            if button.description == option:
                button.icon = "check" if self.right else "times"
        verdict = "Right." if self.right else f"You chose {option}; it is {self.answer}."
        words = f"{verdict} {self.why}"
        self.words = f"{self.words}\n{words}"
        self.result.value = f'<div role="status" style="line-height: 1.5">{html.escape(words)}</div>'
        self._told()


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
        lines = [self.words, *(f"{p.question} {p.answer}." for p in answered if not p.right)]
        if len(lines) > 1:
            lines.insert(1, "What came out otherwise than you thought:")
        self.words = "\n".join(lines)
        shown = html.escape(self.words).replace("\n", "<br>")
        self._text.value = f'<div role="status" style="line-height: 1.5">{shown}</div>'
