"""Every argument of what a learner can call, with the values that it must refuse.

A name with () is what a class inherits or a function returns.
"""

from dataclasses import dataclass, field

import numpy as np

import helpers
from lessons.generalization import experiments as overfitting
from lessons.initialization import experiments as initialization
from lessons.normalization import experiments as normalization_runs
from workbench.data import mnist, stored
from workbench.descent import landscapes, sweep, theory
from workbench.drawing import curves, diagram, digits, histograms, surfaces
from workbench.live.figure import progress_bar as progress
from workbench.networks import (
    activations,
    convolution,
    gradient_check,
    lenet,
    network,
    normalization,
    regularization,
    schedules,
    training,
)
from workbench.tutoring import tutor

nan, inf, HUGE = np.nan, np.inf, 10**400
NO_NUMBERS = [None, "1", 1j, {}, [], len, object()]
NUMBERS = [*NO_NUMBERS, nan, inf, -inf, HUGE, -HUGE, [1.0], np.ones(2)]  # what is no finite number
NEGATIVE = [*NUMBERS, -1, -1e-300, -1e300]
POSITIVE = [*NEGATIVE, 0]
BELOW_1 = [*NEGATIVE, 1, 1e300]
WHOLE = [value for value in NEGATIVE if value is not HUGE] + [0.5, 2.0]  # a large number may be meant
FROM_1 = [*WHOLE, 0]
LIMITED, LIMITED_FROM_1 = [*WHOLE, 10**12, HUGE], [*FROM_1, 10**12, HUGE]
NAMES = [None, 3, nan, 1j, "", "nothing", [], {}, len, object(), np.ones(2)]
NO_FUNCTIONS = [3, nan, "f", [], {}, object(), np.ones(2)]
FUNCTIONS = [None, *NO_FUNCTIONS]
SEEDS = [None, -1, 0.5, nan, inf, "a", 1j, {}, len, object(), [1, -1], [0.5]]
NO_ARRAYS = [None, "1", 1j, {}, len, object(), [[1.0], [1.0, 2.0]], ["a", "b"], [1j, 2]]
FINITE = [*NO_ARRAYS, [], [nan], [inf], [1.0, nan]]
FLOATS = [*NO_ARRAYS, [], [1.0], 1.0, nan, np.ones(3, int), np.ones(3), np.ones((0, 2)), np.ones((2, 2, 2, 2, 2))]
DTYPES = [None, int, complex, np.float16, "f9", 3, [], {}, object()]
BOUNDED = [*NO_ARRAYS, nan, inf, -inf, HUGE, [nan], [inf, 1.0], 1e300]  # a number or an array of them
RATES = [*BOUNDED, -1, [-1e-9]]
POSITIVES = [*RATES, 0, 1e-300, [0.0]]
SHARES = [*RATES, 1, 2.5, [0.5, 1.0]]
SIZES = [None, 3, nan, "12", {}, [], [3], *([3, n] for n in (0, -1, 2.5, nan, "2", None)), [10**6, 10**6], [1, HUGE]]
OPTIMIZERS = [None, 3, "SGD", helpers.SGD, {}, [], object()]
NETWORKS = [None, 3, "MLP", network.MLP, {}, [], object()]


@dataclass
class Row:
    """A function, arguments that it takes, and for each argument the values that it refuses.

    makes: arguments made anew for each call, by functions. free: those of which every value is allowed.
    called: names that its messages may give to an argument, beside its own.
    """

    function: object
    good: dict
    bad: dict
    free: tuple = ()
    called: dict = field(default_factory=dict)


def optimizer_row(kind):
    hyper = {"lr": 0.1} | {k: v for k, v in vars(kind()).items() if k not in ("state", "lr")}
    bounds = {"lr": NEGATIVE, "weight_decay": NEGATIVE, "eps": POSITIVE}
    return Row(kind, hyper, {name: bounds.get(name, BELOW_1) for name in hyper})


BOWL = landscapes.bowl()
POINTS = [*NO_ARRAYS, [], 1.0, nan, [1.0], [1.0, 2.0, 3.0], np.ones((2, 3)), np.ones((3, 1))]


def mlp():
    return network.MLP((4, 3, 2))


X, LABELS = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4), np.array([0, 1, 1])
BAD_X = [*FLOATS, X.tolist(), X[:, :3], X[0], X.astype(int), np.full_like(X, nan), np.full_like(X, inf), X[:0]]
BAD_LABELS = [*NO_ARRAYS, [], 0, LABELS[:2], LABELS[:, None], LABELS + 1, LABELS - 1, LABELS / 2, [nan] * 3, [HUGE] * 3]
TEXTS = [None, 3, nan, [], {}, object()]
NO_DICTS = [None, 3, nan, "SGD", [], [0.9], {}, object()]
SWEPT = {"lrs": [0.1, 0.2], "held_out": [[0.9, None], [0.8, 0.7]]}
RGB, KERNELS = np.ones((2, 3, 4, 4)), np.ones((5, 3, 3, 3))


