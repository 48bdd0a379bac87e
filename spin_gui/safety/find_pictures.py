"""Asks where pictures are that are not at their place, shows what would be found, and agrees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.pictures.picture_search import PictureSearch
from core.progress import CancelToken, Progress, ProgressCallback
from core.workflows.relink_pictures import LostPictures, lost_pictures, search_folder
from spin_gui.jobs.thread_host import JobHost
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import count_text
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, ok_cancel
from spin_gui.widgets.paths import PathField
from spin_gui.widgets.question import QuestionDialog

SIZE = (680, 460)
LINES_SHOWN = 500
EXPLANATION = (
    "Choose the folder that the pictures are in now, or one above it. A picture is known by its "
    "name, its size in pixels and the folders it lies in. Where several would fit, none is taken."
)
LOOKING = "Looking which pictures are not at their place…"
ALL_THERE = "Every picture of the project is at its place."


class FindPicturesDialog(QuestionDialog):
    """``chosen(Mapping[Path, Path])``: the new path of each picture that was found."""

    searched = Signal()
    """What there is to say of the pictures, or of a folder, is shown."""
    failed = Signal(object)
    """An ``ErrorReport``: looking went wrong."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Find pictures")
        self.resize(*SIZE)
        self._known = session.dictionary.pictures.all()
        self._lost: LostPictures | None = None
        self._search = PictureSearch()
        self._host: JobHost | None = None
        self.state = body_label(LOOKING)
        self.folder = PathField("Folder to look in", folder=True)
        self.search_button = QPushButton("Search")
        self.search_button.setAccessibleName("Search the folder")
        self.search_button.setAutoDefault(False)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the search")
        self.findings = QPlainTextEdit()
        self.findings.setReadOnly(True)
        self.findings.setAccessibleName("What was found")
        self._buttons, self.use_button = ok_cancel("Use what was found")
        self._arrange()
        self.search_button.clicked.connect(self.search)
        self.folder.line.returnPressed.connect(self.search)
        self.folder.line.textChanged.connect(self._forget_search)
        self._start(self._look, self._show_lost)

    def choice(self) -> Mapping[Path, Path] | None:
        """None while nothing was found."""
        return self._search.found or None

    @Slot()
    def search(self) -> None:
        """Look in the folder that was given."""
        folder, lost = self.folder.path, self._lost
        if folder is None or not folder.is_dir() or lost is None or self._host is not None:
            return

        def work(progress: ProgressCallback, cancel: CancelToken) -> PictureSearch:
            return search_folder(lost, folder, progress=progress, cancel=cancel)

        self._start(work, self._show_search)

    def done(self, result: int) -> None:
        """Stop looking before the dialog goes."""
        host, self._host = self._host, None
        if host is not None:
            host.abandon()
        super().done(result)

    # Looking

    def _look(self, progress: ProgressCallback, cancel: CancelToken) -> LostPictures:
        return lost_pictures(self._known, progress=progress, cancel=cancel)

    def _start(
        self,
        work: Callable[[ProgressCallback, CancelToken], object],
        show: Callable[..., None],
    ) -> None:
        host = JobHost("Looking for pictures", work, parent=self, needs_torch=False)
        host.progressed.connect(self._show_progress)
        host.failed.connect(self.failed)
        host.finished.connect(show)
        self._host = host
        host.start()
        self._show_buttons()

    @Slot(object)
    def _show_lost(self, lost: LostPictures | None) -> None:
        self._end_work()
        if lost is None:
            return
        self._lost = lost
        self.state.setText(lost_text(lost))
        self._show_buttons()
        self.searched.emit()

    @Slot(object)
    def _show_search(self, search: PictureSearch | None) -> None:
        self._end_work()
        if search is None:
            return
        self._search = search
        self.findings.setPlainText("\n".join(search_lines(search)))
        self._show_buttons()
        self.searched.emit()

    @Slot(object)
    def _show_progress(self, progress: Progress) -> None:
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)

    @Slot()
    def _forget_search(self) -> None:
        self._search = PictureSearch()
        self.findings.clear()
        self._show_buttons()

    def _end_work(self) -> None:
        if self._host is not None:
            self._host.deleteLater()
        self._host = None
        self._show_buttons()

    def _show_buttons(self) -> None:
        busy, folder = self._host is not None, self.folder.path
        lost = self._lost is not None and bool(self._lost.lost)
        self.progress.setVisible(busy)
        self.search_button.setEnabled(not busy and lost and folder is not None and folder.is_dir())
        self.use_button.setEnabled(not busy and bool(self._search.found))

    def _arrange(self) -> None:
        fields = QWidget()
        fields.setFocusProxy(self.folder)
        row = QHBoxLayout(fields)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.folder, 1)
        row.addWidget(self.search_button)
        form = QFormLayout()
        form.addRow("&Folder", fields)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(self.state)
        layout.addWidget(body_label(EXPLANATION, quiet=True))
        layout.addLayout(form)
        layout.addWidget(self.findings, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self._buttons)


def lost_text(lost: LostPictures) -> str:
    """How many pictures are not at their place, and where the first one should be."""
    count, total = len(lost.lost), len(lost.lost) + len(lost.in_place)
    if not count:
        return ALL_THERE
    verb = "is" if count == 1 else "are"
    return (
        f"{count_text(count)} of {count_text(total)} pictures {verb} not at the place the project "
        f"knows, such as {lost.lost[0].path}."
    )


def search_lines(search: PictureSearch) -> list[str]:
    """What was found, from which folder to which, and what was not, with the reason."""
    lines = [f"Found: {count_text(len(search.found))}"]
    lines += [f"Not found: {count_text(count)}, {why}" for why, count in search.counts().items()]
    lines += ["", *(f"{count} × {old} → {new}" for old, new, count in search.folders())]
    lines += [
        "",
        *(f"{left.path}: {left.why} ({left.detail})" for left in search.left[:LINES_SHOWN]),
    ]
    if len(search.left) > LINES_SHOWN:
        lines.append(f"… and {count_text(len(search.left) - LINES_SHOWN)} more")
    return lines
