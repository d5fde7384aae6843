"""CONTRIBUTING.md's steps for a new lesson, taken in a copy of the tree: descent by the sign of the slope.

The copy passes all tests that concern the lesson, so the steps are all that is needed; and a step left out is noticed.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import build

pytestmark = pytest.mark.machinery

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = shutil.ignore_patterns(".*", "build", "cache", "dist", "*.egg-info", "__pycache__", Path(__file__).name)
CONCERNED = "sign or 14_ or [14] or every_lesson_has or every_mistake or belong_together or all_pictures"

FIGURE = '''\
"""Live figure of lesson 14: descent by the sign of the slope."""

import numpy as np

from workbench.words import number
from workbench.live.controls import slider
from workbench.live.figure import LiveFigure


def descend(x, lr, steps):
    """The way down x² from `x` by steps of length `lr`: an array of steps + 1 numbers, the start included."""
    path = [x]
    for _ in range(steps):
        path.append(path[-1] - lr * np.sign(2 * path[-1]))
    return np.array(path)


class SignDescent(LiveFigure):
    """Steps of one length, however steep the curve."""

    title = "Descent on f(x) = x² by the sign of the slope: x after each update."
    steps = 20

    def make_controls(self):
        return {
            "lr": slider("learning rate η", 0.3, 0.05, 1.0, 0.05),
            "start": slider("start x", -5.0, -8.0, 8.0, 0.1, digits=1),
        }

    def build(self, figure):
        axes = figure.subplots()
        axes.set(xlim=(0, self.steps), ylim=(-9, 9), xlabel="update k", ylabel="x")
        axes.grid()
        (self.path,) = self.moving(axes.plot([], [], "-o", color="#000000"))

    def draw(self, lr, start):
        path = descend(start, lr, self.steps)
        self.path.set_data(np.arange(self.steps + 1), path)
        return f"Every step has the length {number(lr)}. After {self.steps} updates x = {number(round(path[-1], 6))}."
'''

EXERCISES = '''\
"""Exercises of lesson 14: an update by the sign of the slope, and how many of them a way takes."""

import math

import numpy as np

from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem

UPDATE = FunctionExercise(
    name="sign update",
    lesson=14,
    task="return x after one step of length lr against the slope g",
    reference=lambda x, g, lr: x - lr * np.sign(g),
    problems=(
        Problem("a step by hand", (3.0, 4.0, 0.5), by_hand=2.5),
        Problem("a slope that falls", (-1.0, -0.2, 0.1)),
    ),
    mistakes=(
        Mistake("uphill", "The slope points uphill: take the step off x.", lambda x, g, lr: x + lr * np.sign(g)),
        Mistake("slope for its sign", "Take np.sign(g), not g.", lambda x, g, lr: x - lr * g),
    ),
    hints=("The length of the step is lr.", "Its direction is np.sign(g).", "`return x - lr * np.sign(g)`"),
)

COUNT = FunctionExercise(
    name="signs on the way",
    lesson=14,
    task="return how many steps of length lr it takes to get to the minimum or beyond",
    reference=lambda distance, lr: math.ceil(distance / lr),
    problems=(
        Problem("four quarters, by hand", (1.0, 0.25), by_hand=4.0),
        Problem("a last step that leads beyond", (1.0, 0.3)),
    ),
    mistakes=(Mistake("rounded down", "Count the last step, too.", lambda distance, lr: distance // lr),),
    hints=("Divide the distance by lr.", "A part of a step is a step: round up.", "`return math.ceil(distance / lr)`"),
)

EXERCISES = UPDATE, COUNT
'''

ANSWERS = """

# Lesson 14

