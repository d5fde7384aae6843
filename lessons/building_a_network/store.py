"""Store what takes longer than a lesson: python -m lessons.building_a_network.store (3 minutes on two cores).

Networks 784-units-10 on 50,000 training digits, for six numbers of hidden units at six learning rates with three
seeds, the other 10,000 being held out to choose the rate by; and what activations cost on the machine that stores it,
which should have nothing else to do then. With `--scheduler tcp://…` the networks are trained by the workers of a
dask.distributed cluster, each with this course.
"""

import json
import platform
import sys
from itertools import product
from pathlib import Path

from lessons.building_a_network.experiments import (
    RATES,
    SEEDS,
    WIDTHS,
    learn_digits,
    milliseconds,
    nanoseconds,
)
from workbench.data import mnist, stored
from workbench.live.training import accuracy, run_all
from workbench.networks.many_runs import from_command_line

SETS = "training", "held_out", "test"


def one_run(units, lr, seed):
    """Accuracies of a training on the digits of SETS, by their names."""
    digits = mnist.load()
    known, held_out = mnist.split(digits)
    run = learn_digits(units, *known, lr, seed=seed)
    pairs = zip(SETS, (known, held_out, digits[2:]), strict=True)
    return {name: round(accuracy(run.network, *pair), 4) for name, pair in pairs}


def widths(executor=None):
    """{"rates", and lists over WIDTHS of lists over rates of lists over seeds: "training", "held_out", "test"}."""
    runs = run_all(one_run, list(product(WIDTHS, RATES, SEEDS)), executor, "hidden units")
    found = {
        name: [[[runs[units, lr, seed][name] for seed in SEEDS] for lr in RATES] for units in WIDTHS] for name in SETS
    }
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


def main(arguments=None):
    executor, _ = from_command_line(__doc__, arguments)
    found = {"costs": costs(), "digits": widths(executor)}
    path = stored.save("building_a_network", "json", (json.dumps(found, separators=(",", ":")) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
