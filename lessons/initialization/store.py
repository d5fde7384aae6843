"""Store loss and accuracy of all cases: python -m lessons.initialization.store (about 2 minutes on one core)."""

import json

from lessons.initialization.experiments import CASES, SEEDS, trained
from workbench.data import mnist, stored
from workbench.networks.blas import one_thread
from workbench.networks.training import accuracy


def main():
    digits = mnist.load()
    found = {}
    with one_thread():
        for case in CASES:
            found[case] = {"loss": [], "accuracy": []}
            for seed in range(SEEDS):
                run = trained(case, seed, digits.train_images, digits.train_labels)
                found[case]["loss"].append(round(run.loss(100), 4))
                found[case]["accuracy"].append(accuracy(run.network, digits.test_images, digits.test_labels))
            print(f"{case}: loss {found[case]['loss']}, accuracy {found[case]['accuracy']}", flush=True)
    stored.save("initialization", "json", (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
