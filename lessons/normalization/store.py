"""Store the training runs of the lesson: python -m lessons.normalization.store (15 minutes on two cores).

With `--scheduler tcp://…` the runs are done by the workers of a dask.distributed cluster, each with this course.
"""

import json
import sys

from lessons.normalization.experiments import EXPERIMENTS, SEEDS, run
from workbench.data import stored
from workbench.live.training import run_all
from workbench.networks.many_runs import from_command_line


def one_run(normalized, seed, settings):
    """A run with settings of EXPERIMENTS, as pairs, which a dict cannot be a case with."""
    return run(normalized, seed, **dict(settings))


def each(pairs, place):
    return [[[result[place] for result in case] for case in pair] for pair in pairs]


def main(arguments=None):
    executor, _ = from_command_line(__doc__, arguments)
    results = {}
    for name, settings in EXPERIMENTS.items():
        cases = [
            (normalized, seed, tuple(s.items()))
            for s in settings
            for normalized in (False, True)
            for seed in range(SEEDS)
        ]
        done = list(run_all(one_run, cases, executor, name).values())
        cases = [done[i : i + SEEDS] for i in range(0, len(done), SEEDS)]
        if name == "tuned scales":  # the last epoch is enough
            cases = [[(right[-1:], *others) for right, *others in case] for case in cases]
        pairs = [cases[i : i + 2] for i in range(0, len(cases), 2)]
        results[name] = {"training": each(pairs, 0), "held out": each(pairs, 1), "test": each(pairs, 2)}
        if name == "scales":  # no learning rate is chosen there
            del results[name]["held out"]
    stored.save("normalization", "json", (json.dumps(results).replace("]]], ", "]]],\n") + "\n").encode())


if __name__ == "__main__":
    sys.exit(main())
