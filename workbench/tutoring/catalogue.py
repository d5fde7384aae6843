"""The exercises and questions of all lessons, as lessons/NAME/exercises.py has them, in the order of the course.

The only place where workbench looks at the lessons. It finds them as one finds plugins, by the names in ORDER, so that
a new lesson is listed nowhere else.
"""

import importlib
from importlib.util import find_spec

COURSE = importlib.import_module("lessons")  # ORDER, and the number of each lesson
MODULES = {  # from the names of the lessons to the modules with their exercises
    lesson: importlib.import_module(f"lessons.{lesson}.exercises")
    for lesson in COURSE.ORDER
    if find_spec(f"lessons.{lesson}.exercises")
}
LESSONS = {lesson: tuple(module.EXERCISES) for lesson, module in MODULES.items()}
ALL = [exercise for exercises in LESSONS.values() for exercise in exercises]
EXERCISES = {exercise.name: exercise for exercise in ALL}
ALL_QUESTIONS = [question for module in MODULES.values() for question in getattr(module, "QUESTIONS", ())]
QUESTIONS = {question.name: question for question in ALL_QUESTIONS}
