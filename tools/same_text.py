"""Compare texts as a reader would: words exactly, numbers as numbers.

Processors add up in different orders, so that the last digit of a printed number may differ from one to the next.
Each number may be off by one unit of its last printed digit, and by no more: 1.5e-03 and 1.6e-03 agree, 1.4e-03 and
1.6e-03 do not. Of two numbers printed with different numbers of digits, the one with more says what the unit is, since
trailing zeros may have been left out: 0.35 and 0.3501 agree, 0.35 and 0.36 do too, 0.35 and 0.3601 do not.
"""

import re
from decimal import Decimal
from itertools import zip_longest

# A number stands alone: the 1 of W1, of 3.11.2, of utf-8 and of 2f9a are parts of words. A minus may be a hyphen.
NUMBER = re.compile(
    r"(?<![\w.])(?<![\w.][-−])[-−+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:e[-−+]?\d+)?(?![\w.]*\w)"
)
HOLE = "\0"


def difference(expected, actual):
    """The first difference of two texts in words, or None when they say the same.

    Lines must be as many, and their words, signs and numbers of numbers the same. Blanks count as one: a number that
    became shorter moves what stands beside it.
    """
    pairs = zip_longest(expected.splitlines(), actual.splitlines())
    for number, (line, other) in enumerate(pairs, start=1):
        if line is None or other is None:
            return f"line {number}: {'one more now' if line is None else 'missing now'}: {line or other!r}"
        if _words(line) != _words(other):
            return f"line {number}: {line!r} is now {other!r}"
        for a, b in zip(NUMBER.findall(line), NUMBER.findall(other), strict=True):
            if not agree(a, b):
                return f"line {number}: {a} is now {b}: {line!r} is now {other!r}"
    return None


def agree(a, b):
    """Whether two printed numbers differ by at most one unit of the last digit of the one with more digits."""
    a, b = _decimal(a), _decimal(b)
    return abs(a - b) <= min(_unit(a), _unit(b))


def _words(line):
    return " ".join(NUMBER.sub(f" {HOLE} ", line).split())


def _decimal(text):
    return Decimal(text.replace("−", "-").replace(",", ""))


def _unit(number):
    return Decimal(1).scaleb(number.as_tuple().exponent)
