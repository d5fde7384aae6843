"""Store what all cases lead to at all learning rates: python -m lessons.initialization.store (15 minutes, one core).

With `--scheduler tcp://…` the runs are done by the workers of a dask.distributed cluster, each with this course.
"""

import json
import sys

import numpy as np

from lessons.initialization.experiments import (
    CASES,
    FEW,
    FEW_LRS,
    SEEDS,
    on_few_digits,
    trained,
)
from workbench.data import mnist, stored
from workbench.live.training import run_all
from workbench.networks.many_runs import from_command_line
from workbench.networks.training import accuracy


def one_run(kind, start, lr, seed):
    """{"loss", and accuracies by the names of digits} of a run; None, which is no number, and 0 where it diverged.

    kind: "cases", and start one of CASES; or "few digits", and start how many times the weights of He.
    """
    digits = mnist.load()
    (images, labels), held_out = mnist.split(digits)
    sets = {"held out": held_out, "test": (digits.test_images, digits.test_labels)}
    if kind == "few digits":
        sets = {"training": (images[:FEW], labels[:FEW])} | sets
    run = {"cases": trained, "few digits": on_few_digits}[kind](start, seed, images, labels, lr)
    loss = run.loss(100)
    found = {"loss": float(f"{loss:.4g}") if np.isfinite(loss) else None}
    for name, pair in sets.items():
        found[name] = 0 if run.diverged is not None else round(accuracy(run.network, *pair), 4)
    return found


def main(arguments=None):
    executor, _ = from_command_line(__doc__, arguments)
    rates = {"cases": {case: lrs for case, (*_, lrs) in CASES.items()}, "few digits": FEW_LRS}
    found = {}
    for kind, by_start in rates.items():
        cases = [(kind, start, lr, seed) for start, lrs in by_start.items() for lr in lrs for seed in range(SEEDS)]
        runs = run_all(one_run, cases, executor, kind)
        found[kind] = {
            start: {
                lr: {name: [runs[kind, start, lr, seed][name] for seed in range(SEEDS)] for name in runs[cases[0]]}
                for lr in lrs
            }
            for start, lrs in by_start.items()
        }
    stored.save("initialization", "json", (json.dumps(found, indent=None, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    sys.exit(main())
