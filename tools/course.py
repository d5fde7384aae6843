"""What the folders of the lessons say: their order, titles and headers, and texts with the numbers of lessons in them.

Texts refer to a lesson by its name: {lesson}`momentum` becomes "lesson 04", or "Lesson 04" where a sentence begins with
it, and {number}`momentum` becomes "04". How long a lesson takes is estimated (minutes.py): {minutes}`lesson` becomes
"about 50 minutes", {minutes}`deeper` the same for its part "Deeper".
"""

import difflib
import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import yaml

import lessons
from tools.minutes import minutes

ROOT = Path(__file__).resolve().parent.parent
ROLE = re.compile(r"\{(lesson|number|minutes)\}`([^`\n]*)`")
SENTENCE = re.compile(r"(^|[.?!] )\Z", re.MULTILINE)  # what stands before the first word of one
FRONT = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
ROW = "figure", "alt", "do"  # what the row of a lesson in README.md is made of


class CourseError(Exception):
    """A lesson that is not complete; the message names the file and what is missing."""


def with_numbers(text: str, where: str, lesson: str | None = None) -> str:
    """The text with numbers in place of names and parts; `where` is the file, for the error.

    lesson: the lesson.md that the text speaks of, by default the text itself.
    """
    taken = minutes(text if lesson is None else lesson)

    def written(match):
        role, name = match.groups()
        if role == "minutes":
            if name not in taken:
                raise CourseError(f"{where}: {match[0]}; allowed: {', '.join(taken)}")
            return f"about {taken[name]} minutes"
        if name not in lessons.ORDER:
            near = difflib.get_close_matches(name, lessons.ORDER, n=3) or lessons.ORDER
            raise CourseError(f"{where}: {match[0]} names no lesson; did you mean: {', '.join(near)}?")
        found = {"lesson": lessons.lesson, "number": lessons.number}[role](name)
        return found.capitalize() if SENTENCE.search(text[: match.start()]) else found

    return ROLE.sub(written, text)


@dataclass(frozen=True)
class Lesson:
    """A lesson by its name, in the tree `root`."""

    name: str
    root: Path
    row: ClassVar[tuple] = ROW

    @property
    def called(self) -> str:
        """How messages name its file."""
        return self.file.relative_to(self.root).as_posix()

    @property
    def folder(self) -> Path:
        return self.root / "lessons" / self.name

    @property
    def file(self) -> Path:
        return self.folder / "lesson.md"

    @property
    def number(self) -> str:
        return lessons.number(self.name)

    @property
    def notebook(self) -> Path:
        return self.root / "notebooks" / f"{lessons.stem(self.name)}.ipynb"

    @property
    def picture(self) -> Path:
        """The picture in README.md."""
        return self.root / "docs" / "lessons" / f"{self.name}.png"

    @property
    def label(self) -> str:
        """What stands before the title in README's map."""
        return f"{self.number} "

    @functools.cached_property
    def text(self) -> str:
        """lesson.md as its author wrote it."""
        return self.read(self.file.name)

    def read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise CourseError(f"{self.folder.relative_to(self.root).as_posix()}/{name} is missing") from None

    @property
    def title(self) -> str:
        found = re.search(r"^# (.+)$", self.text, re.MULTILINE)
        if not found:
            raise CourseError(f"{self.called} has no title: a line that starts with `# `")
        return found[1]

    @property
    def minutes(self) -> int:
        """How long the lesson takes, its part "Deeper" left out."""
        return minutes(self.text)["lesson"]

    @functools.cached_property
    def header(self) -> dict:
        """What the header of lesson.md says under `downhill`.

        figure: the class of the live figure in README.md, which the benchmarks move, too; alt: what the picture shows;
        do: the sentence beside it; slider: the control that the benchmarks move, by default the first slider.
        """
        front = FRONT.match(self.text)
        found = (yaml.safe_load(front[1]) if front else {}).get("downhill") or {}
        missing = [key for key in self.row if not isinstance(found.get(key), str)]
        if missing or not found.keys() <= {*self.row, "slider"}:
            raise CourseError(
                f"{self.called}: its header has under `downhill` {', '.join(found) or 'nothing'}; "
                f"needed: {', '.join(self.row)}; allowed: slider"
            )
        return found


class Playground(Lesson):
    """The notebook that is no lesson: it has text and figures, and neither a number nor exercises.

    So it lies beside lessons/, and none of the rules for lessons, whose names are in ORDER, has an exception for it.
    """

    row = "alt", "do"

    def __init__(self, root: Path):
        super().__init__("playground", root)

    @property
    def folder(self) -> Path:
        return self.root / "playground"

    @property
    def file(self) -> Path:
        return self.folder / "playground.md"

    @property
    def notebook(self) -> Path:
        return self.root / "notebooks" / "playground.ipynb"

    label = ""


def course(root: Path = ROOT) -> list[Lesson]:
    """All lessons in their order."""
    return [Lesson(name, root) for name in lessons.ORDER]


def notebooks(root: Path = ROOT) -> list[Lesson]:
    """All that becomes a notebook: the lessons in their order, and the playground."""
    playground = Playground(root)
    return [*course(root), *([playground] if playground.file.is_file() else [])]
