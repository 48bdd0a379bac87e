"""How an edit of a sample is made of its states: moved, measured again, written and logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.dictionary.fits.fits import Fits
from core.dictionary.samples.edit_events import box_event, camera_event, keypoint_event
from core.dictionary.samples.edit_states import (
    PlacedFit,
    PlacedPrediction,
    SampleState,
    moved_camera,
    write_state,
)
from core.dictionary.storage.blobs import camera_from_blob
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.events import log_events
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters, CropCamera
from core.types.events import Event

Compare = Callable[[FloatArray, Sequence[BodyParameters], CropCamera], Sequence[float] | None]
"""Comparison losses of bodies against keypoints (49, 3) of their crop; None where none counts.

All are measured under the same camera, that of the sample: each body is turned to its axis, and its
translation is solved for again.
"""


def in_box(state: SampleState, center_px: tuple[float, float], scale: float) -> SampleState:
    """The state in another crop: the cameras of all bodies moved to it."""
    moved = replace(state, box_center_px=center_px, box_scale=scale)
    old, new = state.box, moved.box

    def placed(blob: bytes | None) -> bytes | None:
        return moved_camera(blob, old=old, new=new)

    prediction = state.prediction
    return replace(
        moved,
        fits={
            fit_id: PlacedFit(placed(fit.crop_camera), fit.comparison_loss)
            for fit_id, fit in state.fits.items()
        },
        prediction=None
        if prediction is None
        else PlacedPrediction(placed(prediction.crop_camera), prediction.made_at),
        set_predictions={one: placed(blob) for one, blob in state.set_predictions.items()},
        true_crop_camera=placed(state.true_crop_camera) if state.has_truth else None,
    )


def compared(connection: Connection, state: SampleState, compare: Compare) -> SampleState:
    """The state with the losses of all its fits measured against its keypoints and camera.

    Bodies are measured under the cameras that the state gives them: those that are stored still
    belong to the box of before.
    """
    ids = list(state.fits)
    bodies = [
        replace(
            fit.parameters,
            camera=camera_from_blob(state.fits[fit.id].crop_camera, what="crop_camera"),
        )
        for fit in (Fits(connection).get_many(ids) if ids else [])
    ]
    losses = compare(state.keypoints_crop_px, bodies, state.crop_camera) if bodies else None
    if losses is None:
        return state  # nothing to measure against: what was measured last stays
    measured = {
        fit_id: replace(state.fits[fit_id], comparison_loss=float(loss))
        for fit_id, loss in zip(ids, losses, strict=True)
    }
    return replace(state, fits=measured)


def write_change(
    connection: Connection, before: SampleState, after: SampleState, author: str | None
) -> None:
    """Write a state and log what it changed; the caller holds the transaction."""
    write_state(connection, after)
    changes = [
        keypoint_event(before, after),
        box_event(before, after),
        camera_event(before, after),
    ]
    now, who = utc_now(), author or connection.author
    log_events(
        connection,
        [
            Event(
                at=now,
                author=who,
                sample_id=after.sample_id,
                fit_id=None,
                what=change.what,
                before=change.before,
                after=change.after,
            )
            for change in changes
            if change is not None
        ],
    )
