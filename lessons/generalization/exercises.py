"""Exercises: weight decay, early stopping, dropout."""

import numpy as np

from workbench.networks.regularization import Dropout, EarlyStopping
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal, as_array
from workbench.tutoring.questions import Question

# Weight decay


def adding(term, keys=lambda key: key.startswith("W")):
    """An answer that adds another term to the gradients of some parameters."""
    return lambda grads, params, lam: {
        key: g + term(params[key], lam, g) if keys(key) else g for key, g in grads.items()
    }


def decay_facts(result, grads, params, lam):
    if not isinstance(result, dict):
        raise Refusal("The answer is a dict with the keys of grads.")
    if result.keys() != grads.keys():
        raise Refusal(f"The dict has the keys {', '.join(map(str, result)) or 'none'}; allowed: {', '.join(grads)}.")
    return {f"∂L/∂{key}": as_array(g) for key, g in result.items()}


_rng = np.random.default_rng(12)
PARAMS = {"W1": _rng.normal(size=(3, 2)).round(2), "b1": np.array([1.0, -2.0])}
PARAMS |= {"W2": _rng.normal(size=(2, 2)).round(2), "b2": np.array([0.5, 3.0])}
GRADS = {key: _rng.normal(size=p.shape).round(2) for key, p in PARAMS.items()}


def my_decay(grads, params, lam):
    return {key: g + lam * params[key] if key.startswith("W") else g for key, g in grads.items()}


DECAY = FunctionExercise(
    name="weight decay",
    task="return the gradients of L + λ/2 Σ W², a dict, from those of L; biases are not decayed",
    solution=my_decay,
    reference=adding(lambda p, lam, g: lam * p),
    facts=decay_facts,
    problems=(
        Problem(
            "one layer by hand (W = 2 and −4, b = 3, all gradients 1, λ = 0.5)",
            (
                {"W1": np.array([[1.0, 1.0]]), "b1": np.array([1.0])},
                {"W1": np.array([[2.0, -4.0]]), "b1": np.array([3.0])},
                0.5,
            ),
            by_hand=[2.0, -1.0, 1.0],
        ),
        Problem("two layers", (GRADS, PARAMS, 0.3)),
        Problem("λ = 0", (GRADS, PARAMS, 0.0)),
    ),
    mistakes=(
        Mistake(
            "biases decayed, too",
            "The sum is over weights only: keys that begin with W. Biases keep their gradients.",
            adding(lambda p, lam, g: lam * p, keys=lambda key: True),
        ),
        Mistake(
            "½ of the penalty kept",
            "The derivative of λ/2 W² is λ W: the 2 of the square takes the ½ away.",
            adding(lambda p, lam, g: lam / 2 * p),
        ),
        Mistake(
            "½ of the penalty forgotten",
            "The penalty is λ/2 Σ W², and its gradient λ W. 2 λ W belongs to λ Σ W², as in Keras.",
            adding(lambda p, lam, g: 2 * lam * p),
        ),
        Mistake(
            "weights pushed away from 0",
            "The gradient has + λ W; the update takes it off.",
            adding(lambda p, lam, g: -lam * p),
        ),
        Mistake(
            "penalty instead of its gradient",
            "λ/2 W² belongs to the loss; its derivative along W is λ W.",
            adding(lambda p, lam, g: lam / 2 * p**2),
        ),
        Mistake(
            "sign instead of the weight",
            "λ sign(W) is the gradient of λ Σ |W|, L1; that of L2 is in proportion to W.",
            adding(lambda p, lam, g: lam * np.sign(p)),
        ),
        Mistake(
            "gradient decayed instead of the weight",
            "What is added is λ times the weight, not λ times the gradient.",
            adding(lambda p, lam, g: lam * g),
        ),
        Mistake(
            "only the first layer",
            "The sum is over the weights of all layers: every key that begins with W.",
            adding(lambda p, lam, g: lam * p, keys=lambda key: key == "W1"),
        ),
    ),
    hints=(
        "What is the derivative of λ/2 W² along W, and along b?",
        'Go through grads.items(); add `lam * params[key]` where `key.startswith("W")`.',
        'return {key: g + lam * params[key] if key.startswith("W") else g for key, g in grads.items()}',
    ),
)


# Early stopping


