"""Keeps the flags of the open project up to date, in the background and out of everyone's way.

It works in a process of its own and does not count as a job: people import, fit and train beside
it. While such a job runs it looks only now and then, at few samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.progress import Progress
from core.workflows.engine_process import BROKEN, FLAG, FLAGGED, PROGRESS, FlagRequest
from core.workflows.flag_report import FlagReport
from spin_gui.jobs.engine_process import ENDED, EngineProcess
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.error_reports import FAULT_REMEDY, ErrorReport

TITLE = "Looking for failures"

REST_MS = 1500
"""From a change to looking at it: many changes come together."""

BUSY_REST_MS = 20_000
AT_MOST_WHILE_BUSY = 256
"""A training replaces fits all the time; what it needs of the machine comes first."""

BATCH = 64
"""Small, so that closing a project never waits long for the batch in work."""


ENDED_REMEDY = (
    "It takes some 900 MB of memory: close other programs, then open the project again. "
    "`python main.py flag PROJECT` does the same without the window."
)


class BackgroundFlagger(QObject):
    """Looks for samples without an assessment whenever something has changed.

    ``progressed(Progress)`` while it looks; ``rested(FlagReport | None)`` when it has looked.
    A process that ended by itself is started once more, since a person may have ended it.
    ``failed(ErrorReport)`` comes once, and then nothing more: the next batch would fail too.
    """

    progressed = Signal(object)
    rested = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        session: ProjectSession,
        engine: EngineProcess,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self._busy = self._stopped = self._tries_again = False
        self.looking = False
        """Whether the process works for it right now."""
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self.look_now)
        engine.answered.connect(self._on_answer)
        engine.ended.connect(self._on_ended)
        session.rows_stale.connect(self.look_soon)
        session.samples_changed.connect(self.look_soon)
        self.look_soon()

    @Slot()
    def look_soon(self) -> None:
        """Look in a moment; later changes do not put it off."""
        if not (self._stopped or self.looking or self._soon.isActive()):
            self._soon.start(BUSY_REST_MS if self._busy else REST_MS)

    @Slot(bool)
    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - a slot of a signal
        """A job has begun, or ended."""
        self._busy = busy
        self._soon.stop()
        self.look_soon()

    @Slot()
    def look_now(self) -> None:
        """Have the process work where there is something to do."""
        if self._session.dictionary.file.read_only:
            return  # what it found could not be stored
        if self._stopped or self.looking or not self._anything_due():
            return
        self._set_looking(looking=True)
        self._engine.ask(FlagRequest(AT_MOST_WHILE_BUSY if self._busy else None, BATCH))

    def _anything_due(self) -> bool:
        dictionary = self._session.dictionary
        return bool(dictionary.assessments.due(limit=1) or dictionary.label_checks.due(limit=1))

    def close(self) -> None:
        """Stop for good; the engine's process is the caller's to end. What was assessed is kept."""
        self._stopped = True
        self._soon.stop()
        self._set_looking(looking=False)

    @Slot(str, object)
    def _on_answer(self, name: str, content: Mapping[str, Any]) -> None:
        if self._stopped:
            return
        if name == PROGRESS:
            self.progressed.emit(Progress(**content))
        elif name == FLAGGED:
            self._on_report(FlagReport.from_content(content))
        elif name == BROKEN and content["work"] == FLAG:
            self._fail(content["message"], content["remedy"], content["details"])

    @Slot(str)
    def _on_ended(self, last_words: str) -> None:
        if not self.looking:
            return
        if self._tries_again:
            self._fail(ENDED, ENDED_REMEDY, last_words)
            return
        self._tries_again = True
        self._set_looking(looking=False)
        self.look_soon()

    def _on_report(self, report: FlagReport) -> None:
        self._tries_again = False
        self._set_looking(looking=False)
        self.rested.emit(report)
        if report.assessed + report.outdated + report.labels.checked:
            self.look_soon()

    def _fail(self, message: str, remedy: str, details: str) -> None:
        self._stopped = True
        self._set_looking(looking=False)
        self.failed.emit(
            ErrorReport(
                during=TITLE,
                message=message,
                remedy=remedy or FAULT_REMEDY,
                details=details,
                is_fault=not remedy,
            )
        )
        self.rested.emit(None)

    def _set_looking(self, *, looking: bool) -> None:
        self.looking = looking
        self._engine.keep_for(FLAG, needed=looking)
