"""Results of runs that take longer than a lesson may, stored under data/stored by the scripts tools/store_*.py."""

import functools
import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "data" / "stored"


@functools.cache
def load(name):
    """The contents of data/stored/`name`.json; tools/store_`name`.py made them and says what they are.

    Read once; do not change what is returned. Raises FileNotFoundError, which says how to make the file.
    """
    return json.loads(_existing(name, "json").read_text(encoding="utf-8"))


@functools.cache
def arrays(name):
    """The arrays of data/stored/`name`.npz, a dict; as `load`. Never a pickle."""
    with np.load(_existing(name, "npz"), allow_pickle=False) as file:
        return dict(file)


def _existing(name, kind):
    path = FOLDER / f"{name}.{kind}"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; to make it, run: python tools/store_{name}.py")
    return path
