"""How many of some people have a fit that leaves the project as good, and why others do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.types.fits import Verdict

_COUNT = """
SELECT count(*), count(current_fit_id), coalesce(sum(current_verdict = ?), 0),
    coalesce(sum(NOT fits.pose_valid AND current_verdict NOT IN (?, ?)), 0)
FROM samples LEFT JOIN fits ON fits.id = current_fit_id"""

_COUNT_FROM_FILES = """
SELECT count(DISTINCT imported_bodies.sample_id) FROM fits
    JOIN imported_bodies ON imported_bodies.id = fits.imported_body_id
    JOIN samples ON samples.id = fits.sample_id
    JOIN body_files ON body_files.id = imported_bodies.file_id AND body_files.heading <> ''"""

_AMONG = " WHERE samples.id IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, kw_only=True)
class FitFates:
    """How the fits of some people fare in an export.

    people: all of them. fits: those with a current fit, of which some are rejected or too poor to
    learn from; an accepted one never counts as too poor. from_files: those with a fit that came
    from another method's file whose rows are known.
    """

    people: int
    fits: int
    rejected: int
    too_poor: int
    from_files: int = 0

    @property
    def without_fit(self) -> int:
        """People without a current fit."""
        return self.people - self.fits

    @property
    def good(self) -> int:
        """Fits that are neither rejected nor too poor."""
        return self.fits - self.rejected - self.too_poor


def fit_fates(connection: Connection, ids: Iterable[int] | None) -> FitFates:
    """The numbers of some people, or of all for None."""
    verdicts = (Verdict.REJECTED, Verdict.ACCEPTED, Verdict.REJECTED)
    among = ("", ()) if ids is None else (_AMONG, (id_list(ids),))
    ((people, fits, rejected, too_poor),) = connection.execute(
        _COUNT + among[0], (*verdicts, *among[1])
    )
    from_files = int(connection.scalar(_COUNT_FROM_FILES + among[0], among[1]))
    return FitFates(
        people=people, fits=fits, rejected=rejected, too_poor=too_poor, from_files=from_files
    )
