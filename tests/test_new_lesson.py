"""CONTRIBUTING.md's steps for a new lesson, taken in a copy of the tree: descent by the sign of the slope.

The copy passes all tests that concern the lesson, so the steps are all that is needed; and a part left out is noticed.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest

from lessons import ORDER, number, stem
from tools import build
from tools.course import ROOT

pytestmark = [pytest.mark.machinery, pytest.mark.slow]

SIGNS = "-p", "tests.one_lesson", "--lesson=signs"
NOT_COPIED = shutil.ignore_patterns(".*", "build", "cache", "dist", "*.egg-info")

FIGURE = '''\
"""Live figure: descent by the sign of the slope."""

import numpy as np

from lessons.signs.experiments import descend
from workbench.words import number
from workbench.live.controls import slider
from workbench.live.figure import LiveFigure


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

EXPERIMENTS = '''\
"""Descent by the sign of the slope."""

import numpy as np

from workbench.checks import ABOVE_0, FINITE, Whole, checked


@checked(x=FINITE, lr=ABOVE_0, steps=Whole(0, 10_000))
def descend(x, lr, steps):
    """The way down x² from `x` by steps of length `lr`: an array of steps + 1 numbers, the start included."""
    path = [x]
    for _ in range(steps):
        path.append(path[-1] - lr * np.sign(2 * path[-1]))
    return np.array(path)
'''

EXERCISES = '''\
"""Exercises: an update by the sign of the slope, and how many of them a way takes."""

import math

import numpy as np

from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem
from workbench.tutoring.questions import Question


def my_update(x, g, lr):
    return x - lr * np.sign(g)


UPDATE = FunctionExercise(
    name="sign update",
    task="return x after one step of length lr against the slope g",
    reference=my_update,
    solution=my_update,
    problems=(
        Problem("a step by hand", (3.0, 4.0, 0.5), by_hand=2.5),
        Problem("a slope that falls", (-1.0, -0.2, 0.1)),
    ),
    mistakes=(
        Mistake("uphill", "The slope points uphill: take the step off x.", lambda x, g, lr: x + lr * np.sign(g)),
        Mistake("slope for its sign", "Take np.sign(g), not g.", lambda x, g, lr: x - lr * g),
    ),
    hints=("The length of the step is lr.", "Its direction is np.sign(g).", "return x - lr * np.sign(g)"),
)


def my_count(distance, lr):
    return math.ceil(distance / lr)


COUNT = FunctionExercise(
    name="signs on the way",
    task="return how many steps of length lr it takes to get to the minimum or beyond",
    reference=my_count,
    solution=my_count,
    problems=(
        Problem("four quarters, by hand", (1.0, 0.25), by_hand=4.0),
        Problem("a last step that leads beyond", (1.0, 0.3)),
    ),
    mistakes=(Mistake("rounded down", "Count the last step, too.", lambda distance, lr: distance // lr),),
    hints=("Divide the distance by lr.", "A part of a step is a step: round up.", "return math.ceil(distance / lr)"),
)

EXERCISES = UPDATE, COUNT
QUESTIONS = (
    Question(
        name="second step by the sign",
        question="From −5, η = 0.3: how long is the second step?",
        options=("0.3", "3", "2.82"),
        answer="0.3",
        why="All steps have length η.",
    ),
)
'''

ANSWERS = '''\
"""Answers to the exercises, as a learner would write them."""

import numpy as np

from workbench.tutoring.answers import right, wrong

wrong("sign update", "uphill")(lambda x, g, lr: x + np.copysign(lr, g))
wrong("sign update", "slope for its sign")(lambda x, g, lr: x - g * lr)
wrong("signs on the way", "rounded down")(lambda distance, lr: int(distance / lr))
right("sign update")(lambda x, g, lr: x - np.copysign(lr, g))
right("signs on the way")(lambda distance, lr: -int(-distance // lr))
'''

HEADER = """\
---
downhill:
  alt: Steps of one length down to 0, then to and fro around it.
  do: Move the learning rate and the start.
  figure: SignDescent