class OneWeight:
    """A network for these problems, and a run of its training: an update adds 1 to its one weight."""

    def __init__(self):
        self.params, self.averages = {"w": np.zeros(1)}, {}
        self.network = self

    @property
    def done(self):
        return int(self.params["w"][0])


def update(network):
    network.params["w"] += 1


def measured(*losses):
    """A validation loss that depends on the weight alone: losses[0] after the first update."""
    return lambda network: losses[network.done - 1]


def stopped_early(network, update, loss, updates, patience):
    stopper = EarlyStopping(loss, patience)
    for done in range(1, updates + 1):
        update(network)
        if stopper(network):
            return stopper.params, done
    return stopper.params, updates


def best_only_when_stopped(network, update, loss, updates, patience):
    best, done = stopped_early(network, update, loss, updates, patience)
    return best if done < updates else copied(network.params), done


def copied(params):
    return {key: p.copy() for key, p in params.items()}


def stopping(better=lambda value, best, before: value < best, late=0, reset=True, kept=copied):
    """A loop with one thing wrong: what counts as better, when it stops, and what it keeps."""

    def answer(network, update, loss, updates, patience):
        best, before, waited, weights, done = np.inf, np.inf, 0, None, 0
        while done < updates and waited < max(patience + late, 1):
            update(network)
            done += 1
            value = loss(network)
            if weights is None or better(value, best, before):
                best, weights = value, kept(network.params)
                waited = 0 if reset else waited
            else:
                waited += 1
            before = value
        return weights, done

    return answer


def number_of_the_best(network, update, loss, updates, patience):
    best, _ = stopped_early(network, update, loss, updates, patience)
    return best, best["w"]


def lowest_loss(network, update, loss, updates, patience):
    best, _ = stopped_early(network, update, loss, updates, patience)
    network.params["w"][...] = best["w"]
    return best, loss(network)


def measured_before(network, update, loss, updates, patience):
    lowest, best, waited, done = np.inf, None, 0, 0
    while done < updates:
        done += 1
        value = loss(network)
        lowest, best, waited = (value, copied(network.params), 0) if value < lowest else (lowest, best, waited + 1)
        if waited >= patience:
            break
        update(network)
    return best, done


def stop_facts(result, network, update, loss, updates, patience):
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Refusal("The answer is the best parameters, a dict, and the number of updates done: `return best, done`.")
    best, done = result
    if not isinstance(best, dict) or best.keys() != network.params.keys():
        raise Refusal("The best parameters are a dict of arrays with the keys of network.params.")
    return {"the weight of the best parameters": as_array(best["w"]), "the number of updates done": as_array(done)}


def stop_problem(words, *losses, patience=3, by_hand=None):
    return Problem(words, (OneWeight(), update, measured(*losses), len(losses), patience), by_hand)


def my_early_stopping(network, update, loss, updates, patience):
    lowest, best, waited = np.inf, None, 0
    for done in range(1, updates + 1):
        update(network)
        value = loss(network)
        if value < lowest:
            lowest, waited = value, 0
            best = {key: p.copy() for key, p in network.params.items()}
        else:
            waited += 1
        if waited >= patience:
            return best, done
    return best, updates


