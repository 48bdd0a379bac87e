"""Corrections by people: keypoints, boxes, bodies made by hand.

Every edit is one transaction: what was edited, what follows from it (losses, places in the crop's
camera, counts, flags), and the event with its author. An edit returns both states, which is what
undo and redo hand back to ``restore``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.dictionary.assessment.frame_flags import derive_frame_flags
from core.dictionary.assessment.judged_fits import note_before_correction
from core.dictionary.fits.fit_rows import (
    find_identical,
    fit_row,
    insert_fit,
    set_current,
)
from core.dictionary.fits.fits import Fits
from core.dictionary.samples.edit_states import (
    PlacedPrediction,
    SampleState,
    read_state,
    same_keypoints,
)
from core.dictionary.samples.state_changes import Compare, compared, in_box, write_change
from core.dictionary.storage.blobs import are_finite
from core.dictionary.storage.body_ownership import BodyOwnership
from core.dictionary.storage.clock import PROGRAM_AUTHOR
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.picture_paths import PicturePaths
from core.errors import DictionaryError, NoSuchRecordError
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.types.arrays import NUM_KEYPOINTS, FloatArray, check_shape
from core.types.fits import NewFit
from core.types.keypoint_sources import (
    KeypointSource,
    KeypointSources,
    is_projected,
    kept_where_marked,
)

CORRECTION_COLUMNS = (
    "at", "author", "what", "sample_id", "picture", "person", "dataset", "fit_id", "origin",
    "made_from_fit_id", "before", "after",
)  # fmt: skip

_BY_PEOPLE = """
SELECT events.at, events.author, events.what, events.sample_id,
    samples.picture_path AS picture, samples.person_key AS person, samples.dataset,
    events.fit_id, fits.origin, fits.made_from_fit_id, events.before, events.after
FROM events JOIN samples ON samples.id = events.sample_id
    LEFT JOIN fits ON fits.id = events.fit_id
