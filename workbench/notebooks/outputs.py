"""What a notebook keeps of the outputs of a cell: what GitHub, a reader without a kernel and nbval can use."""

from workbench.words import folded

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NOTE = "downhill"  # in the metadata of an output: which widget it showed, of which process


def kept(outputs: list[dict]) -> list[dict]:
    """These outputs without what only a running notebook can show, and with the words of each picture below it.

    Gone are widget entries, whose ids are random, and HTML beside a PNG. With a widget entry, a notebook whose kernel
    does not run shows "Error displaying widget" instead of its PNG; and GitHub shows no picture that stands in HTML.
    The words are those that a live figure shows itself; of a PNG alone, neither GitHub nor JupyterLab shows them.
    """
    result = []
    for output, following in zip(outputs, [*outputs, None][1:], strict=True):
        data = output.get("data", {})
        data.pop(WIDGET_VIEW, None)
        if "image/png" in data:
            data.pop("text/html", None)
        result.append(output)
        if (words := words_of(output)) and not starts_with(following, words):
            result.append(type(output)(output_type="stream", name="stdout", text=words))  # a NotebookNode for one
    return result


def words_of(output: dict) -> str:
    """The words of a picture as lines of a page; none for other outputs."""
    words = output.get("metadata", {}).get("image/png", {}).get("alt")
    return folded(words) if words else ""


def starts_with(output: dict | None, words: str) -> bool:
    """Whether an output is text that begins with these words."""
    return bool(output) and output.get("name") == "stdout" and "".join(output["text"]).startswith(words)


def saved(outputs: list[dict], process: int | None) -> list[dict]:
    """The outputs to be saved, as `kept`, with a note of each widget and of the kernel's process, whose it is."""
    for output in outputs:
        if view := output.get("data", {}).get(WIDGET_VIEW):
            output["metadata"] = output.get("metadata", {}) | {NOTE: {"view": view, "process": process}}
    return kept(outputs)


def opened(outputs: list[dict], process: int | None) -> list[dict]:
    """What `saved` gave, to be shown again: with its widgets where their process still runs, which say the words."""
    result, words = [], ""
    for output in outputs:
        if words and starts_with(output, words):
            output["text"] = "".join(output["text"])[len(words) :]
            if not output["text"]:
                continue
        words = ""
        note = output.get("metadata", {}).pop(NOTE, None)
        if note and process and note["process"] == process:
            output["data"][WIDGET_VIEW] = note["view"]
            words = words_of(output)
        result.append(output)
    return result
