"""What the program makes of current fits: suspicion, informativeness, errors, raised flags.

An assessment describes one current fit, and whatever it is compared with: keypoints, predictions,
what the detector saw, other pictures of the moment. Code that changes any of them forgets the
assessment in the same transaction, so it is never stale: it is either right or not there, and what
is not there is what the assessor does next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.dictionary.assessment.annotated_twice import derive_twice_flags
from core.dictionary.assessment.derived_flags import DERIVED_FLAGS, KEPT_FLAGS
from core.dictionary.assessment.exchanged_sides import derive_side_flags, flagged_by_dataset
from core.dictionary.assessment.touch_gains import (
    ask_for_touch_gains,
    best_touch,
    forget_touch_gains,
    store_touch_gains,
    touch_gains_of,
)
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import check_all_found, id_list, removed_samples
from core.dictionary.storage.settings import Settings
from core.errors import DictionaryError
from core.types.arrays import FloatArray
from core.types.flags import FlagName

TOUCH_GAINS_WANTED = "touch_gains_wanted"
"""Name of the setting of projects whose people were asked for by what a touch would gain."""

_SAME_MOMENTS = """
SELECT value FROM json_each(?) UNION
SELECT members.sample_id FROM group_members AS own
    JOIN group_members AS members ON members.moment_id = own.moment_id
WHERE own.sample_id IN (SELECT value FROM json_each(?))"""

_FORGET = """
UPDATE samples SET assessed_at = NULL, suspicion = NULL, informativeness = NULL,
    disagreement_deg = NULL, error_2d_px = NULL, error_3d_mm = NULL,
    touch_gain_mm = NULL, touch_keypoint = NULL
WHERE (assessed_at IS NOT NULL OR suspicion IS NOT NULL)
    AND id IN (SELECT value FROM json_each(?))"""

_FORGET_FLAGS = f"""
DELETE FROM flags WHERE name NOT IN ({", ".join(f"'{name}'" for name in KEPT_FLAGS)})
    AND sample_id IN (SELECT value FROM json_each(?))"""  # noqa: S608 - own words

_FORGET_REMOVED = (
    """UPDATE removed_samples SET assessed_at = NULL, suspicion = NULL, informativeness = NULL,
        disagreement_deg = NULL, error_2d_px = NULL, error_3d_mm = NULL
    WHERE assessed_at IS NOT NULL""",
    f"""DELETE FROM removed_flags
    WHERE name NOT IN ({", ".join(f"'{name}'" for name in DERIVED_FLAGS)})""",  # noqa: S608
)
"""The same of everybody who was removed and may be put back."""

_VIEWS = """
(SELECT sum(others.current_fit_id)
FROM group_members AS own JOIN group_members AS members ON members.moment_id = own.moment_id
    JOIN samples AS others ON others.id = members.sample_id
WHERE own.sample_id = samples.id AND NOT members.left_out)"""

_IMPORTED_SETS = """
(SELECT count(*) FROM set_predictions JOIN prediction_sets ON prediction_sets.id = set_id
WHERE sample_id = samples.id AND kind = 'imported')"""

_STORE = """
UPDATE samples SET assessed_at = :assessed_at, suspicion = :suspicion,
    informativeness = :informativeness, disagreement_deg = :disagreement_deg,
    error_2d_px = :error_2d_px, error_3d_mm = :error_3d_mm,
    touch_gain_mm = :touch_gain_mm, touch_keypoint = :touch_keypoint
WHERE id = :sample_id"""

_TO_ASSESS = "SELECT id FROM samples WHERE assessed_at IS NULL AND current_fit_id IS NOT NULL"
_AMONG = "AND id IN (SELECT value FROM json_each(:among))"

_INPUTS = f"""
SELECT samples.id AS sample_id, current_fit_id AS fit_id, corrections,
    predictions.created_at AS prediction_at, detections.networks AS detected_by,
    {_IMPORTED_SETS} AS imported_sets, {_VIEWS} AS views
