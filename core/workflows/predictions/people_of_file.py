"""Who the bodies of a file are: people of the project who lie there, or new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.dictionary.samples.sample_rows import SampleKey
from core.dictionary.store import Dictionary
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.project_models import project_body
from core.formats.annotation_format import AskedSource
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.keypoints.datasets.people_of_bodies import people_of_bodies
from core.formats.read_notes import ReadNotes
from core.formats.read_options import NO_OPTIONS
from core.formats.reader_results import AnnotationSource, ReadResult, SkippedEntry
from core.geometry.boxes import Box, box_around
from core.runs.installed_bodies import InstalledBodies
from core.runs.project_body import BODY_FILE, body_file
from core.types.foreign.imported_bodies import BODIES_FORMAT_NAME
from core.types.keypoint_sources import KeypointSource
from core.types.samples import NewSample
from core.workflows.new_projects import NewProject
from core.workflows.predictions.body_conversion import BetasRule, ReadBodies, convert_bodies
from core.workflows.predictions.person_matching import match_people
from core.workflows.predictions.projected_joints import JointProjector
from core.workflows.predictions.stated_cameras import StatedCameras

IN_THE_PROJECT = "in the project already: the body becomes a fit of that person"


class PeopleOfBodies:
    """Makes people of a file's bodies, and remembers where each body lies.

    Args:
        project: that they are for.
        found: the file's bodies.
        source: the file.
        betas: as ``convert_bodies``.
        own_body: a file of the body that the betas belong to.
    """

    def __init__(
        self,
        project: Path | NewProject,
        found: ForeignPredictions,
        source: Path,
        *,
        betas: BetasRule,
        own_body: Path | None,
    ) -> None:
        body, file, self._known = _body_and_people(project)
        self._found = found
        installed = InstalledBodies(file, own_body)
        self._converted = convert_bodies(
            found, body.arrays, body.name, betas=betas, body_of=installed.arrays
        )
        self._source = source
        self._projector = JointProjector(found, self._converted, body)
        self.cameras = StatedCameras(found, source)
        self._boxes: dict[int, Box] = {}
        self._whole: dict[int, Box] = {}
        """By row: the box that a body without one got, and that of all its joints, seen or not."""
        self.met = 0
        """Bodies of people who were in the project, of another data set than such files make."""

    def opened(self, images: Path | None) -> AnnotationSource:
        """The people who are to be added, for ``import_annotations``.

        Args:
            images: the folder of the pictures; None: beside the file.

        Raises:
            AnnotationError: no such folder.
        """
        asked = AskedSource(
            path=self._source,
            images=images,
            dataset=BODIES_FORMAT_NAME,
            options=NO_OPTIONS,
            cancel=None,
        )
        opened = people_of_bodies(asked, self._found, self._projector.joints_px)
        people = self._new_people(opened.entries, opened.notes)
        return replace(opened, entries=people, camera_of=self.cameras.camera_of)

    def placed(self, import_id: int | None) -> ReadBodies:
        """The bodies, with the boxes of the people that were made of them.

        Args:
            import_id: as ``ReadBodies`` has it.
        """
        return ReadBodies(self._with_boxes(self._boxes), self._converted, import_id)

    def _with_boxes(self, boxes: Mapping[int, Box]) -> ForeignPredictions:
        centers_px, sides_px = self._found.box_centers_px.copy(), self._found.box_sides_px.copy()
        for row, box in boxes.items():
            centers_px[row], sides_px[row] = (box.center_x_px, box.center_y_px), box.side_px
        return replace(self._found, box_centers_px=centers_px, box_sides_px=sides_px)

    def _new_people(
        self, entries: Iterator[Sequence[ReadResult]], notes: ReadNotes
    ) -> Iterator[Sequence[ReadResult]]:
        read = [self._remembered(row, results) for row, results in enumerate(entries)]
        notes.notices += self.cameras.notices()
        met = self._people_met()
        for row, results in enumerate(read):
            yield [self._met(result, met, row) for result in results]

    def _people_met(self) -> Mapping[int, SampleKey]:
        """Who of the project lies where a body does.

        People at the edge of a picture have boxes of what is seen of them, or of all of them.
        """
        if not self._known:
            return {}
        met = match_people(self._with_boxes(self._boxes), self._known).sample_by_row
        tried = {row: box for row, box in self._whole.items() if row not in met}
        if tried:
            met = match_people(
                self._with_boxes({**self._boxes, **tried}), self._known
            ).sample_by_row
            self._boxes.update({row: box for row, box in tried.items() if row in met})
        return met

    def _met(self, result: ReadResult, met: Mapping[int, SampleKey], row: int) -> ReadResult:
        """What becomes of a row: of those whom such a file made, the import takes care itself."""
        is_projected = (
            isinstance(result, NewSample) and result.keypoint_source is KeypointSource.PROJECTED
        )
        if not is_projected or row not in met or met[row].dataset == BODIES_FORMAT_NAME:
            return result
        self.met += 1
        return SkippedEntry(IN_THE_PROJECT)

    def _remembered(self, row: int, results: Sequence[ReadResult]) -> Sequence[ReadResult]:
        for result in results:
            if not isinstance(result, NewSample):
                continue
            self.cameras.take(row, result)
            if not np.isfinite(self._found.box_sides_px[row]):
                self._boxes[row] = Box.of(result.box_center_px, result.box_scale)
                there = (result.keypoints_px[:, :2] != 0).any(axis=1)
                self._whole[row] = box_around(result.keypoints_px[there, :2])
        return results


def _body_and_people(
    project: Path | NewProject,
) -> tuple[BodyModel, Path | None, Sequence[SampleKey]]:
    """The body of a project, its file where it is the user's own, and who is there."""
    if isinstance(project, NewProject):
        named = project.settings.get(BODY_FILE)
        file = Path(named) if named else None
        return load_body(file), file, ()
    with Dictionary.open(project) as dictionary:
        return project_body(dictionary), body_file(dictionary), dictionary.samples.all_keys()
