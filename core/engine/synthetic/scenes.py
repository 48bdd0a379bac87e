"""Whole pictures: background, people, things before them, and what a camera does to it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from core.engine.body.smpl_body import BodyModel
from core.engine.synthetic.backgrounds import Canvas, paint_background
from core.engine.synthetic.detector import Seen
from core.engine.synthetic.occluders import Mask, draw_occluder, draw_shadow
from core.engine.synthetic.people import (
    MadePerson,
    PersonPlacement,
    place_person,
    random_placements,
)
from core.engine.synthetic.wardrobe import Wardrobe
from core.rendering.normals import VertexNormals
from core.rendering.render_thread import RenderService
from core.rendering.views import MeshView, picture_view

PICTURE_SIZES_PX = ((480, 640), (640, 480), (540, 720), (600, 600), (720, 540))
OCCLUDER_SHARE = 0.22
_DAYLIGHT = 1.15
"""The renderer's lights are made for shape; clothes in daylight are brighter."""
_BRIGHTEST = 0.90
_BEFORE_JOINT_M = 0.13
"""Skin this much nearer than a joint belongs to another limb: the joint itself is hidden."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A finished picture ``(H, W, 3)`` uint8 RGB with its people, the farthest first.

    For each person, ``seen`` holds (49,) of ``Seen``, ``covered`` the ``(H, W)`` mask of the person
    in clothes, whatever else is before it.
    """

    picture: NDArray[np.uint8]
    people: tuple[MadePerson, ...]
    seen: tuple[NDArray[np.int64], ...]
    covered: tuple[Mask, ...]


class Placing(Protocol):
    """Poses a random person at a place; ``place_person``, or something like it."""

    def __call__(
        self,
        body: BodyModel,
        body_pose: NDArray[np.floating],
        placement: PersonPlacement,
        rng: np.random.Generator,
    ) -> MadePerson:
        """Make the person."""


class SceneMaker:
    """Makes scenes of people in one body; the render service must draw that body's faces.

    picture_sizes_px: width and height of the pictures, each as often as the others.
    occluder_share: of the pictures, with something before a person.
    place: what poses each person; as seen from 40 m away where not given.
    """

    def __init__(
        self,
        body: BodyModel,
        rendering: RenderService,
        *,
        picture_sizes_px: Sequence[tuple[int, int]] = PICTURE_SIZES_PX,
        occluder_share: float = OCCLUDER_SHARE,
        place: Placing = place_person,
    ) -> None:
        self._body, self._rendering, self._place = body, rendering, place
        self._sizes_px, self._occluder_share = picture_sizes_px, occluder_share
        self._wardrobe = Wardrobe(body.arrays)
        self._normals = VertexNormals(body.faces, body.arrays.num_vertices)

    def make(self, body_poses: Sequence[NDArray[np.floating]], rng: np.random.Generator) -> Scene:
        """One picture with a person for each body pose ``(69,)``, at most two.

        Poses are what ``place`` takes.
        """
        size_px = self._sizes_px[int(rng.integers(len(self._sizes_px)))]
        background = paint_background(size_px, rng)
        canvas = background.canvas
        placements = random_placements(len(body_poses), size_px, rng)
        people = tuple(
            self._place(self._body, pose, placement, rng)
            for pose, placement in zip(body_poses, placements, strict=True)
        )
        tint = np.clip(rng.normal(1.0, 0.03, 3) * rng.uniform(0.92, 1.12), 0.8, 1.0)
        coverings: list[Mask] = []
        for person in people:
            if background.floor_top_px is not None:
                draw_shadow(canvas, person.feet_px, person.box.side_px)
            coverings.append(self._draw_person(canvas, person, tint))
        if rng.random() < self._occluder_share:
            chosen = people[rng.integers(len(people))]
            coverings.append(draw_occluder(canvas, chosen.box, rng))
        seen = tuple(
            joint_visibility(person, coverings[index + 1 :], size_px)
            for index, person in enumerate(people)
        )
        covered = tuple(coverings[: len(people)])
        return Scene(_photographed(canvas, rng), people, seen, covered)

    def _draw_person(self, canvas: Canvas, person: MadePerson, tint: NDArray[np.float64]) -> Mask:
        """Draw the dressed person into the canvas; returns what it covers."""
        dress = self._wardrobe.dress(person.outfit)
        clothed = person.vertices + self._normals(person.vertices) * dress.thickness[:, None]
        drawn = self._rendering.render(
            _view_of(person, clothed, canvas),
            color=(float(tint[0]), float(tint[1]), float(tint[2])),
            vertex_colors=_in_daylight(dress.colors),
            supersampling=2,
        )
        layer = drawn.astype(np.float32) / 255
        canvas *= 1 - layer[..., 3:]
        canvas += layer[..., :3]
        covered: Mask = drawn[..., 3] > 127
        return covered


def _in_daylight(colors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Brighter colours ``(V, 3)`` of the same hue: pale skin must not burn out to white."""
    gain = np.minimum(_DAYLIGHT, _BRIGHTEST / np.maximum(colors.max(axis=1, keepdims=True), 1e-6))
    brighter: NDArray[np.float32] = (colors * gain).astype(np.float32)
    return brighter


def _view_of(person: MadePerson, vertices: NDArray[np.float32], canvas: Canvas) -> MeshView:
    return picture_view(
        vertices,
        person.parameters.camera_translation,
        camera=person.parameters.camera,
        box=person.box,
        picture_size_px=(canvas.shape[1], canvas.shape[0]),
    )


def joint_visibility(
    person: MadePerson, coverings: Sequence[Mask], size_px: tuple[int, int]
) -> NDArray[np.int64]:
    """``(49,)`` of ``Seen``: outside the picture, behind one of the masks, behind the own body."""
    width, height = size_px
    columns, rows = np.rint(person.keypoints_px).astype(np.int64).T
    outside = (columns < 0) | (columns >= width) | (rows < 0) | (rows >= height)
    columns, rows = columns.clip(0, width - 1), rows.clip(0, height - 1)
    covered = np.zeros(len(columns), dtype=bool)
    for mask in coverings:
        covered |= mask[rows, columns]
    seen = np.where(_behind_own_body(person), Seen.BEHIND_SELF, Seen.VISIBLE)
    seen = np.where(covered, Seen.BEHIND_OTHERS, seen)
    return np.where(outside, Seen.OUTSIDE, seen).astype(np.int64)


def _behind_own_body(person: MadePerson) -> NDArray[np.bool_]:
    """Whether skin well before a joint lies within 2.5 cm of its line of sight."""
    # At 40 m and more the lines of sight are parallel to well below the width of a limb.
    apart = person.keypoints[:, None, :2] - person.vertices[None, :, :2]
    near_line = (apart**2).sum(axis=2) < 0.025**2
    depth_before = person.keypoints[:, None, 2] - person.vertices[None, :, 2]
    behind: NDArray[np.bool_] = (near_line & (depth_before > _BEFORE_JOINT_M)).any(axis=1)
    return behind


def _photographed(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A little blur, uneven light and sensor noise, as uint8."""
    height, width = canvas.shape[:2]
    blur = rng.uniform(0.0, 0.9)
    if blur > 0.25:
        canvas = cv2.GaussianBlur(canvas, (0, 0), blur)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    vignette = 1 - rng.uniform(0.0, 0.12) * (x * x + y * y)
    noise = rng.standard_normal(canvas.shape, dtype=np.float32) * rng.uniform(0.006, 0.02)
    picture = canvas * vignette[..., None].astype(np.float32) + noise
    return np.asarray(np.clip(np.rint(picture * 255), 0, 255), dtype=np.uint8)
