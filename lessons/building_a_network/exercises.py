"""Exercises: cross-entropy from logits, its gradient, the way back through a layer."""

import numpy as np

from workbench.networks import layers, network
from workbench.tutoring.exercise import FunctionExercise, Mistake, Problem, Refusal, as_array
from workbench.tutoring.questions import Question

Z = np.array([[0.0, 0.0], [0.0, np.log(3)]])  # probabilities 1/2, 1/2 and 1/4, 3/4
_rng = np.random.default_rng(10)
LOGITS, TARGETS = _rng.normal(size=(5, 4)).round(2), np.array([3, 1, 0, 1, 2])
SQUARE, SQUARE_TARGETS = _rng.normal(size=(3, 3)).round(2), np.array([2, 0, 1])


def negative_logs(z, labels):
    """−ln of the probability of each label."""
    return -np.log(network.softmax(z))[np.arange(len(z)), labels]


def stable(z, labels):
    return network.cross_entropy(z, labels)[0]


def unshifted(z, labels):
    e = np.exp(z)
    return -np.log(e / e.sum(axis=1, keepdims=True))[np.arange(len(z)), labels].mean()


def shifted_together(z, labels):
    s = z - z.max()
    return -(s - np.log(np.exp(s).sum(axis=1, keepdims=True)))[np.arange(len(z)), labels].mean()


def over_samples(z, labels):
    e = np.exp(z - z.max())
    return -np.log(e / e.sum(axis=0))[np.arange(len(z)), labels].mean()


def without_keepdims(z, labels):
    e = np.exp(z - z.max())
    return -np.log(e / e.sum(axis=1))[np.arange(len(z)), labels].mean()


def over_everything(z, labels):
    e = np.exp(z - z.max())
    return -np.log(e / e.sum())[np.arange(len(z)), labels].mean()


def my_loss(z, labels):
    shifted = z - z.max(axis=1, keepdims=True)
    log_q = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_q[np.arange(len(z)), labels].mean()


