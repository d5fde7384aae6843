"""For the tests of arguments: settings of a training, and an optimizer that has no β."""

from lessons.mnist.experiments import Settings

OBJECTS = {Settings: lambda: Settings("SGD", 0.1, None, 0)}
GOOD = {
    "experiments.Settings": {"optimizer": "Adam", "beta": 0.9},
    "experiments.loss_up_to": {"name": "Adam", "iteration": 200},
}
RELATIONS = {"experiments.Settings": {"optimizer": ["SGD", "AdaGrad"]}}
# What a message may name beside an argument that does not fit.
CALLED = {"optimizer": "beta"}
