"""Texts are compared as a reader would: a changed word, sign, line or digit is found, the last digit is forgiven."""

import pytest

from tools.same_text import agree, difference

pytestmark = pytest.mark.machinery

SAME = [
    ("f = 1.5e-03", "f = 1.6e-03"),
    ("f = 1.6e-03", "f = 1.5e-03"),
    ("f = 1.0e-05", "f = 9.9e-06"),
    ("f = 9.99", "f = 10.00"),
    ("f = 0.35", "f = 0.3501"),  # trailing zeros left out
    ("f = 10", "f = 9.999"),
    ("97 % of 10,000 digits", "98 % of 10,001 digits"),
    ("−7.000 and -7.000", "−7.001 and -6.999"),
    ("f = -0.000", "f = 0.000"),
    ("f = -0.000e+00", "f = 0.000e+00"),
    ("[ 0. -2.]", "[-0. -2.]"),
    ("array([1.000, 2.5e+01])", "array([0.999, 2.6e+01])"),
    ("accuracy  9.9 %\nloss 0.1", "accuracy 10.0 %\nloss 0.1"),
    ("(−7, 2) to (0.5, .25).", "(−7, 2) to (0.5, .26)."),
    ("inf", "inf"),
    ("", ""),
]
DIFFERENT = [
    ("f = 1.4e-03", "f = 1.6e-03"),
    ("f = 1.50e-03", "f = 1.6e-03"),
    ("f = 0.35", "f = 0.3521"),
    ("f = 1e-05", "f = 1e-06"),
    ("f = 1e-05", "f = 1e05"),
    ("f = 1e-05", "f = -1e-05"),
    ("x = 0.35", "x = -0.35"),
    ("x = −0.35", "x = 0.35"),
    ("x = -1", "x = 1"),
    ("10,000 digits", "10,002 digits"),
    ("30 updates", "32 updates"),
    ("30 updates", "30 steps"),
    ("30 updates", "30 Updates"),
    ("30 updates", "updates"),
    ("x, y = 1, 2", "x, y = 1"),
    ("x = 1", "x = 1 2"),
    ("0.5 or more", "nan or more"),
    ("0.5", "inf"),
    ("inf", "-inf"),
    ("a\nb", "a"),
    ("a", "a\nb"),
    ("a\nb", "b\na"),
    ("a\n\nb", "a\nb"),
    ("W1 = 2", "W2 = 2"),  # parts of words are no numbers
    ("Matplotlib 3.11.2", "Matplotlib 3.11.3"),
    ("2f9a", "2f8a"),
    ("layer-2", "layer-3"),
    ("width: 3px", "width: 4px"),
    ("x² + 1", "x³ + 1"),
]


@pytest.mark.parametrize(("expected", "actual"), SAME)
def test_the_last_digit_is_forgiven(expected, actual):
    assert difference(expected, actual) is None


@pytest.mark.parametrize(("expected", "actual"), DIFFERENT)
def test_all_else_is_told(expected, actual):
    assert difference(expected, actual)
    assert difference(actual, expected)


@pytest.mark.parametrize("printed", ["0.3504", "1.5e-03", "−7.25", "30", "1e5", "-.5", "10,000"])
def test_one_unit_agrees_and_two_do_not(printed):
    digits = [i for i, character in enumerate(printed.split("e")[0]) if character.isdigit()]
    changed = [
        printed[: digits[-1]] + str((int(printed[digits[-1]]) + k) % 10) + printed[digits[-1] + 1 :] for k in (1, 2)
    ]
    assert agree(printed, changed[0])
    assert not agree(printed, changed[1])


def test_the_line_and_the_number_are_named():
    assert difference("a\nloss 0.35 at 10", "a\nloss 0.38 at 10") == (
        "line 2: 0.35 is now 0.38: 'loss 0.35 at 10' is now 'loss 0.38 at 10'"
    )
    assert difference("a\nb", "a") == "line 2: missing now: 'b'"
