"""Exercise checks name the first entry that is wrong."""

import numpy as np
import pytest

from workbench import tutor


@pytest.mark.parametrize(
    ("yours", "message"),
    [
        (None, "Nothing to check yet: your path is None."),
        ([1.0, 2.0, 3.0], "Right: all 3 entries of your path agree."),
        ([2.0, 3.0], "your path has shape (2,), expected is (3,). Is the start included?"),
        ([1.0, 2.0, 3.0, 4.0], "your path has shape (4,), expected is (3,)."),
        ([1.0, 2.5, 9.0], "your path[1] is 2.5, expected is 2.0; before it, all agree."),
        ([1.0, 2.0, np.nan], "your path[2] is nan, expected is 3.0; before it, all agree."),
    ],
)
def test_compare(yours, message):
    assert tutor.compare(yours, [1.0, 2.0, 3.0], "your path") == message


def test_compare_points():
    wrong = np.array([[0, 0], [1, 1], [2, 2.5]])
    assert tutor.compare(wrong, [[0, 0], [1, 1], [2, 2]]).startswith("your answer[2] is [2.  2.5], expected is [2. 2.]")
