"""Exercises: He's first weights, the size of the values layer by layer, dead units."""

import numpy as np

from workbench.networks.layers import ReLU
from workbench.networks.network import initial_std
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal, as_array
from workbench.tutoring.questions import Question


def drawn(std):
    """An answer that draws normal weights; std: their standard deviation, a function of fan-in and fan-out."""
    return lambda fan_in, fan_out, rng: rng.normal(0, std(fan_in, fan_out), (fan_in, fan_out))


def he(fan_in, fan_out):
    return initial_std("He", fan_in, fan_out)


def weight_facts(result, fan_in, fan_out, rng):
    """What is to be seen of weights that are random, to one decimal: drawn numbers differ by less than a percent."""
    W = as_array(result)
    if W.ndim != 2:
        raise Refusal(f"Weights have a row for each input and a column for each unit; yours have the shape {W.shape}.")
    ratio = W.std() / he(fan_in, fan_out)
    return {
        "the shape": f"{len(W)} × {W.shape[1]}",
        "the mean, in units of He's standard deviation,": f"{np.round(W.mean() / he(fan_in, fan_out), 1) + 0.0:g}",
        "the standard deviation, in the same unit,": f"{ratio:.1f}" if ratio > 0.5 else f"{ratio:.1g}",
        "the rows differ:": "yes" if (W[:1] != W).any() else "no",
        "the columns differ:": "yes" if (W[:, :1] != W).any() else "no",
    }


def my_weights(fan_in, fan_out, rng):
    return rng.normal(0, np.sqrt(2 / fan_in), size=(fan_in, fan_out))


WEIGHTS = FunctionExercise(
    name="first weights",
    task="return first weights of He, an array of shape (fan_in, fan_out), drawn with the generator rng",
    solution=my_weights,
    reference=drawn(he),
    facts=weight_facts,
    problems=(
        Problem(
            "200 inputs and 100 units, by hand (He: standard deviation √(2/200) = 0.1)",
            (200, 100, np.random.default_rng(0)),
            by_hand=["200 × 100", "0", "1.0", "yes", "yes"],
        ),
        Problem("120 inputs and 120 units", (120, 120, np.random.default_rng(1))),
    ),
    mistakes=(
        Mistake(
            "variance for standard deviation",
            "2/fan-in is the variance. `rng.normal` takes the standard deviation, its root.",
            drawn(lambda fan_in, fan_out: 2 / fan_in),
        ),
        Mistake(
            "fan-out for fan-in",
            "A sum has as many terms as there are inputs: n in √(2/n) is fan_in.",
            drawn(lambda fan_in, fan_out: he(fan_out, fan_in)),
        ),
        Mistake(
            "Xavier for He",
            "√(1/n) is Xavier's rule. ReLU halves the mean square, so He takes twice the variance: √(2/n).",
            drawn(lambda fan_in, fan_out: initial_std("Xavier", fan_in, fan_out)),
        ),
        Mistake(
            "Glorot's middle",
            "√(2/(fan-in + fan-out)) is Glorot's rule for tanh; He has the fan-in alone.",
            drawn(lambda fan_in, fan_out: initial_std("Glorot", fan_in, fan_out)),
        ),
        Mistake("2 outside of the root", "It is √(2/n), not 2/√n.", drawn(lambda fan_in, fan_out: 2 / np.sqrt(fan_in))),
        Mistake(
            "uniform without √3",
            "Numbers drawn evenly from −a to a have the standard deviation a/√3: take a = √3 · √(2/n) = √(6/n).",
            lambda fan_in, fan_out, rng: rng.uniform(-1, 1, (fan_in, fan_out)) * he(fan_in, fan_out),
        ),
        Mistake(
            "no negative weights",
            "`rng.random` draws from 0 to 1: half of the weights must be below 0. `rng.normal(0, σ, shape)` does that.",
            lambda fan_in, fan_out, rng: rng.random((fan_in, fan_out)) * he(fan_in, fan_out),
        ),
        Mistake(
            "standard normal weights",
            "`rng.normal(size=…)` has the standard deviation 1: multiply by σ, or hand it over as scale.",
            drawn(lambda fan_in, fan_out: 1.0),
        ),
        Mistake(
            "one row for all inputs",
            "Each weight is drawn by itself: as many numbers as the array has entries.",
            lambda fan_in, fan_out, rng: np.tile(rng.normal(0, he(fan_in, fan_out), fan_out), (fan_in, 1)),
        ),
        Mistake(
            "one column for all units",
            "Equal units get equal gradients and stay equal: as many numbers as the array has entries.",
            lambda fan_in, fan_out, rng: np.tile(rng.normal(0, he(fan_in, fan_out), (fan_in, 1)), fan_out),
        ),
        Mistake(
            "all weights equal",
            "Equal units get equal gradients and stay equal: draw the weights.",
            lambda fan_in, fan_out, rng: np.full((fan_in, fan_out), he(fan_in, fan_out)),
        ),
        Mistake(
            "rows and columns swapped",
            "Here a layer is x W: W has a row for each input and a column for each unit.",
            lambda fan_in, fan_out, rng: drawn(he)(fan_in, fan_out, rng).T,
        ),
    ),
    hints=(
        "Which standard deviation does He ask for, and what is n in it?",
        "`rng.normal(0, std, size=(fan_in, fan_out))` draws normal numbers; std comes from fan_in alone.",
        "return rng.normal(0, np.sqrt(2 / fan_in), size=(fan_in, fan_out))",
    ),
)


