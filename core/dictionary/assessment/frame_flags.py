"""The flags of people in neighbouring frames: limbs that jump, and sides that flip.

They follow from a sample and from two frames before and after it, and are derived in the
transaction that changes the fit or the keypoints of any of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.body.motion.bone_jumps import FOLLOWED, bone_jumps, followed_directions
from core.body.motion.side_flips import side_flips
from core.dictionary.storage.blobs import from_blob
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.geometry.rotations import pose_to_matrices
from core.types.arrays import NUM_JOINTS, NUM_KEYPOINTS
from core.types.flags import FlagName

REACH = 2
"""How many frames before and after a sample are looked at."""

_WINDOWS = ((-1, 1), (-1, 2), (-2, 1))
"""Earlier and later frame with which one is compared: what is wrong may be so for two frames."""

_AROUND = f"""
SELECT DISTINCT other.sample_id FROM tracks AS own JOIN tracks AS other
    ON other.track = own.track AND other.place BETWEEN own.place - {REACH} AND own.place + {REACH}
WHERE own.sample_id IN (SELECT value FROM json_each(?))"""  # noqa: S608 - own number

_SEEN = """
SELECT tracks.sample_id AS id, track, place, keypoints_px, pose_axis_angle
FROM tracks JOIN annotations ON annotations.sample_id = tracks.sample_id
JOIN samples ON samples.id = tracks.sample_id
LEFT JOIN fits ON fits.id = samples.current_fit_id
WHERE tracks.sample_id IN (SELECT value FROM json_each(?))"""

_FORGET = f"""
DELETE FROM flags WHERE name IN ('{FlagName.JUMP}', '{FlagName.SIDE_FLIP}')
AND sample_id IN (SELECT value FROM json_each(?))"""  # noqa: S608 - own words

_ADD = "INSERT INTO flags (name, sample_id, score, reason) VALUES (?, ?, ?, ?)"

_FLIPPED = "left and right are the other way round than in the frames before and after"


def derive_frame_flags(connection: Connection, sample_ids: Iterable[int]) -> None:
    """Make the flags of samples and of their neighbours again; the caller holds the transaction.

    Many samples at once cost little more than one of them.
    """
    changed = [int(sample_id) for sample_id in sample_ids]
    if not changed or not connection.scalar("SELECT EXISTS (SELECT 1 FROM tracks)"):
        return  # without tracks there are no such flags
    wanted = [int(row[0]) for row in connection.execute(_AROUND, (id_list(changed),))]
    connection.execute(_FORGET, (id_list({*changed, *wanted}),))
    if not wanted:
        return
    around = [int(row[0]) for row in connection.execute(_AROUND, (id_list(wanted),))]
    seen = _SeenFrames.read(connection, around)
    connection.execute_many(_ADD, [*seen.jumps(wanted), *seen.flips(wanted)])


def forget_frame_flags(connection: Connection, sample_ids: Iterable[int]) -> None:
    """Take the flags of samples away whose tracks are gone; the caller holds the transaction."""
    connection.execute(_FORGET, (id_list(sample_ids),))


@dataclass(frozen=True, eq=False)
class _SeenFrames:
    """Samples of tracks. row_at: row by track and place; directions: (N, 10, 3), NaN without fit.

    The last row is no sample: it stands for frames that are not there.
    """

    row_of: dict[int, int]
    place_of: dict[int, tuple[int, int]]
    keypoints_px: NDArray[np.float32]
    directions: NDArray[np.float64]
    row_at: dict[tuple[int, int], int] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: Connection, sample_ids: list[int]) -> _SeenFrames:
        rows = connection.rows(_SEEN, (id_list(sample_ids),))
        keypoints = np.zeros((len(rows) + 1, NUM_KEYPOINTS, 3), np.float32)
        directions = np.full((len(rows) + 1, len(FOLLOWED), 3), np.nan)
        poses, fitted = [], []
        for number, row in enumerate(rows):
            what = f"of {row['id']}"
            keypoints[number] = from_blob(
                row["keypoints_px"], (NUM_KEYPOINTS, 3), what=f"keypoints {what}"
            )
            if row["pose_axis_angle"] is not None:
                fitted.append(number)
                poses.append(
                    from_blob(row["pose_axis_angle"], (3 * NUM_JOINTS,), what=f"pose {what}")
                )
        if fitted:
            directions[fitted] = followed_directions(pose_to_matrices(np.stack(poses)))
        return cls(
            {row["id"]: number for number, row in enumerate(rows)},
            {row["id"]: (row["track"], row["place"]) for row in rows},
            keypoints,
            directions,
            {(row["track"], row["place"]): number for number, row in enumerate(rows)},
        )

    def jumps(self, sample_ids: list[int]) -> list[tuple[str, int, float, str]]:
        """A row of ``flags`` for each sample with a limb that jumps."""
        own, around = self._rows(sample_ids)
        found = [
            bone_jumps(*(self.directions[rows] for rows in (own, *windows))) for windows in around
        ]
        angles = np.stack([jumps.angle_deg for jumps in found])
        best = angles.argmax(axis=0)
        return [
            (FlagName.JUMP, sample_ids[column], angle, _jump_reason(limb, angle))
            for column, window in enumerate(best)
            if (angle := float(angles[window, column])) > 0
            and (limb := FOLLOWED[found[window].limb[column]])
        ]

    def flips(self, sample_ids: list[int]) -> list[tuple[str, int, float, str]]:
        """A row of ``flags`` for each sample whose left and right are exchanged."""
        own, around = self._rows(sample_ids)
        scores = np.stack(
            [
                side_flips(*(self.keypoints_px[rows] for rows in (own, *windows)))
                for windows in around
            ]
        ).max(axis=0)
        return [
            (FlagName.SIDE_FLIP, sample_id, float(score), _FLIPPED)
            for sample_id, score in zip(sample_ids, scores, strict=True)
            if score > 0
        ]

    def _rows(self, sample_ids: list[int]) -> tuple[list[int], list[tuple[list[int], list[int]]]]:
        """The rows of samples, and for each window those of the frames before and after them."""
        nothing = len(self.keypoints_px) - 1
        places = [self.place_of[sample_id] for sample_id in sample_ids]
        around = [
            tuple(
                [self.row_at.get((track, place + offset), nothing) for track, place in places]
                for offset in window
            )
            for window in _WINDOWS
        ]
        return [self.row_of[sample_id] for sample_id in sample_ids], [
            (before, after) for before, after in around
        ]


def _jump_reason(limb: str, angle_deg: float) -> str:
    where = "away from where the frames before and after have it"
    return f"the {limb} points {angle_deg:.0f}° {where}"
