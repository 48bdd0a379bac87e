"""Verdicts that are not shown, because the reviewer is asked for a second opinion of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from core.dictionary.storage.events import VERDICT
from core.types.events import Event
from core.types.fits import Fit, Verdict
from core.types.samples import SampleRow


@dataclass
class HiddenVerdicts:
    """Shows fits of which a second opinion is wanted as if no verdict had been given on them.

    fit_ids: those fits; the present reviewer's own are never among them.
    """

    fit_ids: frozenset[int] = field(default_factory=frozenset)

    def fit(self, fit: Fit | None) -> Fit | None:
        """The fit as it may be shown."""
        if fit is None or fit.id not in self.fit_ids:
            return fit
        return replace(
            fit, verdict=Verdict.NONE, verdict_at=None, verdict_by=None, reject_reason=None
        )

    def fits(self, fits: Iterable[Fit]) -> list[Fit]:
        """Fits as they may be shown."""
        shown = map(self.fit, fits)
        return [fit for fit in shown if fit is not None]

    def row(self, row: SampleRow) -> SampleRow:
        """The row of a list as it may be shown."""
        hides = row.current_fit_id is not None and row.current_fit_id in self.fit_ids
        return replace(row, verdict=Verdict.NONE) if hides else row

    def events(self, events: Iterable[Event]) -> list[Event]:
        """What happened to a sample, without verdicts that are hidden."""
        return [
            event for event in events if event.what != VERDICT or event.fit_id not in self.fit_ids
        ]
