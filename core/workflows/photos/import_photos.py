"""Import of plain photographs and videos: the detector looks at each picture, its people come in.

Each picture is one transaction with its people. However the work ends, what was found stays, and a
second run goes on with the pictures that were not looked at yet.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from numpy import uint8
from numpy.typing import NDArray

from core.dictionary.samples.detections import SearchedPicture, VideoFrame
from core.dictionary.store import Dictionary
from core.errors import Cancelled, PictureError
from core.formats.cameras.calibration_files import read_calibration
from core.pictures.decoding import load_picture
from core.pictures.videos import DecodedFrame, frames_of
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.arrays import FloatArray
from core.types.detections import DETECTOR_NETWORKS, LEAST_AGREEMENT
from core.types.imports import ImportSource
from core.workflows.cameras.picture_cameras import CameraLookup
from core.workflows.frames.follow_people import follow_people
from core.workflows.new_projects import NewProject, made_project
from core.workflows.photos.detected_samples import Found, detected_samples
from core.workflows.photos.finder import Finder, load_finder
from core.workflows.photos.photo_report import PROBLEMS_KEPT, PhotoReport
from core.workflows.photos.picture_files import PHOTOS, VIDEO, PlainFiles, plain_files
from core.workflows.photos.video_frames import VideoPlan, plan_video, write_frame

PHASE = "Looking for people"


def import_photos(
    target: Path | NewProject,
    sources: Sequence[Path],
    *,
    every: int | None = None,
    finder: Finder | None = None,
    cameras: Path | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> PhotoReport:
    """Find the people of pictures and videos, and add them to a project.

    People whom the project knows in a picture already are not added again.

    Args:
        target: the project's folder, or a project that is made with the first picture that could be
            read, or with the first person found in a video.
        sources: pictures, folders of them, videos.
        every: of a video, each n-th frame is looked at; None: about one a second.
        finder: the detector; None: the shipped one.
        cameras: a calibration file; without one, or for pictures that it does not name, EXIF is
            asked.
        progress: told picture by picture, with rate.
        cancel: asked between pictures, and by the detector; what was found is kept.

    Raises:
        PictureError: a source does not exist or is something else, or there is no picture in them.
        StudioError: ``every`` is below 1.
        DictionaryError: the project cannot be opened, made or written.
    """
    started = time.monotonic()
    files = plain_files(sources)
    if not files:
        raise PictureError(
            "holds no pictures or videos.",
            path=sources[0],
            remedy="Pictures are JPEG, PNG, WebP, BMP or HEIC files.",
        )
    with ExitStack() as stack:
        kind = PHOTOS if files.pictures else VIDEO
        source = ImportSource(format=kind, sources=list(sources), dataset=kind)
        project = _Project(target, stack, source)
        lookup = CameraLookup(None if cameras is None else read_calibration(cameras))
        search = _PeopleSearch(project, finder, lookup, cancel or CancelToken())
        try:
            _search_all(search, files, every, progress)
        except Cancelled:
            search.cancelled = True
        if files.videos:
            project.follow_people()
        return search.report(time.monotonic() - started)


def _search_all(
    search: _PeopleSearch, files: PlainFiles, every: int | None, progress: ProgressCallback
) -> None:
    searched = search.project.searched()
    waiting = [picture for picture in files.pictures if picture not in searched]
    search.found_before = len(files.pictures) - len(waiting)
    plans = search.plans(files.videos, every)
    total = len(waiting) + sum(plan.expected for plan in plans)
    if not total:
        return
    meter = _CappedMeter(ProgressMeter(PHASE, total, progress), total)
    for picture in waiting:
        search.look_at_picture(picture)
        meter.advance()
    for plan in plans:
        for _frame in search.frames(plan, searched):
            meter.advance()
    meter.finish()


class _CappedMeter:
    """A meter for a total that a video's header only estimates."""

    def __init__(self, meter: ProgressMeter, total: int) -> None:
        self._meter, self._left = meter, total

    def advance(self, items: int = 1) -> None:
        items = min(items, self._left)
        self._left -= items
        if items:
            self._meter.advance(items)

    def finish(self) -> None:
        self.advance(self._left)


