"""Carrying the shown body over to the frames around it, on a thread; one step of undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from core.dictionary.samples.corrections import KeptFit
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback
from spin_gui.correcting.sample_edits import CorrectorSource
from spin_gui.jobs.thread_host import JobHost
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand
from spin_gui.session.verdict_edits import is_found_by_correcting
from spin_gui.session.wording import count_text

if TYPE_CHECKING:
    from core.workflows.frames.carry_over import CarriedBody

TITLE = "Carrying the body over"


class Carrying(QObject):
    """Fits neighbouring frames from the shown one, and keeps what comes of it."""

    failed = Signal(object)
    """An ``ErrorReport``."""

    def __init__(
        self, session: ProjectSession, correctors: CorrectorSource, parent: QObject | None = None
    ) -> None:
        super().__init__(parent or session)
        self._session, self._correctors = session, correctors
        self._host: JobHost | None = None

    @property
    def is_running(self) -> bool:
        """Whether frames are being fitted."""
        return self._host is not None

    def carry(self) -> None:
        """Begin with the current sample; what is running goes on."""
        sample_id, project = self._session.current_id, self._session.project
        if sample_id is None or self.is_running or is_found_by_correcting(self._session, sample_id):
            return
        correctors = self._correctors

        def work(progress: ProgressCallback, cancel: CancelToken) -> Sequence[CarriedBody]:
            from core.workflows.frames.carry_over import carry_over  # noqa: PLC0415

            with Dictionary.open(project) as dictionary:
                return carry_over(
                    dictionary, correctors.get(), sample_id, progress=progress, cancel=cancel
                )

        self._session.noticed.emit(f"{TITLE}…")
        self._host = JobHost(TITLE, work, self)
        self._host.failed.connect(self.failed)
        self._host.finished.connect(self._on_finished)
        self._host.start()

    def close(self) -> None:
        """Let a running fit go; nothing of it is kept."""
        if self._host is not None:
            self._host.abandon()
            self._host = None

    @Slot(object)
    def _on_finished(self, carried: Sequence[CarriedBody] | None) -> None:
        host, self._host = self._host, None
        if host is not None:
            host.deleteLater()
        if carried:
            self._keep(carried)

    def _keep(self, carried: Sequence[CarriedBody]) -> None:
        corrections = self._session.dictionary.corrections
        there = self._still_there([each.sample.id for each in carried])
        kept = corrections.keep_fits(
            [
                (each.body.as_fit(each.sample), each.made_from_fit_id)
                for each in carried
                if each.sample.id in there
            ],
            body_name=self._correctors.get().body_name,
        )
        if not kept:
            self._session.noticed.emit("Nothing was kept: the people were removed meanwhile.")
            return
        frames = "1 frame" if len(kept) == 1 else f"{count_text(len(kept))} frames"
        text = f"Carry the body over to {frames}"
        self._session.undo_stack.push(
            EditCommand(
                text,
                undo=lambda done: self._make_current(kept, done, before=True),
                redo=lambda done: self._make_current(kept, done, before=False),
            )
        )
        self._session.after_edit({each.sample_id for each in kept}, f"{text} – saved")

    def _make_current(self, kept: Sequence[KeptFit], done: str, *, before: bool) -> None:
        there = self._still_there([each.sample_id for each in kept])
        self._session.dictionary.fits.make_all_current(
            {
                each.sample_id: each.previous_fit_id if before else each.fit_id
                for each in kept
                if each.sample_id in there
            }
        )
        self._session.after_edit(there, f"{done} – saved")

    def _still_there(self, sample_ids: Sequence[int]) -> set[int]:
        """Those who were not removed in the meantime, here or in another window."""
        return {each.id for each in self._session.dictionary.samples.still_there(sample_ids)}
