"""How long a lesson takes, by one rule for all: what a learner reads, moves, predicts and writes, counted.

The rates are those of a first reading by somebody who is new to the subject: prose with formulas in it at 130 words a
minute (plain English is read at about 240: Brysbaert, Journal of Memory and Language 109, 2019), half a minute for a
formula that stands by itself, five seconds for a line of code, four minutes for a figure to be moved, one for a
prediction, seven for an exercise.
"""

import re

WORDS = 130  # a minute
FORMULA, LINE, FIGURE, PREDICTION, EXERCISE = 1 / 2, 1 / 12, 4, 1, 7  # minutes each
ROUNDED_TO = 5

FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
CODE = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DISPLAYED = re.compile(r"\$\$.*?\$\$", re.DOTALL)
SECTION = re.compile(r"^## ", re.MULTILINE)
MOVED = re.compile(r"^(?:[a-z_]\w*|[A-Z]\w*\(\))\s*\Z", re.MULTILINE)  # the last line of a cell is a live figure
CHECK, PREDICT = "tutor.check(", "tutor.predict("


def estimate(text: str) -> float:
    """Minutes for a part of a lesson.md."""
    cells = CODE.findall(text)
    prose = CODE.sub("", text)
    lines = sum(1 for cell in cells for line in cell.splitlines() if line.strip())
    figures = sum(bool(MOVED.search(cell)) for cell in cells)
    return (
        len(DISPLAYED.sub("", prose).split()) / WORDS
        + len(DISPLAYED.findall(prose)) * FORMULA
        + lines * LINE
        + figures * FIGURE
        + text.count(PREDICT) * PREDICTION
        + text.count(CHECK) * EXERCISE
    )


def minutes(text: str) -> dict[str, int]:
    """Minutes for a lesson.md, rounded to five: its parts "lesson" (all but the next two), and "deeper".

    "Further reading" counts for nothing.
    """
    parts = SECTION.split(FRONT.sub("", text))
    deeper = [part for part in parts if part.startswith("Deeper\n")]
    rest = [part for part in parts if not part.startswith(("Deeper\n", "Further reading\n"))]
    return {
        name: max(1, round(sum(map(estimate, chosen)) / ROUNDED_TO)) * ROUNDED_TO
        for name, chosen in {"lesson": rest, "deeper": deeper}.items()
    }
