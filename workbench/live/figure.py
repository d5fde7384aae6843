"""LiveFigure: controls that move one Matplotlib figure, fast enough to feel like touching it.

One description, two renderers. A page gets recordings of what artists draw (recording.py) and draws them on a canvas
(canvas.js); with a step it gets those of the artists that move, and of the scenery where that has changed. A PNG for
files, for GitHub and for pages without a kernel is painted by Agg, when it is asked for.
"""

import contextlib
import functools
import inspect
from time import perf_counter
from typing import TypeVar

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from workbench.checks import Finite
from workbench.drawing import styles
from workbench.drawing.picture import mimebundle, png
from workbench.live import ahead, as_code, cells, controls, quiet, saving
from workbench.live.ahead import Frame
from workbench.live.progress_bar import with_bar
from workbench.live.recording import Recorder, packed
from workbench.live.view import View

Artists = TypeVar("Artists")  # one of Matplotlib's artists, or a list of them


class LiveFigure(widgets.VBox):
    """A figure, its controls, and the result in words. Subclasses write what is special about theirs:

    `title`, `size`: what the figure shows, in words; width and height in inches.
    `make_controls()`: a dict from setting names to ipywidgets; the start values are those the lesson speaks of. A
        control's tooltip, or else its description, is its name for screen readers.
    `build(figure)`: axes, fixed limits, and all artists. Artists that `draw` changes go through `self.moving(…)`,
        those that `scene` changes through `self.scenery(…)`; the rest is drawn once.
    `draw(…)`: takes the settings it names as arguments, moves the moving artists, returns the result in words. What it
        shows depends on them alone: it is also called for settings that may come next (ahead.py).
    `scene(…)`: the same for the scenery; called only when a setting that it names has changed. Optional.
    `presets`: buttons beside Reset, from a button's name to the settings that it sets. Optional.
    `preset_keeps`: names of settings that these buttons leave as they are; all others go back to the start. Optional.
    `settings_in_words()`: where a list of all controls would not read well. Optional.
    `drag_axes`, `drag_controls`: set in `build` to let the pointer drag a point: axes, and the names of two sliders.
    `begin_drag()`, `drag_to(x, y)`: what the pointer does on `drag_axes`, where it is to do anything else. Optional.
    `folded`: names of controls that a button "More settings" shows: those that the lesson does not need at first, as a
        start that is dragged. The picture and the other controls are to fit in 700 pixels of height. Optional.
    `given`: code of what a constructor takes besides settings, by the names of its arguments. Optional.

    Settings are keywords of the constructor: `Race(landscape="Rosenbrock", start=(-1.45, 2), lr_Adam=0.02)`. Of two
    controls start_x and start_y the keyword is start, a pair; `set` takes it, too. Reset goes back to what was given.
    A callback that raises shows its message in the status line, and the figure goes on working; `draw` may also tell
    of a part that failed by `self.tell(…)` and draw the others.
    """

    title = ""
    size = (9.0, 4.0)
    presets = {}
    preset_keeps = ()
    drag_axes = None
    drag_controls = None
    folded = ()
    given = {}
    _more = ()  # what holds the folded controls

    def __init__(self, **settings):
        self.paused, self._told = True, []
        self.controls = self.make_controls()
        self._first = self.initial = self.settings  # what needs no keyword
        self._scenery, self._moving, self._recorded = [], [], {}
        self._scene_settings = self._drawn = self._shown = self._png = self._ahead = None
        self._base_is_old = self._scenery_is_old = True
        self._dragging, self._stroke = False, None
        with styles.look():
            self.figure = styles.new_figure(self.size)
            self.build(self.figure)
            self._draw()
            # Places the axes; they stay there, whatever the settings.
            self.figure.get_layout_engine().execute(self.figure)
            self._put(settings)
        self.paused = False
        self.initial = self.settings  # where Reset goes
        self.figure.set_layout_engine("none")
        size = self.figure.canvas.get_width_height()
        self._recorder = Recorder(*size, self.figure.dpi)
        for name, control in self.controls.items():
            control.add_class(f"control-{name}")
            control.tooltip = control.tooltip or control.description  # the page shows "null" for no tooltip
        with styles.look():
            frame = self._frame(self.settings)
        name = type(self).__name__
        self.view = View(size=list(size), drag=self._drag_field(), names=self._names(), name=name, **frame)
        box = self.control_box()
        super().__init__([widgets.VBox([box, *self._more]) if self._more else box, self.view])
        self.add_class("live-figure")
        for control in self.controls.values():
            control.observe(self._changed, names="value")
            quiet.hush(control)
        self.view.observe(self._pointed, names="pointer")
        self.view.observe(self._typed, names="typed")
        quiet.hush(self.view)
        cells.keep(self)

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
        self._base_is_old, self._drawn, self._ahead = True, None, None

    def tell(self, trouble: str) -> None:
        """Say in the status line of this frame what failed, though the rest is drawn; called by `draw`."""
        self._told.append(trouble)

    def redraw(self, **values) -> None:
        """Set these controls and draw, though no setting may have changed: after a change of what `draw` shows."""
        with styles.DRAWING:
            self._drawn = self._ahead = None
            self.set(**values)

    def begin_drag(self) -> None:
        """The pointer was pressed on `drag_axes`; `drag_to` follows."""

    def drag_to(self, x: float, y: float) -> None:
        """Follow the pointer to a point of `drag_axes`: set the two controls, or, of one name, that of x alone."""
        places = zip(self.drag_controls, (x, y), strict=False)
        self.set(**{name: controls.snap(self.controls[name], place) for name, place in places})

    # What lessons and tests call

    @property
    def words(self) -> str:
        """The title, the settings and the result of the frame that is shown."""
        return self.view.words

    @property
    def png(self) -> bytes:
        """The frame that is shown as PNG bytes, painted now."""
        with styles.DRAWING:
            if self._png is None:
                self._stand_as_shown()
                self._png = self._painted()
            return self._png

    @property
    def settings(self) -> dict:
        """The present value of every control, by name."""
        return {name: controls.value(control) for name, control in self.controls.items()}

    def set(self, **values) -> None:
        """Set several controls at once and redraw once.

        Raises ValueError, and changes nothing, for a name that is no control, and for a value that a control cannot
        have: none of those it chooses from, or beyond its ends.
        """
        with styles.DRAWING:
            paused, self.paused = self.paused, True
            try:
                self._put(values)
            finally:
                self.paused = paused
            self._changed()

    def reset(self) -> None:
        """Put every control back to where it was at first."""
        self.set(**self.initial)

    @property
    def code(self) -> str:
        """The present state as one line of code that makes it again."""
        return as_code.call(type(self).__name__, self.given | as_code.of_settings(self.settings, self._first))

    def save(self, path) -> None:
        """Write the picture that is shown, at print resolution, to a file that ends in .png, .svg or .pdf.

        Its settings and results in words go into the file's metadata. Raises ValueError for another ending.
        """
        kind = saving.kind_of(path, saving.PICTURES)
        with styles.DRAWING, self._unanimated(), styles.look():
            self._stand_as_shown()
            contents = saving.printed(self.figure, kind, self.words)
        saving.write(path, contents)

    def animate(self, control: str, path) -> None:
        """Write an animation, .gif or .mp4 (which needs ffmpeg), of a slider that goes from end to end and back.

        control: the name of a slider. The figure goes along, and is as it was in the end.
        Raises ValueError for a name that is no slider, and for another ending.
        """
        kind = saving.kind_of(path, saving.ANIMATIONS)
        sliders = [name for name, one in self.controls.items() if hasattr(one, "readout") and not one.disabled]
        if control not in sliders:
            raise ValueError(f"control is {control!r}; allowed: {', '.join(sliders)}")
        if kind == "mp4":
            saving.need_ffmpeg(path)
        before, frames = self.settings, []
        try:
            for value in with_bar(saving.stops(self.controls[control]), f"{control}, frames"):
                self.set(**{control: value})
                frames.append(self.png)
        finally:
            self.set(**before)
        saving.write(path, saving.animation(frames, kind))

    def _repr_mimebundle_(self, **kwargs):
        cells.keep(self)
        data, metadata = mimebundle(self.png, self.words)
        return super()._repr_mimebundle_(**kwargs) | data, metadata

    def _put(self, values):
        """Give controls their values, in the order of the controls: with another landscape a start has other limits.

        Raises ValueError, and leaves all as they were, for a name or a value that does not exist.
        """
        wanted = {}
        for name, value in values.items():
            pair = [f"{name}_x", f"{name}_y"]
            if name in self.controls:
                wanted[name] = value
            elif all(part in self.controls for part in pair):
                wanted |= zip(pair, Finite((2,)).check(name, value).tolist(), strict=True)
            else:
                raise ValueError(f"{name} is not a setting; allowed: {', '.join(self.controls)}")
        before = self.settings
        try:
            for name in [name for name in self.controls if name in wanted]:
                self.controls[name].value = controls.possible(name, self.controls[name], wanted[name])
        except ValueError:
            for name, value in before.items():
                self.controls[name].value = value
            raise

    # From a change to a frame

    def _changed(self, change=None):
        with styles.look():
            # A browser sends a value back that it has rounded to the slider's grid: nothing to draw. Nor is there for
            # a value that came while a frame was made, once a later frame has shown it.
            before, settings, begin = self._shown, self.settings, perf_counter()
            if self.paused or settings == (before if self._ahead else self._drawn):
                return
            try:
                frame = self._frame(settings)
            except Exception as error:  # ipywidgets would write it to the browser's console, where nobody looks
                self._go_back()
                frame = {"status": f"This setting failed. {type(error).__name__}: {error}"}
            else:
                if perf_counter() - begin < ahead.LONGEST:
                    ahead.later(lambda: self._look_ahead(before, settings))
            self.view.show(names=self._names(), code="", **frame)

    def _frame(self, settings):
        """What the view is to show at settings, which become those that are shown; recordings of what has changed only.

        To be called within `styles.look`.
        """
        frame, self._ahead = self._ahead, None
        if frame is None or frame.settings != settings:
            frame = self._made(settings)
        self._shown, self._png = settings, None
        words = f"{self.title}\nSettings: {self.settings_in_words()}.\n{frame.result}"
        return frame.recordings | {"words": words, "status": frame.told}

    def _made(self, settings):
        """The Frame at settings; the artists stand there afterwards."""
        result = self._draw(settings)
        recordings = {}
        if self._base_is_old:
            recordings["base"] = packed(self._recorder.record(self._draw_base))
        if self._base_is_old or self._scenery_is_old:
            self._recorded.clear()  # the limits of the axes may have changed, too
            recordings["scenery"] = self._packed(self._scenery)
        recordings["moving"] = self._packed(self._moving)
        self._base_is_old = self._scenery_is_old = False
        return Frame(settings, recordings, result, " ".join(self._told))

    def _look_ahead(self, before, now):
        """Make the frame that comes if a slider goes on as it went from `before` to `now`, and nobody else draws."""
        if not styles.DRAWING.acquire(blocking=False):
            return
        try:
            if self._ahead or self._drawn != now or self.settings != now or self.view.comm is None:
                return
            settings = ahead.following(self.controls, before, now)
            if settings is None or _named_by(self.scene, settings) != self._scene_settings:
                return
            with styles.look():
                try:
                    self._ahead = self._made(settings)
                except Exception:  # to be told when somebody asks for it
                    self._go_back()
        finally:
            styles.DRAWING.release()

    def _stand_as_shown(self):
        """Bring all artists to what is shown, if they have been moved ahead."""
        if self._ahead:
            self._ahead = None
            with styles.look():
                self._draw(self._shown)

    def _draw(self, settings=None):
        """Bring all artists to settings, the present ones if none are given; returns the result in words."""
        settings, self._drawn, self._told = settings or self.settings, None, []
        wanted = _named_by(self.scene, settings)
        with np.errstate(over="ignore", invalid="ignore"):  # figures say themselves where a path diverges
            if wanted != self._scene_settings:
                self._scene_settings = None  # so that a scene that raises is tried again
                self._scenery_is_old = True
                self.scene(**wanted)
                self._scene_settings = wanted
            result = self.draw(**_named_by(self.draw, settings))
        self._drawn = settings
        return result

    def _go_back(self):
        """Bring all artists back to what is shown, after settings that failed."""
        self._ahead = None
        with contextlib.suppress(Exception):  # then they stay where they are: the next setting moves them
            self._draw(self._shown)
        self._drawn = None

    def _packed(self, artists):
        """The recording of artists, the lowest first."""
        in_order = sorted(artists, key=lambda artist: artist.get_zorder())
        return packed([noted for artist in in_order for noted in self._record(artist)])

    def _record(self, artist):
        """What an artist draws; a line that is as it was when it was last asked is not asked again."""
        if not artist.get_visible():
            return []
        look = _look(artist) if isinstance(artist, Line2D) else None
        before, noted = self._recorded.get(artist, (None, None))
        if look is None or look != before:
            noted = self._recorder.record(artist.draw)
            self._recorded[artist] = look, noted
        return noted

    def _draw_base(self, renderer):
        images = [a for a in (*self._scenery, *self._moving) if isinstance(a, AxesImage) and a.get_visible()]
        with styles.look():
            for image in images:
                image.set_visible(False)  # Matplotlib before 3.11 draws images though they are animated
            self.figure.draw(renderer)
            for image in images:
                image.set_visible(True)

    def _painted(self):
        """All artists as they stand, as PNG bytes."""
        with self._unanimated():
            with styles.look():
                self.figure.canvas.draw()
            return png(self.figure)

    @contextlib.contextmanager
    def _unanimated(self):
        """A context in which Matplotlib draws all artists."""
        animated = [*self._scenery, *self._moving]
        for artist in animated:
            artist.set_animated(False)
        try:
            yield
        finally:
            for artist in animated:
                artist.set_animated(True)

    def _names(self):
        """The names of handles: the value that the page itself tells of a slider over given values is an index."""
        return {
            name: f"{control.tooltip}: {control.label}"
            if isinstance(control, widgets.SelectionSlider)
            else control.tooltip
            for name, control in self.controls.items()
        }

    def _register(self, artists, group, above):
        for artist in artists if isinstance(artists, list | tuple) else [artists]:
            artist.set_animated(True)
            artist.set_zorder(artist.get_zorder() + above)
            group.append(artist)
        return artists

    # Widgets around the picture

    @property
    def unfolded(self) -> dict[str, widgets.Widget]:
        """The controls that are seen at first, by name."""
        return {name: control for name, control in self.controls.items() if name not in self.folded}

    def control_box(self) -> widgets.Widget:
        """The unfolded controls and the buttons as they stand above the picture; a subclass may group them."""
        return widgets.Box([*self.unfolded.values(), *self.buttons()], layout=controls.ROW)

    def buttons(self) -> list[widgets.Widget]:
        """Reset, the state as code, the picture as a file, which the page makes by itself, and the presets."""
        kinds = (
            ("Reset", "reset", "Back to the first values", self.reset),
            ("Settings as code", "as-code", "Show and copy a line of code that makes this again", self._tell_code),
            ("Save picture", "save", "Download the picture as a PNG file", None),
        )
        buttons = []
        for text, kind, tooltip, act in kinds:
            buttons.append(widgets.Button(description=text, tooltip=tooltip))
            buttons[-1].add_class(f"live-{kind}")
            if act:
                buttons[-1].on_click(lambda button, act=act: act())
        first = {name: value for name, value in self.initial.items() if name not in self.preset_keeps}
        for name, values in self.presets.items():
            buttons.append(widgets.Button(description=name, layout={"width": "auto"}))
            buttons[-1].on_click(lambda button, values=values: self.set(**(first | values)))
        return buttons + self._more_button()

    def _more_button(self):
        """The button that shows and hides the folded controls, if there are any."""
        chosen = [self.controls[name] for name in self.folded if name in self.controls]
        if not chosen:
            return []
        box = widgets.Box(chosen, layout=controls.ROW | {"display": "none"})
        button = widgets.Button(description="More settings", tooltip=", ".join(one.description for one in chosen))
        button.add_class("live-more")

        def fold(button):
            hidden = box.layout.display == "none"
            box.layout.display = "flex" if hidden else "none"
            button.description = "Fewer settings" if hidden else "More settings"

        button.on_click(fold)
        self._more = (box,)
        return [button]

    def _tell_code(self):
        """Show the state as code below the words; the next frame takes it away."""
        self.view.show(code=self.code)

    # Typed numbers

    def _typed(self, change):
        """Take what was typed beside a slider, as the nearest value that the slider can reach."""
        name, text, _ = change["new"]
        try:
            value = controls.typed(self.controls[name], text)
        except ValueError as error:
            self.view.show(status=f"{self.controls[name].tooltip}: {error}")
        else:
            self.view.show(status="")
            self.set(**{name: value})

    # The pointer

    def _drag_field(self):
        """Where the page listens to the pointer; a drag along x leaves it to the page to scroll along y by touch."""
        if self.drag_axes is None:
            return None
        box, height = self.drag_axes.bbox, self.figure.bbox.height
        action = "pan-y pinch-zoom" if len(self.drag_controls) == 1 else "pinch-zoom"
        return {"axes": [box.x0, height - box.y1, box.x1, height - box.y0], "action": action}

    def _pointed(self, change):
        """Follow the pointer. A press, moves and the release may have become one message: one frame shows them."""
        stroke, x0, y0, x, y = change["new"]
        with styles.DRAWING:
            paused, self.paused = self.paused, True
            try:
                if stroke != self._stroke:
                    self._stroke, self._dragging = stroke, self.drag_axes.bbox.contains(x0, self._from_below(y0))
                    if self._dragging:
                        self.begin_drag()
                        self._drag_to(x0, y0)
                if self._dragging:
                    self._drag_to(x, y)
            finally:
                self.paused = paused
            self._changed()

    def _drag_to(self, x, y):
        """Drag to a pixel of the figure, counted from the upper left corner."""
        self.drag_to(*self.drag_axes.transData.inverted().transform((x, self._from_below(y))))

    def _from_below(self, y):
        return self.figure.bbox.height - y


# What a line keeps for itself, and the data, which `_look` has anyway.
NO_LOOK = {"_path", "_transformed_path", "_subslice", "_invalidx", "_invalidy", "_xy", "_x", "_y", "_xorig", "_yorig"}
NO_LOOK |= {"_stale"}


def _look(line):
    """All that decides how a line is drawn within its axes, arrays as bytes: to be compared with an earlier one."""
    data = [np.array(places, float).tobytes() for places in line.get_data(orig=True)]
    rest = [value for name, value in vars(line).items() if name not in NO_LOOK]
    return data, [value.tobytes() if isinstance(value, np.ndarray) else value for value in rest]


def _named_by(function, settings):
    """The settings that a function names as arguments; all of them where it takes any (`**settings`).

    An argument with a default may be the name of a control that only some figures of a class have.
    """
    names = _names_of(getattr(function, "__func__", function))
    return settings if names is None else {name: settings[name] for name in names if name in settings}


@functools.cache
def _names_of(function):
    """The arguments of a method, `self` left out; None where it takes any."""
    _, *parameters = inspect.signature(function).parameters.values()
    return None if any(p.kind is p.VAR_KEYWORD for p in parameters) else [p.name for p in parameters]
