"""The file with the passed exercises: kept between sessions, and no trouble with it loses anything or raises."""

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench import files
from workbench.tutoring import passed
from workbench.tutoring.passed import Progress

pytestmark = pytest.mark.machinery

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "progress.json"
    monkeypatch.setenv(passed.VARIABLE, str(path))
    return path


def test_kept_between_sessions(file):
    assert Progress().passed() == (set(), "")
    assert Progress().add("momentum") == ""
    assert Progress().add("rate") == ""
    assert Progress().passed() == ({"momentum", "rate"}, "")
    assert json.loads(file.read_text()) == {"passed": ["momentum", "rate"]}
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]


@pytest.fixture
def folders(monkeypatch, tmp_path):
    """The file in the user's own folder, and the one that earlier versions kept in Jupyter's."""
    monkeypatch.delenv(passed.VARIABLE)
    monkeypatch.setattr(files, "user_data", lambda: tmp_path / "data")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    earlier = tmp_path / "jupyter" / "downhill" / "progress.json"
    earlier.parent.mkdir(parents=True)
    return tmp_path / "data" / "progress.json", earlier


def test_where_it_lies(folders):
    assert passed.file() == folders[0]
    assert not folders[0].exists()


def test_the_progress_of_an_earlier_version_is_moved_over_once(folders):
    now, earlier = folders
    earlier.write_text('{"passed": ["momentum"]}')
    assert Progress().passed() == ({"momentum"}, "")
    assert now.exists()
    assert not earlier.exists()
    earlier.write_text('{"passed": ["another version again"]}')
    assert Progress().add("rate") == ""
    assert Progress().passed() == ({"momentum", "rate"}, "")
    assert earlier.exists()  # what is there later is left alone


def test_where_nothing_can_be_moved_the_earlier_file_is_used(folders, monkeypatch):
    now, earlier = folders
    earlier.write_text('{"passed": ["momentum"]}')
    now.parent.touch()  # a file where a folder is needed
    assert passed.file() == earlier
    assert Progress().add("rate") == ""
    assert json.loads(earlier.read_text()) == {"passed": ["momentum", "rate"]}


def test_an_empty_name_reads_and_keeps_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv(passed.VARIABLE, "")
    monkeypatch.chdir(tmp_path)
    progress = Progress()
    assert progress.add("momentum") == ""
    assert progress.passed() == ({"momentum"}, "")
    assert Progress().passed() == (set(), "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"passed": 3}',
        b'{"passed": [1]}',
        b'{"other": []}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
    ids=["empty", "cut off", "a list", "null", "a number", "numbers", "another key", "no text", "nested"],
)
def test_a_damaged_file_is_set_aside(file, content):
    file.parent.mkdir()
    file.write_bytes(content)
    names, trouble = Progress().passed()
    assert names == set()
    assert "damaged" in trouble
    assert file.read_bytes() == content

    trouble = Progress().add("momentum")
    aside = file.with_name("progress.json.damaged")
    assert str(aside) in trouble
    assert aside.read_bytes() == content
    assert Progress().passed() == ({"momentum"}, "")


def test_a_second_damaged_file_does_not_replace_the_first(file):
    file.parent.mkdir()
    for content in "one", "two", "three":
        file.write_text(content)
        Progress().add("momentum")
    kept = sorted(path.read_text() for path in file.parent.glob("*.damaged*"))
    assert kept == ["one", "three", "two"]


def test_a_full_disk_leaves_the_old_file(file, monkeypatch):
    Progress().add("momentum")
    before = file.read_bytes()

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    progress = Progress()
    assert "could not be kept" in progress.add("rate")
    assert "No space left on device" in progress.add("rate")
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]
    assert progress.passed() == ({"momentum", "rate"}, "")
    monkeypatch.undo()
    monkeypatch.setenv(passed.VARIABLE, str(file))
    assert progress.add("trajectory") == ""
    assert Progress().passed()[0] == {"momentum", "rate", "trajectory"}  # what could not be kept comes with the next


@pytest.mark.slow
def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "file" / "progress.json"))
    progress = Progress()
    assert "could not be kept" in progress.add("momentum")
    assert "momentum" in progress.passed()[0]


def test_a_file_that_may_not_be_replaced(file, monkeypatch):
    Progress().add("momentum")

    def locked(*arguments):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "replace", locked)
    progress = Progress()
    assert "could not be kept" in progress.add("rate")
    assert progress.passed() == ({"momentum", "rate"}, "")
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]


def test_a_file_that_may_not_be_read(file, monkeypatch):
    Progress().add("momentum")

    def denied(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(type(file), "read_text", denied)
    names, trouble = Progress().passed()
    assert names == set()
    assert "cannot be read (Permission denied)" in trouble
    Progress().add("rate")
    monkeypatch.undo()
    assert json.loads(file.with_name("progress.json.damaged").read_text()) == {"passed": ["momentum"]}


def test_the_tests_themselves_keep_nothing():
    assert os.environ[passed.VARIABLE] == ""
    assert passed.file() is None


def test_two_processes_that_write_at_once_lose_nothing(file):
    """Each keeps its own names, and knows nothing of those that the other has."""
    code = "import sys\nfrom workbench.tutoring.passed import Progress\n"
    code += "for k in range(40): assert Progress().add(f'{sys.argv[1]}{k}') == ''"
    processes = [subprocess.Popen([sys.executable, "-c", code, name], cwd=ROOT) for name in "abc"]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert Progress().passed()[0] == {f"{name}{k}" for name in "abc" for k in range(40)}
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]


def test_a_lock_that_nobody_gives_back_is_waited_for_and_then_left(file, monkeypatch):
    monkeypatch.setattr(files, "LOCK_WAIT", 0.1)
    file.parent.mkdir()
    lock = file.with_name("progress.json.lock")
    lock.touch()
    assert Progress().add("momentum") == ""
    assert Progress().passed()[0] == {"momentum"}
    assert lock.exists()  # it may be somebody's
    os.utime(lock, (time.time() - 60,) * 2)
    Progress().add("rate")
    assert not lock.exists()


def test_hints_and_predictions_are_kept_beside_what_was_passed(file):
    progress = Progress()
    progress.add_hint("momentum", 2)
    progress.add_prediction("first step", "η")
    progress.add("rate")
    again = Progress()
    assert (again.hints("momentum"), again.hints("rate")) == (2, 0)
    assert (again.prediction("first step"), again.prediction("second step")) == ("η", None)
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "passed": ["rate"],
        "predictions": {"first step": "η"},
        "hints": {"momentum": 2},
    }


def test_parts_that_are_not_as_they_were_written_are_left_out(file):
    file.parent.mkdir()
    file.write_text(json.dumps({"passed": ["rate"], "hints": {"rate": "two", "momentum": 1}, "predictions": []}))
    progress = Progress()
    assert progress.passed() == ({"rate"}, "")
    assert (progress.hints("rate"), progress.hints("momentum"), progress.prediction("rate")) == (0, 1, None)
