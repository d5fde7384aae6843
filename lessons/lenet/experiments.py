"""LeNets and how they are trained: the stored one, with layers that stay as they began, on moved digits, pooled.

And pictures moved and drawn for the stored one, what it makes of them, and what its kernels have in common.
"""

import functools

import numpy as np
from PIL import Image

import helpers
from workbench.checks import Array, Choice, Finite, Number, OrNone, Seed, Whole, checked, refuse
from workbench.data import mnist, stored
from workbench.networks import schedules
from workbench.networks.blas import one_thread
from workbench.networks.convolution import Halves, MaxPool, convolution
from workbench.networks.layers import Layer, ReLU
from workbench.networks.lenet import MLP_SIZES, LeNet
from workbench.networks.network import MLP, affine
from workbench.networks.training import A_RUN, Images, accuracy, train

EPOCHS, BATCH = 8, 100  # of the stored run
SIDE = 28
SHORT_KEY = "short: "  # of a name in SHORT, in the stored file
WRONG = 115  # a test digit that the stored network takes for another


def full_run(images, labels, seed=0, iterations=None):
    """Train a LeNet on all digits as the stored one was; returns the Run.

    Adam; its learning rate falls from 0.001 to 0 along half a cosine, over 8 epochs in batches of 100.
    iterations: how many of them to do; all by default.
    """
    optimizer, last = helpers.Adam(lr=0.001), EPOCHS * len(images) // BATCH
    schedule = schedules.cosine(optimizer.lr, last)

    def after(run):
        optimizer.lr = schedule(run.done)

    return train(LeNet(seed), optimizer, images, labels, iterations or last, BATCH, seed, each=after)


class Only:
    """An optimizer that changes only the parameters named in `keys`; all others stay as they are."""

    def __init__(self, optimizer, keys):
        self.optimizer, self.keys = optimizer, set(keys)

    def update(self, params, grads):
        kept = self.keys & params.keys()
        self.optimizer.update({key: params[key] for key in kept}, {key: grads[key] for key in kept})


class LargestOfAll(Layer):
    """The largest number of each map, wherever it is: (n, c, h, w) becomes (n, c)."""

    def forward(self, x, training=False):
        self.shape, flat = x.shape, x.reshape(*x.shape[:2], -1)
        self.place = flat.argmax(axis=2)[..., None]
        return np.take_along_axis(flat, self.place, axis=2)[..., 0]

    def backward(self, dy):
        dx = np.zeros((*self.shape[:2], self.shape[2] * self.shape[3]), dy.dtype)
        np.put_along_axis(dx, self.place, dy[..., None], axis=2)
        return dx.reshape(self.shape)


@checked(seed=Seed())
def pooled_lenet(seed=0):
    """A LeNet whose affine layers see the largest number of each of the 50 maps, and not where it is."""
    rng = np.random.default_rng(seed)
    layers = [
        convolution(1, 20, 5, "same", rng),
        MaxPool(),
        ReLU(),
        convolution(20, 50, 5, "valid", rng),
        LargestOfAll(),
        ReLU(),
        affine(50, 500, "He", rng, np.float32),
        ReLU(),
        affine(500, 10, "He", rng, np.float32),
    ]
    return Halves(layers, inputs=(1, SIDE, SIDE), classes=10)


# Short trainings, whose test accuracies are stored: the network of each, which convolutions stay as they began, and how
# many batches of 100 digits it sees unless these are 600, which is one epoch.
SHORT = {
    "LeNet": LeNet,
    "MLP": lambda seed: MLP(MLP_SIZES, seed=seed),
    "MLP, 5 epochs": lambda seed: MLP(MLP_SIZES, seed=seed),
    "1000 digits": LeNet,
    "first frozen": LeNet,
    "second frozen": LeNet,
    "both frozen": LeNet,
    "moved digits": LeNet,
    "pooled": pooled_lenet,
}
FROZEN = {"first frozen": (1,), "second frozen": (2,), "both frozen": (1, 2)}
BATCHES = {"MLP, 5 epochs": 3000}
FARTHEST = 6  # pixels, of a moved digit


