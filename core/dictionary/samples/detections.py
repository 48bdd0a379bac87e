"""What the program's own detector saw: landmarks by sample, and which pictures it looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.assessment.exchanged_sides import derive_side_flags
from core.dictionary.assessment.label_checks import forget_label_checks_of
from core.dictionary.samples.camera_rows import add_new_cameras
from core.dictionary.samples.sample_rows import insert_samples, prepare_samples
from core.dictionary.samples.taking_back.imports import count_import
from core.dictionary.storage.blobs import from_blob, from_half_blob, to_blob, to_half_blob
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list, removed_samples
from core.dictionary.storage.picture_paths import PicturePaths
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from core.types.cameras import PictureCamera
from core.types.detected_landmarks import NUM_LANDMARKS, DetectedLandmarks
from core.types.samples import NewSample
from core.types.trunk_features import TRUNK_SIZE

_SHAPE = (NUM_LANDMARKS, 3)

_FIND = "SELECT * FROM detections WHERE sample_id IN (SELECT value FROM json_each(?))"

_FIND_FEATURES = "SELECT * FROM trunk_features WHERE sample_id IN (SELECT value FROM json_each(?))"

_WAITING = """
SELECT samples.id FROM samples LEFT JOIN detections ON detections.sample_id = samples.id
WHERE detections.networks IS NOT :networks ORDER BY samples.picture_path, samples.id"""

_KNOWN = """
SELECT sample_id, keypoints_px FROM samples JOIN annotations ON annotations.sample_id = samples.id
WHERE picture_path = ?"""

_WITHOUT_PEOPLE = """
SELECT * FROM searched_pictures
WHERE video IS NULL AND picture_path NOT IN (SELECT picture_path FROM samples) ORDER BY id"""

_SEARCHED = """
INSERT INTO searched_pictures (picture_path, people, networks, searched_at, video, frame, time_s,
    import_id)
VALUES (:picture_path, :people, :networks, :searched_at, :video, :frame, :time_s, :import_id)
ON CONFLICT (picture_path) DO UPDATE SET people = excluded.people, networks = excluded.networks,
    searched_at = excluded.searched_at"""


@dataclass(frozen=True)
class VideoFrame:
    """Where a picture comes from that was taken out of a video.

    video: path of the file. frame: from 0, in the order of showing. time_s: since the video's
    beginning.
    """

    video: str
    frame: int
    time_s: float


@dataclass(frozen=True)
class SearchedPicture:
    """A picture that the detector looked at, how many people it found, and its place in a video.

    camera: what is known of the picture's camera, for people who are drawn into it later; it is
    stored and not read back with the picture.
    """

    path: Path
    people: int
    networks: str
    frame: VideoFrame | None = None
    camera: PictureCamera | None = None


class Detections:
    """The detections of one opened dictionary; reached as ``dictionary.detections``.

    Every method that writes is one transaction.
    """

    def __init__(self, connection: Connection, pictures: PicturePaths) -> None:
        self._connection, self._pictures = connection, pictures

    def set(self, landmarks: Mapping[int, DetectedLandmarks]) -> None:
        """Store what was measured of samples, in place of what was measured before.

        What was measured of samples that were removed meanwhile is left out.
        """
        with self._connection.writing():
            gone = removed_samples(self._connection, landmarks)
            there = {
                sample_id: measured
                for sample_id, measured in landmarks.items()
                if int(sample_id) not in gone
            }
            _insert_landmarks(self._connection, there)
            forget_assessments(self._connection, there)

    def get_many(
        self, sample_ids: Sequence[int], *, with_features: bool = False
    ) -> dict[int, DetectedLandmarks]:
        """What was measured, by sample; samples that were not measured are left out.

        Args:
            sample_ids: of which samples.
            with_features: with those of the trunk, which are large; ``trunk_features`` reads them
                alone.
        """
        rows = self._connection.rows(_FIND, (id_list(sample_ids),))
        found = {row["sample_id"]: _landmarks_from(row) for row in rows}
        features = self.trunk_features(sample_ids) if with_features else {}
        return {
            sample_id: replace(measured, trunk_features=features.get(sample_id))
            for sample_id, measured in found.items()
        }

    def trunk_features(self, sample_ids: Sequence[int]) -> dict[int, NDArray[np.float16]]:
        """Features ``(2, 2304)`` of the detector's trunk, by sample, of those that have any."""
        rows = self._connection.rows(_FIND_FEATURES, (id_list(sample_ids),))
        return {row["sample_id"]: _features_from(row) for row in rows}

    def waiting(self, networks: str, *, among: Iterable[int] | None = None) -> list[int]:
        """Samples that these networks have not measured, picture by picture."""
        found = [int(row[0]) for row in self._connection.execute(_WAITING, {"networks": networks})]
        if among is None:
            return found
        chosen = {int(sample_id) for sample_id in among}
        return [sample_id for sample_id in found if sample_id in chosen]

    def searched(self) -> dict[Path, SearchedPicture]:
        """Every picture that was looked at, by its full path, whether it shows a person or not."""
        rows = self._connection.rows("SELECT * FROM searched_pictures ORDER BY id")
        pictures = [_searched_from(row, self._pictures) for row in rows]
        return {picture.path: picture for picture in pictures}

    def without_people(self) -> list[SearchedPicture]:
        """The pictures that were looked at and show no person of the project, in their order.

        Frames of videos are left out: those without people are not kept as pictures.
        """
        rows = self._connection.rows(_WITHOUT_PEOPLE)
        return [_searched_from(row, self._pictures) for row in rows]

    def known_keypoints(self, picture: Path) -> list[FloatArray]:
        """Keypoints (49, 3) of all people of a picture, whatever their data set."""
        rows = self._connection.rows(_KNOWN, (self._pictures.stored(picture),))
        return [
            from_blob(
                row["keypoints_px"],
                (NUM_KEYPOINTS, 3),
                what=f"keypoints of sample {row['sample_id']}",
            )
            for row in rows
        ]

    def add_picture(
        self,
        picture: SearchedPicture,
        people: Sequence[tuple[NewSample, DetectedLandmarks]],
        *,
        import_id: int | None = None,
    ) -> list[int]:
        """Store that a picture was looked at, with the people found in it, in one transaction.

        Args:
            picture: what was looked at.
            people: whom it shows.
            import_id: the import that looked at it, from ``dictionary.imports.begin``.

        Returns:
            The ids of the people that were not there yet.

        Raises:
            DictionaryError: as ``dictionary.samples.add``.
        """
        row = _searched_row(picture, self._pictures)
        prepared = prepare_samples([sample for sample, _landmarks in people], self._pictures)
        with self._connection.writing():
            add_new_cameras(self._connection, [(row["picture_path"], picture.camera)])
            ids = insert_samples(self._connection, prepared, import_id)
            measured = zip(ids, (landmarks for _sample, landmarks in people), strict=True)
            added = {
                sample_id: landmarks for sample_id, landmarks in measured if sample_id is not None
            }
            _insert_landmarks(self._connection, added)
            self._connection.execute(_SEARCHED, {**row, "import_id": import_id})
            if import_id is not None:
                count_import(self._connection, import_id, people=len(added), pictures=1)
        return list(added)


