"""Flags that follow from the keypoints and from the current fit alone.

They, and those of people annotated twice (``annotated_twice``), are derived in the transaction
that changes what they follow from, so they are never stale.
"""

from __future__ import annotations

from core.dictionary.storage.connection import Connection
from core.types.flags import FlagName
from core.types.limits import FEW_KEYPOINTS, VALID_COMPARISON_LOSS_PX2, VALID_MAX_ABS_BETA

DERIVED_FLAGS = (
    FlagName.BETAS,
    FlagName.REPROJECTION,
    FlagName.FEW_KEYPOINTS,
    FlagName.NO_KEYPOINTS,
    FlagName.ANNOTATED_TWICE,
)


def keypoint_flags(usable_keypoints: int) -> list[tuple[FlagName, float]]:
    """The flag, with the count as its score, of a sample with so many usable keypoints."""
    if usable_keypoints == 0:
        return [(FlagName.NO_KEYPOINTS, 0.0)]
    if usable_keypoints < FEW_KEYPOINTS:
        return [(FlagName.FEW_KEYPOINTS, float(usable_keypoints))]
    return []


def store_keypoint_flags(connection: Connection, usable_by_sample: dict[int, int]) -> None:
    """Store the keypoint flags of new samples; the caller holds the transaction."""
    connection.execute_many(
        "INSERT INTO flags (name, sample_id, score) VALUES (?, ?, ?)",
        [
            (name, sample_id, score)
            for sample_id, usable in usable_by_sample.items()
            for name, score in keypoint_flags(usable)
        ],
    )


def derive_keypoint_flags(connection: Connection, sample_id: int) -> None:
    """Make a sample's keypoint flags anew; the caller holds the transaction."""
    connection.execute(
        "DELETE FROM flags WHERE sample_id = ? AND name IN (?, ?)",
        (sample_id, FlagName.FEW_KEYPOINTS, FlagName.NO_KEYPOINTS),
    )
    usable = connection.scalar("SELECT usable_keypoints FROM samples WHERE id = ?", (sample_id,))
    store_keypoint_flags(connection, {sample_id: usable})


def derive_fit_flags(connection: Connection, sample_id: int) -> None:
    """Make the flags of a sample's current fit anew; the caller holds the transaction."""
    connection.execute(
        "DELETE FROM flags WHERE sample_id = ? AND name IN (?, ?)",
        (sample_id, FlagName.BETAS, FlagName.REPROJECTION),
    )
    connection.execute(
        "INSERT INTO flags (name, sample_id, score, reason) SELECT ?, id, current_max_abs_beta, "
        "printf('a beta of %.1f', current_max_abs_beta) FROM samples "
        "WHERE id = ? AND current_max_abs_beta > ?",
        (FlagName.BETAS, sample_id, VALID_MAX_ABS_BETA),
    )
    connection.execute(
        "INSERT INTO flags (name, sample_id, score, reason) SELECT ?, id, current_loss, "
        "printf('%.0f px² a keypoint', current_loss) FROM samples "
        "WHERE id = ? AND current_loss >= ?",
        (FlagName.REPROJECTION, sample_id, VALID_COMPARISON_LOSS_PX2),
    )
