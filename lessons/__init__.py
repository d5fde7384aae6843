"""The lessons, a folder each; ORDER is the course, and a lesson's number is its place there and stands nowhere else."""

from importlib.util import find_spec
from pathlib import Path

ORDER = [
    "gradient_descent",
    "trajectories",
    "stochastic_gradient_descent",
    "momentum",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adam",
    "choosing_an_optimizer",
    "building_a_network",
    "initialization",
    "mnist",
    "normalization",
    "schedules",
    "generalization",
    "lenet",
    "diagnosis",
    "beyond_adam",
]


def number(name):
    """The number of a lesson as texts have it: number("trajectories") is "02".

    Raises ValueError for a name that is not in ORDER.
    """
    if name not in ORDER:
        raise ValueError(f"lesson is {name!r}; allowed: {', '.join(ORDER)}")
    return f"{ORDER.index(name) + 1:02}"


def lesson(name):
    """A lesson as sentences name it: "lesson 02"."""
    return f"lesson {number(name)}"


def stem(name):
    """The name of a lesson's notebook without its ending: "02_trajectories"."""
    return f"{number(name)}_{name}"


def _refuse_namesakes():
    """Raise ImportError, in words, when Python finds a learner's own helpers.py or workbench/ in place of ours.

    Python looks beside the notebook first. Checked here since each notebook imports its lesson before workbench.
    """
    ours = Path(__file__).resolve().parent.parent
    for name in "helpers", "workbench":
        spec = find_spec(name)
        found = Path(spec.origin or next(iter(spec.submodule_search_locations))).resolve() if spec else ours / name
        if not found.is_relative_to(ours) or found.relative_to(ours).parts[0].removesuffix(".py") != name:
            theirs = found.parent if found.name == "__init__.py" else found
            raise ImportError(
                f"{theirs} has the name of a part of the course, and Python finds it first: rename it or move it away, "
                "restart the kernel, and run the notebook again."
            )


_refuse_namesakes()
