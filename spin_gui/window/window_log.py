"""The log of one window: errors that were shown, Qt's complaints, and where a crash happened.

A file for each window, in the user's folder for such things (``~/.local/state/spin-studio`` on
Linux), bounded in size and number. Where it cannot be written the program runs without.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Self

import PySide6
from PySide6.QtCore import QMessageLogContext, QStandardPaths, QtMsgType, qInstallMessageHandler

from spin_gui.widgets.app_identity import version
from spin_gui.window.unclean_ends import LOCK_SUFFIX, LOG_SUFFIX, RunningMark, take_unclean_logs

FOLDER_NAME = "spin-studio"
KEPT_LOGS = 10
MOST_BYTES = 500_000
"""Of a log; the part before is kept once, in a file that ends in ``.1``."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_PROGRAM = "spin_gui"
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_folder() -> Path:
    """Where the logs of this user's windows are."""
    place = QStandardPaths.StandardLocation.GenericStateLocation
    return Path(QStandardPaths.writableLocation(place)) / FOLDER_NAME


class WindowLog:
    """A context: while it lasts, the window counts as running and what goes wrong is written down.

    file: the log; None where it cannot be written. ended_badly: logs of earlier windows that ended
    without a clean end and were not told of yet, newest first.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or log_folder()
        self._handler: _LogFile | None = None
        self._mark: RunningMark | None = None
        self.file: Path | None = None
        self.ended_badly: tuple[Path, ...] = ()

    def __enter__(self) -> Self:
        try:
            self._open()
        except OSError as error:
            sys.stderr.write(f"No log is kept of this window: {error}\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._handler is None:
            return
        logger = logging.getLogger(_PROGRAM)
        if error is not None:
            logger.critical("The window ended with an error.", exc_info=error)
        logger.info("Ended.")
        qInstallMessageHandler(None)
        faulthandler.disable()
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()
        if self._mark is not None:
            self._mark.clear()

    def _open(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.ended_badly = tuple(take_unclean_logs(self._folder))
        _forget_old_logs(self._folder, keep=set(self.ended_badly))
        name = f"window-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}{LOG_SUFFIX}"
        mark = RunningMark(self._folder / name)
        mark.set()
        try:
            handler = _LogFile(self._folder / name)
        except OSError:
            mark.clear()
            raise
        self._handler, self._mark, self.file = handler, mark, self._folder / name
        logging.getLogger().addHandler(handler)
        logger = logging.getLogger(_PROGRAM)
        logger.setLevel(logging.INFO)
        qInstallMessageHandler(_write_down)
        logger.info(
            "SPIN Studio %s, Python %s, PySide6 %s, %s, %s",
            version(),
            platform.python_version(),
            PySide6.__version__,
            platform.platform(),
            sys.argv,
        )


class _LogFile(RotatingFileHandler):
    """Bounded; a crash of the process is written to whichever file is open."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=MOST_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
        )
        self.setFormatter(logging.Formatter(_FORMAT))
        self._take_crashes()

    def doRollover(self) -> None:
        """Go on in a new file."""
        super().doRollover()
        self._take_crashes()

    def _take_crashes(self) -> None:
        if self.stream is not None:
            faulthandler.enable(self.stream)

    def handleError(self, _record: logging.LogRecord) -> None:
        """A full disk is no reason to trouble the user with the log as well."""


def _write_down(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Qt's own messages: into the log, and as ever to the terminal."""
    logging.getLogger("Qt").log(_LEVELS.get(kind, logging.WARNING), text)
    sys.stderr.write(f"{text}\n")


def _forget_old_logs(folder: Path, *, keep: set[Path]) -> None:
    """Delete all but the newest; never one of a running window, or one that is yet to be told."""
    logs = sorted(folder.glob(f"window-*{LOG_SUFFIX}"), reverse=True)
    for log in logs[KEPT_LOGS - 1 :]:
        if log in keep or log.with_suffix(LOCK_SUFFIX).exists():
            continue
        for part in (log, log.with_name(f"{log.name}.1")):
            part.unlink(missing_ok=True)
