"""Another method's predictions become a prediction set of a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from core.body.files import OPEN_BODY_NAME
from core.body.keypoint_body import KeypointBody
from core.body.model import BodyModel
from core.datasets.annotations import ReadProblem
from core.datasets.foreign_predictions import ForeignPredictions, read_foreign_predictions
from core.dictionary.prediction_sets import SetKind
from core.dictionary.records import NewPrediction
from core.dictionary.samples import SamplePlace
from core.dictionary.store import Dictionary
from core.errors import AnnotationError, printable
from core.fitting.camera_constants import COMPARISON_SIGMA_PX
from core.fitting.camera_solve import least_squares_translation, refined_translation
from core.fitting.problem import Keypoints2D
from core.geometry.crops import BOX_SCALE_PX, translation_between_boxes
from core.geometry.rotations import pose_to_matrices
from core.pipeline.prediction_matching import Unmatched, match_people
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.project_tools import project_body, record_body
from core.records import BodyParameters

BetasRule = Literal["auto", "keep", "mean"]

PHASE = "Importing predictions"
_BATCH = 512


@dataclass(frozen=True, kw_only=True)
class ImportPredictionsReport:
    """What came of it.

    kept_as: the set's name. imported: people with a prediction now. unmatched: entries that belong
    to nobody of the project. invalid: entries that the file itself marks as such. solved_cameras:
    bodies without a camera in the file, for which it was found from the sample's keypoints.
    without_betas: the betas are another body's, so shapes are the mean one.
    """

    kept_as: str
    imported: int
    unmatched: tuple[Unmatched, ...] = ()
    problems: tuple[ReadProblem, ...] = ()
    invalid: int = 0
    solved_cameras: int = 0
    without_betas: bool = False
    reasons: Mapping[str, int] = field(default_factory=dict)

    def summary(self) -> str:
        """The report in a few lines, without the list of entries."""
        people = "person" if self.imported == 1 else "people"
        lines = [f"{self.imported} {people} imported as '{self.kept_as}'"]
        lines += [f"{count} left out: {why}" for why, count in sorted(self.reasons.items())]
        if self.invalid:
            lines.append(f"{self.invalid} left out: the file marks them as invalid")
        if self.problems:
            lines.append(f"{len(self.problems)} entries could not be read")
        if self.solved_cameras:
            lines.append(f"{self.solved_cameras} without a camera: found from the keypoints")
        if self.without_betas:
            lines.append(
                "the betas belong to another body: poses are kept, shapes are the mean one"
            )
        return "\n".join(lines)

    def left_out(self) -> list[str]:
        """Every entry that is not in the set, named, with the reason."""
        named = [f"{one.picture_name}: {one.reason}" for one in self.unmatched]
        return [*named, *(str(problem) for problem in self.problems)]


def import_predictions(
    project: Path,
    name: str,
    source: Path,
    *,
    betas: BetasRule = "auto",
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ImportPredictionsReport:
    """Read a file of predictions into a prediction set; importing the same file again replaces it.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        name: of the set.
        source: see ``core.datasets.foreign_predictions``.
        betas: ``keep`` takes them as the project's body's, ``mean`` drops them. ``auto`` drops
            those of other methods where the project works with the open body: they are SMPL's.
        progress: told after each batch.
        cancel: asked between batches; what was stored before stays.

    Raises:
        AnnotationError: the file cannot be used, or nobody in it belongs to the project.
        DictionaryError: the name is taken by a set from elsewhere.
        Cancelled: the user asked to stop.
    """
    cancel = cancel or CancelToken()
    found = read_foreign_predictions(source)
    with Dictionary.open(project) as dictionary:
        matches = match_people(found, dictionary.sample_places())
        if not matches.places:
            raise _nobody(source, found, matches.unmatched)
        body = project_body(dictionary)
        keeps = betas == "keep" or (betas == "auto" and _betas_fit(found, body))
        sets = dictionary.prediction_sets
        set_id = sets.open(name, SetKind.IMPORTED, source=printable(source.resolve()))
        record_body(dictionary, body)
        writer = _Writer(dictionary, body, found, keep_betas=keeps)
        meter = ProgressMeter(PHASE, len(matches.places), progress)
        rows = sorted(matches.places)
        for first in range(0, len(rows), _BATCH):
            cancel.raise_if_cancelled()
            batch = rows[first : first + _BATCH]
            made = writer.predictions(batch, [matches.places[row] for row in batch])
            sets.add(set_id, made, body_name=body.name)
            meter.advance(len(batch))
    return ImportPredictionsReport(
        kept_as=name.strip(),
        imported=len(matches.places),
        unmatched=matches.unmatched,
        problems=found.problems,
        invalid=found.invalid,
        solved_cameras=writer.solved_cameras,
        without_betas=not keeps and bool(found.betas.any()),
        reasons=Counter(one.reason for one in matches.unmatched),
    )


def _betas_fit(found: ForeignPredictions, body: BodyModel) -> bool:
    """Other methods' betas are SMPL's; an export of this program has those of its project."""
    return found.own_export or body.name != OPEN_BODY_NAME


def _nobody(
    source: Path, found: ForeignPredictions, unmatched: Sequence[Unmatched]
) -> AnnotationError:
    why = Counter(one.reason for one in unmatched).most_common(1)
    first = unmatched[0].picture_name if unmatched else ""
    reason = f" ({why[0][0]}; the first is {first!r})" if why else ""
    return AnnotationError(
        f"none of its {len(found)} entries belongs to a person of the project{reason}.",
        path=source,
        remedy="Import the pictures and people that the predictions are of first.",
    )


class _Writer:
    """Turns rows of a file into predictions in the cameras of their samples' crops."""

    def __init__(
        self,
        dictionary: Dictionary,
        body: BodyModel,
        found: ForeignPredictions,
        *,
        keep_betas: bool,
    ) -> None:
        self._dictionary, self._found = dictionary, found
        self._body = KeypointBody(body)
        self._betas = found.betas if keep_betas else np.zeros_like(found.betas)
        self.solved_cameras = 0

    def predictions(
        self, rows: Sequence[int], places: Sequence[SamplePlace]
    ) -> list[NewPrediction]:
        """One for each row, in order."""
        cameras = self._moved_cameras(rows, places)
        unknown = _where(~np.isfinite(cameras).all(axis=1))
        if unknown:
            there = [rows[index] for index in unknown]
            cameras[unknown] = self._solved(there, [places[index].id for index in unknown])
            self.solved_cameras += len(unknown)
        return [
            NewPrediction(
                sample_id=place.id,
                parameters=BodyParameters(
                    self._found.pose_axis_angle[row], self._betas[row], camera
                ),
            )
            for row, place, camera in zip(rows, places, cameras, strict=True)
        ]

    def _moved_cameras(
        self, rows: Sequence[int], places: Sequence[SamplePlace]
    ) -> NDArray[np.float32]:
        """From the file's boxes to the samples'; without a box it is the sample's own already."""
        cameras = self._found.camera_translation[list(rows)].copy()
        boxed = _where(np.isfinite(self._found.box_sides_px)[list(rows)])
        if boxed:
            there = [rows[index] for index in boxed]
            here = [places[index] for index in boxed]
            cameras[boxed] = translation_between_boxes(
                cameras[boxed],
                self._found.box_centers_px[there],
                self._found.box_sides_px[there],
                to_centers_px=np.array([(p.box_center_x_px, p.box_center_y_px) for p in here]),
                to_sides_px=np.array([BOX_SCALE_PX * place.box_scale for place in here]),
            )
        return cameras

    def _solved(self, rows: Sequence[int], sample_ids: Sequence[int]) -> NDArray[np.float32]:
        """Cameras ``(N, 3)`` that bring the bodies to their samples' keypoints."""
        samples = self._dictionary.samples(sample_ids)
        seen = Keypoints2D.of(np.stack([sample.keypoints_crop_px for sample in samples]))
        pose = torch.from_numpy(self._found.pose_axis_angle[list(rows)].astype(np.float64))
        betas = torch.from_numpy(self._betas[list(rows)].astype(np.float64))
        body = self._body
        points = body.keypoints(pose_to_matrices(pose).to(body.dtype), betas.to(body.dtype))
        seen = seen.to(device=body.device, dtype=body.dtype)
        confidence = seen.body_confidence
        start = least_squares_translation(points, seen.positions_crop_px, confidence**2)
        translation, _error = refined_translation(
            points, seen.positions_crop_px, confidence, start, sigma_px=COMPARISON_SIGMA_PX
        )
        return translation.float().cpu().numpy()


def _where(rows: ArrayLike) -> list[int]:
    return [int(row) for row in np.flatnonzero(rows)]
