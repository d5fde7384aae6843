"""Store the runs that the lesson shows: python -m lessons.schedules.store (about 15 minutes on one quiet core).

With `--scheduler tcp://…` the sweeps are done by the workers of a dask.distributed cluster, each with this course.
"""

import json
import sys
from itertools import product

import numpy as np

from lessons.schedules import experiments as e
from workbench.data import mnist, stored
from workbench.live.training import run_all
from workbench.networks.blas import one_thread
from workbench.networks.many_runs import from_command_line
from workbench.networks.training import accuracy


def swept(lr, warm, seed):
    """Loss of the 300 digits and accuracy on the 1000 held out; nan twice for a run that diverged."""
    run, (known, new) = e.momentum(lr, warm, seed), e.digits()
    return [np.nan] * 2 if run.diverged is not None else [run.network.loss(*known), accuracy(run.network, *new)]


def on_mnist(schedule, lr, seed):
    """Accuracies on the held-out digits and on the test digits; nan twice for a run that diverged."""
    run, found = e.on_mnist(schedule, lr, seed), mnist.load()
    pairs = mnist.split(found)[1], (found.test_images, found.test_labels)
    return [np.nan if run.diverged is not None else accuracy(run.network, *pair) for pair in pairs]


def plain(values):
    """Lists of numbers of five digits; null for nan."""
    if isinstance(values, dict):
        return {name: plain(part) for name, part in values.items()}
    if np.ndim(values):
        return [plain(part) for part in values]
    return float(f"{values:.5g}") if np.isfinite(values) else None


def main(arguments=None):
    executor, _ = from_command_line(__doc__, arguments)

    def all_of(job, *ranges):
        return list(run_all(job, list(product(*ranges)), executor, job.__name__).values())

    with one_thread():
        watched = {name: [e.watched(*plan, seed) for seed in range(e.WATCHED)] for name, plan in e.STARTS.items()}
        lengths = [e.gradient_lengths("a tenth of η", seed) for seed in range(e.WATCHED)]
        print("sharpness: done", flush=True)
    sweep = np.reshape(all_of(swept, e.LRS, e.WARM, range(e.MANY)), (len(e.LRS), len(e.WARM), e.MANY, 2))
    held_out = np.reshape(
        [pair[0] for pair in all_of(on_mnist, e.SCHEDULES, e.RATES, range(e.TUNED))],
        (len(e.SCHEDULES), len(e.RATES), e.TUNED),
    )
    best = [e.RATES[i] for i in e.best_rates(held_out)]
    cases = [(*pair, seed) for pair in zip(e.SCHEDULES, best, strict=True) for seed in range(e.SEEDS)]
    test = np.reshape([pair[1] for pair in run_all(on_mnist, cases, executor, "test").values()], (-1, e.SEEDS))
    found = {"lengths": lengths, "watched": watched, "swept": sweep, "held_out": held_out, "test": test}
    path = stored.save("schedules", "json", (json.dumps(plain(found), separators=(",", ":")) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
