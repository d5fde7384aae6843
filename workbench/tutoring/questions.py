"""A question that the learner commits to before a figure answers it: a choice, or a number."""

from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True)
class Question:
    """What `tutor.predict` asks, by its name; the answer is told after the learner's own.

    options: the choices, of which `answer` is one; none where `answer` is a number that the learner types.
    why: a sentence. within: a typed number counts as right up to this factor from the answer; 1 means the very number.
    Raises ValueError when the answer is not one of the options, or no number where there are none.
    """

    _: KW_ONLY
    name: str
    question: str
    answer: str | float
    why: str
    options: tuple[str, ...] = ()
    within: float = 1.0

    def __post_init__(self):
        if self.options and self.answer not in self.options:
            raise ValueError(f"answer of {self.name!r} is {self.answer!r}; allowed: {', '.join(self.options)}")
        if not self.options and not isinstance(self.answer, int | float):
            raise ValueError(f"answer of {self.name!r} is {self.answer!r}; allowed: a number, or one of some options")
        if not self.within >= 1:
            raise ValueError(f"within of {self.name!r} is {self.within!r}; allowed: 1 or larger")

    def right(self, given: str | float) -> bool:
        """Whether what the learner chose or typed counts as right."""
        if self.options or given == self.answer:
            return given == self.answer
        return min(given, self.answer) > 0 and max(given, self.answer) / min(given, self.answer) <= self.within

    def told(self, given: str | float) -> str:
        """The answer and why, as a reply to what the learner chose or typed."""
        if self.right(given):
            exactly = "" if self.options or given == self.answer else f" It is {_number(self.answer)}."
            return f"Right.{exactly} {self.why}"
        if self.options:
            return f"You chose {given}; it is {self.answer}. {self.why}"
        return f"You said {_number(given)}, it is {_number(self.answer)}: {self._distance(given)}. {self.why}"

    def _distance(self, given):
        if min(given, self.answer) > 0:
            times = max(given, self.answer) / min(given, self.answer)
            return f"{times:,.2g} times too {'much' if given > self.answer else 'little'}"
        return f"{_number(abs(given - self.answer))} too {'much' if given > self.answer else 'little'}"


def _number(value):
    return f"{value:,.6g}".replace("-", "−")
