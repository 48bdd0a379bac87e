"""Who of a picture and data set is in the project already, and taking over their new joints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.samples.edit_states import read_state
from core.dictionary.samples.state_changes import Compare, compared, in_box, write_change
from core.dictionary.storage.blobs import from_blob, to_blob
from core.dictionary.storage.clock import PROGRAM_AUTHOR
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.picture_paths import PicturePaths
from core.geometry.boxes import Box
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from core.types.keypoint_sources import all_from
from core.types.samples import NewSample

_PEOPLE = """
SELECT samples.id, person_key, box_center_x_px, box_center_y_px, box_scale, corrections, drawn_by,
    coalesce(imported_keypoints_px, keypoints_px) AS keypoints_px
FROM samples JOIN annotations ON annotations.sample_id = samples.id
WHERE picture_path = ? AND +dataset = ? ORDER BY samples.id"""
"""With +, or SQLite walks through the whole data set, which has the order of the ids."""


_ADD_TRUTH = """
UPDATE annotations SET true_joints_3d = ?
WHERE sample_id = ? AND true_joints_3d IS NULL RETURNING sample_id"""


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownPerson:
    """A sample as an import meets it again.

    keypoints_px: (49, 3) as they were imported, whatever people corrected since. box: as it stands.
    by_hand: a person corrected or drew it.
    """

    sample_id: int
    person_key: str
    keypoints_px: FloatArray
    box: Box
    by_hand: bool


class KnownPeople:
    """Samples as an import meets them again; reached as ``dictionary.known_people``."""

    def __init__(self, connection: Connection, pictures: PicturePaths) -> None:
        self._connection, self._pictures = connection, pictures

    def are_there(self) -> bool:
        """Whether there is anyone at all: in a new project, no picture needs to be asked for."""
        return bool(self._connection.scalar("SELECT EXISTS (SELECT 1 FROM samples)"))

    def of_picture(self, picture: Path, dataset: str) -> list[KnownPerson]:
        """The people of a picture in one data set, in the order they were imported."""
        stored = self._pictures.stored(picture)
        return [_known_person(row) for row in self._connection.rows(_PEOPLE, (stored, dataset))]

    def replace_annotations(
        self, samples: Mapping[int, NewSample], *, compare: Compare
    ) -> list[int]:
        """Give samples other keypoints and boxes, as a newer annotation has them.

        All in one transaction. Bodies stay where they are seen, and their losses are measured
        again. A sample that a person corrected, or drew, stays as it is. What an export would
        write back of the former annotation is forgotten: adding the sample again keeps the new one.

        Args:
            samples: the new annotations, by the id of the sample.
            compare: see ``Compare``.

        Returns:
            The samples that changed.

        Raises:
            NoSuchRecordError: a sample does not exist; nothing is changed.
        """
        changed = []
        with self._connection.writing():
            for sample_id, sample in samples.items():
                if not self._is_by_hand(sample_id):
                    self._replace(sample_id, sample, compare)
                    changed.append(sample_id)
        return changed

    def add_true_joints(self, joints_3d: Mapping[int, FloatArray]) -> list[int]:
        """Give samples the true joints that a file states, where they have none.

        Args:
            joints_3d: ``(49, 4)`` as ``GroundTruth`` has them, by sample.

        Returns:
            The samples that took theirs.
        """
        with self._connection.writing():
            taken = [
                sample_id
                for sample_id, joints in joints_3d.items()
                if self._connection.execute(_ADD_TRUTH, (to_blob(joints), sample_id))
            ]
            forget_assessments(self._connection, taken)
        return taken

    def _replace(self, sample_id: int, sample: NewSample, compare: Compare) -> None:
        before = read_state(self._connection, sample_id)
        x_px, y_px = (float(number) for number in sample.box_center_px)
        moved = in_box(before, (x_px, y_px), float(sample.box_scale))
        keypoints = np.asarray(sample.keypoints_px, dtype=np.float32)
        replaced = replace(
            moved, keypoints_px=keypoints, keypoint_sources=all_from(sample.keypoint_source)
        )
        after = compared(self._connection, replaced, compare)
        write_change(self._connection, before, after, PROGRAM_AUTHOR)
        self._connection.execute("DELETE FROM source_entries WHERE sample_id = ?", (sample_id,))

    def _is_by_hand(self, sample_id: int) -> bool:
        return bool(
            self._connection.scalar(
                "SELECT corrections > 0 OR drawn_by IS NOT NULL FROM samples WHERE id = ?",
                (sample_id,),
            )
        )


def _known_person(row: Row) -> KnownPerson:
    center = np.array([row["box_center_x_px"], row["box_center_y_px"]], dtype=np.float32)
    return KnownPerson(
        sample_id=row["id"],
        person_key=row["person_key"],
        keypoints_px=from_blob(
            row["keypoints_px"], (NUM_KEYPOINTS, 3), what=f"keypoints of sample {row['id']}"
        ),
        box=Box.of(center, row["box_scale"]),
        by_hand=row["corrections"] > 0 or row["drawn_by"] is not None,
    )