def after_forward(layer, x, **options):
    layer.forward(x, **options)
    return layer


def measured():
    stopping = regularization.EarlyStopping(lambda network: 1.0, 3)
    net = mlp()
    stopping(training.Run(1, net, [1.0]))
    return stopping


METHODS = [helpers.SGD, helpers.Momentum, helpers.Nesterov]
METHODS += [helpers.AdaGrad, helpers.RMSProp, helpers.Adam, helpers.AdamW]
ARRAYS = [
    None,
    3,
    1.0,
    nan,
    "w",
    [1.0],
    1j,
    {},
    object(),
    np.ones(2, int),
    1j * np.ones(2),
    np.ones(3),
    np.ones((1, 2)),
]
DICTS = [None, 3, "w", [], [1.0], np.ones(2), object(), {}, {"v": np.ones(2)}]
IMAGES = np.arange(3 * 784).reshape(3, 28, 28).astype(np.uint8)
BAD_IMAGES = [*NO_ARRAYS, [], 0, nan, IMAGES[0], IMAGES[:0], IMAGES[:, :5], np.ones((3, 784, 2))]
TRAIN = {"images": X, "labels": LABELS, "batch": 2, "seed": 0}


def train(**arguments):
    return training.train(mlp() if "network" not in arguments else arguments.pop("network"), **arguments)


