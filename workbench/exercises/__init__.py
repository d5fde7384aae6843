"""The exercises of all lessons by name, in the order of the course."""

from workbench.exercises import gradient_descent, momentum, stochastic, trajectories

LESSONS = gradient_descent, trajectories, stochastic, momentum

EXERCISES = {exercise.name: exercise for lesson in LESSONS for exercise in lesson.EXERCISES}
