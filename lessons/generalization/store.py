"""Store the runs that the lesson shows: python -m lessons.generalization.store (about 7 minutes on two quiet cores).

With `--scheduler tcp://…` the runs are done by the workers of a dask.distributed cluster, each with this course.
"""

import io
import sys
from itertools import product

import numpy as np

from lessons.generalization import experiments as o
from workbench.data import stored
from workbench.live.training import run_all
from workbench.networks.many_runs import from_command_line


def data(labels):
    """The digits with the labels of this number in LABELS."""
    return o.split(list(o.LABELS.values())[labels])


def decayed(method, labels, decay, seed):
    """Curves and histograms of a run with weight decay; all but the last argument are numbers of places."""
    return o.measured(data(labels), o.METHODS[method], o.DECAYS[decay], seed)[:2]


def dropout(labels, rate, seed):
    """Curves of a run with dropout."""
    return o.measured(data(labels), seed=seed, dropout=o.RATES[rate])[0]


def way(labels, name, seed):
    """FOUND of a run in one of WAYS."""
    return o.learn(data(labels), seed, **o.WAYS[name])[1]


def main(arguments=None):
    """Train every combination of method, labels, decay and seed, dropout at every rate, and WAYS; write stored.npz."""
    executor, _ = from_command_line(__doc__, arguments)
    all_labels = range(len(o.LABELS))
    cases = list(product(range(len(o.METHODS)), all_labels, range(len(o.DECAYS)), range(o.SEEDS)))
    ways = list(product(all_labels, o.WAYS, range(o.RUNS)))
    dropped = list(product(all_labels, range(len(o.RATES)), range(o.SEEDS)))
    runs = run_all(decayed, cases, executor, "weight decay")
    curves = {case: run[0] for case, run in runs.items()}
    histograms = {case: run[1] for case, run in runs.items()}
    rates = run_all(dropout, dropped, executor, "dropout")
    found = list(run_all(way, ways, executor, "ways").values())

    shape = len(o.METHODS), len(all_labels), len(o.DECAYS), o.SEEDS
    first = [histograms[case] for case in cases if case[-1] == 0]
    contents = io.BytesIO()
    np.savez_compressed(
        contents,
        curves=np.reshape([curves[case] for case in cases], (*shape, *curves[cases[0]].shape)).astype(np.float16),
        histograms=np.reshape(first, (*shape[:3], *first[0].shape)).astype(np.float16),
        dropout=np.reshape(list(rates.values()), (*shape[1:2], len(o.RATES), o.SEEDS, *curves[cases[0]].shape)).astype(
            np.float16
        ),
        ways=np.reshape(found, (len(all_labels), len(o.WAYS), o.RUNS, len(o.FOUND))).astype(np.float32),
    )
    path = stored.save("generalization", "npz", contents.getvalue())
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
