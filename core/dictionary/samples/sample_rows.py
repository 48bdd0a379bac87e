"""Samples: adding them once, and reading them back whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.body.usable_keypoints import usable_keypoint_count
from core.dictionary.assessment.annotated_twice import derive_twice_flags
from core.dictionary.assessment.derived_flags import derive_keypoint_flags
from core.dictionary.assessment.label_checks import forget_label_checks
from core.dictionary.samples.camera_rows import (
    CAMERA_COLUMNS,
    add_new_cameras,
    camera_of_row,
)
from core.dictionary.samples.sources import store_sources
from core.dictionary.samples.taking_back.imports import begin_import, count_import
from core.dictionary.storage.blobs import (
    from_blob,
    parameters_from_row,
    parameters_to_blobs,
    sources_from_blob,
    sources_to_blob,
    to_blob,
)
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import check_all_found, id_list, text_list
from core.dictionary.storage.picture_paths import PicturePaths
from core.errors import DictionaryError
from core.geometry.boxes import Box
from core.types.arrays import NUM_KEYPOINTS
from core.types.imports import ImportSource
from core.types.keypoint_sources import KeypointSource, all_from
from core.types.samples import AddedSamples, GroundTruth, NewSample, Sample
from core.types.sources import SourceDocument, SourceEntry

_INSERT_SAMPLES = """
INSERT INTO samples (
    id, name, picture_path, picture_width_px, picture_height_px, dataset, person_key,
    box_center_x_px, box_center_y_px, box_scale, visible_keypoints, usable_keypoints, imported_at,
    import_id
) VALUES (
    :id, :name, :picture_path, :picture_width_px, :picture_height_px, :dataset, :person_key,
    :box_center_x_px, :box_center_y_px, :box_scale, :visible_keypoints, :usable_keypoints,
    :imported_at, :import_id
)"""

_KNOWN = """
SELECT picture_path, dataset, person_key FROM samples
WHERE picture_path IN (SELECT value FROM json_each(?))"""
_PICTURES_AT_ONCE = 2000
_COUNTED_TOGETHER = 1024
_BLOB_OF_SOURCE = {source: sources_to_blob(all_from(source)) for source in KeypointSource}

_KEYS = """
SELECT id, picture_path, dataset, person_key, box_center_x_px, box_center_y_px, box_scale
FROM samples ORDER BY id"""

_SELECT_SAMPLES = f"""
SELECT annotations.*, samples.*, {CAMERA_COLUMNS}
FROM samples JOIN annotations ON annotations.sample_id = samples.id
    LEFT JOIN cameras ON cameras.picture_path = samples.picture_path
WHERE samples.id IN (SELECT value FROM json_each(?))"""  # noqa: S608 - own names

_JOINTS_3D_SHAPE = (NUM_KEYPOINTS, 4)
_TRUTH = "true_"
_UNNAMED = ImportSource()


@dataclass(frozen=True)
class SampleKey:
    """Which person of which picture a sample is, without its arrays; the path is a full one."""

    id: int
    picture_path: str
    dataset: str
    person_key: str
    box_center_x_px: float
    box_center_y_px: float
    box_scale: float


class Samples:
    """The samples of one opened dictionary; reached as ``dictionary.samples``.

    Args:
        connection: of the dictionary.
        pictures: where its pictures are.
    """

    def __init__(self, connection: Connection, pictures: PicturePaths) -> None:
        self._connection, self._pictures = connection, pictures

    def add(
        self,
        new_samples: Iterable[NewSample],
        *,
        document: SourceDocument | None = None,
        left_over: Iterable[SourceEntry] = (),
        source: ImportSource = _UNNAMED,
        updated: int = 0,
    ) -> AddedSamples:
        """Add samples in one transaction; one that is there already stays as it is.

        A sample is known by its picture, data set and person. A picture takes the first camera
        that a sample names for it; one that has a camera already keeps it.

        Args:
            new_samples: read to the end before anything is written.
            document: the file they come from, kept so that it can be written back.
            left_over: its entries that became no sample; read after the samples.
            source: what the import is remembered by, if it brings anything.
            updated: how many people who were there before took joints from it.

        Raises:
            DictionaryError: a sample holds a number that is not finite, or a path that is not
                UTF-8; nothing is added then.
        """
        # Read to the end first: a reader that opens pictures must not hold the write lock
        # meanwhile.
        prepared = prepare_samples(new_samples, self._pictures)
        with self._connection.writing():
            import_id = begin_import(self._connection, source)
            ids = insert_samples(self._connection, prepared, import_id)
            if document is not None:
                with_ids = [(new.sample, new_id) for new, new_id in zip(prepared, ids, strict=True)]
                store_sources(
                    self._connection,
                    document,
                    with_ids,
                    left_over,
                    self._pictures,
                    import_id=import_id,
                )
            count_import(self._connection, import_id, updated=updated, **_brought(prepared, ids))
        added = [sample_id for sample_id in ids if sample_id is not None]
        return AddedSamples(added, len(prepared) - len(added), import_id)

    def get(self, sample_id: int) -> Sample:
        """One sample; raises ``NoSuchRecordError`` for an unknown one."""
        return self.get_many([sample_id])[0]

    def get_many(self, sample_ids: Sequence[int]) -> list[Sample]:
        """Samples in the order of ``sample_ids``; raises ``NoSuchRecordError``."""
        by_id = self._by_id(sample_ids)
        check_all_found("sample", sample_ids, by_id)
        return [by_id[int(sample_id)] for sample_id in sample_ids]

    def still_there(self, sample_ids: Sequence[int]) -> list[Sample]:
        """As ``get_many``, without those that were removed: for work that takes long."""
        by_id = self._by_id(sample_ids)
        return [by_id[int(sample_id)] for sample_id in sample_ids if int(sample_id) in by_id]

    def _by_id(self, sample_ids: Sequence[int]) -> dict[int, Sample]:
        rows = self._connection.rows(_SELECT_SAMPLES, (id_list(sample_ids),))
        return {row["id"]: _sample_from(row, self._pictures) for row in rows}

    def exists(self, sample_id: int) -> bool:
        """Whether there is a sample of this number."""
        return bool(self._connection.scalar("SELECT 1 FROM samples WHERE id = ?", (sample_id,)))

    def all_keys(self) -> list[SampleKey]:
        """Every sample's picture, person and box, by id."""
        rows = self._connection.execute(_KEYS)
        return [
            SampleKey(sample_id, str(self._pictures.absolute(stored)), *others)
            for sample_id, stored, *others in rows
        ]


