"""Rows of fits: storing one, finding it again, and which one is a sample's current fit.

The columns ``samples.current_*`` repeat the current fit's, so that lists sort by an index; they
and the flags change in the same transaction as ``current_fit_id``, here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.assessment.derived_flags import derive_fit_flags
from core.dictionary.assessment.frame_flags import derive_frame_flags
from core.dictionary.storage.blobs import blobs_of_bodies, parameters_from_row
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.events import CURRENT_FIT, log_events
from core.dictionary.storage.ids import id_list
from core.types.events import Event
from core.types.fits import Fit, FitLosses, NewFit, Origin, RejectReason, Verdict
from core.types.limits import is_valid_pose, is_valid_shape

_COLUMNS = (
    "sample_id", "pose_axis_angle", "betas", "camera_translation", "reprojection_loss",
    "pose_prior_loss", "angle_prior_loss", "shape_prior_loss", "bone_direction_loss", "depth_loss",
    "pull_loss", "comparison_loss", "max_abs_beta", "depth_m", "origin", "run_id", "iteration",
    "created_at", "runner_up", "pose_valid", "shape_valid", "made_by", "made_from_fit_id",
    "crop_camera", "group_id", "imported_body_id",
)  # fmt: skip
_INSERT_FIT = f"""
INSERT INTO fits ({", ".join(_COLUMNS)}) VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
RETURNING id"""  # noqa: S608 - own names
_INSERT_FITS = f"""
INSERT INTO fits (id, {", ".join(_COLUMNS)})
VALUES (:id, {", ".join(f":{name}" for name in _COLUMNS)})"""  # noqa: S608 - own names

_FIND_IDENTICAL = """
SELECT id FROM fits WHERE sample_id = :sample_id AND comparison_loss = :comparison_loss
    AND origin = :origin AND pose_axis_angle = :pose_axis_angle AND betas = :betas
    AND camera_translation = :camera_translation AND crop_camera IS :crop_camera"""

_CURRENT_OF = """
SELECT id, current_fit_id FROM samples WHERE id IN (SELECT value FROM json_each(?))"""

KNOWN_LOSS = "nullif(fits.comparison_loss, 9e999)"
"""A fit's loss as lists show it: NULL where it is infinite, which says that it is not known."""

_SET_CURRENT = f"""
UPDATE samples SET current_fit_id = fits.id, current_loss = {KNOWN_LOSS},
    current_verdict = fits.verdict, current_origin = fits.origin,
    current_max_abs_beta = fits.max_abs_beta, current_depth_m = fits.depth_m,
    current_pose_prior = fits.pose_prior_loss, current_created_at = fits.created_at,
    current_run_id = fits.run_id
FROM fits WHERE fits.id IN (SELECT value FROM json_each(?))
    AND samples.id = fits.sample_id"""  # noqa: S608 - own names

_CLEAR_CURRENT = """
UPDATE samples SET current_fit_id = NULL, current_loss = NULL, current_verdict = NULL,
    current_origin = NULL, current_max_abs_beta = NULL, current_depth_m = NULL,
    current_pose_prior = NULL, current_created_at = NULL, current_run_id = NULL
WHERE id IN (SELECT value FROM json_each(?))"""

SELECT_FITS = """
SELECT fits.*, samples.current_fit_id IS fits.id AS is_current
FROM fits JOIN samples ON samples.id = fits.sample_id"""


def fit_rows(fits: Sequence[NewFit]) -> list[Row]:
    """The columns of fits on offer, their validity included; all of the present moment."""
    if not fits:
        return []
    bodies = [fit.parameters for fit in fits]
    max_abs_betas = np.abs(np.stack([body.betas for body in bodies])).max(axis=1).tolist()
    now = utc_now()
    return [
        {
            **blobs,
            "sample_id": int(fit.sample_id),
            "reprojection_loss": float(fit.losses.reprojection),
            "pose_prior_loss": float(fit.losses.pose_prior),
            "angle_prior_loss": float(fit.losses.angle_prior),
            "shape_prior_loss": float(fit.losses.shape_prior),
            "bone_direction_loss": float(fit.losses.bone_directions),
            "depth_loss": float(fit.losses.depth),
            "pull_loss": float(fit.losses.pull),
            "comparison_loss": float(fit.losses.comparison),
            "max_abs_beta": max_abs_beta,
            "depth_m": float(fit.parameters.camera_translation[2]),
            "origin": str(fit.origin),
            "run_id": None if fit.run_id is None else int(fit.run_id),
            "iteration": None if fit.iteration is None else int(fit.iteration),
            "created_at": now,
            "runner_up": int(fit.runner_up),
            "pose_valid": int(is_valid_pose(fit.losses.comparison)),
            "shape_valid": int(is_valid_shape(max_abs_beta)),
            "made_by": None,
            "made_from_fit_id": None,
            "group_id": None if fit.group_id is None else int(fit.group_id),
            "imported_body_id": None if fit.imported_body_id is None else int(fit.imported_body_id),
        }
        for fit, blobs, max_abs_beta in zip(
            fits, blobs_of_bodies(bodies), max_abs_betas, strict=True
        )
    ]


