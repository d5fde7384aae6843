"""Arguments: what each may be is declared once, beside the function; the tests take their bad values from there.

declaring.py: `@checked`, which checks at each call, and what constraints have in common.
values.py: constraints of single values: numbers, names, functions, objects.
arrays.py: constraints of arrays and of what networks are made from.
"""

# ruff: noqa: F401  # the names are imported to be taken from here

from workbench.checks.arrays import Array, Finite, Floats, Numbers, Sizes, fitting
from workbench.checks.declaring import LARGEST, Constraint, as_in_a_new_process, checked, refuse
from workbench.checks.values import (
    A_NUMBER,
    ABOVE_0,
    BELOW_1,
    FINITE,
    NOT_NEGATIVE,
    OPTIMIZER,
    TINIEST,
    WORDS,
    AFunction,
    Anything,
    AsItCame,
    Choice,
    Either,
    Having,
    Kind,
    Number,
    OrNone,
    Precision,
    Seed,
    Whole,
)
