"""What is kept of outputs: a live figure's picture with its words below, nothing that only a kernel can show."""

from nbformat.v4 import new_output

from workbench.notebooks.outputs import WIDGET_VIEW, kept, opened, saved

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


VIEW = {"model_id": "1", "version_major": 2}
PRINTED = WORDS + "\n"


def test_a_saved_figure_is_its_picture_with_words_and_saved_again_the_same():
    once = saved([figure(**{WIDGET_VIEW: VIEW})], process=7)
    assert [output.get("data", {}).keys() for output in once] == [{"image/png", "text/plain"}, set()]
    assert once[1]["text"] == PRINTED
    assert saved(once, process=7) == once


def test_words_that_the_page_has_joined_with_what_follows_are_not_doubled():
    joined = [figure(), new_output("stream", name="stdout", text=[PRINTED, "after\n"])]
    assert kept(joined) == joined


def test_the_widget_comes_back_while_its_process_runs():
    after = new_output("stream", name="stdout", text="after\n")
    live, printed = opened(saved([figure(**{WIDGET_VIEW: VIEW}), after], process=7), process=7)
    assert live["data"][WIDGET_VIEW] == VIEW  # and says the words itself
    assert printed["text"] == "after\n"
    assert "downhill" not in live["metadata"]


def test_the_picture_stays_where_its_process_has_ended():
    for process in 8, None:
        picture, words = opened(saved([figure(**{WIDGET_VIEW: VIEW})], process=7), process)
        assert WIDGET_VIEW not in picture["data"]
        assert words["text"] == PRINTED
        assert "downhill" not in picture["metadata"]


def test_a_widget_without_a_picture_leaves_its_words():
    button = new_output("display_data", data={"text/plain": "You said 40.", WIDGET_VIEW: VIEW})
    assert [output["data"] for output in opened(saved([button], 7), None)] == [{"text/plain": "You said 40."}]
