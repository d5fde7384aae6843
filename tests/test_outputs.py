"""What is kept of outputs: a live figure's picture with its words below, nothing that only a kernel can show."""

from nbformat.v4 import new_output

from tools.outputs import WIDGET_VIEW, kept

WORDS = "A bowl.\nSettings: η = 0.1."


def figure(**more):
    data = {"image/png": "AAAA", "text/plain": WORDS} | more
    return new_output("display_data", data=data, metadata={"image/png": {"alt": WORDS}})


def test_the_words_stand_below_their_picture():
    before, after = new_output("stream", text="before\n"), new_output("stream", text="after\n")
    picture = figure()
    assert kept([before, picture, after]) == [before, picture, new_output("stream", text=WORDS + "\n"), after]


def test_what_only_a_running_notebook_shows_is_gone():
    (picture, _) = kept([figure(**{WIDGET_VIEW: {"model_id": "1"}, "text/html": "<img>"})])
    assert picture.data.keys() == {"image/png", "text/plain"}


def test_other_outputs_stay():
    html = new_output("display_data", data={"text/html": "<b>1</b>", "text/plain": "1"})
    assert kept([html]) == [html]
    assert html.data.keys() == {"text/html", "text/plain"}