def through(x, weights, measure=np.std, activation=np.maximum):
    """What `measure` says of the output of each layer."""
    found = []
    for W in weights:
        x = activation(x @ W, 0)
        found.append(measure(x))
    return found


def forward_stds(x, weights):
    relu, found = ReLU(), []
    for W in weights:
        x = relu.forward(x @ W)
        found.append(x.std())
    return found


def of_the_sums(x, weights):
    found = []
    for W in weights:
        found.append((x @ W).std())
        x = np.maximum(x @ W, 0)
    return found


_rng = np.random.default_rng(9)
X, LAYERS = _rng.normal(1, 1, size=(40, 6)), tuple(_rng.normal(0, 0.5, size=(4, 6, 6)))


def my_stds(x, weights):
    stds = []
    for W in weights:
        x = np.maximum(x @ W, 0)
        stds.append(np.std(x))
    return stds


STDS = FunctionExercise(
    name="layer by layer",
    task="send samples through layers of ReLU units, and return the std of each layer's output",
    solution=my_stds,
    reference=forward_stds,
    problems=(
        Problem(
            "two layers by hand (outputs 2 and 6, then 1 and 3)",
            (np.array([[1.0], [3.0]]), (np.array([[2.0]]), np.array([[0.5]]))),
            by_hand=[2.0, 1.0],
        ),
        Problem("four layers of 6 units", (X, LAYERS)),
        Problem("layers of 6, 5 and 3 units", (X, (LAYERS[0], LAYERS[1][:, :5], LAYERS[2][:5, :3]))),
    ),
    mistakes=(
        Mistake(
            "no activation",
            "A layer is max(x W, 0); without it all layers together are one matrix.",
            lambda x, weights: through(x, weights, activation=lambda sums, _: sums),
        ),
        Mistake(
            "std of the sums",
            "Measure the output of the layer, after ReLU; `x @ W` alone is the sum.",
            of_the_sums,
        ),
        Mistake(
            "every layer fed with the samples",
            "The output of a layer is the input of the next: `x = np.maximum(x @ W, 0)`.",
            lambda x, weights: [np.maximum(x @ W, 0).std() for W in weights],
        ),
        Mistake(
            "variance for standard deviation",
            "The standard deviation is the root of the variance: np.std.",
            lambda x, weights: through(x, weights, np.var),
        ),
        Mistake(
            "root mean square",
            "The std is taken around the mean, and after ReLU the mean is not 0: np.std.",
            lambda x, weights: through(x, weights, lambda y: np.sqrt(np.mean(y**2))),
        ),
        Mistake(
            "mean of the units' stds",
            "Pool all values of the layer: np.std without axis.",
            lambda x, weights: through(x, weights, lambda y: y.std(axis=0).mean()),
        ),
        Mistake(
            "samples counted as a layer",
            "The first entry belongs to the output of the first layer.",
            lambda x, weights: [x.std(), *forward_stds(x, weights)],
        ),
    ),
    hints=(
        "The sums of a layer are `x @ W`. What comes out of it, and where does that go?",
        "In a loop over weights: the new x is `np.maximum(x @ W, 0)`; append its std.",
        "x = np.maximum(x @ W, 0)\nstds.append(np.std(x))",
    ),
)