FROM samples LEFT JOIN predictions ON predictions.sample_id = samples.id
    LEFT JOIN detections ON detections.sample_id = samples.id
WHERE samples.id IN (SELECT value FROM json_each(?))
    AND current_fit_id IS NOT NULL"""  # noqa: S608 - own words


@dataclass(frozen=True)
class RaisedFlag:
    """One suspicion: its kind, how strong (larger is worse), and why in words."""

    name: FlagName
    score: float
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class FlagInputsVersion:
    """What an assessment was made of; where any of it has changed since, it is not stored.

    corrections: the sample's count of edits. prediction_at: when the prediction was stored.
    detected_by: the networks whose landmarks there are. imported_sets: how many sets of predictions
    of other methods cover the sample. views: the sum of the ids of the current fits of its moment.
    """

    sample_id: int
    fit_id: int
    corrections: int
    prediction_at: str | None
    detected_by: str | None = None
    imported_sets: int = 0
    views: int | None = None


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What the program makes of one current fit.

    suspicion: how probably the fit is wrong, 0 to 1. informativeness: how much a verdict would
    tell, 0 to 1. disagreement_deg: mean joint angle between prediction and fit. error_2d_px: mean
    distance of the keypoints in the crop. error_3d_mm: joints after Procrustes, where the truth is
    known. touch_gains_mm: (49,) by how much correcting each keypoint would lower the mean 3D error;
    NaN where there is none to correct.
    """

    basis: FlagInputsVersion
    suspicion: float
    informativeness: float
    disagreement_deg: float | None = None
    error_2d_px: float | None = None
    error_3d_mm: float | None = None
    flags: tuple[RaisedFlag, ...] = field(default=())
    touch_gains_mm: FloatArray | None = None


def forget_assessments(connection: Connection, sample_ids: Iterable[int]) -> None:
    """Take back the assessments of samples, and of those that show the same moments.

    The caller holds the transaction.
    """
    asked = id_list(sample_ids)
    views = connection.execute(_SAME_MOMENTS, (asked, asked))
    forget_assessments_of(connection, (sample_id for (sample_id,) in views))


def forget_assessments_of(connection: Connection, sample_ids: Iterable[int]) -> None:
    """Take back the assessments of exactly these samples; the caller holds the transaction."""
    ids = id_list(sample_ids)
    connection.execute(_FORGET, (ids,))
    connection.execute(_FORGET_FLAGS, (ids,))
    forget_touch_gains(connection, ids)


