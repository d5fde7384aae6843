"""Store what all cases lead to at all learning rates: python -m lessons.initialization.store (15 minutes, one core)."""

import json
from functools import partial

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
from workbench.networks.blas import one_thread
from workbench.networks.training import accuracy


def main():
    digits = mnist.load()
    known, held_out = mnist.split(digits)
    images, labels = known
    sets = {
        "training": (images[:FEW], labels[:FEW]),
        "held out": held_out,
        "test": (digits.test_images, digits.test_labels),
    }

    def results(train, names):
        """Of SEEDS runs; None, which is no number, and 0 for one that diverged."""
        found = {name: [] for name in ("loss", *names)}
        for seed in range(SEEDS):
            run = train(seed=seed)
            loss = run.loss(100)
            found["loss"].append(float(f"{loss:.4g}") if np.isfinite(loss) else None)
            for name in names:
                found[name].append(0 if run.diverged is not None else round(accuracy(run.network, *sets[name]), 4))
        return found

    def told(*words):
        print(*words, flush=True)

    found = {"cases": {}, "few digits": {}}
    with one_thread():
        for times, lrs in FEW_LRS.items():
            by_lr = found["few digits"][times] = {}
            for lr in lrs:
                by_lr[lr] = results(partial(on_few_digits, times, images=images, labels=labels, lr=lr), sets)
                told(times, lr, by_lr[lr])
        for case, (*_, lrs) in CASES.items():
            by_lr = found["cases"][case] = {}
            for lr in lrs:
                train = partial(trained, case, images=images, labels=labels, lr=lr)
                by_lr[lr] = results(train, ["held out", "test"])
                told(case, lr, by_lr[lr])
    stored.save("initialization", "json", (json.dumps(found, indent=None, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
