"""Store what takes longer than a lesson: python -m lessons.building_a_network.store (3 minutes on two cores).

Networks 784-units-10 on 50,000 training digits, for six numbers of hidden units at six learning rates with three
seeds, the other 10,000 being held out to choose the rate by; and what activations cost on the machine that stores it,
which should have nothing else to do then.
"""

import json
import platform
import sys
from pathlib import Path

from lessons.building_a_network.experiments import (
    FIRST,
    RATES,
    SEEDS,
    WIDTHS,
    learn_digits,
    milliseconds,
    nanoseconds,
)
from workbench.data import mnist, stored
from workbench.live.training import accuracy, compare


def widths(digits):
    """{"rates", and lists over WIDTHS of lists over rates of lists over seeds: "training", "held_out", "test"}."""
    known, held_out = mnist.split(digits)
    sets = {"training": known, "held_out": held_out, "test": digits[2:]}
    found = {key: [[[] for _ in RATES] for _ in WIDTHS] for key in sets}
    for i, units in enumerate(WIDTHS):
        jobs = {
            (j, seed): lambda run, lr=lr, seed=seed, units=units: learn_digits(units, *known, lr, seed=seed, run=run)
            for j, lr in enumerate(RATES)
            for seed in SEEDS
        }
        runs = compare(jobs, iterations=FIRST["iterations"], label=f"{units} hidden units")
        for (j, _), run in runs.items():
            for key, data in sets.items():
                found[key][i][j].append(round(accuracy(run.network, *data), 4))
    return {"widths": WIDTHS, "rates": RATES} | found


def machine():
    """The processor, in words."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def costs():
    """What activations cost: ns for each number, forward and back, and ms for an update of a whole network."""
    names = "sigmoid", "tanh", "ReLU"
    found = {dtype: {name: [round(t, 2) for t in nanoseconds(name, dtype)] for name in names} for dtype in DTYPES}
    return {"machine": machine(), **found, "update": {name: round(milliseconds(name), 2) for name in names}}


DTYPES = "float32", "float64"


def main():
    found = {"costs": costs(), "digits": widths(mnist.load())}
    path = stored.save("building_a_network", "json", (json.dumps(found, separators=(",", ":")) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
