"""Results of runs that take longer than a lesson may, stored under data/stored by the scripts tools/store_*.py."""

import functools
import hashlib
import io
import json
from pathlib import Path

import numpy as np

from workbench import checks

FOLDER = Path(__file__).resolve().parent.parent / "data" / "stored"
RESTORE = "To restore it, run in the project's folder: git checkout -- data/stored"

# The SHA-256 of each file, so that none that is cut off, altered or of another version is taken for the runs of the
# lessons. Who makes a file anew writes its digest here; the error says what it is.
DIGESTS = {
    "09_initialization.json": "a7b38b0d06c66ccd7d6f735cc4df103e5eaf8d8cd462ab91212c39ee30feca60",
    "10_mnist.json": "b550e234a02cb9ab6e5953ae48ea23c679cb18688aa8cdda602fd21e4e59f0a7",
    "11_normalization.json": "2156df5ad5dcc85764837f5e33c489530359e7573daa5d4c0484aeae712e470f",
    "12_generalization.npz": "975cbbd4eab3c472c6d03d88a240bbb677450c9192be0d40162caf61eb4fe076",
    "13_lenet.npz": "e2c01292cd2fe6e1b085f723025020d59cd75b892a5babce850b61a7b63876dd",
}


def load(name):
    """The contents of data/stored/`name`.json; tools/store_`name`.py made them and says what they are.

    Read once; do not change what is returned. Raises FileNotFoundError, which says how to make the file, and ValueError
    for one that is not as it was stored.
    """
    return _json(checks.kind("name", name, str, "the name of a file in data/stored"))


def arrays(name):
    """The arrays of data/stored/`name`.npz, a dict; as `load`. Never a pickle."""
    return _npz(checks.kind("name", name, str, "the name of a file in data/stored"))


@functools.cache
def _json(name):
    return json.loads(_contents(name, "json"))


@functools.cache
def _npz(name):
    with np.load(io.BytesIO(_contents(name, "npz")), allow_pickle=False) as file:
        return dict(file)


def _contents(name, kind):
    path = FOLDER / f"{name}.{kind}"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; to make it, run: python tools/store_{name}.py. {RESTORE}")
    try:
        contents = path.read_bytes()
    except OSError as error:
        raise OSError(f"{path} cannot be read: {error}. {RESTORE}") from error
    if kind == "json":
        contents = contents.replace(b"\r\n", b"\n")  # Git on Windows may write text so
    digest, expected = hashlib.sha256(contents).hexdigest(), DIGESTS.get(path.name, "none")
    if digest != expected:
        raise ValueError(
            f"{path} is not as it was stored: expected the SHA-256 digest {expected}, found {digest}. {RESTORE}"
        )
    return contents
