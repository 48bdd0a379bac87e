"""How an edit of a sample is made of its states: moved, measured again, written and logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.dictionary.fits.fits import Fits
from core.dictionary.samples.edit_events import box_event, keypoint_event
from core.dictionary.samples.edit_states import (
    PlacedFit,
    PlacedPrediction,
    SampleState,
    moved_translation,
    write_state,
)
from core.dictionary.storage.clock import default_author, utc_now
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.events import log_events
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from core.types.events import Event

Compare = Callable[[FloatArray, Sequence[BodyParameters]], Sequence[float] | None]
"""Comparison losses of bodies against keypoints (49, 3) of their crop; None where none counts.

The bodies' own cameras do not matter to it: they are solved again.
"""


def in_box(state: SampleState, center_px: tuple[float, float], scale: float) -> SampleState:
    """The state in another crop: whatever lives in the crop's camera moved to it."""
    moved = replace(state, box_center_px=center_px, box_scale=scale)
    old, new = state.box, moved.box

    def placed(blob: bytes) -> bytes:
        return moved_translation(blob, old=old, new=new)

    prediction, truth = state.prediction, state.true_camera_translation
    return replace(
        moved,
        fits={
            fit_id: PlacedFit(placed(fit.camera_translation), fit.comparison_loss)
            for fit_id, fit in state.fits.items()
        },
        prediction=None
        if prediction is None
        else PlacedPrediction(placed(prediction.camera_translation), prediction.made_at),
        set_predictions={one: placed(blob) for one, blob in state.set_predictions.items()},
        true_camera_translation=None if truth is None else placed(truth),
    )


def compared(connection: Connection, state: SampleState, compare: Compare) -> SampleState:
    """The state with the losses of all its fits measured against its keypoints."""
    ids = list(state.fits)
    bodies = [fit.parameters for fit in Fits(connection).get_many(ids)] if ids else []
    losses = compare(state.keypoints_crop_px, bodies) if bodies else None
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
    changes = [keypoint_event(before, after), box_event(before, after)]
    now, who = utc_now(), author or default_author()
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
