"""A file is written whole or not at all: on a full disk, when interrupted, when somebody else was faster."""

import errno
import os
from pathlib import Path

import platformdirs
import pytest

from workbench import files


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "file.json"


def alone(path):
    return [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("contents", [b"\x00\xff\n", "η = 0.1\n"])
def test_all_is_written_and_the_folder_is_made(path, contents):
    files.write(path, b"before")
    files.write(path, contents)
    assert path.read_bytes() == (contents if isinstance(contents, bytes) else contents.encode())
    assert alone(path)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("moment", ["in the middle of writing", "before the old file is replaced"])
def test_a_full_disk_or_an_interrupt_leaves_the_old_file_and_nothing_else(path, monkeypatch, moment, error):
    files.write(path, "before")

    def half(temporary, contents):
        with temporary.open("wb") as stream:
            stream.write(contents[: len(contents) // 2])
        raise error

    def not_replaced(*paths):
        raise error

    with monkeypatch.context() as patch:
        if moment == "in the middle of writing":
            patch.setattr(Path, "write_bytes", half)
        else:
            patch.setattr(os, "replace", not_replaced)
        with pytest.raises(type(error)):
            files.write(path, "after")
    assert path.read_text() == "before"
    assert alone(path)
    files.write(path, "after")
    assert path.read_text() == "after"


@pytest.mark.parametrize(("before", "after"), [(b"\x00\n", b"\x01\n"), ("η = 0.1\n", "η = 0.2\n")])
def test_what_is_as_it_has_to_be_is_left_alone_and_a_check_writes_nothing(path, before, after):
    assert files.update(path, before, check=True) == "out of date"
    assert not path.exists()
    assert files.update(path, before) == "written"
    written = path.stat().st_ino
    assert files.update(path, before) == files.update(path, before, check=True) == "unchanged"
    assert path.stat().st_ino == written
    assert files.update(path, after, check=True) == "out of date"
    assert files.update(path, before) == "unchanged"
    assert files.update(path, after) == "written"
    assert files.update(path, after) == "unchanged"


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        files.write(tmp_path / "file" / "file.json", "contents")


def test_who_was_faster_is_left_alone_where_that_is_asked_for(path):
    def faster():
        path.write_text("faster")
        return True

    files.write(path, "slower", unless=faster)
    assert path.read_text() == "faster"
    assert alone(path)


def test_what_a_killed_process_left_is_removed_once_it_is_old(path):
    files.write(path, "whole")
    young, old = (path.with_name(f"{path.name}.{name}.tmp") for name in ("young", "old"))
    for left in young, old:
        left.touch()
    long_ago = old.stat().st_mtime - files.ABANDONED - 60
    os.utime(old, (long_ago, long_ago))
    files.sweep(path)
    assert young.exists()
    assert not old.exists()
    assert path.read_text() == "whole"
    files.sweep(path.parent / "no such folder" / "file")


def test_the_folders_are_those_of_the_user():
    assert files.user_data() == platformdirs.user_data_path("downhill", appauthor=False)
    assert files.user_cache() == platformdirs.user_cache_path("downhill", appauthor=False)
