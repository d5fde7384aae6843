"""Pictures of digits and of networks: every digit in its place, mistakes in order, parameters counted."""

import numpy as np
import pytest

from workbench.drawing import diagram, digits
from workbench.networks.network import MLP


def test_mosaic_puts_each_digit_into_its_cell():
    images = np.arange(1, 7, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    image = digits.mosaic(images, columns=2, rows=2)
    assert image.shape == (84, 76)
    assert image.dtype == np.uint8
    # The last two do not fit; each cell holds 28 × 28 of its own value and else 0.
    for k, (top, left) in enumerate([(0, 0), (0, 38), (42, 0), (42, 38)], start=1):
        cell = image[top : top + 42, left : left + 38]
        assert (cell == k).sum() == 28 * 28
        assert set(np.unique(cell)) == {0, k}
        x, y = digits.places(2, 2)[k - 1]
        assert top < y < top + 14
        assert x == left + 19


def test_mosaic_of_nothing_is_blank():
    assert not digits.mosaic([], 3, 2).any()


def test_picture_says_what_it_shows():
    shown = digits.picture(np.zeros((3, 28, 28), np.uint8), ["4 as 9", "1", "7"], 2, "Three digits.")
    assert shown.words == "Three digits. Row by row: 4 as 9, 1, 7."


def test_confidently_wrong_is_all_that_is_wrong_surest_first():
    network = MLP((784, 10), seed=0)
    images = np.random.default_rng(0).integers(0, 256, (50, 28, 28)).astype(np.uint8)
    predicted = network.predict(images.reshape(50, 784).astype(np.float32) / 255)
    labels = predicted.copy()
    labels[[3, 8, 20]] = (labels[[3, 8, 20]] + 1) % 10
    wrong, classes, sure = digits.confidently_wrong(network, images, labels)
    assert sorted(wrong) == [3, 8, 20]
    np.testing.assert_array_equal(classes, predicted[wrong])
    assert (np.diff(sure) <= 0).all()
    assert ((sure > 0.1) & (sure <= 1)).all()
    assert digits.as_captions(labels[wrong], classes)[0] == f"{labels[wrong[0]]} as {predicted[wrong[0]]}"


@pytest.mark.parametrize("sizes", [(784, 10), (784, 100, 100, 10), (3, 20, 2)])
def test_parameters_are_those_of_the_network(sizes):
    params = MLP(sizes).params
    assert diagram.parameters(sizes) == [params[f"W{i}"].size + params[f"b{i}"].size for i in range(1, len(sizes))]
    assert f"{sum(diagram.parameters(sizes))} in all" in diagram.picture(sizes).words
