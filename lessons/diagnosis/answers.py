"""Answers to the exercises, as a learner would write them: wrong ones that must be named, right ones that must pass."""

import math

import numpy as np

from workbench.tutoring.answers import right, wrong

name = "update ratio"
wrong(name, "divided by the new weights")(lambda a, b: np.sqrt(np.sum((b - a) ** 2)) / np.sqrt(np.sum(b**2)))
wrong(name, "root forgotten")(lambda a, b: np.sum((b - a) ** 2) / np.sum(a**2))
wrong(name, "difference of the lengths")(lambda a, b: np.linalg.norm(b) / np.linalg.norm(a) - 1)
wrong(name, "weights divided by the change")(lambda a, b: np.sqrt((a**2).sum() / ((b - a) ** 2).sum()))
wrong(name, "entry by entry")(lambda a, b: np.mean(abs(b / a - 1)))
wrong(name, "signs cancel")(lambda a, b: (b.sum() - a.sum()) / a.sum())
wrong(name, "length of the change alone")(lambda a, b: math.sqrt(((b - a) ** 2).sum()))
wrong(name, "largest entries")(lambda a, b: np.max(np.abs(b - a)) / np.max(np.abs(a)))
right(name)(lambda a, b: math.sqrt(((a - b) ** 2).sum() / (a**2).sum()))
right(name)(lambda a, b: np.linalg.norm((b - a).ravel()) / np.linalg.norm(a.ravel()))
right(name)(lambda a, b: np.sum(abs(b - a)) / np.sum(abs(a)))
right(name)(lambda a, b: (b - a).std() / a.std())

name = "three sick runs"
wrong(name, "flat loss taken for short steps")([2, 5, 4])
wrong(name, "large loss put down to the inputs")([8, 6, 4])
wrong(name, "jumps put down to the learning rate")([8, 5, 1])
wrong(name, "dead units taken for the cause")([8, 3, 4])
wrong(name, "numbered from 0")((7, 4, 3))
right(name)(np.array([8, 5, 4]))
right(name)((8.0, 5, 4))

name = "clipping by norm"


def total(grads):
    return np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))


def times(factor):
    """A learner's loop; factor: what all gradients are multiplied by, from their length and the limit."""

    def answer(grads, limit):
        clipped = {}
        for key in grads:
            clipped[key] = grads[key] * factor(total(grads), limit)
        return clipped

    return answer


@wrong(name, "each array by itself")
def _(grads, limit):
    clipped = {}
    for key, g in grads.items():
        norm = np.linalg.norm(g)
        clipped[key] = g * limit / norm if norm > limit else g
    return clipped


wrong(name, "clipped by value")(lambda grads, c: {key: np.minimum(np.maximum(g, -c), c) for key, g in grads.items()})
wrong(name, "short gradients made longer")(times(lambda norm, c: c / norm))
wrong(name, "root forgotten")(times(lambda norm, c: c / norm**2 if norm**2 > c else 1))
wrong(name, "divided by the length")(times(lambda norm, c: 1 / norm if norm > c else 1))
wrong(name, "multiplied by the limit")(times(lambda norm, c: c if norm > c else 1))
wrong(name, "long gradients set to 0")(times(lambda norm, c: float(norm <= c)))
wrong(name, "lengths of the arrays added up")(
    lambda grads, c: {
        k: g * min(1, c / np.sum([np.sqrt((h * h).sum()) for h in grads.values()])) for k, g in grads.items()
    }
)
wrong(name, "largest entry for the length")(
    lambda grads, c: {k: g * min(1, c / max(abs(h).max() for h in grads.values())) for k, g in grads.items()}
)
right(name)(times(lambda norm, c: c / max(norm, c)))


@right(name)
def only_where_it_is_too_long(grads, limit):
    square = 0.0
    for g in grads.values():
        square += np.sum(g * g)
    if square > limit**2:
        return {key: limit * g / np.sqrt(square) for key, g in grads.items()}
    return grads
