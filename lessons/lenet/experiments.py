"""The stored LeNet: how it was trained, pictures moved and drawn for it, what it makes of them."""

import functools

import numpy as np
from PIL import Image

import helpers
from workbench.checks import Array, Finite, Number, Whole, checked
from workbench.data import mnist, stored
from workbench.networks import schedules
from workbench.networks.blas import one_thread
from workbench.networks.lenet import LeNet
from workbench.networks.training import train

EPOCHS, BATCH = 8, 100  # of the stored run
SIDE = 28
WRONG = 115  # a test digit that the stored network takes for another


def full_run(images, labels, seed=0, iterations=None, each=None):
    """Train a LeNet on all digits as the stored one was; returns the Run.

    Adam; its learning rate falls from 0.001 to 0 along half a cosine, over 8 epochs in batches of 100.
    iterations: how many of them to do; all by default. each: a function of the Run, called after each update.
    """
    optimizer, last = helpers.Adam(lr=0.001), EPOCHS * len(images) // BATCH
    schedule = schedules.cosine(optimizer.lr, last)

    def after(run):
        optimizer.lr = schedule(run.done)
        return each and each(run)

    return train(LeNet(seed), optimizer, images, labels, iterations or last, BATCH, seed, each=after)


def stored_lenet():
    """The LeNet that store.py trained with seed 0: full_run's network, after its last update."""
    network, kept = LeNet(), stored.arrays("lenet")
    for key, array in network.params.items():
        array[...] = kept[key]
    return network


def stored_record():
    """What is stored beside the weights, by name: `losses`, of the 4800 batches of seed 0, and test accuracies.

    The accuracies have one entry for each of three seeds: `accuracies` of full runs, `LeNet_epoch` and `MLP_epoch`
    after one epoch with Adam at its constant learning rate.
    """
    return {name: array for name, array in stored.arrays("lenet").items() if name not in LeNet().params}


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