STOP = FunctionExercise(
    name="early stopping",
    task="train until the loss has not been lower than the best so far `patience` times in a row; "
    "return the parameters of the best one, and the number of updates done",
    solution=my_early_stopping,
    reference=stopped_early,
    facts=stop_facts,
    problems=(
        stop_problem(
            "losses 5, 3, 4, 2, 3, 2.5, 2.2, 1, by hand (patience 3: best after update 4, stop after 7)",
            *(5.0, 3.0, 4.0, 2.0, 3.0, 2.5, 2.2, 1.0),
            by_hand=[4, 7],
        ),
        stop_problem("losses that only fall", 4.0, 3.0, 2.0, 1.0),
        stop_problem("an end before patience is used up", 3.0, 1.0, 2.0, 2.5),
        stop_problem("a loss that comes twice", 3.0, 2.0, 2.0, 4.0, 5.0, 1.0),
        stop_problem("patience 1", 3.0, 2.0, 4.0, 1.0, patience=1),
        stop_problem("losses that only rise", 1.0, 2.0, 3.0, 4.0, 5.0, patience=2),
    ),
    mistakes=(
        Mistake(
            "number of the best update",
            "Asked for is how many updates were done until the stop, not with which of them the loss was lowest.",
            number_of_the_best,
        ),
        Mistake(
            "lowest loss in place of the number of updates",
            "The second result is how many updates were done until the stop.",
            lowest_loss,
        ),
        Mistake(
            "measured before the update",
            "Update first, then measure: the loss of the first weights is not asked for.",
            measured_before,
        ),
        Mistake(
            "last weights kept",
            "The best parameters must be a copy: updates change the arrays of network.params in place. "
            "`{key: p.copy() for key, p in network.params.items()}`.",
            stopping(kept=lambda params: params),
        ),
        Mistake(
            "last weights where patience is not used up",
            "The best parameters are returned in any case, also when the loop ends because all updates are done.",
            best_only_when_stopped,
        ),
        Mistake(
            "stop at the first rise",
            "Losses go up and down: stop only after `patience` measurements in a row without a new best.",
            lambda network, update, loss, updates, patience: stopped_early(network, update, loss, updates, 1),
        ),
        Mistake(
            "patience never renewed",
            "Every new best starts the count again: `waited = 0`.",
            stopping(reset=False),
        ),
        Mistake(
            "one measurement too patient",
            "Stop when patience measurements in a row were no better: `waited >= patience`, not `>`.",
            stopping(late=1),
        ),
        Mistake(
            "one measurement too hasty",
            "With patience 3 the third measurement in a row without a new best is the last, not the second.",
            stopping(late=-1),
        ),
        Mistake(
            "never stopped",
            "The loop must end by `break` when patience is used up.",
            stopping(late=np.inf),
        ),
        Mistake(
            "compared with the measurement before",
            "Better means lower than the best so far, not lower than the last one.",
            stopping(better=lambda value, best, before: value < before),
        ),
        Mistake(
            "equal counted as better",
            "A loss that only equals the best is no improvement: `<`, not `<=`.",
            stopping(better=lambda value, best, before: value <= best),
        ),
        Mistake(
            "highest loss kept",
            "A loss is the better the lower it is.",
            stopping(better=lambda value, best, before: best == np.inf or value > best),
        ),
    ),
    hints=(
        "What has to be remembered from one measurement to the next? Three things.",
        "After each update: when the loss is below the lowest so far, keep it and a copy of network.params, and set "
        "`waited = 0`; else `waited += 1`.",
        "if value < lowest:\n"
        "    lowest, waited = value, 0\n"
        "    best = {key: p.copy() for key, p in network.params.items()}\n"
        "else:\n"
        "    waited += 1\n"
        "if waited >= patience:\n"
        "    return best, done",
    ),
)


# Dropout


def dropped(x, rate, training, rng):
    return Dropout(rate, rng).forward(x, training)


def inverted(share=lambda p: p, factor=lambda p: 1 / (1 - p), always=False, later=lambda p: 1, units=False):
    """Dropout with one thing wrong: the share dropped, the factor, what a prediction does."""

    def answer(x, p, training, rng):
        if not (training or always):
            return x * later(p)
        kept = rng.random(x.shape[1:] if units else x.shape) >= share(p)
        return x * kept * factor(p)

    return answer


def dropout_facts(result, x, rate, training, rng):
    """What is to be seen of random zeros in x, which has none."""
    y = as_array(result)
    if y.shape != x.shape:
        raise Refusal(f"The result has the shape {y.shape}; allowed: that of x, {x.shape}.")
    factors = (y / x)[y != 0]
    told = {True: "yes", False: "no"}
    return {
        "the share of zeros": f"{np.mean(y == 0):.1f}",
        "the smallest factor of the others": f"{np.min(factors, initial=np.inf):.5g}",
        "the largest factor of the others": f"{np.max(factors, initial=-np.inf):.5g}",
        "samples have zeros of their own:": told[len(np.unique(y == 0, axis=0)) > 1],
        "units of one sample differ:": told[bool(((y == 0).any(axis=1) & (y != 0).any(axis=1)).any())],
    }


VALUES = _rng.uniform(1, 2, size=(400, 50)).round(2)


def my_dropout(x, p, training, rng):
    if not training:
        return x
    kept = rng.random(x.shape) >= p
    return x * kept / (1 - p)


