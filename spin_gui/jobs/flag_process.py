"""The search for failures in a process of its own, seen from the window.

PyTorch takes some 900 MB; the process that holds it lives only while there is something to assess
and a moment longer.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

import core
from core.pipeline.flag_report import FlagReport
from core.pipeline.flag_service import FlagRequest
from core.progress import Progress
from spin_gui.error_reports import FAULT_REMEDY, ErrorReport

TITLE = "Looking for failures"
SERVICE = "core.pipeline.flag_service"
LINGER_MS = 30_000
"""PyTorch takes seconds to load: who corrects keypoint after keypoint is served by one process."""

END_MS = 4_000
"""More than the process's own grace."""

_KEPT_COMPLAINTS = 40
_ROOT = Path(core.__file__).resolve().parent.parent


class FlagProcess(QObject):
    """Starts the process when it is first asked, and again when it is needed again.

    ``progressed(Progress)``; ``failed(ErrorReport)``; ``finished(FlagReport | None)`` once for each
    ``look``, and last.
    """

    progressed = Signal(object)
    failed = Signal(object)
    finished = Signal(object)

    def __init__(self, project: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project.resolve()
        self._process: QProcess | None = None
        self._working = False
        self._complaints: deque[str] = deque(maxlen=_KEPT_COMPLAINTS)
        self._linger = QTimer(self, singleShot=True, interval=LINGER_MS)
        self._linger.timeout.connect(self._end)

    @property
    def working(self) -> bool:
        """From ``look`` until just before ``finished``."""
        return self._working

    @property
    def process_id(self) -> int:
        """Of the process; 0 while there is none."""
        return 0 if self._process is None else int(self._process.processId())

    def look(self, request: FlagRequest) -> None:
        """Assess what waits for it; one request at a time."""
        self._linger.stop()
        self._working = True
        process = self._process or self._started()
        process.write(request.line().encode())

    def close(self) -> None:
        """End the process and wait for it; no signal comes after this."""
        self._working = False
        self._linger.stop()
        self._end()

    def _started(self) -> QProcess:
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        known = environment.value("PYTHONPATH")
        separator = ";" if sys.platform == "win32" else ":"
        environment.insert("PYTHONPATH", separator.join(filter(None, [str(_ROOT), known])))
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._hear)
        process.finished.connect(self._on_exit)
        process.errorOccurred.connect(self._on_exit)
        self._process = process
        self._complaints.clear()
        process.start(sys.executable, ["-m", SERVICE, str(self._project)])
        return process

    @Slot()
    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)  # noqa: FBT003 - Qt's own signature
        process.closeWriteChannel()
        if not process.waitForFinished(END_MS):
            process.kill()
            process.waitForFinished(END_MS)
        process.deleteLater()

    @Slot()
    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            line = bytes(self._process.readLine().data())
            self._take(cast("dict[str, dict[str, object]]", json.loads(line)))

    def _take(self, answer: dict[str, dict[str, object]]) -> None:
        if "progress" in answer:
            self.progressed.emit(Progress(**answer["progress"]))  # type: ignore[arg-type]
        elif "report" in answer:
            self._finish(FlagReport(**answer["report"]))  # type: ignore[arg-type]
        elif "error" in answer:
            error = {key: str(value) for key, value in answer["error"].items()}
            self._fail(error["message"], error["remedy"], error["details"])

    @Slot()
    def _hear(self) -> None:
        if self._process is not None:
            said = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
            self._complaints.extend(said.splitlines())

    @Slot()
    def _on_exit(self) -> None:
        """It ended by itself, which it does only when something went wrong."""
        self._hear()
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)  # noqa: FBT003 - its other signal says the same
            process.deleteLater()
        if self._working:
            self._fail(
                "The process that looks for failures ended.", "", "\n".join(self._complaints)
            )

    def _fail(self, message: str, remedy: str, details: str) -> None:
        self.failed.emit(
            ErrorReport(
                during=TITLE,
                message=message,
                remedy=remedy or FAULT_REMEDY,
                details=details,
                is_fault=not remedy,
            )
        )
        self._finish(None)

    def _finish(self, report: FlagReport | None) -> None:
        self._working = False
        if self._process is not None:
            self._linger.start()
        self.finished.emit(report)
