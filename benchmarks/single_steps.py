"""What single steps cost on which lessons and exercises rely: python benchmarks/single_steps.py.

A layer of 1000 × 1000 weights sees several samples at once, on one core; lesson 3 says how much longer that takes than
for one. An answer to an exercise is tried in a copy of its kernel. The least of many turns counts.
"""

import sys
import time

import numpy as np
import table
from table import Measured, Row

from workbench.networks.blas import one_thread
from workbench.tutoring import running

WEIGHTS = 1000
SAMPLES = 8, 32
ROWS = (
    *(
        Row(f"{n} samples at once, {WEIGHTS} × {WEIGHTS} weights", "ms", "one sample", f"ratio below {n}")
        for n in SAMPLES
    ),
    Row("an answer to an exercise, tried in a copy", "ms", "tried in a thread", "figure at most 150"),
)


def milliseconds(work, turns):
    """The least that a call of `work` takes."""
    taken = []
    for _ in range(turns):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return 1000 * min(taken)


def product(samples, turns):
    """Milliseconds of the weights times a matrix with a column for each sample."""
    W = np.random.default_rng(0).normal(size=(WEIGHTS, WEIGHTS))
    x = np.ones((WEIGHTS, samples))
    with one_thread():
        return milliseconds(lambda: W @ x, turns)


def measure(quick=False):
    """Measure all ROWS in their order."""
    turns = 3 if quick else 50
    one, answer = product(1, turns), [lambda: 1]
    copied = milliseconds(lambda: running.attempts(answer), turns)
    in_a_thread = milliseconds(lambda: running._in_a_thread(answer, running.TIME_LIMIT, False), turns)
    return [*(Measured(product(n, turns), one) for n in SAMPLES), Measured(copied, in_a_thread)]


if __name__ == "__main__":
    table.alone(sys.modules[__name__])
