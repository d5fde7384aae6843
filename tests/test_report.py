"""What learners hand in, `tutor.report`, and what is made of it for the teacher, tools/collect.py."""

import csv
import html.parser
import json
import re

import nbformat
import pytest

from tools import collect
from workbench import words
from workbench.tutoring import passed, report, tutor
from workbench.tutoring.catalogue import EXERCISES, QUESTIONS
from workbench.tutoring.passed import Progress

pytestmark = pytest.mark.machinery

LIMIT, RATE = EXERCISES["learning-rate limit"], EXERCISES["rate"]
MISTAKE = "best learning rate for the limit"
QUESTION = QUESTIONS["the first update"]


@pytest.fixture
def kernel(monkeypatch, tmp_path):
    """Like a new kernel of a learner; called, like the next one of the same learner."""
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "home" / "progress.json"))

    def start():
        monkeypatch.setattr(tutor, "_progress", Progress())
        monkeypatch.setattr(tutor, "_tried", set())
        monkeypatch.setattr(tutor, "_predictions", {})

    monkeypatch.setattr(words, "WIDTH", 10_000)
    start()
    return start


def right(second_derivative, x):
    return 2 / second_derivative(x)


def half(second_derivative, x):
    return 1 / second_derivative(x)


def work(kernel):
    """What a learner may do: two tries that fail, a hint, a new kernel, one that passes; the solution of another."""
    tutor.check(LIMIT.name, half)
    tutor.check(LIMIT.name, lambda second_derivative, x: 3.3)
    tutor.hint(LIMIT.name)
    kernel()
    tutor.check(LIMIT.name, right)
    tutor.check(LIMIT.name, half)  # after it was passed no try is counted
    tutor.check(LIMIT.name, None)  # is no try
    tutor.solution(RATE.name)
    tutor.solution(RATE.name)
    tutor.predict(QUESTION.name).choose("less than 10°")
    kernel()
    tutor.predict(QUESTION.name).choose(QUESTION.answer)  # the first answer counts


def test_a_report_says_what_was_done(kernel, tmp_path, capsys):
    work(kernel)
    capsys.readouterr()
    tutor.report("Ann Ö", tmp_path)
    path = tmp_path / "report_Ann_Ö.json"
    assert re.sub(r"\s+", " ", capsys.readouterr().out) == (
        f"{path} says of Ann Ö: passed 1 of the exercises begun, 2; predictions made: 1. Hand in this file; "
        "nothing was sent anywhere. "
    )
    found = report.read(path)
    assert found["learner"] == "Ann Ö"
    assert found["exercises"] == {
        LIMIT.name: {
            "lesson": "01",
            "passed": True,
            "tries": 3,
            "hints": 1,
            "solution shown": False,
            "mistakes": [MISTAKE],
        },
        RATE.name: {
            "lesson": "02",
            "passed": False,
            "tries": 0,
            "hints": 0,
            "solution shown": True,
            "mistakes": [],
        },
    }
    assert found["predictions"] == {
        QUESTION.name: {"question": QUESTION.question, "first answer": "less than 10°"},
    }
    assert found["versions"]["exercises"] == report.exercises_digest()
    assert not any(exercise.code in path.read_text() for exercise in EXERCISES.values())


def test_a_report_that_cannot_be_written_is_a_sentence(kernel, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    tutor.report("ann", tmp_path / "file" / "below")
    assert capsys.readouterr().out.startswith("The report could not be written to ")


@pytest.mark.parametrize("learner", [3, "", "  ", [], object()])
def test_what_is_no_name_of_a_learner(kernel, learner, capsys, tmp_path):
    tutor.report(learner, tmp_path)
    assert "allowed: a name, or None" in capsys.readouterr().out
    assert not list(tmp_path.glob("*.json"))


def test_on_a_hub_the_learner_is_its_user(kernel, monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTERHUB_USER", "ben")
    tutor.report(folder=tmp_path)
    assert report.read(tmp_path / "report_ben.json")["learner"] == "ben"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace('"passed": false', '"passed": true'), "was altered after it was written"),
        (lambda text: text[:200], "is not JSON."),
        (lambda text: "[]", "is no report of this course."),
        (lambda text: '{"cells": []}', "is no report of this course."),
        (lambda text: "[" * 100_000, "is not JSON."),
        (lambda text: text + " \n", ""),
    ],
    ids=["altered", "cut off", "a list", "another file", "nested", "a space at the end"],
)
def test_a_file_that_is_no_whole_report(kernel, tmp_path, change, told):
    work(kernel)
    tutor.report("ann", tmp_path / "class")
    path = tmp_path / "class" / "report_ann.json"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    found, troubles = collect.reports(path.parent)
    assert len(found) == (not told)
    assert [trouble.partition(":")[0] for trouble in troubles] == ([f"report_ann.json {told}"] if told else [])


def made(learner, written="2026-01-01", passes=(), tries=(), mistakes=(), given=()):
    """A report of a learner, its digest as it must be."""
    progress = {"passed": set(passes), "hints": {}, "solutions": {}, "predictions": dict(given)}
    progress |= {"tries": dict.fromkeys([*passes, *tries], 2), "mistakes": {name: list(mistakes) for name in tries}}
    found = report.made(learner, progress) | {"written": written}
    return found | {"digest": report.digest(found)}


