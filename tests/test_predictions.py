"""A prediction counts once, then tells the answer and why; the summary follows; both state themselves in words."""

import ipywidgets as widgets
import pytest

from workbench.tutoring import tutor
from workbench.tutoring.predictions import Prediction

pytestmark = pytest.mark.machinery

QUESTION = "Is 1 < 2?", ["yes", "no", "both & neither"], "yes", "It is."


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(tutor, "_predictions", {})
    monkeypatch.setattr(tutor, "_summaries", [])


def words(widget):
    return widget._repr_mimebundle_()["text/plain"]


def test_before_a_click():
    prediction = tutor.predict(*QUESTION)
    assert words(prediction) == "Is 1 < 2?\nOptions: yes; no; both & neither"
    assert [button.description for button in prediction.buttons] == QUESTION[1]
    assert all(isinstance(button, widgets.Button) and not button.disabled for button in prediction.buttons)
    assert "1 &lt; 2" in prediction.children[0].value
    assert prediction.result.value == ""


@pytest.mark.parametrize(
    ("option", "told"), [("yes", "Right. It is."), ("no", "You chose no; it is yes. It is.")], ids=["right", "wrong"]
)
def test_the_first_click_counts(option, told):
    prediction = tutor.predict(*QUESTION)
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


def test_the_summary_follows_the_clicks():
    first = tutor.predict("One?", ["1", "2"], "1", "One is one.")
    second = tutor.predict("Two?", ["1", "2"], "2", "Two is two.")
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
    tutor.predict(*QUESTION).choose("no")
    again = tutor.predict(*QUESTION)
    assert again.chosen == "no"
    again.choose("yes")
    assert again.chosen == "no"
    assert words(tutor.predictions()).startswith("Predictions: 1 of 1 answered, 0 right.")


def test_the_answer_is_one_of_the_options():
    with pytest.raises(ValueError, match="answer is '3'; allowed: 1, 2"):
        Prediction("One?", ["1", "2"], "3", "No.")
    assert Prediction("One?", [1, 2], 1, "Numbers do.").answer == "1"
