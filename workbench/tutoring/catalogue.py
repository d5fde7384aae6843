"""The exercises of all lessons: what lessons/NAME/exercises.py call EXERCISES, in the order of the course.

The only place where workbench looks at the lessons. It finds them as one finds plugins, by the names in ORDER, so that
a new lesson is listed nowhere else.
"""

import importlib
from importlib.util import find_spec

COURSE = importlib.import_module("lessons")  # ORDER, and the number of each lesson
LESSONS = {  # from the names of the lessons to their exercises
    lesson: tuple(importlib.import_module(f"lessons.{lesson}.exercises").EXERCISES)
    for lesson in COURSE.ORDER
    if find_spec(f"lessons.{lesson}.exercises")
}
ALL = [exercise for exercises in LESSONS.values() for exercise in exercises]
EXERCISES = {exercise.name: exercise for exercise in ALL}