@checked(
    name=Choice(SHORT),
    images=Images(),
    labels=Array((None,)),
    seed=Whole(),
    iterations=OrNone(Whole(1)),
    run=A_RUN,
)
def short_run(name, images, labels, seed=0, iterations=None, run=None):
    """Train one of SHORT on batches of 100 digits, with Adam at its constant η = 0.001; returns the Run.

    Layers in FROZEN keep their first weights and biases. "moved digits" moves every digit by up to 6 pixels in x and in
    y, at random; "1000 digits" takes the first 1000 only. iterations: 600 unless BATCHES says more.
    """
    network = SHORT[name](seed)
    frozen = {f"{kind}{layer}" for layer in FROZEN.get(name, ()) for kind in "Wb"}
    if name == "moved digits":
        images = moved_at_random(images, seed)
    if name == "1000 digits":
        images, labels = images[:1000], labels[:1000]
    optimizer = Only(helpers.Adam(), network.params.keys() - frozen)
    return train(network, optimizer, images, labels, iterations or BATCHES.get(name, 600), 100, seed, run=run)


@checked(seed=Whole())
def moved_at_random(images, seed=0):
    """Each picture moved by −6 to 6 whole pixels in x and in y; what comes in at the border is 0. shape (n, 28, 28)."""
    images = np.reshape(images, (-1, SIDE, SIDE))
    padded = np.pad(images, ((0, 0), (FARTHEST, FARTHEST), (FARTHEST, FARTHEST)))
    places = np.random.default_rng((seed, 6)).integers(0, 2 * FARTHEST + 1, (len(images), 2))
    return np.stack([page[y : y + SIDE, x : x + SIDE] for page, (y, x) in zip(padded, places, strict=True)])


def moved_right(images, pixels=FARTHEST):
    """Pictures of shape (n, 28, 28), moved to the right by whole pixels."""
    return np.pad(images, ((0, 0), (0, 0), (pixels, 0)))[:, :, :SIDE]


def stored_lenet():
    """The LeNet that store.py trained with seed 0: full_run's network, after its last update."""
    network, kept = LeNet(), stored.arrays("lenet")
    for key, array in network.params.items():
        array[...] = kept[key]
    return network


def stored_record():
    """What is stored beside the weights, by name.

    `losses`: of the 4800 batches of seed 0. `accuracies`: of the test digits, after the full runs of three seeds.
    `short`, `short_moved`: dicts from the names in SHORT to the accuracies of three seeds after these trainings, on the
    test digits and on the test digits moved to the right by 6 pixels.
    """
    kept = stored.arrays("lenet")
    record = {name: kept[name] for name in ("losses", "accuracies")}
    return record | {
        key: {name: kept[f"{SHORT_KEY}{name}"][i] for name in SHORT} for i, key in enumerate(("short", "short_moved"))
    }


@functools.cache
def frozen_lenet():
    """The stored LeNet, loaded once; nobody may train it."""
    loaded = stored_lenet()
    for array in loaded.params.values():
        array.flags.writeable = False
    return loaded


@checked(
    image=Array((SIDE, SIDE)),
    right=Whole(-SIDE, SIDE),
    down=Whole(-SIDE, SIDE),
    angle=Number("a finite angle in degrees"),
)
def moved(image, right=0, down=0, angle=0):
    """A picture turned about its middle by `angle` degrees counterclockwise, then moved by whole pixels.

    image: floats, shape (28, 28). What comes in at the border is 0; what goes out is lost.
    """
    turned = Image.fromarray(np.asarray(image, np.float32))
    return np.asarray(turned.rotate(angle, Image.Resampling.BILINEAR, translate=(right, down)))


@checked(image=Finite((SIDE, SIDE), 0, "finite numbers, 0 or larger"))
def normalized(image):
    """A picture as the makers of MNIST would have put it on the page (LeCun et al. 1998, section III.A).

    The box around the ink is scaled until its longer side has 20 pixels; then the ink's center of mass is moved to the
    middle of the page, 14 pixels from the first in x and y, to the nearest pixel. Most digits of MNIST stay as they
    are. image: floats, shape (28, 28); one without ink stays as it is.
    """
    ink = np.asarray(image, np.float32)
    rows, columns = (np.flatnonzero((ink > 0.05).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return ink
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(20 * side / max(box.shape))) for side in box.shape)
    small = np.asarray(Image.fromarray(box).resize((width, height), Image.Resampling.BILINEAR))
    page = np.zeros((3 * SIDE, 3 * SIDE), np.float32)  # so large that what sticks out may be cut off afterwards
    page[SIDE : SIDE + height, SIDE : SIDE + width] = small
    y, x = (np.arange(n) @ small.sum(axis=axis) / small.sum() for n, axis in ((height, 1), (width, 0)))
    top, left = (round(SIDE + at - SIDE / 2) for at in (y, x))
    return page[top : top + SIDE, left : left + SIDE]


