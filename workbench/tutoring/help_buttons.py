"""The buttons below a checked exercise: a hint, the next one, and the solution as code."""

import html
from collections.abc import Callable

import ipywidgets as widgets

from workbench.tutoring.predictions import Stated, status


class HelpButtons(Stated):
    """Hint and Solution of the exercise `name`; each asks a function for what to show: (words, code).

    Where no buttons can be shown, the words say how to call the same by name.
    """

    def __init__(self, name: str, hint: Callable[[str], tuple], solution: Callable[[str], tuple]):
        self.words = f'Hint: tutor.hint("{name}"). Solution: tutor.solution("{name}").'
        self.hint = widgets.Button(description="Hint", tooltip=f"a hint for {name}", layout={"width": "auto"})
        self.solution = widgets.Button(
            description="Solution", tooltip=f"the solution of {name}", layout={"width": "auto"}
        )
        self.hint.on_click(lambda _: self._show(*hint(name)))
        self.solution.on_click(lambda _: self._show(*solution(name)))
        self.shown = widgets.HTML().add_class("exercise-help")
        super().__init__([widgets.Box([self.hint, self.solution]), self.shown])
        self.add_class("exercise")

    def _show(self, words, code):
        below = f'<pre style="line-height: 1.3">{html.escape(code)}</pre>' if code else ""
        self.shown.value = status(words) + below
