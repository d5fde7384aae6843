"""For the tests of arguments: learning rates by optimizer."""

from lessons.trajectories.experiments import BOOK

GOOD = {"experiments.arrivals": {"lrs": BOOK}}
