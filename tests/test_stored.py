"""The stored runs: as they were stored, or refused with a sentence that says how to restore them."""

import json
import shutil
from pathlib import Path

import pytest

from workbench import stored

pytestmark = pytest.mark.machinery

JSON, NPZ = "11_normalization", "12_generalization"
DATA = stored.FOLDER
FILES = {"json": (JSON, stored.load), "npz": (NPZ, stored.arrays)}
both = pytest.mark.parametrize("kind", FILES)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of two of the files, and nothing read before."""
    for kind, (name, _) in FILES.items():
        shutil.copy(DATA / f"{name}.{kind}", tmp_path)
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
    path = folder / f"{name}.{kind}"
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    words = "is not as it was stored: expected the SHA-256 digest [0-9a-f]{64}, found [0-9a-f]{64}"
    with pytest.raises(ValueError, match=rf"{name}\.{kind} {words}\. .*: git checkout -- data/stored$"):
        read(name)
    path.write_bytes(whole)
    assert len(read(name)) >= 3


@both
def test_a_missing_file_is_named(folder, kind):
    name, read = FILES[kind]
    (folder / f"{name}.{kind}").unlink()
    with pytest.raises(FileNotFoundError, match=rf"{name}\.{kind} is missing; .*tools/store_{name}\.py.*git checkout"):
        read(name)


@both
def test_a_file_that_may_not_be_read(folder, kind, monkeypatch):
    def denied(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(OSError, match="cannot be read: .*Permission denied.*git checkout -- data/stored$"):
        FILES[kind][1](FILES[kind][0])


def test_line_ends_of_windows_are_no_damage(folder):
    path = folder / f"{JSON}.json"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert stored.load(JSON) == json.loads((DATA / path.name).read_text(encoding="utf-8"))


def test_every_stored_file_is_the_one_of_the_list():
    assert {path.name for path in DATA.iterdir()} == stored.DIGESTS.keys()
    for name in stored.DIGESTS:
        name, _, kind = name.partition(".")
        assert FILES[kind][1](name)
