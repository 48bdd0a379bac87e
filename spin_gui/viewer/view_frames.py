"""From the plan of a cell and the images that are there to what the cell paints now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.rendering.whole_body import Surroundings, surroundings
from spin_gui.images.render_cache import plane_of_body, seen_in_plane
from spin_gui.viewer.body_style import BodyStyle, BoneDrawing
from spin_gui.viewer.cell_plan import Cell, CellSpec, plane_square
from spin_gui.viewer.drag_handles import HANDLE_JOINTS, HandleDrawing, HandleMarks
from spin_gui.viewer.keypoint_painter import KeypointDrawing, keypoint_drawing
from spin_gui.viewer.sample_scene import Column, SampleScene
from spin_gui.viewer.view_canvas import Frame, Layer
from spin_gui.viewer.view_loader import ViewLoader
from spin_gui.viewer.view_state import ViewKind

LABELS = {
    ViewKind.CAMERA: "camera",
    ViewKind.PICTURE: "whole picture",
    ViewKind.TOP: "top",
    ViewKind.SIDE: "side",
}
CAMERA_PLACES = {ViewKind.TOP: "camera below", ViewKind.SIDE: "camera at left"}
"""True until the body is turned."""
PICTURE_LABELS = {ViewKind.CAMERA: "crop", ViewKind.PICTURE: "whole picture"}
Bounds = tuple[float, float, float, float]


def small_label(cell: Cell, kind: ViewKind) -> str:
    """What a small view next to a large one is called."""
    row, column = cell
    if column is not Column.PICTURE:
        return LABELS[kind]
    return "picture" if row == 0 else PICTURE_LABELS[kind]


class ViewPainter:
    """Makes the frames of one sample's cells.

    An image that is still being made is replaced by the cell's former one of the same sample and
    kind, put where its content belongs; another sample's is never used.
    """

    def __init__(
        self,
        scene: SampleScene,
        loader: ViewLoader,
        *,
        keypoints_shown: bool,
        tells_of_picture: bool = True,
        style: BodyStyle = BodyStyle.MESH,
        marks: HandleMarks | None = None,
    ) -> None:
        self._scene, self._loader = scene, loader
        self._keypoints_shown, self._style = keypoints_shown, style
        self._tells_of_picture, self._marks = tells_of_picture, marks

    def frame(
        self, plan: CellSpec, *, asked_for: CellSpec | None = None, former: Frame | None = None
    ) -> Frame:
        """What a cell paints.

        Args:
            plan: what it is to show now.
            asked_for: what its images were asked for last, where that is an older plan.
            former: what it has painted until now.
        """
        if former is not None and (
            former.sample_id != self._scene.sample_id or former.kind != plan.kind
        ):
            former = None
        over_picture = plan.kind in {ViewKind.CAMERA, ViewKind.PICTURE}
        label = (LABELS if plan.body is not None else PICTURE_LABELS).get(plan.kind, "")
        return Frame(
            sample_id=self._scene.sample_id,
            kind=plan.kind,
            label="" if plan.message else label,
            label_detail="" if plan.turned else CAMERA_PLACES.get(plan.kind, ""),
            window=plan.view.window,
            picture=self._picture_layer(plan, former),
            mesh=self._mesh_layer(plan, asked_for, former),
            turned=plan.turned,
            picture_bounds=self._picture_bounds(plan.kind) if over_picture else None,
            box_bounds=self._box_bounds(plan.kind),
            keypoints=self._keypoints(plan),
            message=plan.message,
            note=self._loader.problem(plan, of_picture=self._tells_of_picture),
            complete=self._loader.is_done(plan),
            around=self._surroundings(plan),
            mesh_hidden=self._style is BodyStyle.SKELETON,
            bones=self._bones(plan),
            under=self._under_layer(plan, asked_for, former),
            under_bones=None if plan.under is None else self._bones(plan.under),
            ghost=self._ghost_layer(plan),
            handles=self._handles(plan, former),
        )

    def keypoints_of(self, kind: ViewKind, digest: str | None) -> KeypointDrawing:
        """The sample's keypoints in a plane, with those of a posed body where it is there."""
        posed = None if digest is None else self._loader.posed_fit(digest)
        body = next((body for body in self._scene.bodies.values() if body.digest == digest), None)
        return keypoint_drawing(
            self._scene.keypoints_px,
            box=self._scene.box,
            plane=plane_square(self._scene, kind),
            reprojected_crop_px=None if posed is None else posed.keypoints_crop_px,
            lens=None if body is None else self._scene.lens_of(body),
        )

    def _surroundings(self, plan: CellSpec) -> Surroundings | None:
        if plan.mesh is None or not plan.mesh.whole_body:
            return None
        former = None if plan.body is None else plan.body.former
        posed = self._loader.posed_fit(plan.mesh.digest if former is None else former.digest)
        return None if posed is None else surroundings(posed.corners, plan.view.angle)

    def _ghost_layer(self, plan: CellSpec) -> Layer | None:
        image = None if plan.ghost is None else self._loader.mesh(plan.ghost)
        return None if image is None else Layer(image, plan.view.window)

    def _handles(self, plan: CellSpec, former: Frame | None) -> HandleDrawing | None:
        """Of the body that can be dragged; those of its last state until the next is posed."""
        marks = self._marks
        if marks is None or plan.mesh is None or plan.body is None:
            return None
        body = self._scene.bodies.get(marks.column)
        if body is None or body.digest != plan.body.digest:
            return None
        posed = self._loader.posed_fit(plan.mesh.digest)
        if posed is None:
            return None if former is None or body.former is None else former.handles
        plane, joints = plane_of_body(plan.mesh, posed), posed.joints[list(HANDLE_JOINTS)]
        places_m = joints.astype(np.float64) + posed.camera_translation
        return HandleDrawing(plane.seen(joints), places_m, plane, marks)

    def _bones(self, plan: CellSpec) -> BoneDrawing | None:
        if self._style is not BodyStyle.SKELETON or plan.mesh is None:
            return None
        posed = self._loader.posed_fit(plan.mesh.digest)
        if posed is None:
            return None
        return BoneDrawing(seen_in_plane(plan.mesh, posed, posed.joints), plan.mesh.color)

    def _keypoints(self, plan: CellSpec) -> KeypointDrawing | None:
        if not (self._keypoints_shown and plan.draws_keypoints):
            return None
        return self.keypoints_of(plan.kind, None if plan.body is None else plan.body.digest)

    def _picture_layer(self, plan: CellSpec, former: Frame | None) -> Layer | None:
        if plan.picture is None:
            return None
        image = self._loader.picture(plan.picture)
        if image is not None:
            return Layer(image, plan.view.window)
        return None if former is None else former.picture

    def _mesh_layer(
        self, plan: CellSpec, asked_for: CellSpec | None, former: Frame | None
    ) -> Layer | None:
        if plan.mesh is None:
            return None
        for candidate in (plan, asked_for):
            if candidate is None or candidate.mesh is None:
                continue
            image = self._loader.mesh(candidate.mesh)
            if image is not None and candidate.mesh.digest == plan.mesh.digest:
                return Layer(image, candidate.view.window)
        return None if former is None else former.mesh

    def _under_layer(
        self, plan: CellSpec, asked_for: CellSpec | None, former: Frame | None
    ) -> Layer | None:
        if plan.under is None:
            return None
        asked_under = None if asked_for is None else asked_for.under
        former = None if former is None else replace(former, mesh=former.under)
        return self._mesh_layer(plan.under, asked_under, former)

    def _picture_bounds(self, kind: ViewKind) -> Bounds:
        plane = plane_square(self._scene, kind)
        left, top = plane.center_x_px - plane.side_px / 2, plane.center_y_px - plane.side_px / 2
        width, height = self._scene.picture_size_px
        # Whole numbers are the centres of pixels: the first one begins half a pixel before its own.
        return (
            (-0.5 - left) / plane.side_px,
            (-0.5 - top) / plane.side_px,
            width / plane.side_px,
            height / plane.side_px,
        )

    def _box_bounds(self, kind: ViewKind) -> Bounds | None:
        if kind is not ViewKind.PICTURE:
            return None
        plane, box = self._scene.picture_square, self._scene.box
        side = box.side_px / plane.side_px
        return (
            (box.center_x_px - plane.center_x_px) / plane.side_px + 0.5 - side / 2,
            (box.center_y_px - plane.center_y_px) / plane.side_px + 0.5 - side / 2,
            side,
            side,
        )
