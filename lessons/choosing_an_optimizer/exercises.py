"""Exercises: a sweep, the best of a sweep over several seeds, two curves that are the same run."""

import numpy as np

import helpers
from workbench.descent import landscapes
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal
from workbench.tutoring.questions import Question

BOWL = landscapes.bowl()


def sweep(method, landscape, start, steps, lrs, of_losses=lambda losses: losses[-1]):
    """`of_losses` of the losses of each run, the last one unless told otherwise."""
    paths = [helpers.trajectory(method(lr=lr), landscape.gradient, start, steps) for lr in lrs]
    return [of_losses(landscape.value(path)) for path in paths]


def one_optimizer(method, landscape, start, steps, lrs):
    optimizer, ends = method(), []
    for lr in lrs:
        optimizer.lr = lr
        ends.append(landscape.value(helpers.trajectory(optimizer, landscape.gradient, start, steps)[-1]))
    return ends


def one_walk(method, landscape, start, steps, lrs):
    w, ends = start, []
    for lr in lrs:
        w = helpers.trajectory(method(lr=lr), landscape.gradient, w, steps)[-1]
        ends.append(landscape.value(w))
    return ends


def default_rate(method, landscape, start, steps, lrs):
    return sweep(lambda lr: method(), landscape, start, steps, lrs)


def points(method, landscape, start, steps, lrs):
    return [helpers.trajectory(method(lr=lr), landscape.gradient, start, steps)[-1] for lr in lrs]


def of_losses(function):
    return lambda *args: sweep(*args, of_losses=function)


def my_sweep(method, landscape, start, steps, lrs):
    ends = []
    for lr in lrs:
        path = helpers.trajectory(method(lr=lr), landscape.gradient, start, steps)
        ends.append(landscape.value(path[-1]))
    return ends


SWEEP = FunctionExercise(
    name="sweep",
    task="return the loss after the last update for each learning rate, a list",
    solution=my_sweep,
    reference=sweep,
    problems=(
        # From y = 4, SGD on y² multiplies y by 1 − 2η: it ends at 2, 0 and −4.
        Problem(
            "one update by hand (SGD on the bowl from (0, 4), η = 0.25, 0.5 and 1: y is 2, 0, −4)",
            (helpers.SGD, BOWL, np.array([0.0, 4.0]), 1, np.array([0.25, 0.5, 1.0])),
            by_hand=[4.0, 0.0, 16.0],
        ),
        Problem(
            "Momentum, 30 updates on the bowl",
            (helpers.Momentum, BOWL, np.array([-7.0, 2.0]), 30, np.array([0.1, 0.5, 1.0])),
        ),
        Problem(
            "AdaGrad, 30 updates on the bowl",
            (helpers.AdaGrad, BOWL, np.array([-7.0, 2.0]), 30, np.array([0.1, 1.5, 3.0])),
        ),
    ),
    mistakes=(
        Mistake(
            "lowest loss on the way",
            "A path that swings passes low places and leaves them: take the loss of path[-1].",
            of_losses(np.min),
        ),
        Mistake(
            "one optimizer for all learning rates",
            "It remembers the run before: make a new one for each learning rate, `method(lr=lr)`.",
            one_optimizer,
        ),
        Mistake(
            "runs that go on where the last one ended",
            "Every run begins at start, or the later ones find the work done.",
            one_walk,
        ),
        Mistake(
            "learning rate not handed on",
            "All runs have the method's own default: make it by `method(lr=lr)`.",
            default_rate,
        ),
        Mistake(
            "another number of updates",
            "helpers.trajectory counts updates, without the start: hand it `steps` as it is.",
            lambda method, landscape, start, steps, lrs: sweep(method, landscape, start, steps + 1, lrs),
            (lambda method, landscape, start, steps, lrs: sweep(method, landscape, start, steps - 1, lrs),),
        ),
        Mistake("loss of the start", "path[0] is the start; the last point is path[-1].", of_losses(lambda x: x[0])),
        Mistake(
            "mean over all updates", "The loss after the last update counts, not those before.", of_losses(np.mean)
        ),
        Mistake("all losses of each run", "Keep one loss a run, that of path[-1].", of_losses(lambda losses: losses)),
        Mistake(
            "points in place of losses",
            "path[-1] is where the run ends; the loss there is landscape.value(path[-1]).",
            points,
        ),
        Mistake(
            "only the lowest loss",
            "Return the list of all losses, one a learning rate.",
            lambda *args: min(sweep(*args)),
        ),
    ),
    hints=(
        "Write one run first: which optimizer, which gradient, which start, how many updates?",
        "A run is `helpers.trajectory(method(lr=lr), landscape.gradient, start, steps)`; it needs a new optimizer.",
        "path = helpers.trajectory(method(lr=lr), landscape.gradient, start, steps)\n"
        "ends.append(landscape.value(path[-1]))",
    ),
)


