"""Which person of a project an entry of another method's file is."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np

from core.dictionary.samples.sample_rows import SampleKey
from core.formats.bodies.options import BoxLayout, ScaleUnit
from core.formats.bodies.person_boxes import boxes_as
from core.formats.bodies.prediction_files import ForeignPredictions
from core.geometry.boxes import BOX_SCALE_PX
from core.pictures.picture_index import without_coco_prefix

LEAST_OVERLAP = 0.3
"""Of two boxes, intersection over union. Boxes of one person with margins of 1.0 and 1.4 share 0.5;
people side by side share less than 0.3."""

_MOST = 0.8
"""Of the entries; this share must lie on people for another reading to be worth a word."""

_MEANINGS = {
    BoxLayout.CENTER_SIZE: "centre x, centre y, width, height",
    BoxLayout.CORNER_SIZE: "left, top, width, height",
    BoxLayout.CORNERS: "x1, y1, x2, y2",
}

NO_SUCH_PICTURE = "the project has no picture of this name"
SEVERAL_PICTURES = "several pictures of the project have this name"
NO_BOX = "several people are in the picture, and the file has no boxes to tell them apart"
ANOTHER_PLACE = "no person of the project is at its place in the picture"
TAKEN = "another entry lies better on the same person"
REPEATED = "an earlier entry of the same person lies as well, and was taken"


@dataclass(frozen=True)
class Unmatched:
    """An entry that belongs to no one: its row, its picture, and why."""

    row: int
    picture_name: str
    reason: str


@dataclass(frozen=True)
class Matches:
    """Sample by row of the file, and the rows that found none."""

    sample_by_row: Mapping[int, SampleKey]
    unmatched: tuple[Unmatched, ...]


def match_people(found: ForeignPredictions, samples: Sequence[SampleKey]) -> Matches:
    """Find each entry's sample: by the picture's name, then by person key, then by box.

    A picture is the one whose path ends as the entry's name does; where no path ends with all of
    it, one with the same file name will do, as long as it is the only one, and then one whose name
    differs in case, in what follows the last dot or in COCO's prefix alone. People are told apart
    by key where the file has keys that the picture's samples know, else by the overlap of boxes,
    the best pairs first; a person alone in both needs no box.
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
    sample_by_row: dict[int, SampleKey] = {}
    for path, rows in by_picture.items():
        matched, left = _match_picture(found, rows, pictures.people(path))
        sample_by_row.update(matched)
        unmatched += [Unmatched(row, found.picture_names[row], why) for row, why in left.items()]
    return Matches(sample_by_row, tuple(sorted(unmatched, key=lambda one: one.row)))


@dataclass(frozen=True)
class FittingLayout:
    """Another way to read the boxes of a file, by which most of them lie on people.

    option: what to say. meaning: in words. people: how many would be found, of ``entries``.
    """

    option: str
    meaning: str
    people: int
    entries: int


def fitting_layout(
    found: ForeignPredictions, matches: Matches, samples: Sequence[SampleKey]
) -> FittingLayout | None:
    """Where most boxes lie on no person: the one other reading by which they would, if any."""
    misplaced = sum(match.reason == ANOTHER_PLACE for match in matches.unmatched)
    entries = misplaced + len(matches.sample_by_row)
    if misplaced <= entries / 2:
        return None
    best, most_overlap = None, 0.0
    for option, meaning, other in _other_readings(found):
        sample_by_row = match_people(other, samples).sample_by_row
        overlap = sum(_overlap(other, row, sample) for row, sample in sample_by_row.items())
        if len(sample_by_row) >= _MOST * entries and overlap > most_overlap:
            best = FittingLayout(option, meaning, len(sample_by_row), entries)
            most_overlap = overlap
    return best


def _other_readings(
    found: ForeignPredictions,
) -> Iterator[tuple[str, str, ForeignPredictions]]:
    if found.has_scales:
        in_pixels = replace(found, box_sides_px=found.box_sides_px / BOX_SCALE_PX)
        yield f"scale {ScaleUnit.PIXELS}", "'scale' read as pixels, not units of 200 px", in_pixels
    if found.raw_boxes is not None:
        for layout, meaning in _MEANINGS.items():
            centers, sides = boxes_as(found.raw_boxes, layout)
            other = replace(found, box_centers_px=centers, box_sides_px=sides)
            yield f"boxes {layout}", f"boxes read as {meaning}", other


