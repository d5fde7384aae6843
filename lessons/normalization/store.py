"""Store the training runs of the lesson: python -m lessons.normalization.store (15 minutes on two cores)."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

from lessons.normalization.experiments import EXPERIMENTS, SEEDS, run
from workbench.data import stored
from workbench.networks.blas import one_thread


def each(pairs, place):
    return [[[result[place] for result in case] for case in pair] for pair in pairs]


def main():
    start, results = time.perf_counter(), {}
    with one_thread(), ThreadPoolExecutor(2) as pool:
        for name, settings in EXPERIMENTS.items():
            jobs = [(normalized, seed, s) for s in settings for normalized in (False, True) for seed in range(SEEDS)]
            done = []
            for result in pool.map(lambda job: run(job[0], job[1], **job[2]), jobs):
                done.append(result)
                print(f"\r{name}: {len(done)} of {len(jobs)}, {time.perf_counter() - start:.0f} s", end="", flush=True)
            print()
            cases = [done[i : i + SEEDS] for i in range(0, len(done), SEEDS)]
            if name == "tuned scales":  # the last epoch is enough
                cases = [[(right[-1:], *others) for right, *others in case] for case in cases]
            pairs = [cases[i : i + 2] for i in range(0, len(cases), 2)]
            results[name] = {"training": each(pairs, 0), "held out": each(pairs, 1), "test": each(pairs, 2)}
            if name == "scales":  # no learning rate is chosen there
                del results[name]["held out"]
    stored.save("normalization", "json", (json.dumps(results).replace("]]], ", "]]],\n") + "\n").encode())


if __name__ == "__main__":
    main()
