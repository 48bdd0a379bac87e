"""Rows of a sheet, drawn: the project, its body and a renderer held together while it is made."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.body.body_difference import body_difference
from core.body.display_body import DisplayBody
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.project_models import project_body
from core.progress import CancelToken, ProgressCallback, ProgressMeter
from core.rendering.colors import (
    CURRENT_FIT_COLOR,
    LIFTER_COLOR,
    PREDICTION_COLOR,
)
from core.rendering.render_thread import RenderService
from core.rendering.sheets import SheetColumn, SheetRow, SheetSection
from core.types.flags import FlagName
from core.workflows.comparison_colors import SOURCE_COLORS, side_colors
from core.workflows.comparison_sources import CURRENT, BodySource
from core.workflows.lift_samples import SampleLifter
from core.workflows.reports.captions import difference_line, fit_line, flag_line
from core.workflows.reports.cell_pictures import BodyCells, CellPainter, Viewpoint

PHASE = "Drawing rows"

ALL_AROUND = (Viewpoint.CAMERA, Viewpoint.TOP, Viewpoint.SIDE)
BESIDE = (Viewpoint.CAMERA, Viewpoint.SIDE)
"""What is seen of the bodies beside the one in question."""

PICTURE_COLUMN = SheetColumn("picture")
FIT, PREDICTED, LIFTED = "Fit", "Prediction", "Lifted from the keypoints"


@dataclass(frozen=True)
class ChosenRows:
    """What a section is to show. kind: the flag it is about, None for several."""

    title: str
    note: str
    kind: FlagName | None
    sample_ids: list[int]


def columns_of(group: str, seen: Sequence[Viewpoint]) -> list[SheetColumn]:
    """A group of columns, one for each direction."""
    return [SheetColumn(viewpoint, group) for viewpoint in seen]


FAILURE_COLUMNS = (
    PICTURE_COLUMN,
    *columns_of(FIT, ALL_AROUND),
    *columns_of(PREDICTED, BESIDE),
    *columns_of(LIFTED, BESIDE),
)


class SheetStudio:
    """What every sheet is made with; ``opened`` makes one and cleans up after it."""

    def __init__(
        self,
        dictionary: Dictionary,
        rendering: RenderService,
        body: BodyModel,
        progress: ProgressCallback,
        cancel: CancelToken,
    ) -> None:
        self.dictionary, self.body, self.cancel = dictionary, body, cancel
        self.started = time.monotonic()
        self._progress = progress
        self._painter = CellPainter(body, rendering)

    @classmethod
    @contextmanager
    def opened(
        cls,
        project: Path,
        progress: ProgressCallback,
        cancel: CancelToken | None,
        *,
        for_reviewer: str | None = None,
    ) -> Iterator[SheetStudio]:
        """Open the project and the renderer, and close both in the end.

        for_reviewer: whose sheet it is: what this reviewer is not to see yet is not on it.
        """
        with Dictionary.open(project) as dictionary:
            if for_reviewer is not None:
                dictionary.sign_as(for_reviewer)
                dictionary.hidden.update()
            body = project_body(dictionary)
            with RenderService(body.faces, skinning_weights=body.arrays.weights) as rendering:
                yield cls(dictionary, rendering, body, progress, cancel or CancelToken())

    def footer(self) -> str:
        """Which project, which body, when."""
        name = self.dictionary.project.resolve().name
        return f"{name} · {self.body.name} · {datetime.now(UTC):%Y-%m-%d} · SPIN Studio"

    def failure_sections(self, chosen: Sequence[ChosenRows]) -> list[SheetSection]:
        """The fit all around, beside prediction and lifter, with reasons and numbers."""
        total = sum(len(section.sample_ids) for section in chosen)
        meter = ProgressMeter(PHASE, total, self._progress)
        lifter = SampleLifter(self.body)
        return [
            SheetSection(
                chosen_rows.title, self._failure_rows(chosen_rows, lifter, meter), chosen_rows.note
            )
            for chosen_rows in chosen
        ]

    def _failure_rows(
        self, chosen: ChosenRows, lifter: SampleLifter, meter: ProgressMeter
    ) -> list[SheetRow]:
        ids = chosen.sample_ids
        samples = self.dictionary.samples.get_many(ids)
        fits, flags = self.dictionary.fits.current(ids), self.dictionary.flags.by_sample(ids)
        predictions, lifted = self.dictionary.predictions.latest(ids), lifter.bodies(samples)
        rows = []
        for sample in samples:
            self.cancel.raise_if_cancelled()
            fit, prediction = fits.get(sample.id), predictions.get(sample.id)
            predicted = None if prediction is None else prediction.parameters
            fitted = None if fit is None else fit.parameters
            bodies = [
                BodyCells(FIT, fitted, CURRENT_FIT_COLOR, ALL_AROUND),
                BodyCells(PREDICTED, predicted, PREDICTION_COLOR, BESIDE),
                BodyCells(LIFTED, lifted.get(sample.id), LIFTER_COLOR, BESIDE),
            ]
            reasons = flag_line(flags.get(sample.id, ()), first=chosen.kind)
            lines = [reasons, "no fit" if fit is None else fit_line(fit)]
            cells = self._painter.row(sample, bodies)
            rows.append(SheetRow(sample.name, cells, [line for line in lines if line]))
            meter.advance()
        return rows

    def success_rows(self, source: BodySource, ids: Sequence[int]) -> list[SheetRow]:
        """One body all around."""
        meter = ProgressMeter(PHASE, len(ids), self._progress)
        bodies, fits = source.bodies(ids), self.dictionary.fits.current(ids)
        color = SOURCE_COLORS.get(source.key, PREDICTION_COLOR)
        rows = []
        for sample in self.dictionary.samples.get_many(ids):
            self.cancel.raise_if_cancelled()
            shown = BodyCells(source.title, bodies.get(sample.id), color, ALL_AROUND)
            fit = fits.get(sample.id) if source.key == CURRENT else None
            lines = [] if fit is None else [fit_line(fit)]
            rows.append(SheetRow(sample.name, self._painter.row(sample, [shown]), lines))
            meter.advance()
        return rows

    def comparison_rows(
        self, sides: tuple[BodySource, BodySource], ids: Sequence[int]
    ) -> list[SheetRow]:
        """Both bodies all around, and how far they are apart."""
        meter = ProgressMeter(PHASE, len(ids), self._progress)
        found = [side.bodies(ids) for side in sides]
        display = DisplayBody(self.body.arrays, name=self.body.name)
        colors = side_colors(sides[0].key, sides[1].key)
        rows = []
        for sample in self.dictionary.samples.get_many(ids):
            self.cancel.raise_if_cancelled()
            pair = [bodies.get(sample.id) for bodies in found]
            shown = [
                BodyCells(side.title, body, color, ALL_AROUND)
                for side, body, color in zip(sides, pair, colors, strict=True)
            ]
            left, right = pair
            lines = []
            if left is not None and right is not None:
                lines.append(difference_line(body_difference(display, left, right)))
            rows.append(SheetRow(sample.name, self._painter.row(sample, shown), lines))
            meter.advance()
        return rows
