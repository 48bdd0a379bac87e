"""What came of a file of bodies that became fits, in words; loads no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

from core.workflows.annotations.import_report import ImportReport
from core.workflows.predictions.import_report import ImportPredictionsReport
from core.workflows.predictions.take_over_plan import TakeOverReport


@dataclass(frozen=True, kw_only=True)
class ImportFitsReport:
    """What came of the set that a file became, and of the fits that its bodies became."""

    bodies: ImportPredictionsReport
    fits: TakeOverReport

    @property
    def cancelled(self) -> bool:
        """Whether it was stopped between the bodies and the last fit."""
        return self.fits.cancelled

    def short(self) -> str:
        """What came of it, in one line."""
        return self.fits.summary().splitlines()[0]

    def summary(self) -> str:
        """Both reports, in some lines."""
        return f"{self.bodies.summary()}\n{self.fits.summary()}"


@dataclass(frozen=True, kw_only=True)
class ImportBodiesReport:
    """What came of a file's people, and of their bodies.

    fits: None where no one came in, or where it was stopped once the people were in.
    """

    people: ImportReport
    fits: ImportFitsReport | None = None
    cancelled: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to read beyond ``short``."""
        return self.people.is_plain

    def short(self) -> str:
        """How many people and fits there are, in one line."""
        fits = "stopped before the bodies" if self.cancelled else ""
        if self.fits is not None:
            fits = self.fits.short()
        return " · ".join(part for part in (self.people.short(), fits) if part)

    def summary(self) -> str:
        """All that there is to say, in some lines."""
        lines = [self.people.summary()]
        if self.fits is not None:
            lines.append(self.fits.summary())
        if self.cancelled:
            lines.append("stopped; the people stay, and importing the file again goes on from here")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The report as plain values; what it says of the bodies as the lines of its summary."""
        fits = None if self.fits is None else self.fits.summary().splitlines()
        return {**self.people.as_json(), "fits": fits, "cancelled": self.cancelled}
