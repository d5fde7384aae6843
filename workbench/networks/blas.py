"""One BLAS thread: for matrices as small as those of the lessons, more of them lose time."""

from contextlib import AbstractContextManager

import numpy as np  # noqa: F401  # its BLAS must be loaded before the controller looks for it
from threadpoolctl import ThreadpoolController

_CONTROLLER = ThreadpoolController()  # made once: looking for the libraries takes milliseconds


def one_thread() -> AbstractContextManager:
    """A context manager within which every matrix product of the process runs on one thread."""
    return _CONTROLLER.limit(limits=1, user_api="blas")