WHERE events.author <> :program ORDER BY events.id"""


@dataclass(frozen=True, eq=False)
class Correction:
    """One edit of keypoints or box: ``restore(before)`` undoes it, ``restore(after)`` redoes it."""

    before: SampleState
    after: SampleState


@dataclass(frozen=True)
class KeptFit:
    """A body that a person made current: its fit, and which fit was current before."""

    sample_id: int
    fit_id: int
    previous_fit_id: int | None


class Corrections:
    """The edits of one opened dictionary; reached as ``dictionary.corrections``.

    Args:
        connection: of the dictionary.
        pictures: where its pictures are.
    """

    def __init__(self, connection: Connection, pictures: PicturePaths) -> None:
        self._connection, self._pictures = connection, pictures

    # Keypoints and box

    def set_keypoints(
        self,
        sample_id: int,
        keypoints_px: FloatArray,
        *,
        compare: Compare,
        source: KeypointSource | KeypointSources = KeypointSource.MARKED,
        author: str | None = None,
    ) -> Correction | None:
        """Give a sample other keypoints; those that change are of ``source`` from then on.

        The losses that its fits are compared by are measured again, inside the transaction, so
        that later offers compete with them fairly. No fit becomes current by that.

        Args:
            sample_id: the sample.
            keypoints_px: (49, 3) x, y in picture pixels and confidence in 0..1.
            compare: see ``Compare``.
            source: who places them, all or each. What a person marked is never overwritten by the
                detector.
            author: the user, by default.

        Returns:
            The states before and after; None where nothing differs.

        Raises:
            NoSuchRecordError: the sample does not exist.
            DictionaryError: numbers that are not finite, or a confidence outside 0..1.
        """
        checked_px = _checked(keypoints_px)
        with self._connection.writing():
            before = read_state(self._connection, sample_id)
            new_keypoints_px = _with_projected(checked_px, keypoints_px, before)
            if source is KeypointSource.DETECTED:
                new_keypoints_px = kept_where_marked(
                    before.keypoints_px, new_keypoints_px, before.keypoint_sources
                )
            if same_keypoints(before.keypoints_px, new_keypoints_px):
                return None
            imported = before.imported_keypoints_px
            after = replace(
                before,
                keypoints_px=new_keypoints_px,
                keypoint_sources=_placed_by(source, before, new_keypoints_px),
                imported_keypoints_px=before.keypoints_px if imported is None else imported,
                corrections=before.corrections + 1,
            )
            after = compared(self._connection, after, compare)
            if source is not KeypointSource.DETECTED:
                note_before_correction(self._connection, sample_id)
            write_change(self._connection, before, after, author)
        return Correction(before, after)

    def set_box(
        self, sample_id: int, box: Box, *, compare: Compare, author: str | None = None
    ) -> Correction | None:
        """Move or resize a sample's box; bodies stay where they are seen in the picture.

        Fits, prediction and ground truth keep pose and translation, and their cameras move with the
        box (``CropCamera.between_boxes``); losses are measured again in the new crop.

        Returns:
            The states before and after; None where the box is the same.

        Raises:
            NoSuchRecordError: the sample does not exist.
        """
        with self._connection.writing():
            before = read_state(self._connection, sample_id)
            center, scale = (box.center_x_px, box.center_y_px), box.side_px / BOX_SCALE_PX
            if (center, scale) == (before.box_center_px, before.box_scale):
                return None
            after = in_box(before, center, scale)
            after = compared(
                self._connection, replace(after, corrections=before.corrections + 1), compare
            )
            note_before_correction(self._connection, sample_id)
            write_change(self._connection, before, after, author)
        return Correction(before, after)

    def restore(self, state: SampleState, *, compare: Compare, author: str | None = None) -> None:
        """Put a sample back to a state, as undo and redo do.

        What the state knows is restored exactly. Fits and predictions made since are moved to its
        box and compared with its keypoints. Where the picture has another camera by now, all are.

        Raises:
            NoSuchRecordError: the sample does not exist.
        """
        with self._connection.writing():
            now = read_state(self._connection, state.sample_id)
            moved = in_box(now, state.box_center_px, state.box_scale)
            fits = {**moved.fits, **state.fits}
            measured_before = state.fits if now.camera == state.camera else {}
            others = {one: fit for one, fit in fits.items() if one not in measured_before}
            target = replace(state, fits=others, camera=now.camera)
            if others:
                target = compared(self._connection, target, compare)
            target = replace(
                target,
                fits={**fits, **target.fits},
                prediction=_newest(state.prediction, moved.prediction),
                set_predictions={**moved.set_predictions, **state.set_predictions},
            )
            write_change(self._connection, now, target, author)

    # Bodies made by hand

    def keep_fit(
        self,
        fit: NewFit,
        *,
        made_from_fit_id: int | None,
        author: str | None = None,
        body_name: str | None = None,
    ) -> KeptFit:
        """Store a body that a person made or chose, and make it current whatever its loss.

        Raises:
            NoSuchRecordError: the sample or the fit it was made from does not exist.
            DictionaryError: the body holds numbers that are not finite, or the project belongs to
                another body than ``body_name``.
        """
        (kept,) = self.keep_fits([(fit, made_from_fit_id)], author=author, body_name=body_name)
        return kept

    def keep_fits(
        self,
        fits: Sequence[tuple[NewFit, int | None]],
        *,
        author: str | None = None,
        body_name: str | None = None,
    ) -> list[KeptFit]:
        """``keep_fit`` of several samples in one transaction: all are stored, or none is.

        Args:
            fits: each with the fit that it was made from, or None.
            author: as there.
            body_name: as there.

        Raises:
            NoSuchRecordError, DictionaryError: as there.
        """
        author = author or self._connection.author
        if not are_finite([fit.parameters for fit, _made_from in fits]).all():
            raise DictionaryError("The body holds numbers that are not finite; it was not stored.")
        with self._connection.writing():
            BodyOwnership(self._connection).hold(body_name)
            kept = [self._keep(fit, made_from_fit_id, author) for fit, made_from_fit_id in fits]
            derive_frame_flags(self._connection, (each.sample_id for each in kept))
        return kept

    def _keep(self, fit: NewFit, made_from_fit_id: int | None, author: str) -> KeptFit:
        row = fit_row(fit, made_by=author, made_from_fit_id=made_from_fit_id)
        read_state(self._connection, fit.sample_id)
        self._check_origin(fit.sample_id, made_from_fit_id)
        note_before_correction(self._connection, fit.sample_id)
        identical_id = find_identical(self._connection, row)
        fit_id = insert_fit(self._connection, row) if identical_id is None else identical_id
        previous = set_current(
            self._connection, fit.sample_id, fit_id, author=author, is_one_of_many=True
        )
        return KeptFit(fit.sample_id, fit_id, previous)

    # What people changed

    def by_people(self) -> list[Row]:
        """Every logged change that a person made, oldest first; the keys: CORRECTION_COLUMNS."""
        rows = self._connection.rows(_BY_PEOPLE, {"program": PROGRAM_AUTHOR})
        return [{**row, "picture": str(self._pictures.absolute(row["picture"]))} for row in rows]

    # Inside

    def _check_origin(self, sample_id: int, made_from_fit_id: int | None) -> None:
        if made_from_fit_id is not None:
            owner = Fits(self._connection).get_many([made_from_fit_id])[0].sample_id
            if owner != sample_id:
                raise NoSuchRecordError(f"Sample {sample_id} never had a fit {made_from_fit_id}.")


def _placed_by(
    source: KeypointSource | KeypointSources, before: SampleState, keypoints_px: FloatArray
) -> KeypointSources:
    changed = (before.keypoints_px != keypoints_px).any(axis=1)
    return np.where(changed, np.asarray(source, np.uint8), before.keypoint_sources)


def _with_projected(
    checked_px: FloatArray, given_px: FloatArray, before: SampleState
) -> FloatArray:
    """Projected keypoints that are given as they stand stay, though no one vouches for them."""
    untouched = (np.asarray(given_px, np.float32) == before.keypoints_px).all(axis=1)
    kept = untouched & is_projected(before.keypoints_px, before.keypoint_sources)
    return np.where(kept[:, None], before.keypoints_px, checked_px)


def _checked(keypoints_px: FloatArray) -> FloatArray:
    """Keypoints as they are stored: float32, absent ones 0, 0, 0."""
    check_shape("keypoints_px", keypoints_px, (NUM_KEYPOINTS, 3))
    if not np.isfinite(keypoints_px).all():
        raise DictionaryError("The keypoints hold numbers that are not finite; nothing was stored.")
    keypoints = np.asarray(keypoints_px, dtype=np.float32)
    confidence = keypoints[:, 2:]
    if (confidence < 0).any() or (confidence > 1).any():
        raise DictionaryError(
            f"A keypoint has confidence {confidence.min():g} to {confidence.max():g}, "
            "expected 0 to 1."
        )
    return np.where(confidence > 0, keypoints, np.float32(0))


def _newest(
    stored: PlacedPrediction | None, moved: PlacedPrediction | None
) -> PlacedPrediction | None:
    """The exact former place where the prediction is still the same one, else the moved one."""
    if stored is not None and moved is not None and stored.made_at == moved.made_at:
        return stored
    return moved