Y = np.array([[0.0, 2.0, 0.0, 1.0], [0.0, 0.0, 0.0, 3.0], [0.0, 1.0, 0.0, 2.0]])
RECTIFIED = np.maximum(_rng.normal(-1.2, 1, size=(12, 9)), 0)
RECTIFIED[:, 4] = RECTIFIED[3] = RECTIFIED[7] = 0


def my_dead(y):
    return np.sum(np.all(y == 0, axis=0))


DEAD = FunctionExercise(
    name="dead units",
    task="return how many ReLU units are dead: 0 for every sample; y has a row for each sample",
    solution=my_dead,
    reference=lambda y: np.sum(np.all(y == 0, axis=0)),
    problems=(
        Problem("3 samples and 4 units, by hand (units 0 and 2 are always 0)", (Y,), by_hand=2),
        Problem("12 samples and 9 units", (RECTIFIED,)),
        Problem("a single sample", (RECTIFIED[:1],)),
        Problem("no dead unit", (RECTIFIED + 1,)),
    ),
    mistakes=(
        Mistake(
            "samples counted for units",
            "Units are the columns: ask of each column whether all of its samples are 0, with axis=0.",
            lambda y: np.sum(np.all(y == 0, axis=1)),
        ),
        Mistake(
            "zeros counted",
            "That is how many values are 0; a unit is dead when all of its values are.",
            lambda y: np.sum(y == 0),
        ),
        Mistake(
            "units counted that are 0 once",
            "A unit that is 0 for one sample may answer to another: np.all, not np.any.",
            lambda y: np.sum(np.any(y == 0, axis=0)),
        ),
        Mistake(
            "small means taken for 0",
            "A unit whose mean is small may still answer to some samples: dead is one whose values are all 0.",
            lambda y: np.sum(y.mean(axis=0) < 0.1),
            tuple(
                lambda y, bound=bound, how=how: np.sum(how(y, axis=0) < bound)
                for bound in (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 1.1)
                for how in (np.mean, np.max)
            ),
        ),
        Mistake(
            "share for number",
            "Count the units; np.mean gives their share.",
            lambda y: np.mean(np.all(y == 0, axis=0)),
        ),
        Mistake(
            "first sample only",
            "A unit is dead when it is 0 for every sample, not for the first alone.",
            lambda y: np.sum(y[0] == 0),
        ),
        Mistake(
            "the living counted",
            "Those are the units that are above 0 for some sample.",
            lambda y: np.sum(np.any(y > 0, axis=0)),
        ),
    ),
    hints=(
        "Which axis of y runs over the samples of one unit?",
        "`np.all(y == 0, axis=0)` says of each unit whether it is 0 for every sample.",
        "return np.sum(np.all(y == 0, axis=0))",
    ),
)

EXERCISES = WEIGHTS, STDS, DEAD


QUESTIONS = (
    Question(
        name="sigmoid with wide weights",
        question="Sigmoid, σ = 1: where are most outputs of a layer?",
        options=("spread over 0 to 1", "near 1/2", "near 0 and 1"),
        answer="near 0 and 1",
        why="Six to eight values of ten are in the outer 5 % of the range, in every layer.",
    ),
    Question(
        name="sigmoid with narrow weights",
        question="Sigmoid, σ = 0.01: how far apart are the outputs of layer 5 for two different samples?",
        options=("about 0.1", "about 0.01", "below 0.0000001"),
        answer="below 0.0000001",
        why="The standard deviation between the samples is below 2e-8; what is left to see is between the units.",
    ),
    Question(
        name="all weights 0",
        question=(
            "A network with ReLU after each layer but the last starts with all weights and biases 0: which parameters "
            "does training change?"
        ),
        options=("all", "the first layer's", "only the last biases", "none"),
        answer="only the last biases",
        why=(
            "All outputs are 0 and no gradient comes back through weights of 0: only b5 learns, how often "
            "each digit occurs."
        ),
    ),
    Question(
        name="relu that keeps the size",
        question="ReLU with 100 inputs a layer: which σ keeps the values as large in layer 5 as in layer 1?",
        options=("0.01", "0.1", "0.14", "1"),
        answer="0.14",
        why="That is √(2/100), the rule of He: ReLU halves the mean square, and the 2 makes up for it.",
    ),
)
