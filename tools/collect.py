"""Make a table of the class from what learners hand in: python -m tools.collect FOLDER [--execute]

FOLDER holds the files that `tutor.report()` wrote, at any depth. Two files are written to it: class.csv, a line a
learner and a column an exercise (1 passed, 0 tried, empty neither), and class.html, which needs nothing else: learners
and exercises, the named mistakes with how many met each, the predictions with how many were right.

With --execute the notebooks in FOLDER are executed instead, each in a process of its own, and what their checks say is
the report; ann_04_momentum.ipynb and ann/04_momentum.ipynb are of ann. This runs what learners wrote with the rights of
whoever runs it: for a class that you do not know, do it in a container.
"""

import argparse
import csv
import html
import io
import os
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tools.course import ROOT
from workbench import files
from workbench.tutoring import passed, report
from workbench.tutoring.catalogue import ALL, ALL_QUESTIONS, COURSE, LESSONS

SECONDS = 60  # that a cell may take, by default
NOTEBOOK = re.compile(r"(?:(?P<learner>.+?)_)?(?P<notebook>\d\d_\w+)")
STYLE = """
body { font: 16px/1.5 sans-serif; margin: 2em; max-width: 75em; color: #111; background: #fff }
table { border-collapse: collapse; margin: 1em 0 } .wide { overflow-x: auto }
th, td { border: 1px solid #999; padding: .2em .5em; text-align: left; vertical-align: top }
.wide td { text-align: center; white-space: nowrap } .wide thead th { writing-mode: vertical-rl }
th { background: #eee }
"""


# What was handed in