DROPOUT = FunctionExercise(
    name="dropout",
    task="return inverted dropout of x with the probability p, in training and in prediction; draw with rng",
    solution=my_dropout,
    reference=dropped,
    facts=dropout_facts,
    problems=(
        Problem(
            "training with p = 0.2, by hand (a fifth is 0, the others are divided by 0.8)",
            (VALUES, 0.2, True, np.random.default_rng(0)),
            by_hand=["0.2", "1.25", "1.25", "yes", "yes"],
        ),
        Problem("training with p = 0.6", (VALUES, 0.6, True, np.random.default_rng(1))),
        Problem("prediction", (VALUES, 0.2, False, np.random.default_rng(2))),
    ),
    mistakes=(
        Mistake(
            "kept units not scaled",
            "On average only 1 − p of each unit is left: divide those that are kept by 1 − p.",
            inverted(factor=lambda p: 1),
        ),
        Mistake(
            "scaled in prediction instead of in training",
            "That is dropout as it was first written. The inverted form divides in training, "
            "so that a prediction has nothing to do.",
            inverted(factor=lambda p: 1, later=lambda p: 1 - p),
        ),
        Mistake(
            "scaled in training and in prediction",
            "Dividing in training is enough: in prediction return x.",
            inverted(later=lambda p: 1 - p),
        ),
        Mistake(
            "p taken for the share that is kept",
            "p is the probability of a 0: a unit is kept where the random number is p or more.",
            inverted(share=lambda p: 1 - p),
        ),
        Mistake(
            "p taken for the share that is kept, and for the factor",
            "p is the probability of a 0: keep 1 − p of the units, and divide these by 1 − p.",
            inverted(share=lambda p: 1 - p, factor=lambda p: 1 / p),
        ),
        Mistake(
            "divided by p",
            "The share that is kept is 1 − p: divide by it.",
            inverted(factor=lambda p: 1 / p),
        ),
        Mistake(
            "multiplied by 1 − p in training",
            "Multiplying makes the mean smaller once more: divide by 1 − p.",
            inverted(factor=lambda p: 1 - p),
        ),
        Mistake(
            "dropped in prediction, too",
            "A prediction uses all units: without training return x.",
            inverted(always=True),
        ),
        Mistake(
            "the same units in every sample",
            "Draw for each unit of each sample: random numbers of the shape of x.",
            inverted(units=True),
        ),
        Mistake(
            "whole samples dropped",
            "Each unit of a sample is dropped by itself: random numbers of the shape of x, not one a row.",
            lambda x, p, training, rng: x * (rng.random((len(x), 1)) >= p) / (1 - p) if training else x,
        ),
        Mistake(
            "normal numbers in place of uniform ones",
            "rng.random draws evenly from 0 to 1, so that it is below p with the probability p; "
            "normal numbers are around 0.",
            lambda x, p, training, rng: x * (rng.normal(size=x.shape) >= p) / (1 - p) if training else x,
        ),
        Mistake(
            "nothing dropped",
            "In training each unit becomes 0 with the probability p.",
            inverted(share=lambda p: 0, factor=lambda p: 1),
        ),
    ),
    hints=(
        "Which units are kept, and how large is what is left of a unit on average?",
        "`rng.random(x.shape) >= p` is True with the probability 1 − p.",
        "kept = rng.random(x.shape) >= p\nreturn x * kept / (1 - p)",
    ),
)

EXERCISES = DECAY, STOP, DROPOUT


QUESTIONS = (
    Question(
        name="wrong labels",
        question=(
            "One label in five of the 300 is wrong. How many of the 300 does the network give back in the end "
            "as it was told?"
        ),
        options=("about 60", "about 240, the right ones", "nearly all 300"),
        answer="nearly all 300",
        why="More than 95 % of them: it learns the wrong ones by heart, too.",
    ),
    Question(
        name="validation loss",
        question="While the loss on the training digits falls, what does the loss on the validation digits do?",
        options=("it falls, too", "it falls, then rises", "it rises from the start"),
        answer="it falls, then rises",
        why="What is learned last holds for the 300 digits only.",
    ),
    Question(
        name="a strong decay",
        question=(
            "Weight decay with λ = 0.1 makes the gap between training and validation accuracy smaller. What "
            "becomes of the validation accuracy?"
        ),
        options=("it rises", "it falls", "it stays"),
        answer="it falls",
        why="The gap is smaller and the validation digits are worse, on five of five seeds.",
    ),
)
