"""Which cells show which live figures: a figure ends when the last of them runs again, and its memory is free.

ipywidgets keeps every widget until it is closed, so that a page may still speak to it. A cell that runs again shows
another figure in its place, and of the earlier one 6 to 10 MB would stay for as long as the kernel lives.
"""

from collections import defaultdict

import ipywidgets as widgets
from IPython import get_ipython

_figures = defaultdict(list)  # from ids of cells to the figures that were made or shown there


def keep(figure: widgets.Box) -> None:
    """Note that the cell that runs makes or shows a figure. Front ends that do not name their cells change nothing."""
    shell = get_ipython()
    if cell := cell_id(shell):
        if let_go not in shell.events.callbacks["pre_run_cell"]:
            shell.events.register("pre_run_cell", let_go)
        if figure not in _figures[cell]:
            _figures[cell].append(figure)


def cell_id(shell) -> str | None:
    """The id of the cell that runs, which JupyterLab sends along; None outside of a cell, and where none is known."""
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return parent.get("metadata", {}).get("cellId") if parent else None


def let_go(info) -> None:
    """Before a cell runs: close the figures that it alone has shown; `info` is IPython's."""
    for figure in _figures.pop(info.cell_id, ()):
        if not any(figure in others for others in _figures.values()):
            forget(get_ipython(), figure)
            close(figure)


def forget(shell, figure: widgets.Box) -> None:
    """Take a figure from the results that IPython keeps: `_`, `__`, `___`, `_12`, `Out[12]`."""
    results = shell.user_ns.get("_oh", {})
    numbers = [number for number, result in results.items() if result is figure]
    for number in numbers:
        del results[number]
        getattr(shell.history_manager, "outputs", {}).pop(number, None)  # since IPython 9: with the picture
    for kept in shell.user_ns, shell.user_ns_hidden, vars(shell.displayhook):
        for number in numbers:
            kept.pop(f"_{number}", None)
        for name in ("_", "__", "___"):
            if kept.get(name) is figure:
                kept[name] = ""  # what IPython has there at first


def close(widget: widgets.Widget) -> None:
    """Close a widget, what it holds, and their layouts and styles, which are widgets, too."""
    for child in getattr(widget, "children", ()):
        close(child)
    for part in (getattr(widget, name, None) for name in ("layout", "style")):
        if isinstance(part, widgets.Widget):
            part.close()
    widget.unobserve_all()
    widget.close()
