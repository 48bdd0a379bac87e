"""Does again what the log of edits has and the dictionary lacks, as after restoring a backup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.body.display_body import DisplayBody
from core.body.reprojection_loss import compared_bodies
from core.dictionary.recovery.replays import key_of_line
from core.dictionary.samples.camera_rows import camera_from_json
from core.dictionary.samples.groups import names_from_json
from core.dictionary.storage.blobs import from_blob, sources_from_blob
from core.dictionary.storage.edit_log import Line, from_text, read_lines
from core.dictionary.storage.events import (
    BOX,
    CAMERA,
    CURRENT_FIT,
    GROUP,
    KEYPOINTS,
    SAMPLE,
    VERDICT,
)
from core.dictionary.storage.logged_edits import (
    ASSIGNED,
    CASE_ANSWER,
    COMMENT,
    IMPORT_UNDONE,
    REMOVED,
    STATES,
    TAKING_BACK,
)
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.files.foreign_files import foreign_content, reason_of
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.project_body import display_body
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from core.types.bodies import BodyParameters, CropCamera
from core.types.keypoint_sources import KeypointSource, KeypointSources
from core.types.reject_reasons import verdict_from_text

PHASE = "Doing edits again"


@dataclass
class ReplayReport:
    """What was done again, and what was not, with the reason."""

    done: int = 0
    left_out: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """A sentence for the user."""
        text = f"{self.done} edits of the log were done again"
        if self.left_out:
            text += f"; {len(self.left_out)} were left out, the first: {self.left_out[0]}"
        return f"{text}."


def edits_beyond(project: Path) -> list[Line]:
    """The lines of the log that the dictionary knows nothing of, in their order."""
    lines = list(read_lines(project))
    if not lines:
        return []
    with Dictionary.open(project) as dictionary:
        known = dictionary.replays.known_edits()
        last = {_state_of(line): line for line in lines if _is_state(line)}
        stand = {id(line) for line in last.values() if not _is_as_logged(dictionary, line)}
    return [
        line
        for line in lines
        if (id(line) in stand if _is_state(line) else key_of_line(line) not in known)
    ]


def _is_state(line: Line) -> bool:
    return str(line.get("what")) in STATES


def _state_of(line: Line) -> tuple[str, ...]:
    """What a line of ``STATES`` is about: of several about the same only the last counts."""
    names = ("what", "picture", "dataset", "person")
    about = (*names, "author", "answered_at") if line["what"] == CASE_ANSWER else names
    return tuple(str(line.get(name)) for name in about)


def _is_as_logged(dictionary: Dictionary, line: Line) -> bool:
    """Damaged lines are not: doing them again says what is wrong."""
    try:
        with foreign_content(lambda error: StudioError(f"it is damaged ({reason_of(error)})")):
            return dictionary.replays.is_as_logged(line)
    except StudioError:
        return False


def replay(
    project: Path,
    lines: Iterable[Line],
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ReplayReport:
    """Do edits again, each under the name of its author; one that cannot be done is left out.

    Raises:
        DictionaryError: the dictionary cannot be opened.
        Cancelled: the user asked to stop; what was done stays.
    """
    lines = list(lines)
    report = ReplayReport()
    meter = ProgressMeter(PHASE, len(lines), progress)
    with Dictionary.open(project) as dictionary:
        player = _Player(dictionary, display_body(dictionary))
        for line in lines:
            if cancel is not None:
                cancel.raise_if_cancelled()
            try:
                player.play(line)
                report.done += 1
            except StudioError as error:
                report.left_out.append(f"{line.get('at')} {line.get('what')}: {error.message}")
            meter.advance()
    return report


class _Player:
    """Does one edit after the other."""

    def __init__(self, dictionary: Dictionary, body: DisplayBody) -> None:
        self._dictionary, self._body = dictionary, body

    def play(self, line: Line) -> None:
        """Raises ``StudioError`` where it cannot be done."""
        with foreign_content(lambda error: StudioError(f"it is damaged ({reason_of(error)})")):
            self._play(line)

    def _play(self, line: Line) -> None:
        what, author = line["what"], str(line["author"])
        if what == SAMPLE:
            self._draw(line, author)
            return
        if str(what) in TAKING_BACK:
            self._take_back(line, author)
            return
        sample_id = self._person(line)
        if what == VERDICT:
            fit_id = self._dictionary.replays.fit(sample_id, line["fit"])
            if line["is_current"]:  # which the program may have made it since the backup
                self._dictionary.fits.make_current(sample_id, fit_id, author)
            if self._dictionary.replays.opinion(sample_id, fit_id, line):
                return
            verdict, reason = verdict_from_text(line["after"])  # of a program without opinions
            self._dictionary.verdicts.set_on_fits(
                {fit_id: verdict}, author, reasons={fit_id: reason}
            )
        elif what == CURRENT_FIT:
            chosen = line.get("fit")
            current = None if chosen is None else self._dictionary.replays.fit(sample_id, chosen)
            self._dictionary.fits.make_current(sample_id, current, author)
        elif what in (KEYPOINTS, BOX):
            self._set_box_and_keypoints(sample_id, line, author)
        elif what == GROUP:
            names = names_from_json(line["after"])
            self._dictionary.groups.assign({sample_id: names}, author=author)
        elif what == ASSIGNED:
            self._dictionary.shares.assign({sample_id: line["after"]}, author)
        elif what == CASE_ANSWER:
            self._dictionary.replays.answer(sample_id, line)
        elif what == COMMENT:
            self._dictionary.comments.replay(sample_id, line)
        elif what == CAMERA:
            self._set_camera(sample_id, str(line["after"]), author)
        else:
            raise StudioError(f"this program knows no edit {what!r}")

    def _take_back(self, line: Line, author: str) -> None:
        removals, replays = self._dictionary.removals, self._dictionary.replays
        if line["what"] == REMOVED:
            removals.people([self._person(line)], author=author, at=str(line["at"]))
        elif line["what"] == IMPORT_UNDONE:
            import_id = replays.import_of(str(line["import_at"]))
            if import_id is None:
                raise StudioError(f"the import {line['title']} is not in the project")
            removals.undo_import(import_id, author=author, at=str(line["at"]))
        else:
            for removal_id in replays.removed_at(str(line["removed_at"])):
                removals.put_back(removal_id, author=author, at=str(line["at"]))

    def _person(self, line: Line) -> int:
        found = self._dictionary.replays.person(line["picture"], line["dataset"], line["person"])
        if found is None:
            raise StudioError(f"{line['person']} of {line['picture']} is not in the project")
        return found

    def _draw(self, line: Line, author: str) -> None:
        sample_id = self._dictionary.replays.person(
            line["picture"], line["dataset"], line["person"]
        )
        if sample_id is None:
            like = self._dictionary.replays.person(line["picture"], line["dataset"], None)
            if like is None:
                sample_id = self._draw_alone(line, author)
            else:
                sample_id = self._dictionary.manual_people.draw(like, _box(line), author=author)
        self._set_box_and_keypoints(sample_id, line, author)

    def _draw_alone(self, line: Line, author: str) -> int:
        """Into a picture in which the detector found no person."""
        named = Path(str(line["picture"])).name
        searched = [
            picture.path
            for picture in self._dictionary.detections.without_people()
            if picture.path.name == named
        ]
        if len(searched) != 1:
            raise StudioError(f"{line['picture']} is not in the project")
        from core.pictures.decoding import picture_header  # noqa: PLC0415 - loads OpenCV

        size_px = picture_header(searched[0]).upright_size_px
        return self._dictionary.manual_people.draw_in(
            searched[0], size_px, _box(line), dataset=str(line["dataset"]), author=author
        )

    def _set_box_and_keypoints(self, sample_id: int, line: Line, author: str) -> None:
        """Both as they stood after the edit: the one that it did not change is the same already."""
        edits = self._dictionary.corrections
        edits.set_box(sample_id, _box(line), compare=self._compare, author=author)
        blob = from_text(line["keypoints_px"])
        keypoints = from_blob(blob, (NUM_KEYPOINTS, 3), what="keypoints in the log")
        edits.set_keypoints(
            sample_id, keypoints, compare=self._compare, source=_source_of(line), author=author
        )

    def _set_camera(self, sample_id: int, after: str, author: str) -> None:
        """A picture's camera is logged for each of its people: the second time it is the same."""
        (picture,) = self._dictionary.cameras.of_samples([sample_id])
        camera = camera_from_json(after)
        self._dictionary.cameras.set({picture.path: camera}, compare=self._compare, author=author)

    def _compare(
        self, keypoints_crop_px: FloatArray, bodies: Sequence[BodyParameters], camera: CropCamera
    ) -> list[float] | None:
        return compared_bodies(self._body, keypoints_crop_px, bodies, camera)


def _source_of(line: Line) -> KeypointSource | KeypointSources:
    """Who placed the keypoints; logs of older programs do not say it: a person did."""
    stored = line.get("keypoint_sources")
    if stored is None:
        return KeypointSource.MARKED
    return sources_from_blob(from_text(stored) or None, what="the log")


def _box(line: Line) -> Box:
    x_px, y_px, scale = map(float, line["box"])
    return Box(x_px, y_px, BOX_SCALE_PX * scale)
