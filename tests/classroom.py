"""What tests of a class on the course need and not every author has: packages and programs that `make test-class` gets.

Without them such a test is skipped with a sentence; with DOWNHILL_REQUIRE_CLASS=1 it fails.
"""

import os
from importlib.util import find_spec

import pytest

VARIABLE = "DOWNHILL_REQUIRE_CLASS"


def need(*packages):
    """Skip the test, or fail it, where one of the packages is not installed."""
    if missing := [name for name in packages if find_spec(name) is None]:
        refuse(f"not installed: {', '.join(missing)}")


def refuse(what):
    """Skip the test, or fail it, because of what is missing."""
    words = f"{what}; `make test-class` installs what this needs"
    if os.environ.get(VARIABLE) == "1":
        pytest.fail(words)
    pytest.skip(words)
