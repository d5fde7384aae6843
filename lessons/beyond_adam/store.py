"""Store the runs that take longer than a lesson: python -m lessons.beyond_adam.store (15 minutes on one core).

Trainings of 784-100-100-100-100-10 on MNIST in batches of 128, of 500 and of 2000 iterations, and what an update costs.

"sweep": seven learning rates of each method that go down to 0 in a straight line, three seeds, on 50,000 digits; the
accuracy on the other 10,000 chooses the learning rate, for each length by itself. "best": trainings at the chosen
rates with three other seeds on all 60,000 digits, and their test accuracies. "flat": the same for five learning rates
that stay and two seeds, 2000 iterations, with an average of the weights beside AdamW, and schedule-free.
"cost": see `cost`; it is measured before the runs begin, on a machine that should have nothing else to do then.
Paired: runs of one seed start from the same weights and take the same batches.
With `--scheduler tcp://…` the runs are done by the workers of a dask.distributed cluster, each with this course.
"""

import functools
import json
import sys
import time
from itertools import chain

import numpy as np

import helpers
from lessons.beyond_adam import rules
from lessons.beyond_adam.training import BATCH, SIZES, optimizer, trained
from workbench.data import mnist, stored
from workbench.drawing.curves import guesses_for_none
from workbench.live.training import run_all
from workbench.networks.blas import one_thread
from workbench.networks.many_runs import from_command_line
from workbench.networks.network import MLP