def best(lrs, losses):
    """The learning rate whose mean loss at the end, over the seeds, is the lowest; a nan counts as infinite."""
    return lrs[np.argmin(np.nan_to_num(losses[:, :, -1].mean(axis=1), nan=np.inf))]


def by(score):
    """Choose by the lowest `score(losses)`, one number a learning rate, where nan never wins."""
    return lambda lrs, losses: lrs[np.argmin(np.nan_to_num(score(losses), nan=np.inf))]


def only_those_that_arrived(losses):
    """The mean of the seeds that did not diverge."""
    ends = losses[:, :, -1]
    return np.nan_to_num(ends).sum(axis=1) / np.isfinite(ends).sum(axis=1)


LRS = np.array([0.1, 0.2, 0.5, 1.0, 2.0])
# Losses of five learning rates and two seeds after 0, 1 and 2 updates; with the last of them one seed diverges.
BY_HAND = np.array(
    [
        [[9.0, 7.0, 5.0], [9.0, 6.0, 5.0]],
        [[9.0, 4.0, 3.0], [9.0, 4.0, 3.0]],
        [[9.0, 8.0, 1.0], [9.0, 9.0, 8.0]],
        [[9.0, 0.0, 6.0], [9.0, 0.0, 6.0]],
        [[9.0, 90.0, np.nan], [9.0, 8.0, 7.0]],
    ]
)
TRAINED = np.random.default_rng(0).uniform(1, 9, size=(4, 3, 6))
TRAINED[0, :, 2] = 0.1  # a low place on the way
TRAINED[2, :, -1] = 1.0, np.nan, 1.2


def table(k):
    """Losses of seven learning rates and four seeds, none of which diverges."""
    rng = np.random.default_rng(k)
    return rng.gamma(0.7, 3.0, size=(7, 4, 4)).round(2) + 0.1


def my_best(lrs, losses):
    means = losses[:, :, -1].mean(axis=1)
    return lrs[np.argmin(np.nan_to_num(means, nan=np.inf))]