@dataclass(frozen=True, eq=False)
class PreparedSample:
    """A new sample with its rows of the tables samples and annotations."""

    sample: NewSample
    row: Row
    annotation: Row


def prepare_samples(
    new_samples: Iterable[NewSample], pictures: PicturePaths
) -> list[PreparedSample]:
    """Make the rows of new samples, before the write lock is taken.

    Raises:
        DictionaryError: a sample holds a number that is not finite, or a path that is not UTF-8.
    """
    now, samples = utc_now(), list(new_samples)
    stored_path = cache(pictures.stored)  # a picture has many people
    return [
        PreparedSample(
            sample,
            _sample_row(sample, now, stored_path=stored_path, counts=counts),
            _annotation_row(sample),
        )
        for first in range(0, len(samples), _COUNTED_TOGETHER)
        for sample, counts in _counted(samples[first : first + _COUNTED_TOGETHER])
    ]


class _Counts(NamedTuple):
    """Of a sample's keypoints: whether all numbers are finite, how many are seen and usable."""

    are_finite: bool
    visible: int
    usable: int


def _counted(samples: Sequence[NewSample]) -> Iterator[tuple[NewSample, _Counts]]:
    keypoints_px = np.stack([sample.keypoints_px for sample in samples])
    confidence = keypoints_px[..., 2]
    finite = np.asarray(np.isfinite(keypoints_px).all(axis=(1, 2))).tolist()
    visible: list[int] = (confidence > 0).sum(axis=1).tolist()
    usable: list[int] = usable_keypoint_count(confidence).tolist()
    return zip(samples, map(_Counts, finite, visible, usable), strict=True)


def _brought(prepared: Sequence[PreparedSample], ids: Sequence[int | None]) -> dict[str, int]:
    """How many people are new, and in how many pictures they are."""
    new = [
        sample.row["picture_path"]
        for sample, sample_id in zip(prepared, ids, strict=True)
        if sample_id is not None
    ]
    return {"people": len(new), "pictures": len(set(new))}


def insert_samples(
    connection: Connection, prepared: Sequence[PreparedSample], import_id: int | None
) -> list[int | None]:
    """Insert samples that are not there yet; the caller holds the transaction.

    Args:
        connection: of the dictionary.
        prepared: the samples.
        import_id: the import that brings them.

    Returns:
        The new id of each, None for one that was there already.
    """
    add_new_cameras(connection, [(new.row["picture_path"], new.sample.camera) for new in prepared])
    ids = _new_ids(connection, prepared)
    new = [(new_id, sample) for new_id, sample in zip(ids, prepared, strict=True) if new_id]
    connection.execute_many(
        _INSERT_SAMPLES,
        ({**sample.row, "id": new_id, "import_id": import_id} for new_id, sample in new),
    )
    connection.insert_all(
        "annotations", ({"sample_id": new_id, **sample.annotation} for new_id, sample in new)
    )
    added = [sample_id for sample_id in ids if sample_id is not None]
    derive_keypoint_flags(connection, added)
    touched = {sample.row["picture_path"] for sample in prepared} if added else ()
    derive_twice_flags(connection, sorted(touched))
    forget_label_checks(connection, sorted(touched))
    return ids


