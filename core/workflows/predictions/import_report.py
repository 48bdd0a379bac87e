"""What an import of another method's predictions says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.formats.reader_results import ReadProblem
from core.types.counted_nouns import counted
from core.workflows.predictions.person_matching import Unmatched


@dataclass(frozen=True, kw_only=True)
class ImportPredictionsReport:
    """What came of it.

    kept_as: the set's name. imported: people with a prediction now. unmatched: entries that belong
    to no person of the project. without_body: entries that say they hold none, by what says so.
    solved_cameras: bodies without a camera in the file, for which it was found from the sample's
    keypoints. without_betas: the betas are another body's whose file is not at hand, so shapes are
    the mean one. conversion_error_mm: mean distance of joints from those of the other body, where
    its file is.
    median_error_px: over people, of the mean distance of their keypoints in the 224 px crop; None
    where no one has keypoints. true_joints: people whose 3D joints, measured as the file states
    them, became their ground truth. unused_fields: what the file holds beside. notices: what was
    assumed or looks odd, in sentences.
    """

    kept_as: str
    imported: int
    unmatched: tuple[Unmatched, ...] = ()
    problems: tuple[ReadProblem, ...] = ()
    without_body: Mapping[str, int] = field(default_factory=dict)
    solved_cameras: int = 0
    without_betas: bool = False
    conversion_error_mm: float | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)
    median_error_px: float | None = None
    true_joints: int = 0
    unused_fields: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def summary(self) -> str:
        """The report in some lines, without the list of entries."""
        people = "person" if self.imported == 1 else "people"
        lines = [f"{self.imported} {people} imported as '{self.kept_as}'"]
        if self.median_error_px is not None:
            lines.append(f"median 2D error {self.median_error_px:.1f} px of the 224 px crop")
        lines += [f"{count} left out: {why}" for why, count in sorted(self.reasons.items())]
        lines += [
            f"{count} left out, no body: {why}" for why, count in sorted(self.without_body.items())
        ]
        if self.problems:
            entries = "entry" if len(self.problems) == 1 else "entries"
            lines.append(f"{len(self.problems)} {entries} could not be read")
        if self.solved_cameras:
            lines.append(f"{self.solved_cameras} without a camera: found from the keypoints")
        if self.without_betas:
            lines.append(
                "the betas belong to another body, whose file is not at hand: poses are kept, "
                "shapes are the mean one, and how far that is off is not known"
            )
        if self.conversion_error_mm is not None:
            lines.append(
                "converted from another body through its joints, which lie "
                f"{self.conversion_error_mm:.1f} mm off on average"
            )
        if self.true_joints:
            people = counted(self.true_joints, "person", "people")
            lines.append(f"{people}: the measured 3D joints became the ground truth")
        if self.unused_fields:
            lines.append(f"not used: {', '.join(self.unused_fields)}")
        return "\n".join([*lines, *(f"notice: {notice}" for notice in self.notices)])

    def left_out(self) -> list[str]:
        """Every entry that is not in the set, named, with the reason."""
        named = [f"{item.picture_name}: {item.reason}" for item in self.unmatched]
        return [*named, *(str(problem) for problem in self.problems)]