def stroke(page, start, end):
    """Add the stroke of a soft pen to a page, in place: ink 1 up to 0.75 pixels from the line, 0 from 1.75 on.

    page: shape (28, 28). start, end: (x, y) in pixels, x to the right, y down; the middle of the first pixel is (0, 0).
    """
    start, end = np.asarray(start, float), np.asarray(end, float)
    points = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1)
    along = end - start
    share = np.clip((points - start) @ along / max(along @ along, 1e-12), 0, 1)
    distance = np.linalg.norm(points - start - share[..., None] * along, axis=-1)
    np.maximum(page, np.clip(1.75 - distance, 0, 1), out=page)


def responses(image):
    """What the stored LeNet makes of a picture: two stacks of feature maps after ReLU, and the class probabilities.

    image: floats, shape (28, 28). Returns arrays of shapes (20, 28, 28), (50, 10, 10) and (10,).
    """
    with one_thread():  # a second thread costs more than it saves on one digit
        outputs = frozen_lenet().forward(np.asarray(image, np.float32)[None, None])
    logits = outputs[-1][0].astype(float)
    exp = np.exp(logits - logits.max())
    return np.maximum(outputs[1][0], 0), np.maximum(outputs[4][0], 0), exp / exp.sum()


def strongest_answers(kernels, patches):
    """The parts of the first 2000 test digits that kernels of the second convolution answer to most.

    A number of that layer comes from 14 × 14 pixels; each digit gives its best part. Returns the best `patches` parts
    for each of the first `kernels` kernels, the strongest answer first: floats, shape (patches, kernels, 14, 14).
    """
    images = mnist.pixels(mnist.load().test_images[:2000]).reshape(-1, 1, SIDE, SIDE)
    with one_thread():
        answers = np.concatenate([frozen_lenet().forward(images[i : i + 100])[4] for i in range(0, 2000, 100)])
    answers = answers[:, :kernels].reshape(2000, kernels, -1)
    places, best = answers.argmax(axis=-1), answers.max(axis=-1)
    # Two pixels of the margin lie under the kernels of the first convolution; pooling doubles every step.
    pages = np.pad(images[:, 0], ((0, 0), (2, 2), (2, 2)))
    found = np.empty((patches, kernels, 14, 14), np.float32)
    for kernel in range(kernels):
        for rank, image in enumerate(np.argsort(-best[:, kernel])[:patches]):
            row, column = divmod(places[image, kernel], 10)
            found[rank, kernel] = pages[image, 2 * row : 2 * row + 14, 2 * column : 2 * column + 14]
    return found


@checked(W1=OrNone(Array()), W2=OrNone(Array()), b1=OrNone(Array()), b2=OrNone(Array()))
def read_with(W1=None, b1=None, W2=None, b2=None):
    """The share of 2000 test digits that the stored LeNet reads when arrays of its convolutions are replaced."""
    changed, digits = stored_lenet(), mnist.load()
    for name, array in {"W1": W1, "b1": b1, "W2": W2, "b2": b2}.items():
        if array is not None:
            changed.params[name][...] = array
    return accuracy(changed, digits.test_images[:2000], digits.test_labels[:2000])


@checked(W=Finite((None, None, None, None)))
def alike(W):
    """Correlation of weights beside and above each other, within the pictures of kernels W, shape (k, c, m, m)."""
    W = W - W.mean(axis=(2, 3), keepdims=True)
    if not W.any():
        refuse("W", W, "kernels whose weights are not all equal")
    pairs = (W[..., 1:, :] * W[..., :-1, :]).mean() + (W[..., :, 1:] * W[..., :, :-1]).mean()
    return float(pairs / 2 / (W**2).mean())
