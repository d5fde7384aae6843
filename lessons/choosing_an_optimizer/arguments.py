"""For the tests of arguments: numbers by optimizer."""

from lessons.trajectories.experiments import BOOK

GOOD = {"experiments.arrivals": {"lrs": BOOK}, "experiments.as_table": {"rows": {"bowl": BOOK}}}
