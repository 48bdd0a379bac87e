"""Pictures of the guide's first chapter: from plain photographs to bodies, in the real window."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QDialog

from core.errors import StudioError
from core.workflows.export_formats import export_project
from core.workflows.shipped_demo import copy_demo_pictures
from spin_gui.commands.handlers.tour import ANSWERED
from spin_gui.importing.import_dialog import ImportDialog
from spin_gui.screenshots.screenshot import PaintedWaiter, picture_of
from spin_gui.window.app import make_application
from spin_gui.window.main_window import MainWindow
from spin_gui.window.settings import WindowSettings

FILES = ("guide_photos.png", "guide_found.png", "guide_bodies.png", "guide_import.png")
PICTURES = 12
_PAINTED_MS = 500
_LONGEST_MS = 600_000


def take_photo_walk(folder: Path, *, size: tuple[int, int]) -> list[Path]:
    """Write the pictures of the walk: what is asked, the people found, their bodies, an import.

    Raises:
        StudioError: a job failed or took more than ten minutes, or a picture cannot be written.
    """
    make_application()
    with tempfile.TemporaryDirectory(prefix="pictures-") as place:
        photos = Path(place) / "holiday"
        copy_demo_pictures(photos, most=PICTURES)
        settings = WindowSettings(Path(place) / "settings.ini")
        settings.set_flag(ANSWERED, on=True)  # no tour is offered in a picture
        window = MainWindow(settings)
        try:
            window.resize(*size)
            window.show()
            return _walk(window, photos, folder)
        finally:
            window.leaving.stop_and_close()
            window.deleteLater()


def _walk(window: MainWindow, photos: Path, folder: Path) -> list[Path]:
    window.ask_to_import([photos])
    (dialog,) = window.findChildren(ImportDialog)
    _pause()
    while not dialog.agree_button.isEnabled():  # the pictures are being counted
        _pause()
    taken = [_save(window, folder / FILES[0])]
    dialog.agree_button.click()
    _wait_for_job(window)
    taken.append(_save_painted(window, folder / FILES[1]))
    window.job_panel.offer_button.click()
    _wait_for_job(window)
    taken.append(_save_painted(window, folder / FILES[2]))
    taken.append(_save_import(window, photos, folder / FILES[3]))
    return taken


def _save_import(window: MainWindow, photos: Path, picture: Path) -> Path:
    """The people who were found as another program would hand them on, asked about."""
    assert window.page is not None  # noqa: S101 - the walk has waited for it
    annotations = photos.parent / "annotations.json"
    export_project(window.page.session.project, "coco-keypoints", annotations)
    window.ask_to_import([annotations, photos])
    dialog = next(each for each in window.findChildren(ImportDialog) if each.isVisible())
    while dialog.is_looking:
        _pause()
    _pause()
    return _save(window, picture)


def _wait_for_job(window: MainWindow) -> None:
    loop, runner = QEventLoop(), window.job_controller.runner
    runner.finished.connect(loop.quit)
    deadline = QTimer(singleShot=True, interval=_LONGEST_MS)
    deadline.timeout.connect(loop.quit)
    deadline.start()
    if runner.busy:
        loop.exec()
    if runner.busy or window.page is None:
        raise StudioError(f"The walk ended: {window.job_panel.text.text()}")


def _save_painted(window: MainWindow, picture: Path) -> Path:
    for dialog in window.findChildren(QDialog):
        dialog.close()
    if window.page is not None:
        PaintedWaiter(window.page).wait()
    return _save(window, picture)


def _save(window: MainWindow, picture: Path) -> Path:
    if not picture_of(window).save(str(picture), "PNG"):  # type: ignore[call-overload]
        raise StudioError(f"{picture} could not be written.")
    return picture


def _pause() -> None:
    """Let what was asked for be painted."""
    loop = QEventLoop()
    QTimer.singleShot(_PAINTED_MS, loop.quit)
    loop.exec()