class _Pictures:
    """A project's pictures by file name, and their people."""

    def __init__(self, samples: Sequence[SampleKey]) -> None:
        self._people: dict[str, list[SampleKey]] = defaultdict(list)
        for sample in samples:
            self._people[sample.picture_path].append(sample)
        self._paths: dict[str, list[str]] = defaultdict(list)
        self._loose_paths: dict[str, list[str]] = defaultdict(list)
        self._bare_paths: dict[str, list[str]] = defaultdict(list)
        for path in self._people:
            self._paths[_parts(path)[-1]].append(path)
            self._loose_paths[_loosely(_parts(path)[-1])].append(path)
            self._bare_paths[_barely(_parts(path)[-1])].append(path)

    def people(self, path: str) -> list[SampleKey]:
        return self._people[path]

    def find(self, name: str) -> str:
        """The path of a picture, or why there is none."""
        parts = _parts(name)
        if not parts:
            return NO_SUCH_PICTURE
        # A name without a suffix has no dot to cut it at: "a.b" is "a.b.jpg" before it is "a.jpg".
        candidates = (
            self._paths.get(parts[-1])
            or self._loose_paths.get(_loosely(parts[-1] + "."))
            or self._loose_paths.get(_loosely(parts[-1]))
            or self._bare_paths.get(_barely(parts[-1]), [])
        )
        if not candidates:
            return NO_SUCH_PICTURE
        shared = [_shared_tail(parts, _parts(path)) for path in candidates]
        best = [
            path for path, length in zip(candidates, shared, strict=True) if length == max(shared)
        ]
        return best[0] if len(best) == 1 else SEVERAL_PICTURES


def _loosely(file_name: str) -> str:
    """A file name without its suffix; neither case nor the coding of accents counts."""
    return unicodedata.normalize("NFC", file_name.rpartition(".")[0] or file_name).casefold()


def _barely(file_name: str) -> str:
    """As ``_loosely``, and without the prefix of COCO's pictures of 2014."""
    return _loosely(without_coco_prefix(file_name))


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
    found: ForeignPredictions, rows: Sequence[int], people: Sequence[SampleKey]
) -> tuple[dict[int, SampleKey], dict[int, str]]:
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
    overlaps = [(_overlap(found, row, person), row, person) for row in rows for person in people]
    taken: set[int] = set()
    for overlap, row, one in sorted(overlaps, key=lambda each: (-each[0], each[1], each[2].id)):
        if overlap >= LEAST_OVERLAP and row not in matched and one.id not in taken:
            matched[row] = one
            taken.add(one.id)
    best = {row: max(overlap for overlap, other, _one in overlaps if other == row) for row in rows}
    left = {}
    for row in rows:
        if row not in matched:
            equals = any(best[number] == best[row] for number in matched if number in best)
            near = REPEATED if equals else TAKEN
            left[row] = near if best[row] >= LEAST_OVERLAP else ANOTHER_PLACE
    return matched, left


def _by_key(
    found: ForeignPredictions, rows: Sequence[int], people: Sequence[SampleKey]
) -> tuple[dict[int, SampleKey], list[int], list[SampleKey]]:
    """Those that person keys decide, and the rows and people left over.

    Keys that are small numbers ("0") mean a position in a list; they count only where the
    boxes, if any, do not speak against them.
    """
    by_key: dict[str, list[SampleKey]] = defaultdict(list)
    for person in people:
        by_key[person.person_key].append(person)
    matched: dict[int, SampleKey] = {}
    for row in rows:
        bearers = by_key.get(found.person_keys[row], []) if found.person_keys[row] else []
        if len(bearers) != 1 or bearers[0] in matched.values():
            continue
        has_box = np.isfinite(found.box_sides_px[row])
        if not has_box or _overlap(found, row, bearers[0]) >= LEAST_OVERLAP:
            matched[row] = bearers[0]
    taken = {sample_key.id for sample_key in matched.values()}
    return (
        matched,
        [row for row in rows if row not in matched],
        [sample_key for sample_key in people if sample_key.id not in taken],
    )


def _overlap(found: ForeignPredictions, row: int, sample: SampleKey) -> float:
    """Intersection over union of an entry's box and a sample's."""
    side, other = float(found.box_sides_px[row]), BOX_SCALE_PX * sample.box_scale
    center = found.box_centers_px[row]
    shared = 1.0
    for mine, theirs in ((center[0], sample.box_center_x_px), (center[1], sample.box_center_y_px)):
        low = max(mine - side / 2, theirs - other / 2)
        high = min(mine + side / 2, theirs + other / 2)
        shared *= max(high - low, 0.0)
    return shared / (side**2 + other**2 - shared)
