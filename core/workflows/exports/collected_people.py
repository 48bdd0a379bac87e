"""People of a project with their current fits, page by page, for every export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.body.arrays import BodyArrays
from core.dictionary.store import Dictionary
from core.formats.bodies.writers.placed_bodies import PlacedBodies, placed_bodies
from core.progress import ProgressMeter
from core.runs.project_body import body_arrays
from core.types.fits import Fit
from core.types.samples import Sample
from core.workflows.exports.export_request import ExportRequest
from core.workflows.exports.supervising_fits import reason_left_out


@dataclass(frozen=True, eq=False)
class CollectedPerson:
    """One person, and the current fit where there is one."""

    sample: Sample
    fit: Fit | None

    @property
    def left_out(self) -> str:
        """Why the body is left out; empty where it is not."""
        return reason_left_out(self.fit)


def people_of(dictionary: Dictionary, ids: Sequence[int]) -> list[CollectedPerson]:
    """People in the order of their ids."""
    fits = dictionary.fits.current(ids)
    return [
        CollectedPerson(sample, fits.get(sample.id)) for sample in dictionary.samples.get_many(ids)
    ]


def ids_by_picture(dictionary: Dictionary, ids: Iterable[int]) -> list[list[int]]:
    """Ids of people, those of one picture together, in the order of the pictures' first people."""
    wanted = {int(sample_id) for sample_id in ids}
    pictures = dictionary.tracks.people_by_picture().values()
    return sorted(people for all_of in pictures if (people := sorted(wanted.intersection(all_of))))


def pictures_of(dictionary: Dictionary, ids: Iterable[int]) -> list[Path]:
    """The pictures that show some people."""
    wanted = {int(sample_id) for sample_id in ids}
    pictures = dictionary.tracks.people_by_picture().items()
    return [path for path, people in pictures if not wanted.isdisjoint(people)]


class CollectedBodies:
    """The bodies of a request, page by page, and a count of who is left out and why.

    Raises:
        BodyFileError: the project's body file is missing or none.
        DictionaryError: the project's fits were made with another body.
    """

    def __init__(self, dictionary: Dictionary, request: ExportRequest) -> None:
        self._dictionary, self._request = dictionary, request
        self.arrays, self.body_name = body_arrays(dictionary)
        self.ids = request.ids(dictionary)
        self.left_out: Counter[str] = Counter()
        self.bodies = 0

    def pages(self, phase: str = "Collecting bodies") -> Iterator[PlacedBodies]:
        """Up to a thousand people at a time who have a body that may be learned from.

        Raises:
            Cancelled: the user asked to stop.
        """
        for page in self._request.pages(self.ids, phase):
            yield self._placed(page)

    def pictures(self, phase: str = "Collecting bodies") -> Iterator[PlacedBodies]:
        """All bodies of a picture at a time, in the order of the pictures' first people.

        Raises:
            Cancelled: the user asked to stop.
        """
        meter = ProgressMeter(phase, len(self.ids), self._request.progress)
        for ids in ids_by_picture(self._dictionary, self.ids.tolist()):
            if self._request.cancel is not None:
                self._request.cancel.raise_if_cancelled()
            bodies = self._placed(ids)
            if len(bodies):
                yield bodies
            meter.advance(len(ids))

    def sequences(
        self, phase: str = "Collecting bodies"
    ) -> Iterator[tuple[PlacedBodies, list[int]]]:
        """One person at a time: the bodies of a track in the order of time, and their frames.

        Who was not followed is a sequence of one body.

        Raises:
            Cancelled: the user asked to stop.
        """
        meter = ProgressMeter(phase, len(self.ids), self._request.progress)
        waiting = dict.fromkeys(self.ids.tolist())
        while waiting:
            if self._request.cancel is not None:
                self._request.cancel.raise_if_cancelled()
            first = next(iter(waiting))
            track = self._dictionary.tracks.of(first)
            places = {each.sample_id: each.place for each in track if each.sample_id in waiting}
            members = list(places) or [first]
            for member in members:
                del waiting[member]
            bodies = self._placed(members)
            if len(bodies):
                yield bodies, [places.get(sample.id, 0) for sample in bodies.samples]
            meter.advance(len(members))

    def _placed(self, ids: Sequence[int]) -> PlacedBodies:
        people = people_of(self._dictionary, ids)
        self.left_out.update(person.left_out for person in people if person.left_out)
        placed = placed_people(
            [person for person in people if not person.left_out],
            self.arrays,
            body_name=self.body_name,
        )
        self.bodies += len(placed)
        return placed


def placed_people(
    people: Sequence[CollectedPerson], arrays: BodyArrays, *, body_name: str
) -> PlacedBodies:
    """The bodies of those people who have one, whatever is said of them."""
    there = [(person.sample, person.fit) for person in people if person.fit is not None]
    return placed_bodies(
        [sample for sample, _fit in there],
        [fit.parameters for _sample, fit in there],
        arrays,
        body_name=body_name,
    )
