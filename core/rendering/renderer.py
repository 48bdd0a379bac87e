"""Draws bodies with pyrender's offscreen renderer.

``BodyRenderer`` must live on one thread, and only one may exist in a process: deleting one
renderer kills the context of another. ``core.rendering.render_thread`` sees to both.

Meshes stay on the graphics card for further views of the same pose, and vertex normals come from
one sparse product: on software OpenGL a view of 300 px costs 6 to 10 ms (benchmarks/rendering.py).
"""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import RenderingError, ShapeError
from core.rendering.colors import MeshColor
from core.rendering.common_camera import in_first_camera
from core.rendering.compositing import reduced, soft_edges
from core.rendering.mannequin import Mannequin
from core.rendering.normals import VertexNormals
from core.rendering.triton_guard import keep_triton_out
from core.rendering.views import MeshView

CACHED_MESHES = 24
"""Meshes kept on the graphics card: all columns of a sample and its neighbours."""

MAX_SIDE_PX = 8192
"""What software OpenGL draws at most; larger requests come from a mistake."""

_TRIANGLES = 4
"""glTF's number for a list of triangles."""

_NEAREST_M = 1e-2
"""Nothing nearer to the camera is drawn: a lens is no nearer to anyone."""

_GL_FROM_VIEW = np.diag([1.0, -1.0, -1.0, 1.0])
"""View frame (y down, z forward) to OpenGL's (y up, z backward)."""

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


