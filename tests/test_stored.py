"""The stored runs: as they were stored, or refused with a sentence that says how to restore them."""

import json
import shutil
from pathlib import Path

import pytest

from workbench.data import stored

pytestmark = pytest.mark.machinery

JSON, NPZ = "normalization", "generalization"
LESSONS = stored.FOLDER
FILES = {"json": (JSON, stored.load), "npz": (NPZ, stored.arrays)}
STORED = sorted(path for path in LESSONS.glob("*/stored.*") if path.suffix != ".sha256")
both = pytest.mark.parametrize("kind", FILES)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of two of the files, and nothing read before."""
    for kind, (name, _) in FILES.items():
        (tmp_path / name).mkdir()
        for ending in kind, "sha256":
            shutil.copy(LESSONS / name / f"stored.{ending}", tmp_path / name)
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    yield forget_everything(tmp_path)
    forget_everything(None)


def forget_everything(folder):
    stored._json.cache_clear()
    stored._npz.cache_clear()
    return folder


def altered(contents):
    return contents[:1000] + bytes([contents[1000] ^ 1]) + contents[1001:]


@both
@pytest.mark.parametrize(
    "damage",
    [lambda c: b"", lambda c: c[:100], lambda c: c[:-1], lambda c: c + b" ", altered, lambda c: b'{"other": []}'],
    ids=["empty", "cut off", "a byte less", "a byte more", "one bit", "another version"],
)
def test_a_damaged_file_is_refused_until_it_is_restored(folder, kind, damage):
    name, read = FILES[kind]
    path = folder / name / f"stored.{kind}"
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    words = "is not as it was stored: expected the SHA-256 digest [0-9a-f]{64}, found [0-9a-f]{64}"
    with pytest.raises(ValueError, match=rf"{name}.stored\.{kind} {words}\. .*: git checkout -- lessons/{name}$"):
        read(name)
    path.write_bytes(whole)
    assert len(read(name)) >= 3


@both
def test_a_damaged_digest_is_no_digest(folder, kind):
    name, read = FILES[kind]
    (folder / name / "stored.sha256").write_text("")
    with pytest.raises(ValueError, match=rf"expected the SHA-256 digest none, .*: git checkout -- lessons/{name}$"):
        read(name)
    (folder / name / "stored.sha256").unlink()
    with pytest.raises(OSError, match=rf"cannot be read: .*stored\.sha256.*git checkout -- lessons/{name}$"):
        read(name)


@both
def test_a_missing_file_is_named(folder, kind):
    name, read = FILES[kind]
    (folder / name / f"stored.{kind}").unlink()
    words = rf"{name}.stored\.{kind} is missing; .*python -m lessons\.{name}\.store\. .*git checkout -- lessons/{name}$"
    with pytest.raises(FileNotFoundError, match=words):
        read(name)


@both
def test_a_file_that_may_not_be_read(folder, kind, monkeypatch):
    def denied(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    name, read = FILES[kind]
    with pytest.raises(OSError, match=rf"cannot be read: .*Permission denied.*git checkout -- lessons/{name}$"):
        read(name)


def test_line_ends_of_windows_are_no_damage(folder):
    path = folder / JSON / "stored.json"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert stored.load(JSON) == json.loads((LESSONS / JSON / path.name).read_text(encoding="utf-8"))


@both
def test_what_is_saved_is_read(folder, kind):
    name, read = FILES[kind]
    contents = (folder / name / f"stored.{kind}").read_bytes()
    (folder / "new").mkdir()
    assert stored.save("new", kind, contents).read_bytes() == contents
    assert read("new").keys() == read(name).keys()


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.parent.name)
def test_every_stored_file_has_its_digest_and_its_script(path):
    assert FILES[path.suffix[1:]][1](path.parent.name)
    assert path.with_name("store.py").is_file()


def test_no_digest_and_no_script_is_left_over():
    for name in "stored.sha256", "store.py":
        assert {path.parent for path in LESSONS.glob(f"*/{name}")} == {path.parent for path in STORED}
