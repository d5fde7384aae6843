"""LiveFigure: sliders that move one persistent Matplotlib figure, fast enough to feel like touching it.

Drawn by blitting: what stays the same is drawn once and kept as pixels; each move of a slider restores these pixels,
draws the few artists that move, and sends one PNG to an Image widget.
"""

import base64
import html
import inspect
import json
from typing import TypeVar

import ipywidgets as widgets
import numpy as np
from ipyevents import Event
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from traitlets import Unicode

from workbench.drawing import styles
from workbench.drawing.picture import mimebundle, png
from workbench.live import controls
from workbench.words import say

# What ipywidgets leaves out for those who use keys or a screen reader: where the focus is, and the names of what has no
# text. The words after "/" are a name (CSS Generated Content Module Level 3, alternative text); it is not shown.
STYLE = r"""
.live-drag { cursor: crosshair; }
.live-figure :focus-visible { outline: 2px solid #1976d2 !important; outline-offset: 1px; }
.live-figure .fa-play::before { content: "\f04b" / "Play"; }
.live-figure .fa-pause::before { content: "\f04c" / "Pause"; }
.live-figure .fa-stop::before { content: "\f04d" / "Stop"; }
.live-figure .fa-retweet::before { content: "\f079" / "Repeat"; }
"""
HANDLE = ".live-%s .control-%s .noUi-handle { content: linear-gradient(#0000, #0000) / %s; }\n"


Artists = TypeVar("Artists")  # one of Matplotlib's artists, or a list of them


class NamedImage(widgets.Image):
    """An image with a name for screen readers: its `tooltip`."""

    # ipywidgets sets the tooltip of a widget only when the description, which images lack, is empty.
    description = Unicode().tag(sync=True)


