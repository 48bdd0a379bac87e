"""What the checks of keypoint labels say of samples: a doubt, and the flags of ``LABEL_FLAGS``.

A check describes the keypoints of one sample, what the detector saw, and the other people of the
picture. Code that changes any of them takes the check back in the same transaction, so it is never
stale: it is either right or not there, and what is not there is done next. No fit takes part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.dictionary.assessment.assessments import RaisedFlag
from core.dictionary.storage.blobs import from_blob
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list, text_list
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from core.types.detected_landmarks import NUM_LANDMARKS
from core.types.flags import LABEL_FLAGS, FlagName

_PEOPLE_OF_A_CONVENTION = 500

_OF_PICTURES = """
SELECT id FROM samples WHERE picture_path IN (SELECT value FROM json_each(?))"""
_FORGET = f"""
UPDATE samples SET labels_checked_at = NULL, label_doubt = NULL
WHERE labels_checked_at IS NOT NULL AND id IN ({_OF_PICTURES})"""  # noqa: S608 - own words
_OWN = ", ".join(f"'{name}'" for name in LABEL_FLAGS if name is not FlagName.SIDES_EXCHANGED)
_FORGET_FLAGS = f"""
DELETE FROM flags WHERE sample_id IN ({_OF_PICTURES}) AND name IN ({_OWN})"""  # noqa: S608
"""Exchanged sides are derived, in the same transactions (``exchanged_sides``)."""
_FORGET_FLAGS_OF = f"""
DELETE FROM flags WHERE sample_id IN (SELECT value FROM json_each(?))
AND name IN ({_OWN})"""  # noqa: S608 - own words

_PICTURES_OF = """
SELECT DISTINCT picture_path FROM samples WHERE id IN (SELECT value FROM json_each(?))"""

_BASIS = """
(SELECT count(*) || ' ' || sum(corrections) FROM samples AS others
    WHERE others.picture_path = samples.picture_path)
|| ' ' || coalesce((SELECT networks FROM detections WHERE sample_id = samples.id), '')"""
_INPUTS = f"""
SELECT samples.id AS sample_id, dataset, picture_path, picture_width_px, picture_height_px,
    keypoints_px, landmarks_px, {_BASIS} AS basis
