"""The bodies that are on the graphics card, and what light sees of them."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.rendering.drawings import Drawing
from core.rendering.mannequin import Mannequin
from core.rendering.mesh_order import MeshOrder
from core.rendering.normals import VertexNormals
from core.rendering.views import MeshView

if TYPE_CHECKING:
    from core.rendering.gl_drawing import CardMesh, GraphicsCard


class BodyMeshes:
    """Those drawn last are kept on the card, by their pose and clothes."""

    def __init__(self, card: GraphicsCard, *, at_most: int) -> None:
        self._card, self._at_most = card, at_most
        self._kept: OrderedDict[tuple[object, ...], CardMesh] = OrderedDict()
        # With the faces themselves, so that their id cannot be given to another array.
        self._topologies: dict[int, _Topology] = {}
        self._worn: dict[tuple[int, int], tuple[object, NDArray[np.float32]]] = {}
        self._ahead: dict[tuple[object, ...], NDArray[np.float32]] = {}

    @contextmanager
    def lit_together(self, drawings: Sequence[Drawing]) -> Iterator[None]:
        """Compute the normals of all bodies that are new, which costs less than one by one."""
        groups: dict[tuple[int, int, int], dict[tuple[object, ...], tuple[MeshView, Drawing]]]
        groups = defaultdict(dict)
        for drawing in drawings:
            for view in drawing.views:
                if len(drawing.views) > 1 or _kept_key(view, drawing) not in self._kept:
                    key = _lit_key(view, drawing)
                    groups[len(view.vertices_camera), *key[1:]][key] = (view, drawing)
        for group in groups.values():
            shapes = np.stack([view.vertices_camera for view, _ in group.values()])
            _view, drawing = next(iter(group.values()))
            self._ahead |= zip(group, self._normals(shapes, drawing), strict=True)
        yield
        self._ahead.clear()

    def kept(self, view: MeshView, drawing: Drawing) -> CardMesh:
        """The mesh of a view about the body's centre, made where it is new; the oldest goes."""
        key = _kept_key(view, drawing)
        mesh = self._kept.get(key)
        if mesh is None:
            vertices = (view.vertices_camera - view.body_center).astype(np.float32)
            normals = self._ahead[_lit_key(view, drawing)]
            mesh = self._kept[key] = self._made(vertices, normals, drawing)
            if len(self._kept) > self._at_most:
                self._card.forget(self._kept.popitem(last=False)[1])
        self._kept.move_to_end(key)
        return mesh

    def placed(self, view: MeshView, points: NDArray[np.floating], drawing: Drawing) -> CardMesh:
        """A body where a shared camera sees it, ``(V, 3)``; its caller forgets it."""
        turned = (self._ahead[_lit_key(view, drawing)] @ view.rotation.T).astype(np.float32)
        return self._made(points.astype(np.float32), turned, drawing)

    def _normals(self, shapes: NDArray[np.float32], drawing: Drawing) -> NDArray[np.float32]:
        """What light sees of bodies ``(B, V, 3)``, dressed as the drawing says: ``(B, V, 3)``."""
        normals = self._topology_of(drawing.faces, shapes.shape[1]).normals(shapes)
        mannequin = _worn_by(drawing)
        return normals if mannequin is None else mannequin.softened(normals)

    def _made(
        self, positions: NDArray[np.float32], normals: NDArray[np.float32], drawing: Drawing
    ) -> CardMesh:
        order = self._topology_of(drawing.faces, len(positions)).order
        return self._card.mesh(
            surface(positions, normals, order.vertices),
            order.faces,
            shared_colors=self._colors_of(drawing, order),
            own_colors=_with_full_color(drawing.vertex_colors, order),
        )

    def _topology_of(self, faces: NDArray[np.integer], num_vertices: int) -> _Topology:
        if id(faces) not in self._topologies:
            self._topologies[id(faces)] = _Topology(
                faces, VertexNormals(faces, num_vertices), MeshOrder(faces, num_vertices)
            )
        return self._topologies[id(faces)]

    def _colors_of(self, drawing: Drawing, order: MeshOrder) -> NDArray[np.float32] | None:
        mannequin = _worn_by(drawing)
        if mannequin is None:
            return None
        key = (id(mannequin), id(drawing.faces))
        if key not in self._worn:
            self._worn[key] = (mannequin, np.ascontiguousarray(mannequin.colors[order.vertices]))
        return self._worn[key][1]


def _worn_by(drawing: Drawing) -> Mannequin | None:
    """Clothes would hide the numbers that are shown on a body."""
    return drawing.mannequin if drawing.vertex_colors is None else None


def _kept_key(view: MeshView, drawing: Drawing) -> tuple[object, ...]:
    colors = drawing.vertex_colors
    return (
        view.mesh_digest,
        id(drawing.faces),
        id(drawing.mannequin),
        None if colors is None else colors.tobytes(),
    )


def _lit_key(view: MeshView, drawing: Drawing) -> tuple[bytes, int, int]:
    return view.mesh_digest, id(drawing.faces), id(_worn_by(drawing))


@dataclass(frozen=True, eq=False)
class _Topology:
    faces: NDArray[np.integer]
    normals: VertexNormals
    order: MeshOrder


def surface(
    positions: NDArray[np.floating],
    normals: NDArray[np.float32] | None = None,
    order: NDArray[np.intp] | None = None,
) -> NDArray[np.float32]:
    """Positions and normals side by side, ``(V, 6)``; labels know no light and have no normals."""
    surface = np.zeros((len(positions), 6), dtype=np.float32)
    surface[:, :3] = positions if order is None else positions[order]
    if normals is not None:
        surface[:, 3:] = normals if order is None else normals[order]
    return surface


def _with_full_color(
    vertex_colors: NDArray[np.floating] | None, order: MeshOrder
) -> NDArray[np.float32] | None:
    """``(V, 4)`` of ``(V, 3)``: the body's colour is kept."""
    if vertex_colors is None:
        return None
    ones = np.ones((len(vertex_colors), 1), dtype=np.float32)
    return np.hstack([vertex_colors[order.vertices].astype(np.float32), ones])
