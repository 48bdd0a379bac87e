"""All that a correction of a sample may change, read and written back exactly.

A state holds what stands in the rows, not what is made of it, so that an undo restores them to the
last bit. Fits, predictions and truth keep their pose and translation when the box moves: their
camera moves with it, so that they are seen at the same pixels of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.body.usable_keypoints import usable_keypoint_count
from core.dictionary.assessment.annotated_twice import derive_twice_flags, picture_of
from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.assessment.derived_flags import derive_fit_flags, derive_keypoint_flags
from core.dictionary.assessment.exchanged_sides import derive_side_flags
from core.dictionary.assessment.frame_flags import derive_frame_flags
from core.dictionary.assessment.label_checks import forget_label_checks_of
from core.dictionary.fits.fit_rows import KNOWN_LOSS
from core.dictionary.samples.camera_rows import CAMERA_COLUMNS, camera_of_row
from core.dictionary.storage.blobs import (
    camera_from_blob,
    camera_to_blob,
    from_blob,
    sources_from_blob,
    sources_to_blob,
    to_blob,
)
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import check_all_found
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from core.types.bodies import CropCamera
from core.types.cameras import PictureCamera
from core.types.keypoint_sources import KeypointSources
from core.types.limits import is_valid_pose

_KEYPOINTS_SHAPE = (NUM_KEYPOINTS, 3)

_SELECT_STATE = f"""
SELECT box_center_x_px, box_center_y_px, box_scale, corrections, annotations.*, {CAMERA_COLUMNS}
FROM samples JOIN annotations ON annotations.sample_id = samples.id
    LEFT JOIN cameras ON cameras.picture_path = samples.picture_path
WHERE samples.id = ?"""  # noqa: S608 - own names


@dataclass(frozen=True)
class PlacedFit:
    """The columns of a fit that follow from the sample's box, camera and keypoints."""

    crop_camera: bytes | None
    comparison_loss: float


@dataclass(frozen=True)
class PlacedPrediction:
    """A prediction's crop camera; made_at tells it from a later one."""

    crop_camera: bytes | None
    made_at: str


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleState:
    """Keypoints, box and camera of a sample, and the crop cameras of its bodies.

    keypoints_px: (49, 3). imported_keypoints_px: the same shape, None where none was corrected.
    keypoint_sources: (49,) who placed each keypoint. camera: of the picture. fits: by id.
    set_predictions: crop cameras by the id of their set. true_crop_camera: as stored; None without
    ground truth, too.
    """

    sample_id: int
    keypoints_px: FloatArray
    imported_keypoints_px: FloatArray | None
    keypoint_sources: KeypointSources
    box_center_px: tuple[float, float]
    box_scale: float
    camera: PictureCamera
    corrections: int
    fits: Mapping[int, PlacedFit]
    prediction: PlacedPrediction | None
    set_predictions: Mapping[int, bytes | None]
    has_truth: bool
    true_crop_camera: bytes | None

    @property
    def box(self) -> Box:
        """The box that the crop is cut by."""
        return Box(*self.box_center_px, BOX_SCALE_PX * self.box_scale)

    @property
    def keypoints_crop_px(self) -> FloatArray:
        """(49, 3) in pixels of the 224 px crop, where a lens without distortion shows them."""
        return self.box.keypoints_to_crop(self.camera.undistorted_keypoints(self.keypoints_px))

    @property
    def crop_camera(self) -> CropCamera:
        """The picture's camera looking through the crop."""
        return self.camera.crop_camera(self.box)


def read_state(connection: Connection, sample_id: int) -> SampleState:
    """The state of a sample; raises ``NoSuchRecordError`` for an unknown one."""
    rows = connection.rows(
        _SELECT_STATE,
        (sample_id,),
    )
    check_all_found("sample", [sample_id], [row["sample_id"] for row in rows])
    row = rows[0]
    imported = row["imported_keypoints_px"]
    return SampleState(
        sample_id=int(sample_id),
        keypoints_px=_keypoints(row["keypoints_px"], sample_id),
        imported_keypoints_px=None if imported is None else _keypoints(imported, sample_id),
        keypoint_sources=sources_from_blob(row["keypoint_sources"], what=f"sample {sample_id}"),
        box_center_px=(row["box_center_x_px"], row["box_center_y_px"]),
        box_scale=row["box_scale"],
        camera=camera_of_row(row),
        corrections=row["corrections"],
        fits=_placed_fits(connection, sample_id),
        prediction=_placed_prediction(connection, sample_id),
        set_predictions=dict(
            connection.execute(
                "SELECT set_id, crop_camera FROM set_predictions WHERE sample_id = ?",
                (sample_id,),
            )
        ),
        has_truth=row["true_pose_axis_angle"] is not None,
        true_crop_camera=row["true_crop_camera"],
    )


