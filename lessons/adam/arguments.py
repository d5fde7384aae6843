"""For the tests of arguments: a gradient that fits its start, and such that do not."""

import numpy as np

GOOD = {"experiments.updates": {"gradient": lambda w: 2 * w, "start": (1.0, 2.0)}}
RELATIONS = {
    "experiments.updates": {"gradient": [lambda w, a=a: a for a in (None, "1", 1j, [1.0], np.ones(3))]},
}
# What a message may name beside an argument that does not fit.
CALLED = {"gradient": "grads"}
