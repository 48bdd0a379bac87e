"""Which samples are like one: nearest in pose, or near copies of the same moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dictionary.search.pose_index import PoseIndex
from core.dictionary.search.query import LikeRule
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import SampleIds, id_list
from core.dictionary.storage.picture_paths import PicturePaths
from core.errors import PictureError
from core.geometry.boxes import Box

MOST_ALIKE = 200
NEAR_COPY_MM, NEAR_COPY_DEG = 45.0, 20.0
"""How far poses and roots of two fits to copies of one picture are apart at most: 45 mm is what
another set of keypoints makes of the same person."""
MOST_COMPARED = 60
"""Pictures are read to compare them: the nearest ones in pose."""
MOST_BITS = 14
"""Of 64 that differ between hashes of near copies; unrelated crops differ in 32 on average."""

_BOXES = """
SELECT id, picture_path, box_center_x_px, box_center_y_px, box_scale FROM samples
WHERE id IN (SELECT value FROM json_each(?))"""
_BOX_SCALE_PX = 200.0


@dataclass(frozen=True, eq=False)
class RankedSamples:
    """Samples ``(N,)``, the most alike first, and how far their poses are apart."""

    ids: SampleIds
    distances_mm: NDArray[np.float32]


class Likeness:
    """Ranks samples by likeness; belongs to the connection's thread, as ``search.likeness``."""

    def __init__(self, connection: Connection, pictures: PicturePaths) -> None:
        self._connection, self._pictures = connection, pictures
        self._index: PoseIndex | None = None
        self._ranked: dict[LikeRule, RankedSamples] = {}

    def copied(self) -> Likeness:
        """What is in memory now, for another thread to adopt; it asks nothing of this one."""
        copy = Likeness(self._connection, self._pictures)
        copy.adopt(self)
        return copy

    def adopt(self, other: Likeness) -> None:
        """Take over what another one of the same project has read."""
        self._index, self._ranked = other._index, dict(other._ranked)

    def ranked(self, rule: LikeRule) -> RankedSamples:
        """The samples of a rule, itself first; none where the sample has no fit."""
        index = self._caught_up()
        if rule not in self._ranked:
            found = self._near_copies(index, rule) if rule.near_copies else _alike(index, rule)
            self._ranked[rule] = found
        return self._ranked[rule]

    def _caught_up(self) -> PoseIndex:
        before = self._index
        if before is None:
            now = PoseIndex.read(self._connection)
        else:
            now = before.caught_up(self._connection)
        if before is None or now.descriptors is not before.descriptors:
            self._ranked = {}
        self._index = now
        return now

    def _near_copies(self, index: PoseIndex, rule: LikeRule) -> RankedSamples:
        if index.row_of(rule.sample_id) is None:
            return _NONE
        distances = index.distances_mm(rule.sample_id)
        rows = np.flatnonzero(distances <= NEAR_COPY_MM)
        rows = rows[index.turned_deg(rule.sample_id, rows) <= NEAR_COPY_DEG]
        rows = rows[np.argsort(distances[rows], kind="stable")][:MOST_COMPARED]
        ids = index.ids[rows]
        kept = self._look_alike(rule.sample_id, ids)
        return _itself_first(rule.sample_id, ids[kept], distances[rows][kept])

    def _look_alike(self, sample_id: int, ids: SampleIds) -> NDArray[np.bool_]:
        """Which samples show what one shows; pictures that cannot be read refute nothing."""
        hashes = self._hashes([sample_id, *ids.tolist()])
        own = hashes.get(sample_id)
        kept = []
        for other in ids.tolist():
            seen = hashes.get(other)
            unknown = own is None or seen is None
            kept.append(unknown or int(np.count_nonzero(own != seen)) <= MOST_BITS)
        return np.array(kept, np.bool_)

    def _hashes(self, sample_ids: list[int]) -> dict[int, NDArray[np.bool_]]:
        # OpenCV loads here alone: most of what asks a dictionary does without.
        from core.pictures.decoding import crop_picture, load_picture  # noqa: PLC0415
        from core.pictures.difference_hash import difference_hash  # noqa: PLC0415

        found = {}
        for sample_id, path, x_px, y_px, scale in self._connection.execute(
            _BOXES, (id_list(sample_ids),)
        ):
            try:
                picture = load_picture(self._pictures.absolute(path))
            except PictureError:
                continue
            crop = crop_picture(picture, Box(x_px, y_px, _BOX_SCALE_PX * scale))
            found[sample_id] = difference_hash(crop)
        return found


_NONE = RankedSamples(np.empty(0, np.int64), np.empty(0, np.float32))


def _alike(index: PoseIndex, rule: LikeRule) -> RankedSamples:
    distances = index.distances_mm(rule.sample_id, with_mirrored=rule.mirrored)
    count = min(MOST_ALIKE, int(np.count_nonzero(np.isfinite(distances))))
    if not count:
        return _NONE
    rows = np.argpartition(distances, count - 1)[:count]
    rows = rows[np.lexsort((index.ids[rows], distances[rows]))]
    return _itself_first(rule.sample_id, index.ids[rows], distances[rows])


def _itself_first(
    sample_id: int, ids: SampleIds, distances_mm: NDArray[np.float32]
) -> RankedSamples:
    others = ids != sample_id
    return RankedSamples(
        np.concatenate([[sample_id], ids[others]]).astype(np.int64),
        np.concatenate([[0.0], distances_mm[others]]).astype(np.float32),
    )