ROWS = {
    f"helpers.{kind.__name__}{'.__init__' if '__init__' in vars(kind) else '()'}": optimizer_row(kind)
    for kind in METHODS
}
ROWS |= {
    "helpers.Optimizer.__init__": Row(helpers.Optimizer, {"lr": 0.1}, {"lr": NEGATIVE}),
    "helpers.Optimizer.update": Row(
        lambda params, grads: helpers.Adam().update(params, grads),
        {"params": {"w": np.ones(2)}, "grads": {"w": np.ones(2)}},
        {name: [*DICTS, *({"w": a} for a in ARRAYS)] for name in ("params", "grads")},
        called={"params": "grads", "grads": "params"},  # one of two shapes is another one
    ),
    "helpers.trajectory": Row(
        helpers.trajectory,
        {"optimizer": helpers.SGD(), "gradient": BOWL.gradient, "start": [1.0, 2.0], "steps": 3},
        {
            "optimizer": OPTIMIZERS,
            "gradient": [*FUNCTIONS, *(lambda w, a=a: a for a in (None, "g", 1j, [1j, 2j], [1.0], np.ones((2, 1))))],
            "start": [None, "1", 1j, {}, len, 1.0, [], [[1.0, 2.0]], [nan, 1.0], [inf, 1.0], ["a", "b"], [1j, 2]],
            "steps": LIMITED,
        },
        called={"gradient": "grads"},
    ),
    "activations.five_layers": Row(
        activations.five_layers,
        {"activation": "tanh", "init": "He", "seed": 0, "layers": 2, "samples": 3, "dtype": np.float32, "before": None},
        {
            "activation": [*NAMES, "relu"],
            "init": [*NEGATIVE, "he", 1e31],
            "seed": WHOLE,
            "layers": LIMITED_FROM_1,
            "samples": LIMITED_FROM_1,
            "dtype": DTYPES,
            "before": NO_FUNCTIONS,
        },
        free=("equal",),
    ),
    "activations.measures": Row(
        activations.measures,
        {"signals": activations.five_layers("tanh", "He", layers=2, samples=3)},
        {"signals": [None, 3, nan, "signals", X, [], object()]},
    ),
    "convolution.Convolution.__init__": Row(
        convolution.Convolution,
        {"W": KERNELS, "b": np.ones(5), "padding": "valid"},
        {
            "W": [*FLOATS, np.ones((5, 3, 3, 2)), np.ones((5, 3, 3)), np.ones((5, 3, 0, 0)), KERNELS.astype(int)],
            "b": [*FLOATS, np.ones(4), np.ones((5, 1))],
            "padding": NAMES,
        },
        called={"W": "b"},
    ),
    "convolution.Convolution.forward": Row(
        convolution.Convolution(KERNELS, np.ones(5)).forward,
        {"x": RGB},
        {"x": [*FLOATS[:-1], RGB[0], RGB[:, :2], RGB[:, :, :2], RGB.astype(int), RGB.tolist()]},
        free=("training",),
    ),
    **{
        f"convolution.Convolution.{name}": Row(
            getattr(after_forward(convolution.Convolution(KERNELS, np.ones(5)), RGB), name),
            {"dy": np.ones((2, 5, 2, 2))},
            {"dy": [*FLOATS, RGB, np.ones((3, 5, 2, 2)), np.ones((2, 4, 2, 2)), np.ones((2, 5, 2, 1))]},
        )
        for name in ("gradients", "backward")
    },
    "convolution.MaxPool.forward": Row(
        convolution.MaxPool().forward,
        {"x": RGB},
        {"x": [*FLOATS, RGB[0], RGB[:, :, :3], RGB.tolist()]},
        free=("training",),
    ),
    "convolution.MaxPool.backward": Row(
        after_forward(convolution.MaxPool(), RGB).backward,
        {"dy": np.ones((2, 3, 2, 2))},
        {"dy": [*FLOATS, RGB, np.ones((1, 3, 2, 2)), np.ones((2, 3, 2, 1))]},
    ),
    "curves.LossCurves.__init__": Row(
        curves.LossCurves,
        {"iterations": 100, "window": 50, "title": "Losses."},
        {"iterations": FROM_1, "window": FROM_1, "title": TEXTS},
    ),
    "curves.spread": Row(curves.spread, {"values": [0.9, 0.8]}, {"values": [*FINITE, 0.9, [[0.9]], [None]]}),
    "curves.many_seeds": Row(
        curves.many_seeds,
        {"curves": {"SGD": [[1.0], [0.5]]}, "accuracies": {"SGD": [0.9, 0.8]}, "window": 50, "title": "A title."},
        {
            "curves": [*NO_DICTS, *({"SGD": a} for a in ([1.0], None, "1", [[1.0], [1.0, 2.0]])), {"Adma": [[1.0]]}],
            "accuracies": [*NO_DICTS, {"SGD": [0.9]}, {"SGD": None}, {"Adam": [0.9, 0.8]}, {"SGD": [["a"], 1]}],
            "window": FROM_1,
            "title": TEXTS,
        },
    ),
    "curves.by_rate": Row(
        curves.by_rate,
        {"swept": {"SGD": SWEPT}, "best": {"SGD": 1}, "title": "A title."},
        {
            "swept": [
                *NO_DICTS,
                *({"SGD": found} for found in (None, {}, [], SWEPT | {"lrs": [0.1]}, SWEPT | {"held_out": [0.9, 0.8]})),
                *({"SGD": SWEPT | {"lrs": lrs}} for lrs in (None, "1", [nan, 0.1], [[0.1, 0.2]])),
                *({"SGD": SWEPT | {"held_out": values}} for values in (None, "x", [[0.9], [0.8, 0.7]], [["a"], ["b"]])),
            ],
            "best": [*NO_DICTS, {"SGD": -1}, {"SGD": 2}, {"SGD": 0.5}, {"SGD": None}, {"SGD": [1]}, {"Adam": 1}],
            "title": TEXTS,
        },
        called={"swept": "accuracies"},
    ),
    "curves.guesses_for_none": Row(
        curves.guesses_for_none,
        {"accuracies": [0.9, None]},
        {"accuracies": ["x", 1j, {}, len, [[1.0], [1.0, 2.0]], ["a"]]},
    ),
    "diagram.parameters": Row(diagram.parameters, {"sizes": (4, 3, 2)}, {"sizes": SIZES}),
    "diagram.picture": Row(
        diagram.picture, {"sizes": (4, 3, 2), "activation": "tanh"}, {"sizes": SIZES, "activation": [*NAMES, "relu"]}
    ),
    "digits.picture": Row(
        digits.picture,
        {"images": IMAGES, "captions": ["0", "1", "2"], "columns": 2, "title": "Digits."},
        {
            "images": [*BAD_IMAGES, IMAGES.astype(float), np.zeros((501, 28, 28), np.uint8)],
            "captions": [None, 3, "012", [], ["0"], [0, 1, 2], {}, [None] * 3],
            "columns": [*LIMITED_FROM_1, 101],
            "title": TEXTS,
        },
    ),
    "digits.confidently_wrong": Row(
        digits.confidently_wrong,
        {"network": network.MLP((784, 2)), "images": IMAGES, "labels": LABELS},
        {"network": NETWORKS, "images": BAD_IMAGES, "labels": [*NO_ARRAYS, [], 0, LABELS[:2], LABELS[:, None]]},
    ),
    "digits.as_captions": Row(
        digits.as_captions,
        {"labels": [4, 9], "classes": [9, 4]},
        {"labels": [None, 3, "4", [], [4]], "classes": [None, 3, "4", [], [4]]},
        called={"classes": "labels"},
    ),
    "gradient_check.numeric_gradient": Row(
        gradient_check.numeric_gradient,
        {"function": lambda: 1.0, "w": np.ones(2), "h": 1e-5},
        {
            "function": [*FUNCTIONS, *(lambda a=a: a for a in (None, "1", 1j, [1.0], np.ones(1)))],
            "w": [None, 3, "w", [1.0], {}, object(), np.ones(2, int), np.ones(2, np.float32), np.broadcast_to(1.0, 2)],
            "h": POSITIVE,
        },
    ),
    "gradient_check.relative_error": Row(
        gradient_check.relative_error,
        {"a": [1.0, 2.0], "b": [1.0, 3.0]},
        {"a": [*NO_ARRAYS, [], [1.0], [[1.0], [2.0]]], "b": [*NO_ARRAYS, [], [1.0], [[1.0], [2.0]]]},
        called={"a": "b"},
    ),
    "histograms.counts": Row(
        histograms.counts,
        {"bins": histograms.LinearBins(-1, 1, 4, ()), "values": np.zeros((2, 3))},
        {"bins": [None, 3, "bins", [], {}, object()], "values": [*NO_ARRAYS, [], 3.0, nan, np.ones(3)]},
    ),
    "initialization.network": Row(
        initialization.network,
        {"activation": "ReLU", "init": "He", "seed": 0, "dtype": np.float32},
        {"activation": NAMES, "init": [*NEGATIVE, "he", 1e31], "seed": SEEDS, "dtype": DTYPES},
    ),
    "initialization.constant": Row(
        initialization.constant,
        {"activation": "ReLU", "value": 0.5, "dtype": np.float32},
        {"activation": NAMES, "value": [*NUMBERS, 1e300], "dtype": DTYPES},
    ),
    "initialization.trained": Row(
        initialization.trained,
        {"case": "He", "seed": 0, "images": IMAGES.repeat(50, axis=0), "labels": LABELS.repeat(50), "iterations": 1},
        {
            "case": NAMES,
            "seed": SEEDS,
            "images": BAD_IMAGES,
            "labels": BAD_LABELS[:-6],
            "iterations": WHOLE,
            "run": [3, nan, "run", {}, [], object()],
        },
        called={"images": "labels", "labels": "images"},
    ),
    "landscapes.Landscape.__init__": Row(
        landscapes.Landscape,
        {name: getattr(BOWL, name) for name in ("name", "value", "gradient", "hessian", "minima", "view", "start")},
        {
            "value": FUNCTIONS,
            "gradient": FUNCTIONS,
            "hessian": FUNCTIONS,
            "minima": [*NO_ARRAYS, [], 3.0, np.ones((1, 3)), np.ones(2)],
            "view": [*FINITE, ((0.0, 1.0),), (0.0, 1.0)],
            "start": [*FINITE, 1.0, [[1.0, 2.0]]],
        },
        free=("name",),
    ),
    "landscapes.parabola": Row(landscapes.parabola, {"curvature": 2.0}, {"curvature": POSITIVE}),
    "landscapes.bowl": Row(
        landscapes.bowl, {"condition": 20.0, "rotation": 30.0}, {"condition": POSITIVE, "rotation": NUMBERS}
    ),
    **{
        f"landscapes.Landscape.{name}()": Row(getattr(BOWL, name), {"p": [1.0, 2.0]}, {"p": POINTS})
        for name in ("value", "gradient", "hessian")
    },
    "lenet.LeNet.__init__": Row(lenet.LeNet, {"seed": 0, "dtype": np.float32}, {"seed": SEEDS, "dtype": DTYPES}),
    "mnist.load": Row(mnist.load, {"folder": None}, {"folder": [3, nan, 1j, [], {}, len, object(), np.ones(2)]}),
    "mnist.pixels": Row(
        mnist.pixels, {"images": IMAGES}, {"images": [*BAD_IMAGES[:10], IMAGES[0], IMAGES.astype(float), IMAGES[:, :5]]}
    ),
    "network.softmax": Row(network.softmax, {"logits": X}, {"logits": [*NO_ARRAYS, [], 1.0, X[0], X[:, :0], X[None]]}),
    "network.MLP.__init__": Row(
        network.MLP,
        {"sizes": (4, 3, 2), "activation": "tanh", "init": "He", "seed": 0, "dtype": np.float64},
        {
            "sizes": SIZES,
            "activation": [*NAMES, "relu"],
            "init": [*NEGATIVE, "he", 1e31],
            "seed": SEEDS,
            "dtype": DTYPES,
            "before": NO_FUNCTIONS,
            "after": NO_FUNCTIONS,
        },
    ),
    **{
        f"network.Network.{name}": Row(getattr(mlp(), name), {"x": X}, {"x": BAD_X[:-1]}, free=("training",))
        for name in ("logits", "forward", "predict")
    },
    **{
        f"network.Network.{name}": Row(
            getattr(mlp(), name),
            {"x": X, "labels": LABELS},
            {"x": BAD_X, "labels": BAD_LABELS},
            free=("training",),
            called={"x": "labels", "labels": "x"},
        )
        for name in ("loss", "loss_and_gradients")
    },
    "network.Network.backward": Row(
        after_forward(mlp(), X).backward,
        {"dy": np.ones((3, 2))},
        {"dy": [*FLOATS, np.ones((2, 2)), np.ones((3, 3))]},
    ),
    "normalization.BatchNorm.__init__": Row(
        normalization.BatchNorm,
        {"features": 4, "rho": 0.9, "eps": 1e-5, "dtype": np.float32},
        {"features": LIMITED_FROM_1, "rho": BELOW_1, "eps": POSITIVE, "dtype": DTYPES},
    ),
    "normalization.BatchNorm.forward": Row(
        normalization.BatchNorm(4).forward,
        {"x": X},
        {"x": [*FLOATS, X[0], X[:, :3], X.tolist(), X.astype(int)]},
        free=("training",),
    ),
    **{
        f"normalization.BatchNorm.{name}": Row(
            getattr(after_forward(normalization.BatchNorm(4), X, training=True), name),
            {"dy": X},
            {"dy": [*FLOATS, X[0], X[:2], X[:, :3], X.tolist()]},
        )
        for name in ("gradients", "backward")
    },
    **{
        f"normalization.{preparation.__name__}": Row(
            preparation,
            {"x": X.astype(float), "eps": 0.1},
            {"x": [*FINITE, 1.0, X[0], X[:0], X[None], np.where(X > 0.5, nan, X)], "eps": NEGATIVE},
        )
        for preparation in normalization.PREPARATIONS.values()
    },
    "normalization.second_moments": Row(
        normalization.second_moments, {"x": X}, {"x": [*FINITE, 1.0, X[0], X[:0], X[None], np.where(X > 0.5, inf, X)]}
    ),
    "normalization_runs.network": Row(
        normalization_runs.network,
        {"normalized": True, "init": "He", "seed": 0},
        {"init": [*NEGATIVE, "he", 1e31], "seed": SEEDS},
        free=("normalized",),
    ),
    "normalization_runs.run": Row(
        normalization_runs.run,
        {"normalized": False, "seed": 0, "init": 0.0, "lr": 0.1, "batch": 500, "epochs": 1},
        {
            "seed": SEEDS,
            "init": [*NEGATIVE, "he", 1e31],
            "lr": NEGATIVE,
            "batch": [*LIMITED_FROM_1, 1001],
            "epochs": FROM_1,
        },
        free=("normalized",),
    ),
    "normalization_runs.stored": Row(normalization_runs.stored, {"experiment": "scales"}, {"experiment": NAMES}),
    "overfitting.split": Row(overfitting.split, {"wrong": 0.2}, {"wrong": [*NEGATIVE, 1.01, 1e300]}),
    "overfitting.model": Row(
        overfitting.model,
        {"method": "SGD", "weight_decay": 0.1, "seed": 0, "dropout": 0.1},
        {"method": NAMES, "weight_decay": NEGATIVE, "seed": WHOLE, "dropout": BELOW_1},
    ),
    "overfitting.loss_and_accuracy": Row(
        overfitting.loss_and_accuracy,
        {"network": mlp(), "data": (X, LABELS)},
        {"network": NETWORKS, "data": [None, 3, nan, X, [], (), (X,), {}, object()]},
    ),
    "regularization.L2.__init__": Row(
        regularization.L2, {"network": mlp(), "weight_decay": 0.1}, {"network": NETWORKS, "weight_decay": NEGATIVE}
    ),
    "regularization.L2.loss_and_gradients": Row(
        regularization.L2(mlp(), 0.1).loss_and_gradients,
        {"x": X, "labels": LABELS},
        {"x": BAD_X, "labels": BAD_LABELS},
        called={"x": "labels", "labels": "x"},
    ),
    "regularization.Dropout.__init__": Row(
        regularization.Dropout, {"rate": 0.5, "seed": 0}, {"rate": BELOW_1, "seed": SEEDS}
    ),
    "regularization.Dropout.forward": Row(
        regularization.Dropout(0.5).forward,
        {"x": X, "training": True},
        {"x": [None, 3, nan, "x", [1.0], {}, object(), X.astype(int)]},
        free=("training",),
    ),
    "regularization.Dropout.backward": Row(
        after_forward(regularization.Dropout(0.5), X, training=True).backward,
        {"dy": X},
        {"dy": [*FLOATS, X[0], X[:2], X[:, :3], X.tolist()]},
    ),
    "regularization.EarlyStopping.__init__": Row(
        regularization.EarlyStopping,
        {"measure": len, "patience": 3, "every": 1},
        {"measure": FUNCTIONS, "patience": FROM_1, "every": FROM_1},
    ),
    "regularization.EarlyStopping.__call__": Row(
        lambda run, measure: regularization.EarlyStopping(measure, 3)(run),
        {"run": training.Run(1, mlp(), [1.0]), "measure": lambda network: 1.0},
        {
            "run": [None, 3, nan, "run", [], {}, object()],
            "measure": [lambda network, a=a: a for a in (None, "1", 1j, [1.0], np.ones(1))],
        },
    ),
    "regularization.EarlyStopping.restore": Row(
        measured().restore, {"network": mlp()}, {"network": [*NETWORKS, network.MLP((4, 2, 2)), network.MLP((4, 2))]}
    ),
    "schedules.constant": Row(schedules.constant, {"lr": 0.1}, {"lr": NEGATIVE}),
    "schedules.step": Row(
        schedules.step,
        {"lr": 0.1, "iterations": 100, "boundaries": [10, 50], "factor": 0.1},
        {
            "lr": NEGATIVE,
            "iterations": [*FROM_1, 50],
            "boundaries": [*NO_ARRAYS, 3, [0], [100], [-1], [50, 10], [10, 10], [nan], [[10, 20]]],
            "factor": [*NEGATIVE, 1.1, 1e300],
        },
        called={"iterations": "boundaries"},
    ),
    "schedules.exponential": Row(
        schedules.exponential, {"lr": 0.1, "rate": 0.9}, {"lr": NEGATIVE, "rate": [*POSITIVE, 1.1, 1e300]}
    ),
    "schedules.inverse_time": Row(
        schedules.inverse_time, {"lr": 0.1, "decay": 0.9}, {"lr": NEGATIVE, "decay": [*NEGATIVE, 1e300]}
    ),
    "schedules.cosine": Row(
        schedules.cosine,
        {"lr": 0.1, "iterations": 100, "end": 0.01},
        {"lr": NEGATIVE, "iterations": FROM_1, "end": [*NEGATIVE, 0.2, 1e300]},
    ),
    "schedules.warmup": Row(
        schedules.warmup,
        {"schedule": schedules.constant(0.1), "iterations": 100, "updates": 10},
        {"schedule": FUNCTIONS, "iterations": [*FROM_1, 10], "updates": [*POSITIVE, 100, 1e300]},
        called={"iterations": "updates"},
    ),
    "schedules.follow": Row(
        schedules.follow,
        {"optimizer": helpers.SGD(), "schedule": schedules.constant(0.1)},
        {"optimizer": OPTIMIZERS, "schedule": [*FUNCTIONS, *(lambda k, a=a: a for a in (None, "1", nan, -1.0, [1.0]))]},
        called={"schedule": "lr"},
    ),
    "stored.load": Row(stored.load, {"name": "initialization"}, {"name": NAMES[:4] + NAMES[6:]}),
    "stored.arrays": Row(stored.arrays, {"name": "lenet"}, {"name": NAMES[:4] + NAMES[6:]}),
    "sweep.sweep": Row(
        sweep.sweep,
        {"optimizer": helpers.SGD(), "landscape": BOWL, "start": (1.0, 2.0), "steps": 3, "lrs": [0.1, 0.2]},
        {
            "optimizer": OPTIMIZERS,
            "landscape": [None, 3, "bowl", landscapes.bowl, {}, [], object()],
            "start": [*FINITE, 1.0, [1.0], [[1.0, 2.0]]],
            "steps": LIMITED,
            "lrs": [*FINITE, 0.1, [-0.1], [[0.1]]],
        },
    ),
    "sweep.updates_to": Row(
        sweep.updates_to,
        {"losses": [3.0, 1.0], "tolerance": 2.0},
        {"losses": [*NO_ARRAYS, [], 1.0, nan], "tolerance": NUMBERS},
    ),
    **{
        f"sweep.Sweep.{name}": Row(
            getattr(sweep.sweep(helpers.SGD(), BOWL, (1.0, 2.0), 3, [0.1, 0.2]), name),
            {argument: 1},
            {argument: values},
        )
        for name, argument, values in (
            ("cut", "steps", [*LIMITED, 4]),
            ("updates", "tolerance", NUMBERS),
            ("best", "tolerance", NUMBERS),
        )
    },
    "theory.sgd_stability_limit": Row(theory.sgd_stability_limit, {"largest": 2.0}, {"largest": POSITIVES}),
    **{
        f"theory.{name}": Row(
            getattr(theory, name), {"largest": 2.0, "momentum": 0.9}, {"largest": POSITIVES, "momentum": SHARES}
        )
        for name in ("momentum_stability_limit", "nesterov_stability_limit")
    },
    **{
        f"theory.{name}": Row(
            getattr(theory, name),
            {"smallest": 0.1, "largest": 2.0},
            {"smallest": [*POSITIVES, 3.0], "largest": [*POSITIVES, 0.05]},
            called={"smallest": "largest"},
        )
        for name in ("best_lr", "best_momentum", "best_nesterov")
    },
    "theory.best_rate": Row(theory.best_rate, {"condition": 20.0}, {"condition": [*POSITIVES, 0.5]}),
    "theory.critical_momentum": Row(
        theory.critical_momentum, {"lr": 0.1, "curvature": 2.0}, {"lr": RATES, "curvature": RATES}
    ),
    "theory.half_life": Row(theory.half_life, {"beta": 0.9}, {"beta": [*SHARES, 0]}),
    "theory.sgd_rate": Row(theory.sgd_rate, {"lr": 0.1, "curvature": 2.0}, {"lr": RATES, "curvature": BOUNDED}),
    **{
        f"theory.{name}": Row(
            getattr(theory, name),
            {"lr": 0.1, "curvature": 2.0, "momentum": 0.9},
            {"lr": RATES, "curvature": BOUNDED, "momentum": SHARES},
        )
        for name in ("momentum_rate", "nesterov_rate")
    },
    "theory.sgd_regime_limits": Row(
        theory.sgd_regime_limits,
        {"curvature": 2.0, "steps": 20, "left": 0.1},
        {"curvature": POSITIVES, "steps": FROM_1, "left": [*POSITIVE, 1, 2.0]},
    ),
    "theory.sgd_regime": Row(
        theory.sgd_regime,
        {"lr": 0.1, "curvature": 2.0, "steps": 20},
        {"lr": NEGATIVE, "curvature": [*POSITIVE, 1e300], "steps": FROM_1},
    ),
    "training.Run.loss": Row(training.Run(3, losses=[1.0, 2.0]).loss, {"window": 1}, {"window": FROM_1}),
    "training.batches": Row(
        training.batches,
        {"n": 10, "size": 3, "seed": 0},
        {"n": LIMITED_FROM_1, "size": [*LIMITED_FROM_1, 11], "seed": SEEDS},
        called={"n": "size"},
    ),
    "training.train": Row(
        train,
        {"network": mlp(), "optimizer": helpers.SGD(), "iterations": 1} | TRAIN,
        {
            "network": NETWORKS,
            "optimizer": OPTIMIZERS,
            "images": [*BAD_X[len(FLOATS) + 1 :], *NO_ARRAYS, [], 3, nan],
            "labels": [*NO_ARRAYS, [], 0, LABELS[:2], LABELS[:, None], LABELS + 5, LABELS - 5, LABELS / 2, [nan] * 3],
            "iterations": WHOLE,
            "batch": [*LIMITED_FROM_1, 4],
            "seed": SEEDS,
            "each": NO_FUNCTIONS,
            "run": [3, nan, "run", {}, [], object(), training.Run],
        },
        called={"images": "x|labels"},
    ),
    "training.compare": Row(
        training.compare,
        {"jobs": {"a": lambda run: training.train(mlp(), helpers.SGD(), X, LABELS, 1, 2, run=run)}, "iterations": 1},
        {
            "jobs": [None, 3, "jobs", [], [len], {"a": None}, {"a": 3}, object()],
            "test": [3, nan, "test", [], (), (X,), (X, LABELS[:2]), (X[:0], LABELS[:0]), {}, object()],
            "iterations": WHOLE,
            "watch": NO_FUNCTIONS,
            "workers": [n for n in FROM_1 if n is not None],
            "label": TEXTS,
        },
        called={"test": "test images|test labels"},
    ),
    "training.accuracy": Row(
        training.accuracy,
        {"network": mlp(), "images": X, "labels": LABELS, "batch": 2},
        {
            "network": NETWORKS,
            "images": [*NO_ARRAYS, [], 3, nan, X[:, :3], X[0], X[:0], X.astype(int), np.full_like(X, nan)],
            "labels": [*NO_ARRAYS, [], 0, LABELS[:2], LABELS[:, None]],
            "batch": FROM_1,
        },
        called={"images": "x|labels"},
    ),
    "training.logits": Row(
        training.logits,
        {"network": mlp(), "images": X, "batch": 2},
        {
            "network": NETWORKS,
            "images": [*NO_ARRAYS, [], 3, nan, X[:, :3], X[0], X[:0], X.astype(int), np.full_like(X, nan)],
            "batch": FROM_1,
        },
        called={"images": "x"},
    ),
}

