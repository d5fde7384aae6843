"""Checks of exercises that say where an answer first goes wrong."""

import numpy as np


def compare(yours, expected, name="your answer"):
    """One sentence on how `yours` differs from `expected`, both sequences of numbers with the start as entry 0.

    Returns "Right: …" when all entries agree to 1e-9, relative or absolute; else names the first that does not.
    """
    if yours is None:
        return f"Nothing to check yet: {name} is None."
    yours, expected = np.asarray(yours, float), np.asarray(expected, float)
    if yours.shape != expected.shape:
        missing = yours.ndim == expected.ndim and len(yours) == len(expected) - 1
        hint = " Is the start included?" if missing else ""
        return f"{name} has shape {yours.shape}, expected is {expected.shape}.{hint}"
    wrong = ~np.isclose(yours, expected, rtol=1e-9, atol=1e-9)
    if not wrong.any():
        return f"Right: all {len(expected)} entries of {name} agree."
    k = int(np.argwhere(wrong)[0, 0])
    return f"{name}[{k}] is {yours[k]}, expected is {expected[k]}; before it, all agree."
