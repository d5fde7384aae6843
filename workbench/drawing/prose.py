"""Printing sentences: lines end between words. JupyterLab breaks a long line anywhere, and GitHub does not break it."""

import textwrap

WIDTH = 100  # characters; a cell of JupyterLab has room for these beside the file browser


def say(text):
    """Print a text, each of its lines broken into lines of at most WIDTH characters, or of one longer word."""
    for line in text.split("\n"):
        print(textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False))
