"""Tracks: which samples are one person in the frames of a video or the pictures of a burst."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.dictionary.assessment.frame_flags import derive_frame_flags, forget_frame_flags
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import check_all_found, id_list, removed_samples
from core.dictionary.storage.picture_paths import PicturePaths
from core.types.tracks import TrackMember

_OF_SAMPLE = """
SELECT sample_id, place FROM tracks
WHERE track = (SELECT track FROM tracks WHERE sample_id = ?) ORDER BY place, sample_id"""

_NUMBERS = "SELECT count(DISTINCT track), count(*) FROM tracks"

_AROUND = """
WITH own AS (SELECT track, place FROM tracks WHERE sample_id = :sample)
SELECT sample_id, place FROM (
    SELECT tracks.sample_id, tracks.place FROM tracks JOIN own USING (track)
    WHERE tracks.place <= own.place ORDER BY tracks.place DESC LIMIT :reach + 1)
UNION ALL
SELECT sample_id, place FROM (
    SELECT tracks.sample_id, tracks.place FROM tracks JOIN own USING (track)
    WHERE tracks.place > own.place ORDER BY tracks.place LIMIT :reach)
ORDER BY place"""


class Tracks:
    """The tracks of one opened dictionary; reached as ``dictionary.tracks``."""

    def __init__(self, connection: Connection, pictures: PicturePaths) -> None:
        self._connection, self._pictures = connection, pictures

    def people_by_picture(self) -> dict[Path, list[int]]:
        """The ids of the samples of every picture."""
        found: dict[str, list[int]] = {}
        for sample_id, path in self._connection.execute("SELECT id, picture_path FROM samples"):
            found.setdefault(path, []).append(int(sample_id))
        return {self._pictures.absolute(path): ids for path, ids in found.items()}

    def of(self, sample_id: int) -> list[TrackMember]:
        """The track of a sample, frame by frame; empty where it belongs to none."""
        rows = self._connection.execute(_OF_SAMPLE, (int(sample_id),))
        return [TrackMember(int(member), int(place)) for member, place in rows]

    def around(self, sample_id: int, reach: int) -> list[TrackMember]:
        """At most ``reach`` frames before and after a sample, and itself; empty without a track.

        Films are long, and going from frame to frame reads only what is near.
        """
        rows = self._connection.execute(_AROUND, {"sample": int(sample_id), "reach": reach})
        return [TrackMember(int(member), int(place)) for member, place in rows]

    def counts(self) -> tuple[int, int]:
        """How many tracks there are, and how many samples belong to them."""
        row = next(iter(self._connection.execute(_NUMBERS)))
        return int(row[0]), int(row[1])

    def replace_all(self, tracks: Sequence[Sequence[TrackMember]]) -> None:
        """Store tracks in place of all that were there, and make their flags again.

        People who were removed come back without a track: its number is another's then. Those
        who were removed while the tracks were found are left out.

        Raises:
            DictionaryError: a sample never existed, or is in two tracks.
        """
        members = [member.sample_id for track in tracks for member in track]
        with self._connection.writing():
            there = self._there(members)
            before = [row[0] for row in self._connection.execute("SELECT sample_id FROM tracks")]
            self._connection.execute("DELETE FROM tracks")
            self._connection.execute("DELETE FROM removed_tracks")
            rows = [
                (member.sample_id, number, member.place)
                for number, track in enumerate(tracks, start=1)
                for member in track
                if member.sample_id in there
            ]
            self._connection.execute_many(
                "INSERT INTO tracks (sample_id, track, place) VALUES (?, ?, ?)", rows
            )
            forget_frame_flags(self._connection, before)
            derive_frame_flags(self._connection, {*before, *(row[0] for row in rows)})

    def _there(self, sample_ids: Sequence[int]) -> set[int]:
        found = self._connection.execute(
            "SELECT id FROM samples WHERE id IN (SELECT value FROM json_each(?))",
            (id_list(sample_ids),),
        )
        there = {int(row[0]) for row in found}
        check_all_found("sample", sample_ids, there | removed_samples(self._connection, sample_ids))
        return there
