"""Store the runs that the lesson shows: python -m lessons.diagnosis.store (about 15 minutes on one quiet core).

With names of parts, as in `python -m lessons.diagnosis.store edge noise`, only these are made again.
"""

import json
import sys
from itertools import product

import numpy as np

from lessons.diagnosis import experiments as e
from workbench.data import stored
from workbench.networks.blas import one_thread


def plain(values):
    """Lists of numbers of four digits; null for nan."""
    if isinstance(values, dict):
        return {name: plain(part) for name, part in values.items()}
    if isinstance(values, tuple) or np.ndim(values):
        return [plain(part) for part in values]
    return float(f"{values:.4g}") if np.isfinite(values) else None


def table(function, *axes):
    """What a function gives for all combinations of arguments: an array with an axis for each of them."""
    found = [function(*arguments) for arguments in product(*axes)]
    return np.reshape(found, (*map(len, axes), *np.shape(found[0])))


def main():
    parts = {
        "watched": lambda: {name: e.watched(name) for name in e.RECIPES if name not in e.UNSEEN},
        "ranges": lambda: {
            name: {n: [e.range_test(name, n, seed) for seed in range(e.TUNED)] for n in e.LENGTHS}
            for name in e.OPTIMIZERS
        },
        "methods": lambda: table(e.by_method, e.OPTIMIZERS, e.PLANS, e.RATES, range(e.TUNED)),
        "decays": lambda: table(e.by_decay, e.RATES, e.DECAYS),
        "edge": lambda: {start: [e.edge(start, seed) for seed in range(e.EDGE_SEEDS)] for start in e.EDGE_STARTS},
        "noise": lambda: [e.noise(seed) for seed in range(e.NOISE_SEEDS)],
        "batches": lambda: table(e.updates_to_target, e.SIZES_TRIED, e.BATCH_RATES, range(e.BATCH_SEEDS)),
    }
    names = sys.argv[1:] or list(parts)
    found = dict(stored.load("diagnosis")) if len(names) < len(parts) else {}
    with one_thread():
        for name in names:
            found[name] = plain(parts[name]())
            print(f"{name}: done", flush=True)
    path = stored.save("diagnosis", "json", (json.dumps(found, separators=(",", ":")) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
