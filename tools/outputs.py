"""What a notebook keeps of the outputs of a cell: what GitHub, a reader without a kernel and nbval can use."""

from nbformat import NotebookNode
from nbformat.v4 import new_output

from workbench.words import folded

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def kept(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """These outputs without what only a running notebook can show, and with the words of each picture below it.

    Gone are widget entries, whose ids are random, and HTML beside a PNG. With a widget entry, a notebook that was never
    run shows "Error displaying widget" instead of its PNG; and GitHub shows no picture that stands in HTML. The words
    are those that a live figure shows itself; of a PNG alone, neither GitHub nor JupyterLab shows them.
    """
    result = []
    for output in outputs:
        data = output.get("data", {})
        data.pop(WIDGET_VIEW, None)
        if "image/png" in data:
            data.pop("text/html", None)
        result.append(output)
        if words := output.get("metadata", {}).get("image/png", {}).get("alt"):
            result.append(new_output("stream", name="stdout", text=folded(words)))
    return result
