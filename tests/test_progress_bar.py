"""Progress bars: all items come through, and what is stored of them never changes."""

import pytest

from workbench.live.progress_bar import progress_bar, with_bar

pytestmark = pytest.mark.machinery


def test_with_bar_yields_all_and_says_one_line_that_never_changes(capsys):
    assert list(with_bar(["a", "b", "c"], "things done")) == ["a", "b", "c"]
    shown = capsys.readouterr()
    assert "things done: 3" in shown.out
    assert shown.err == ""


def test_a_bar_counts_steps(capsys):
    bar = progress_bar(10, "iterations")
    bar.update(4)
    bar.update(6)
    bar.close()
    shown = capsys.readouterr()
    assert bar.n == 10
    assert "iterations: 10" in shown.out
    assert shown.err == ""
