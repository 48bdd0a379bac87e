"""What annotation files hold, so that an export can write it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class SourceEntry:
    """An entry of an annotation file as it stood there, so that an export can write it back.

    picture: position of its picture among the document's. position: in the file's list, from 0.
    text: the entry as JSON. refused: the import could not use it.
    """

    picture: int
    position: int
    text: str
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class SourcePicture:
    """A picture as an annotation file lists it, whether it shows a person or not.

    path: where it is. image_id: JSON of the number or name that entries refer to it by.
    file_name: as the file calls it. text: the entry as JSON.
    """

    path: Path
    image_id: str
    file_name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SourceDocument:
    """What an annotation file holds beside its entries.

    dataset: as its samples have it. heading: JSON of all fields but the lists of pictures and
    entries. pictures: complete only when the last entry was read, since lists of results name
    their pictures as they go.
    """

    dataset: str
    heading: str
    pictures: Sequence[SourcePicture]
