"""The engine in a process of its own, seen from the window.

PyTorch takes some 900 MB; the process that holds it lives only while there is something for it to
do and a moment longer.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

import core
from core.workflows.engine_process import FlagRequest, LiftRequest, request_line

SERVICE = "core.workflows.engine_process"
LINGER_MS = 30_000
"""PyTorch takes seconds to load: who corrects keypoint after keypoint is served by one process."""

END_MS = 4_000
"""More than the process's own grace."""

ENDED = "The engine's process ended."

_KEPT_COMPLAINTS = 40
_ROOT = Path(core.__file__).resolve().parent.parent


class EngineProcess(QObject):
    """Starts the process when it is first asked, and again when it is needed again.

    ``answered(name, content)`` for every answer; ``ended(last words)`` when it ended by itself,
    with whatever it was asked for unanswered.
    """

    answered = Signal(str, object)
    ended = Signal(str)

    def __init__(self, project: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project.resolve()
        self._process: QProcess | None = None
        self._complaints: deque[str] = deque(maxlen=_KEPT_COMPLAINTS)
        self._users: set[str] = set()
        self._linger = QTimer(self, singleShot=True, interval=LINGER_MS)
        self._linger.timeout.connect(self._let_go)
        self._leaving: list[QProcess] = []

    @property
    def process_id(self) -> int:
        """Of the process; 0 while there is none."""
        return 0 if self._process is None else int(self._process.processId())

    def ask(self, request: FlagRequest | LiftRequest) -> None:
        """Have something done; answers come as signals."""
        self._linger.stop()
        process = self._process or self._started()
        process.write(request_line(request).encode())

    def keep_for(self, user: str, *, needed: bool) -> None:
        """Say whether answers are awaited; it ends half a minute after the last of them."""
        (self._users.add if needed else self._users.discard)(user)
        if self._users:
            self._linger.stop()
        elif self._process is not None:
            self._linger.start()

    def close(self) -> None:
        """End the process and wait for it; no signal comes after this."""
        self._linger.stop()
        self._let_go()
        for process in self._leaving:
            if not process.waitForFinished(END_MS):
                process.kill()
                process.waitForFinished(END_MS)
            process.deleteLater()
        self._leaving.clear()

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
        # -P: nothing may be imported from the folder that the program happens to run in.
        process.start(sys.executable, ["-P", "-m", SERVICE, str(self._project)])
        return process

    @Slot()
    def _let_go(self) -> None:
        """Tell the process to end; whether it has is asked for in the end only."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)  # noqa: FBT003 - Qt's own signature
            process.closeWriteChannel()
            self._leaving = [qprocess for qprocess in self._leaving if not _forgotten(qprocess)]
            self._leaving.append(process)

    @Slot()
    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            answer: dict[str, Any] = json.loads(bytes(self._process.readLine().data()))
            for name, content in answer.items():
                self.answered.emit(name, content)

    @Slot()
    def _hear(self) -> None:
        if self._process is not None:
            output = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
            self._complaints.extend(output.splitlines())

    @Slot()
    def _on_exit(self) -> None:
        """It ended by itself, which it does only when something went wrong."""
        self._hear()
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)  # noqa: FBT003 - its other signal says the same
            process.deleteLater()
        self.ended.emit("\n".join(self._complaints))


def _forgotten(process: QProcess) -> bool:
    """Whether a process that was told to end has ended; then nothing of it is kept."""
    ended = process.state() == QProcess.ProcessState.NotRunning
    if ended:
        process.deleteLater()
    return ended
