"""Sentences are printed in lines that end between words."""

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.words import WIDTH, say

pytestmark = pytest.mark.machinery


def test_lines_end_between_words(capsys):
    say("Settings: η = 0.1.\n" + 40 * "layer " + "\n\nx - y " + WIDTH * "ab")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Settings: η = 0.1."
    assert all(len(line) <= WIDTH for line in lines[:-1])
    assert {word for line in lines[1:4] for word in line.split()} == {"layer"}
    assert lines[-3:] == ["", "x - y", WIDTH * "ab"]


def test_a_short_text_is_printed_as_it_is(capsys):
    text = "  indented = code\nnext"
    say(text)
    assert capsys.readouterr().out == text + "\n"


@given(st.text(st.sampled_from("ab −η0.\n"), max_size=400))
def test_no_word_is_lost(text):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        say(text)
    assert out.getvalue().split() == text.split()