class Assessments:
    """The assessments of one opened dictionary; reached as ``dictionary.assessments``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, *, limit: int | None = None, among: Sequence[int] | None = None) -> list[int]:
        """Ids of samples, all or ``among`` some, whose current fit has no assessment yet, by id."""
        which = _TO_ASSESS if among is None else f"{_TO_ASSESS} {_AMONG}"
        rows = self._connection.execute(
            f"{which} ORDER BY id LIMIT :limit",
            {"limit": -1 if limit is None else limit, "among": id_list(among or ())},
        )
        return [sample_id for (sample_id,) in rows]

    def inputs(self, sample_ids: Sequence[int]) -> dict[int, FlagInputsVersion]:
        """What an assessment of each sample would be made of, by id; without a fit: left out.

        Read it before the fits, predictions and keypoints that are assessed.
        """
        rows = self._connection.rows(_INPUTS, (id_list(sample_ids),))
        return {row["sample_id"]: FlagInputsVersion(**row) for row in rows}

    def store(self, made: Sequence[Assessment]) -> int:
        """Store assessments in one transaction; those whose basis has changed are left out.

        Returns:
            How many were stored.

        Raises:
            NoSuchRecordError: there never was such a sample; nothing is stored.
            DictionaryError: a derived flag was handed in: those follow from columns by themselves.
        """
        _refuse_derived(made)
        now = utc_now()
        with self._connection.writing():
            _check_samples(self._connection, made)
            bases = self.inputs([assessment.basis.sample_id for assessment in made])
            valid = [each for each in made if bases.get(each.basis.sample_id) == each.basis]
            last = {each.basis.sample_id: each for each in valid}
            self._connection.execute_many(_STORE, [_row(each, now) for each in last.values()])
            _store_flags(self._connection, last)
            store_touch_gains(
                self._connection,
                {sample_id: each.touch_gains_mm for sample_id, each in last.items()},
            )
        return len(valid)

    def forget_all(self) -> None:
        """Take back every assessment, as after a change of how they are made, in one transaction.

        Flags of people annotated twice or with exchanged sides are made again: projects of older
        programs have none. People who were removed lose theirs, too, for when they are put back.
        """
        with self._connection.writing():
            everyone = [one for (one,) in self._connection.execute("SELECT id FROM samples")]
            forget_assessments(self._connection, everyone)
            for statement in _FORGET_REMOVED:
                self._connection.execute(statement)
            paths = self._connection.execute("SELECT DISTINCT picture_path FROM samples")
            derive_twice_flags(self._connection, [path for (path,) in paths])
            derive_side_flags(self._connection, everyone)

    def touch_gains_mm(self, sample_id: int) -> FloatArray | None:
        """The gains ``(49,)`` of correcting each keypoint of a sample; None where none are known.

        NaN where there is no keypoint to correct.
        """
        return touch_gains_of(self._connection, sample_id)

    def ask_for_touch_gains(self) -> int:
        """From now on assessments of this project hold gains; how many are made again for that.

        Gains cost several times what all else of an assessment does, so a project that never asked
        for them has none.
        """
        with self._connection.writing():
            Settings(self._connection).put(TOUCH_GAINS_WANTED, "yes")
            return ask_for_touch_gains(self._connection)

    @property
    def touch_gains_wanted(self) -> bool:
        """Whether they were asked for."""
        return Settings(self._connection).get(TOUCH_GAINS_WANTED) is not None

    def sides_exchanged(self) -> dict[str, tuple[int, int]]:
        """How many people have their sides exchanged, and how many were seen, by data set."""
        return flagged_by_dataset(self._connection)


def _refuse_derived(assessments: Sequence[Assessment]) -> None:
    for assessment in assessments:
        derived = [flag.name for flag in assessment.flags if flag.name in DERIVED_FLAGS]
        if derived:
            raise DictionaryError(
                f"The flag '{derived[0]}' of sample {assessment.basis.sample_id} follows from the "
                "sample's columns and cannot be stored."
            )


def _check_samples(connection: Connection, assessments: Sequence[Assessment]) -> None:
    sample_ids = [assessment.basis.sample_id for assessment in assessments]
    found = connection.execute(
        "SELECT id FROM samples WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(sample_ids),),
    )
    there = {sample_id for (sample_id,) in found}
    check_all_found("sample", sample_ids, there | removed_samples(connection, sample_ids))


def _row(assessment: Assessment, assessed_at: str) -> dict[str, object]:
    return {
        "sample_id": assessment.basis.sample_id,
        "fit_id": assessment.basis.fit_id,
        "corrections": assessment.basis.corrections,
        "prediction_at": assessment.basis.prediction_at,
        "detected_by": assessment.basis.detected_by,
        "imported_sets": assessment.basis.imported_sets,
        "views": assessment.basis.views,
        "assessed_at": assessed_at,
        "suspicion": float(assessment.suspicion),
        "informativeness": float(assessment.informativeness),
        "disagreement_deg": _number(assessment.disagreement_deg),
        "error_2d_px": _number(assessment.error_2d_px),
        "error_3d_mm": _number(assessment.error_3d_mm),
        **best_touch(assessment.touch_gains_mm),
    }


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _store_flags(connection: Connection, assessments: Mapping[int, Assessment]) -> None:
    connection.execute(_FORGET_FLAGS, (id_list(assessments),))
    connection.execute_many(
        "INSERT INTO flags (name, sample_id, score, reason) VALUES (?, ?, ?, ?)",
        [
            (str(flag.name), sample_id, float(flag.score), flag.reason)
            for sample_id, assessment in assessments.items()
            for flag in assessment.flags
        ],
    )