def _searched_row(picture: SearchedPicture, pictures: PicturePaths) -> Row:
    frame = picture.frame
    return {
        "picture_path": pictures.stored(picture.path),
        "people": picture.people,
        "networks": picture.networks,
        "searched_at": utc_now(),
        "video": None if frame is None else frame.video,
        "frame": None if frame is None else frame.frame,
        "time_s": None if frame is None else float(frame.time_s),
    }


def _insert_landmarks(connection: Connection, landmarks: Mapping[int, DetectedLandmarks]) -> None:
    """Store landmarks by sample; the caller holds the transaction."""
    if landmarks:
        rows = [_row(sample_id, measured) for sample_id, measured in landmarks.items()]
        connection.insert_all("detections", rows, replace=True)
        derive_side_flags(connection, landmarks)
        forget_label_checks_of(connection, landmarks)
    features = [
        {"sample_id": int(sample_id), "features": to_half_blob(measured.trunk_features)}
        for sample_id, measured in landmarks.items()
        if measured.trunk_features is not None
    ]
    if features:
        connection.insert_all("trunk_features", features, replace=True)


def _row(sample_id: int, measured: DetectedLandmarks) -> Row:
    return {
        "sample_id": int(sample_id),
        "landmarks_px": _optional_blob(measured.landmarks_px),
        "landmarks_m": _optional_blob(measured.landmarks_m),
        "agreement": float(measured.agreement),
        "score": float(measured.score),
        "networks": measured.networks,
    }


def _optional_blob(array: FloatArray | None) -> bytes | None:
    return None if array is None else to_blob(array)


def _landmarks_from(row: Row) -> DetectedLandmarks:
    def array(name: str) -> FloatArray | None:
        what = f"{name} of sample {row['sample_id']}"
        return None if row[name] is None else from_blob(row[name], _SHAPE, what=what)

    return DetectedLandmarks(
        landmarks_px=array("landmarks_px"),
        landmarks_m=array("landmarks_m"),
        agreement=row["agreement"],
        score=row["score"],
        networks=row["networks"],
    )


def _features_from(row: Row) -> NDArray[np.float16]:
    what = f"features of sample {row['sample_id']}"
    return from_half_blob(row["features"], (2, TRUNK_SIZE), what=what)


def _searched_from(row: Row, pictures: PicturePaths) -> SearchedPicture:
    frame = None
    if row["video"] is not None:
        frame = VideoFrame(row["video"], row["frame"], row["time_s"])
    return SearchedPicture(
        pictures.absolute(row["picture_path"]), row["people"], row["networks"], frame
    )