@pytest.mark.parametrize(
    "change",
    [
        {"learner": 3},
        {"exercises": []},
        {"exercises": {LIMIT.name: None}},
        {"exercises": {LIMIT.name: {"passed": True}}},
        {"exercises": {LIMIT.name: {key: [1] for key in report.EXERCISE}}},
        {"predictions": {QUESTION.name: "less than 10°"}},
        {"written": None},
    ],
    ids=str,
)
def test_a_report_of_another_form_stops_nothing(tmp_path, change):
    """Its digest is as it must be: whoever made it can compute one."""
    odd = made("eve", passes=[LIMIT.name]) | change
    hand_in(tmp_path, odd | {"digest": report.digest(odd)}, made("ann"))
    assert collect.main([str(tmp_path)]) == 0
    assert "0.json has not the form of a report of this course." in (tmp_path / "class.html").read_text("utf-8")


def hand_in(folder, *found):
    for k, one in enumerate(found):
        (folder / f"{k}.json").write_text(json.dumps(one), encoding="utf-8")


class Words(html.parser.HTMLParser):
    """What a page shows, cell by cell, and whether it needs anything else."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.inside, self.loads = [], False, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.loads += [value for name, value in attrs if name in ("src", "href")]
        if tag == "tr":
            self.rows.append([])
        self.inside = tag in ("td", "th")
        if self.inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def test_the_table_of_a_class(tmp_path, capsys):
    hand_in(
        tmp_path,
        made("ben", tries=[LIMIT.name], mistakes=[MISTAKE], given={QUESTION.name: "less than 10°"}),
        made("ann", passes=[LIMIT.name, RATE.name], given={QUESTION.name: QUESTION.answer}),
        made("<b>eve</b>", tries=[LIMIT.name], mistakes=[MISTAKE, "of another version"]),
        made("=1+1", given={QUESTION.name: "no option of it"}),
    )
    assert collect.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("4 learners, 4 reports.\n")
    table = list(csv.DictReader((tmp_path / "class.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["learner"] for row in table] == ["<b>eve</b>", "'=1+1", "ann", "ben"]
    by = {row["learner"]: row for row in table}
    assert [by[name][LIMIT.name] for name in ("ann", "ben", "'=1+1")] == ["1", "0", ""]
    assert (by["ann"]["passed"], by["ann"]["predictions"], by["ann"]["predictions right"]) == ("2", "1", "1")
    assert (by["ben"]["passed"], by["ben"]["predictions"], by["ben"]["predictions right"]) == ("0", "1", "0")
    assert by["'=1+1"]["predictions"] == "0"

    page = (tmp_path / "class.html").read_text(encoding="utf-8")
    shown = Words(page)
    way_out = next(mistake.way_out for mistake in LIMIT.mistakes if mistake.name == MISTAKE)
    assert ["2", LIMIT.name, MISTAKE, way_out] in shown.rows
    assert ["1 of 2", QUESTION.question, QUESTION.answer, "less than 10° (1 learner)"] in shown.rows
    ann = next(row for row in shown.rows if row[:1] == ["ann"])
    assert ann.count("✓ 2") == 2
    assert shown.loads == []
    assert "<b>eve" not in page


def test_several_reports_of_a_learner_are_one(tmp_path):
    one = made("ann", "2026-01-01", passes=[RATE.name], given={QUESTION.name: "less than 10°"})
    two = made("ann", "2026-01-02", passes=[LIMIT.name], tries=[RATE.name], given={QUESTION.name: QUESTION.answer})
    hand_in(tmp_path, two, one)
    learners = collect.by_learner(collect.reports(tmp_path)[0])
    assert list(learners) == ["ann"]
    assert {name: cell["passed"] for name, cell in learners["ann"]["exercises"].items()} == {
        RATE.name: True,
        LIMIT.name: True,
    }
    assert learners["ann"]["predictions"] == {QUESTION.name: "less than 10°"}


def test_a_folder_without_reports(tmp_path, capsys):
    assert collect.main([str(tmp_path)]) == 1
    assert "0 learners, 0 reports." in capsys.readouterr().out
    with pytest.raises(SystemExit):
        collect.main([str(tmp_path / "nowhere")])
    assert "allowed: a folder with reports" in capsys.readouterr().err


@pytest.mark.slow
def test_notebooks_are_executed_each_in_a_process_and_with_a_limit(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "progress.json"))
    first = "from workbench.tutoring import tutor"
    check = f'tutor.check("{LIMIT.name}", lambda second_derivative, x: {{}} / second_derivative(x))'
    for name, cells in {
        "ann/01_gradient_descent": [first, check.format(2)],
        "ben_01_gradient_descent": [
            first,
            check.format(1),
            "1 / 0",
            "import time\nwhile True:\n    time.sleep(1)",
            'tutor.hint("rate")',
        ],
        "eve_01_gradient_descent": [first, "import os\nos._exit(3)"],
        "notes": ["1 / 0"],
    }.items():
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)
    assert collect.main([str(tmp_path), "--execute", "--seconds=5"]) == 0
    table = list(csv.DictReader((tmp_path / "class.csv").read_text().splitlines()))
    assert {row["learner"]: row[LIMIT.name] for row in table} == {"ann": "1", "ben": "0"}
    assert MISTAKE in (tmp_path / "class.html").read_text()
    assert capsys.readouterr().err == "eve_01_gradient_descent.ipynb gave no report (DeadKernelError).\n"
    assert not (tmp_path / "progress.json").exists()


def test_tries_of_two_kernels_are_counted_together(kernel):
    one, two = Progress(), Progress()
    one.add_try("rate", False, "sign kept")
    two.add_try("rate", False, "fastest direction")
    one.add_try("rate", True)
    for progress in one, two, Progress():
        assert progress.all()["tries"] == {"rate": 3}
        assert sorted(progress.all()["mistakes"]["rate"]) == ["fastest direction", "sign kept"]
    assert json.loads(passed.file().read_text())["tries"] == {"rate": 3}
