"""Six body parts of any SMPL body, from its skin weights, and maps of them as a camera sees them.

SPIN takes its parts from a texture of SMPL's own mesh, which cannot be shipped. Skin weights give
the same six parts for every body file: a vertex belongs to the part whose joints hold it most.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.conventions import SKELETON_JOINT_NAMES
from core.errors import ShapeError
from core.geometry.boxes import Box
from core.geometry.crop_camera import CROP_SIZE_PX
from core.rendering.render_thread import RenderService
from core.rendering.views import crop_view


class SegmentedPart(IntEnum):
    """Labels of part maps."""

    BACKGROUND = 0
    HEAD = 1
    TORSO = 2
    LEFT_ARM = 3
    RIGHT_ARM = 4
    LEFT_LEG = 5
    RIGHT_LEG = 6


NUM_PART_CLASSES = len(SegmentedPart)
"""The background is one of them."""

_JOINT_ENDINGS = {
    SegmentedPart.HEAD: ("neck", "head"),
    SegmentedPart.TORSO: ("pelvis", "spine1", "spine2", "spine3", "left_collar", "right_collar"),
    SegmentedPart.LEFT_ARM: tuple(
        f"left_{name}" for name in ("shoulder", "elbow", "wrist", "hand")
    ),
    SegmentedPart.RIGHT_ARM: tuple(
        f"right_{name}" for name in ("shoulder", "elbow", "wrist", "hand")
    ),
    SegmentedPart.LEFT_LEG: tuple(f"left_{name}" for name in ("hip", "knee", "ankle", "foot")),
    SegmentedPart.RIGHT_LEG: tuple(f"right_{name}" for name in ("hip", "knee", "ankle", "foot")),
}


def vertex_parts(arrays: BodyArrays) -> NDArray[np.int64]:
    """``(V,)`` of ``SegmentedPart``: the part whose joints hold each vertex most."""
    shares = np.stack(
        [
            arrays.weights[:, [SKELETON_JOINT_NAMES.index(name) for name in names]].sum(axis=1)
            for names in _JOINT_ENDINGS.values()
        ],
        axis=1,
    )
    parts: NDArray[np.int64] = np.array(list(_JOINT_ENDINGS))[shares.argmax(axis=1)]
    return parts


def face_parts(arrays: BodyArrays) -> NDArray[np.int64]:
    """``(F,)`` of ``SegmentedPart``: what two of a face's vertices agree on, or else its first."""
    corners = vertex_parts(arrays)[arrays.f]
    return np.where(corners[:, 1] == corners[:, 2], corners[:, 1], corners[:, 0])


def textured_face_parts(
    cube_parts: NDArray[np.generic], vertex_texture: NDArray[np.generic], *, faces: int
) -> NDArray[np.int64]:
    """``(F,)`` labels 1..6 from SPIN's ``cube_parts.npy`` and ``vertex_texture.npy``.

    A face's colour, times a hundred and rounded down, is a place in the cube of parts. That scale
    is recalled from SPIN's renderer, not verified on the files.

    Raises:
        ShapeError: the arrays are not such, or belong to a mesh of another number of faces.
    """
    if cube_parts.ndim != 3:
        raise ShapeError("cube_parts", actual=cube_parts.shape, expected="(100, 92, 17)")
    if vertex_texture.shape != (1, faces, 2, 2, 2, 3):
        raise ShapeError(
            "vertex_texture", actual=vertex_texture.shape, expected=f"(1, {faces}, 2, 2, 2, 3)"
        )
    colors = vertex_texture[0].reshape(faces, 8, 3).astype(np.float64).mean(axis=1)
    # 0.29 times 100 is 28.999… in binary.
    cells = np.floor(100 * colors + 1e-3).astype(np.int64)
    red, green, blue = np.clip(cells, 0, np.array(cube_parts.shape) - 1).T
    return np.asarray(cube_parts[red, green, blue], dtype=np.int64)


def part_map(
    rendering: RenderService,
    face_labels: NDArray[np.integer],
    vertices: NDArray[np.floating],
    camera_translation: NDArray[np.floating],
    *,
    box: Box,
    picture_size_px: tuple[int, int],
) -> NDArray[np.uint8]:
    """The labels of a body over its whole picture ``(H, W)``, as SPIN evaluates them.

    Drawn over the 224 px crop and brought back by the nearest pixel; 0 outside the box.

    Args:
        rendering: of the body's faces.
        face_labels: ``(F,)`` in 1..255; ones for a silhouette.
        vertices: ``(V, 3)`` metres, posed, not translated.
        camera_translation: ``(3,)`` metres, crop camera.
        box: of the sample.
        picture_size_px: width, height.
    """
    view = crop_view(vertices, camera_translation, size_px=CROP_SIZE_PX)
    return uncropped(
        rendering.render_labels(view, face_labels), box=box, picture_size_px=picture_size_px
    )


def uncropped(
    crop_map: NDArray[np.uint8], *, box: Box, picture_size_px: tuple[int, int]
) -> NDArray[np.uint8]:
    """A map ``(224, 224)`` of a crop in its picture ``(H, W)``, by the nearest pixel."""
    width, height = picture_size_px
    columns, rows = (
        np.floor((np.arange(count) + 0.5 - middle) * box.crop_px_per_picture_px + len(crop_map) / 2)
        for count, middle in ((width, box.center_x_px), (height, box.center_y_px))
    )
    inside_x = (columns >= 0) & (columns < crop_map.shape[1])
    inside_y = (rows >= 0) & (rows < crop_map.shape[0])
    whole = np.zeros((height, width), dtype=np.uint8)
    taken = crop_map[np.ix_(rows[inside_y].astype(int), columns[inside_x].astype(int))]
    whole[np.ix_(inside_y, inside_x)] = taken
    return whole
