"""Errors made in accepted fits, mixed into what reviewers judge: the right answer is to reject.

They are in a table of their own, and no fit: nothing trains on them, exports them or counts them.
A window shows one in the place of the accepted fit (``hidden_verdicts``), under a number below
zero, so that whatever is done to it can touch no fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from core.dictionary.assessment.touch_gains import best_touch
from core.dictionary.fits.fit_rows import fit_row
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list
from core.types.fits import NewFit, Origin
from core.types.reviewing.made_errors import ErrorFlag, MadeError

ANYONE = ""
"""Who is not asked, where everybody is: no reviewer has this name."""

# A body that the pictures of a moment have in common would be wrong in one of them alone.
_CANDIDATES = """
SELECT samples.id FROM samples JOIN fits ON fits.id = samples.current_fit_id
WHERE fits.verdict = 'accepted' AND fits.group_id IS NULL
    AND samples.id IN (SELECT value FROM json_each(?))
    AND samples.id NOT IN (SELECT sample_id FROM group_members WHERE moment_id IS NOT NULL)
    AND samples.id NOT IN (SELECT sample_id FROM made_errors)
    AND samples.id NOT IN (SELECT sample_id FROM known_cases)
    AND samples.id NOT IN (SELECT sample_id FROM second_opinions)
ORDER BY picture_path, dataset, person_key"""

_STILL_ACCEPTED = "SELECT verdict_by FROM fits WHERE id = ? AND sample_id = ? AND verdict = ?"
_OF_A_FIT = (
    "pose_axis_angle", "betas", "camera_translation", "crop_camera", "reprojection_loss",
    "pose_prior_loss", "angle_prior_loss", "shape_prior_loss", "bone_direction_loss",
    "depth_loss", "pull_loss", "comparison_loss", "max_abs_beta", "depth_m", "pose_valid",
    "shape_valid",
)  # fmt: skip


class MadeErrors:
    """Of one opened dictionary; reached as ``dictionary.made_errors``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def candidates(self, sample_ids: Iterable[int]) -> list[int]:
        """Those of some samples whose accepted fit can be made wrong, by name.

        Who is a known case, waits for a second opinion, or shares a body with other pictures of
        a moment is left out.
        """
        with self._connection.mask.lifted():
            rows = self._connection.execute(_CANDIDATES, (id_list(sample_ids),))
        return [sample_id for (sample_id,) in rows]

    def plant(self, errors: Sequence[MadeError], *, ask_everyone: bool = False) -> list[int]:
        """Mix errors into what reviewers judge, in one transaction.

        Args:
            errors: of different samples.
            ask_everyone: who accepted the fit, too; otherwise all others.

        Returns:
            The samples; a fit that was replaced, or is not accepted any more, is left out.
        """
        now = utc_now()
        rows: list[Row] = []
        with self._connection.writing():
            there = set(self.candidates(error.sample_id for error in errors))
            for error in errors:
                key = (error.fit_id, error.sample_id, "accepted")
                found = self._connection.execute(_STILL_ACCEPTED, key)
                if found and error.sample_id in there:
                    expert = ANYONE if ask_everyone else str(found[0][0] or ANYONE)
                    rows.append(_row(error) | {"expert": expert, "made_at": now})
            self._connection.insert_all("made_errors", rows)
        return [int(row["sample_id"]) for row in rows]


def _row(error: MadeError) -> Row:
    as_fit = NewFit(
        sample_id=error.sample_id,
        parameters=error.parameters,
        losses=error.losses,
        origin=Origin.CORRECTED,
    )
    row = fit_row(as_fit)
    return {
        **{name: row[name] for name in _OF_A_FIT},
        "sample_id": int(error.sample_id),
        "fit_id": int(error.fit_id),
        "kind": str(error.kind),
        "suspicion": float(error.suspicion),
        "informativeness": float(error.informativeness),
        "disagreement_deg": error.disagreement_deg,
        "error_2d_px": error.error_2d_px,
        "error_3d_mm": error.error_3d_mm,
        **best_touch(error.touch_gains_mm),
        "flags": json.dumps([_flag(flag) for flag in error.flags], ensure_ascii=False),
    }


def _flag(flag: ErrorFlag) -> list[object]:
    return [flag.name, float(flag.score), flag.reason]
