"""What the learner has passed, predicted and been told, in a small JSON file of their own; nothing is sent anywhere.

The environment variable DOWNHILL_PROGRESS names another file; empty, it says that nothing is read or kept.
"""

import contextlib
import json
import os
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from workbench import files

VARIABLE = "DOWNHILL_PROGRESS"


OTHERS = {"predictions": str | int | float, "hints": int}  # beside "passed"; what the values are


def _nothing():
    return {"passed": set()} | {part: {} for part in OTHERS}


def _together(kept, more):
    return {"passed": kept["passed"] | more["passed"]} | {part: kept[part] | more[part] for part in OTHERS}


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
    """The passed exercises, the predictions and the hints given: those in the file, and those of this session.

    No method raises: trouble with the file is a sentence, and what could not be kept is known as long as this lives.
    """

    def __init__(self):
        self._session = _nothing()

    def passed(self) -> tuple[set[str], str]:
        """The names of the passed exercises, and a sentence on trouble with the file, "" without."""
        kept, trouble = self._all()
        return kept["passed"], trouble

    def prediction(self, name: str) -> str | float | None:
        """What the learner has predicted, by the name of the question, or None."""
        return self._all()[0]["predictions"].get(name)

    def hints(self, name: str) -> int:
        """How many hints to an exercise have been given."""
        return self._all()[0]["hints"].get(name, 0)

    def add(self, name: str) -> str:
        """Keep that an exercise is passed; returns a sentence on trouble with the file, "" without."""
        self._session["passed"].add(name)
        return self._keep()

    def add_prediction(self, name: str, given: str | float) -> str:
        """Keep what was predicted; returns as `add` does."""
        self._session["predictions"][name] = given
        return self._keep()

    def add_hint(self, name: str, number: int) -> str:
        """Keep that hint `number` was given; returns as `add` does."""
        self._session["hints"][name] = number
        return self._keep()

    def _all(self):
        kept, trouble = self._read()
        return _together(kept, self._session), trouble

    def _keep(self):
        path = file()
        if path is None:
            return ""
        with files.locked(path):
            kept, trouble = self._read()
            try:
                if trouble:
                    trouble = self._set_aside(path)
                both = _together(kept, self._session)
                both = {"passed": sorted(both["passed"])} | {part: both[part] for part in OTHERS if both[part]}
                files.write(path, json.dumps(both, indent=1, ensure_ascii=False))
            except OSError as error:
                return f"Your progress could not be kept in {path} ({error.strerror or error}); this session knows it."
        return trouble

    def _read(self):
        path = file()
        if path is None:
            return _nothing(), ""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            names = kept["passed"]
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError
        except FileNotFoundError:
            return _nothing(), ""
        except OSError as error:
            return _nothing(), f"The file with your progress, {path}, cannot be read ({error.strerror or error})."
        except (ValueError, TypeError, KeyError, RecursionError):  # not JSON, not text, not what was written
            return _nothing(), f"The file with your progress, {path}, is damaged; it is left as it is."
        return {"passed": set(names)} | {
            part: {name: value for name, value in found.items() if isinstance(value, kind)}
            for part, kind in OTHERS.items()
            for found in [kept.get(part) if isinstance(kept.get(part), dict) else {}]  # earlier versions have none
        }, ""

    def _set_aside(self, path):
        """Rename a file that cannot be read, so that what is in it can still be saved by hand. Raises OSError."""
        aside = path.with_name(path.name + ".damaged")
        number = 2
        while aside.exists():
            aside = path.with_name(f"{path.name}.damaged{number}")
            number += 1
        path.rename(aside)
        return f"The file with your progress could not be read; it is now {aside}, and a new one was begun."
