"""Export of keypoints as COCO: people as they stand, all else as their files had it."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.body.conventions import OPENPOSE_KEYPOINTS
from core.dictionary.samples.sources import StoredEntry, StoredPicture
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.formats.keypoints.coco_entries import CocoPerson
from core.formats.keypoints.coco_writer import (
    CocoContents,
    CocoOther,
    CocoPicture,
    coco_document,
    write_coco,
)
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.types.arrays import FloatArray
from core.types.counted_nouns import counted
from core.types.keypoint_sources import is_projected
from core.types.samples import Sample
from core.workflows.annotations.listed_pictures import ListedPictures
from core.workflows.exports.export_request import ExportRequest

_EVERYTHING = SampleQuery()
_PROJECTED = "projected_keypoints"


@dataclass(frozen=True, kw_only=True)
class KeypointExport:
    """What was written.

    corrected: people whose keypoints or box were edited; drawn: by hand; without_keypoints: those
    with a box alone, of whom projected have their own body's joints in the place of keypoints,
    which are no annotation and are left out. others: entries that are no people of the project, of
    which ``refused`` the import could not use. empty_pictures: without any entry. notices: what was
    not kept as it was.
    """

    out: Path
    people: int
    pictures: int
    corrected: int
    drawn: int
    without_keypoints: int
    projected: int = 0
    others: int = 0
    refused: int = 0
    empty_pictures: int = 0
    notices: tuple[str, ...] = ()

    def summary(self) -> str:
        """The report in some lines, the path at the end."""
        people = (
            f"{counted(self.people, 'person', 'people')} in "
            f"{counted(self.pictures, 'picture', 'pictures')}: {self.corrected} corrected, "
            f"{self.drawn} drawn by hand, {self.without_keypoints} without keypoints"
        )
        lines = [people]
        if self.projected:
            lines.append(
                f"{self.projected} of those without have only joints that their own body was "
                "projected to: no annotation, left out"
            )
        if self.others:
            lines.append(
                f"{counted(self.others, 'other entry', 'other entries')} as imported: crowds, "
                f"other categories, and {self.refused} that the import had refused"
            )
        if self.empty_pictures:
            lines.append(f"{counted(self.empty_pictures, 'picture', 'pictures')} without people")
        return "\n".join([*lines, *self.notices, str(self.out)])


def export_coco_keypoints(
    dictionary: Dictionary,
    out: Path,
    *,
    query: SampleQuery = _EVERYTHING,
    sample_ids: tuple[int, ...] | None = None,
    overwrite: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> KeypointExport:
    """Write the keypoints of a query's samples, as they stand, as COCO's annotations.

    ``sample_ids`` takes the place of the query where it is given.

    What was not changed is written as it was imported: ids, areas, boxes, visibility, crowds. Of a
    query, crowds and other entries come with the pictures of its people; pictures without people
    only where everything is exported. Importing the file with the folder that
    ``info.pictures_folder`` names as ``--images`` gives the same people.

    Raises:
        UserFileError: ``out`` exists and ``overwrite`` is off, or cannot be written.
        Cancelled: the user asked to stop; nothing was written.
    """
    request = ExportRequest(
        out=out, query=query, sample_ids=sample_ids, progress=progress, cancel=cancel
    )
    collected = _CollectedEntries(dictionary, all_pictures=request.is_everything)
    for page in request.pages(request.ids(dictionary), "Collecting keypoints"):
        collected.add_people(page)
    contents = collected.contents()
    document = coco_document(contents)
    write_coco(out, document, overwrite=overwrite)
    return _report(out, contents, document.notices)


class _CollectedEntries:
    """The people of an export, page by page, and then what belongs to their pictures."""

    def __init__(self, dictionary: Dictionary, *, all_pictures: bool) -> None:
        self._dictionary, self._all_pictures = dictionary, all_pictures
        self._listed = ListedPictures(dictionary.sources.pictures())
        self._samples: list[Sample] = []
        self._entries: dict[int, StoredEntry] = {}
        self._imported: dict[int, FloatArray] = {}

    def add_people(self, ids: Sequence[int]) -> None:
        """Take some more people in."""
        self._entries |= self._dictionary.sources.of_samples(ids)
        self._imported |= self._dictionary.sources.imported_keypoints(ids)
        for sample in self._dictionary.samples.get_many(ids):
            self._samples.append(sample)
            stored = self._entries.get(sample.id)
            if stored is not None:
                self._listed.found_at(stored.picture_id, sample.picture_path)

    def contents(self) -> CocoContents:
        """People, what else is in the files, and the pictures of both."""
        sizes = {
            each_sample.picture_path: each_sample.picture_size_px for each_sample in self._samples
        }
        listed = [
            picture
            for picture in self._listed.written()
            if self._all_pictures or self._listed.path_of(picture.id) in sizes
        ]
        others = list(self._others({picture.id for picture in listed}))
        pictures = [
            _picture(self._listed.path_of(picture.id), picture, sizes) for picture in listed
        ]
        written_paths = {picture.path for picture in pictures}
        pictures += [_picture(path, None, sizes) for path in sizes if path not in written_paths]
        people = [self._person(sample) for sample in self._samples]
        used = {person.document for group in (people, others, pictures) for person in group}
        headings = self._dictionary.sources.headings()
        return CocoContents(
            people=people,
            others=others,
            pictures=pictures,
            headings={
                number: json.loads(text) for number, text in headings.items() if number in used
            },
        )

    def _others(self, written: Collection[int]) -> Iterator[CocoOther]:
        """Entries of the pictures that became no sample, each once."""
        seen: set[tuple[int, str]] = set()
        for entry in self._dictionary.sources.without_sample():
            picture = self._listed.written_as(entry.picture_id)
            if picture in written and (picture, entry.text) not in seen:
                seen.add((picture, entry.text))
                yield CocoOther(
                    picture=picture,
                    document=entry.document_id,
                    position=entry.position,
                    entry=_fields(entry.text),
                    refused=entry.refused,
                )

    def _person(self, sample: Sample) -> CocoPerson:
        stored = self._entries.get(sample.id)
        picture: Hashable = self._listed.at(sample.picture_path)
        if stored is not None:
            picture = self._listed.written_as(stored.picture_id)
        imported = self._imported.get(sample.id, sample.keypoints_px)
        imported = np.where(imported[:, 2:] > 0, imported, np.float32(0))
        key = sample.picture_path if picture is None else picture
        return _person(sample, stored, imported, key)


def _person(
    sample: Sample, stored: StoredEntry | None, imported_px: FloatArray, picture: Hashable
) -> CocoPerson:
    notes: dict[str, object] = {
        "sample_id": sample.id,
        "dataset": sample.dataset,
        "person": sample.person_key,
        "corrections": sample.corrections,
    }
    if is_projected(sample.keypoints_px, sample.keypoint_sources).any():
        notes[_PROJECTED] = "left out: joints of the person's own body, projected"
    if sample.drawn_by is not None:
        notes["drawn_by"] = sample.drawn_by
    entry = {} if stored is None else _fields(stored.text)
    return CocoPerson(
        picture=picture,
        keypoints_px=sample.annotated_keypoints_px,
        imported_keypoints_px=imported_px,
        box=sample.box,
        imported_box=None if stored is None else stored.box,
        entry=entry,
        document=None if stored is None else stored.document_id,
        position=sample.id if stored is None else stored.position,
        requested_id=_imported_id(sample) if stored is None else entry.get("id"),
        notes=notes,
    )


def _picture(
    path: Path, stored: StoredPicture | None, sizes_px: Mapping[Path, tuple[int, int]]
) -> CocoPicture:
    return CocoPicture(
        key=path if stored is None else stored.id,
        path=path,
        size_px=sizes_px.get(path),
        document=None if stored is None else stored.document_id,
        file_name="" if stored is None else stored.picture.file_name,
        entry={} if stored is None else _fields(stored.picture.text),
    )


def _fields(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text)
    return fields


def _imported_id(sample: Sample) -> int | None:
    """The id of a person of a project older than the table of entries: the key is a bare number.

    OpenPose's keys are numbers, too, but each picture's own; its joints are those of the first half
    alone.
    """
    key, seen = sample.person_key, sample.keypoints_px[:, 2] > 0
    from_openpose = bool(seen[:OPENPOSE_KEYPOINTS].any() and not seen[OPENPOSE_KEYPOINTS:].any())
    is_number = key.isascii() and key.isdigit()
    return int(key) if is_number and not from_openpose else None


def _report(out: Path, contents: CocoContents, notices: tuple[str, ...]) -> KeypointExport:
    people, others = contents.people, contents.others
    with_people = {person.picture for person in people}
    with_entries = with_people | {other.picture for other in others}
    return KeypointExport(
        out=out,
        people=len(people),
        pictures=len(with_people),
        corrected=sum(bool(person.notes["corrections"]) for person in people),
        drawn=sum("drawn_by" in person.notes for person in people),
        without_keypoints=sum(not person.keypoints_px[:, 2].any() for person in people),
        projected=sum(
            _PROJECTED in person.notes and not person.keypoints_px[:, 2].any() for person in people
        ),
        others=len(others),
        refused=sum(other.refused for other in others),
        empty_pictures=sum(picture.key not in with_entries for picture in contents.pictures),
        notices=notices,
    )
