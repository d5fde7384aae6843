"""A disk that is full and a folder that is read-only, for real: nothing is lost, and there is a sentence or no need."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from workbench import files
from workbench.data import mnist
from workbench.tutoring import passed

pytestmark = [pytest.mark.machinery, pytest.mark.slow]

resource = pytest.importorskip("resource", reason="only Unix limits the size of files")


@contextlib.contextmanager
def full_disk():
    """No file can grow beyond 10 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def read_only(folder):
    """Nothing can be written to the folder; root, who may do all, is somebody else meanwhile."""
    folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


@pytest.fixture
def folder():
    """A folder that everybody may look into, as pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("trouble", ["full disk", "read-only folder"])
def test_the_progress_stays(folder, monkeypatch, trouble):
    path = folder / "progress.json"
    monkeypatch.setenv(passed.VARIABLE, str(path))
    passed.Progress().add("first")
    path.chmod(0o644)
    before = path.read_bytes()
    progress = passed.Progress()
    with full_disk() if trouble == "full disk" else read_only(folder):
        words = progress.add("second")
        assert progress.passed() == ({"first", "second"}, "")
    assert words.startswith(f"Your progress could not be kept in {path} (")
    assert ("File too large" if trouble == "full disk" else "Permission denied") in words
    assert path.read_bytes() == before
    assert list(folder.iterdir()) == [path]
    assert progress.add("third") == ""
    assert passed.Progress().passed() == ({"first", "second", "third"}, "")


@pytest.fixture
def digits(folder, monkeypatch):
    """The folder with a copy of the gzipped digits, without a cache."""
    shutil.copytree(mnist.FOLDER, folder / "mnist", ignore=shutil.ignore_patterns("cache"))
    monkeypatch.setattr(files, "user_cache", lambda: folder / "user")
    return folder / "mnist"


def test_the_digits_are_read_into_memory(digits, folder):
    with full_disk():
        found = mnist.load(digits)
    assert found.train_images.sum() == mnist.load().train_images.sum()
    assert [path for path in folder.rglob("*-ubyte*") if path.suffix != ".gz"] == []
    assert mnist.load(digits).test_labels.shape == (10000,)
    assert len(list((digits / "cache").iterdir())) == 4


def test_the_digits_are_cached_elsewhere(digits, folder):
    (folder / "user").mkdir()
    (folder / "user").chmod(0o777)
    with read_only(digits):
        found = mnist.load(digits)
    assert found.train_labels.shape == (60000,)
    assert not (digits / "cache").exists()
    assert len(list((folder / "user" / "mnist").iterdir())) == 4