FROM samples JOIN annotations ON annotations.sample_id = samples.id
LEFT JOIN detections ON detections.sample_id = samples.id
WHERE samples.id IN (SELECT value FROM json_each(?)) ORDER BY samples.id"""  # noqa: S608
_NEIGHBOURS = """
SELECT samples.id AS sample_id, picture_path, keypoints_px
FROM samples JOIN annotations ON annotations.sample_id = samples.id
WHERE picture_path IN (SELECT value FROM json_each(?)) AND visible_keypoints > 0"""
_DUE = "SELECT id FROM samples WHERE labels_checked_at IS NULL AND visible_keypoints > 0"
_AMONG = "AND id IN (SELECT value FROM json_each(:among))"
_BASES = f"""
SELECT id, {_BASIS} AS basis FROM samples
WHERE id IN (SELECT value FROM json_each(?))"""  # noqa: S608 - own words
_STORE = """
UPDATE samples SET labels_checked_at = :checked_at, label_doubt = :doubt WHERE id = :sample_id"""
_LABELS = """
SELECT keypoints_px FROM samples JOIN annotations ON annotations.sample_id = samples.id
WHERE dataset = ? AND visible_keypoints > 0 ORDER BY samples.id LIMIT ?"""
_RAISED_OF_DATASETS = """
SELECT dataset, count(*), flags.name FROM flags JOIN samples ON samples.id = sample_id
WHERE flags.name IN (SELECT value FROM json_each(?))
GROUP BY dataset, flags.name ORDER BY dataset, flags.name"""
_CHECKED_OF_DATASETS = """
SELECT dataset, count(*) FROM samples WHERE labels_checked_at IS NOT NULL GROUP BY dataset"""


@dataclass(frozen=True, eq=False)
class LabelInputs:
    """What checks of N samples are made of, by id; pixels of their pictures.

    keypoints_px: (N, 49, 3). landmarks_px: (N, 33, 3), 0 of people whom the detector did not see.
    picture_size_px: (N, 2). bases: what they are made of; where it has changed, nothing is stored.
    """

    sample_ids: Sequence[int]
    datasets: Sequence[str]
    picture_paths: Sequence[str]
    keypoints_px: FloatArray
    landmarks_px: FloatArray
    picture_size_px: NDArray[np.int64]
    bases: Sequence[str]

    def __len__(self) -> int:
        return len(self.sample_ids)


@dataclass(frozen=True, kw_only=True)
class LabelCheck:
    """What the checks say of one sample. doubt: the largest of the scores, 0 to 1."""

    sample_id: int
    basis: str
    doubt: float
    flags: tuple[RaisedFlag, ...] = field(default=())


def forget_label_checks(connection: Connection, picture_paths: Iterable[str]) -> None:
    """Take back the checks of all people of pictures (stored paths).

    The caller holds the transaction.
    """
    paths = text_list(picture_paths)
    connection.execute(_FORGET, (paths,))
    connection.execute(_FORGET_FLAGS, (paths,))


def forget_label_checks_of(connection: Connection, sample_ids: Iterable[int]) -> None:
    """Take back the checks of samples and of everybody in the same pictures."""
    paths = connection.execute(_PICTURES_OF, (id_list(sample_ids),))
    forget_label_checks(connection, [path for (path,) in paths])


class LabelChecks:
    """The checks of one opened dictionary; reached as ``dictionary.label_checks``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, *, limit: int | None = None, among: Sequence[int] | None = None) -> list[int]:
        """Ids of samples, all or ``among`` some, whose labels were not checked yet, by id."""
        which = _DUE if among is None else f"{_DUE} {_AMONG}"
        rows = self._connection.execute(
            f"{which} ORDER BY id LIMIT :limit",
            {"limit": -1 if limit is None else limit, "among": id_list(among or ())},
        )
        return [sample_id for (sample_id,) in rows]

    def inputs(self, sample_ids: Sequence[int]) -> LabelInputs:
        """What checks of the samples are made of."""
        rows = self._connection.rows(_INPUTS, (id_list(sample_ids),))
        return LabelInputs(
            [row["sample_id"] for row in rows],
            [row["dataset"] for row in rows],
            [row["picture_path"] for row in rows],
            _stacked([_keypoints(row) for row in rows], NUM_KEYPOINTS),
            _stacked([_landmarks(row) for row in rows], NUM_LANDMARKS),
            np.array(
                [(row["picture_width_px"], row["picture_height_px"]) for row in rows], np.int64
            ).reshape(-1, 2),
            [row["basis"] for row in rows],
        )

    def people_of(self, picture_paths: Iterable[str]) -> dict[str, list[tuple[int, FloatArray]]]:
        """Everybody in pictures (stored paths): ids and keypoints ``(49, 3)``."""
        people: dict[str, list[tuple[int, FloatArray]]] = {}
        for row in self._connection.rows(_NEIGHBOURS, (text_list(picture_paths),)):
            people.setdefault(row["picture_path"], []).append((row["sample_id"], _keypoints(row)))
        return people

    def labels_of(self, dataset: str) -> FloatArray:
        """Keypoints ``(N, 49, 3)`` of at most 500 people of a data set, to see what it labels."""
        rows = self._connection.rows(_LABELS, (dataset, _PEOPLE_OF_A_CONVENTION))
        keypoints = [
            from_blob(row["keypoints_px"], (NUM_KEYPOINTS, 3), what=f"keypoints of {dataset}")
            for row in rows
        ]
        return _stacked(keypoints, NUM_KEYPOINTS)

    def store(self, made: Sequence[LabelCheck]) -> int:
        """Store checks in one transaction; those whose basis has changed are left out.

        A check that another process has stored in the meantime is replaced.

        Returns:
            How many were stored.
        """
        now = utc_now()
        with self._connection.writing():
            asked = id_list(check.sample_id for check in made)
            bases = dict(self._connection.execute(_BASES, (asked,)))
            valid = [check for check in made if bases.get(check.sample_id) == check.basis]
            self._connection.execute_many(_STORE, [_row(check, now) for check in valid])
            self._store_flags({check.sample_id: check for check in valid})
        return len(valid)

    def forget_all(self) -> None:
        """Take back every check, as after a change of how they are made, in one transaction."""
        with self._connection.writing():
            paths = self._connection.execute("SELECT DISTINCT picture_path FROM samples")
            forget_label_checks(self._connection, [path for (path,) in paths])

    def raised_by_dataset(self) -> dict[str, tuple[int, dict[FlagName, int]]]:
        """How many people of each data set were checked, and how many bear each flag."""
        checked = dict(self._connection.execute(_CHECKED_OF_DATASETS))
        raised: dict[str, dict[FlagName, int]] = {}
        kinds = text_list(str(kind) for kind in LABEL_FLAGS)
        for dataset, people, name in self._connection.execute(_RAISED_OF_DATASETS, (kinds,)):
            raised.setdefault(dataset, {})[FlagName(name)] = people
        return {dataset: (count, raised.get(dataset, {})) for dataset, count in checked.items()}

    def _store_flags(self, checks: Mapping[int, LabelCheck]) -> None:
        self._connection.execute(_FORGET_FLAGS_OF, (id_list(checks),))
        self._connection.execute_many(
            "INSERT INTO flags (name, sample_id, score, reason) VALUES (?, ?, ?, ?)",
            [
                (str(flag.name), sample_id, float(flag.score), flag.reason)
                for sample_id, check in checks.items()
                for flag in check.flags
                if flag.name is not FlagName.SIDES_EXCHANGED
            ],
        )


def _keypoints(row: Row) -> FloatArray:
    return from_blob(
        row["keypoints_px"], (NUM_KEYPOINTS, 3), what=f"keypoints of {row['sample_id']}"
    )


def _landmarks(row: Row) -> FloatArray:
    if row["landmarks_px"] is None:
        return np.zeros((NUM_LANDMARKS, 3), np.float32)
    return from_blob(
        row["landmarks_px"], (NUM_LANDMARKS, 3), what=f"landmarks of {row['sample_id']}"
    )


def _stacked(arrays: Sequence[FloatArray], count: int) -> FloatArray:
    return np.stack(arrays) if arrays else np.zeros((0, count, 3), np.float32)


def _row(check: LabelCheck, checked_at: str) -> dict[str, object]:
    return {
        "sample_id": check.sample_id,
        "checked_at": checked_at,
        "doubt": float(check.doubt),
    }
