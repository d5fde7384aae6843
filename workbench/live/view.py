"""What a live figure shows on a page: picture, words and status line. The page's part is canvas.js."""

from pathlib import Path

import ipywidgets as widgets
from anywidget import AnyWidget
from traitlets import Dict, Instance, List, Unicode

from workbench.live import face

HERE = Path(__file__).parent


class View(AnyWidget):
    """The one widget of a live figure that is no control. All that a step changes goes to the page in one message.

    size: width and height of the figure in pixels, in which all places are counted, from its upper left corner.
    base, scenery, moving: recordings, `recording.packed`, each drawn on top of the one before.
    words: the result, also the name of the picture for screen readers. status: a message, "" where all is well.
    code: what is shown below them and copied when it comes; "" for nothing. name: that of the figure, for a file.
    names: from names of controls to those that their handles have for screen readers.
    drag: where the pointer drags: {"axes": left, top, right, bottom, "action": CSS touch-action}; None for nowhere.
    pointer: from the page, the latest only: number of the stroke, x and y where it began, x and y now.
    typed: from the page: name of a control, the text that was typed beside it, a number that no other text has.
    """

    _esm = HERE / "canvas.js"
    _css = HERE / "canvas.css"

    size = List().tag(sync=True)
    base = Dict().tag(sync=True)
    scenery = Dict().tag(sync=True)
    moving = Dict().tag(sync=True)
    words = Unicode().tag(sync=True)
    status = Unicode().tag(sync=True)
    code = Unicode().tag(sync=True)
    name = Unicode().tag(sync=True)
    names = Dict().tag(sync=True)
    drag = Dict(allow_none=True, default_value=None).tag(sync=True)
    pointer = List().tag(sync=True, echo_update=False)
    typed = List().tag(sync=True, echo_update=False)
    face = Instance(widgets.Widget).tag(sync=True, **widgets.widget_serialization)

    def __init__(self, **state):
        super().__init__(face=face.shared(), **state)

    def show(self, **state):
        """Set several of the above; what has changed goes to the page in one message."""
        with self.hold_sync():
            for name, value in state.items():
                setattr(self, name, value)