class BodyRenderer:
    """Draws views of bodies; use it on the thread that made it, and ``close`` it there.

    Raises ``RenderingError`` when the machine offers no OpenGL context.
    """

    def __init__(self, *, cached_meshes: int = CACHED_MESHES) -> None:
        self._normals: dict[int, tuple[NDArray[np.integer], VertexNormals]] = {}
        self._nodes: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._cached_meshes = cached_meshes
        self._pyrender = _import_pyrender()
        try:
            self._offscreen = self._pyrender.LeanOffscreenRenderer()
        except Exception as error:
            raise RenderingError(
                f"No OpenGL context for drawing without a window ({error}).", remedy=_REMEDY
            ) from error
        self._camera = self._pyrender.IntrinsicsCamera(1.0, 1.0, 0.0, 0.0)
        self._scene = self._pyrender.Scene(bg_color=np.zeros(4))
        self._camera_node = self._scene.add(self._camera)

    def render(
        self,
        view: MeshView,
        faces: NDArray[np.integer],
        *,
        color: MeshColor,
        vertex_colors: NDArray[np.floating] | None = None,
        supersampling: int = 1,
        wireframe: bool = False,
        mannequin: Mannequin | None = None,
    ) -> NDArray[np.uint8]:
        """Draw one body.

        Args:
            view: body and camera.
            faces: ``(F, 3)``, counter-clockwise seen from outside; keep handing in the same array.
            color: of the whole body.
            vertex_colors: ``(V, 3)`` in 0..1, multiplied with ``color``; None for a plain body.
            supersampling: 1 draws fast and smooths the outline; 2 or more draws larger and averages
                down, for pictures that are kept.
            wireframe: the edges of the faces that look at the camera, and nothing between them.
            mannequin: what the body wears; not where ``vertex_colors`` mean numbers.

        Returns:
            ``(height, width, 4)`` uint8, straight alpha, exactly 0 outside the body.
        """
        if view.lens_warp is not None:
            margin_px = view.lens_warp.margin_px
            straight = self.render(
                view.before_bending(margin_px),
                faces,
                color=color,
                vertex_colors=vertex_colors,
                supersampling=supersampling,
                wireframe=wireframe,
                mannequin=mannequin,
            )
            return view.lens_warp.applied(straight, margin_px=margin_px)
        width, height = view.width * supersampling, view.height * supersampling
        if max(width, height) > MAX_SIDE_PX:
            raise RenderingError(f"A view of {width} × {height} pixels is too large to draw.")
        if not self._place_camera(view, supersampling):
            return np.zeros((view.height, view.width, 4), dtype=np.uint8)
        node = self._node_of(view, faces, vertex_colors, mannequin)
        material = node.mesh.primitives[0].material
        material.baseColorFactor, material.wireframe = (*color, 1.0), wireframe
        self._offscreen.viewport_width, self._offscreen.viewport_height = width, height
        drawn = self._draw(node)
        if supersampling > 1:
            return reduced(drawn, supersampling)
        return drawn if wireframe else soft_edges(drawn)

    def render_people(
        self,
        views: Sequence[MeshView],
        faces: NDArray[np.integer],
        *,
        colors: Sequence[MeshColor],
        supersampling: int = 1,
        mannequin: Mannequin | None = None,
    ) -> NDArray[np.uint8]:
        """Draw several bodies at once: who is nearer hides who is farther, limb by limb.

        Args:
            views: one for each body, all of one size; each body is seen by its own camera.
            faces: ``(F, 3)``, of every body.
            colors: one for each body.
            supersampling: see ``render``.
            mannequin: what every body wears.

        Returns:
            ``(height, width, 4)`` uint8, straight alpha, exactly 0 beside the bodies.

        Raises:
            RenderingError: the sizes differ, or drawing failed.
        """
        warp = views[0].lens_warp
        if warp is not None:
            margin_px = warp.margin_px
            straight = [view.before_bending(margin_px) for view in views]
            drawn = self.render_people(
                straight, faces, colors=colors, supersampling=supersampling, mannequin=mannequin
            )
            return warp.applied(drawn, margin_px=margin_px)
        width, height = (side * supersampling for side in (views[0].width, views[0].height))
        if max(width, height) > MAX_SIDE_PX:
            raise RenderingError(f"A view of {width} × {height} pixels is too large to draw.")
        before_camera = in_first_camera(views)
        nearest = min(float(points[:, 2].min()) for points in before_camera)
        farthest = max(float(points[:, 2].max()) for points in before_camera)
        if farthest < _NEAREST_M:
            return np.zeros((views[0].height, views[0].width, 4), dtype=np.uint8)
        self._set_intrinsics(views[0], supersampling)
        self._camera.znear = max(0.99 * nearest, _NEAREST_M)
        self._camera.zfar = 1.01 * farthest + 1e-3
        self._scene.set_pose(self._camera_node, np.linalg.inv(_GL_FROM_VIEW))
        self._offscreen.viewport_width, self._offscreen.viewport_height = width, height
        nodes = [
            self._scene.add(self._placed_mesh(view, points, faces, color, mannequin))
            for view, points, color in zip(views, before_camera, colors, strict=True)
        ]
        try:
            flags = self._pyrender.RenderFlags
            drawn = self._drawn(nodes, flags.FLAT | flags.RGBA)
        finally:
            for node in nodes:
                self._scene.remove_node(node)
        return soft_edges(drawn) if supersampling == 1 else reduced(drawn, supersampling)

    def _placed_mesh(
        self,
        view: MeshView,
        points: NDArray[np.float64],
        faces: NDArray[np.integer],
        color: MeshColor,
        mannequin: Mannequin | None,
    ) -> Any:
        """A body where a shared camera sees it, lit as its own view would be."""
        normals = self._normals_of(faces, len(points))(view.vertices_camera)
        if mannequin is not None:
            normals = mannequin.softened(normals)
        primitive = self._pyrender.Primitive(
            positions=points.astype(np.float32),
            normals=(normals @ view.rotation.T).astype(np.float32),
            color_0=None if mannequin is None else mannequin.colors,
            indices=faces,
            material=self._pyrender.MetallicRoughnessMaterial(baseColorFactor=(*color, 1.0)),
            mode=_TRIANGLES,
        )
        return self._pyrender.Mesh([primitive], is_visible=False)

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
        if not self._place_camera(view, 1):
            return np.zeros((view.height, view.width), dtype=np.uint8)
        self._offscreen.viewport_width = view.width
        self._offscreen.viewport_height = view.height
        parts = {
            self._scene.add(self._part(view, faces[face_labels == label])): int(label)
            for label in np.unique(face_labels)
        }
        try:
            flags = self._pyrender.RenderFlags
            drawn = self._drawn(parts, flags.SEG | flags.RGBA, labels=parts)
        finally:
            for node in parts:
                self._scene.remove_node(node)
        return np.ascontiguousarray(drawn[..., 0])

    def _part(self, view: MeshView, faces: NDArray[np.integer]) -> Any:
        """Some faces of a body, without normals: labels know no light."""
        primitive = self._pyrender.Primitive(
            positions=(view.vertices_camera - view.body_center).astype(np.float32),
            indices=faces,
            material=self._pyrender.MetallicRoughnessMaterial(),
            mode=_TRIANGLES,
        )
        return self._pyrender.Mesh([primitive], is_visible=False)

    def _draw(self, node: Any) -> NDArray[np.uint8]:
        flags = self._pyrender.RenderFlags
        return self._drawn([node], flags.FLAT | flags.RGBA)

    def _drawn(
        self, nodes: Iterable[Any], flags: int, labels: Mapping[Any, int] | None = None
    ) -> NDArray[np.uint8]:
        for node in nodes:
            node.mesh.is_visible = True
        try:
            drawn: NDArray[np.uint8] = self._offscreen.render(
                self._scene, flags, seg_node_map=labels
            )
        except Exception as error:
            raise RenderingError(f"Drawing a body failed ({error}).", remedy=_REMEDY) from error
        finally:
            for node in nodes:
                node.mesh.is_visible = False
        return drawn

    def close(self) -> None:
        """Free the context; the renderer cannot be used afterwards."""
        if self._offscreen is not None:
            self._offscreen.delete()
            self._offscreen = None
            self._nodes.clear()

    def _place_camera(self, view: MeshView, supersampling: int) -> bool:
        """Set the camera; False where the body lies behind it and nothing can be seen."""
        radius = view.radius + 1e-3
        depth = float(view.center_in_view[2])
        if depth + radius < 2 * _NEAREST_M:
            return False
        self._set_intrinsics(view, supersampling)
        camera = self._camera
        # Tight planes: at 40 m and more a wide depth range cannot tell an arm from the chest.
        camera.znear, camera.zfar = max(depth - radius, _NEAREST_M), depth + radius
        view_from_mesh = np.eye(4)
        view_from_mesh[:3, :3] = view.rotation
        view_from_mesh[:3, 3] = view.center_in_view
        self._scene.set_pose(self._camera_node, np.linalg.inv(_GL_FROM_VIEW @ view_from_mesh))
        return True

    def _set_intrinsics(self, view: MeshView, supersampling: int) -> None:
        camera = self._camera
        camera.fx = camera.fy = view.focal_length_px * supersampling
        # OpenGL counts from the corner of the first pixel, the program from its centre.
        camera.cx = (view.principal_point_px[0] + 0.5) * supersampling
        camera.cy = (view.principal_point_px[1] + 0.5) * supersampling

    def _node_of(
        self,
        view: MeshView,
        faces: NDArray[np.integer],
        vertex_colors: NDArray[np.floating] | None,
        mannequin: Mannequin | None,
    ) -> Any:
        """The scene's node of this mesh, made where it is new; the oldest is dropped."""
        colors_key = None if vertex_colors is None else vertex_colors.tobytes()
        key = (view.mesh_digest, id(faces), colors_key, id(mannequin))
        node = self._nodes.get(key)
        if node is None:
            node = self._scene.add(self._mesh(view, faces, vertex_colors, mannequin))
            self._nodes[key] = node
            if len(self._nodes) > self._cached_meshes:
                self._scene.remove_node(self._nodes.popitem(last=False)[1])
        self._nodes.move_to_end(key)
        return node

    def _mesh(
        self,
        view: MeshView,
        faces: NDArray[np.integer],
        vertex_colors: NDArray[np.floating] | None,
        mannequin: Mannequin | None,
    ) -> Any:
        vertices = (view.vertices_camera - view.body_center).astype(np.float32)
        if vertex_colors is not None and vertex_colors.shape != vertices.shape:
            raise ShapeError(
                "vertex_colors", actual=vertex_colors.shape, expected=str(vertices.shape)
            )
        normals = self._normals_of(faces, len(vertices))(vertices)
        if mannequin is not None and vertex_colors is None:
            normals, vertex_colors = mannequin.softened(normals), mannequin.colors
        primitive = self._pyrender.Primitive(
            positions=vertices,
            normals=normals,
            color_0=vertex_colors,
            indices=faces,
            material=self._pyrender.MetallicRoughnessMaterial(),
            mode=_TRIANGLES,
        )
        return self._pyrender.Mesh([primitive], is_visible=False)

    def _normals_of(self, faces: NDArray[np.integer], num_vertices: int) -> VertexNormals:
        """Kept with the faces themselves, so that their id cannot be given to another array."""
        if id(faces) not in self._normals:
            self._normals[id(faces)] = (faces, VertexNormals(faces, num_vertices))
        return self._normals[id(faces)][1]