ROWS |= {
    "surfaces.surface": Row(
        surfaces.surface,
        {"landscape": BOWL, "path": np.ones((3, 2)), "optimizer": "Adam"},
        {
            "landscape": [None, 3, "bowl", landscapes.bowl, {}, object()],
            "path": [*FINITE, 1.0, np.ones(2), np.ones((3, 3)), np.ones((0, 2)), [[1.0, inf]]],
            "optimizer": NAMES,
        },
    ),
    "progress.progress": Row(
        progress.progress, {"items": [1], "label": "ones"}, {"items": [None, 3, nan, len, object()], "label": TEXTS}
    ),
    "tutor.predict": Row(
        tutor.predict,
        {"question": "1 + 1?", "options": ["2", "3"], "answer": "2", "why": "Count."},
        {
            "question": TEXTS,
            "options": [None, 3, nan, "23", {}, object()],
            "answer": [None, 4, nan, [], {}, object()],
            "why": TEXTS,
        },
    ),
}

K = [*NO_ARRAYS, nan, inf, -inf, -1, [-1], [nan], 1e300, HUGE]
SCHEDULES = {
    "constant": schedules.constant(0.1),
    "step": schedules.step(0.1, 9, [5]),
    "exponential": schedules.exponential(0.1, 0.9),
    "inverse_time": schedules.inverse_time(0.1, 0.9),
    "cosine": schedules.cosine(0.1, 9),
    "warmup": schedules.warmup(schedules.constant(0.1), 9, 3),
}
ROWS |= {f"schedules.{name}()": Row(schedule, {"k": 3}, {"k": K}) for name, schedule in SCHEDULES.items()}

