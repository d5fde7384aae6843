"""Answers that learners might write, written before it was decided how they are judged: answers_of_learners/*.txt.

"== NAME" begins an exercise, "-- prelude" code that its answers share; "-- wrong: PATTERN" a wrong answer, with a
regular expression that a true diagnosis of it matches, "-- right" a right one, "-- odd" anything else: it must get a
sentence. The last thing that the code defines, or its last expression, is handed in.
"""

import ast
import linecache
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import helpers
from workbench.networks.gradient_check import numeric_gradient

FOLDER = Path(__file__).resolve().parent / "answers_of_learners"


@dataclass(frozen=True)
class Written:
    """An answer as text. kind: wrong, right or odd. truth: what a true diagnosis of a wrong one matches."""

    exercise: str
    kind: str
    truth: str
    code: str
    line: int

    def answer(self):
        """What the code hands in. Its lines are known, as those of a notebook's cells are."""
        file = f"<answer to {self.exercise}, line {self.line}>"
        linecache.cache[file] = len(self.code), None, self.code.splitlines(keepends=True), file
        names = {"np": np, "helpers": helpers, "numeric_gradient": numeric_gradient, "__name__": "__main__"}
        names |= {"gradient": line_gradient} if self.exercise == "one epoch" else {}
        tree = ast.parse(self.code)
        *before, last = tree.body
        exec(compile(ast.Module(before, []), file, "exec"), names)
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), file, "eval"), names)
        exec(compile(ast.Module([last], []), file, "exec"), names)
        return names[last.name if hasattr(last, "name") else last.targets[0].id]


def line_gradient(w, u, t):
    """The function `gradient` of the lesson on stochastic gradient descent."""
    r = w[0] * u + w[1] - t
    return np.array([np.mean(r * u), np.mean(r)])


def _read(path):
    exercise, prelude, found, lines = "", "", [], path.read_text(encoding="utf-8").splitlines()
    head, body, at = "", [], 0
    for number, line in enumerate([*lines, "== end"], start=1):
        if not re.match(r"== |-- ", line):
            body.append(line)
            continue
        code = "\n".join(body).strip() + "\n"
        if head == "-- prelude":
            prelude = code
        elif head.startswith("-- "):
            kind, _, truth = head.removeprefix("-- ").partition(": ")
            found.append(Written(exercise, kind, truth, prelude + code, at))
        if line.startswith("== "):
            exercise, prelude = line.removeprefix("== "), ""
        head, body, at = line, [], number
    return found


ANSWERS = [answer for path in sorted(FOLDER.glob("*.txt")) for answer in _read(path)]
