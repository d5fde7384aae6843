"""The page for teachers: a section for every lesson, with what it names found in the lesson, and a whole quiz."""

import re

import pytest

from lessons import ORDER
from tools.course import ROOT, Lesson
from workbench.tutoring.catalogue import LESSONS

pytestmark = pytest.mark.machinery

PAGE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
_, *NAMES_AND_TEXTS = re.split(r"^## (.+)\n", PAGE, flags=re.MULTILINE)
SECTIONS = dict(zip(NAMES_AND_TEXTS[::2], NAMES_AND_TEXTS[1::2], strict=True))
PARTS = "**Goal.** ", "**Time.** ", "**Misconceptions**\n", "**Quiz**\n", "**Answers**\n"


def parts(section):
    """The texts of the five parts of a section, in their order."""
    starts = [section.index(part) for part in PARTS]
    assert starts == sorted(starts)
    ends = [*starts[1:], len(section)]
    return [section[a + len(part) : b].strip() for part, a, b in zip(PARTS, starts, ends, strict=True)]


def test_every_lesson_has_its_section_in_order():
    lessons = [Lesson(name, ROOT) for name in ORDER]
    assert list(SECTIONS) == [f"{lesson.number} {lesson.title}" for lesson in lessons]


each = pytest.mark.parametrize("lesson", ORDER)


@pytest.fixture
def found(lesson):
    """The five parts that the page has for a lesson."""
    lesson = Lesson(lesson, ROOT)
    return parts(SECTIONS[f"{lesson.number} {lesson.title}"])


@each
def test_the_goal_is_one_sentence_and_the_times_are_stated(lesson, found):
    goal, time, *_ = found
    assert re.fullmatch(r"[^.]+\.", goal)
    minutes, seconds = re.fullmatch(
        r"about (\d+) minutes to teach; the notebook runs in (\d+) seconds\.", time
    ).groups()
    assert int(minutes) == Lesson(lesson, ROOT).minutes
    assert 0 < int(seconds) <= 60


@each
def test_misconceptions_name_what_the_lesson_has(lesson, found):
    """Exercises in `code` with their mistakes in quotation marks behind; headings of the lesson in *italics*."""
    exercises = {exercise.name: exercise for exercise in LESSONS[lesson]}
    headings = re.findall(r"^#+ (.+)$", Lesson(lesson, ROOT).text, re.MULTILINE)
    items = found[2].splitlines()
    assert len(items) >= 4
    named = set()
    for item in items:
        places = re.fullmatch(r'- ".+": (.+)', item)[1]
        assert re.search(r"`|\*", places), f"no exercise and no heading: {item}"
        for name, mistakes in re.findall(r"`([^`]+)`((?:, \"[^\"]+\"(?: and \"[^\"]+\")?)?)", places):
            assert name in exercises
            named.add(name)
            known = {mistake.name for mistake in exercises[name].mistakes}
            assert set(re.findall(r'"([^"]+)"', mistakes)) <= known
        for heading in re.findall(r"\*([^*]+)\*", places):
            assert heading in headings
    assert named == exercises.keys()


@each
def test_five_questions_have_five_answers(lesson, found):
    questions, answers = (text.splitlines() for text in found[3:])
    for lines in questions, answers:
        assert [line.split(". ")[0] for line in lines] == list("12345")
    assert all("?" in line for line in questions)
    assert all(line.endswith(".") for line in answers)


def test_the_readme_links_to_the_page():
    assert "(docs/teaching.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
