"""A Matplotlib renderer that paints nothing: it notes what artists draw, so that the page can draw it on a canvas.

A recording is a list of operations (path, the same marker at many places, text, image), `packed` into a short head of
lists and texts for JSON, and flat buffers of numbers; canvas.js replays it. Places are in pixels of the figure, from
its upper left corner. Paths are clipped, simplified and snapped to pixels by Matplotlib itself, as Agg does, so that
the canvas and a PNG show the same. What is not known here raises NotImplementedError, so that nothing is left out.
"""

from functools import lru_cache

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from workbench.drawing.glyphs import TextRenderer, extents, width
from workbench.live import face

CAPS = {"butt": "butt", "round": "round", "projecting": "square"}  # Matplotlib's names, and a canvas's
MOST_CELLS = 1000


class Recorder(RendererBase):
    """Notes in `operations` what is drawn on it.

    width, height: of the figure in pixels. dpi: pixels per inch. Text is as wide and high as Agg makes it, so that axes
    and labels stand where they stand in a PNG.
    """

    def __init__(self, width, height, dpi):
        super().__init__()
        self.width, self.height, self.dpi = width, height, dpi
        self.operations = []
        self._measure = TextRenderer(1, 1, dpi).get_text_width_height_descent
        self._down = np.array([[1, 0, 0], [0, -1, height], [0, 0, 1.0]])  # Matplotlib counts from below
        self._bounds = 0, 0, width, height  # lines are clipped to them, with a pixel to spare

    def record(self, draw):
        """Call draw(self); returns the operations that it led to."""
        self.operations = []
        draw(self)
        return self.operations

    # What artists draw

    def draw_path(self, gc, path, transform, rgbFace=None):
        """Note one path, filled, stroked or both."""
        style = self._style(gc, rgbFace)
        vertices, codes = self._cleaned(gc, path, self._matrix(transform), style)
        self.operations.append(("path", style, self._clip(gc), vertices, codes))

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        """Note one path, and the places at which it is drawn."""
        style = self._style(gc, rgbFace)
        matrix = self._matrix(marker_trans)
        matrix[1, 2] -= self.height  # around (0, 0), not around a place of the figure
        marker = marker_path.cleaned(
            Affine2D(matrix), True, None, curves=True, stroke_width=_width(style), snap=gc.get_snap()
        )
        places = path.cleaned(Affine2D(self._matrix(trans)), True)
        places = places.vertices[(places.codes == Path.MOVETO) | (places.codes == Path.LINETO)]
        # Without snapping Agg draws markers around the middle of a pixel, with it around the corner of one.
        middle = not _snaps(gc.get_snap(), marker_path, matrix)
        self.operations.append(("markers", style, self._clip(gc, 1), *_without_stop(marker), places, middle))

    def draw_path_collection(
        self, gc, master, paths, all_transforms, offsets, offset_trans, facecolors, edgecolors, *others, **more
    ):
        """Note the paths of a collection: in one go where all are drawn in one way, as contour lines and arrows are."""
        linewidths, linestyles = others[:2]
        ways = facecolors, edgecolors, linewidths, linestyles, all_transforms
        if any(len(way) > 1 for way in ways) or (len(facecolors) and len(edgecolors)):
            placed = paths, all_transforms, offsets, offset_trans
            super().draw_path_collection(gc, master, *placed, facecolors, edgecolors, *others, **more)
            return
        if not len(paths) or not (len(facecolors) or len(edgecolors)):
            return
        one = self.new_gc()
        one.copy_properties(gc)
        one.set_linewidth(0.0)
        if len(edgecolors):
            one.set_foreground(edgecolors[0], isRGBA=True)
            one.set_linewidth(linewidths[0] if len(linewidths) else 0.0)
            if len(linestyles):
                one.set_dashes(*linestyles[0])
        style, clip = self._style(one, facecolors[0] if len(facecolors) else None), self._clip(gc)
        matrix = self._matrix(master)
        if len(all_transforms):
            matrix = matrix @ all_transforms[0]
        moves = offset_trans.transform(offsets) * (1, -1) if len(offsets) else np.zeros((1, 2))
        for i in range(max(len(paths), len(moves))):
            moved = matrix.copy()
            moved[:2, 2] += moves[i % len(moves)]
            path = paths[i % len(paths)]
            self.operations.append(("path", style, clip, *self._cleaned(one, path, moved, style, simplify=False)))
        one.restore()

    def draw_quad_mesh(self, gc, master_transform, meshWidth, meshHeight, *others):
        """Note the cells of a small mesh, as of a color bar, one by one."""
        if meshWidth * meshHeight > MOST_CELLS:
            _unknown(f"a mesh (pcolormesh) of more than {MOST_CELLS} cells; use imshow")
        super().draw_quad_mesh(gc, master_transform, meshWidth, meshHeight, *others)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        """Note a line of text whose baseline starts at (x, y); formulas and other faces are noted as paths."""
        if ismath or not face.has(s, prop):
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        style = round(self.points_to_pixels(prop.get_size_in_points()), 4), _color(tuple(gc.get_rgb()))
        place = round(float(x), 2), round(float(y), 2), round(width(s, prop, self.dpi), 2), angle
        self.operations.append(("text", style, self._clip(gc), *place, s))

    def draw_image(self, gc, x, y, im, transform=None):
        """Note an image, RGBA from bottom to top; `transform` takes its pixels to those of the figure."""
        height, width = im.shape[:2]
        if transform is None:
            matrix = Affine2D().translate(int(x), int(y))
        else:
            matrix = Affine2D().scale(1 / width, 1 / height) + transform + Affine2D().translate(x, y)
        self.operations.append(("image", self._clip(gc), self._matrix(matrix), im, gc.get_alpha()))

    # What cannot be shown

    def draw_gouraud_triangles(self, gc, triangles_array, colors_array, transform):
        _unknown("shaded triangles")

    def draw_tex(self, *args, **kwargs):
        _unknown("text set by TeX (usetex)")

    def start_filter(self):
        _unknown("a filter (agg_filter)")

    def start_rasterizing(self):
        _unknown("a rasterized artist (rasterized=True)")

    # What artists ask

    def get_text_width_height_descent(self, s, prop, ismath):
        return self._measure(s, prop, ismath) if ismath else extents(s, prop, self.dpi)

    def get_canvas_width_height(self):
        return self.width, self.height

    def points_to_pixels(self, points):
        return points * self.dpi / 72

    def option_image_nocomposite(self):
        return True

    def option_scale_image(self):
        return True  # an image with interpolation="none" comes as it is, not in pixels of the figure

    # From a graphics context to styles

    def _style(self, gc, fill):
        """How a path is drawn: fill, stroke, width, dashes, where they start, caps, joins."""
        for found, name in (
            (gc.get_hatch(), "a hatch"),
            (gc.get_clip_path()[0], "a clip path that is no rectangle"),
            (gc.get_sketch_params(), "sketched lines (xkcd)"),
        ):
            if found is not None:
                _unknown(name)
        rgba = gc.get_rgb()
        width = self.points_to_pixels(gc.get_linewidth()) if rgba[3] else 0.0
        if fill is not None:
            if len(fill) == 3 or gc.get_forced_alpha():
                fill = (*fill[:3], gc.get_alpha())
            fill = _color(tuple(fill)) if fill[3] else None
        if not width:
            return fill, None, 0.0, (), 0.0, "", ""
        start, dashes = gc.get_dashes()
        scale = self.points_to_pixels(1)
        dashes = () if dashes is None else tuple(round(float(d) * scale, 4) for d in dashes)
        start = round(float(start or 0) * scale, 4)
        return fill, _color(tuple(rgba)), round(width, 4), dashes, start, CAPS[gc.get_capstyle()], gc.get_joinstyle()

    def _clip(self, gc, more=0):
        """Left, top, right and bottom of what is shown, in whole pixels; None for all of the figure.

        more: pixels at the right and at the bottom that are shown, too: Agg shows markers one pixel farther than lines.
        """
        if gc.get_clip_path()[0] is not None:
            _unknown("a clip path that is no rectangle")
        box = gc.get_clip_rectangle()
        if box is None:
            return None
        left, bottom, right, top = np.floor(np.add(box.extents, 0.5)).astype(int).tolist()
        right, bottom = right + more, self.height - bottom + more
        return max(left, 0), max(self.height - top, 0), min(right, self.width), min(bottom, self.height)

    def _matrix(self, transform):
        return self._down @ transform.get_affine().get_matrix()

    def _cleaned(self, gc, path, matrix, style, simplify=True):
        """Vertices and codes of a path as Agg draws them."""
        filled = style[0] is not None
        cleaned = path.cleaned(
            Affine2D(matrix),
            True,
            None if filled else self._bounds,
            simplify=simplify and path.should_simplify and not filled,
            curves=True,
            stroke_width=_width(style),
            snap=gc.get_snap(),
        )
        return _without_stop(cleaned)