LENGTHS = 500, 2000
SWEPT_SEEDS, SEEDS = (0, 1, 2), (3, 4, 5)
WINDOW = 50  # stored curves hold means over so many iterations
RATES = {
    "Momentum": (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    "AdamW": (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02),
    "Lion": (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005),
    "Muon": (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
}
COMPARED = tuple(RATES)
FLAT_RATES = 0.0005, 0.001, 0.002, 0.005, 0.01
FLAT = {  # from methods to names, and to what is appended to the keys of `trained`
    "AdamW": {"AdamW": "", "AdamW, averaged": " EMA"},
    "Schedule-free": {"Schedule-free": ""},
}


# The runs, as workers elsewhere do them: small arguments, numbers as results


def swept_run(method, lr, seed, iterations, decays):
    """{"held-out" and, for the average beside the training, "held-out EMA": accuracies} of a run of a sweep."""
    training, held_out = mnist.split(mnist.load())
    run = trained(method, lr, seed, *training, iterations, decays, {"held-out": held_out})
    return {key: run[key] for key in ("held-out", "held-out EMA")}


def run_again(method, lr, seed, iterations, decays):
    """{"test", "test EMA": accuracies, "curve": window means of the losses} of a run on all training digits."""
    digits = mnist.load()
    run = trained(method, lr, seed, *digits[:2], iterations, decays, {"test": digits[2:]})
    curve = np.reshape(run["losses"], (-1, WINDOW)).mean(axis=1).round(4).tolist()
    return {"test": run["test"], "test EMA": run["test EMA"], "curve": curve}


# The experiments


def sweep(rates, seeds, iterations, decays, executor=None):
    """{method: {"held-out", "held-out EMA": {"lrs", "held_out": by rate and seed}}}; rates: of each method."""
    cases = [(m, lr, seed, iterations, decays) for m, lrs in rates.items() for lr in lrs for seed in seeds]
    runs = run_all(swept_run, cases, executor, f"sweep, {iterations} iterations")

    def of(method, lrs, key):
        by_rate = [[runs[method, lr, seed, iterations, decays][key] for seed in seeds] for lr in lrs]
        return {"lrs": list(lrs), "held_out": by_rate}

    return {m: {key: of(m, lrs, key) for key in ("held-out", "held-out EMA")} for m, lrs in rates.items()}


def best(swept):
    """The rate with the highest median of held-out accuracies."""
    return swept["lrs"][int(np.median(guesses_for_none(swept["held_out"]), axis=1).argmax())]


def again(chosen, iterations, decays, executor=None):
    """{name: {"lr", "test": an accuracy for each of SEEDS, "curves": window means of the losses of each}}.

    chosen: from names to a method, its rate, and the key of the accuracy in what `run_again` returns.
    """
    cases = {name: [(m, lr, seed, iterations, decays) for seed in SEEDS] for name, (m, lr, _) in chosen.items()}
    # A training and the average beside it may have the same rate: that is one run.
    runs = run_all(run_again, list(dict.fromkeys(chain(*cases.values()))), executor, f"again, {iterations} iterations")
    return {
        name: {
            "lr": lr,
            "test": [runs[case][key] for case in cases[name]],
            "curves": [runs[case]["curve"] for case in cases[name]],
        }
        for name, (_, lr, key) in chosen.items()
    }


def decayed(iterations, executor=None):
    """What is stored as "sweep" and "best" for one length: two dicts by method."""
    found = sweep(RATES, SWEPT_SEEDS, iterations, True, executor)
    swept = {method: of_method["held-out"] for method, of_method in found.items()}
    return swept, again({m: (m, best(swept[m]), "test") for m in COMPARED}, iterations, True, executor)


def flat(executor=None):
    """What is stored as "flat": by name the sweep, and the trainings at its best rate."""
    by_method = sweep(dict.fromkeys(FLAT, FLAT_RATES), SWEPT_SEEDS[:2], LENGTHS[1], False, executor)
    swept, chosen = {}, {}
    for method, names in FLAT.items():
        for name, suffix in names.items():
            swept[name] = by_method[method][f"held-out{suffix}"]
            chosen[name] = method, best(swept[name]), f"test{suffix}"
    return {name: swept[name] | found for name, found in again(chosen, LENGTHS[1], False, executor).items()}


def cost(repeats=30):
    """What an update of all weights takes, and an iteration with its gradients, in multiples of AdamW's: a dict.

    The least of some repeats, which is what a machine takes that does nothing else; Shampoo's roots in each update, as
    its formula has it. Times differ from machine to machine, so no lesson and no test computes them.
    """
    network = MLP(SIZES, seed=0)
    digits = mnist.load()
    x, labels = mnist.pixels(digits.train_images[:BATCH]), digits.train_labels[:BATCH]

    with one_thread():
        _, grads = network.loss_and_gradients(x, labels)
        compared = {
            "SGD": helpers.SGD(),
            "Momentum": helpers.Momentum(),
            "AdamW": helpers.AdamW(),
            **{rule.__name__: rule() for rule in (rules.SignSGD, rules.Lion, rules.AdaMax, rules.NAdam)},
            **{rule.__name__: rule() for rule in (rules.Adafactor, rules.ScheduleFreeAdamW)},
            "Muon": optimizer("Muon", 0.001),  # with AdamW beside it
            "Shampoo": rules.Shampoo(),
        }
        works = {"gradients": lambda: network.loss_and_gradients(x, labels)}
        for name, rule in compared.items():
            params = {key: w.copy() for key, w in network.params.items()}
            rule.update(params, grads)  # the first makes what is kept
            works[name] = functools.partial(rule.update, params, grads)
        seconds = dict.fromkeys(works, np.inf)
        for _ in range(repeats):  # one after the other, so that what else the machine does slows all of them
            for name, work in works.items():
                start = time.perf_counter()
                work()
                seconds[name] = min(seconds[name], time.perf_counter() - start)
    gradients, update = seconds.pop("gradients"), seconds
    whole = gradients + update["AdamW"]
    return {
        name: {"update": round(s / update["AdamW"], 3), "iteration": round((gradients + s) / whole, 3)}
        for name, s in update.items()
    }


def main(arguments=None):
    executor, _ = from_command_line(__doc__, arguments)
    found = {"cost": cost(), "sweep": {}, "best": {}}
    for iterations in LENGTHS:
        found["sweep"][str(iterations)], found["best"][str(iterations)] = decayed(iterations, executor)
    found["flat"] = flat(executor)
    path = stored.save("beyond_adam", "json", (json.dumps(found, separators=(",", ":")) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
