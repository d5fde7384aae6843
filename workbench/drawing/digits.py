"""Pictures of MNIST digits: many side by side, each with a caption, and those that a network gets wrong."""

from collections.abc import Sequence

import numpy as np

from workbench.checks import WORDS, Array, AsItCame, Kind, Whole, checked, fitting, refuse
from workbench.drawing import styles
from workbench.drawing.picture import Picture
from workbench.networks.network import A_NETWORK, Network, softmax
from workbench.networks.training import logits

MOST = 500  # digits in one picture
CELL = (42, 38)  # rows and columns of pixels for one digit: 28 × 28, a margin, and room for a caption above


def mosaic(images: np.ndarray, columns: int, rows: int) -> np.ndarray:
    """Digits side by side, row by row, as one image, shape (42 rows, 38 columns), uint8; empty places stay white (0).

    images: shape (n, 28, 28), uint8; those beyond rows × columns are left out.
    """
    height, width = CELL
    image = np.zeros((height * rows, width * columns), np.uint8)
    for k, digit in enumerate(images[: rows * columns]):
        top, left = height * (k // columns), width * (k % columns)
        image[top + height - 28 : top + height, left + 5 : left + 33] = digit
    return image


def places(columns: int, rows: int) -> list[tuple[int, int]]:
    """Where the captions of a mosaic go: x and y of the middle of each, row by row."""
    height, width = CELL
    return [(width * (k % columns) + 19, height * (k // columns) + 7) for k in range(columns * rows)]


class Digits(Array):
    """Images of digits, few enough for one picture."""

    allowed = f"uint8 (n, 28, 28), n from 1 to {MOST}"

    def check(self, name, value):
        images = super().check(name, value)
        if images.dtype != np.uint8 or not 0 < len(images) <= MOST:
            raise ValueError(f"{name} is {images.dtype} {images.shape}; allowed: {self.allowed}")
        return images

    def bad(self):
        return [*super().bad(), *(np.zeros((n, 28, 28), np.uint8) for n in (0, MOST + 1)), *super().good()]

    def good(self):
        return [np.zeros((n, 28, 28), np.uint8) for n in (3, 1)]


@checked(
    images=Digits((None, 28, 28)), captions=Kind((list, tuple), "a list of texts"), columns=Whole(1, 100), title=WORDS
)
def picture(images: np.ndarray, captions: Sequence[str], columns: int, title: str) -> Picture:
    """A Picture of digits with captions; title: a sentence for the picture and its words.

    images: 1 to 500 of them, shape (n, 28, 28), uint8. captions: n texts. columns: digits side by side, 1 to 100.
    """
    if len(captions) != len(images) or not all(isinstance(caption, str) for caption in captions):
        refuse("captions", captions, f"{len(images)} texts, one for each image")
    rows = -(-len(images) // columns)
    with styles.look():
        figure = styles.new_figure((9.0, 1.05 * rows + 0.4))
        axes = figure.subplots()
        axes.imshow(mosaic(images, columns, rows), cmap="Greys", vmin=0, vmax=255, interpolation="nearest")
        axes.set_axis_off()
        axes.set_title(title)
        for (x, y), caption in zip(places(columns, rows), captions, strict=False):
            axes.text(x, y, caption, ha="center", va="center", fontsize=8)
        return Picture(figure, f"{title} Row by row: {', '.join(captions)}.")


@checked(network=A_NETWORK, images=Array(), labels=Array((None,)))
def confidently_wrong(
    network: Network, images: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a network gets wrong, the surest mistakes first.

    images: uint8, shape (n, 28, 28). labels: shape (n,).
    Returns three arrays: indices of the wrong digits, the classes given to them, the probabilities of these classes.
    """
    probabilities = softmax(logits(network, images))
    fitting("labels", labels, (len(probabilities),))
    classes, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(classes != labels)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")]
    return wrong, classes[wrong], sure[wrong]


@checked(labels=AsItCame(Array((None,))), classes=AsItCame(Array((None,))))
def as_captions(labels: np.ndarray, classes: np.ndarray) -> list[str]:
    """Captions of wrong digits: "4 as 9" for a 4 that was taken for a 9."""
    if len(labels) != len(classes):
        raise ValueError(
            f"labels has shape {np.shape(labels)}, classes {np.shape(classes)}; allowed: both (n,), one for each digit"
        )
    return [f"{label} as {given}" for label, given in zip(labels, classes, strict=True)]
