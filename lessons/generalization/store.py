"""Store the runs that the lesson shows: python -m lessons.generalization.store (about 7 minutes on two quiet cores)."""

import io
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np

from lessons.generalization import experiments as o
from workbench.data import stored
from workbench.networks.blas import one_thread


def main():
    """Train every combination of method, labels, decay and seed, dropout at every rate, and WAYS; write stored.npz."""
    data = [o.split(wrong) for wrong in o.LABELS.values()]
    cases = list(product(range(len(o.METHODS)), range(len(data)), range(len(o.DECAYS)), range(o.SEEDS)))
    ways = list(product(range(len(data)), o.WAYS, range(o.RUNS)))
    dropped = list(product(range(len(data)), range(len(o.RATES)), range(o.SEEDS)))

    def decayed(case):
        method, labels, decay, seed = case
        return o.measured(data[labels], o.METHODS[method], o.DECAYS[decay], seed)[:2]

    def dropout(case):
        labels, rate, seed = case
        return o.measured(data[labels], seed=seed, dropout=o.RATES[rate])[0]

    def way(case):
        labels, name, seed = case
        return o.learn(data[labels], seed, **o.WAYS[name])[1]

    curves, histograms, rates = {}, {}, {}
    with one_thread(), ThreadPoolExecutor(2) as pool:
        for done, (case, result) in enumerate(zip(cases, pool.map(decayed, cases), strict=True), start=1):
            curves[case], histograms[case] = result
            if done % 20 == 0:
                print(f"{done} of {len(cases)} runs with weight decay", flush=True)
        for case, result in zip(dropped, pool.map(dropout, dropped), strict=True):
            rates[case] = result
        found = list(pool.map(way, ways))
    print(f"{len(dropped)} runs with dropout, {len(found)} in {len(o.WAYS)} ways")

    shape = len(o.METHODS), len(data), len(o.DECAYS), o.SEEDS
    first = [histograms[case] for case in cases if case[-1] == 0]
    contents = io.BytesIO()
    np.savez_compressed(
        contents,
        curves=np.reshape([curves[case] for case in cases], (*shape, *curves[cases[0]].shape)).astype(np.float16),
        histograms=np.reshape(first, (*shape[:3], *first[0].shape)).astype(np.float16),
        dropout=np.reshape(list(rates.values()), (*shape[1:2], len(o.RATES), o.SEEDS, *curves[cases[0]].shape)).astype(
            np.float16
        ),
        ways=np.reshape(found, (len(data), len(o.WAYS), o.RUNS, len(o.FOUND))).astype(np.float32),
    )
    path = stored.save("generalization", "npz", contents.getvalue())
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