def fit_row(fit: NewFit, *, made_by: str | None = None, made_from_fit_id: int | None = None) -> Row:
    """The columns of one fit on offer; who made it, and of which fit, where a person did."""
    (row,) = fit_rows([fit])
    return {**row, "made_by": made_by, "made_from_fit_id": made_from_fit_id}


def insert_fits(connection: Connection, rows: Sequence[Row]) -> None:
    """Add fits, each with the ``id`` it gets, to the history; the caller holds the transaction."""
    connection.execute_many(_INSERT_FITS, rows)


def insert_fit(connection: Connection, row: Row) -> int:
    """Add a fit to the history; the caller holds the transaction."""
    return int(connection.scalar(_INSERT_FIT, row))


def find_identical(connection: Connection, row: Row) -> int | None:
    """The fit with the very same body, loss and origin, where the sample has it already."""
    found = connection.scalar(f"{_FIND_IDENTICAL} LIMIT 1", row)
    return None if found is None else int(found)


def set_current(
    connection: Connection,
    sample_id: int,
    fit_id: int | None,
    *,
    author: str,
    is_one_of_many: bool = False,
) -> int | None:
    """Make a fit the current one; the caller holds the transaction and knows they match.

    Args:
        connection: of the dictionary.
        sample_id: the sample.
        fit_id: one of its fits, or None.
        author: who chose it.
        is_one_of_many: the caller derives the flags of neighbouring frames, once for all.

    Returns:
        The id of the fit that was current before.
    """
    changed = set_all_current(connection, [(sample_id, fit_id)], author=author)
    if changed and not is_one_of_many:
        derive_frame_flags(connection, changed)
    return changed.get(sample_id, fit_id)


def set_all_current(
    connection: Connection, chosen: Sequence[tuple[int, int | None]], *, author: str
) -> dict[int, int | None]:
    """Make fits current, or none, in their order; the caller holds the transaction.

    The caller knows that they match, and derives the flags of neighbouring frames.

    Args:
        connection: of the dictionary.
        chosen: samples with one of their fits, or None. Of several of one sample the last stays.
        author: who chose them.

    Returns:
        For the samples whose fit changed, the id of the one that was current before all.
    """
    if not chosen:
        return {}
    before: dict[int, int | None] = dict(
        connection.execute(_CURRENT_OF, (id_list(sample_id for sample_id, _ in chosen),))
    )
    current, now, events = dict(before), utc_now(), []
    for sample_id, fit_id in chosen:
        previous = current.get(sample_id)
        if previous != fit_id:
            events.append(_chosen(sample_id, fit_id, previous, at=now, author=author))
            current[sample_id] = fit_id
    changed = {event.sample_id: current[event.sample_id] for event in events}
    if not changed:
        return {}
    _put_current(connection, changed)
    derive_fit_flags(connection, changed)
    forget_assessments(connection, changed)
    log_events(connection, events)
    return {sample_id: before.get(sample_id) for sample_id in changed}


def _put_current(connection: Connection, chosen: Mapping[int, int | None]) -> None:
    fits = id_list(fit_id for fit_id in chosen.values() if fit_id is not None)
    without = id_list(sample_id for sample_id, fit_id in chosen.items() if fit_id is None)
    connection.execute(_SET_CURRENT, (fits,))
    connection.execute(_CLEAR_CURRENT, (without,))


def _chosen(
    sample_id: int, fit_id: int | None, previous: int | None, *, at: str, author: str
) -> Event:
    return Event(
        at=at,
        author=author,
        sample_id=sample_id,
        fit_id=fit_id,
        what=CURRENT_FIT,
        before=None if previous is None else str(previous),
        after=None if fit_id is None else str(fit_id),
    )


def fit_from(row: Row) -> Fit:
    """A fit as it is stored; ``row`` has the columns of ``SELECT_FITS``."""
    return Fit(
        id=row["id"],
        sample_id=row["sample_id"],
        parameters=parameters_from_row(row, what=f"fit {row['id']}"),
        losses=FitLosses(
            reprojection=row["reprojection_loss"],
            pose_prior=row["pose_prior_loss"],
            angle_prior=row["angle_prior_loss"],
            shape_prior=row["shape_prior_loss"],
            depth=row["depth_loss"],
            bone_directions=row["bone_direction_loss"],
            pull=row["pull_loss"],
            comparison=row["comparison_loss"],
        ),
        origin=Origin(row["origin"]),
        run_id=row["run_id"],
        iteration=row["iteration"],
        created_at=row["created_at"],
        runner_up=bool(row["runner_up"]),
        pose_valid=bool(row["pose_valid"]),
        shape_valid=bool(row["shape_valid"]),
        verdict=Verdict(row["verdict"]),
        verdict_at=row["verdict_at"],
        verdict_by=row["verdict_by"],
        is_current=bool(row["is_current"]),
        made_by=row["made_by"],
        made_from_fit_id=row["made_from_fit_id"],
        group_id=row["group_id"],
        imported_body_id=row["imported_body_id"],
        reject_reason=None if row["reject_reason"] is None else RejectReason(row["reject_reason"]),
    )
