"""The cameras of a project's pictures: reading them, and giving pictures others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.dictionary.samples.camera_rows import CAMERA_COLUMNS, camera_of_row, put_camera
from core.dictionary.samples.edit_states import read_state
from core.dictionary.samples.state_changes import Compare, compared, write_change
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.dictionary.storage.picture_paths import PicturePaths
from core.types.cameras import CameraSource, PictureCamera, assumed_camera

_PICTURES = f"""
SELECT samples.picture_path, {CAMERA_COLUMNS}, group_concat(samples.id) AS sample_ids
FROM samples LEFT JOIN cameras ON cameras.picture_path = samples.picture_path
{{where}} GROUP BY samples.picture_path ORDER BY min(samples.id)"""  # noqa: S608 - own names

_OF_SAMPLES = _PICTURES.format(
    where="WHERE samples.picture_path IN (SELECT picture_path FROM samples "
    "WHERE id IN (SELECT value FROM json_each(?)))"
)
_OF_PICTURE = _PICTURES.format(where="WHERE samples.picture_path = ?")

_COUNTS = """
SELECT coalesce(source, 'assumed'), count(*)
FROM (SELECT DISTINCT picture_path FROM samples) AS pictures
    LEFT JOIN cameras ON cameras.picture_path = pictures.picture_path
GROUP BY 1"""

_OF_BEFORE = "SELECT count(*) FROM cameras WHERE source = 'long lens' AND note <> ''"
"""Only the migration gives a long lens a note."""


@dataclass(frozen=True)
class PictureWithCamera:
    """A picture of the project. size_px: upright width and height; sample_ids: its people."""

    path: Path
    size_px: tuple[int, int]
    camera: PictureCamera
    sample_ids: tuple[int, ...]


@dataclass(frozen=True)
class CameraChange:
    """Pictures that took another camera; ``before``, handed to ``set``, undoes it."""

    before: Mapping[Path, PictureCamera]
    after: Mapping[Path, PictureCamera]
    sample_ids: tuple[int, ...]


class Cameras:
    """The cameras of one opened dictionary; reached as ``dictionary.cameras``.

    Args:
        connection: of the dictionary.
        paths: how it stores the paths of pictures.
    """

    def __init__(self, connection: Connection, paths: PicturePaths) -> None:
        self._connection, self._paths = connection, paths

    def of_samples(self, sample_ids: Iterable[int]) -> list[PictureWithCamera]:
        """The pictures of samples, each once with all of its people, by their first sample."""
        return self._read(_OF_SAMPLES, (id_list(sample_ids),))

    def of_picture(self, path: Path) -> PictureWithCamera | None:
        """One picture; None where no sample shows it."""
        found = self._read(_OF_PICTURE, (self._paths.stored(path),))
        return found[0] if found else None

    def counts(self) -> dict[CameraSource, int]:
        """How many pictures with people have a camera of each source; those with none left out."""
        return {CameraSource(source): count for source, count in self._connection.execute(_COUNTS)}

    def count_of_before(self) -> int:
        """How many pictures have the long lens only since nothing else was kept of them."""
        return int(self._connection.scalar(_OF_BEFORE))

    def set(
        self,
        cameras: Mapping[Path, PictureCamera | None],
        *,
        compare: Compare,
        author: str | None = None,
    ) -> CameraChange:
        """Give pictures other cameras, in one transaction.

        Bodies keep the camera that they were made under. The losses that the fits of the pictures'
        people are compared by are measured again under the new one, so that later offers compete
        with them fairly; no fit becomes current by that.

        Args:
            cameras: by the path of the picture; None for the assumed camera. Pictures without
                people are passed over.
            compare: see ``Compare``.
            author: the user, by default.

        Returns:
            What changed.
        """
        before: dict[Path, PictureCamera] = {}
        after: dict[Path, PictureCamera] = {}
        touched: list[int] = []
        stored = {path: self._paths.stored(path) for path in cameras}  # disks may be slow
        with self._connection.writing():
            for path, wanted in cameras.items():
                found = self._read(_OF_PICTURE, (stored[path],))
                if not found:
                    continue
                picture = found[0]
                camera = assumed_camera(picture.size_px) if wanted is None else wanted
                if camera == picture.camera:
                    continue
                before[path], after[path] = picture.camera, camera
                touched += picture.sample_ids
                self._give(picture, stored[path], camera, compare, author)
        return CameraChange(before, after, tuple(touched))

    def _give(
        self,
        picture: PictureWithCamera,
        stored_path: str,
        camera: PictureCamera,
        compare: Compare,
        author: str | None,
    ) -> None:
        states = [read_state(self._connection, sample_id) for sample_id in picture.sample_ids]
        put_camera(self._connection, stored_path, camera)
        for state in states:
            changed = compared(self._connection, replace(state, camera=camera), compare)
            write_change(self._connection, state, changed, author)

    def _read(self, sql: str, parameters: tuple[str]) -> list[PictureWithCamera]:
        return [
            PictureWithCamera(
                path=self._paths.absolute(row["picture_path"]),
                size_px=(row["picture_width_px"], row["picture_height_px"]),
                camera=camera_of_row(row),
                sample_ids=tuple(sorted(map(int, row["sample_ids"].split(",")))),
            )
            for row in self._connection.rows(sql, parameters)
        ]
