"""Where answers to exercises are registered for the tests: `wrong` ones must be named, `right` ones must pass.

`Ball` is what answers to more than one lesson begin with.
"""

import numpy as np

WRONG, RIGHT = {}, []


def wrong(exercise, mistake):
    """Decorate an answer to an exercise, by its name, that makes the mistake of that name; one for each mistake."""

    def register(answer):
        if (exercise, mistake) in WRONG:
            raise ValueError(f"mistake is {mistake!r}; allowed: one answer for each mistake of {exercise!r}")
        WRONG[exercise, mistake] = answer
        return answer

    return register


def right(exercise):
    """Decorate another right answer to an exercise, by its name."""

    def register(answer):
        RIGHT.append((exercise, answer))
        return answer

    return register


class Ball:
    """What a learner's optimizer with momentum looks like; `step(params, grads, key)` is the rule under test."""

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for key in params:
            if key not in self.v:
                self.v[key] = np.zeros_like(params[key])
            self.step(params, grads, key)