def packed(operations):
    """Operations as one dict that goes to the page: numbers in flat buffers of bytes, all else as lists and texts.

    vertices: float32, x and y in turns. codes: uint8, Matplotlib's code of each vertex. images: uint8. styles, clips:
    each one once. operations: lists that start with
        "path", style, clip, first vertex, number of vertices
        "markers", style, clip, first vertex, number of vertices, number of places, which follow, middle of a pixel
        "text", style, clip, x, y, width, angle in degrees, the text
        "image", clip, six numbers of the matrix, width, height, opacity, bytes per pixel (1: gray)
    """
    styles, clips, found, vertices, codes, images = {}, {}, [], [], [], []
    count, before = 0, None
    for kind, *rest in operations:
        if kind == "image":
            clip, matrix, image, alpha = rest
            gray = (image[..., 3] == 255).all() and (image[..., :1] == image[..., 1:3]).all()
            images.append(np.ascontiguousarray(image[..., 0] if gray else image).tobytes())
            height, width = image.shape[:2]
            numbers = matrix[:2].T.round(4).ravel().tolist()
            found.append([kind, _index(clips, clip), numbers, width, height, alpha, 1 if gray else 4])
            before = None
            continue
        style, clip, *rest = rest
        place = _index(styles, style), _index(clips, clip)
        if kind == "text":
            found.append([kind, *place, *rest])
            before = None
            continue
        n = len(rest[0])
        if not n or not (style[0] or style[1]):
            continue
        vertices.append(rest[0])
        codes.append(rest[1])
        if kind == "path":
            if before == place and _joinable(style):  # many lines in one operation: a grid, contour lines
                found[-1][4] += n
            else:
                found.append([kind, *place, count, n])
            before = place
        else:
            _, _, places, middle = rest
            found.append([kind, *place, count, n, len(places), middle])
            vertices.append(places)
            codes.append(np.full(len(places), Path.MOVETO, np.uint8))
            n += len(places)
            before = None
        count += n
    return {
        "styles": [list(style) for style in styles],
        "clips": list(clips),
        "operations": found,
        "vertices": np.concatenate(vertices).astype("<f4").tobytes() if vertices else b"",
        "codes": np.concatenate(codes).astype(np.uint8).tobytes() if codes else b"",
        "images": b"".join(images),
    }


def _index(known, key):
    return known.setdefault(key, len(known))


def _joinable(style):
    """Whether paths may be drawn in one go: only filled or only stroked, and in an opaque color."""
    fill, stroke = style[:2]
    return (fill is None or stroke is None) and (fill or stroke).endswith("ff")


@lru_cache(maxsize=1024)
def _color(rgba):
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in rgba)


def _width(style):
    return style[2]


def _without_stop(path):
    """Vertices and codes of a cleaned path, which ends with a stop."""
    return path.vertices[:-1], path.codes[:-1]


def _snaps(snap, path, matrix):
    """Whether Agg moves a path's vertices to pixels: it decides for itself where `snap` is None."""
    if snap is not None:
        return bool(snap)
    if path.codes is not None and np.isin(path.codes, (Path.CURVE3, Path.CURVE4)).any():
        return False
    steps = np.diff(path.vertices @ matrix[:2, :2].T, axis=0)
    return len(path) <= 1024 and bool((np.abs(steps) < 1e-4).any(axis=1).all())


def _unknown(what):
    raise NotImplementedError(f"a live figure cannot show {what}")
