"""Store the runs that the lesson shows: python -m lessons.diagnosis.store (about 15 minutes on one quiet core).

With names of PARTS, as in `python -m lessons.diagnosis.store edge noise`, only these are made again.
With `--scheduler tcp://…` the runs are done by the workers of a dask.distributed cluster, each with this course.
"""

import json
import sys
from itertools import product

import numpy as np

from lessons.diagnosis import experiments as e
from workbench.data import stored
from workbench.live.training import run_all
from workbench.networks.many_runs import from_command_line

# The runs of each part: what does one, and the values of each of its arguments, all of which are combined.
PARTS = {
    "watched": (e.watched, [name for name in e.RECIPES if name not in e.UNSEEN]),
    "ranges": (e.range_test, e.OPTIMIZERS, e.LENGTHS, range(e.TUNED)),
    "methods": (e.by_method, e.OPTIMIZERS, e.PLANS, e.RATES, range(e.TUNED)),
    "decays": (e.by_decay, e.RATES, e.DECAYS),
    "edge": (e.edge, e.EDGE_STARTS, range(e.EDGE_SEEDS)),
    "noise": (e.noise, range(e.NOISE_SEEDS)),
    "batches": (e.updates_to_target, e.SIZES_TRIED, e.BATCH_RATES, range(e.BATCH_SEEDS)),
}
BY_NAME = {"watched": 1, "ranges": 2, "edge": 1}  # how many of the first arguments are keys of what is stored


def plain(values):
    """Lists of numbers of four digits; null for nan."""
    if isinstance(values, dict):
        return {name: plain(part) for name, part in values.items()}
    if isinstance(values, tuple) or np.ndim(values):
        return [plain(part) for part in values]
    return float(f"{values:.4g}") if np.isfinite(values) else None


def nested(runs, axes, by_name, case=()):
    """The results of runs in dicts over the values of the first `by_name` axes, in lists over those of the others."""
    if not axes:
        return runs[case]
    found = {value: nested(runs, axes[1:], by_name - 1, (*case, value)) for value in axes[0]}
    return found if by_name > 0 else list(found.values())


def part(name, executor=None):
    """What is stored of one of PARTS."""
    job, *axes = PARTS[name]
    return plain(nested(run_all(job, list(product(*axes)), executor, name), axes, BY_NAME.get(name, 0)))


def main(arguments=None):
    executor, names = from_command_line(__doc__, arguments, PARTS)
    names = names or list(PARTS)
    found = dict(stored.load("diagnosis")) if len(names) < len(PARTS) else {}
    for name in names:
        found[name] = part(name, executor)
    path = stored.save("diagnosis", "json", (json.dumps(found, separators=(",", ":")) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
