"""Which bodies a project was on before, and how near each of its fits came to what it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.dictionary.assessment.assessments import forget_assessments_of
from core.dictionary.assessment.derived_flags import KEPT_FLAGS, derive_fit_flags
from core.dictionary.assessment.frame_flags import derive_frame_flags
from core.dictionary.fits.body_rows import BodyPage
from core.dictionary.fits.fit_rows import KNOWN_LOSS
from core.dictionary.storage.checksums import REMOVED, ROW_SUM
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list
from core.types.fits import FitLosses
from core.types.foreign.body_changes import BodyMove, ConversionErrors, FitConversion
from core.types.foreign.imported_bodies import Conversion
from core.types.limits import is_valid_pose

_INSERT = """
INSERT INTO body_changes (at, author, from_body, to_body, conversion, bodies, mean_mm, p95_mm,
    worst_mm, limit_mm, over_limit)
VALUES (:at, :author, :from_body, :to_body, :conversion, 0, 0, 0, 0, :limit_mm, 0) RETURNING id"""

_SET_ERRORS = """
UPDATE body_changes SET bodies = :bodies, mean_mm = :mean_mm, p95_mm = :p95_mm,
    worst_mm = :worst_mm, limit_mm = :limit_mm, over_limit = :over_limit WHERE id = :id"""

_INSERT_FIT = """
INSERT INTO converted_fits (fit_id, sample_id, change_id, error_mm) VALUES (?, ?, ?, ?)"""

# A table of removed rows has no trigger for new ones: they bring their checksums along.
_INSERT_REMOVED_FIT = f"""
INSERT INTO {REMOVED}converted_fits (fit_id, sample_id, change_id, error_mm, checksum)
VALUES (?1, ?2, ?3, ?4, {ROW_SUM}(?1, ?2, ?3, ?4))"""  # noqa: S608 - own names

_OF_FITS = """
SELECT fit_id, from_body, conversion, error_mm FROM converted_fits
    JOIN body_changes ON body_changes.id = converted_fits.change_id
WHERE fit_id IN (SELECT value FROM json_each(?)) ORDER BY change_id"""

_KEPT = ", ".join(f"'{name}'" for name in KEPT_FLAGS)

# Depth and pull tell how far a solver went: they stay what they were.
_SET_LOSSES = """
UPDATE {} SET reprojection_loss = ?, pose_prior_loss = ?, angle_prior_loss = ?,
    shape_prior_loss = ?, bone_direction_loss = ?, comparison_loss = ?, pose_valid = ?
WHERE id = ?"""

_SET_CURRENT = f"""
UPDATE samples SET current_loss = {KNOWN_LOSS},
    current_max_abs_beta = fits.max_abs_beta, current_depth_m = fits.depth_m,
    current_pose_prior = fits.pose_prior_loss
FROM fits WHERE fits.id = samples.current_fit_id
    AND samples.id IN (SELECT value FROM json_each(?))"""  # noqa: S608 - own names

_RENEW_REMOVED = (
    f"""
UPDATE {REMOVED}samples SET current_max_abs_beta = fits.max_abs_beta,
    current_depth_m = fits.depth_m, assessed_at = NULL, suspicion = NULL, informativeness = NULL,
    disagreement_deg = NULL, error_2d_px = NULL, error_3d_mm = NULL, touch_gain_mm = NULL,
    touch_keypoint = NULL
