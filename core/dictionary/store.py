"""The dictionary of a project: every sample, every fit it ever had, and what people said of them.

Example::

    with Dictionary.create(folder) as dictionary:
        added = dictionary.samples.add(new_samples)
        dictionary.fits.offer(new_fits)
        dictionary.verdicts.set({added.added_ids[0]: Verdict.ACCEPTED}, author="maria")

One object belongs to one thread; open another one for another thread or process. Every method
that writes is one transaction, on the disk when it returns. Errors are ``DictionaryError``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Self

from core.dictionary.assessment.assessments import Assessments
from core.dictionary.assessment.audits import Audits
from core.dictionary.assessment.label_checks import LabelChecks
from core.dictionary.fits.body_changes import BodyChanges
from core.dictionary.fits.body_rows import BodyRows
from core.dictionary.fits.claims import Claims
from core.dictionary.fits.fits import Fits
from core.dictionary.fits.imported_bodies import ImportedBodies
from core.dictionary.fits.opinions import Opinions
from core.dictionary.fits.prediction_sets import PredictionSets
from core.dictionary.fits.predictions import Predictions
from core.dictionary.fits.runs import Runs
from core.dictionary.fits.verdicts import Verdicts
from core.dictionary.recovery.check_dictionary import check_dictionary
from core.dictionary.recovery.replays import Replays
from core.dictionary.reviewers.activity import Reviewers
from core.dictionary.reviewers.comments import Comments
from core.dictionary.reviewers.hidden_verdicts import HiddenVerdicts
from core.dictionary.reviewers.known_cases import KnownCases
from core.dictionary.reviewers.made_errors import MadeErrors
from core.dictionary.reviewers.merging import Merges
from core.dictionary.reviewers.questions import Questions
from core.dictionary.reviewers.shares import Shares
from core.dictionary.samples.cameras import Cameras
from core.dictionary.samples.corrections import Corrections
from core.dictionary.samples.detections import Detections
from core.dictionary.samples.groups import Groups
from core.dictionary.samples.known_people import KnownPeople
from core.dictionary.samples.manual_people import ManualPeople
from core.dictionary.samples.picture_moves import Pictures
from core.dictionary.samples.sample_rows import Samples
from core.dictionary.samples.sources import Sources
from core.dictionary.samples.taking_back.imports import Imports
from core.dictionary.samples.taking_back.removals import Removals
from core.dictionary.samples.tracks import Tracks
from core.dictionary.search.flag_lists import Flags
from core.dictionary.search.saved_views import SavedViews
from core.dictionary.search.sql_queries import Search
from core.dictionary.search.statistics import info
from core.dictionary.storage.body_ownership import BodyOwnership
from core.dictionary.storage.connection import BUSY_TIMEOUT_S, Connection
from core.dictionary.storage.database_file import DatabaseFile
from core.dictionary.storage.events import Events
from core.dictionary.storage.migrations import MIGRATIONS, Migration
from core.dictionary.storage.picture_paths import PicturePaths
from core.dictionary.storage.project_folder import make_project, open_project, project_from_file
from core.dictionary.storage.settings import Settings
from core.dictionary.storage.workers import Workers
from core.errors import DictionaryError
from core.progress import CancelToken, ProgressCallback, ignore_progress


class Dictionary:
    """An opened project, by what it stores. Make one with ``create`` or ``open``."""

    def __init__(
        self, project: Path, connection: Connection, migrations: Sequence[Migration] = MIGRATIONS
    ) -> None:
        self.project = project
        self._connection, self._migrations = connection, migrations
        self._workers, pictures = Workers(project), PicturePaths(project)
        self.file = DatabaseFile(project, connection)
        self.settings = Settings(connection)
        self.body = BodyOwnership(connection)
        self.samples = Samples(connection, pictures)
        self.pictures = Pictures(connection, pictures)
        self.cameras = Cameras(connection, pictures)
        self.sources = Sources(connection, pictures)
        self.imports = Imports(connection)
        self.removals = Removals(connection)
        self.known_people = KnownPeople(connection, pictures)
        self.groups = Groups(connection)
        self.tracks = Tracks(connection, pictures)
        self.manual_people = ManualPeople(connection, pictures)
        self.corrections = Corrections(connection, pictures)
        self.detections = Detections(connection, pictures)
        self.fits = Fits(connection)
        self.verdicts = Verdicts(connection)
        self.opinions = Opinions(connection)
        self.merges = Merges(connection)
        self.reviewers = Reviewers(connection)
        self.comments = Comments(connection)
        self.known_cases = KnownCases(connection)
        self.made_errors = MadeErrors(connection)
        self.shares = Shares(connection)
        self.questions = Questions(connection)
        self.hidden = HiddenVerdicts(connection)
        self.predictions = Predictions(connection)
        self.prediction_sets = PredictionSets(connection)
        self.imported_bodies = ImportedBodies(connection)
        self.body_rows = BodyRows(connection)
        self.body_changes = BodyChanges(connection)
        self.runs = Runs(connection, self._workers)
        self.claims = Claims(connection, self._workers)
        self.assessments = Assessments(connection)
        self.audits = Audits(connection)
        self.label_checks = LabelChecks(connection)
        self.search = Search(connection, pictures)
        self.flags = Flags(connection, self.search)
        self.saved_views = SavedViews(connection)
        self.events = Events(connection)
        self.replays = Replays(connection)

    @classmethod
    def create(cls, project: Path, *, settings: Mapping[str, str] = MappingProxyType({})) -> Self:
        """Make a project and open it.

        Raises ``DictionaryError`` where the folder is a project already or cannot be written.
        """
        make_project(project, settings=settings, migrations=MIGRATIONS)
        return cls.open(project)

    @classmethod
    def create_from(cls, database: Path, project: Path) -> Self:
        """Make a project from a shipped dictionary, of this schema or an older one, and open it.

        Raises ``DictionaryError`` where the folder is a project already or cannot be written.
        """
        project_from_file(database, project, migrations=MIGRATIONS)
        return cls.open(project)

    @classmethod
    def open(
        cls,
        project: Path,
        *,
        migrations: Sequence[Migration] = MIGRATIONS,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> Self:
        """Open a project; an older one is backed up and migrated.

        In one that cannot be written, whatever would write raises ``ReadOnlyProjectError``.

        Raises:
            NotAProjectError: the folder holds no dictionary.
            SchemaTooNewError: a newer program wrote it.
            DictionaryError: the file is damaged, or cannot be written.
        """
        connection = open_project(project, migrations, busy_timeout_s=busy_timeout_s)
        opened = cls(project, connection, migrations)
        if not connection.read_only:
            # Lists show what was interrupted even where that cannot be stored.
            with suppress(DictionaryError):
                opened.runs.note_interrupted()
        return opened

    @property
    def author(self) -> str:
        """Whose edits are made through this object."""
        return self._connection.author

    def sign_as(self, reviewer: str) -> None:
        """Make edits under a reviewer's name; under the name of the user for an empty one."""
        self._connection.signed_as = reviewer.strip()

    def close(self) -> None:
        """Close the file and let go of what was taken up; a second call does nothing."""
        self.file.close()
        self._workers.leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def info(self) -> dict[str, object]:
        """Counts of everything, ready for JSON."""
        return info(self._connection, search=self.search, runs=self.runs.all())

    def problems(
        self, *, progress: ProgressCallback = ignore_progress, cancel: CancelToken | None = None
    ) -> list[str]:
        """What is unsound in the file, in sentences; empty where all is well. Reads it all."""
        with self._connection.mask.lifted():
            return check_dictionary(
                self._connection, migrations=self._migrations, progress=progress, cancel=cancel
            )
