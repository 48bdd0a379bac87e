"""Which person of a project an entry of another method's file is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from core.datasets.foreign_predictions import ForeignPredictions
from core.dictionary.samples import SamplePlace
from core.geometry.crops import BOX_SCALE_PX

LEAST_OVERLAP = 0.3
"""Of two boxes, intersection over union. Boxes of one person with margins of 1.0 and 1.4 share 0.5;
people side by side share less than 0.3."""

NO_SUCH_PICTURE = "the project has no picture of this name"
SEVERAL_PICTURES = "several pictures of the project have this name"
NO_BOX = "several people are in the picture, and the file has no boxes to tell them apart"
ANOTHER_PLACE = "nobody of the project is at its place in the picture"
TAKEN = "another entry lies better on the same person"


@dataclass(frozen=True)
class Unmatched:
    """An entry that belongs to nobody: its row, its picture, and why."""

    row: int
    picture_name: str
    reason: str


@dataclass(frozen=True)
class Matches:
    """Sample by row of the file, and the rows that found none."""

    places: Mapping[int, SamplePlace]
    unmatched: tuple[Unmatched, ...]


def match_people(found: ForeignPredictions, samples: Sequence[SamplePlace]) -> Matches:
    """Find each entry's sample: by the picture's name, then by person key, then by box.

    A picture is the one whose path ends as the entry's name does; where no path ends with all of
    it, one with the same file name will do, as long as it is the only one. People are told apart by
    key where the file has keys that the picture's samples know, else by the overlap of boxes, the
    best pairs first; a person alone in both needs no box.
    """
    pictures = _Pictures(samples)
    by_picture: dict[str, list[int]] = defaultdict(list)
    unmatched: list[Unmatched] = []
    for row, name in enumerate(found.picture_names):
        path = pictures.find(name)
        if path in (NO_SUCH_PICTURE, SEVERAL_PICTURES):
            unmatched.append(Unmatched(row, name, path))
        else:
            by_picture[path].append(row)
    places: dict[int, SamplePlace] = {}
    for path, rows in by_picture.items():
        matched, left = _match_picture(found, rows, pictures.people(path))
        places.update(matched)
        unmatched += [Unmatched(row, found.picture_names[row], why) for row, why in left.items()]
    return Matches(places, tuple(sorted(unmatched, key=lambda one: one.row)))


class _Pictures:
    """A project's pictures by file name, and their people."""

    def __init__(self, samples: Sequence[SamplePlace]) -> None:
        self._people: dict[str, list[SamplePlace]] = defaultdict(list)
        for sample in samples:
            self._people[sample.picture_path].append(sample)
        self._paths: dict[str, list[str]] = defaultdict(list)
        for path in self._people:
            self._paths[_parts(path)[-1]].append(path)

    def people(self, path: str) -> list[SamplePlace]:
        return self._people[path]

    def find(self, name: str) -> str:
        """The path of a picture, or why there is none."""
        wanted = _parts(name)
        candidates = self._paths.get(wanted[-1], []) if wanted else []
        if not candidates:
            return NO_SUCH_PICTURE
        shared = [_shared_tail(wanted, _parts(path)) for path in candidates]
        best = [
            path for path, length in zip(candidates, shared, strict=True) if length == max(shared)
        ]
        return best[0] if len(best) == 1 else SEVERAL_PICTURES


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path.replace("\\", "/")).parts


def _shared_tail(first: Sequence[str], second: Sequence[str]) -> int:
    pairs = zip(reversed(first), reversed(second), strict=False)
    length = 0
    for one, other in pairs:
        if one != other:
            break
        length += 1
    return length


def _match_picture(
    found: ForeignPredictions, rows: Sequence[int], people: Sequence[SamplePlace]
) -> tuple[dict[int, SamplePlace], dict[int, str]]:
    """The samples of one picture's entries, and why the others have none."""
    matched, rows, people = _by_key(found, rows, people)
    if not rows:
        return matched, {}
    if not people:
        return matched, dict.fromkeys(rows, TAKEN)
    without_box = [row for row in rows if not np.isfinite(found.box_sides_px[row])]
    if without_box:
        if len(rows) == len(people) == 1 and not matched:
            return {rows[0]: people[0]}, {}
        return matched, dict.fromkeys(rows, NO_BOX)
    overlaps = [(_overlap(found, row, one), row, one) for row in rows for one in people]
    taken: set[int] = set()
    for overlap, row, one in sorted(overlaps, key=lambda each: (-each[0], each[1], each[2].id)):
        if overlap >= LEAST_OVERLAP and row not in matched and one.id not in taken:
            matched[row] = one
            taken.add(one.id)
    near = {row for overlap, row, _one in overlaps if overlap >= LEAST_OVERLAP}
    left = {row: TAKEN if row in near else ANOTHER_PLACE for row in rows if row not in matched}
    return matched, left


def _by_key(
    found: ForeignPredictions, rows: Sequence[int], people: Sequence[SamplePlace]
) -> tuple[dict[int, SamplePlace], list[int], list[SamplePlace]]:
    """Those that person keys decide, and the rows and people left over.

    Keys that are small numbers ("0") mean a position in somebody's list; they count only where the
    boxes, if any, do not speak against them.
    """
    by_key: dict[str, list[SamplePlace]] = defaultdict(list)
    for one in people:
        by_key[one.person_key].append(one)
    matched: dict[int, SamplePlace] = {}
    for row in rows:
        known = by_key.get(found.person_keys[row], []) if found.person_keys[row] else []
        if len(known) != 1 or known[0] in matched.values():
            continue
        has_box = np.isfinite(found.box_sides_px[row])
        if not has_box or _overlap(found, row, known[0]) >= LEAST_OVERLAP:
            matched[row] = known[0]
    taken = {one.id for one in matched.values()}
    return (
        matched,
        [row for row in rows if row not in matched],
        [one for one in people if one.id not in taken],
    )


def _overlap(found: ForeignPredictions, row: int, sample: SamplePlace) -> float:
    """Intersection over union of an entry's box and a sample's."""
    side, other = float(found.box_sides_px[row]), BOX_SCALE_PX * sample.box_scale
    center = found.box_centers_px[row]
    shared = 1.0
    for mine, theirs in ((center[0], sample.box_center_x_px), (center[1], sample.box_center_y_px)):
        low = max(mine - side / 2, theirs - other / 2)
        high = min(mine + side / 2, theirs + other / 2)
        shared *= max(high - low, 0.0)
    return shared / (side**2 + other**2 - shared)
