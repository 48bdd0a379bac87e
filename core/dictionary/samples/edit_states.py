"""All that a correction of a sample may change, read and written back exactly.

A state holds what stands in the rows, not what is made of it, so that an undo restores them to the
last bit. Fits, predictions and truth live in the crop's camera: they move with the box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.usable_keypoints import usable_keypoint_count
from core.dictionary.assessment.annotated_twice import derive_twice_flags, picture_of
from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.assessment.derived_flags import derive_fit_flags, derive_keypoint_flags
from core.dictionary.storage.blobs import (
    from_blob,
    sources_from_blob,
    sources_to_blob,
    to_blob,
)
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import check_all_found
from core.geometry.boxes import BOX_SCALE_PX, Box, translation_between_boxes
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from core.types.keypoint_sources import KeypointSources
from core.types.limits import is_valid_pose

_KEYPOINTS_SHAPE = (NUM_KEYPOINTS, 3)


@dataclass(frozen=True)
class PlacedFit:
    """The columns of a fit that follow from the sample's box and keypoints."""

    camera_translation: bytes
    comparison_loss: float


@dataclass(frozen=True)
class PlacedPrediction:
    """A prediction's place in the crop's camera; made_at tells it from a later one."""

    camera_translation: bytes
    made_at: str


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleState:
    """Keypoints and box of a sample, and what lives in its crop's camera.

    keypoints_px: (49, 3). imported_keypoints_px: the same shape, None where none was corrected.
    keypoint_sources: (49,) who placed each keypoint. fits: by id. set_predictions: camera
    translations by the id of their set.
    """

    sample_id: int
    keypoints_px: FloatArray
    imported_keypoints_px: FloatArray | None
    keypoint_sources: KeypointSources
    box_center_px: tuple[float, float]
    box_scale: float
    corrections: int
    fits: Mapping[int, PlacedFit]
    prediction: PlacedPrediction | None
    set_predictions: Mapping[int, bytes]
    true_camera_translation: bytes | None

    @property
    def box(self) -> Box:
        """The box that the crop is cut by."""
        return Box(*self.box_center_px, BOX_SCALE_PX * self.box_scale)

    @property
    def keypoints_crop_px(self) -> FloatArray:
        """(49, 3) in pixels of the 224 px crop."""
        return self.box.keypoints_to_crop(self.keypoints_px)


def read_state(connection: Connection, sample_id: int) -> SampleState:
    """The state of a sample; raises ``NoSuchRecordError`` for an unknown one."""
    rows = connection.rows(
        "SELECT box_center_x_px, box_center_y_px, box_scale, corrections, annotations.* "
        "FROM samples JOIN annotations ON annotations.sample_id = samples.id WHERE samples.id = ?",
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
        corrections=row["corrections"],
        fits=_placed_fits(connection, sample_id),
        prediction=_placed_prediction(connection, sample_id),
        set_predictions=dict(
            connection.execute(
                "SELECT set_id, camera_translation FROM set_predictions WHERE sample_id = ?",
                (sample_id,),
            )
        ),
        true_camera_translation=row["true_camera_translation"],
    )


def write_state(connection: Connection, state: SampleState) -> None:
    """Write a state and what follows from it; the caller holds the transaction."""
    _write_sample(connection, state)
    connection.execute_many(
        "UPDATE fits SET camera_translation = ?, depth_m = ?, comparison_loss = ?, pose_valid = ? "
        "WHERE id = ? AND sample_id = ?",
        [_fit_columns(state.sample_id, fit_id, fit) for fit_id, fit in state.fits.items()],
    )
    if state.prediction is not None:
        connection.execute(
            "UPDATE predictions SET camera_translation = ? WHERE sample_id = ? AND created_at = ?",
            (state.prediction.camera_translation, state.sample_id, state.prediction.made_at),
        )
    connection.execute_many(
        "UPDATE set_predictions SET camera_translation = ? WHERE sample_id = ? AND set_id = ?",
        [(translation, state.sample_id, one) for one, translation in state.set_predictions.items()],
    )
    connection.execute(
        "UPDATE samples SET current_loss = fits.comparison_loss, current_depth_m = fits.depth_m "
        "FROM fits WHERE samples.id = ? AND fits.id = samples.current_fit_id",
        (state.sample_id,),
    )
    derive_keypoint_flags(connection, [state.sample_id])
    derive_fit_flags(connection, [state.sample_id])
    derive_twice_flags(connection, [picture_of(connection, state.sample_id)])
    forget_assessments(connection, [state.sample_id])


def moved_translation(blob: bytes, *, old: Box, new: Box) -> bytes:
    """A stored camera translation, for another box; the same bytes where the box is the same."""
    if old == new:
        return blob
    moved = translation_between_boxes(
        from_blob(blob, (1, 3), what="camera_translation"),
        _center(old),
        np.array([old.side_px]),
        to_centers_px=_center(new),
        to_sides_px=np.array([new.side_px]),
    )
    return to_blob(moved)


def _center(box: Box) -> NDArray[np.float64]:
    return np.array([[box.center_x_px, box.center_y_px]])


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
        "keypoint_sources = ?, true_camera_translation = ? WHERE sample_id = ?",
        (
            to_blob(keypoints),
            None if imported is None else to_blob(imported),
            sources_to_blob(state.keypoint_sources),
            state.true_camera_translation,
            state.sample_id,
        ),
    )


def _fit_columns(sample_id: int, fit_id: int, fit: PlacedFit) -> Sequence[object]:
    depth_m = from_blob(fit.camera_translation, (3,), what=f"fit {fit_id}")[2]
    return (
        fit.camera_translation,
        float(depth_m),
        float(fit.comparison_loss),
        int(is_valid_pose(fit.comparison_loss)),
        fit_id,
        sample_id,
    )


def _keypoints(blob: bytes, sample_id: int) -> FloatArray:
    return from_blob(blob, _KEYPOINTS_SHAPE, what=f"keypoints of sample {sample_id}")


def _placed_fits(connection: Connection, sample_id: int) -> dict[int, PlacedFit]:
    rows = connection.execute(
        "SELECT id, camera_translation, comparison_loss FROM fits WHERE sample_id = ?",
        (sample_id,),
    )
    return {fit_id: PlacedFit(translation, loss) for fit_id, translation, loss in rows}


def _placed_prediction(connection: Connection, sample_id: int) -> PlacedPrediction | None:
    rows = connection.execute(
        "SELECT camera_translation, created_at FROM predictions WHERE sample_id = ?", (sample_id,)
    )
    return PlacedPrediction(*rows[0]) if rows else None


def same_keypoints(first: FloatArray, second: FloatArray) -> bool:
    """Whether two sets of keypoints are equal to the last bit."""
    return bool(np.array_equal(first, second))
