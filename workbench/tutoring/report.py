"""What a learner hands in without a server: one file with what they did, readable by people and by programs.

Nothing is sent anywhere. The digest tells a file that was cut off or edited from one that is whole; it is no signature,
for whoever wants to can compute it again.
"""

import getpass
import hashlib
import json
import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from workbench import files
from workbench.tutoring.catalogue import COURSE, LESSONS, MODULES, QUESTIONS

KIND = "what a learner of Downhill has done; hand in this file"


def learner_here() -> str:
    """What the learner is called on this machine, or on its hub."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (OSError, KeyError):  # a container may know no name
        return "learner"


def exercises_digest() -> str:
    """A digest of the exercises of all lessons: equal for two learners who had the same ones."""
    sources = (Path(module.__file__).read_bytes().replace(b"\r\n", b"\n") for module in MODULES.values())
    return hashlib.sha256(b"".join(sources)).hexdigest()[:12]


def made(learner: str, progress: dict) -> dict:
    """The report of a learner; progress: as `Progress.all` has it."""
    exercises = {}
    for lesson, found in LESSONS.items():
        for exercise in found:
            one = {part: progress[part].get(exercise.name) for part in ("tries", "hints", "solutions", "mistakes")}
            is_passed = bool(progress["passed"] & {exercise.name, exercise.earlier})
            if is_passed or any(one.values()):
                exercises[exercise.name] = {
                    "lesson": COURSE.number(lesson),
                    "passed": is_passed,
                    "tries": one["tries"] or int(is_passed),  # earlier versions counted none
                    "hints": one["hints"] or 0,
                    "solution shown": bool(one["solutions"]),
                    "mistakes": one["mistakes"] or [],
                }
    predictions = {
        name: {"question": QUESTIONS[name].question, "first answer": given}
        for name, given in progress["predictions"].items()
        if name in QUESTIONS
    }
    report = {
        "report": KIND,
        "learner": learner,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "exercises": exercises,
        "predictions": predictions,
        "versions": {
            "exercises": exercises_digest(),
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }
    return report | {"digest": digest(report)}


def digest(report: dict) -> str:
    """The SHA-256 of a report, its digest left out."""
    told = {key: value for key, value in report.items() if key != "digest"}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def write(learner: str, progress: dict, folder: str | os.PathLike) -> tuple[Path, dict]:
    """Write the report of a learner to `folder`, over an earlier one; returns its path and the report. OSError."""
    report = made(learner, progress)
    name = re.sub(r"[^\w.@-]+", "_", learner)
    path = Path(folder).absolute() / f"report_{name}.json"
    files.write(path, json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    return path, report


# What stands in a report for each exercise, and of which kind it is.
EXERCISE = {"passed": bool, "tries": int, "hints": int, "solution shown": bool, "mistakes": list}


def _has_its_form(report):
    """Whether a report is made as `made` makes one: a digest is no proof of it."""
    parts = [report.get(part) for part in ("exercises", "predictions")]
    if not all(isinstance(report.get(part), str) for part in ("learner", "written")):
        return False
    if not all(isinstance(part, dict) and all(isinstance(one, dict) for one in part.values()) for part in parts):
        return False
    exercises, predictions = parts
    return all("first answer" in one for one in predictions.values()) and all(
        isinstance(one.get(key), kind) and (kind is not list or all(isinstance(name, str) for name in one[key]))
        for one in exercises.values()
        for key, kind in EXERCISE.items()
    )


def read(path: Path) -> dict:
    """The report in a file. Raises ValueError, in words, for one that is none or that was altered since; OSError."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(report, dict) or report.get("report") != KIND:
        raise ValueError("is no report of this course")
    if report.get("digest") != digest(report):
        raise ValueError("was altered after it was written: its digest is another one")
    if not _has_its_form(report):
        raise ValueError("has not the form of a report of this course")
    return report
