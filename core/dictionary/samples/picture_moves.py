"""Pictures of a project as such, and naming them at another place, all in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.picture_paths import CAMERAS, TABLES_WITH_PICTURES, PicturePaths

_PICTURES = """
SELECT picture_path, max(picture_width_px), max(picture_height_px), count(*)
FROM samples GROUP BY picture_path ORDER BY min(id)"""
_WITHOUT_PEOPLE = """
SELECT picture_path FROM source_pictures
WHERE picture_path NOT IN (SELECT picture_path FROM samples) ORDER BY id"""
_PEOPLE = "SELECT id, picture_path, dataset, person_key FROM samples"
_IN_FILES = "SELECT DISTINCT picture_path FROM source_pictures"
_SEARCHED = "SELECT picture_path FROM searched_pictures"
_MOVE = "UPDATE {} SET picture_path = ? WHERE picture_path = ?"
_GIVE_WAY = """
DELETE FROM cameras WHERE picture_path = ?1
    AND EXISTS (SELECT 1 FROM cameras WHERE picture_path = ?2)"""
"""A picture has one camera: what is known at the new place gives way to what is known here."""
_ON_THE_WAY = "\x1f{}"
"""No picture is called so: where pictures change places, each is here before it is there."""

_Person = tuple[str, str]
"""Data set and person key: with the picture they are one of a kind."""
_LISTED: _Person = ("\x1f", "listed in a file")
"""So is, as if it were a person, what an imported file says of a picture."""
_LOOKED_AT: _Person = ("\x1f", "searched for people")
"""So is that the detector looked at it."""


@dataclass(frozen=True)
class KnownPicture:
    """A picture of the project: its full path, upright size, and how many samples show it.

    size_px: None for a picture without people, which imported files alone name.
    """

    path: Path
    size_px: tuple[int, int] | None
    people: int


@dataclass(frozen=True)
class MovedPictures:
    """What was named at another place.

    moved: new path by former path, as the dictionary hands them out; the other way round it undoes
    the move. sample_ids: whose pictures they are. taken: former paths of pictures that stayed,
    since the project holds the same people in a picture at the new place already.
    """

    moved: Mapping[Path, Path]
    sample_ids: frozenset[int]
    taken: tuple[Path, ...]


class Pictures:
    """The pictures of one opened dictionary; reached as ``dictionary.pictures``.

    Args:
        connection: of the dictionary.
        paths: how it stores the paths of pictures.
    """

    def __init__(self, connection: Connection, paths: PicturePaths) -> None:
        self._connection, self._paths = connection, paths

    def all(self) -> list[KnownPicture]:
        """Every picture once, in the order of their first samples, those without people last."""
        absolute = self._paths.absolute
        with self._connection.reading():
            with_people = [
                KnownPicture(absolute(stored), (width, height), people)
                for stored, width, height, people in self._connection.execute(_PICTURES)
            ]
            return with_people + [
                KnownPicture(absolute(stored), None, 0)
                for (stored,) in self._connection.execute(_WITHOUT_PEOPLE)
            ]

    def move(self, moves: Mapping[Path, Path]) -> MovedPictures:
        """Name pictures at new places, in one transaction; nothing else of their samples changes.

        Args:
            moves: the new path by the present one; file names stay. Paths that no picture has are
                passed over.

        Returns:
            What was moved; its ``moved``, inverted, undoes it.
        """
        absolute = self._paths.absolute
        # Before the transaction: disks may be slow.
        stored_at = {new: self._paths.stored(new) for new in moves.values()}
        with self._connection.writing():
            people, ids = _people_by_picture(self._connection)
            renames: dict[str, str] = {}
            for stored in people:
                new = moves.get(absolute(stored))
                if new is not None and stored_at[new] != stored:
                    renames[stored] = stored_at[new]
            free = _without_collisions(people, renames)
            _rename(self._connection, free)
        return MovedPictures(
            moved={absolute(old): absolute(new) for old, new in free.items()},
            sample_ids=frozenset(sample_id for stored in free for sample_id in ids.get(stored, ())),
            taken=tuple(absolute(stored) for stored in renames if stored not in free),
        )


def _people_by_picture(
    connection: Connection,
) -> tuple[dict[str, list[_Person]], dict[str, list[int]]]:
    people: dict[str, list[_Person]] = {}
    ids: dict[str, list[int]] = {}
    for sample_id, stored, dataset, person_key in connection.execute(_PEOPLE):
        people.setdefault(stored, []).append((dataset, person_key))
        ids.setdefault(stored, []).append(sample_id)
    for (stored,) in connection.execute(_IN_FILES):
        people.setdefault(stored, []).append(_LISTED)
    for (stored,) in connection.execute(_SEARCHED):
        people.setdefault(stored, []).append(_LOOKED_AT)
    return people, ids


def _without_collisions(
    people: Mapping[str, list[_Person]], renames: dict[str, str]
) -> dict[str, str]:
    """The moves after which no two samples are the same person of the same picture.

    A picture moves with all of its people or not at all, and may take the place of one that moves
    away; where that one has to stay, so has this one.
    """
    while True:
        held = Counter(
            (renames.get(stored, stored), person)
            for stored, those in people.items()
            for person in those
        )
        colliding = {
            stored
            for stored, new in renames.items()
            if any(held[new, person] > 1 for person in people[stored])
        }
        if not colliding:
            return renames
        renames = {old: new for old, new in renames.items() if old not in colliding}


def _rename(connection: Connection, moves: Mapping[str, str]) -> None:
    on_the_way = {
        old: _ON_THE_WAY.format(number)
        for number, (old, new) in enumerate(moves.items())
        if new in moves
    }
    away = [(between, old) for old, between in on_the_way.items()]
    there = [(new, on_the_way.get(old, old)) for old, new in moves.items()]
    for table in TABLES_WITH_PICTURES:
        connection.execute_many(_MOVE.format(table), away)
        if table == CAMERAS:
            connection.execute_many(_GIVE_WAY, there)
        connection.execute_many(_MOVE.format(table), there)
