"""A project as scripts and notebooks use it: in, fitted, judged, out.

Whatever takes PyTorch or OpenCV imports it when it is called: opening a project and reading its
people takes a moment.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from core.api.people import PeopleOfProject
from core.api.person import Person, reject_reason
from core.dictionary.search.query_parser import choice_from_text, query_from_text
from core.dictionary.store import Dictionary
from core.errors import AnnotationError
from core.formats.registry import guess_format
from core.progress import ProgressCallback, ignore_progress
from core.runs.project_body import body_settings
from core.types.fits import RejectReason, Verdict

if TYPE_CHECKING:
    from core.workflows.annotations.import_report import ImportReport
    from core.workflows.export_formats import ExportSummary
    from core.workflows.fit_project import FitReport
    from core.workflows.flag_report import FlagReport
    from core.workflows.photos.photo_report import PhotoReport
    from core.workflows.predictions.import_report import ImportPredictionsReport
    from core.workflows.refit_project import RefitReport

FilePath = str | os.PathLike[str]

_READ_TOGETHER = 512


class Project:
    """An open project; make one with ``create`` or ``open``, and close it or use ``with``.

    It belongs to the thread that opened it. The window and other processes may work on the same
    project meanwhile: every write is one transaction. Errors are ``core.errors.StudioError``.

    dictionary: the store itself, for everything that has no method here.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self._people = PeopleOfProject(dictionary)

    @classmethod
    def create(cls, folder: FilePath, *, body: FilePath | None = None) -> Self:
        """Make a project in a folder that is none yet, and open it.

        Args:
            folder: of the project.
            body: an SMPL file; None: the open body that the program ships.
        """
        settings = {} if body is None else body_settings(Path(body))
        return cls(Dictionary.create(Path(folder), settings=settings))

    @classmethod
    def open(cls, folder: FilePath) -> Self:
        """Open a project; one of an older program is backed up and brought up to date."""
        return cls(Dictionary.open(Path(folder)))

    @classmethod
    def demo(cls, folder: FilePath) -> Self:
        """Copy the demo that ships with the program, synthetic people with fits, and open it."""
        from core.workflows.shipped_demo import (  # noqa: PLC0415 - see the module
            copy_demo_project,
        )

        copy_demo_project(Path(folder))
        return cls.open(folder)

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.dictionary.project

    def close(self) -> None:
        """Close the project; a second time changes nothing."""
        self.dictionary.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    # What comes in

    def import_annotations(
        self,
        source: FilePath,
        images: FilePath | None = None,
        *,
        format_name: str | None = None,
        dataset: str | None = None,
        cameras: FilePath | None = None,
        progress: ProgressCallback = ignore_progress,
    ) -> ImportReport:
        """Import people with 2D keypoints; the same source again adds no one.

        Args:
            source: the annotation file or folder.
            images: the folder of the pictures; None: beside the annotations.
            format_name: see docs/formats.md; None: what the source looks like.
            dataset: the name the people get; None: the format's name.
            cameras: a calibration file.
            progress: told entry by entry.
        """
        from core.workflows.annotations.import_annotations import (  # noqa: PLC0415 - see the module
            import_annotations,
        )

        return import_annotations(
            self.dictionary,
            format_name or _guessed_format(Path(source)),
            Path(source),
            None if images is None else Path(images),
            dataset=dataset,
            cameras=None if cameras is None else Path(cameras),
            progress=progress,
        )

    def find_people(
        self,
        *sources: FilePath,
        every: int | None = None,
        progress: ProgressCallback = ignore_progress,
    ) -> PhotoReport:
        """Find the people of pictures, folders of pictures and videos, and add them.

        Args:
            sources: pictures, folders, videos.
            every: of a video, each n-th frame is looked at; None: about one a second.
            progress: told picture by picture.
        """
        from core.workflows.photos.import_photos import (  # noqa: PLC0415 - see the module
            import_photos,
        )

        paths = [Path(source) for source in sources]
        return import_photos(self.folder, paths, every=every, progress=progress)

    def import_predictions(
        self, name: str, source: FilePath, *, progress: ProgressCallback = ignore_progress
    ) -> ImportPredictionsReport:
        """Bring in another method's bodies as a set of predictions of that name."""
        from core.workflows.predictions.import_predictions import (  # noqa: PLC0415 - see the module
            import_predictions,
        )

        return import_predictions(self.folder, name, Path(source), progress=progress)

    # The people

    def __len__(self) -> int:
        return self.dictionary.search.count()

    def count(self, where: str = "") -> int:
        """How many people a filter lets through; its language is the search box's."""
        return self.dictionary.search.count(query_from_text(where))

    def people(self, where: str = "") -> Iterator[Person]:
        """The people that a filter lets through, such as ``flag:depth verdict:none``.

        They are read a few hundred at a time as the iteration goes on; who is removed meanwhile is
        passed over.
        """
        ids = self.dictionary.search.ids(query_from_text(where)).tolist()
        for start in range(0, len(ids), _READ_TOGETHER):
            yield from self._people.read(ids[start : start + _READ_TOGETHER])

    def person(self, person_id: int) -> Person:
        """One person; raises ``NoSuchRecordError`` for an unknown number."""
        return self._people.read_one(person_id)

    def judge(
        self,
        people: Iterable[Person],
        verdict: Verdict | str,
        reason: RejectReason | str | None = None,
    ) -> int:
        """Give the current fits of many people one verdict, in one transaction; how many changed.

        Raises ``NoSuchRecordError`` where one of them has no fit; no verdict is stored then.
        """
        return self._people.judge(people, Verdict(verdict), reject_reason(reason))

    # What is done to all of them

    def fit(
        self,
        where: str = "",
        *,
        init: str | None = None,
        profile: str = "studio",
        progress: ProgressCallback = ignore_progress,
    ) -> FitReport:
        """Fit everybody who has no fit from this start yet, and no accepted fit.

        Args:
            where: a filter.
            init: where fits start: ``network``, ``lifter`` or ``mean``; None: what suits the
                profile.
            profile: ``studio`` or ``paper``.
            progress: told after each batch.
        """
        from core.workflows.fit_project import fit_samples  # noqa: PLC0415 - see the module

        return fit_samples(
            self.folder,
            where=choice_from_text(where),
            init=init,
            profile=profile,
            progress=progress,
        )

    def refit(
        self,
        where: str = "",
        *,
        starts: Sequence[str] = ("mean", "current"),
        profile: str = "studio",
        progress: ProgressCallback = ignore_progress,
    ) -> RefitReport:
        """Fit people again from several starts, and offer the best fit of each."""
        from core.workflows.refit_project import refit_samples  # noqa: PLC0415 - see the module

        return refit_samples(
            self.folder,
            where=choice_from_text(where),
            starts=starts,
            profile=profile,
            progress=progress,
        )

    def flag(
        self, *, again: bool = False, progress: ProgressCallback = ignore_progress
    ) -> FlagReport:
        """Look for failures among the fits that were not assessed yet; ``again`` for all."""
        from core.workflows.flag_project import flag_samples  # noqa: PLC0415 - see the module

        return flag_samples(self.folder, again=again, progress=progress)

    # What goes out

    def export(
        self,
        format_name: str,
        out: FilePath,
        where: str = "",
        *,
        overwrite: bool = False,
        progress: ProgressCallback = ignore_progress,
    ) -> ExportSummary:
        """Write the people of a filter in another program's format; see docs/formats.md."""
        from core.workflows.export_formats import export_project  # noqa: PLC0415 - see the module

        return export_project(
            self.folder,
            format_name,
            Path(out),
            query=choice_from_text(where),
            overwrite=overwrite,
            progress=progress,
        )

    @property
    def faces(self) -> NDArray[np.int64]:
        """``(F, 3)`` vertex indices of the project's body."""
        return self._people.faces


def _guessed_format(source: Path) -> str:
    name = guess_format(source)
    if name is None:
        found = "the format cannot be guessed" if source.exists() else "no such file or folder"
        raise AnnotationError(
            f"{found}.", path=source, remedy="Name it: import_annotations(…, format_name=…)."
        )
    return name
