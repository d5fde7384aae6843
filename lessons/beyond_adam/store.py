"""Store the runs that take longer than a lesson: python -m lessons.beyond_adam.store (15 minutes on one core).

Trainings of 784-100-100-100-100-10 on MNIST in batches of 128, of 500 and of 2000 iterations, and what an update costs.

"sweep": seven learning rates of each method that go down to 0 in a straight line, three seeds, on 50,000 digits; the
accuracy on the other 10,000 chooses the learning rate, for each length by itself. "best": trainings at the chosen
rates with five other seeds on all 60,000 digits, and their test accuracies. "flat": the same for learning rates that
stay, 2000 iterations, with an average of the weights beside AdamW, and schedule-free. "cost": see `cost`.
Paired: runs of one seed start from the same weights and take the same batches.
"""

import json
import sys
import time

import numpy as np

import helpers
from lessons.beyond_adam import rules
from lessons.beyond_adam.training import BATCH, SIZES, trained
from workbench.data import mnist, stored
from workbench.drawing.curves import guesses_for_none
from workbench.live.progress_bar import with_bar
from workbench.networks.blas import one_thread
from workbench.networks.network import MLP

LENGTHS = 500, 2000
SWEPT_SEEDS, SEEDS = (0, 1, 2), (3, 4, 5, 6, 7)
WINDOW = 50  # stored curves hold means over so many iterations
RATES = {
    "Momentum": (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    "AdamW": (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02),
    "Lion": (0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002),
    "Muon": (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
    "Schedule-free": (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
}


def sweep(digits, methods, iterations, decays, key="held-out"):
    """{method: {"lrs", "held_out": for each rate the accuracies of its seeds}}; with "held-out EMA" of the averages."""
    training, held_out = mnist.split(digits)
    found = {}
    for method in methods:
        shares = [
            [
                trained(method, lr, seed, *training, iterations, decays, {"held-out": held_out})[key]
                for seed in SWEPT_SEEDS
            ]
            for lr in with_bar(RATES[method], f"{method}, {iterations} iterations")
        ]
        found[method] = {"lrs": list(RATES[method]), "held_out": shares}
    return found


def best(swept):
    """The rate with the highest median of held-out accuracies."""
    return swept["lrs"][int(np.median(guesses_for_none(swept["held_out"]), axis=1).argmax())]


def again(digits, swept, iterations, decays, key="test"):
    """{method: {"lr", "test": an accuracy for each seed, "curves": window means of the losses of each seed}}."""
    found = {}
    for method, rates in swept.items():
        lr = best(rates)
        runs = [
            trained(method, lr, seed, *digits[:2], iterations, decays, {"test": digits[2:]})
            for seed in with_bar(SEEDS, f"{method} again")
        ]
        curves = [np.reshape(run["losses"], (-1, WINDOW)).mean(axis=1).round(4).tolist() for run in runs]
        found[method] = {"lr": lr, "test": [run[key] for run in runs], "curves": curves}
    return found


def cost(repeats=15):
    """What an update of all weights takes, and an iteration with its gradients, in multiples of AdamW's: a dict.

    Medians over repeats; of Shampoo both roots in each update, as its formula has it. Times differ from machine to
    machine, so they are stored and never computed in a lesson or a test.
    """
    network = MLP(SIZES, seed=0)
    digits = mnist.load()
    x, labels = mnist.pixels(digits.train_images[:BATCH]), digits.train_labels[:BATCH]

    def group(key, w):
        return "matrices" if w.ndim == 2 else "rest"

    def seconds(work):
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        return float(np.median(times))

    with one_thread():
        _, grads = network.loss_and_gradients(x, labels)
        update = {}
        for name, rule in {
            "SGD": helpers.SGD(),
            "Momentum": helpers.Momentum(),
            "AdamW": helpers.AdamW(),
            **{rule.__name__: rule() for rule in (rules.SignSGD, rules.Lion, rules.AdaMax, rules.NAdam)},
            **{rule.__name__: rule() for rule in (rules.Adafactor, rules.Shampoo, rules.ScheduleFreeAdamW)},
            "Muon": rules.Groups(group, matrices=rules.Muon(), rest=helpers.AdamW()),
        }.items():
            params = {key: w.copy() for key, w in network.params.items()}
            rule.update(params, grads)  # the first makes what is kept
            update[name] = seconds(lambda rule=rule, params=params: rule.update(params, grads))
        gradients = seconds(lambda: network.loss_and_gradients(x, labels))
    whole = gradients + update["AdamW"]
    return {
        name: {"update": round(s / update["AdamW"], 3), "iteration": round((gradients + s) / whole, 3)}
        for name, s in update.items()
    }


def main():
    digits = mnist.load()
    compared = "Momentum", "AdamW", "Lion", "Muon"
    found = {"cost": cost(), "sweep": {}, "best": {}}
    for iterations in LENGTHS:
        found["sweep"][str(iterations)] = sweep(digits, compared, iterations, True)
        found["best"][str(iterations)] = again(digits, found["sweep"][str(iterations)], iterations, True)
    flat = {}
    for name, method, suffix in (
        ("AdamW", "AdamW", ""),
        ("AdamW, averaged", "AdamW", " EMA"),
        ("Schedule-free", "Schedule-free", ""),
    ):
        swept = sweep(digits, [method], LENGTHS[1], False, f"held-out{suffix}")
        flat[name] = swept[method] | again(digits, swept, LENGTHS[1], False, f"test{suffix}")[method]
    found["flat"] = flat
    path = stored.save("beyond_adam", "json", (json.dumps(found, separators=(",", ":")) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
