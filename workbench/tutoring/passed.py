"""Which exercises are passed, in a small JSON file in the user's own folder; nothing is sent anywhere.

The environment variable DOWNHILL_PROGRESS names another file; empty, it says that nothing is read or kept.
"""

import contextlib
import json
import os
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from workbench import files

VARIABLE = "DOWNHILL_PROGRESS"


def file() -> Path | None:
    """Where the progress is kept, or None for nowhere."""
    named = os.environ.get(VARIABLE)
    if named is None:
        return _moved_over(files.user_data() / "progress.json")
    return Path(named) if named else None


def _moved_over(path):
    """The path, after the file that earlier versions kept in Jupyter's folder has moved there; else where that lies."""
    earlier = Path(jupyter_data_dir()) / "downhill" / "progress.json"
    if os.path.exists(path) or not os.path.exists(earlier):  # Path.exists raises where nobody may look
        return path
    try:
        files.write(path, earlier.read_bytes(), unless=path.exists)
    except OSError:
        return earlier
    with contextlib.suppress(OSError):
        earlier.unlink()
    return path


class Progress:
    """The names of the passed exercises: those in the file, and those of this session that could not be written.

    No method raises: trouble with the file is a sentence, and what was passed stays known as long as this lives.
    """

    def __init__(self):
        self._session = set()

    def passed(self) -> tuple[set[str], str]:
        """The names of the passed exercises, and a sentence on trouble with the file, "" without."""
        names, trouble = self._read()
        return names | self._session, trouble

    def add(self, name: str) -> str:
        """Keep that an exercise is passed; returns a sentence on trouble with the file, "" without."""
        self._session.add(name)
        path = file()
        if path is None:
            return ""
        names, trouble = self._read()
        try:
            if trouble:
                trouble = self._set_aside(path)
            files.write(path, json.dumps({"passed": sorted(names | self._session)}, indent=1))
        except OSError as error:
            return f"Your progress could not be kept in {path} ({error.strerror or error}); this session knows it."
        return trouble

    def _read(self):
        path = file()
        if path is None:
            return set(), ""
        try:
            names = json.loads(path.read_text(encoding="utf-8"))["passed"]
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError
        except FileNotFoundError:
            return set(), ""
        except OSError as error:
            return set(), f"The file with your progress, {path}, cannot be read ({error.strerror or error})."
        except (ValueError, TypeError, KeyError, RecursionError):  # not JSON, not text, not what was written
            return set(), f"The file with your progress, {path}, is damaged; it is left as it is."
        return set(names), ""

    def _set_aside(self, path):
        """Rename a file that cannot be read, so that what is in it can still be saved by hand. Raises OSError."""
        aside = path.with_name(path.name + ".damaged")
        number = 2
        while aside.exists():
            aside = path.with_name(f"{path.name}.damaged{number}")
            number += 1
        path.rename(aside)
        return f"The file with your progress could not be read; it is now {aside}, and a new one was begun."
