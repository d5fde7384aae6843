"""One BLAS thread: for matrices as small as those of the lessons, more of them lose time."""

from contextlib import AbstractContextManager

import numpy as np  # noqa: F401  # its BLAS must be loaded before the controller looks for it
from threadpoolctl import ThreadpoolController

_CONTROLLER = ThreadpoolController()  # made once: looking for the libraries takes milliseconds


def one_thread() -> AbstractContextManager:
    """A context manager within which every matrix product of the process runs on one thread."""
    return _CONTROLLER.limit(limits=1, user_api="blas")


def always_one_thread() -> None:
    """Let every matrix product of the process run on one thread from now on: for a process that does nothing else.

    A context would not do where several threads work: the first to leave it would give the others their threads back.
    """
    _CONTROLLER.limit(limits=1, user_api="blas")
