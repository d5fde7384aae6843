"""Files that are written whole or not at all, and the user's own folders for them."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import platformdirs

NAME = "downhill"
CHECKOUT = (
    Path(__file__).resolve().parent.parent
)  # the course's folder; where it is installed as a package there is none
LOCK_WAIT, LOCK_ABANDONED = 2.0, 5.0  # seconds; a lock is held for a thousandth of one
ABANDONED = 600  # seconds; writing takes less than one, so an older temporary file is that of a killed process


def write(path: Path, contents: bytes | str, unless: Callable[[], bool] = lambda: False) -> None:
    """Write a file whole or not at all: whatever interrupts this, `path` holds what it held, or all of `contents`.

    contents: bytes, or text, which becomes UTF-8 with the line ends of Unix. The folder is made where there is none.
    unless: asked when all is written and `path` not yet replaced; if true, what is at `path` by then stays.
    Raises OSError where this cannot be done. Takes no lock, so no process can wait for one that hangs.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid4().hex}.tmp")
    try:
        temporary.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        if not unless():
            os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink()


def update(path: Path, contents: bytes | str, check: bool = False) -> str:
    """Write a file, as `write`, where it is not as it has to be; returns "unchanged" or "written".

    check: write nothing, and return "out of date" in place of "written".
    """
    if path.is_file():
        before = path.read_text(encoding="utf-8") if isinstance(contents, str) else path.read_bytes()
        if before == contents:
            return "unchanged"
    if check:
        return "out of date"
    write(path, contents)
    return "written"


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """A context that one process at a time has for a file; yields whether it has it.

    It waits for another process, but at most LOCK_WAIT seconds, and goes on without where no lock can be made: one
    process that hangs must not make all others hang.
    """
    lock, held, give_up = path.with_name(f"{path.name}.lock"), False, time.monotonic() + LOCK_WAIT
    while not held:
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            held = True
        except (FileExistsError, PermissionError) as error:  # Windows says the latter of a file that is about to go
            with suppress(OSError):
                if time.time() - lock.stat().st_mtime > LOCK_ABANDONED:
                    lock.unlink()
            forbidden = isinstance(error, PermissionError) and not lock.exists()
            if forbidden or time.monotonic() > give_up:
                break
            time.sleep(0.005)
        except OSError:
            break
    try:
        yield held
    finally:
        if held:
            with suppress(OSError):
                lock.unlink()


def sweep(path: Path) -> None:
    """Remove what processes that were killed while they wrote to `path` have left."""
    with suppress(OSError):
        for temporary in path.parent.glob(f"{path.name}.*.tmp"):
            if time.time() - temporary.stat().st_mtime > ABANDONED:
                temporary.unlink()


def restore(what: str) -> str:
    """How to get back what is missing of the course's files, in a sentence; what: its path in the course's folder."""
    if (CHECKOUT / "pyproject.toml").is_file():
        return f"To restore it, run in the project's folder: git checkout -- {what}"
    return (
        "The installed package is without the digits; work in the course's own folder, as its README.md says, or "
        "install it from there: python -m pip install -e ."
    )


def user_data() -> Path:
    """The user's folder for what must not be lost."""
    return platformdirs.user_data_path(NAME, appauthor=False)


def user_cache() -> Path:
    """The user's folder for what can be made again."""
    return platformdirs.user_cache_path(NAME, appauthor=False)
