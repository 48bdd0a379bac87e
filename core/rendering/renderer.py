"""Draws bodies with OpenGL, in a context of pyrender's.

``BodyRenderer`` must live on one thread, and only one may exist in a process: deleting one context
kills another. ``core.rendering.render_thread`` sees to both.

Meshes stay on the graphics card for further views of the same pose, vertex normals come from one
sparse product, and all that is asked for together is drawn into one target and read back once
(benchmarks/rendering.py).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import RenderingError, ShapeError, StudioError
from core.rendering.body_meshes import BodyMeshes, surface
from core.rendering.common_camera import in_first_camera
from core.rendering.compositing import reduced, smooth_edges
from core.rendering.drawings import MAX_SIDE_PX, Drawing
from core.rendering.gl_cameras import (
    GL_FROM_VIEW,
    NEAREST_M,
    depth_range,
    gl_from_mesh,
    pixels_a_metre,
    projection,
)
from core.rendering.tiles import RING_PX, PixelBox, body_box, box_of_points, packed
from core.rendering.triton_guard import keep_triton_out
from core.rendering.views import MeshView

if TYPE_CHECKING:
    from core.rendering.gl_drawing import CardDraw, CardMesh, CardTile

Picture = NDArray[np.uint8]

CACHED_MESHES = 24
"""Meshes kept on the graphics card: all columns of a sample and its neighbours."""

_MOST_TOGETHER_PX = 4_000_000
"""Of one target; what is larger alone is drawn alone."""

_BY_PIXEL_FROM_PX_PER_M = 300.0
"""Faces of SMPL are some 2 cm wide: in smaller views light between their corners looks the same
and costs a fifth less (docs/measurements.md, "Rendering")."""

_REMEDY = (
    "Install the system packages libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri (Debian, Ubuntu) and "
    "check with `python main.py doctor`."
)


def _import_pyrender() -> ModuleType:
    """Late: without the OpenGL libraries the import itself fails, with one of many errors."""
    keep_triton_out()
    try:
        return importlib.import_module("core.rendering.pyrender_offscreen")
    except Exception as error:
        raise RenderingError(
            f"The OpenGL libraries could not be loaded ({error}).", remedy=_REMEDY
        ) from error


@dataclass(frozen=True, eq=False)
class _Scene:
    """What one drawing shows of its bodies, ready to be drawn.

    drawing: without the bend of a lens. box: the pixels of the view that can be covered.
    used_once: meshes that are freed once they are drawn.
    """

    drawing: Drawing
    box: PixelBox
    depths_m: tuple[float, float]
    draws: tuple[CardDraw, ...]
    used_once: tuple[CardMesh, ...] = ()

    @property
    def tile(self) -> PixelBox:
        """The box and the pixels around it."""
        return self.box.widened(RING_PX)

    @property
    def drawn_size_px(self) -> tuple[int, int]:
        """Width and height of what is drawn of it."""
        drawn = self.tile.enlarged(self.drawing.supersampling)
        return drawn.width, drawn.height


class BodyRenderer:
    """Draws views of bodies; use it on the thread that made it, and ``close`` it there.

    Raises ``RenderingError`` when the machine offers no OpenGL context.
    """

    def __init__(self, *, cached_meshes: int = CACHED_MESHES) -> None:
        pyrender_offscreen = _import_pyrender()
        # Only now: it loads the OpenGL libraries, for the platform that was chosen.
        self._gl = importlib.import_module("core.rendering.gl_drawing")
        try:
            self._offscreen = pyrender_offscreen.OffscreenContext()
        except Exception as error:
            raise RenderingError(
                f"No OpenGL context for drawing without a window ({error}).", remedy=_REMEDY
            ) from error
        self._meshes = BodyMeshes(self._offscreen.card, at_most=cached_meshes)

    def render(self, drawing: Drawing) -> Picture:
        """One drawing; see ``render_all``, whose error is raised."""
        (drawn,) = self.render_all([drawing])
        if isinstance(drawn, StudioError):
            raise drawn
        return drawn

    def render_all(self, drawings: Sequence[Drawing]) -> list[Picture | StudioError]:
        """Draw these together.

        Returns:
            For each of them ``(height, width, 4)`` uint8, colours premultiplied with the coverage,
            exactly 0 beside the bodies; or why it cannot be drawn.
        """
        results: list[Picture | StudioError] = [
            RenderingError("The drawing was left out.") for _ in drawings
        ]
        scenes: dict[int, _Scene] = {}
        with self._meshes.lit_together(drawings):
            for number, drawing in enumerate(drawings):
                try:
                    scene = self._scene_of(drawing)
                except StudioError as error:
                    results[number] = error
                    continue
                if scene is None:
                    width, height = drawing.size_px
                    results[number] = np.zeros((height, width, 4), dtype=np.uint8)
                else:
                    scenes[number] = scene
        for together in _targets(scenes):
            self._draw_target(together, drawings, results)
        return results

    def render_labels(
        self,
        view: MeshView,
        faces: NDArray[np.integer],
        face_labels: NDArray[np.integer],
    ) -> NDArray[np.uint8]:
        """Which part of the body each pixel shows.

        Args:
            view: body and camera.
            faces: ``(F, 3)``.
            face_labels: ``(F,)`` in 1..255, the part that each face belongs to.

        Returns:
            ``(height, width)`` uint8: the label of the nearest face at the pixel's centre, exactly;
            0 beside the body.
        """
        if max(view.width, view.height) > MAX_SIDE_PX:
            raise RenderingError(f"A view of {view.width} × {view.height} pixels is too large.")
        if face_labels.shape != (len(faces),):
            raise ShapeError("face_labels", actual=face_labels.shape, expected=f"({len(faces)},)")
        depths_m = depth_range(view)
        if depths_m is None:
            return np.zeros((view.height, view.width), dtype=np.uint8)
        in_parts = np.argsort(face_labels, kind="stable")
        parts = np.ascontiguousarray(np.asarray(faces)[in_parts], dtype=np.uint32)
        labels, first_faces, counts = np.unique(
            face_labels[in_parts], return_index=True, return_counts=True
        )
        card = self._offscreen.card
        mesh = card.mesh(surface(view.vertices_camera - view.body_center), parts)
        whole = PixelBox(0, 0, view.width, view.height)
        draws = [
            self._gl.CardDraw(
                mesh,
                gl_from_mesh(view),
                (label / 255, 0.0, 0.0),
                first_corner=3 * int(first),
                corners=3 * int(count),
            )
            for label, first, count in zip(labels.tolist(), first_faces, counts, strict=True)
        ]
        matrix = projection(view, whole, depths_m, supersampling=1)
        tile = self._gl.CardTile(whole, matrix, draws, self._gl.Shading.LABELS)
        try:
            drawn = self._drawn([tile], (view.width, view.height))
        finally:
            card.forget(mesh)
            card.forget_shared(parts)
        return np.ascontiguousarray(drawn[..., 0])

    def close(self) -> None:
        """Free the context; the renderer cannot be used afterwards."""
        if self._offscreen is not None:
            self._offscreen.delete()
            self._offscreen = None

    def _scene_of(self, drawing: Drawing) -> _Scene | None:
        """Send the bodies to the card; None where nothing can be seen of them."""
        drawing = drawing.checked()
        warp = drawing.views[0].lens_warp
        if warp is not None:
            drawing = drawing.before_bending(warp.margin_px).checked()
        return self._alone(drawing) if len(drawing.views) == 1 else self._among(drawing)

    def _alone(self, drawing: Drawing) -> _Scene | None:
        (view,) = drawing.views
        depths_m, box = depth_range(view), body_box(view)
        if depths_m is None or box.is_empty:
            return None
        mesh = self._meshes.kept(view, drawing)
        draw = self._gl.CardDraw(mesh, gl_from_mesh(view), drawing.colors[0])
        return _Scene(drawing, box, depths_m, (draw,))

    def _among(self, drawing: Drawing) -> _Scene | None:
        """Several bodies where the first one's camera sees them, each lit as its own view is."""
        first = drawing.views[0]
        before_camera = in_first_camera(drawing.views)
        everyone = np.concatenate(before_camera)
        nearest, farthest = float(everyone[:, 2].min()), float(everyone[:, 2].max())
        box = box_of_points(first, everyone)
        if farthest < NEAREST_M or box.is_empty:
            return None
        meshes = tuple(
            self._meshes.placed(view, points, drawing)
            for view, points in zip(drawing.views, before_camera, strict=True)
        )
        draws = tuple(
            self._gl.CardDraw(mesh, GL_FROM_VIEW, color)
            for mesh, color in zip(meshes, drawing.colors, strict=True)
        )
        depths_m = (max(0.99 * nearest, NEAREST_M), 1.01 * farthest + 1e-3)
        return _Scene(drawing, box, depths_m, draws, used_once=meshes)

    def _draw_target(
        self,
        together: dict[int, _Scene],
        drawings: Sequence[Drawing],
        results: list[Picture | StudioError],
    ) -> None:
        """Draw the scenes, by number, into one target, and put their pictures into ``results``."""
        places, size_px = packed([scene.drawn_size_px for scene in together.values()])
        boxes = [
            PixelBox(*place, *scene.drawn_size_px)
            for place, scene in zip(places, together.values(), strict=True)
        ]
        tiles = [
            self._tile(scene, box) for scene, box in zip(together.values(), boxes, strict=True)
        ]
        try:
            target = self._drawn(tiles, size_px)
        except RenderingError as error:
            results[:] = [
                error if number in together else result for number, result in enumerate(results)
            ]
            return
        finally:
            for scene in together.values():
                for mesh in scene.used_once:
                    self._offscreen.card.forget(mesh)
        for (number, scene), box in zip(together.items(), boxes, strict=True):
            results[number] = _finished(target[box.part], scene, drawings[number])

    def _tile(self, scene: _Scene, box: PixelBox) -> CardTile:
        drawing = scene.drawing
        matrix = projection(
            drawing.views[0],
            scene.tile,
            scene.depths_m,
            supersampling=drawing.supersampling,
        )
        shading = self._gl.Shading
        scale = max(pixels_a_metre(view) for view in drawing.views) * drawing.supersampling
        tile: CardTile = self._gl.CardTile(
            box,
            matrix,
            scene.draws,
            shading.BY_PIXEL if scale > _BY_PIXEL_FROM_PX_PER_M else shading.BY_VERTEX,
            wireframe=drawing.wireframe,
        )
        return tile

    def _drawn(self, tiles: Sequence[CardTile], size_px: tuple[int, int]) -> Picture:
        try:
            drawn: Picture = self._offscreen.card.draw(tiles, size_px)
        except Exception as error:
            raise RenderingError(f"Drawing a body failed ({error}).", remedy=_REMEDY) from error
        return drawn


def _targets(scenes: dict[int, _Scene]) -> Iterator[dict[int, _Scene]]:
    """The scenes, as many together as one target holds."""
    together: dict[int, _Scene] = {}
    used_px = 0
    for number, scene in scenes.items():
        width, height = scene.drawn_size_px
        if together and used_px + width * height > _MOST_TOGETHER_PX:
            yield together
            together, used_px = {}, 0
        together[number] = scene
        used_px += width * height
    if together:
        yield together


def _finished(drawn: Picture, scene: _Scene, drawing: Drawing) -> Picture:
    """What was drawn of a scene, smooth, in a picture of the drawing's size, bent by its lens."""
    unbent = scene.drawing
    if unbent.supersampling > 1:
        drawn = reduced(drawn, unbent.supersampling)
    elif not unbent.wireframe:
        smooth_edges(drawn)
    width, height = unbent.size_px
    picture = np.zeros((height, width, 4), dtype=np.uint8)
    picture[scene.box.part] = drawn[RING_PX:-RING_PX, RING_PX:-RING_PX]
    warp = drawing.views[0].lens_warp
    return picture if warp is None else warp.applied(picture, margin_px=warp.margin_px)
