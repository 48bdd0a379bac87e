"""The parts that are to be merged, looked through before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.dictionary.shards.manifests import PartManifest
from core.dictionary.shards.part_files import ROWS_TOGETHER, checked_manifest, read_part
from core.dictionary.shards.recording import RecordedOffer
from core.errors import UserFileError

_PART = re.compile(r"part-(\d+)\.parquet")


@dataclass(frozen=True)
class Part:
    """A part whose content has the hash that its manifest states."""

    path: Path
    manifest: PartManifest


def found_parts(paths: Sequence[Path]) -> list[Part]:
    """The parts that paths and folders name, looked through, by their shards.

    Raises:
        UserFileError: as ``merge_parts``.
    """
    files = [file for path in paths for file in _parts_in(path)]
    parts = [Part(file, checked_manifest(file)) for file in dict.fromkeys(files)]
    parts.sort(key=lambda part: part.manifest.shard)
    first = parts[0]
    shards: dict[int, Part] = {}
    for part in parts:
        inputs = part.manifest.inputs
        if inputs.sha256 != first.manifest.inputs.sha256:
            raise UserFileError(
                f"the part is of other inputs than {first.path.name}: "
                f"{first.manifest.inputs.difference(inputs)}.",
                path=part.path,
                remedy="Merge parts of one job at a time.",
            )
        other = shards.setdefault(part.manifest.shard[0], part)
        if other.manifest.part_sha256 != part.manifest.part_sha256:
            raise UserFileError(
                f"is another part of the same shard as {other.path}.",
                path=part.path,
                remedy="Name one of them.",
            )
    return list(shards.values())


def _parts_in(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = [file for file in path.iterdir() if _PART.fullmatch(file.name)]
    if not found:
        raise UserFileError(
            "the folder holds no part.",
            path=path,
            remedy="Name the folder that fit, refit or predict wrote with --out.",
        )
    return sorted(found)


def groups_of(part: Part) -> Iterator[list[list[RecordedOffer]]]:
    """The groups of a part, whole, some at a time."""
    if not part.manifest.groups:
        return
    groups: dict[int, list[RecordedOffer]] = {}
    for rows in read_part(part.path, part.manifest):
        for offer in rows.offers:
            if offer.together is not None:
                groups.setdefault(offer.together, []).append(offer)
        if sum(map(len, groups.values())) >= ROWS_TOGETHER:
            *whole, last = groups  # the last one may go on
            yield [groups[number] for number in whole]
            groups = {last: groups[last]}
    yield list(groups.values())
