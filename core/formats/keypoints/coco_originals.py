"""What a COCO file holds beside what samples keep of it, so that an export can write it back.

A sample knows 17 joints and a square. The file knows areas, masks, crowds, visibility, licences
and pictures without people: every entry is kept as the JSON it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.formats.picture_folders import PictureFolder
from core.formats.reader_results import BrokenEntryError, ReadProblem, ReadResult
from core.types.samples import NewSample
from core.types.sources import SourceDocument, SourceEntry, SourcePicture

_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_LISTS = ("images", "annotations")
_HEADING_FIELDS = ("info", "licenses", "categories")
_MAX_HEADING_CHARACTERS = 1 << 20
_DEEPEST = 100
_RESULT_FIELDS = ("image_id", "bbox", "score")
"""Of a result; its joints are the sample's, with a confidence in place of a visibility."""


class KeptAnnotations:
    """An annotation file: its pictures, its heading, and its entries as text."""

    def __init__(self, document: Mapping[str, Any], folder: PictureFolder, dataset: str) -> None:
        self._pictures: list[SourcePicture] = []
        self._picture_of_id: dict[int | str, int] = {}
        for image_id, picture in _listed_pictures(document.get("images"), folder):
            if image_id not in self._picture_of_id:
                self._picture_of_id[image_id] = len(self._pictures)
                self._pictures.append(picture)
        self.document = SourceDocument(
            dataset=dataset, heading=_heading(document), pictures=self._pictures
        )

    def entry(self, position: int, entry: Any, result: ReadResult) -> SourceEntry | None:
        """An entry with what became of it; None where it cannot be written back."""
        picture = self._picture_of_id.get(_image_id(entry))
        text = _as_text(entry) or _as_text(_finite(entry))
        if picture is None or text is None:
            return None
        if isinstance(result, NewSample) and result.picture_path != self._pictures[picture].path:
            # The reader found it under a slightly other name.
            self._pictures[picture] = replace(self._pictures[picture], path=result.picture_path)
        return SourceEntry(
            picture=picture,
            position=position,
            text=text,
            refused=isinstance(result, ReadProblem),
        )


class KeptResults:
    """A list of results: the numbers of its pictures, and the boxes where it gives them."""

    def __init__(self, folder: PictureFolder, dataset: str) -> None:
        self._folder = folder
        self._pictures: list[SourcePicture] = []
        self._picture_of_path: dict[Path, int] = {}
        self.document = SourceDocument(dataset=dataset, heading="{}", pictures=self._pictures)

    def entry(self, position: int, entry: Any, result: ReadResult) -> SourceEntry | None:
        """A result that became a sample; all others are left out."""
        if not isinstance(result, NewSample):
            return None
        text = _as_text({name: entry[name] for name in _RESULT_FIELDS if name in entry})
        if text is None:
            return None
        return SourceEntry(picture=self._picture_index(result, entry), position=position, text=text)

    def _picture_index(self, sample: NewSample, entry: Mapping[str, Any]) -> int:
        """Which of the pictures a result means; a new one is listed as results refer to it."""
        path = sample.picture_path
        if path not in self._picture_of_path:
            width_px, height_px = sample.picture_size_px
            name = path.relative_to(self._folder.folder).as_posix()
            fields = {"id": _image_id(entry), "file_name": name}
            text = _as_text({**fields, "width": width_px, "height": height_px})
            self._picture_of_path[path] = len(self._pictures)
            self._pictures.append(
                SourcePicture(
                    path=path, image_id=json.dumps(fields["id"]), file_name=name, text=text or "{}"
                )
            )
        return self._picture_of_path[path]


def _image_id(entry: Any) -> int | str:
    """The number or name that an entry refers to its picture by; empty where it has none."""
    image_id = entry.get("image_id", "") if isinstance(entry, dict) else ""
    return image_id if type(image_id) in (int, str) else ""


def _listed_pictures(
    images: Any, folder: PictureFolder
) -> Iterator[tuple[int | str, SourcePicture]]:
    """The pictures that a file names by their ids, whether they are on the disk or not."""
    for entry in images if isinstance(images, list) else ():
        if not isinstance(entry, dict) or type(entry.get("id")) not in (int, str):
            continue
        file_name, text = entry.get("file_name"), _as_text(entry)
        if type(file_name) is not str or text is None:
            continue
        try:
            path = folder.picture_named(file_name)
            str(path).encode()
        except (BrokenEntryError, UnicodeEncodeError):
            continue  # its people are told as problems
        image_id = entry["id"]
        yield (
            image_id,
            SourcePicture(path=path, image_id=json.dumps(image_id), file_name=file_name, text=text),
        )


def _heading(document: Mapping[str, Any]) -> str:
    everything = {name: value for name, value in document.items() if name not in _LISTS}
    text = _as_text(everything)
    if text is None or len(text) > _MAX_HEADING_CHARACTERS:
        heading = {name: everything[name] for name in _HEADING_FIELDS if name in everything}
        text = _as_text(heading)
    return text if text is not None and len(text) <= _MAX_HEADING_CHARACTERS else "{}"


def _finite(entry: Any) -> Any:
    """An entry without what JSON has no word for (NaN): fields are left out, joints absent."""
    if not isinstance(entry, dict):
        return None
    kept = {name: value for name, value in entry.items() if _as_text(value) is not None}
    joints = entry.get("keypoints")
    if "keypoints" not in kept and isinstance(joints, list) and len(joints) % 3 == 0:
        triples = [joints[start : start + 3] for start in range(0, len(joints), 3)]
        kept["keypoints"] = [
            number for joint in triples for number in (joint if _as_text(joint) else [0, 0, 0])
        ]
    return kept


def _as_text(value: Any) -> str | None:
    """JSON that reads back as the same numbers; None for NaN, infinity and what is too deep."""
    try:
        text = _JSON.encode(value)
    except (ValueError, RecursionError):
        return None
    return None if _is_deep(text) else text


def _is_deep(text: str) -> bool:
    """Whether lists and objects are nested so deep that writing them may fail later."""
    if text.count("[") + text.count("{") <= _DEEPEST:
        return False
    depth = 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        if depth > _DEEPEST:
            return True
    return False
