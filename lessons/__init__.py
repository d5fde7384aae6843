"""The lessons, a folder each; ORDER is the course, and a lesson's number is its place there and stands nowhere else."""

ORDER = [
    "gradient_descent",
    "trajectories",
    "stochastic_gradient_descent",
    "momentum",
    "adagrad",
    "rmsprop",
    "adam",
    "choosing_an_optimizer",
    "initialization",
    "mnist",
    "normalization",
    "generalization",
    "lenet",
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