BEST = FunctionExercise(
    name="best learning rate",
    task="return the learning rate whose mean loss at the end, over all seeds, is the lowest",
    solution=my_best,
    reference=best,
    problems=(
        Problem(
            "five learning rates, two seeds, two updates, by hand (mean losses at the end: 5, 3, 4.5, 6 and nan)",
            (LRS, BY_HAND),
            by_hand=0.2,
        ),
        Problem("four learning rates, three seeds, five updates", (np.array([0.01, 0.03, 0.1, 0.3]), TRAINED)),
        *(
            Problem(
                f"seven learning rates, four seeds, three updates, table {k}", (np.geomspace(0.001, 1, 7), table(k))
            )
            for k in range(1, 7)
        ),
    ),
    mistakes=(
        Mistake(
            "lowest loss on the way",
            "A run that passes a low place and leaves it has not arrived: compare losses[:, :, -1].",
            by(lambda losses: losses.min(axis=(1, 2))),
        ),
        Mistake(
            "luckiest seed",
            "One good seed is luck: take the mean over the seeds before you compare.",
            by(lambda losses: np.nan_to_num(losses[:, :, -1], nan=np.inf).min(axis=1)),
        ),
        Mistake(
            "mean over all updates",
            "What counts is where a run ends: losses[:, :, -1], not the losses on the way.",
            by(lambda losses: losses.mean(axis=(1, 2))),
        ),
        Mistake(
            "median of the seeds",
            "The median does not see a seed that is far worse than the others: take the mean.",
            by(lambda losses: np.median(losses[:, :, -1], axis=1)),
            (by(lambda losses: np.median(np.nan_to_num(losses[:, :, -1], nan=np.inf), axis=1)),),
        ),
        Mistake(
            "worst seed",
            "The highest loss of the seeds is the bad luck of one: take the mean over the seeds.",
            by(lambda losses: losses[:, :, -1].max(axis=1)),
        ),
        Mistake(
            "first seed only",
            "All seeds count: take the mean over axis 1.",
            by(lambda losses: losses[:, 0, -1]),
        ),
        Mistake(
            "seeds that diverged left out",
            "A learning rate with which one seed diverges is no good one: such a mean counts as infinite.",
            by(only_those_that_arrived),
        ),
        Mistake(
            "diverged run chosen",
            "np.argmin takes nan for the lowest; np.nan_to_num(…, nan=np.inf) puts it last.",
            lambda lrs, losses: lrs[np.argmin(losses[:, :, -1].mean(axis=1))],
        ),
        Mistake(
            "index in place of the learning rate",
            "argmin says which one it is: return lrs[…] of it.",
            lambda lrs, losses: np.flatnonzero(lrs == best(lrs, losses))[0],
        ),
        Mistake(
            "loss in place of the learning rate",
            "The lowest mean loss is a loss: ask for its place with argmin, and return the rate at that place.",
            lambda lrs, losses: np.nan_to_num(losses[:, :, -1].mean(axis=1), nan=np.inf).min(),
        ),
        Mistake(
            "highest loss",
            "The lowest loss wins: argmin, not argmax.",
            lambda lrs, losses: lrs[np.argmax(np.nan_to_num(losses[:, :, -1].mean(axis=1), nan=-np.inf))],
        ),
    ),
    hints=(
        "Which of the three axes of losses are seeds and updates, and what is to be done with each?",
        "The mean losses at the end are `losses[:, :, -1].mean(axis=1)`; what does np.argmin do with a nan?",
        "means = losses[:, :, -1].mean(axis=1)\nreturn lrs[np.argmin(np.nan_to_num(means, nan=np.inf))]",
    ),
)


def race(landscape, start, lr, beta, steps):
    optimizers = {"SGD": helpers.SGD(lr), "Momentum": helpers.Momentum(lr, beta)}
    return {
        name: landscape.value(helpers.trajectory(optimizer, landscape.gradient, start, steps))
        for name, optimizer in optimizers.items()
    }


def curves(result, *args):
    if not isinstance(result, dict) or result.keys() != {"SGD", "Momentum"}:
        raise Refusal("The result is a dict with the losses of 'SGD' and of 'Momentum'.")
    return {f"the losses of {name}": result[name] for name in ("SGD", "Momentum")}


def shown(sgd, momentum):
    """A race whose curves are those of the methods named here."""

    def answer(*args):
        losses = race(*args)
        return {"SGD": losses[sgd], "Momentum": losses[momentum]}

    return answer


def my_race(landscape, start, lr, beta, steps):
    settings = {"lr": lr, "momentum": 0.0}
    with_momentum = {"lr": lr, "momentum": beta}
    losses = {}
    for name, setting in ("SGD", settings), ("Momentum", with_momentum):
        path = helpers.trajectory(helpers.Momentum(**setting), landscape.gradient, start, steps)
        losses[name] = landscape.value(path)
    return losses