wrong("sign update", "uphill")(lambda x, g, lr: x + np.copysign(lr, g))
wrong("sign update", "slope for its sign")(lambda x, g, lr: x - g * lr)
wrong("signs on the way", "rounded down")(lambda distance, lr: int(distance / lr))
right("sign update")(lambda x, g, lr: x - np.copysign(lr, g))
right("signs on the way")(lambda distance, lr: -int(-distance // lr))
"""

LESSON = """
# Follow the sign alone

## What you will do

- **Do**: walk down a parabola by steps of one length.
- **Learn**: what the sign of a slope is good for, and what it does not tell.
- **Need**: lesson 01, about 45 minutes.

```{code-cell} ipython3
import math

import numpy as np

from workbench.tutoring import tutor
from workbench.explorers.signs import SignDescent, descend
```

## Predict

```{code-cell} ipython3
---
jupyter:
  source_hidden: true
---
tutor.predict("From −5, η = 0.3: how long is the second step?", ["0.3", "3", "2.82"], "0.3", "All steps have length η.")
```

Move the learning rate.

```{code-cell} ipython3
signs = SignDescent()
signs
```

## What you saw

Near the minimum the path jumps to and fro, and the jumps do not get shorter.

```{code-cell} ipython3
end = descend(-5, 0.3, 100)[-2:]
print(f"the last step: from {end[0]:.4g} to {end[1]:.4g}")
assert math.isclose(abs(end[1] - end[0]), 0.3)
```

## Your turn

```{code-cell} ipython3
def my_update(x, g, lr):
    return None  # replace this line by your own
```

```{code-cell} ipython3
tutor.check("sign update", my_update)
```

```{code-cell} ipython3
tutor.hint("sign update")
```

```{code-cell} ipython3
---
jupyter:
  source_hidden: true
---
tutor.check("sign update", lambda x, g, lr: x - lr * np.sign(g), solution=True)
```

```{code-cell} ipython3
def my_count(distance, lr):
    return None  # replace this line by your own
```

```{code-cell} ipython3
tutor.check("signs on the way", my_count)
```

```{code-cell} ipython3
tutor.hint("signs on the way")
```

```{code-cell} ipython3
---
jupyter:
  source_hidden: true
---
tutor.check("signs on the way", lambda distance, lr: math.ceil(distance / lr), solution=True)
```

## When it fails

With a constant η it never comes to rest.

```{code-cell} ipython3
tutor.predictions()
```

```{code-cell} ipython3
tutor.progress(14)
```

## In the wild

Optax has it as `optax.sign_sgd`.

## Further reading

- J. Bernstein and others, *signSGD: Compressed Optimisation for Non-Convex Problems*, 2018.
"""

TEACHING = """
## 14 Follow the sign alone

**Goal.** Say what a step by the sign of the slope can do and what it cannot.

**Time.** 45 minutes to teach; the notebook runs in 2 seconds.

**Misconceptions**

- "The steeper, the longer the step": all steps have one length. `sign update`, "slope for its sign".
- "The slope points down": it points up. `sign update`, "uphill".
- "A step that leads beyond is none": it is counted. `signs on the way`, "rounded down".
- "It comes to rest": it jumps to and fro. *When it fails*.

**Quiz**

1. How long is each step?
2. Which way does it lead?
3. From 1 with 0.3: how many steps lead to 0 or beyond?
4. Does it come to rest?
5. What would help?

**Answers**

1. As long as η.
2. Against the slope.
3. Four.
4. Not with a constant η.
5. A learning rate that falls.
"""

PICTURE = "docs/lessons/signs.SignDescent.png"
ROW = (
    f'| <img src="{PICTURE}" width="300" alt="Steps of one length down to 0, then to and fro around it."> '
    "| **14 [Follow the sign alone](notebooks/14_signs.ipynb)**<br>Move the learning rate and the start. |\n"
)


def edit(file, old, new):
    """Replace the only place where `file` has `old`."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.name} has {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def append(file, text):
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def run(tree, *command):
    """Run a Python command in the copy; its helpers and workbench come first. Returns (exit code, all it printed)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = kept | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout + result.stderr


def the_live_figure(tree):
    (tree / "workbench/explorers/signs.py").write_text(FIGURE, encoding="utf-8")


def the_exercises(tree):
    (tree / "workbench/exercises/signs.py").write_text(EXERCISES, encoding="utf-8")


def the_wrong_answers(tree):
    append(tree / "tests/exercise_cases_networks.py", ANSWERS)


def the_lesson(tree):
    (tree / "lessons/14_signs.md").write_text(build.HEADER + LESSON, encoding="utf-8")


def the_page_for_teachers(tree):
    append(tree / "docs/teaching.md", TEACHING)


def the_map(tree):
    last = re.findall(r"^\| <img .+\n", (tree / "README.md").read_text(encoding="utf-8"), re.MULTILINE)[-1]
    edit(tree / "README.md", last, last + ROW)
    code, said = run(tree, "tools/pictures.py", PICTURE)
    assert code == 0, said


def the_notebook(tree):
    code, said = run(tree, "tools/build.py", "lessons/14_signs.md")
    assert code == 0, said


def the_tests(tree):
    code, said = run_tests(tree, "tests", "notebooks/14_signs.ipynb")
    assert code == 0, said
    passed = set(re.findall(r"^PASSED ([\w/.]+)", said, re.MULTILINE))
    needed = {f"tests/test_{name}.py" for name in ("exercises", "explorers", "notebooks", "readme", "teaching")}
    assert needed | {"notebooks/14_signs.ipynb"} <= passed, said


def run_tests(tree, *what):
    """Run what concerns the lesson, without the browser tests: they take each notebook there is, and half a minute."""
    options = ["-p", "no:cacheprovider", "--color=no", "-rA", "-m", "not browser", "-k", CONCERNED]
    return run(tree, "-m", "pytest", *options, *what)


STEPS = [
    the_live_figure,
    the_exercises,
    the_wrong_answers,
    the_lesson,
    the_page_for_teachers,
    the_map,
    the_notebook,
    the_tests,
]


def test_contributing_names_these_steps_in_this_order():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"^\d\. \*\*(.+)\*\*:", page, re.MULTILINE)
    assert [name.lower().replace(" ", "_") for name in named] == [step.__name__ for step in STEPS]


def test_these_steps_are_enough_and_none_can_be_left_out(tmp_path):
    tree = tmp_path / "downhill"
    shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
    files = "tests/exercise_cases_networks.py", "docs/teaching.md", "README.md"
    before = {name: (tree / name).read_bytes() for name in files}
    for step in STEPS:
        step(tree)

    for name, content in before.items():
        (tree / name).write_bytes(content)
    (tree / "notebooks/14_signs.ipynb").unlink()
    tests = "tests/test_exercises.py", "tests/test_teaching.py", "tests/test_readme.py", "tests/test_notebooks.py"
    _, said = run_tests(tree, *tests)
    failed = set(re.findall(r"^FAILED ([\w/.]+::\w+)", said, re.MULTILINE))
    assert failed >= {
        "tests/test_exercises.py::test_every_mistake_has_an_answer_that_makes_it",
        "tests/test_teaching.py::test_every_lesson_has_its_section_in_order",
        "tests/test_readme.py::test_every_lesson_has_its_row_in_order",
        "tests/test_readme.py::test_all_pictures_are_shown_and_all_that_are_shown_exist",
        "tests/test_notebooks.py::test_lessons_and_notebooks_belong_together",
    }, said