# What no lesson names: it is called by our own code only, with values that this has made or checked.
OURS = {
    "helpers.Number.__init__": "the hyper-parameters of helpers",
    "helpers.*.rule": "Optimizer.update",
    "activations.Signals.__init__": "five_layers",
    "activations.Measures.__init__": "measures",
    "activations.saturated": "measures",
    "checks.*": "what checks",
    "convolution.batch_*": "the layers",
    "convolution.Flatten.*": "LeNet",
    "convolution.Halves.*": "LeNet, whose digits Network checks",
    "convolution.convolution": "LeNet",
    "curves.LossCurves.__call__": "compare",
    "curves.LossCurves.[!_]*": "LiveFigure",
    "curves.in_reach": "live figures and pictures",
    "curves.loss_axes": "live figures and pictures",
    "curves.windows": "live figures and pictures",
    "digits.mosaic": "picture and a live figure",
    "digits.places": "picture and a live figure",
    "figures.[!s]*": "live figures and pictures",
    "histograms.*Bins.*": "a live figure",
    "histograms.HistogramRow.*": "live figures",
    "lenet.full_run": "tools/store_13_lenet.py",
    "live.*": "live figures",
    "network.Affine.*": "Network",
    "network.Layer.*": "Network",
    "network.Sigmoid.*": "Network",
    "network.Tanh.*": "Network",
    "network.ReLU.*": "Network",
    "network.Network.__init__": "MLP, L2 and LeNet",
    "network.affine": "MLP and LeNet",
    "network.initial_std": "MLP and five_layers",
    "network.cross_entropy": "Network",
    "normalization_runs.count": "run",
    "numbers.*": "live figures",
    "overfitting.histogram": "measured",
    "overfitting.measured": "tools/store_12_generalization.py",
    "panels.*": "live figures",
    "passed.Progress.add": "tutor",
    "predictions.*": "tutor",
    "progress.progress_bar": "compare",
    "prose.say": "tutor and live figures",
    "running.*": "tutor",
    "sweep.Sweep.__init__": "sweep",
    "text.*": "live figures",
    "training.Run.__init__": "train and compare",
    "training.inputs": "train and logits, which check",
}
# What prints a sentence for every name and answer, and raises nothing: test_tutor.py.
ELSEWHERE = ["tutor.check", "tutor.hint", "tutor.progress"]