SAME_RUN = FunctionExercise(
    name="same run bug hunt",
    task="find out why the curves of SGD and Momentum are the same run, and repair it",
    solution=my_race,
    reference=race,
    facts=curves,
    problems=(
        # On y² with η = 0.25 SGD halves y: 4, 2, 1. Momentum has v = −2, then −1.8 − 1: y is 4, 2, −0.8.
        Problem(
            "two updates by hand (the bowl from (0, 4), η = 0.25, β = 0.9: y is 4, 2, 1 and 4, 2, −0.8)",
            (BOWL, np.array([0.0, 4.0]), 0.25, 0.9, 2),
            by_hand=[[16.0, 4.0, 1.0], [16.0, 4.0, 0.64]],
        ),
        Problem("30 updates on the bowl", (BOWL, np.array([-7.0, 2.0]), 0.1, 0.9, 30)),
        Problem("40 updates on the rotated bowl", (landscapes.bowl(rotation=45), np.array([-7.0, 2.0]), 0.3, 0.5, 40)),
    ),
    mistakes=(
        Mistake(
            "SGD that is Momentum",
            "Both names stand for one dict, so that both runs have the same β: make a dict for each.",
            shown("Momentum", "Momentum"),
        ),
        Mistake("Momentum that is SGD", "Now both runs have β = 0: only SGD has it.", shown("SGD", "SGD")),
        Mistake(
            "another learning rate for Momentum",
            "Both runs have the same η, as in the published notebook; only β differs.",
            lambda landscape, start, lr, beta, steps: (
                race(landscape, start, lr, 0, steps)
                | {"Momentum": race(landscape, start, lr * (1 - beta), beta, steps)["Momentum"]}
            ),
            (
                lambda landscape, start, lr, beta, steps: (
                    race(landscape, start, lr, 0, steps)
                    | {"Momentum": race(landscape, start, lr / (1 - beta), beta, steps)["Momentum"]}
                ),
            ),
        ),
        Mistake(
            "Nesterov in place of Momentum",
            "The second curve is that of helpers.Momentum, with the gradient at w.",
            lambda landscape, start, lr, beta, steps: (
                race(landscape, start, lr, beta, steps)
                | {
                    "Momentum": landscape.value(
                        helpers.trajectory(helpers.Nesterov(lr, beta), landscape.gradient, start, steps)
                    )
                }
            ),
        ),
        Mistake("curves swapped", "The run with β is Momentum, the one with β = 0 is SGD.", shown("Momentum", "SGD")),
    ),
    hints=(
        "Two curves that agree to the last digit are one run. What are the settings of each when the loop begins?",
        "`a = b` makes no copy of a dict: it gives the same dict a second name.",
        'with_momentum = {"lr": lr, "momentum": beta}',
    ),
)

EXERCISES = SWEEP, BEST, SAME_RUN


QUESTIONS = (
    Question(
        name="learning rate of the bowl",
        question=(
            "SGD has a learning rate that was chosen for the bowl: on how many of the other six landscapes "
            "does it arrive?"
        ),
        options=("6", "3", "none"),
        answer="3",
        why="Rosenbrock, Beale and Himmelblau have large gradients: there the first step leads out of the picture.",
    ),
    Question(
        name="most wins",
        question=(
            "Each optimizer gets its own best learning rate on each of the seven landscapes. How many landscapes does "
            "the most successful of them win, without sharing the first place?"
        ),
        options=("seven", "four", "two"),
        answer="two",
        why="Three methods win two landscapes each, and on the saddle four share the first place.",
    ),
    Question(
        name="one learning rate for most",
        question="Which of these can keep one learning rate for most of the landscapes?",
        options=("SGD", "Momentum", "Adam"),
        answer="Adam",
        why="With any η from 0.1 to 1.5 it arrives on six of the seven; SGD and Momentum arrive on four at most.",
    ),
    Question(
        name="adagrad in 100 dimensions",
        question=(
            "A loss of 100 weights has κ = 1000, and its steep and flat directions are mixtures of all weights. How "
            "does AdaGrad, at its best learning rate, do in a race of 300 updates?"
        ),
        options=("it wins", "it comes in second", "it does not arrive"),
        answer="it does not arrive",
        why="No weight has a direction of its own then; after 300 updates Momentum is there and AdaGrad is not.",
    ),
)