def _new_ids(connection: Connection, prepared: Sequence[PreparedSample]) -> list[int | None]:
    """The numbers that samples get, in their order; None for those that are there already."""
    newest = connection.scalar(
        "SELECT seq + 0 AS newest FROM sqlite_sequence WHERE name = 'samples'"
    )
    known = _known_keys(connection, {sample.row["picture_path"] for sample in prepared})
    ids: list[int | None] = []
    next_id = int(newest or 0) + 1
    for sample in prepared:
        key = (sample.row["picture_path"], sample.row["dataset"], sample.row["person_key"])
        ids.append(None if key in known else next_id)
        next_id += key not in known
        known.add(key)
    return ids


def _known_keys(connection: Connection, picture_paths: set[str]) -> set[tuple[str, str, str]]:
    """Picture, data set and person of those who are in some pictures (stored paths) already."""
    if not connection.scalar("SELECT EXISTS (SELECT 1 FROM samples)"):
        return set()
    paths = sorted(picture_paths)
    return {
        key
        for first in range(0, len(paths), _PICTURES_AT_ONCE)
        for key in connection.execute(
            _KNOWN, (text_list(paths[first : first + _PICTURES_AT_ONCE]),)
        )
    }


def _sample_row(
    sample: NewSample, imported_at: str, *, stored_path: Callable[[Path], str], counts: _Counts
) -> Row:
    _check_finite(sample, keypoints_are_finite=counts.are_finite)
    width_px, height_px = sample.picture_size_px
    return {
        "name": f"{sample.picture_path.name} · {sample.person_key}",
        "picture_path": stored_path(sample.picture_path),
        "picture_width_px": int(width_px),
        "picture_height_px": int(height_px),
        "dataset": sample.dataset,
        "person_key": sample.person_key,
        "box_center_x_px": float(sample.box_center_px[0]),
        "box_center_y_px": float(sample.box_center_px[1]),
        "box_scale": float(sample.box_scale),
        "visible_keypoints": counts.visible,
        "usable_keypoints": counts.usable,
        "imported_at": imported_at,
    }


def _check_finite(sample: NewSample, *, keypoints_are_finite: bool) -> None:
    Box.of(sample.box_center_px, sample.box_scale)  # raises for a box that is no box
    if not keypoints_are_finite:
        raise DictionaryError(
            f"{sample.picture_path}, {sample.person_key}: keypoints_px holds numbers that are not "
            "finite.",
            remedy="Give absent keypoints as 0, 0, 0.",
        )
    try:
        str(sample.picture_path).encode()
    except UnicodeEncodeError as error:
        raise DictionaryError(
            f"{sample.picture_path!r}: the path is not valid UTF-8.",
            remedy="Rename the file or folder; the database stores paths as text.",
        ) from error


def _annotation_row(sample: NewSample) -> Row:
    truth = sample.ground_truth
    row: Row = {
        "keypoints_px": to_blob(sample.keypoints_px),
        "keypoint_sources": _BLOB_OF_SOURCE[sample.keypoint_source],
        "true_pose_axis_angle": None,
        "true_betas": None,
        "true_camera_translation": None,
        "true_joints_3d": None if truth.joints_3d is None else to_blob(truth.joints_3d),
    }
    if truth.parameters is not None:
        row.update(parameters_to_blobs(truth.parameters, prefix=_TRUTH))
    return row


def _sample_from(row: Row, pictures: PicturePaths) -> Sample:
    what = f"sample {row['id']}"
    return Sample(
        id=row["id"],
        name=row["name"],
        picture_path=pictures.absolute(row["picture_path"]),
        picture_size_px=(row["picture_width_px"], row["picture_height_px"]),
        dataset=row["dataset"],
        person_key=row["person_key"],
        box=Box.of(
            np.array([row["box_center_x_px"], row["box_center_y_px"]], dtype=np.float32),
            row["box_scale"],
        ),
        keypoints_px=from_blob(
            row["keypoints_px"], (NUM_KEYPOINTS, 3), what=f"keypoints_px of {what}"
        ),
        ground_truth=_ground_truth_from(row, what),
        imported_at=row["imported_at"],
        camera=camera_of_row(row),
        corrections=row["corrections"],
        drawn_by=row["drawn_by"],
        keypoint_sources=sources_from_blob(row["keypoint_sources"], what=what),
    )


def _ground_truth_from(row: Row, what: str) -> GroundTruth:
    joints_3d = row["true_joints_3d"]
    return GroundTruth(
        parameters=None
        if row["true_pose_axis_angle"] is None
        else parameters_from_row(row, what=what, prefix=_TRUTH),
        joints_3d=None
        if joints_3d is None
        else from_blob(joints_3d, _JOINTS_3D_SHAPE, what=f"true_joints_3d of {what}"),
    )