class LiveFigure(widgets.VBox):
    """A figure, its controls, and the result in words. Subclasses write what is special about theirs:

    `title`, `size`: what the figure shows, in words; width and height in inches.
    `make_controls()`: a dict from setting names to ipywidgets; the start values are those the lesson speaks of. A
        control's tooltip, or else its description, is its name for screen readers.
    `build(figure)`: axes, fixed limits, and all artists. Artists that `draw` changes go through `self.moving(…)`,
        those that `scene` changes through `self.scenery(…)`; the rest is drawn once.
    `draw(…)`: takes the settings it names as arguments, moves the moving artists, returns the result in words.
    `scene(…)`: the same for the scenery; called only when a setting that it names has changed. Optional.
    `presets`: buttons beside Reset, from a button's name to the settings that it sets. Optional.
    `preset_keeps`: names of settings that these buttons leave as they are; all others go back to the start. Optional.
    `settings_in_words()`: where a list of all controls would not read well. Optional.
    `drag_axes`, `drag_controls`: set in `build` to let the pointer drag a point: axes, and the names of two sliders.
    `begin_drag()`, `drag_to(x, y)`: what the pointer does on `drag_axes`, where it is to do anything else. Optional.

    A callback that raises shows its message in the status line, and the figure goes on working.
    """

    title = ""
    size = (9.0, 4.0)
    presets = {}
    preset_keeps = ()
    drag_axes = None
    drag_controls = None

    def __init__(self):
        self.controls = self.make_controls()
        self.initial = self.settings  # where Reset goes
        self._scenery, self._moving = [], []
        self._base = self._background = self._scene_settings = self._drawn = None
        self.paused = self._dragging = False
        with styles.look():
            self.figure = styles.new_figure(self.size)
            self.build(self.figure)
            self._draw()
            self.figure.draw_without_rendering()  # places the axes; they stay there
        self.figure.set_layout_engine("none")
        self.words = ""
        # Width and height as attributes: the page keeps the picture's place while the next one is loaded.
        width, height = map(str, self.figure.canvas.get_width_height())
        size = {"width": f"{width}px", "height": "auto", "max_width": "100%"}
        self.picture = NamedImage(format="url", width=width, height=height, layout=size, tooltip=self.title)
        self.picture.add_class("live-picture")
        self._words = widgets.HTML().add_class("live-words")
        self.status = widgets.HTML().add_class("live-status")
        self._style = widgets.HTML(layout={"display": "none"})
        super().__init__([self.control_box(), self.picture, self._words, self.status, self._style])
        self.add_class("live-figure")
        self.add_class(f"live-{self.model_id}")
        for name, control in self.controls.items():
            control.add_class(f"control-{name}")
            control.tooltip = control.tooltip or control.description  # the page shows "null" for no tooltip
            control.observe(self._changed, names="value")
        self._show(*self._frame())
        self._name_sliders()
        self._listen_to_pointer()

    # What a subclass writes

    def make_controls(self) -> dict[str, widgets.Widget]:
        return {}

    def build(self, figure: Figure) -> None:
        raise NotImplementedError

    def scene(self) -> None:
        pass

    def draw(self) -> str:
        raise NotImplementedError

    def settings_in_words(self) -> str:
        return ", ".join(
            f"{control.description} = {controls.in_words(value)}"
            for control, value in zip(self.controls.values(), self.settings.values(), strict=True)
        )

    # What a subclass calls

    def moving(self, artists: Artists) -> Artists:
        """Register artists that `draw` changes; returns them. They lie above the scenery and everything fixed."""
        return self._register(artists, self._moving, above=200)

    def scenery(self, artists: Artists) -> Artists:
        """Register artists that `scene` changes; returns them. They lie above everything fixed."""
        return self._register(artists, self._scenery, above=100)

    def moving_line(self, axes: Axes, *marks: str, **style) -> Line2D:
        """An empty line that `draw` moves by `set_data`; marks and style as for `axes.plot`."""
        return self.moving(axes.plot([], [], *marks, **style))[0]

    def moving_lines(self, axes: Axes, styles: dict[str, dict], **look) -> dict[str, Line2D]:
        """An empty line for each name in `styles`, a dict to its style; what that leaves open is as `look` says."""
        return {name: self.moving_line(axes, **look | style) for name, style in styles.items()}

    def refresh(self) -> None:
        """Draw everything anew with the next frame: after a change of what is neither moving nor scenery."""
        self._base = self._drawn = None

    def redraw(self, **values) -> None:
        """Set these controls and draw, though no setting may have changed: after a change of what `draw` shows."""
        with styles.DRAWING:
            self._drawn = None
            self.set(**values)

    def begin_drag(self) -> None:
        """The pointer was pressed on `drag_axes`; `drag_to` follows."""

    def drag_to(self, x: float, y: float) -> None:
        """Follow the pointer to a point of `drag_axes`: set the two controls, or, of one name, that of x alone."""
        places = zip(self.drag_controls, (x, y), strict=False)
        self.set(**{name: controls.snap(self.controls[name], place) for name, place in places})

    # What lessons and tests call

    @property
    def settings(self) -> dict:
        """The present value of every control, by name."""
        return {name: controls.value(control) for name, control in self.controls.items()}

    def set(self, **values) -> None:
        """Set several controls at once and redraw once.

        Raises ValueError for a name that is no control, and for a value that is none of those a control chooses from.
        """
        for name, value in values.items():
            if name not in self.controls:
                raise ValueError(f"{name} is not a setting; allowed: {', '.join(self.controls)}")
            if (allowed := controls.options(self.controls[name])) and value not in allowed:
                raise ValueError(f"{name} is {value!r}; allowed: {', '.join(map(str, allowed))}")
        with styles.DRAWING:
            self.paused = True
            try:
                for name, value in values.items():
                    self.controls[name].value = value
            finally:
                self.paused = False
            self._changed()

    def reset(self) -> None:
        """Put every control back to where it was at first."""
        self.set(**self.initial)

    def tell(self) -> None:
        """Print the words: on GitHub they stand under the picture."""
        say(self.words)

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = mimebundle(self.png, self.words)
        return super()._repr_mimebundle_(**kwargs) | data, metadata

    # From a change to a frame

    def _changed(self, change=None):
        with styles.DRAWING:
            # A browser sends a value back that it has rounded to the slider's grid: nothing to draw.
            if self.paused or self.settings == self._drawn:
                return
            try:
                png, words = self._frame()
            except Exception as error:  # ipywidgets would write it to the browser's console, where nobody looks
                message = html.escape(f"{type(error).__name__}: {error}")
                self.status.value = f'<div role="alert"><b>This setting failed.</b> {message}</div>'
            else:
                self._show(png, words)
            self._name_sliders()

    def _frame(self):
        result = self._draw()
        canvas = self.figure.canvas
        if self._base is None:
            images = [a for a in (*self._scenery, *self._moving) if isinstance(a, AxesImage) and a.get_visible()]
            with styles.look():
                for image in images:
                    image.set_visible(False)  # Matplotlib before 3.11 draws images though they are animated
                canvas.draw()
                for image in images:
                    image.set_visible(True)
            self._base = canvas.copy_from_bbox(self.figure.bbox)
            self._background = None
        if self._background is None:
            canvas.restore_region(self._base)
            self._paint(self._scenery)
            self._background = canvas.copy_from_bbox(self.figure.bbox)
        canvas.restore_region(self._background)
        self._paint(self._moving)
        return png(self.figure), f"{self.title}\nSettings: {self.settings_in_words()}.\n{result}"

    def _draw(self):
        """Bring all artists to the present settings; returns the result in words."""
        settings, self._drawn = self.settings, None
        wanted = _named_by(self.scene, settings)
        with np.errstate(over="ignore", invalid="ignore"):  # figures say themselves where a path diverges
            if wanted != self._scene_settings:
                self._scene_settings = self._background = None  # so that a scene that raises is tried again
                self.scene(**wanted)
                self._scene_settings = wanted
            result = self.draw(**_named_by(self.draw, settings))
        self._drawn = settings
        return result

    def _paint(self, artists):
        for artist in sorted(artists, key=lambda a: a.get_zorder()):
            artist.axes.draw_artist(artist)

    def _show(self, png, words):
        self.words = words
        self.png = png
        # As a URL that holds the picture: from bytes the page would make a file first, 10 ms on its way to the screen.
        self.picture.value = b"data:image/png;base64," + base64.b64encode(png)
        self._words.value = (
            f'<div role="status" style="line-height: 1.5">{html.escape(words).replace(chr(10), "<br>")}</div>'
        )
        self.status.value = ""

    def _name_sliders(self):
        """Give the handle of each slider its name, by a CSS rule.

        The value that the page itself tells of a slider over given values is an index, so the name holds the value too.
        """
        rules = []
        for key, control in self.controls.items():
            given = isinstance(control, widgets.SelectionSlider)
            name = f"{control.tooltip}: {control.label}" if given else control.tooltip
            rules.append(HANDLE % (self.model_id, key, json.dumps(name, ensure_ascii=False)))
        self._style.value = f"<style>{STYLE}{''.join(rules)}</style>"

    def _register(self, artists, group, above):
        for artist in artists if isinstance(artists, list | tuple) else [artists]:
            artist.set_animated(True)
            artist.set_zorder(artist.get_zorder() + above)
            group.append(artist)
        return artists

    # Widgets around the picture

    def control_box(self) -> widgets.Widget:
        """The controls as they stand above the picture; a subclass may group them."""
        return widgets.Box([*self.controls.values(), *self.buttons()], layout=controls.ROW)

    def buttons(self) -> list[widgets.Widget]:
        """Reset and the presets."""
        reset = widgets.Button(description="Reset", tooltip="Back to the values that the text speaks of")
        reset.add_class("live-reset")
        reset.on_click(lambda button: self.reset())
        buttons = [reset]
        first = {name: value for name, value in self.initial.items() if name not in self.preset_keeps}
        for name, values in self.presets.items():
            buttons.append(widgets.Button(description=name, layout={"width": "auto"}))
            buttons[-1].on_click(lambda button, values=values: self.set(**(first | values)))
        return buttons

    # The pointer

    def _listen_to_pointer(self):
        if self.drag_axes is None:
            return
        # xy comes like a slider's value, one message in flight and always the latest; presses come as events.
        self._pointer = Event(
            source=self.picture,
            watched_events=["mousedown", "mouseup", "mouseenter", "dragstart"],
            xy_coordinate_system="data",
            prevent_default_action=True,
        )
        self.picture.add_class("live-drag")
        self._pointer.on_dom_event(self._pressed)
        self._pointer.observe(self._pointed, names="xy")

    def _pressed(self, event):
        x, y = event["dataX"], self.figure.canvas.get_width_height()[1] - event["dataY"]
        if event["type"] == "mousedown":
            self._dragging = self.drag_axes.bbox.contains(x, y)
            if self._dragging:
                self.begin_drag()
        if self._dragging and event["type"] in ("mousedown", "mouseup"):
            self._drag_to(x, y)
        held = bool(event["buttons"] & 1)
        self._dragging = self._dragging and held

    def _pointed(self, change):
        if self._dragging and len(change["new"]) == 2:
            x, y = change["new"]
            self._drag_to(x, self.figure.canvas.get_width_height()[1] - y)

    def _drag_to(self, x, y):
        """Drag to a pixel of the figure, counted from the lower left corner."""
        self.drag_to(*self.drag_axes.transData.inverted().transform((x, y)))


def _named_by(function, settings):
    """The settings that a function names as arguments; all of them where it takes any (`**settings`)."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return settings
    return {p.name: settings[p.name] for p in parameters}
