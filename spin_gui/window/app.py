"""Starts the program: one application, one window, errors caught, a clean end."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot
from PySide6.QtWidgets import QApplication

from core.rendering.triton_guard import keep_triton_out
from core.system.idle_threads import let_waiting_threads_sleep
from spin_gui.commands.handlers.reviewers import REVIEWER
from spin_gui.widgets.app_identity import APPLICATION_NAME, application_icon
from spin_gui.widgets.error_reports import ErrorHooks
from spin_gui.widgets.theme import prepare_look
from spin_gui.window.main_thread_garbage import MainThreadGarbage
from spin_gui.window.main_window import MainWindow
from spin_gui.window.settings import ORGANISATION
from spin_gui.window.window_log import WindowLog
from spin_gui.window.window_placement import WindowPlacement

SignalHandler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None


def run(project: Path | None = None, *, reviewer: str = "") -> int:
    """Open the window, on a project if one is given; returns the exit status when it is closed.

    reviewer: who reviews from now on; empty for the one of last time.
    """
    app = make_application()
    with WindowLog() as log:
        return _run_window(app, project, log, reviewer=reviewer)


def _run_window(app: QApplication, project: Path | None, log: WindowLog, *, reviewer: str) -> int:
    window = MainWindow()
    if reviewer.strip():
        window.settings.set_choice(REVIEWER, reviewer.strip())
    WindowPlacement(window)
    window.project_closed.connect(window.safety.back_up)
    window.notice.show_unclean_end(log.ended_badly)
    hooks = ErrorHooks()
    hooks.reported.connect(window.show_error)
    interrupts = Interrupts()
    interrupts.interrupted.connect(window.close)
    interrupts.terminated.connect(window.leaving.stop_and_close)
    hooks.install()
    interrupts.install()
    try:
        window.show()
        if project is not None:
            window.open_project(project)
        return app.exec()
    finally:
        interrupts.uninstall()
        hooks.uninstall()


def make_application() -> QApplication:
    """The one application object, with its name, icon and look; the existing one if there is.

    Every process that opens the window comes by here before it draws or loads PyTorch.
    """
    keep_triton_out()
    let_waiting_threads_sleep()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName(APPLICATION_NAME)
    app.setOrganizationName(ORGANISATION)
    app.setDesktopFileName("spin-studio")
    app.setWindowIcon(application_icon())
    prepare_look(app)
    if app.findChild(MainThreadGarbage) is None:
        MainThreadGarbage(app)
    return app


class Interrupts(QObject):
    """Ctrl+C in the terminal and the system's wish to end, as signals.

    Python runs signal handlers only between its own instructions, and Qt's event loop has none. So
    the interpreter is told to write a byte into a socket, which wakes the event loop.
    """

    interrupted = Signal()
    terminated = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)
        self._former_handlers: dict[int, SignalHandler] = {}
        self._former_descriptor = -1

    def install(self) -> None:
        """Take over SIGINT and SIGTERM; only on the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._former_handlers[number] = signal.signal(number, self._handle)
        self._former_descriptor = signal.set_wakeup_fd(
            self._writer.fileno(), warn_on_full_buffer=False
        )

    def uninstall(self) -> None:
        """Give them back and close the sockets."""
        signal.set_wakeup_fd(self._former_descriptor)
        for number, handler in self._former_handlers.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        (self.interrupted if number == signal.SIGINT else self.terminated).emit()

    @Slot()
    def _wake(self) -> None:
        """Reading the byte is enough: Python's handler runs as soon as Python does."""
        try:
            self._reader.recv(1024)
        except BlockingIOError:
            return
