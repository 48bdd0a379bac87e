"""A picture of the real window, taken when everything in it is painted."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QPoint, QRect, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QDialog

from core.errors import StudioError
from spin_gui.commands.handlers.tour import ANSWERED
from spin_gui.commands.records import RECORDS
from spin_gui.widgets.theme import Theme, apply_theme
from spin_gui.window.app import make_application
from spin_gui.window.main_window import MainWindow
from spin_gui.window.project_page import ProjectPage
from spin_gui.window.settings import WindowSettings

TIMEOUT_MS = 60_000
SMALLEST_SIDE_PX = 300
QUIET_MS = 700
"""Nothing painted for so long: what is shown is complete, unless something still waits."""

_SHADE = QColor(0, 0, 0, 70)


def screenshot(
    project: Path,
    out: Path,
    *,
    size: tuple[int, int] = (1600, 1000),
    sample_id: int | None = None,
    theme: str = "light",
    actions: Sequence[str] = (),
) -> None:
    """Open a project in the window, wait until its views are painted, and write a PNG.

    The user's settings are neither read nor changed. Without an application object yet, Qt draws
    offscreen.

    Args:
        project: the project's folder.
        out: the PNG to write.
        size: of the window, width and height in pixels.
        sample_id: the sample to show; None for the first.
        theme: "light" or "dark".
        actions: ids of commands to run before the picture is taken, such as ``correct.edit``.

    Raises:
        StudioError: the project cannot be opened, the views did not get ready in time, or the
            picture cannot be written; ``out`` is no PNG or ``size`` too small to show anything.
        NoSuchRecordError: there is no such sample.
    """
    _check_request(out, size, actions)
    if QApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = make_application()
    with tempfile.TemporaryDirectory() as folder:
        settings = WindowSettings(Path(folder) / "settings.ini")
        settings.theme = Theme(theme)
        settings.set_flag(ANSWERED, on=True)  # no tour is offered in a picture
        window = MainWindow(settings)
        try:
            window.resize(*size)
            window.show()
            _take(window, project, out, sample_id, actions)
        finally:
            window.leaving.stop_and_close()
            window.deleteLater()
            apply_theme(app, Theme.SYSTEM)


def _check_request(out: Path, size: tuple[int, int], actions: Sequence[str]) -> None:
    unknown = [action_id for action_id in actions if action_id not in RECORDS]
    if unknown:
        raise StudioError(
            f"There is no command {unknown[0]!r}.", remedy="docs/keys.md lists what commands do."
        )
    if out.suffix.lower() != ".png":
        raise StudioError(f"{out} is no name of a PNG.", remedy="Give a name that ends in .png.")
    if min(size) < SMALLEST_SIDE_PX:
        raise StudioError(
            f"A window of {size[0]} × {size[1]} px shows nothing.",
            remedy=f"Ask for at least {SMALLEST_SIDE_PX} px on each side.",
        )


def _take(
    window: MainWindow,
    project: Path,
    out: Path,
    sample_id: int | None,
    actions: Sequence[str],
) -> None:
    if not window.open_project(project) or window.page is None:
        dialog = window.errors.dialog
        report = dialog.reports[0] if dialog is not None else None
        raise StudioError(
            report.message if report else f"{project} could not be opened.",
            remedy=report.remedy if report else "",
        )
    waiter = PaintedWaiter(window.page)
    if sample_id is not None:
        window.page.session.dictionary.samples.get(sample_id)  # raises where there is none
        window.page.session.select(sample_id)
    waiter.wait()
    for action_id in actions:
        window.commands[action_id].trigger()
        waiter.wait()
    out.parent.mkdir(parents=True, exist_ok=True)
    if not picture_of(window).save(str(out), "PNG"):
        raise StudioError(f"{out} could not be written.", remedy="Choose a folder you can write.")


def picture_of(window: MainWindow) -> QPixmap:
    """The window as it is now, with the dialogs that are open over it."""
    picture = window.grab()
    painter = QPainter(picture)
    for dialog in window.findChildren(QDialog):
        if dialog.isVisible():
            seen = dialog.grab()
            place = QPoint(
                (window.width() - dialog.width()) // 2, (window.height() - dialog.height()) // 2
            )
            painter.fillRect(QRect(QPoint(0, 0), window.size()), _SHADE)
            painter.drawPixmap(place, seen)
            painter.setPen(dialog.palette().color(QPalette.ColorRole.Mid))
            painter.drawRect(QRect(place, dialog.size()).adjusted(-1, -1, 0, 0))
    painter.end()
    return picture


class PaintedWaiter(QObject):
    """Waits until the views of the current sample are painted and no thumbnail is on its way."""

    painted = Signal()

    def __init__(self, page: ProjectPage) -> None:
        super().__init__(page)
        self._page = page
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._on_quiet)
        page.views.sample_shown.connect(self._on_painted)
        page.tools.thumbnails.ready.connect(self._on_painted)
        page.tools.thumbnails.failed.connect(self._on_painted)
        page.correcting.proposals.prepared.connect(self._on_painted)

    def wait(self) -> None:
        """Run the event loop until then; raises ``StudioError`` after a minute."""
        if self._page.session.current_id is None:
            self._quiet.start()
        self._on_painted()
        loop = QEventLoop()
        deadline = QTimer(singleShot=True, interval=TIMEOUT_MS)
        self.painted.connect(loop.quit)
        deadline.timeout.connect(loop.quit)
        deadline.start()
        loop.exec()
        if not deadline.isActive():
            raise StudioError(
                f"The views were not painted within {TIMEOUT_MS // 1000} s.",
                remedy="Run `python main.py doctor` to check OpenGL.",
            )

    @Slot()
    def _on_quiet(self) -> None:
        panel = self._page.shown_panel
        if self._page.tools.thumbnails_are_there and (panel is None or panel.is_drawn()):
            self.painted.emit()
        else:
            self._quiet.start()

    @Slot()
    def _on_painted(self) -> None:
        current = self._page.session.current_id
        if self._page.correcting.proposals.preparing:
            return  # a change of the body waits for its tools
        if current is not None and self._page.views.shown_sample_id == current:
            self._quiet.start()
