"""The lessons, a folder each; ORDER is the course, and the only place that numbers come from."""

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
