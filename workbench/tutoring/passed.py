"""What the learner has tried, passed, predicted and been told, in a small file of their own; nothing is sent anywhere.

The environment variable DOWNHILL_PROGRESS names another file; empty, it says that nothing is read or kept. Nothing is
either where a program executes the notebook (nbgrader, otter, nbconvert): what others did is no progress of whoever
runs it.
"""

import contextlib
import json
import os
import sys
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from workbench import files

VARIABLE = "DOWNHILL_PROGRESS"


def _is_number(value):
    return isinstance(value, int)


def _are_names(value):
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


# Beside "passed", by the names of exercises or questions: what a value must be, and which one of two counts.
OTHERS = {
    "predictions": (lambda value: isinstance(value, str | int | float), lambda kept, more: more),
    "hints": (_is_number, max),
    "tries": (_is_number, max),  # up to the first that passed
    "solutions": (_is_number, max),  # 1 where it was shown
    "mistakes": (_are_names, lambda kept, more: list(dict.fromkeys([*kept, *more]))),  # those that were made
}


def _nothing():
    return {"passed": set()} | {part: {} for part in OTHERS}


def _together(kept, more):
    found = {"passed": kept["passed"] | more["passed"]}
    for part, (_, choose) in OTHERS.items():
        both = {name: choose(kept[part][name], more[part][name]) for name in kept[part].keys() & more[part].keys()}
        found[part] = kept[part] | more[part] | both
    return found


def _somebody_is_there():
    """Whether a person runs this: a program that executes a notebook says with each cell that nobody can be asked."""
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    request = kernel.get_parent() if hasattr(kernel, "get_parent") else {}
    return (request or {}).get("content", {}).get("allow_stdin", True)


def file() -> Path | None:
    """Where the progress is kept, or None for nowhere."""
    if not _somebody_is_there():
        return None
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
    """What was passed, tried, predicted and told: that which is in the file, and that of this session.

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

    def all(self) -> dict:
        """All of it: "passed", a set of names, and a dict from names for each part of OTHERS."""
        return self._all()[0]

    def add(self, name: str) -> str:
        """Keep that an exercise is passed; returns a sentence on trouble with the file, "" without."""
        self._session["passed"].add(name)
        return self._keep()

    def add_try(self, name: str, is_passed: bool, mistake: str | None = None) -> str:
        """Keep what a try of an exercise came to, and the name of the mistake it made; returns as `add` does.

        After the first try that passed, no more are counted.
        """
        before, _ = self._all()
        if name not in before["passed"]:
            self._session["tries"][name] = before["tries"].get(name, 0) + 1
        if mistake is not None:
            self._session["mistakes"][name] = [*self._session["mistakes"].get(name, []), mistake]
        if is_passed:
            self._session["passed"].add(name)
        return self._keep()

    def add_solution(self, name: str) -> str:
        """Keep that the solution of an exercise was shown; returns as `add` does."""
        self._session["solutions"][name] = 1
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
            part: {name: value for name, value in found.items() if fits(value)}
            for part, (fits, _) in OTHERS.items()
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
