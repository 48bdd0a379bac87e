"""Rows of fits: storing one, finding it again, and which one is a sample's current fit.

The columns ``samples.current_*`` repeat the current fit's, so that lists sort by an index; they
and the flags change in the same transaction as ``current_fit_id``, here and nowhere else.
"""

from __future__ import annotations

import numpy as np

from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.assessment.derived_flags import derive_fit_flags
from core.dictionary.assessment.frame_flags import derive_frame_flags
from core.dictionary.storage.blobs import parameters_from_row, parameters_to_blobs
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.events import CURRENT_FIT, log_events
from core.types.events import Event
from core.types.fits import Fit, FitLosses, NewFit, Origin, RejectReason, Verdict
from core.types.limits import is_valid_pose, is_valid_shape

_INSERT_FIT = """
INSERT INTO fits (
    sample_id, pose_axis_angle, betas, camera_translation, reprojection_loss, pose_prior_loss,
    angle_prior_loss, shape_prior_loss, bone_direction_loss, depth_loss, pull_loss,
    comparison_loss, max_abs_beta, depth_m, origin, run_id, iteration, created_at, runner_up,
    pose_valid, shape_valid, made_by, made_from_fit_id, crop_camera, group_id, imported_body_id
) VALUES (
    :sample_id, :pose_axis_angle, :betas, :camera_translation, :reprojection_loss,
    :pose_prior_loss, :angle_prior_loss, :shape_prior_loss, :bone_direction_loss, :depth_loss,
    :pull_loss, :comparison_loss, :max_abs_beta, :depth_m, :origin, :run_id, :iteration,
    :created_at, :runner_up, :pose_valid, :shape_valid, :made_by, :made_from_fit_id, :crop_camera,
    :group_id, :imported_body_id
) RETURNING id"""

_FIND_IDENTICAL = """
SELECT id FROM fits WHERE sample_id = :sample_id AND comparison_loss = :comparison_loss
    AND origin = :origin AND pose_axis_angle = :pose_axis_angle AND betas = :betas
    AND camera_translation = :camera_translation AND crop_camera IS :crop_camera"""

_MADE_AGAIN = " AND run_id = :run_id AND iteration >= :iteration AND verdict = 'none'"

_SET_CURRENT = """
UPDATE samples SET current_fit_id = fits.id, current_loss = fits.comparison_loss,
    current_verdict = fits.verdict, current_origin = fits.origin,
    current_max_abs_beta = fits.max_abs_beta, current_depth_m = fits.depth_m,
    current_pose_prior = fits.pose_prior_loss, current_created_at = fits.created_at,
    current_run_id = fits.run_id
FROM fits WHERE fits.id = ? AND samples.id = fits.sample_id"""

_CLEAR_CURRENT = """
UPDATE samples SET current_fit_id = NULL, current_loss = NULL, current_verdict = NULL,
    current_origin = NULL, current_max_abs_beta = NULL, current_depth_m = NULL,
    current_pose_prior = NULL, current_created_at = NULL, current_run_id = NULL
WHERE id = ?"""

SELECT_FITS = """
SELECT fits.*, samples.current_fit_id IS fits.id AS is_current
FROM fits JOIN samples ON samples.id = fits.sample_id"""


def fit_row(fit: NewFit, *, made_by: str | None = None, made_from_fit_id: int | None = None) -> Row:
    """The columns of a fit on offer, its validity included; who made it where a person did."""
    losses = fit.losses
    max_abs_beta = float(np.abs(fit.parameters.betas).max())
    return {
        "sample_id": int(fit.sample_id),
        **parameters_to_blobs(fit.parameters),
        "reprojection_loss": float(losses.reprojection),
        "pose_prior_loss": float(losses.pose_prior),
        "angle_prior_loss": float(losses.angle_prior),
        "shape_prior_loss": float(losses.shape_prior),
        "bone_direction_loss": float(losses.bone_directions),
        "depth_loss": float(losses.depth),
        "pull_loss": float(losses.pull),
        "comparison_loss": float(losses.comparison),
        "max_abs_beta": max_abs_beta,
        "depth_m": float(fit.parameters.camera_translation[2]),
        "origin": str(fit.origin),
        "run_id": None if fit.run_id is None else int(fit.run_id),
        "iteration": None if fit.iteration is None else int(fit.iteration),
        "created_at": utc_now(),
        "runner_up": int(fit.runner_up),
        "pose_valid": int(is_valid_pose(losses.comparison)),
        "shape_valid": int(is_valid_shape(max_abs_beta)),
        "made_by": made_by,
        "made_from_fit_id": made_from_fit_id,
        "group_id": None if fit.group_id is None else int(fit.group_id),
        "imported_body_id": None if fit.imported_body_id is None else int(fit.imported_body_id),
    }


def insert_fit(connection: Connection, row: Row) -> int:
    """Add a fit to the history; the caller holds the transaction."""
    return int(connection.scalar(_INSERT_FIT, row))


def find_identical(connection: Connection, row: Row) -> int | None:
    """The fit with the very same body, loss and origin, where the sample has it already."""
    found = connection.scalar(f"{_FIND_IDENTICAL} LIMIT 1", row)
    return None if found is None else int(found)


def find_made_again(connection: Connection, row: Row) -> int | None:
    """The very same fit from an iteration that its run repeats, a crash having thrown it back.

    One that a person judged is not made again: it stays what it was judged as.
    """
    found = connection.scalar(f"{_FIND_IDENTICAL}{_MADE_AGAIN} LIMIT 1", row)
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
    previous: int | None = connection.scalar(
        "SELECT current_fit_id FROM samples WHERE id = ?", (sample_id,)
    )
    if previous == fit_id:
        return previous
    if fit_id is None:
        connection.execute(_CLEAR_CURRENT, (sample_id,))
    else:
        connection.execute(_SET_CURRENT, (fit_id,))
    derive_fit_flags(connection, [sample_id])
    if not is_one_of_many:
        derive_frame_flags(connection, [sample_id])
    forget_assessments(connection, [sample_id])
    event = Event(
        at=utc_now(),
        author=author,
        sample_id=sample_id,
        fit_id=fit_id,
        what=CURRENT_FIT,
        before=None if previous is None else str(previous),
        after=None if fit_id is None else str(fit_id),
    )
    log_events(connection, [event])
    return previous


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
