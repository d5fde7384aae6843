"""Results of runs that take longer than a lesson may: lessons/NAME/stored.json or stored.npz, made by its store.py."""

import functools
import hashlib
import io
import json
from pathlib import Path

import numpy as np

from workbench import files
from workbench.checks import Kind, checked

FOLDER = Path(__file__).resolve().parent.parent.parent / "lessons"
A_NAME = Kind(str, "the name of a lesson that has stored runs")


@checked(name=A_NAME)
def load(name: str) -> dict:
    """The contents of lessons/`name`/stored.json; store.py beside it made them and says what they are.

    Read once; do not change what is returned. Raises FileNotFoundError, which says how to make the file, and ValueError
    for one that is not as it was stored.
    """
    return _json(name)


@checked(name=A_NAME)
def arrays(name: str) -> dict[str, np.ndarray]:
    """The arrays of lessons/`name`/stored.npz, a dict; as `load`. Never a pickle."""
    return _npz(name)


def save(name: str, kind: str, contents: bytes) -> Path:
    """Store the bytes of a file of the lesson `name` and its digest; kind: "json" or "npz". Returns its path."""
    path = FOLDER / name / f"stored.{kind}"
    files.write(path, contents)
    files.write(_digest_file(path), f"{hashlib.sha256(contents).hexdigest()}  {path.name}\n")
    return path


@functools.cache
def _json(name):
    return json.loads(_contents(name, "json"))


@functools.cache
def _npz(name):
    with np.load(io.BytesIO(_contents(name, "npz")), allow_pickle=False) as file:
        return dict(file)


def _digest_file(path):
    """What holds the SHA-256 of a stored file, in the format of sha256sum.

    So none that is cut off, altered or of another version is taken for the runs of the lesson.
    """
    return path.with_name("stored.sha256")


def _contents(name, kind):
    path, restore = FOLDER / name / f"stored.{kind}", files.restore(f"lessons/{name}")
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; to make it, run: python -m lessons.{name}.store. {restore}")
    try:
        contents, digest = path.read_bytes(), _digest_file(path).read_text(encoding="utf-8").split()[:1]
    except OSError as error:
        raise OSError(f"{path} cannot be read: {error}. {restore}") from error
    if kind == "json":
        contents = contents.replace(b"\r\n", b"\n")  # Git on Windows may write text so
    found, expected = hashlib.sha256(contents).hexdigest(), digest[0] if digest else "none"
    if found != expected:
        raise ValueError(
            f"{path} is not as it was stored: expected the SHA-256 digest {expected}, found {found}. {restore}"
        )
    return contents
