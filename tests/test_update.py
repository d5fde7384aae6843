"""`make update` in real repositories: whatever the learner did and the course changed, no work is lost.

LEARNERS and COURSES are what each of the two may do to a lesson between two versions; every pair is tried, in a clone,
in a clone with commits of the learner's own, and with two folders without git.
"""

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import build, update

pytestmark = [
    pytest.mark.machinery,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("git"), reason="there is no program git"),
]

IDENTITY = {f"GIT_{who}_{what}": "test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
SKELETON = "def my_bowl(x):\n    return None  # replace this line by your own"
ANSWER = "def my_bowl(x):\n    return x**2  # mine, ½ left out"
LESSON = "02_bowl"


def cell(kind, source):
    made = {"cell_type": kind, "id": update.digest({"cell_type": kind, "source": source}), "metadata": {}}
    return made | {"source": source} | ({"outputs": [], "execution_count": 1} if kind == "code" else {})


def text(*cells):
    return update.written({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def lesson(title="# A bowl", skeleton=SKELETON, check='tutor.check("bowl", my_bowl)'):
    exercise = [cell("markdown", "Write it."), cell("code", skeleton), cell("code", check)] if skeleton else []
    return text(cell("markdown", title), cell("code", "import numpy"), *exercise, cell("markdown", "The end."))


OTHER = text(cell("markdown", "# A valley"), cell("code", "1 + 1"))


def git(*arguments, cwd):
    subprocess.run(["git", *map(str, arguments)], cwd=cwd, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """Git's settings are those of nobody; it tidies nothing up and brings no examples of hooks along."""
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    quick = {"GIT_TEMPLATE_DIR": "", "GIT_CONFIG_COUNT": "1"}
    quick |= {"GIT_CONFIG_KEY_0": "maintenance.auto", "GIT_CONFIG_VALUE_0": "false"}
    for name, value in (IDENTITY | nobody | quick).items():
        monkeypatch.setenv(name, value)


def fill(folder, files):
    """Make the folder hold these files, a dict from names to texts."""
    for path in folder.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            path.unlink()
    for name, contents in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(contents, encoding="utf-8")


def publish(folder, files, message="The course"):
    """Fill a repository and commit all."""
    fill(folder, files)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--allow-empty", f"--message={message}", cwd=folder)


BOWL = lesson()


def course(lesson=BOWL, stem=LESSON):
    """The files of a course, from their names to their texts."""
    files = {"helpers.py": "SGD = 1\n", "notebooks/01_valley.ipynb": OTHER}
    return files | ({f"notebooks/{stem}.ipynb": lesson} if lesson else {})


# What the learner does to a notebook: a function of its cells, or of its path.


def ran(cells):
    for one in cells:
        if one["cell_type"] == "code":
            one |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": ["hello\n"]}], "execution_count": 7}


def answered(cells):
    ran(cells)
    cells[3]["source"] = ANSWER


def added(cells):
    """A cell of one's own between the skeleton and the check."""
    cells.insert(4, cell("code", ANSWER) | {"id": "f3b1c2d4-aaaa-4bbb-8ccc-000000000001"})


def helped(cells):
    """The skeleton filled in, and a second cell that it needs."""
    answered(cells)
    cells.insert(3, cell("code", "HALF = 0.5") | {"id": "0a1b2c3d-aaaa-4bbb-8ccc-000000000002"})


def without_ids(cells):
    """Some front ends drop the ids."""
    answered(cells)
    for one in cells:
        del one["id"]


def checked_another(cells):
    cells.insert(4, cell("code", ANSWER) | {"id": "f3b1c2d4-aaaa-4bbb-8ccc-000000000001"})
    cells[5]["source"] = 'tutor.check("bowl", my_second_bowl)'


def noted(cells):
    cells[0]["source"] += "\n\nMy note."


LEARNERS = [None, ran, answered, added, helped, without_ids, checked_another, noted, "deleted", "damaged"]
ANSWERED = answered, added, helped, without_ids, checked_another

# What the course becomes.
RENEWED = "def my_bowl(x, y):\n    return None  # replace this line by your own"
COURSES = {
    "another lesson new": course() | {"notebooks/03_new.ipynb": OTHER},
    "prose": course(lesson("# A bowl, again")),
    "skeleton": course(lesson(skeleton=RENEWED)),
    "exercise gone": course(lesson(skeleton=None)),
    "exercise moved": course(lesson(skeleton=None)) | {"notebooks/03_hill.ipynb": lesson("# A hill")},
    "deleted": course(None),
    "renumbered": course(stem="05_bowl"),
    "renumbered, prose": course(lesson("# A bowl, again"), stem="05_bowl"),
}


def learn(path, deed):
    """Do to the notebook at `path` what a learner does; returns its bytes then, None for a deleted one."""
    if deed == "deleted":
        path.unlink()
        return None
    if deed == "damaged":
        path.write_text('{"cells": [{"ce', encoding="utf-8")
    elif deed is not None:
        notebook = update.read(path.read_text(encoding="utf-8"))
        deed(notebook["cells"])
        path.write_text(update.written(notebook), encoding="utf-8")
    return path.read_bytes()


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}


def cloned(tmp_path):
    """The folders of the course's repository and of a clone of it."""
    upstream, here = tmp_path / "upstream", tmp_path / "here"
    upstream.mkdir()
    git("init", "--quiet", "--initial-branch=main", cwd=upstream)
    publish(upstream, course())
    git("clone", "--quiet", upstream, here, cwd=tmp_path)
    return upstream, here


def clone_that_is_updated(tmp_path, deed, files, commit):
    """The learner's folder after the update, and the bytes of their notebook before it."""
    upstream, here = cloned(tmp_path)
    before = learn(here / "notebooks" / f"{LESSON}.ipynb", deed)
    (here / "notebooks" / "my own.txt").write_text("mine", encoding="utf-8")
    if commit:
        git("add", "--all", cwd=here)
        git("commit", "--quiet", "--message=my work", cwd=here)
    publish(upstream, files, "The new course")
    assert update.main([], root=here) == 0
    return here, before


def folder_beside(tmp_path, deed, files):
    old, here = tmp_path / "old", tmp_path / "here"
    for folder, contents in (old, course()), (here, files):
        folder.mkdir()
        fill(folder, contents)
    before = learn(old / "notebooks" / f"{LESSON}.ipynb", deed)
    (old / "notebooks" / "my own.txt").write_text("mine", encoding="utf-8")
    untouched = everything(old)
    assert update.main([str(old)], root=here) == 0
    assert everything(old) == untouched
    return here, before


PAIRS = list(itertools.product(LEARNERS, COURSES, ["clone", "folders"]))
PAIRS += itertools.product([None, answered, noted, "deleted", "damaged"], COURSES, ["clone with commits"])


@pytest.mark.parametrize(("deed", "change", "way"), PAIRS, ids=lambda part: getattr(part, "__name__", str(part)))
def test_every_pair(tmp_path, capsys, deed, change, way):
    files = COURSES[change]
    if way == "folders":
        here, before = folder_beside(tmp_path, deed, files)
    else:
        here, before = clone_that_is_updated(tmp_path, deed, files, commit=way != "clone")
    said = capsys.readouterr().out
    notebooks = here / "notebooks"
    # The new course is there, whole, and the lessons that are gone are not.
    stems = {path.stem for path in notebooks.glob("*.ipynb") if not update.KEPT.search(path.stem)}
    assert stems == {Path(name).stem for name in files if name.endswith(".ipynb")}
    for name in files:
        if name.endswith(".ipynb"):
            have, want = (update.read(t)["cells"] for t in ((here / name).read_text(encoding="utf-8"), files[name]))
            sources = [one["source"] for one in have]
            titles = [one["source"] for one in want if one["cell_type"] == "markdown"]
            assert deed is noted or all(title in sources for title in titles)
            assert len({one.get("id") for one in have}) == len(have) or deed is without_ids
    # What the learner wrote for the exercise stands before its check, wherever that is now.
    where = [name for name in files if "tutor.check" in files[name]]
    if deed in ANSWERED and where:
        [name] = where
        cells = update.read((here / name).read_text(encoding="utf-8"))["cells"]
        [place] = [k for k, one in enumerate(cells) if update.exercise(one) == "bowl"]
        assert ANSWER in cells[place - 1]["source"]
        assert deed is not checked_another or "my_second_bowl" in cells[place]["source"]
        assert deed is not helped or "HALF" in "".join(one["source"] for one in cells[:place])
        skeletons = sum(SKELETON in one["source"] for one in cells)
        assert skeletons == (change != "skeleton" and deed in (added, checked_another))
        if change == "skeleton" and deed in (answered, helped):
            assert RENEWED.splitlines()[0] in "".join(one["source"] for one in cells[:place])
    # The old notebook with any work in it is there, byte by byte: in its place, or beside.
    work = deed in (*ANSWERED, noted, "damaged")
    held = [path.name for path, contents in everything(notebooks).items() if contents == before]
    if work:
        assert held
        assert LESSON in said or change == "another lesson new"
        assert any(name in said for name in held) or change in ("another lesson new", "renumbered")
    else:
        assert not list(notebooks.glob("*-before-*"))
    assert (notebooks / "my own.txt").read_text(encoding="utf-8") == "mine"
    # Again: nothing more happens.
    state = everything(here)
    if way != "folders":
        assert update.main([], root=here) == 0
        assert capsys.readouterr().out == "The course is up to date.\n"
        assert everything(here) == state


def test_the_ids_are_those_of_the_build():
    """What the build writes is the course's, and an edited cell is not."""
    notebook = update.read((update.ROOT / "notebooks" / "04_momentum.ipynb").read_text(encoding="utf-8"))
    assert not update.has_work(notebook, set())
    names = [name for one in notebook["cells"] if (name := update.exercise(one))]
    assert len(names) == len(set(names)) >= 2
    place = next(k for k, one in enumerate(notebook["cells"]) if update.exercise(one) == "momentum")
    notebook["cells"][place - 1]["source"] = "class MyMomentum: pass"
    found = update.answers(notebook, set(), {})
    assert list(found) == ["momentum"]
    assert [one["source"] for one in found["momentum"].cells] == ["class MyMomentum: pass"]


def test_notebooks_are_written_as_the_build_writes_them():
    for path in sorted((update.ROOT / "notebooks").glob("*.ipynb"))[:3]:
        contents = path.read_text(encoding="utf-8")
        assert update.written(update.read(contents)) == contents
    assert build  # the module whose notebooks these are


@pytest.mark.parametrize("commit", [False, True])
def test_what_is_no_notebook_is_kept_too(tmp_path, capsys, commit):
    upstream, here = cloned(tmp_path)
    (here / "helpers.py").write_text("SGD = 2  # mine\n", encoding="utf-8")
    if commit:
        git("commit", "--quiet", "--all", "--message=mine", cwd=here)
    (here / "notes.md").write_text("my notes", encoding="utf-8")  # which the course will have, too
    publish(upstream, course() | {"helpers.py": "SGD = 3\n", "notes.md": "the course's"})
    assert update.main([], root=here) == 0
    said = capsys.readouterr().out
    assert "helpers.py: the course has a new one; yours is kept as helpers-before-1.py" in said
    assert (here / "helpers.py").read_text(encoding="utf-8") == "SGD = 3\n"
    assert (here / "helpers-before-1.py").read_text(encoding="utf-8") == "SGD = 2  # mine\n"
    assert (here / "notes.md").read_text(encoding="utf-8") == "the course's"
    assert (here / "notes-before-1.md").read_text(encoding="utf-8") == "my notes"


def test_a_file_that_only_the_learner_changed_stays(tmp_path):
    upstream, here = cloned(tmp_path)
    (here / "helpers.py").write_text("SGD = 2  # mine\n", encoding="utf-8")
    publish(upstream, COURSES["prose"])
    assert update.main([], root=here) == 0
    assert (here / "helpers.py").read_text(encoding="utf-8") == "SGD = 2  # mine\n"
    assert not list(here.glob("*-before-*"))


def stops(arguments, root, capsys):
    state = everything(root)
    assert update.main(arguments, root=root) == 1
    assert everything(root) == state
    return capsys.readouterr().err


def test_where_nothing_can_be_done_it_is_said(tmp_path, capsys, monkeypatch):
    here, old = tmp_path / "here", tmp_path / "old"
    here.mkdir(), old.mkdir()
    assert "is no clone" in stops([], here, capsys)
    assert "no folder notebooks" in stops([str(old)], here, capsys)
    git("init", "--quiet", "--initial-branch=main", cwd=here)
    publish(here, course())
    assert "where this branch comes from" in stops([], here, capsys)
    git("remote", "add", "origin", tmp_path / "nowhere", cwd=here)
    git("config", "branch.main.remote", "origin", cwd=here)
    git("config", "branch.main.merge", "refs/heads/main", cwd=here)
    assert "git" in stops([], here, capsys)
    assert "in the folder of the new course" in stops([str(here)], here, capsys)
    shutil.copytree(here / "notebooks", old / "notebooks")
    learn(here / "notebooks" / f"{LESSON}.ipynb", answered)
    assert "already written" in stops([str(old)], here, capsys)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "There is no program git" in stops([], here, capsys)


def test_a_notebook_that_cannot_be_written_leaves_the_old_ones(tmp_path, monkeypatch, capsys):
    """The copy beside comes first."""
    old, here = tmp_path / "old", tmp_path / "here"
    for folder, contents in (old, course()), (here, COURSES["prose"]):
        folder.mkdir()
        fill(folder, contents)
    before = learn(old / "notebooks" / f"{LESSON}.ipynb", answered)
    state = everything(here)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(update.os, "replace", full)
    assert update.main([str(old)], root=here) == 1
    assert "No space left" in capsys.readouterr().err
    assert {path: held for path, held in everything(here).items() if path.suffix != ".tmp"} == state
    assert (old / "notebooks" / f"{LESSON}.ipynb").read_bytes() == before
    assert json.loads(before)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("04_momentum.ipynb", True),
        ("playground.ipynb", True),
        ("playground-before-1.ipynb", False),
        ("playgrounds.ipynb", False),
        ("notes.ipynb", False),
        ("playground.md", False),
    ],
)
def test_which_notebooks_are_the_courses(name, ours):
    assert update.is_lesson(name) == ours