class _Project:
    """The project that people go into; one that is still to be made is made when asked to.

    Frames without people that come before are remembered, and stored then.
    """

    def __init__(self, target: Path | NewProject, stack: ExitStack, source: ImportSource) -> None:
        self._stack, self._source = stack, source
        self._import_id: int | None = None
        self._new = target if isinstance(target, NewProject) else None
        self.folder = target.folder if isinstance(target, NewProject) else target
        self._dictionary: Dictionary | None = None
        self._waiting: list[SearchedPicture] = []
        if self._new is None:
            self._dictionary = stack.enter_context(Dictionary.open(self.folder))

    def searched(self) -> dict[Path, SearchedPicture]:
        """The pictures that were looked at before."""
        return {} if self._dictionary is None else self._dictionary.detections.searched()

    def known_keypoints(self, picture: Path) -> Sequence[FloatArray]:
        """Of the people that the project has in a picture."""
        if self._dictionary is None:
            return []
        return self._dictionary.detections.known_keypoints(picture)

    def prepare(self) -> None:
        """Make the project where there is none yet: from now on it stays, however the work ends."""
        if self._dictionary is not None or self._new is None:
            return
        with made_project(self._new):
            pass
        self._dictionary = self._stack.enter_context(Dictionary.open(self.folder))
        for picture in self._waiting:
            self._add(self._dictionary, picture, [])

    def follow_people(self) -> None:
        """Say who is who in the frames of videos, as far as they were looked at."""
        if self._dictionary is not None:
            follow_people(self._dictionary)

    def add(self, picture: SearchedPicture, people: Sequence[Found]) -> int:
        """Store a picture with its people; returns how many of them are new."""
        if self._dictionary is None:
            self._waiting.append(picture)
            return 0
        return len(self._add(self._dictionary, picture, people))

    def _add(
        self, dictionary: Dictionary, picture: SearchedPicture, people: Sequence[Found]
    ) -> list[int]:
        if self._import_id is None:
            self._import_id = dictionary.imports.begin(self._source)
        return dictionary.detections.add_picture(picture, people, import_id=self._import_id)


class _PeopleSearch:
    """Looks at pictures one by one, and counts what comes of it."""

    def __init__(
        self,
        project: _Project,
        finder: Finder | None,
        lookup: CameraLookup,
        cancel: CancelToken,
    ) -> None:
        self.project = project
        self._lookup = lookup
        self.found_before = 0
        self.cancelled = False
        self._finder, self._cancel = finder, cancel
        self._searched = self._people = self._doubtful = 0
        self._without_people: list[str] = []
        self._problems: list[str] = []

    def report(self, seconds: float) -> PhotoReport:
        """What came of it so far."""
        return PhotoReport(
            searched=self._searched,
            found_before=self.found_before,
            people=self._people,
            doubtful=self._doubtful,
            without_people=self._without_people,
            problems=[*self._problems, *self._lookup.notices()],
            cancelled=self.cancelled,
            seconds=seconds,
        )

    def plans(self, videos: Sequence[Path], every: int | None) -> list[VideoPlan]:
        """What is done about each video; one that cannot be read becomes a problem."""
        plans = []
        for video in videos:
            try:
                plans.append(plan_video(video, self.project.folder, every))
            except PictureError as error:
                self._note_problem(error)
        return plans

    def look_at_picture(self, picture: Path) -> None:
        """A picture that cannot be read becomes a problem, and is tried again by the next run."""
        self._cancel.raise_if_cancelled()
        try:
            rgb = load_picture(picture)
        except PictureError as error:
            self._note_problem(error)
            return
        seen, new = self._people_of(rgb, picture, PHOTOS)
        self.project.prepare()  # Also without people: a person whom the networks miss is drawn.
        if not seen:
            self._without_people.append(picture.name)
        height, width = rgb.shape[:2]
        camera = self._lookup.camera_of(picture, (width, height))
        self._store(SearchedPicture(picture, seen, DETECTOR_NETWORKS, camera=camera), new)

    def frames(
        self, plan: VideoPlan, searched: dict[Path, SearchedPicture]
    ) -> Iterator[DecodedFrame]:
        """Look at the frames of a video in turn; those looked at before are passed over."""
        done = {
            entry.frame.frame
            for path, entry in searched.items()
            if entry.frame is not None and path.parent == plan.folder
        }
        wanted = frames_of(plan.video, wanted=plan.is_wanted)
        try:
            for frame in wanted:
                self._cancel.raise_if_cancelled()
                if frame.number in done:
                    self.found_before += 1
                else:
                    self._look_at_frame(frame, plan)
                yield frame
        except PictureError as error:
            self._note_problem(error)

    def _look_at_frame(self, frame: DecodedFrame, plan: VideoPlan) -> None:
        """Only frames that show people are written."""
        picture = plan.picture_of(frame.number, frame.time_s)
        seen, new = self._people_of(frame.rgb, picture, VIDEO)
        if new:
            self.project.prepare()
            write_frame(frame, picture)
        place = VideoFrame(str(plan.video.absolute()), frame.number, frame.time_s)
        self._store(SearchedPicture(picture, seen, DETECTOR_NETWORKS, place), new)

    def _people_of(
        self, rgb: NDArray[uint8], picture: Path, dataset: str
    ) -> tuple[int, list[Found]]:
        """How many people are seen, and those whom the project does not know yet."""
        if self._finder is None:
            self._finder = load_finder()
        height, width = rgb.shape[:2]
        seen = self._finder.find(rgb, cancel=self._cancel)
        new = detected_samples(
            seen,
            picture=picture,
            size_px=(width, height),
            dataset=dataset,
            known_px=self.project.known_keypoints(picture),
            camera=self._lookup.camera_of(picture, (width, height)),
        )
        return len(seen), new

    def _store(self, picture: SearchedPicture, people: Sequence[Found]) -> None:
        self._people += self.project.add(picture, people)
        self._searched += 1
        self._doubtful += sum(
            landmarks.agreement < LEAST_AGREEMENT for _sample, landmarks in people
        )

    def _note_problem(self, error: PictureError) -> None:
        if len(self._problems) < PROBLEMS_KEPT:
            self._problems.append(error.message)