"""

LESSON = """
# Follow the sign alone

## What you will do

- **Do**: walk down a parabola by steps of one length.
- **Learn**: what the sign of a slope is good for, and what it does not tell.
- **Need**: {lesson}`gradient_descent`, {minutes}`lesson`.

```{code-cell} ipython3
import math

import numpy as np

from workbench.tutoring import tutor
from lessons.signs.experiments import descend
from lessons.signs.figures import SignDescent
```

## Predict

```{code-cell} ipython3
tutor.predict("second step by the sign")
```

Move the learning rate. The steps change their length, but the path always ends beside the minimum.

```{code-cell} ipython3
SignDescent()
```

## What you saw

Near the minimum the path jumps to and fro.
The jumps do not get shorter, because a sign says nothing of how steep it is.

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
def my_count(distance, lr):
    return None  # replace this line by your own
```

```{code-cell} ipython3
tutor.check("signs on the way", my_count)
```

## When it fails

With a constant η it never comes to rest. A learning rate that falls would bring it there.

```{code-cell} ipython3
tutor.predictions()
```

```{code-cell} ipython3
tutor.progress("signs")
```

## In the wild

Optax has it as `optax.sign_sgd`.

## Further reading

- J. Bernstein and others, *signSGD: Compressed Optimisation for Non-Convex Problems*, 2018.
"""

TEACHING = """\
**Goal.** Say what a step by the sign of the slope can do and what it cannot.

**Time.** {minutes}`lesson` to teach; the notebook runs in 2 seconds.

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

FILES = {
    "lesson.md": HEADER + build.SETTINGS + LESSON,
    "figures.py": FIGURE,
    "experiments.py": EXPERIMENTS,
    "exercises.py": EXERCISES,
    "answers.py": ANSWERS,
    "teaching.md": TEACHING,
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of all that git would take along, and of the bytecode: it spares each run in the copy seconds."""
    copy = tmp_path_factory.mktemp("tree") / "downhill"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    return copy


def run(tree, *command):
    """Run a Python command in the copy; its helpers, lessons and workbench come first. Returns (exit code, output)."""
    left_out = "PYTEST_", "PYTHONDONTWRITEBYTECODE"  # the next run imports what this one has compiled
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    environment |= {"PYTHONPATH": str(tree)}
    result = subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout + result.stderr


def run_tests(tree, *what):
    """Run tests in the copy, without the browser's: they take each notebook there is. Returns (exit code, output)."""
    return run(tree, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", "-rA", "-m", "not browser", *what)


def named(said, result):
    """The tests that a report lists with a result, without their parameters."""
    return set(re.findall(rf"^{result} ([\w/.]+(?:::\w+)?)", said, re.MULTILINE))


def edit(file, old, new):
    """Replace the only place where `file` has `old`."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.name} has {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def add(tree):
    """The folder, and the word in ORDER."""
    folder = tree / "lessons" / "signs"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    edit(tree / "lessons" / "__init__.py", f'    "{ORDER[-1]}",\n', f'    "{ORDER[-1]}",\n    "signs",\n')


def test_contributing_names_the_files_of_a_lesson_and_the_steps():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\d\. (.+)", page, re.MULTILINE)
    assert [
        step
        for step, needed in zip(steps, ("lessons/NAME/", "ORDER", "make notebooks", "make test"), strict=True)
        if needed not in step
    ] == []
    assert set(re.findall(r"^ {4}(\w+\.\w+) ", page, re.MULTILINE)) >= FILES.keys()


def test_a_folder_a_word_and_a_build_are_enough(tree):
    add(tree)
    _, said = run_tests(tree, *SIGNS, "tests/test_notebooks.py", "tests/test_readme.py")
    assert named(said, "FAILED") >= {
        "tests/test_notebooks.py::test_folders_lessons_and_notebooks_belong_together",
        "tests/test_notebooks.py::test_the_pages_are_those_of_the_lessons",
        "tests/test_readme.py::test_every_lesson_has_its_row_in_order",
        "tests/test_readme.py::test_the_picture_is_that_of_the_figure",
    }, said

    code, said = run(tree, "-m", "tools.build", "signs")
    assert code == 0, said
    notebook = f"notebooks/{len(ORDER) + 1:02}_signs.ipynb"
    code, said = run_tests(tree, *SIGNS, "tests", notebook)
    assert code == 0, said
    needed = {
        f"tests/test_{name}.py" for name in ("exercises", "explorers", "notebooks", "readme", "teaching", "imports")
    }
    assert needed | {notebook} <= {name.split("::")[0] for name in named(said, "PASSED")}, said


def test_a_part_left_out_is_noticed(tree):
    """In the copy as the test above has left it, or, in another process than that, in one with the lesson not built."""
    folder = tree / "lessons" / "signs"
    if not folder.exists():
        add(tree)
    wrong = 'wrong("sign update", "uphill")'
    edit(folder / "answers.py", wrong, f"# {wrong}")
    edit(folder / "lesson.md", 'tutor.predict("second step by the sign")', "")
    edit(tree / "lessons" / "__init__.py", '    "adam",\n', "")
    _, said = run_tests(
        tree, "tests/test_exercises.py", "-k", "every_mistake or signs or belong_together", "tests/test_notebooks.py"
    )
    assert named(said, "FAILED") >= {
        "tests/test_exercises.py::test_every_mistake_has_an_answer_that_makes_it",
        "tests/test_exercises.py::test_an_exercise_is_one_cell_to_write_and_one_to_check",
        "tests/test_notebooks.py::test_folders_lessons_and_notebooks_belong_together",
    }, said
    (folder / "teaching.md").unlink()
    code, said = run(tree, "-m", "tools.build", "--pages")
    assert code == 1
    assert "lessons/signs/teaching.md is missing" in said


# Building without running: a notebook gets the outputs that it has, under whatever number.
REBUILD = """
import nbformat
from tools import build, pictures

paths = (build.ROOT / "notebooks").glob("*.ipynb")
before = {path.stem.lstrip("0123456789_"): nbformat.read(path, 4) for path in paths}

def take_over(notebook, name, folder):
    for cell, other in zip(notebook.cells, before[name.split("/")[0]].cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = other.outputs, other.execution_count

build.execute = take_over
pictures.update = lambda lesson: "unchanged"
raise SystemExit(build.main([]))
"""


def test_moving_a_lesson_takes_its_place_in_the_order_and_a_build(tmp_path):
    """AdaGrad after RMSProp: all texts say so. Only the moved lesson runs again: of the others only words change."""
    tree, sooner, later = tmp_path / "downhill", number("adagrad"), number("rmsprop")
    shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
    edit(tree / "lessons" / "__init__.py", '    "adagrad",\n    "rmsprop",\n', '    "rmsprop",\n    "adagrad",\n')
    code, said = run(tree, "-c", REBUILD)
    assert code == 0, said
    assert {line.split()[0] for line in said.splitlines() if "removed" in line} == {stem("adagrad"), stem("rmsprop")}
    code, said = run(tree, "-m", "tools.build", "adagrad")
    assert code == 0, said

    names = "notebooks", "teaching", "readme", "benchmarks", "tutor"
    tests = [f"tests/test_{name}.py" for name in names]
    code, said = run_tests(tree, *tests, f"notebooks/{later}_adagrad.ipynb", "-k", "not the_picture_is_that")
    assert code == 0, said
    text = (tree / "notebooks" / f"{stem('adam')}.ipynb").read_text(encoding="utf-8")
    assert f"lesson {sooner}" in text  # RMSProp's number, which adam names
    assert f"lesson {later}" not in text
    assert f"Lesson {later}: 0 of 3" in (tree / "notebooks" / f"{later}_adagrad.ipynb").read_text(encoding="utf-8")
    code, said = run(tree, "-c", "from lessons.rmsprop import exercises as e; print([x.hints for x in e.EXERCISES])")
    assert code == 0, said
    assert f"AdaGrad of lesson {later}" in said