def write_state(connection: Connection, state: SampleState) -> None:
    """Write a state and what follows from it; the caller holds the transaction."""
    _write_sample(connection, state)
    connection.execute_many(
        "UPDATE fits SET crop_camera = ?, comparison_loss = ?, pose_valid = ? "
        "WHERE id = ? AND sample_id = ?",
        [_fit_columns(state.sample_id, fit_id, fit) for fit_id, fit in state.fits.items()],
    )
    if state.prediction is not None:
        connection.execute(
            "UPDATE predictions SET crop_camera = ? WHERE sample_id = ? AND created_at = ?",
            (state.prediction.crop_camera, state.sample_id, state.prediction.made_at),
        )
    connection.execute_many(
        "UPDATE set_predictions SET crop_camera = ? WHERE sample_id = ? AND set_id = ?",
        [(camera, state.sample_id, set_id) for set_id, camera in state.set_predictions.items()],
    )
    connection.execute(
        f"UPDATE samples SET current_loss = {KNOWN_LOSS} "  # noqa: S608 - own names
        "FROM fits WHERE samples.id = ? AND fits.id = samples.current_fit_id",
        (state.sample_id,),
    )
    derive_keypoint_flags(connection, [state.sample_id])
    derive_fit_flags(connection, [state.sample_id])
    derive_twice_flags(connection, [picture_of(connection, state.sample_id)])
    derive_side_flags(connection, [state.sample_id])
    derive_frame_flags(connection, [state.sample_id])
    forget_assessments(connection, [state.sample_id])
    forget_label_checks_of(connection, [state.sample_id])


def moved_camera(blob: bytes | None, *, old: Box, new: Box) -> bytes | None:
    """A stored crop camera, for another box; the same bytes where the box is the same."""
    if old == new:
        return blob
    return camera_to_blob(camera_from_blob(blob, what="crop_camera").between_boxes(old, new))


def _write_sample(connection: Connection, state: SampleState) -> None:
    keypoints = state.keypoints_px
    connection.execute(
        "UPDATE samples SET box_center_x_px = ?, box_center_y_px = ?, box_scale = ?, "
        "visible_keypoints = ?, usable_keypoints = ?, corrections = ? WHERE id = ?",
        (
            *state.box_center_px,
            state.box_scale,
            int((keypoints[:, 2] > 0).sum()),
            int(usable_keypoint_count(keypoints[:, 2])),
            state.corrections,
            state.sample_id,
        ),
    )
    imported = state.imported_keypoints_px
    connection.execute(
        "UPDATE annotations SET keypoints_px = ?, imported_keypoints_px = ?, "
        "keypoint_sources = ?, true_crop_camera = ? WHERE sample_id = ?",
        (
            to_blob(keypoints),
            None if imported is None else to_blob(imported),
            sources_to_blob(state.keypoint_sources),
            state.true_crop_camera,
            state.sample_id,
        ),
    )


def _fit_columns(sample_id: int, fit_id: int, fit: PlacedFit) -> Sequence[object]:
    return (
        fit.crop_camera,
        float(fit.comparison_loss),
        int(is_valid_pose(fit.comparison_loss)),
        fit_id,
        sample_id,
    )


def _keypoints(blob: bytes, sample_id: int) -> FloatArray:
    return from_blob(blob, _KEYPOINTS_SHAPE, what=f"keypoints of sample {sample_id}")


def _placed_fits(connection: Connection, sample_id: int) -> dict[int, PlacedFit]:
    rows = connection.execute(
        "SELECT id, crop_camera, comparison_loss FROM fits WHERE sample_id = ?", (sample_id,)
    )
    return {fit_id: PlacedFit(camera, loss) for fit_id, camera, loss in rows}


def _placed_prediction(connection: Connection, sample_id: int) -> PlacedPrediction | None:
    rows = connection.execute(
        "SELECT crop_camera, created_at FROM predictions WHERE sample_id = ?", (sample_id,)
    )
    return PlacedPrediction(*rows[0]) if rows else None


def same_keypoints(first: FloatArray, second: FloatArray) -> bool:
    """Whether two sets of keypoints are equal to the last bit."""
    return bool(np.array_equal(first, second))
