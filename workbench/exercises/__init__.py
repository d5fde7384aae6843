"""The exercises of all lessons by name, in the order of the course."""

from workbench.exercises import (
    adagrad,
    adam,
    choosing,
    convolution,
    generalization,
    gradient_descent,
    initialization,
    momentum,
    network,
    normalization,
    rmsprop,
    stochastic,
    trajectories,
)

OPTIMIZERS = gradient_descent, trajectories, stochastic, momentum, adagrad, rmsprop, adam, choosing
NETWORKS = initialization, network, normalization, generalization, convolution
LESSONS = OPTIMIZERS + NETWORKS

EXERCISES = {exercise.name: exercise for lesson in LESSONS for exercise in lesson.EXERCISES}
