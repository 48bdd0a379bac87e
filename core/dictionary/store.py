"""The dictionary of a project: every sample, every fit it ever had, and what people said of them.

Example::

    with Dictionary.create(folder) as dictionary:
        added = dictionary.add_samples(new_samples)
        dictionary.offer(new_fits)
        dictionary.set_verdicts({added.added_ids[0]: Verdict.ACCEPTED}, author="maria")

One object belongs to one thread; open another one for another thread or process. Every method
that writes is one transaction, on the disk when it returns. Errors are ``DictionaryError``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Self

from core.dictionary.assessment import assessments
from core.dictionary.assessment import verdict_agreement as agreement
from core.dictionary.assessment.assessments import Assessment, FlagInputsVersion, RaisedFlag
from core.dictionary.assessment.verdict_agreement import Agreement
from core.dictionary.fits import (
    claims,
    predictions,
    runs,
    verdicts,
)
from core.dictionary.fits import (
    fit_acceptance as offers,
)
from core.dictionary.fits import (
    fit_rows as fits,
)
from core.dictionary.fits import (
    run_rollback as withdrawals,
)
from core.dictionary.fits.claims import Taken
from core.dictionary.fits.prediction_sets import PredictionSets
from core.dictionary.fits.run_rollback import Withdrawal
from core.dictionary.recovery.check_dictionary import check_dictionary
from core.dictionary.recovery.replays import Replays
from core.dictionary.samples import picture_moves
from core.dictionary.samples import sample_rows as samples
from core.dictionary.samples.corrections import Corrections
from core.dictionary.samples.known_people import KnownPeople
from core.dictionary.samples.picture_moves import KnownPicture, MovedPictures
from core.dictionary.samples.sample_rows import SampleKey
from core.dictionary.samples.sources import Sources
from core.dictionary.search import flag_lists, saved_views
from core.dictionary.search import sql_queries as queries
from core.dictionary.search.column_cache import ColumnCache
from core.dictionary.search.query import SampleQuery
from core.dictionary.search.sample_index import SampleIndex
from core.dictionary.search.saved_views import SavedView
from core.dictionary.search.statistics import info
from core.dictionary.storage import body_ownership as owning_body
from core.dictionary.storage import events, settings
from core.dictionary.storage.clock import default_author
from core.dictionary.storage.connection import BUSY_TIMEOUT_S, Connection
from core.dictionary.storage.content_stamp import ContentStamp, content_stamp
from core.dictionary.storage.folder_names import CACHE_FOLDER, CHECKPOINT_FOLDER
from core.dictionary.storage.ids import SampleIds
from core.dictionary.storage.migrations import MIGRATIONS, Migration, migrate, stored_version
from core.dictionary.storage.picture_paths import PicturePaths
from core.dictionary.storage.project_folder import (
    copy_project,
    database_of,
    make_project,
    open_database,
    project_from_file,
    sweep_project,
)
from core.dictionary.storage.read_only import cannot_be_written, open_to_look
from core.dictionary.storage.workers import Workers
from core.errors import DictionaryError, ProjectGoneError
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.types.events import Event
from core.types.fits import Fit, NewFit, OfferResult, Origin, Verdict, VerdictChange
from core.types.flags import FlagName
from core.types.predictions import NewPrediction, Prediction
from core.types.runs import Run, RunStatus
from core.types.samples import AddedSamples, NewSample, Sample, SampleRow
from core.types.sources import SourceDocument, SourceEntry

_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
_ALL_SAMPLES = SampleQuery()


class Dictionary:
    """An opened project. Make one with ``create`` or ``open``."""

    def __init__(
        self,
        project: Path,
        connection: Connection,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self.project = project
        self._migrations = migrations
        self._own_cache: TemporaryDirectory[str] | None = None
        self._connection = connection
        self._pictures = PicturePaths(project)
        self._workers = Workers(project)
        self.corrections = Corrections(connection, self._pictures)
        self.replays = Replays(connection)
        self.sources = Sources(connection, self._pictures)
        self.known_people = KnownPeople(connection, self._pictures)

    @classmethod
    def create(cls, project: Path, *, settings: Mapping[str, str] = _NO_SETTINGS) -> Self:
        """Make a project and open it.

        Raises:
            DictionaryError: the folder is a project already or cannot be written.
        """
        make_project(project, settings=settings, migrations=MIGRATIONS)
        return cls.open(project)

    @classmethod
    def create_from(cls, database: Path, project: Path) -> Self:
        """Make a project from a shipped dictionary, of this schema or an older one, and open it.

        Raises:
            DictionaryError: the folder is a project already or cannot be written.
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

        One that cannot be written is opened to be looked at: whatever would write then raises
        ``ReadOnlyProjectError``.

        Raises:
            NotAProjectError: the folder holds no dictionary.
            SchemaTooNewError: a newer program wrote it.
            DictionaryError: the file is damaged, or cannot be written.
        """
        database = database_of(project)
        if cannot_be_written(database):
            return cls(project, open_to_look(database, migrations), migrations)
        sweep_project(project)
        connection = open_database(database, busy_timeout_s=busy_timeout_s)
        try:
            migrate(connection, migrations)
        except BaseException:
            connection.close()
            raise
        opened = cls(project, connection, migrations)
        # Lists show what was interrupted even where that cannot be stored.
        with suppress(DictionaryError):
            runs.note_interrupted(connection, opened._workers)
        return opened

    def copy_to(self, project: Path) -> None:
        """Make a project with a copy of this dictionary; checkpoints and caches stay behind.

        Pictures stay where they are, and the copy names them there.

        Raises:
            DictionaryError: the folder is a project already or cannot be written.
        """
        copy_project(self._connection, source=self.project, project=project)

    def close(self) -> None:
        """Close the file and let go of what was taken up; a second call does nothing."""
        self._connection.close()
        self._workers.leave()
        if self._own_cache is not None:
            self._own_cache.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def interrupt(self) -> None:
        """From another thread: end what this object is reading, with a ``DictionaryError``."""
        self._connection.interrupt()

    @property
    def cache_folder(self) -> Path:
        """Where what can be made again is kept; may be emptied at any time."""
        if not self.read_only:
            return self.project / CACHE_FOLDER
        if self._own_cache is None:
            self._own_cache = TemporaryDirectory(prefix="spin-studio-cache-")
        return Path(self._own_cache.name) / CACHE_FOLDER

    @property
    def read_only(self) -> bool:
        """Whether the project can only be looked at."""
        return self._connection.read_only

    @property
    def checkpoint_folder(self) -> Path:
        """Where runs keep their networks."""
        return self.project / CHECKPOINT_FOLDER

    # Settings and state of the file

    def setting(self, key: str) -> str | None:
        """A setting such as ``body_file``, or None."""
        return settings.setting(self._connection, key)

    def set_setting(self, key: str, value: str) -> None:
        """Store a setting."""
        settings.set_setting(self._connection, key, value)

    def schema_version(self) -> int:
        """The version of the file's schema."""
        return stored_version(self._connection)

    def info(self) -> dict[str, object]:
        """Counts of everything, ready for JSON."""
        return info(self._connection, runs=self.runs())

    def problems(
        self, *, progress: ProgressCallback = ignore_progress, cancel: CancelToken | None = None
    ) -> list[str]:
        """What is unsound in the file, in sentences; empty where all is well. Reads it all."""
        return check_dictionary(
            self._connection, migrations=self._migrations, progress=progress, cancel=cancel
        )

    def check_in_place(self) -> None:
        """Raise ``ProjectGoneError`` where the project was moved, deleted or replaced.

        May be called from any thread.
        """
        self._connection.check_in_place()

    @property
    def in_place(self) -> bool:
        """Whether the project is where it was opened; may be asked from any thread."""
        try:
            self.check_in_place()
        except ProjectGoneError:
            return False
        return True

    @property
    def log_problem(self) -> str:
        """Why the last edits are saved, but not in the log of edits; empty where they are."""
        return self._connection.log_problem

    def external_change_counter(self) -> int:
        """A number that changes when another connection, of any process, has written.

        Raises ``ProjectGoneError`` where the project was moved, deleted or replaced.
        """
        self.check_in_place()
        return int(self._connection.scalar("PRAGMA data_version"))

    def content_stamp(self) -> ContentStamp:
        """Equal as long as samples, fits, verdicts and predictions are what they were."""
        return content_stamp(self._connection)

    # Samples and lists of them

    def add_samples(
        self,
        new_samples: Iterable[NewSample],
        *,
        document: SourceDocument | None = None,
        left_over: Iterable[SourceEntry] = (),
    ) -> AddedSamples:
        """Add samples; those with a known picture, dataset and person stay as they are.

        ``document`` is the file they come from, ``left_over`` its entries that became none.
        """
        return samples.add_samples(
            self._connection,
            new_samples,
            self._pictures,
            document=document,
            left_over=left_over,
        )

    def sample(self, sample_id: int) -> Sample:
        """One sample; raises ``NoSuchRecordError``."""
        return self.samples([sample_id])[0]

    def samples(self, ids: Sequence[int]) -> list[Sample]:
        """Samples in the order given; raises ``NoSuchRecordError``."""
        return samples.samples_with_ids(self._connection, ids, self._pictures)

    def sample_places(self) -> list[SampleKey]:
        """Every sample's picture, person and box, by id."""
        return samples.sample_places(self._connection, self._pictures)

    def pictures(self) -> list[KnownPicture]:
        """Every picture once, with its size and how many samples show it."""
        return picture_moves.known_pictures(self._connection, self._pictures)

    def move_pictures(self, moves: Mapping[Path, Path]) -> MovedPictures:
        """Name pictures at new places, in one transaction; what ``moved`` inverts, undoes it."""
        return picture_moves.move_pictures(self._connection, self._pictures, moves)

    def has_sample(self, sample_id: int) -> bool:
        """Whether there is a sample of this number."""
        return bool(self._connection.scalar("SELECT 1 FROM samples WHERE id = ?", (sample_id,)))

    def sample_ids(self, query: SampleQuery = _ALL_SAMPLES) -> SampleIds:
        """``(N,)`` ids of what a query lets through, in its order; without a value come last."""
        return queries.sample_ids(self._connection, query)

    def snapshot(self) -> ColumnCache:
        """What lists are sorted and filtered by, of all samples; may go to another thread."""
        return ColumnCache.read(self._connection)

    def sample_index(self, snapshot: ColumnCache) -> SampleIndex:
        """Answers queries from a snapshot, on this object's thread, and keeps it up to date."""
        return SampleIndex(self._connection, snapshot)

    def count(self, query: SampleQuery = _ALL_SAMPLES) -> int:
        """How many samples a query lets through."""
        return queries.count(self._connection, query)

    def rows(self, ids: Iterable[int]) -> list[SampleRow]:
        """List rows in the order given; raises ``NoSuchRecordError``."""
        return queries.sample_rows(self._connection, ids, self._pictures)

    def verdict_counts(self, query: SampleQuery = _ALL_SAMPLES) -> dict[Verdict, int]:
        """Current fits by verdict, by all filters of the query but the one for verdicts."""
        return queries.verdict_counts(self._connection, query)

    def samples_awaiting_fit(
        self, origin: Origin, *, among: Iterable[int] | None = None
    ) -> SampleIds:
        """``(N,)`` ids of usable samples, all or ``among`` some, without a fit of this origin.

        Those whose fit a person accepted are left out: it is never replaced.
        """
        return queries.samples_awaiting_fit(self._connection, origin, among=among)

    def count_accepted_without_fit(
        self, origin: Origin, *, among: Iterable[int] | None = None
    ) -> int:
        """How many usable samples await no fit of this origin because theirs is accepted."""
        return queries.count_accepted_without_fit(self._connection, origin, among=among)

    def count_unusable(self, *, among: Iterable[int] | None = None) -> int:
        """How many samples have too few keypoints to be fitted."""
        return queries.count_unusable(self._connection, among=among)

    def agreement(self) -> Agreement:
        """How verdicts agree with flags and suspicion."""
        return agreement.agreement(self._connection)

    # Saved views

    def saved_views(self) -> list[SavedView]:
        """The filters and orders that were given a name."""
        return saved_views.saved_views(self._connection)

    def save_view(self, name: str, query: SampleQuery) -> int:
        """Give a query a name; raises ``DictionaryError`` where the name is taken or empty."""
        return saved_views.save_view(self._connection, name, query)

    def change_view(self, view_id: int, query: SampleQuery) -> None:
        """Store another query under the name of a view."""
        saved_views.change_view(self._connection, view_id, query)

    def rename_view(self, view_id: int, name: str) -> None:
        """Give a view another name; raises as ``save_view`` does."""
        saved_views.rename_view(self._connection, view_id, name)

    def delete_view(self, view_id: int) -> None:
        """Forget a view."""
        saved_views.delete_view(self._connection, view_id)

    # Fits

    def has_bodies(self) -> bool:
        """Whether there are fits or predictions, whose betas belong to one certain body."""
        return owning_body.has_bodies(self._connection)

    def refuse_other_body(self, name: str) -> None:
        """Raise ``DictionaryError`` where the project belongs to another body than this one."""
        owning_body.refuse_other_body(self._connection, name)

    def claim_body(self, name: str) -> None:
        """Record whose betas the project holds; ``DictionaryError`` where another's are."""
        owning_body.claim_body(self._connection, name)

    def change_body(self, name: str, changed: Mapping[str, str]) -> None:
        """Belong to another body, with its settings, as long as there are no bodies yet."""
        owning_body.change_body(self._connection, name, changed)

    def offer(
        self, new_fits: Sequence[NewFit], *, body_name: str | None = None
    ) -> list[OfferResult]:
        """Offer fits of a body, in one transaction; the result for each, in order."""
        return offers.offer(self._connection, new_fits, body_name=body_name)

    def current_fit(self, sample_id: int) -> Fit | None:
        """The fit the sample is shown and used with, or None."""
        return self.current_fits([sample_id]).get(sample_id)

    def current_fits(self, ids: Iterable[int]) -> dict[int, Fit]:
        """Current fits by sample id, for those that have one."""
        return fits.current_fits_of(self._connection, ids)

    def current_fit_ids(self, ids: Iterable[int]) -> dict[int, int]:
        """Ids of current fits by sample id, in the order given, for samples that have one."""
        return fits.current_fit_ids_of(self._connection, ids)

    def first_fit(self, sample_id: int) -> Fit | None:
        """The first fit SMPLify made for the sample, or None."""
        return fits.first_fit_of(self._connection, sample_id)

    def history(self, sample_id: int) -> list[Fit]:
        """Every fit the sample ever had, newest first."""
        return fits.history_of(self._connection, sample_id)

    def fits(self, ids: Sequence[int]) -> list[Fit]:
        """Fits in the order given; raises ``NoSuchRecordError``."""
        return fits.fits_with_ids(self._connection, ids)

    def make_current(
        self, sample_id: int, fit_id: int | None, author: str | None = None
    ) -> int | None:
        """Make a fit of the history current again; None leaves the sample without one.

        Returns:
            The id of the fit that was current before: what an undo makes current.
        """
        return fits.make_current(
            self._connection, sample_id, fit_id, author=author or default_author()
        )

    # Verdicts

    def set_verdicts(
        self, by_sample: Mapping[int, Verdict], author: str | None = None
    ) -> VerdictChange:
        """Give verdicts on the current fits of samples, by sample id."""
        return verdicts.set_verdicts(self._connection, by_sample, author=author or default_author())

    def set_fit_verdicts(
        self, by_fit: Mapping[int, Verdict], author: str | None = None
    ) -> VerdictChange:
        """Give verdicts on fits by fit id: for a view whose fit the loop may have replaced."""
        return verdicts.set_fit_verdicts(
            self._connection, by_fit, author=author or default_author()
        )

    def restore_verdicts(self, by_fit: Mapping[int, Verdict], author: str | None = None) -> None:
        """Put verdicts back: the ``before`` of a change undoes it, its ``after`` redoes it."""
        self.set_fit_verdicts(by_fit, author)

    def events(self, sample_id: int) -> list[Event]:
        """Who changed what of a sample, oldest first."""
        return events.events_of(self._connection, sample_id)

    # What the program makes of current fits

    def samples_to_assess(
        self, *, limit: int | None = None, among: Sequence[int] | None = None
    ) -> list[int]:
        """Ids of samples, all or ``among`` some, whose current fit has no assessment yet."""
        return assessments.samples_to_assess(self._connection, limit=limit, among=among)

    def assessment_bases(self, ids: Sequence[int]) -> dict[int, FlagInputsVersion]:
        """What an assessment of each sample would be made of, by id; without a fit: left out."""
        return assessments.assessment_bases(self._connection, ids)

    def store_assessments(self, made: Sequence[Assessment]) -> int:
        """Store assessments whose basis still holds; returns how many those were."""
        return assessments.store_assessments(self._connection, made)

    def forget_all_assessments(self) -> None:
        """Take back every assessment, as after a change of how they are made."""
        assessments.forget_all_assessments(self._connection)

    def flags(self, sample_id: int) -> list[RaisedFlag]:
        """The raised flags of a sample, with their reasons."""
        return assessments.flags_of(self._connection, sample_id)

    def flag_counts(self, query: SampleQuery = _ALL_SAMPLES) -> dict[FlagName, int]:
        """How many of a query's samples bear each flag."""
        return flag_lists.flag_counts(self._connection, query)

    def flagged_ids(
        self, names: Collection[FlagName] = (), query: SampleQuery = _ALL_SAMPLES
    ) -> SampleIds:
        """``(N,)`` ids of samples that bear any of the flags (none named: all), worst first."""
        return flag_lists.flagged_ids(self._connection, names, query)

    def flags_of(self, ids: Iterable[int]) -> dict[int, list[RaisedFlag]]:
        """The raised flags by sample id, for those that bear any."""
        return flag_lists.flags_of_many(self._connection, ids)

    # Predictions

    def prediction(self, sample_id: int) -> Prediction | None:
        """The regressor's latest output for a sample, or None."""
        return predictions.prediction_of(self._connection, sample_id)

    def without_prediction(self, ids: Iterable[int]) -> list[int]:
        """Those of some samples that have no prediction, in the order given."""
        return predictions.without_prediction(self._connection, ids)

    def store_predictions(
        self, new_predictions: Iterable[NewPrediction], *, body_name: str | None = None
    ) -> None:
        """Put predictions of a body in the place of the ones before."""
        predictions.store_predictions(self._connection, new_predictions, body_name=body_name)

    def predictions(self, ids: Iterable[int]) -> dict[int, Prediction]:
        """The latest predictions by sample id, for those that have one."""
        return predictions.predictions_of(self._connection, ids)

    @cached_property
    def prediction_sets(self) -> PredictionSets:
        """Predictions kept under a name, to compare runs, or another method with ours."""
        return PredictionSets(self._connection)

    # Runs

    def start_run(
        self,
        kind: str,
        *,
        configuration: Mapping[str, object],
        versions: Mapping[str, str],
        seed: int | None = None,
        prepare: Callable[[int], None] | None = None,
    ) -> int:
        """Note that a run begins; returns its id.

        ``prepare`` is called with the id before the run can be seen; if it raises, there is none.
        """
        return runs.start_run(
            self._connection,
            self._workers,
            kind,
            configuration=configuration,
            seed=seed,
            versions=versions,
            prepare=prepare,
        )

    def end_run(self, run_id: int, status: RunStatus) -> None:
        """Note how a run ended."""
        runs.end_run(self._connection, run_id, status)

    def hold_run(self, run_id: int) -> None:
        """Keep a run from others until it is ended or this object closed.

        Raises:
            NoSuchRecordError: there is no such run.
            DictionaryError: another process, or another object of this one, holds it.
        """
        runs.hold_run(self._connection, self._workers, run_id)

    def continue_run(self, run_id: int) -> None:
        """Note that an ended run goes on, and hold it; raises as ``hold_run``."""
        runs.continue_run(self._connection, self._workers, run_id)

    def withdraw_run(self, run_id: int, *, after_iteration: int = 0) -> Withdrawal:
        """Put back the fits that a run's iterations after this one displaced.

        Its fits stay in the history, and those with a verdict stay current. Its predictions of
        later iterations go.
        """
        return withdrawals.withdraw_run(self._connection, run_id, after_iteration=after_iteration)

    def runs(self) -> list[Run]:
        """Every run, newest first; those whose process was killed as interrupted."""
        return runs.all_runs(self._connection, self._workers)

    # Work that several processes share

    def claim(self, work: str, sample_ids: Sequence[int]) -> list[int]:
        """Take up samples that no other worker is at; what was taken before is let go."""
        return claims.claim(self._connection, self._workers, work, sample_ids)

    def taken_by_others(self, work: str, sample_ids: Sequence[int]) -> Taken:
        """Those of some samples that others have claimed, be they alive or not."""
        return claims.taken_by_others(self._connection, self._workers, work, sample_ids)

    def let_go(self, work: str) -> None:
        """Give up what this object has claimed for a work."""
        claims.let_go(self._connection, self._workers, work)