LOSS = FunctionExercise(
    name="cross-entropy",
    task="return the mean loss of a batch from its logits z, one sample a row, and its labels; logits may be large",
    solution=my_loss,
    reference=stable,
    problems=(
        Problem(
            "two samples by hand (the labels have the probabilities 1/2 and 1/4: loss 1.5 · ln 2)",
            (Z, np.array([0, 0])),
            by_hand=1.5 * np.log(2),
        ),
        Problem("3 samples of 3 classes", (SQUARE, SQUARE_TARGETS)),
        Problem("5 samples of 4 classes", (LOGITS, TARGETS)),
        Problem("logits around 800, where exp overflows", (LOGITS + 800, TARGETS)),
        Problem("samples whose logits lie far apart", (np.array([[1.0, 2.0], [901, 900]]), np.array([0, 0]))),
        Problem(
            "a sure and right answer, and a sure and wrong one", (np.array([[0.0, 900], [0, 900]]), np.array([1, 0]))
        ),
    ),
    mistakes=(
        Mistake(
            "maximum not taken off",
            "exp overflows above 709, and inf/inf is nan. Take the largest logit of each row off first: "
            "`z - z.max(axis=1, keepdims=True)`; the quotient stays the same.",
            unshifted,
        ),
        Mistake(
            "log of a probability that was rounded to 0",
            "Far below the largest logit exp gives 0, and its log is −inf. Write the log of the quotient as a "
            "difference: z[label] − ln Σ exp(z), with the largest logit taken off before.",
            lambda z, labels: negative_logs(z, labels).mean(),
        ),
        Mistake(
            "small number added to the probability",
            "1e-7 inside of the log hides how wrong a sure answer is: its loss never gets above 16. "
            "Write the log of the quotient as a difference: z[label] − ln Σ exp(z).",
            lambda z, labels: -np.log(network.softmax(z) + 1e-7)[np.arange(len(z)), labels].mean(),
        ),
        Mistake(
            "maximum of the whole batch taken off",
            "A row far below the largest logit of all rows becomes 0 by exp: take off the maximum of each row, "
            "`z.max(axis=1, keepdims=True)`.",
            shifted_together,
        ),
        Mistake(
            "logits clipped",
            "Clipping changes large logits, and with them the loss. Nothing has to be clipped once the largest logit "
            "of each row is taken off.",
            lambda z, labels: stable(np.clip(z, -500, 500), labels),
            tuple(lambda z, labels, c=c: stable(np.clip(z, -c, c), labels) for c in (50, 88, 100, 600, 700, 709)),
        ),
        Mistake(
            "loss summed",
            "The loss of a batch is the mean over its samples; a sum grows with the batch.",
            lambda z, labels: stable(z, labels) * len(z),
        ),
        Mistake(
            "divided by classes, too",
            "The mean is over the n samples, not over all n × classes entries.",
            lambda z, labels: stable(z, labels) / z.shape[1],
        ),
        Mistake("sign forgotten", "The log of a probability is below 0: take its negative.", lambda *a: -stable(*a)),
        Mistake(
            "softmax over the samples",
            "The probabilities of one sample add up to 1: sum over the classes, axis=1.",
            over_samples,
        ),
        Mistake(
            "axis lost in the sum",
            "`e.sum(axis=1)` has the shape (n,), and NumPy lays it along the columns: add keepdims=True.",
            without_keepdims,
        ),
        Mistake(
            "softmax over the whole batch",
            "Each sample has a sum of its own: `e.sum(axis=1, keepdims=True)`.",
            over_everything,
        ),
        Mistake(
            "softmax taken twice",
            "The loss takes logits; their softmax is taken inside, once.",
            lambda z, labels: stable(network.softmax(z), labels),
        ),
        Mistake(
            "logits taken for logarithms of probabilities",
            "A logit becomes the log of a probability when ln Σ exp(z) of its row is taken off.",
            lambda z, labels: -z[np.arange(len(z)), labels].mean(),
        ),
        Mistake(
            "label ignored",
            "The loss looks at the probability of the label, not at the largest one.",
            lambda z, labels: stable(z, z.argmax(axis=1)),
        ),
        Mistake(
            "logarithm of base 2",
            "Cross-entropy here is in natural logarithms: np.log.",
            lambda z, labels: stable(z, labels) / np.log(2),
        ),
    ),
    hints=(
        "ln(a/b) is ln a − ln b: what is the log of a softmax, without any quotient?",
        "With `s = z - z.max(axis=1, keepdims=True)` it is `s - np.log(np.exp(s).sum(axis=1, keepdims=True))`; "
        "then pick the entry of each label.",
        "log_q = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))\n"
        "return -log_q[np.arange(len(z)), labels].mean()",
    ),
)


def one_hot(q, labels):
    return np.eye(q.shape[1])[labels]


def all_rows(q, labels):
    dz = q.copy()
    dz[:, labels] -= 1
    return dz / len(q)


Q = network.softmax(LOGITS)


def my_dz(q, labels):
    dz = q.copy()
    dz[np.arange(len(q)), labels] -= 1
    return dz / len(q)


