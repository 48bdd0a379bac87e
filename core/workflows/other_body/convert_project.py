"""A project on another body: a new project with every body converted, and all else as it was.

Pictures, keypoints, cameras, verdicts, history, groups and what people wrote are copied as they
are. Every fit, prediction, known case and true body becomes one of the other body
(``changed_bodies``), and fits are measured again. A body of another method that is of the new body
itself stands there as it came. The rows of its file are not touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.smpl_files import load_named_arrays
from core.dictionary.fits.body_rows import BODY_TABLES, FITS, BodyPage
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.settings import Settings
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.project_body import body_arrays, body_settings
from core.types.counted_nouns import counted
from core.types.foreign.body_changes import ConversionErrors
from core.types.foreign.imported_bodies import Conversion
from core.workflows.other_body.changed_bodies import BodyConverter
from core.workflows.other_body.measured_again import MeasuredAgain
from core.workflows.other_body.source_bodies import SourceBodies

LIMIT_MM = 10.0
"""Farther off than this, a body is counted as one to look at."""

_PAGE = 1024
_CONVERTING, _MEASURING = "Converting bodies", "Measuring fits"


@dataclass(frozen=True, kw_only=True)
class ConvertReport:
    """What became of a project's bodies. fits: how near they came; as_they_came: without any error.

    others: predictions, known cases and true bodies beside the fits.
    """

    out: Path
    from_body: str
    to_body: str
    conversion: Conversion
    fits: ConversionErrors
    as_they_came: int
    others: int

    def summary(self) -> str:
        """The report in some lines, the path at the end."""
        off, places = self.fits, "joints"
        if self.conversion is Conversion.THROUGH_VERTICES:
            places = "vertices"
        what = f"{counted(off.bodies, 'fit', 'fits')} and "
        what += counted(self.others, "other body", "other bodies")
        lines = [f"{what} from {self.from_body} to {self.to_body}, {self.conversion}"]
        if off.bodies:
            lines.append(
                f"{places} of fits lie {off.mean_mm:.2f} mm off on average, 95 % of fits below "
                f"{off.p95_mm:.2f} mm, the worst {off.worst_mm:.2f} mm; {off.over_limit} above "
                f"{off.limit_mm:g} mm"
            )
        if self.as_they_came:
            lines.append(f"{self.as_they_came} of them as they came from their files")
        if self.conversion is Conversion.THROUGH_JOINTS:
            lines.append(
                "notice: joints tell how long limbs are and not how stout people are; "
                "main.py refit measures shapes again"
            )
        lines.append(
            "notice: checkpoints stay with the project that they were trained in, since they are "
            "for its body"
        )
        return "\n".join([*lines, str(self.out)])


def convert_project(
    project: Path,
    out: Path,
    *,
    body: Path | None,
    limit_mm: float = LIMIT_MM,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ConvertReport:
    """Make a project on another body; ``out`` is a project when all of it is done, or not at all.

    Args:
        project: the folder of a project, which stays as it is.
        out: the folder of the new one.
        body: an SMPL file; None means the open body.
        limit_mm: from what error on a fit is counted as far off.
        progress: told how far it is.
        cancel: asked between batches.

    Raises:
        StudioError: the project is on this body already, or a limit is not above 0.
        BodyFileError: the file is no SMPL body, or that of the project is missing.
        DictionaryError: ``out`` is a project already, or cannot be written.
        Cancelled: the user asked to stop; nothing is left of ``out``.
    """
    if not limit_mm > 0:
        raise StudioError(f"The limit is {limit_mm:g} mm, expected a number above 0.")
    with Dictionary.open(project) as dictionary:
        source, from_body = body_arrays(dictionary)
        target, to_body = load_named_arrays(body)
        if from_body == to_body:
            raise StudioError(
                f"{project}: the project is on the body '{to_body}' already.",
                remedy="Name another body, or copy the project's folder.",
            )
        work = _ProjectConversion(
            source,
            target,
            names=(from_body, to_body),
            body=body,
            limit_mm=limit_mm,
            progress=progress,
            cancel=cancel or CancelToken(),
        )
        dictionary.file.copy_to(out, change=lambda connection: work.run(out, connection))
    return work.report(out)


class _ProjectConversion:
    """Converts every body of a copied dictionary, in one transaction."""

    def __init__(
        self,
        source: BodyArrays,
        target: BodyArrays,
        *,
        names: tuple[str, str],
        body: Path | None,
        limit_mm: float,
        progress: ProgressCallback,
        cancel: CancelToken,
    ) -> None:
        self._change = BodyConverter(source, target)
        self._names, self._body, self._limit_mm = names, body, limit_mm
        self._progress, self._cancel = progress, cancel
        self._fit_errors_mm: list[NDArray[np.float64]] = []
        self._others = self._as_they_came = 0

    def run(self, out: Path, connection: Connection) -> None:
        """Convert, measure, and note what was done."""
        dictionary = Dictionary(out, connection)
        from_body, to_body = self._names
        with connection.writing():
            for key, value in body_settings(self._body).items():
                Settings(connection).put(key, value)
            change_id = dictionary.body_changes.begin(
                from_body=from_body,
                to_body=to_body,
                conversion=self._change.conversion,
                limit_mm=self._limit_mm,
            )
            self._convert(dictionary, change_id)
            dictionary.body_changes.finish(change_id, self._errors())
            self._measure(dictionary)
            dictionary.body_changes.renew_removed()

    def report(self, out: Path) -> ConvertReport:
        """What was done."""
        from_body, to_body = self._names
        return ConvertReport(
            out=out,
            from_body=from_body,
            to_body=to_body,
            conversion=self._change.conversion,
            fits=self._errors(),
            as_they_came=self._as_they_came,
            others=self._others,
        )

    def _convert(self, dictionary: Dictionary, change_id: int) -> None:
        meter = ProgressMeter(_CONVERTING, dictionary.body_rows.count(), self._progress)
        sources = SourceBodies(dictionary, self._names[1], self._change.conversion)
        for table in BODY_TABLES:
            for page in dictionary.body_rows.pages(table, _PAGE):
                self._cancel.raise_if_cancelled()
                errors_mm = self._convert_page(dictionary, page, sources)
                if table.name.endswith(FITS):
                    dictionary.body_changes.note_fits(change_id, page, errors_mm.tolist())
                    self._fit_errors_mm.append(errors_mm)
                else:
                    self._others += len(page)
                meter.advance(len(page))
        sources.store()

    def _convert_page(
        self, dictionary: Dictionary, page: BodyPage, sources: SourceBodies
    ) -> NDArray[np.float64]:
        """Write the bodies of a page; how far off each is in millimetres, ``(N,)``."""
        changed = self._change.convert(page.pose_axis_angle, page.betas)
        poses, betas, errors_mm = changed.pose_axis_angle, changed.betas, changed.error_mm
        places = page.camera_translation + changed.shift_m
        for row, body in sources.as_they_came(page, errors_mm).items():
            poses[row], places[row] = body.pose_axis_angle, body.camera_translation
            betas[row] = body.betas[: betas.shape[1]]
            errors_mm[row] = 0
            self._as_they_came += page.table.name.endswith(FITS)
        dictionary.body_rows.write(
            page, pose_axis_angle=poses, betas=betas, camera_translation=places
        )
        return errors_mm

    def _measure(self, dictionary: Dictionary) -> None:
        """Losses of fits and made errors again, with what lists and flags make of them."""
        ids = dictionary.search.ids().tolist()
        meter = ProgressMeter(_MEASURING, len(ids), self._progress)
        measured = MeasuredAgain(dictionary)
        for first in range(0, len(ids), _PAGE):
            self._cancel.raise_if_cancelled()
            batch = ids[first : first + _PAGE]
            measured.samples(batch)
            dictionary.body_changes.renew_derived(batch)
            meter.advance(len(batch))

    def _errors(self) -> ConversionErrors:
        errors_mm = np.concatenate([*self._fit_errors_mm, np.zeros(0)])
        if not len(errors_mm):
            return ConversionErrors(
                bodies=0, mean_mm=0, p95_mm=0, worst_mm=0, limit_mm=self._limit_mm, over_limit=0
            )
        return ConversionErrors(
            bodies=len(errors_mm),
            mean_mm=float(errors_mm.mean()),
            p95_mm=float(np.percentile(errors_mm, 95)),
            worst_mm=float(errors_mm.max()),
            limit_mm=self._limit_mm,
            over_limit=int((errors_mm > self._limit_mm).sum()),
        )
