"""Trainings on MNIST with rules beyond Adam: what is compared, and one training; numbers in, numbers out."""

import helpers
from lessons.beyond_adam.rules import Average, Groups, Lion, Muon, ScheduleFreeAdamW
from workbench.checks import ABOVE_0, Choice, checked
from workbench.networks.network import MLP
from workbench.networks.training import accuracy, train

SIZES, BATCH = (784, 100, 100, 100, 100, 10), 128
EMA = 0.99  # the β of the average beside a training
HIDDEN = "W2", "W3", "W4"  # the matrices between hidden units


def group(key, w):
    """The group of a parameter: Muon takes the matrices between hidden units, AdamW the first, the last, the biases."""
    return "hidden" if key in HIDDEN else "rest"


METHODS = {  # from a name to a function of η that makes an optimizer
    "Momentum": helpers.Momentum,
    "AdamW": helpers.AdamW,
    "Lion": lambda lr: Lion(lr, weight_decay=0.1),
    "Muon": lambda lr: Groups(group, hidden=Muon(lr), rest=helpers.AdamW(lr)),
    "Schedule-free": lambda lr: ScheduleFreeAdamW(lr, weight_decay=0.01),
}


@checked(method=Choice(METHODS), lr=ABOVE_0)
def optimizer(method, lr):
    """A new optimizer by its name in METHODS; Muon is one with AdamW beside it, both at the same η."""
    return METHODS[method](lr)


def trained(method, lr, seed, images, labels, iterations, decays, test):
    """One training of SIZES. η goes down to 0 in a straight line, or stays.

    test: a dict from names to (images, labels). Returns a dict: "losses", of each iteration's batch; for each name in
    `test` the accuracy; for each with " EMA" that of an average of the weights. Accuracies are None for a run that
    diverged. A schedule-free method is tested at its averages.
    """
    network, rule, ema = MLP(SIZES, seed=seed), optimizer(method, lr), Average(EMA)
    parts = rule.optimizers.values() if isinstance(rule, Groups) else [rule]

    def each(run):
        ema.update(network.params)
        for part in parts if decays else ():
            part.lr = lr * (1 - run.done / iterations)

    run = train(network, rule, images, labels, iterations, BATCH, seed, each)
    found, right = {"losses": run.losses}, run.diverged is None
    if right and method == "Schedule-free":
        put(network, rule.averages(network.params))
    found |= {name: accuracy(network, *digits) if right else None for name, digits in test.items()}
    if right:
        put(network, ema.averages)
    return found | {f"{name} EMA": accuracy(network, *digits) if right else None for name, digits in test.items()}


def put(network, arrays):
    """Write arrays, a dict, into the parameters of a network."""
    for key, array in arrays.items():
        network.params[key][...] = array
