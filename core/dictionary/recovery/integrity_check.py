"""Whether what is stored twice agrees."""

from __future__ import annotations

from collections.abc import Iterator

from core.dictionary.assessment.derived_flags import FROM_COLUMNS, expected_flags
from core.dictionary.fits.fit_rows import KNOWN_LOSS
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.picture_paths import path_problems

_STALE_COLUMNS = f"""
SELECT samples.id FROM samples LEFT JOIN fits
    ON fits.id = samples.current_fit_id AND fits.sample_id = samples.id
WHERE samples.current_fit_id IS NOT fits.id
    OR samples.current_loss IS NOT {KNOWN_LOSS}
    OR samples.current_verdict IS NOT fits.verdict
    OR samples.current_origin IS NOT fits.origin
    OR samples.current_max_abs_beta IS NOT fits.max_abs_beta
    OR samples.current_depth_m IS NOT fits.depth_m
    OR samples.current_pose_prior IS NOT fits.pose_prior_loss
    OR samples.current_created_at IS NOT fits.created_at
    OR samples.current_run_id IS NOT fits.run_id"""  # noqa: S608 - own names

_WITHOUT_KEYPOINTS = "SELECT id FROM samples WHERE id NOT IN (SELECT sample_id FROM annotations)"


def find_problems(connection: Connection) -> Iterator[str]:
    """Sentences about what does not agree; none for a sound dictionary. Reads all samples."""
    for (sample_id,) in connection.execute(_STALE_COLUMNS):
        yield f"Sample {sample_id}: its list columns differ from its current fit."
    yield from _flag_problems(connection)
    for (sample_id,) in connection.execute(_WITHOUT_KEYPOINTS):
        yield f"Sample {sample_id} has no keypoints."
    yield from path_problems(connection)


def _flag_problems(connection: Connection) -> list[str]:
    expected = set(expected_flags(connection))
    stored = {
        (name, sample_id)
        for name, sample_id in connection.execute("SELECT name, sample_id FROM flags")
        if name in FROM_COLUMNS
    }
    lacking = [
        f"Sample {sample_id} lacks the flag {name}." for name, sample_id in expected - stored
    ]
    wrong = [
        f"Sample {sample_id} bears the flag {name} wrongly."
        for name, sample_id in stored - expected
    ]
    return sorted(lacking + wrong)
