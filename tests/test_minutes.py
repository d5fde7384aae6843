"""How long lessons take: one rule, applied here to texts counted by hand, and kept by every lesson."""

import pytest

from lessons import ORDER
from tools.course import ROOT, CourseError, Lesson, with_numbers
from tools.minutes import estimate, minutes

MOST = 60


def cell(*lines):
    return "\n".join(["```{code-cell} ipython3", *lines, "```", "", ""])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (130 * "word ", 1),
        ("$$\nw = 1\n$$\n\n$$v = 2$$\n", 1),
        (cell("a = 1", "", "b = 2", "print(a)"), 3 / 12),
        (cell("parabola"), 4 + 1 / 12),
        (cell("x = 1", "Parabola()"), 4 + 2 / 12),
        (cell("print(1)"), 1 / 12),
        (cell('tutor.predict("x")'), 1 + 1 / 12),
        (cell('tutor.check("x", x)'), 7 + 1 / 12),
    ],
)
def test_what_is_counted(text, expected):
    assert estimate(text) == pytest.approx(expected, abs=0.02)


def test_the_parts_of_a_lesson():
    text = "---\nfront: 1\n---\n# A\n\n" + 1300 * "word " + "\n\n## Deeper\n\n" + 650 * "word "
    assert minutes(text + "\n\n## Further reading\n\n" + 1300 * "word ") == {"lesson": 10, "deeper": 5}


def test_the_role_writes_them():
    assert with_numbers("{minutes}`lesson`" + 1300 * " word", "lesson.md") == "about 10 minutes" + 1300 * " word"
    assert with_numbers("{minutes}`lesson`", "teaching.md", 1300 * " word") == "about 10 minutes"
    with pytest.raises(CourseError, match="lesson, deeper"):
        with_numbers("{minutes}`all`", "lesson.md")


@pytest.mark.parametrize("lesson", ORDER)
def test_a_lesson_states_its_minutes_and_stays_below_an_hour(lesson):
    text = Lesson(lesson, ROOT).text
    assert "{minutes}`lesson`" in text
    assert minutes(text)["lesson"] <= MOST
    if "\n## Deeper\n" in text:
        assert "{minutes}`deeper`" in text