def reports(folder: Path) -> tuple[list[dict], list[str]]:
    """All reports in a folder, and a sentence on each file that is none or was altered."""
    found, troubles = [], []
    for path in sorted(folder.rglob("*.json")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        try:
            found.append(report.read(path))
        except (ValueError, OSError) as error:
            troubles.append(f"{path.relative_to(folder)} {error}.")
    return found, troubles


def executed(folder: Path, seconds: float = SECONDS) -> tuple[list[dict], list[str]]:
    """The reports of all notebooks in a folder, executed, and a sentence on each that gave none."""
    found, troubles = [], []
    for path in sorted(folder.rglob("*.ipynb")):
        match = NOTEBOOK.fullmatch(path.stem)
        if match is None or ".ipynb_checkpoints" in path.parts:
            continue
        learner = match["learner"] or path.parent.name
        print(f"{learner}: {path.name}", flush=True)
        try:
            found.append(execute(path, learner, seconds))
        except Exception as error:  # of somebody's notebook, or of its kernel: the others are to be seen all the same
            troubles.append(f"{path.relative_to(folder)} gave no report ({type(error).__name__}).")
    return found, troubles


def execute(path: Path, learner: str, seconds: float) -> dict:
    """The report of a learner's notebook, executed in a process of its own, `seconds` for each cell."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        last = f"from workbench.tutoring import tutor\ntutor.report({learner!r}, {folder!r})"
        notebook.cells.append(nbformat.v4.new_code_cell(last))
        client = NotebookClient(
            notebook,
            timeout=seconds,
            interrupt_on_timeout=True,
            error_on_timeout={"ename": "CellTimeoutError", "evalue": "", "traceback": []},
            allow_errors=True,
            resources={"metadata": {"path": folder}},
        )
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        client.execute(env=os.environ | {passed.VARIABLE: "", "PYTHONPATH": os.pathsep.join(paths)})
        (written,) = Path(folder).glob("report_*.json")
        return report.read(written)


def by_learner(found: list[dict]) -> dict[str, dict]:
    """{learner: {"exercises", "predictions"}}, all reports of one together: what was passed stays so, the latest of
    the rest counts, and of predictions the first."""
    together = {}
    for one in sorted(found, key=lambda one: one["written"]):
        of = together.setdefault(one["learner"], {"exercises": {}, "predictions": {}})
        for name, now in one["exercises"].items():
            before = of["exercises"].get(name)
            of["exercises"][name] = before if before and before["passed"] and not now["passed"] else now
        first = {name: told["first answer"] for name, told in one["predictions"].items()}
        of["predictions"] = first | of["predictions"]
    return dict(sorted(together.items()))


# What is made of it


def as_csv(learners: dict[str, dict]) -> str:
    """The table for programs; spreadsheets read it, too."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["learner", *(exercise.name for exercise in ALL), "passed", "predictions", "predictions right"])
    for learner, one in learners.items():
        cells = [one["exercises"].get(exercise.name) for exercise in ALL]
        marks = ["" if cell is None or not cell["tries"] else int(cell["passed"]) for cell in cells]
        right = sum(question.right(given) for question, given in answers(one))
        table.writerow([_plain(learner), *marks, marks.count(1), len(answers(one)), right])
    return text.getvalue()


def _plain(name):
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in "=+-@\t\r" else name


def answers(one: dict) -> list[tuple]:
    """The predictions of a learner: pairs of a question and what was answered, where that can be an answer."""
    given = [(question, one["predictions"].get(question.name)) for question in ALL_QUESTIONS]
    return [(q, a) for q, a in given if (a in q.options if q.options else isinstance(a, int | float))]


def as_page(learners: dict[str, dict], troubles: list[str]) -> str:
    """The page for the teacher: what to explain tomorrow comes first."""
    parts = [f"<h1>The class: {_count(len(learners), 'learner')}</h1>"]
    if troubles:
        parts.append("<h2>Files that could not be read</h2>" + _list(troubles))
    parts += ["<h2>Mistakes that were made</h2>", _mistakes(learners)]
    parts += ["<h2>Predictions</h2>", _predictions(learners), "<h2>Learners and exercises</h2>", _exercises(learners)]
    head = f'<meta charset="utf-8"><title>The class</title><style>{STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(parts) + "\n</body></html>\n"


def _mistakes(learners):
    rows = []
    for exercise in ALL:
        met = Counter(
            name for one in learners.values() for name in one["exercises"].get(exercise.name, {}).get("mistakes", ())
        )
        ways = {mistake.name: mistake.way_out for mistake in exercise.mistakes}
        rows += [(met[name], exercise.name, name, way) for name, way in ways.items() if met[name]]
    if not rows:
        return "<p>None that has a name.</p>"
    rows.sort(key=lambda row: -row[0])
    return _table(("learners", "exercise", "mistake", "way out"), rows)


def _predictions(learners):
    rows = []
    for question in ALL_QUESTIONS:
        given = [a for one in learners.values() for q, a in answers(one) if q is question]
        right = sum(map(question.right, given))
        wrong = Counter(a for a in given if not question.right(a)).most_common(1)
        often = f"{wrong[0][0]} ({_count(wrong[0][1], 'learner')})" if wrong else ""
        if given:
            rows.append((right / len(given), right, len(given), question.question, str(question.answer), often))
    if not rows:
        return "<p>Nobody has made one yet.</p>"
    rows = [(f"{right} of {count}", *words) for _, right, count, *words in sorted(rows, key=lambda row: row[0])]
    return _table(("right", "question", "answer", "most frequent other answer"), rows)


def _exercises(learners):
    legend = (
        "<p>✓ passed, ✗ tried, and after how many tries; h: hints that were looked at, s: the solution was shown.</p>"
    )
    names = "".join(
        f'<th scope="col">{html.escape(f"{COURSE.number(lesson)} {exercise.name}")}</th>'
        for lesson, exercises in LESSONS.items()
        for exercise in exercises
    )
    body = "".join(
        f'<tr><th scope="row">{html.escape(learner)}</th>'
        + "".join(f"<td>{_mark(one['exercises'].get(exercise.name))}</td>" for exercise in ALL)
        + "</tr>\n"
        for learner, one in learners.items()
    )
    table = f'<table><thead><tr><th scope="col">learner</th>{names}</tr></thead><tbody>\n{body}</tbody></table>'
    return f'{legend}<div class="wide">{table}</div>'


def _mark(cell):
    if cell is None:
        return ""
    marks = [f"{'✓' if cell['passed'] else '✗'} {cell['tries']}"] if cell["tries"] else []
    marks += [f"h{cell['hints']}"] if cell["hints"] else []
    return " ".join(marks + (["s"] if cell["solution shown"] else []))


def _table(heads, rows):
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(x))}</td>" for x in row) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>\n{body}</tbody></table>"


def _list(sentences):
    return "<ul>" + "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences) + "</ul>"


def _count(n, what):
    return f"{n} {what}{'' if n == 1 else 's'}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns 0 when there was something to make a table of."""
    parser = argparse.ArgumentParser(description="Make a table of the class from the reports of learners.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--execute", action="store_true", help="execute the notebooks in FOLDER instead")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="that a cell may take (default: %(default)s)")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        parser.error(f"FOLDER is {str(options.folder)!r}; allowed: a folder with reports")
    found, troubles = executed(options.folder, options.seconds) if options.execute else reports(options.folder)
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    learners = by_learner(found)
    for name, text in ("class.csv", as_csv(learners)), ("class.html", as_page(learners, troubles)):
        files.write(options.folder / name, text)
        print(options.folder / name)
    print(f"{_count(len(learners), 'learner')}, {_count(len(found), 'report')}.")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
