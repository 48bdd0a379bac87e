"""Errors as the user reads them, and the hooks that let none of them pass unseen."""

from __future__ import annotations

import sys
import threading
import traceback
from dataclasses import dataclass
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from core.errors import NoSuchRecordError, ProjectGoneError, StudioError, printable

FAULT_REMEDY = (
    "This is a fault of the program, not of your data; what was saved before is safe. "
    "Copy the details into a report, and go on or start the program again."
)


@dataclass(frozen=True, kw_only=True)
class ErrorReport:
    """One error in plain words.

    during: what was being done ("Importing annotations"). is_fault: the program's own fault, to be
    reported, as opposed to something the user can correct. project_gone: the open project is no
    longer where it was opened. record_gone: what was asked for is not in the project any more.
    """

    during: str
    message: str
    remedy: str
    details: str
    is_fault: bool
    project_gone: bool = False
    record_gone: bool = False

    @property
    def as_text(self) -> str:
        """Everything, for the clipboard."""
        parts = [self.during, self.message, self.remedy, self.details]
        return "\n\n".join(part for part in parts if part)


def report_of(error: BaseException, *, during: str = "") -> ErrorReport:
    """Describe an exception; the traceback goes into the details."""
    details = printable("".join(traceback.format_exception(error)).strip())
    if isinstance(error, StudioError):
        return ErrorReport(
            during=during,
            message=error.message,
            remedy=error.remedy,
            details=details,
            is_fault=False,
            project_gone=isinstance(error, ProjectGoneError),
            record_gone=isinstance(error, NoSuchRecordError),
        )
    said = printable(error)
    message = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return ErrorReport(
        during=during, message=message, remedy=FAULT_REMEDY, details=details, is_fault=True
    )


class ErrorHooks(QObject):
    """Forwards uncaught exceptions, from any thread, as the signal ``reported(ErrorReport)``.

    The hooks run in the thread of the error, where no widget may be touched; connect ``reported``
    to a method of an object of the main thread. ``uninstall`` puts the former hooks back.
    """

    reported = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._former_hook = sys.excepthook
        self._former_thread_hook = threading.excepthook
        self._installed = False

    def install(self) -> None:
        """Take over ``sys.excepthook`` and ``threading.excepthook``."""
        self._former_hook = sys.excepthook
        self._former_thread_hook = threading.excepthook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        self._installed = True

    def uninstall(self) -> None:
        """Give the hooks back."""
        if self._installed:
            sys.excepthook = self._former_hook
            threading.excepthook = self._former_thread_hook
            self._installed = False

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._former_hook(kind, error, trace)
        if not issubclass(kind, (KeyboardInterrupt, SystemExit)):
            self.reported.emit(report_of(error))

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        self._former_thread_hook(args)
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self.reported.emit(report_of(args.exc_value))
