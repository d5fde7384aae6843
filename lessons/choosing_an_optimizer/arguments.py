"""For the tests of arguments: numbers by optimizer, few seeds and digits."""

from lessons.trajectories.experiments import BOOK

GOOD = {
    "experiments.arrivals": {"lrs": BOOK},
    "experiments.as_table": {"rows": {"bowl": BOOK}},
    "experiments.needed_on_quadratics": {"seeds": 1},
    "experiments.curvatures_of_a_network": {"n": 100, "updates": 1},
}