GRADIENT = FunctionExercise(
    name="gradient at the logits",
    task="return ∂L/∂z of the mean loss, from the probabilities q, one sample a row, and the labels",
    solution=my_dz,
    reference=lambda q, labels: (q - one_hot(q, labels)) / len(q),
    problems=(
        Problem(
            "two samples by hand",
            (np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([1, 0])),
            by_hand=[[0.25, -0.25], [-0.375, 0.375]],
        ),
        Problem("5 samples of 4 classes", (Q, TARGETS)),
        Problem("a single sample", (Q[:1], TARGETS[:1])),
    ),
    mistakes=(
        Mistake(
            "gradient not divided by the batch",
            "The loss is a mean over n samples, so its gradient has a 1/n.",
            lambda q, labels: q - one_hot(q, labels),
        ),
        Mistake(
            "divided by classes, too",
            "The mean is over the samples alone: divide by len(q), not by q.size.",
            lambda q, labels: (q - one_hot(q, labels)) / q.size,
        ),
        Mistake(
            "divided before 1 is taken off",
            "The 1 at the label is divided by n, too: (q − y)/n, not q/n − y.",
            lambda q, labels: q / len(q) - one_hot(q, labels),
        ),
        Mistake(
            "1 taken off in every row",
            "`q[:, labels]` is all rows at these columns. Pair each row with its own label: `q[np.arange(n), labels]`.",
            all_rows,
        ),
        Mistake(
            "label minus probability",
            "It is q − y: the update takes the gradient off, and the probability of the label is to rise.",
            lambda q, labels: (one_hot(q, labels) - q) / len(q),
        ),
        Mistake(
            "label forgotten",
            "Take 1 off at the label of each sample.",
            lambda q, labels: q / len(q),
        ),
        Mistake(
            "gradient at the probabilities",
            "−1/q is ∂L/∂q, one step before; going back through softmax turns it into q − y.",
            lambda q, labels: -one_hot(q, labels) / q / len(q),
        ),
    ),
    hints=(
        "In the formula above, what is y for a label, and where does the n come from?",
        "Copy q, and take 1 off at `[np.arange(len(q)), labels]`.",
        "dz[np.arange(len(q)), labels] -= 1\nreturn dz / len(q)",
    ),
)


def layer_gradients(x, W, b, dy):
    """∂L/∂W, ∂L/∂b and ∂L/∂x of max(x W + b, 0), by the layers of the course."""
    affine, relu = layers.Affine(W, b), layers.ReLU()
    relu.forward(affine.forward(x))
    da = relu.backward(dy)
    return *affine.gradients(da).values(), affine.backward(da)


def back(mask=lambda x, W, b, dy: x @ W + b > 0, db=lambda da: da.sum(axis=0), dW=lambda x, da: x.T @ da, turn=True):
    """A way back with one thing wrong in it."""

    def answer(x, W, b, dy):
        da = dy * mask(x, W, b, dy)
        return dW(x, da), db(da), da @ (W.T if turn else W)

    return answer


def unmasked_parameters(x, W, b, dy):
    return x.T @ dy, dy.sum(axis=0), layer_gradients(x, W, b, dy)[2]


def gradient_facts(result, x, W, b, dy):
    if not isinstance(result, tuple | list) or len(result) != 3:
        raise Refusal("The answer is three arrays: `return dW, db, dx`.")
    return dict(zip(("∂L/∂W", "∂L/∂b", "∂L/∂x"), map(as_array, result), strict=True))


X, W = _rng.normal(size=(6, 3)).round(2), _rng.normal(size=(3, 4)).round(2)
B, DY = _rng.normal(size=4).round(2), _rng.normal(size=(6, 4)).round(2)


def my_way_back(x, W, b, dy):
    da = dy * (x @ W + b > 0)
    return x.T @ da, da.sum(axis=0), da @ W.T


