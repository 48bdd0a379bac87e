"""People are followed through the frames of videos and bursts: ``main.py frames PROJECT``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.motion.person_links import linked_people
from core.dictionary.store import Dictionary
from core.errors import PictureError
from core.pictures.decoding import load_picture
from core.pictures.resemblance import SAME_SCENE, resemblance, small_grey
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.counted_nouns import counted
from core.types.flags import FlagName
from core.types.tracks import TrackMember
from core.workflows.frames.sequences import sequences

PHASE = "Following people"
LONGEST_GAP = 2
"""Someone who is not seen in more pictures in a row is another track when seen again."""


@dataclass(frozen=True)
class TrackReport:
    """What was found.

    sequences: of pictures; people: samples in tracks; jumps, side_flips: how many of them are
    flagged.
    """

    sequences: int
    tracks: int
    people: int
    jumps: int
    side_flips: int

    def summary(self) -> str:
        """One sentence, for the command line."""
        if not self.sequences:
            return (
                "No pictures follow one another: there is no video, and no names of pictures "
                "count up by one step."
            )
        found = (
            f"{counted(self.people, 'person', 'people')} in "
            f"{counted(self.tracks, 'track', 'tracks')} through "
            f"{counted(self.sequences, 'sequence', 'sequences')} of pictures"
        )
        return f"{found}; {self.jumps} with a limb that jumps, {self.side_flips} whose sides flip."


def follow_people(
    dictionary: Dictionary,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> TrackReport:
    """Find all tracks of a project again, store them, and flag what cannot be.

    Raises:
        DictionaryError: the project cannot be read or written.
        Cancelled: when asked to stop; nothing is stored then.
    """
    cancel = cancel or CancelToken()
    people = dictionary.tracks.people_by_picture()
    searched = dictionary.detections.searched()
    frames = {path: entry.frame for path, entry in searched.items() if entry.frame is not None}
    found = sequences(people, frames, _Scenes(cancel).same)
    meter = ProgressMeter(PHASE, sum(map(len, found)), progress)
    tracks: list[list[TrackMember]] = []
    for sequence in found:
        followed = _Followed()
        for place, picture in enumerate(sequence):
            cancel.raise_if_cancelled()
            samples = dictionary.samples.still_there(people.get(picture, []))
            keypoints = [sample.keypoints_px for sample in samples]
            followed.see(place, [sample.id for sample in samples], keypoints)
            meter.advance()
        tracks += followed.tracks()
    dictionary.tracks.replace_all(tracks)
    counts = dictionary.flags.counts()
    return TrackReport(
        len(found),
        *dictionary.tracks.counts(),
        counts.get(FlagName.JUMP, 0),
        counts.get(FlagName.SIDE_FLIP, 0),
    )


class _Scenes:
    """Looks at neighbouring pictures, each once. Where one cannot be read, its name decides."""

    def __init__(self, cancel: CancelToken) -> None:
        self._cancel = cancel
        self._seen: tuple[Path, NDArray[np.float64] | None] | None = None

    def same(self, before: Path, after: Path) -> bool:
        """Whether two pictures show the same scene."""
        self._cancel.raise_if_cancelled()
        seen = self._seen
        first = seen[1] if seen is not None and seen[0] == before else _small(before)
        second = _small(after)
        self._seen = after, second
        if first is None or second is None:
            return True
        return resemblance(first, second) >= SAME_SCENE


def _small(path: Path) -> NDArray[np.float64] | None:
    try:
        return small_grey(load_picture(path))
    except PictureError:
        return None


@dataclass(eq=False)
class _Followed:
    """The people of one sequence, as its pictures are seen one after the other."""

    _all: list[list[TrackMember]] = field(default_factory=list)
    _last_px: list[NDArray[np.float32]] = field(default_factory=list)

    def see(
        self, place: int, sample_ids: Sequence[int], keypoints_px: Sequence[NDArray[np.float32]]
    ) -> None:
        """Continue tracks by the people of the next picture, and begin those of new people."""
        if not sample_ids:
            return
        lately = [
            number
            for number, track in enumerate(self._all)
            if track[-1].place >= place - 1 - LONGEST_GAP
        ]
        links = (
            linked_people(np.stack([self._last_px[row] for row in lately]), np.stack(keypoints_px))
            if lately
            else []
        )
        track_of = {new: lately[old] for old, new in links}
        for row, sample_id in enumerate(sample_ids):
            member = TrackMember(sample_id, place)
            number = track_of.get(row)
            if number is None:
                self._all.append([member])
                self._last_px.append(keypoints_px[row])
            else:
                self._all[number].append(member)
                self._last_px[number] = keypoints_px[row]

    def tracks(self) -> list[list[TrackMember]]:
        """Those of people who were seen more than once."""
        return [track for track in self._all if len(track) > 1]
