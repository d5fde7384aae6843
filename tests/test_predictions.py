"""A prediction counts once, then tells the answer and why; the summary follows; both state themselves in words."""

import json

import ipywidgets as widgets
import pytest

from workbench.tutoring import passed, tutor
from workbench.tutoring.passed import Progress
from workbench.tutoring.predictions import Prediction
from workbench.tutoring.questions import Question

pytestmark = pytest.mark.machinery

QUESTION = Question(
    name="less", question="Is 1 < 2?", options=("yes", "no", "both & neither"), answer="yes", why="It is."
)
COUNT = Question(name="count", question="How many updates?", answer=8, why="Each halves it.", within=1.3)
QUESTIONS = {
    "less": QUESTION,
    "count": COUNT,
    "one": Question(name="one", question="One?", options=("1", "2"), answer="1", why="One is one."),
    "two": Question(name="two", question="Two?", options=("1", "2"), answer="2", why="Two is two."),
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(tutor, "QUESTIONS", QUESTIONS)
    monkeypatch.setattr(tutor, "_progress", Progress())
    monkeypatch.setattr(tutor, "_predictions", {})
    monkeypatch.setattr(tutor, "_summaries", [])


def words(widget):
    return widget._repr_mimebundle_()["text/plain"]


def test_before_a_click():
    prediction = tutor.predict("less")
    assert words(prediction) == "Is 1 < 2?\nOptions: yes; no; both & neither"
    assert [button.description for button in prediction.buttons] == list(QUESTION.options)
    assert all(isinstance(button, widgets.Button) and not button.disabled for button in prediction.buttons)
    assert "1 &lt; 2" in prediction.children[0].value
    assert prediction.result.value == ""


@pytest.mark.parametrize(
    ("option", "told"), [("yes", "Right. It is."), ("no", "You chose no; it is yes. It is.")], ids=["right", "wrong"]
)
def test_the_first_click_counts(option, told):
    prediction = tutor.predict("less")
    chosen = next(button for button in prediction.buttons if button.description == option)
    chosen.click()
    assert told in prediction.result.value
    assert words(prediction).endswith(told)
    assert 'role="status"' in prediction.result.value
    assert all(button.disabled for button in prediction.buttons)
    assert chosen.icon == ("check" if option == "yes" else "times")
    after = words(prediction)
    for button in prediction.buttons:
        button.click()
    assert words(prediction) == after
    assert prediction.chosen == option


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("40", "You said 40, it is 8: 5 times too much. Each halves it."),
        ("2", "You said 2, it is 8: 4 times too little. Each halves it."),
        ("0", "You said 0, it is 8: 8 too little. Each halves it."),
        ("−3", "You said −3, it is 8: 11 too little. Each halves it."),
        (" 8 ", "Right. Each halves it."),
        ("9", "Right. It is 8. Each halves it."),
        ("1,000", "You said 1,000, it is 8: 1.2e+02 times too much. Each halves it."),
    ],
)
def test_a_number_is_typed(typed, told):
    prediction = tutor.predict("count")
    assert words(prediction) == "How many updates?\nYour answer is a number."
    (button,) = prediction.buttons
    for nonsense in "", "many", "nan", "1/2":
        prediction.field.value = nonsense
        button.click()
        assert "The answer is a number" in prediction.result.value
        assert prediction.chosen is None
    prediction.field.value = typed
    button.click()
    assert words(prediction).splitlines()[-1] == told
    assert button.disabled
    assert prediction.field.disabled
    assert button.icon == ("check" if told.startswith("Right") else "times")


def test_the_summary_follows_the_clicks():
    first, second = tutor.predict("one"), tutor.predict("two")
    summary = tutor.predictions()
    assert words(summary) == "Predictions: 0 of 2 answered."
    first.choose("1")
    assert words(summary) == "Predictions: 1 of 2 answered, 1 right."
    second.choose("1")
    assert words(summary).splitlines() == [
        "Predictions: 2 of 2 answered, 1 right.",
        "What came out otherwise than you thought:",
        "Two? 2.",
    ]
    assert "2 of 2 answered" in summary.children[0].value
    assert words(tutor.predictions()) == words(summary)


def test_a_cell_that_is_run_again_keeps_what_was_chosen():
    tutor.predict("less").choose("no")
    again = tutor.predict("less")
    assert again.chosen == "no"
    again.choose("yes")
    assert again.chosen == "no"
    assert words(tutor.predictions()).startswith("Predictions: 1 of 1 answered, 0 right.")


def test_another_kernel_knows_what_was_predicted(monkeypatch, tmp_path):
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "progress.json"))
    tutor.predict("less").choose("no")
    tutor.predict("count").choose(40.0)
    kept = json.loads((tmp_path / "progress.json").read_text())
    assert kept["predictions"] == {"less": "no", "count": 40.0}
    monkeypatch.setattr(tutor, "_progress", Progress())
    monkeypatch.setattr(tutor, "_predictions", {})
    assert tutor.predict("less").chosen == "no"
    assert words(tutor.predict("count")).endswith("5 times too much. Each halves it.")


def test_what_was_kept_of_another_question_is_not_an_answer(monkeypatch, tmp_path):
    """A question that has other options by now is asked again."""
    (tmp_path / "file").write_text(json.dumps({"passed": [], "predictions": {"less": "perhaps", "count": "8"}}))
    monkeypatch.setenv(passed.VARIABLE, str(tmp_path / "file"))
    assert tutor.predict("less").chosen is None
    assert tutor.predict("count").chosen is None


def test_the_answer_is_one_of_the_options():
    with pytest.raises(ValueError, match="answer of 'x' is '3'; allowed: 1, 2"):
        Question(name="x", question="One?", options=("1", "2"), answer="3", why="No.")
    with pytest.raises(ValueError, match="answer of 'x' is 'many'; allowed: a number"):
        Question(name="x", question="How many?", answer="many", why="No.")
    with pytest.raises(ValueError, match="within of 'x' is 0.5; allowed: 1 or larger"):
        Question(name="x", question="How many?", answer=3, why="No.", within=0.5)
    assert Prediction(COUNT).question is COUNT
