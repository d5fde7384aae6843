"""The pages that are made from the lessons: the map in README.md, and docs/teaching.md."""

import re
from pathlib import Path

from tools.course import CourseError, course, notebooks, with_numbers

BEGIN = "<!-- The map of the lessons: `make notebooks` writes it, from the header of each lesson. -->\n"
END = "<!-- The end of the map. -->\n"
TEACHING = "<!-- `make notebooks` writes this page, from lessons/teaching.md and lessons/NAME/teaching.md. -->\n"


def readme(root: Path) -> tuple[Path, str]:
    """README.md with a new map between its marks: its path and its text. Raises CourseError, as below."""
    page = (root / "README.md").read_text(encoding="utf-8")
    found = re.fullmatch(f"(.*{re.escape(BEGIN)}).*({re.escape(END)}.*)", page, re.DOTALL)
    if not found:
        raise CourseError(f"README.md: the marks of the map are missing, {BEGIN.strip()} and {END.strip()}")
    return root / "README.md", found[1] + table(root) + found[2]


def table(root: Path) -> str:
    """How long the lessons take, and a row for each, the playground too: its picture, its title, what to do there."""
    minutes = [lesson.minutes for lesson in course(root)]
    rows = [
        f'| <img src="docs/lessons/{lesson.name}.png" width="300" alt="{lesson.header["alt"]}"> '
        f"| **{lesson.label}[{lesson.title}](notebooks/{lesson.notebook.name})**<br>{lesson.header['do']} |\n"
        for lesson in notebooks(root)
    ]
    return (
        "Read the lessons in order; each names what it needs, "
        f"and takes {min(minutes)} to {max(minutes)} minutes with its exercises.\n"
        "On GitHub the notebooks show every figure as a picture, with its settings and results in words below it.\n\n"
        "| figure | lesson |\n|---|---|\n" + "".join(rows)
    )


def teaching(root: Path) -> tuple[Path, str]:
    """docs/teaching.md, an introduction and a section for each lesson under its number and title: its path and text."""
    intro = (root / "lessons" / "teaching.md").read_text(encoding="utf-8")
    parts = [TEACHING + with_numbers(intro, "lessons/teaching.md")]
    for lesson in course(root):
        section = with_numbers(lesson.read("teaching.md"), f"lessons/{lesson.name}/teaching.md", lesson.text)
        parts.append(f"## {lesson.number} {lesson.title}\n\n{section}")
    return root / "docs" / "teaching.md", "\n".join(parts)


PAGES = readme, teaching