WAY_BACK = FunctionExercise(
    name="way back",
    task="return ∂L/∂W, ∂L/∂b and ∂L/∂x of a layer y = max(x W + b, 0), from dy = ∂L/∂y",
    solution=my_way_back,
    reference=layer_gradients,
    facts=gradient_facts,
    problems=(
        Problem(
            "one sample by hand (the sums are 4 and −2, so only the first unit lets its gradient of 4 through)",
            (
                np.array([[1.0, 2.0]]),
                np.array([[3.0, -1.0], [1.0, -1.0]]),
                np.array([-1.0, 1.0]),
                np.array([[4.0, 7.0]]),
            ),
            by_hand=[4.0, 0.0, 8.0, 0.0, 4.0, 0.0, 12.0, 4.0],
        ),
        Problem("4 samples, 3 inputs and 3 units", (X[:4], W[:, :3], B[:3], DY[:4, :3])),
        Problem("6 samples, 3 inputs and 4 units", (X, W, B, DY)),
    ),
    mistakes=(
        Mistake(
            "mask from the gradient",
            "ReLU lets through where its own input, x W + b, was positive; the sign of dy has no part in it.",
            back(lambda x, W, b, dy: dy > 0),
        ),
        Mistake(
            "ReLU left out",
            "Where x W + b was negative the slope is 0: multiply dy by `(a > 0)` first.",
            back(lambda x, W, b, dy: 1),
        ),
        Mistake(
            "bias left out of the sum",
            "The sum is x W + b; its sign decides what ReLU lets through.",
            back(lambda x, W, b, dy: x @ W > 0),
        ),
        Mistake(
            "mask turned around",
            "The gradient passes where the sum is positive.",
            back(lambda x, W, b, dy: x @ W + b <= 0),
        ),
        Mistake(
            "times the output instead of the mask",
            "The slope of ReLU is 1 or 0, not its output: multiply by `(a > 0)`.",
            back(lambda x, W, b, dy: np.maximum(x @ W + b, 0)),
        ),
        Mistake(
            "mask only on the way to the inputs",
            "W and b stand before ReLU as x does: their gradients come from ∂L/∂a, not from dy.",
            unmasked_parameters,
        ),
        Mistake(
            "mask at the inputs, too",
            "∂L/∂x is what comes back to x; whether x itself was positive is a question for the layer before.",
            lambda x, W, b, dy: (*back()(x, W, b, dy)[:2], back()(x, W, b, dy)[2] * (x > 0)),
        ),
        Mistake("W not transposed", "∂L/∂x is ∂L/∂a times Wᵀ: `da @ W.T`.", back(turn=False)),
        Mistake(
            "mean for the bias",
            "∂L/∂b is the sum over the samples. The 1/n of the mean loss is in dy already.",
            back(db=lambda da: da.mean(axis=0)),
        ),
        Mistake(
            "divided by the batch once more",
            "The 1/n of the mean loss is in dy already: divide nothing here.",
            back(db=lambda da: da.mean(axis=0), dW=lambda x, da: x.T @ da / len(x)),
        ),
        Mistake(
            "bias gradient not added up",
            "b serves all samples, so its gradient is the sum over them: `da.sum(axis=0)`.",
            back(db=lambda da: da),
        ),
    ),
    hints=(
        "Go back in two steps: from ∂L/∂y through ReLU to ∂L/∂a, then from there to W, b and x.",
        "`da = dy * (x @ W + b > 0)`; the shapes say how x, W and da can be multiplied.",
        "da = dy * (x @ W + b > 0)\nreturn x.T @ da, da.sum(axis=0), da @ W.T",
    ),
)

EXERCISES = LOSS, GRADIENT, WAY_BACK


QUESTIONS = (
    Question(
        name="parameters of the network",
        question=(
            "784 numbers, four layers of 100 neurons each, ten outputs: how many weights and biases has this network?"
        ),
        answer=109810,
        within=1.2,
        why="Most of them lie between the pixels and the first layer.",
    ),
    Question(
        name="enclosed points",
        question=(
            "Points of one kind lie in the middle, points of another kind all around them. How many neurons does a "
            "single hidden layer need to tell the two kinds apart?"
        ),
        options=("1", "2", "3", "8"),
        answer="3",
        why="Each of them draws one line, and it takes three lines to close a figure.",
    ),
    Question(
        name="a first network on digits",
        question=(
            "50 hidden neurons, trained by 1000 updates with 128 digits each: how many of 10,000 new digits does this "
            "network get wrong?"
        ),
        answer=400,
        within=1.5,
        why="About 4 in 100, after each of the 60,000 digits was seen about twice.",
    ),
)
