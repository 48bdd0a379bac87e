"""Export of what people corrected: keypoints as COCO, and who changed what, when."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, replace
from pathlib import Path

from core.body.conventions import OPENPOSE_KEYPOINTS
from core.datasets.coco_writer import CocoPerson, coco_document, write_coco
from core.datasets.whole_files import written_whole
from core.dictionary.corrections import CORRECTION_COLUMNS
from core.dictionary.records import Sample, SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress

_PAGE = 1000
_EVERYTHING = SampleQuery()


@dataclass(frozen=True, kw_only=True)
class KeypointExport:
    """What was written.

    corrected: people whose keypoints or box were edited; drawn: by hand; without_keypoints: those
    with a box alone.
    """

    out: Path
    people: int
    pictures: int
    corrected: int
    drawn: int
    without_keypoints: int

    def summary(self) -> str:
        """The report in one line and the path."""
        return (
            f"{self.people} people in {self.pictures} pictures: {self.corrected} corrected, "
            f"{self.drawn} drawn by hand, {self.without_keypoints} without keypoints\n{self.out}"
        )


@dataclass(frozen=True, kw_only=True)
class CorrectionsExport:
    """What was written: changes, and how many people made them."""

    out: Path
    changes: int
    authors: int

    def summary(self) -> str:
        """The report in one line and the path."""
        return f"{self.changes} changes by {self.authors} people\n{self.out}"


def export_coco_keypoints(
    dictionary: Dictionary,
    out: Path,
    *,
    query: SampleQuery = _EVERYTHING,
    overwrite: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> KeypointExport:
    """Write the keypoints of a query's samples, as they stand, as COCO's annotations.

    Whoever was imported from COCO keeps the id. ``file_name`` starts from the one folder that holds
    all pictures, which ``info.pictures_folder`` names: importing with it as ``--images`` gives the
    same people.

    Raises:
        UserFileError: ``out`` exists and ``overwrite`` is off, or cannot be written.
        Cancelled: the user asked to stop; nothing was written.
    """
    ids = dictionary.sample_ids(replace(query, sort=SortKey.ID, descending=False))
    meter = ProgressMeter("Collecting keypoints", len(ids), progress)
    samples: list[Sample] = []
    for start in range(0, len(ids), _PAGE):
        if cancel is not None:
            cancel.raise_if_cancelled()
        page = [int(one) for one in ids[start : start + _PAGE]]
        samples += dictionary.samples(page)
        meter.advance(len(page))
    people = [_person(sample) for sample in samples]
    pictures = {person.picture for person in people}
    write_coco(out, coco_document(people, folder=_common_folder(pictures)), overwrite=overwrite)
    return KeypointExport(
        out=out,
        people=len(people),
        pictures=len(pictures),
        corrected=sum(sample.corrections > 0 for sample in samples),
        drawn=sum(sample.drawn_by is not None for sample in samples),
        without_keypoints=sum(not sample.keypoints_px[:, 2].any() for sample in samples),
    )


def export_corrections(
    dictionary: Dictionary, out: Path, *, overwrite: bool = False
) -> CorrectionsExport:
    """Write every change that a person made as a CSV with one line each, oldest first.

    Raises:
        UserFileError: ``out`` exists and ``overwrite`` is off, or cannot be written.
    """
    rows = dictionary.corrections.by_people()
    text = io.StringIO()
    writer = csv.DictWriter(text, CORRECTION_COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    with written_whole(out, overwrite=overwrite) as stream:
        stream.write(text.getvalue().encode())
    return CorrectionsExport(
        out=out, changes=len(rows), authors=len({row["author"] for row in rows})
    )


def _person(sample: Sample) -> CocoPerson:
    notes: dict[str, object] = {
        "sample_id": sample.id,
        "dataset": sample.dataset,
        "person": sample.person_key,
        "corrections": sample.corrections,
    }
    if sample.drawn_by is not None:
        notes["drawn_by"] = sample.drawn_by
    return CocoPerson(
        picture=sample.picture_path,
        picture_size_px=sample.picture_size_px,
        keypoints_px=sample.keypoints_px,
        box=sample.box,
        wanted_id=_imported_id(sample),
        notes=notes,
    )


def _imported_id(sample: Sample) -> int | None:
    """The annotation's id: the person key of what was imported from COCO is a bare number.

    OpenPose's keys are numbers, too, but each picture's own; its joints are those of the first half
    alone.
    """
    key, seen = sample.person_key, sample.keypoints_px[:, 2] > 0
    from_openpose = bool(seen[:OPENPOSE_KEYPOINTS].any() and not seen[OPENPOSE_KEYPOINTS:].any())
    is_number = key.isascii() and key.isdigit()
    return int(key) if is_number and not from_openpose else None


def _common_folder(pictures: set[Path]) -> Path:
    """The deepest folder that all pictures lie in."""
    if not pictures:
        return Path("/")
    return Path(os.path.commonpath([picture.parent for picture in pictures]))
