"""Export of keypoints as COCO: people as they stand, all else as their files had it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.body.conventions import OPENPOSE_KEYPOINTS
from core.datasets.coco_entries import CocoPerson
from core.datasets.coco_writer import (
    CocoContents,
    CocoOther,
    CocoPicture,
    coco_document,
    write_coco,
)
from core.dictionary.records import Sample, SampleQuery, SortKey
from core.dictionary.sources import StoredEntry, StoredPicture
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress

_PAGE = 1000
_EVERYTHING = SampleQuery()


@dataclass(frozen=True, kw_only=True)
class KeypointExport:
    """What was written.

    corrected: people whose keypoints or box were edited; drawn: by hand; without_keypoints: those
    with a box alone. others: entries that are no people of the project, of which ``refused`` the
    import could not use. empty_pictures: without any entry. notices: what was not kept as it was.
    """

    out: Path
    people: int
    pictures: int
    corrected: int
    drawn: int
    without_keypoints: int
    others: int = 0
    refused: int = 0
    empty_pictures: int = 0
    notices: tuple[str, ...] = ()

    def summary(self) -> str:
        """The report in some lines, the path at the end."""
        people = (
            f"{self.people} people in {self.pictures} pictures: {self.corrected} corrected, "
            f"{self.drawn} drawn by hand, {self.without_keypoints} without keypoints"
        )
        lines = [people]
        if self.others:
            lines.append(f"{self.others} other entries as they were imported (crowds and the like)")
        if self.refused:
            lines.append(f"{self.refused} of them the import had refused")
        if self.empty_pictures:
            lines.append(f"{self.empty_pictures} pictures without people")
        return "\n".join([*lines, *self.notices, str(self.out)])


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

    What nobody changed is written as it was imported: ids, areas, boxes, visibility, crowds. Of a
    query, crowds and other entries come with the pictures of its people; pictures without people
    only where everything is exported. Importing the file with the folder that
    ``info.pictures_folder`` names as ``--images`` gives the same people.

    Raises:
        UserFileError: ``out`` exists and ``overwrite`` is off, or cannot be written.
        Cancelled: the user asked to stop; nothing was written.
    """
    in_order = replace(query, sort=SortKey.ID, descending=False)
    ids = dictionary.sample_ids(in_order)
    meter = ProgressMeter("Collecting keypoints", len(ids), progress)
    collected = _Collected(
        dictionary, all_pictures=in_order == replace(_EVERYTHING, sort=SortKey.ID)
    )
    for start in range(0, len(ids), _PAGE):
        if cancel is not None:
            cancel.raise_if_cancelled()
        page = [int(one) for one in ids[start : start + _PAGE]]
        collected.add_people(page)
        meter.advance(len(page))
    contents = collected.contents()
    document = coco_document(contents)
    write_coco(out, document, overwrite=overwrite)
    return collected.report(out, contents, document.notices)


class _Collected:
    """The people of an export, page by page, and then what belongs to their pictures."""

    def __init__(self, dictionary: Dictionary, *, all_pictures: bool) -> None:
        self._dictionary, self._all_pictures = dictionary, all_pictures
        self._headings = {
            number: json.loads(text) for number, text in dictionary.sources.headings().items()
        }
        self._pictures = {one.id: one for one in dictionary.sources.pictures()}
        self._path_of_picture = {one.id: one.picture.path for one in self._pictures.values()}
        self._people: list[CocoPerson] = []
        self._drawn = 0
        self._refused = 0

    def add_people(self, ids: Sequence[int]) -> None:
        """Take some more people in."""
        entries = self._dictionary.sources.of_samples(ids)
        imported = self._dictionary.sources.imported_keypoints(ids)
        for sample in self._dictionary.samples(ids):
            stored = entries.get(sample.id)
            if stored is not None:
                # A picture that was found elsewhere since is where its people say.
                self._path_of_picture[stored.picture_id] = sample.picture_path
            before = imported.get(sample.id, sample.keypoints_px)
            self._people.append(_person(sample, stored, before))
            self._drawn += sample.drawn_by is not None

    def contents(self) -> CocoContents:
        """People, what else is in the files, and the pictures of both."""
        sizes = {one.picture: one.picture_size_px for one in self._people}
        listed = {
            self._path_of_picture[one.id]: one
            for one in reversed(self._pictures.values())
            if self._all_pictures or self._path_of_picture[one.id] in sizes
        }
        others = list(self._others(listed))
        pictures = [_picture(path, one, sizes.get(path)) for path, one in reversed(listed.items())]
        pictures += [
            _picture(path, None, size) for path, size in sizes.items() if path not in listed
        ]
        used = {one.document for group in (self._people, others, pictures) for one in group}
        return CocoContents(
            people=self._people,
            others=others,
            pictures=pictures,
            headings={
                number: self._headings[number]
                for number in sorted(one for one in used if one is not None)
            },
        )

    def _others(self, listed: Mapping[Path, StoredPicture]) -> Iterator[CocoOther]:
        """Entries of the pictures that became no sample, each once."""
        seen: set[tuple[Path, str]] = set()
        for one in self._dictionary.sources.without_sample():
            path = self._path_of_picture[one.picture_id]
            if path in listed and (path, one.text) not in seen:
                seen.add((path, one.text))
                self._refused += one.refused
                yield CocoOther(
                    picture=path,
                    document=one.document_id,
                    position=one.position,
                    entry=_fields(one.text),
                )

    def report(self, out: Path, contents: CocoContents, notices: tuple[str, ...]) -> KeypointExport:
        """What came of it."""
        people = contents.people
        with_people = {one.picture for one in people}
        with_entries = with_people | {one.picture for one in contents.others}
        return KeypointExport(
            out=out,
            people=len(people),
            pictures=len(with_people),
            corrected=sum(bool(one.notes["corrections"]) for one in people),
            drawn=self._drawn,
            without_keypoints=sum(not one.keypoints_px[:, 2].any() for one in people),
            others=len(contents.others),
            refused=self._refused,
            empty_pictures=sum(one.path not in with_entries for one in contents.pictures),
            notices=notices,
        )


def _person(sample: Sample, stored: StoredEntry | None, imported_keypoints: Any) -> CocoPerson:
    notes: dict[str, object] = {
        "sample_id": sample.id,
        "dataset": sample.dataset,
        "person": sample.person_key,
        "corrections": sample.corrections,
    }
    if sample.drawn_by is not None:
        notes["drawn_by"] = sample.drawn_by
    entry = {} if stored is None else _fields(stored.text)
    return CocoPerson(
        picture=sample.picture_path,
        picture_size_px=sample.picture_size_px,
        keypoints_px=sample.keypoints_px,
        imported_keypoints_px=imported_keypoints,
        box=sample.box,
        imported_box=None if stored is None else stored.box,
        entry=entry,
        document=None if stored is None else stored.document_id,
        position=sample.id if stored is None else stored.position,
        wanted_id=_imported_id(sample) if stored is None else entry.get("id"),
        notes=notes,
    )


def _picture(
    path: Path, stored: StoredPicture | None, size_px: tuple[int, int] | None
) -> CocoPicture:
    return CocoPicture(
        path=path,
        size_px=size_px,
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