FROM {REMOVED}fits AS fits WHERE fits.id = {REMOVED}samples.current_fit_id""",  # noqa: S608
    f"DELETE FROM {REMOVED}touch_gains",  # noqa: S608 - own names
    f"DELETE FROM {REMOVED}flags WHERE name NOT IN ({_KEPT})",  # noqa: S608 - own names
)
"""People who were removed are not measured: they are assessed when they are put back."""

_SET_CONVERSION = """
UPDATE {} SET conversion = ?, conversion_error_mm = ? WHERE id = ?"""


class BodyChanges:
    """The moves of one opened dictionary; reached as ``dictionary.body_changes``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[BodyMove]:
        """Every move, the first one first."""
        rows = self._connection.rows("SELECT * FROM body_changes ORDER BY id")
        return [_change_from(row) for row in rows]

    def of_fits(self, fit_ids: Iterable[int]) -> dict[int, list[FitConversion]]:
        """What fits were converted from, the first body first; other fits are left out."""
        found: dict[int, list[FitConversion]] = {}
        for fit_id, name, conversion, error_mm in self._connection.execute(
            _OF_FITS, (id_list(fit_ids),)
        ):
            one = FitConversion(
                from_body=name, conversion=Conversion(conversion), error_mm=error_mm
            )
            found.setdefault(fit_id, []).append(one)
        return found

    # All of these are called inside one transaction, which the caller holds.

    def begin(
        self, *, from_body: str, to_body: str, conversion: Conversion, limit_mm: float
    ) -> int:
        """Note a move; its number."""
        row = {
            "at": utc_now(),
            "author": self._connection.author,
            "from_body": from_body,
            "to_body": to_body,
            "conversion": str(conversion),
            "limit_mm": limit_mm,
        }
        return int(self._connection.scalar(_INSERT, row))

    def finish(self, change_id: int, errors: ConversionErrors) -> None:
        """Note how near the bodies of a move came."""
        self._connection.execute(_SET_ERRORS, {**vars(errors), "id": change_id})

    def note_fits(self, change_id: int, page: BodyPage, errors_mm: Sequence[float]) -> None:
        """Note how near each fit of a page came."""
        rows = [
            (fit_id, sample_id, change_id, float(error_mm))
            for (fit_id,), sample_id, error_mm in zip(
                page.keys, page.sample_ids, errors_mm, strict=True
            )
        ]
        insert = _INSERT_REMOVED_FIT if page.table.removed else _INSERT_FIT
        self._connection.execute_many(insert, rows)

    def note_sources(
        self, conversions: Mapping[int, tuple[Conversion, float | None]], *, removed: bool
    ) -> None:
        """Note how bodies of other methods, by number, are bodies of the project now."""
        table = f"{REMOVED}imported_bodies" if removed else "imported_bodies"
        self._connection.execute_many(
            _SET_CONVERSION.format(table),
            [(str(how), error_mm, number) for number, (how, error_mm) in conversions.items()],
        )

    def set_losses(self, table: str, losses: Mapping[int, FitLosses]) -> None:
        """Losses that were measured again, by the number of the row."""
        self._connection.execute_many(
            _SET_LOSSES.format(table),
            [
                (
                    each.reprojection,
                    each.pose_prior,
                    each.angle_prior,
                    each.shape_prior,
                    each.bone_directions,
                    each.comparison,
                    int(is_valid_pose(each.comparison)),
                    number,
                )
                for number, each in losses.items()
            ],
        )

    def renew_derived(self, sample_ids: Sequence[int]) -> None:
        """What follows from the fits of samples: what lists sort by, flags, assessments."""
        self._connection.execute(_SET_CURRENT, (id_list(sample_ids),))
        derive_fit_flags(self._connection, sample_ids)
        derive_frame_flags(self._connection, sample_ids)
        forget_assessments_of(self._connection, sample_ids)

    def renew_removed(self) -> None:
        """The same of people who were removed, without flags."""
        for statement in _RENEW_REMOVED:
            self._connection.execute(statement)


def _change_from(row: Row) -> BodyMove:
    names = ("bodies", "mean_mm", "p95_mm", "worst_mm", "limit_mm", "over_limit")
    return BodyMove(
        id=row["id"],
        at=row["at"],
        author=row["author"],
        from_body=row["from_body"],
        to_body=row["to_body"],
        conversion=Conversion(row["conversion"]),
        errors=ConversionErrors(**{name: row[name] for name in names}),
    )
