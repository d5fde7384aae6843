"""The exercises of all lessons by name, in the order of the course: what the files of this folder call EXERCISES."""

import importlib
import pkgutil

_files = [importlib.import_module(f"{__name__}.{file.name}") for file in pkgutil.iter_modules(__path__)]
ALL = sorted((e for file in _files for e in getattr(file, "EXERCISES", ())), key=lambda e: e.lesson)

EXERCISES = {exercise.name: exercise for exercise in ALL}
