"""The poses of all current fits in memory, to find those that are alike.

SQLite stays the truth: the index is read once, about four seconds for 300 000 fits, and kept right
by reading what the log of changes names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.alike_poses.descriptors import mirrored, pose_descriptors, pose_distances_mm
from core.dictionary.storage.blobs import from_blob
from core.dictionary.storage.change_log import changed_samples, newest_change
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import SampleIds, id_list
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle
from core.types.arrays import NUM_JOINTS

READ_AGAIN_ABOVE = 20_000

_SELECT = """
SELECT samples.id, current_fit_id, pose_axis_angle FROM samples
JOIN fits ON fits.id = current_fit_id {} ORDER BY samples.id"""
_AMONG = "WHERE samples.id IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, eq=False)
class PoseIndex:
    """Samples with a fit at one moment; ``caught_up`` makes the next one.

    ids, fit_ids: ``(N,)``, ascending by id. descriptors: ``(N, 66)``, see ``pose_descriptors``;
    roots: ``(N, 3)`` rotation vectors in the camera's frame, radians. change: the newest that is
    taken in.
    """

    ids: SampleIds
    fit_ids: NDArray[np.int64]
    descriptors: NDArray[np.float16]
    roots: NDArray[np.float32]
    change: int

    @classmethod
    def read(cls, connection: Connection) -> PoseIndex:
        """All current fits, as of one moment."""
        with connection.reading():
            change = newest_change(connection)
            return _made(connection.each(_SELECT.format("")), change)

    def caught_up(self, connection: Connection) -> PoseIndex:
        """With what was written since; itself, but for the moment, where no fit changed."""
        with connection.reading():
            change = newest_change(connection)
            changed = changed_samples(connection, after=self.change, at_most=READ_AGAIN_ABOVE)
            if changed is None:
                return PoseIndex.read(connection)
            if not changed:
                return self
            now = _made(connection.execute(_SELECT.format(_AMONG), (id_list(changed),)), change)
        before = np.isin(self.ids, np.array(changed, np.int64))
        same = np.array_equal(self.ids[before], now.ids)
        if same and np.array_equal(self.fit_ids[before], now.fit_ids):
            return replace(self, change=change)
        return _joined(self, ~before, now)

    def row_of(self, sample_id: int) -> int | None:
        """The row of a sample; None for one without a fit."""
        row = int(np.searchsorted(self.ids, sample_id))
        return row if row < len(self.ids) and self.ids[row] == sample_id else None

    def distances_mm(self, sample_id: int, *, with_mirrored: bool = False) -> NDArray[np.float32]:
        """``(N,)`` of all poses from that of a sample, or from its mirrored one where nearer.

        Infinite for all where the sample has no fit.
        """
        row = self.row_of(sample_id)
        if row is None:
            return np.full(len(self.ids), np.inf, np.float32)
        wanted = self.descriptors[row]
        distances = pose_distances_mm(self.descriptors, wanted)
        if with_mirrored:
            other = pose_distances_mm(self.descriptors, mirrored(wanted[None])[0])
            distances = np.minimum(distances, other)
        return distances

    def turned_deg(self, sample_id: int, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Angles ``(R,)`` between the roots of some rows and that of a sample, which has a fit."""
        roots = axis_angle_to_matrix(self.roots[rows])
        own = axis_angle_to_matrix(self.roots[self.row_of(sample_id)])
        angles: NDArray[np.float32] = np.rad2deg(geodesic_angle(roots, own))
        return angles


def _made(rows: Iterable[tuple[Any, ...]], change: int) -> PoseIndex:
    listed = list(rows)
    poses = from_blob(
        b"".join(pose for _, _, pose in listed), (len(listed), 3 * NUM_JOINTS), what="poses"
    )
    return PoseIndex(
        np.array([sample for sample, _, _ in listed], np.int64),
        np.array([fit for _, fit, _ in listed], np.int64),
        pose_descriptors(poses),
        poses[:, :3].copy(),
        change,
    )


def _joined(index: PoseIndex, kept: NDArray[np.bool_], now: PoseIndex) -> PoseIndex:
    ids = np.concatenate([index.ids[kept], now.ids])
    order = np.argsort(ids)

    def merged(mine: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([mine[kept], others])[order]

    return PoseIndex(
        ids[order],
        merged(index.fit_ids, now.fit_ids),
        merged(index.descriptors, now.descriptors),
        merged(index.roots, now.roots),
        now.change,
    )
