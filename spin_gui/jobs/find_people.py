"""Asks in which pictures people are to be found, and which project they go into."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFormLayout, QRadioButton, QSpinBox, QWidget

from core.errors import Cancelled, StudioError
from core.pictures.decoding import PICTURE_SUFFIXES
from core.pictures.videos import VIDEO_SUFFIXES
from core.progress import CancelToken
from core.types.counted_nouns import counted
from core.workflows.photos.picture_files import PlainFiles, plain_files
from spin_gui.jobs.job import PhotosChoice
from spin_gui.jobs.new_project import problem_of
from spin_gui.widgets.layouts import body_label, fit_height, form_column, ok_cancel
from spin_gui.widgets.paths import PathField
from spin_gui.widgets.question import QuestionDialog

_PATTERNS = " ".join(f"*{suffix}" for suffix in (*PICTURE_SUFFIXES, *VIDEO_SUFFIXES))
_FILTER = f"Pictures and videos ({_PATTERNS} {_PATTERNS.upper()})"
_WIDTH = 640
_MOST_FRAMES_APART = 10_000
_EACH_SECOND = 0
_TYPED_MS = 400
"""A path is looked at when typing pauses: its first letters name whole disks (``/``, ``/home``)."""
_ADD, _NEW = 0, 1


class FindPeopleDialog(QuestionDialog):
    """Pictures, and a project: the open one, or one that is made beside the pictures.

    A demo is not offered for pictures of the user's own before a new project is.
    """

    def __init__(
        self,
        sources: Sequence[Path] = (),
        *,
        open_project: Path | None = None,
        propose_new: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Find people in pictures")
        self._dropped = tuple(sources) if len(sources) > 1 else ()
        self._open_project = open_project
        self.source = PathField("Pictures", file_filter=_FILTER, folder=True)
        self.project = PathField("Folder of the new project")
        self.every = QSpinBox()
        self.targets = QButtonGroup(self)
        self._found = body_label("")
        self._state = body_label("", quiet=True)
        self._files = PlainFiles()
        self._counting = _Counting(self)
        self._counting.counted.connect(self._show_found)
        self._project_typed = False
        self._looks_later = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._looks_later.timeout.connect(self._look)
        self._build(propose_new=propose_new or open_project is None)
        self.source.line.textChanged.connect(self._look_when_typed)
        self.project.line.textEdited.connect(self._note_typed)
        self.project.line.textChanged.connect(self._show_state)
        self.targets.idClicked.connect(self._show_state)
        if len(sources) == 1:
            self.source.set_path(sources[0])  # which is looked at
        else:
            self._look()
        fit_height(self, _WIDTH)

    def choice(self) -> PhotosChoice | None:
        """What was asked for; None while there are no pictures, or no project to be made."""
        if self._problem():
            return None
        project = self._open_project if self._adds else self.project.path
        if project is None:
            return None
        return PhotosChoice(
            sources=self._sources(),
            project=project,
            is_new=not self._adds,
            every=self.every.value() if self.every.value() != _EACH_SECOND else None,
        )

    @property
    def _adds(self) -> bool:
        return self.targets.checkedId() == _ADD

    def _sources(self) -> tuple[Path, ...]:
        if self._dropped:
            return self._dropped
        return () if self.source.path is None else (self.source.path,)

    def _build(self, *, propose_new: bool) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(8)
        if not self._dropped:
            form.addRow("&Pictures", self.source)
        form.addRow("", self._found)
        self.every.setAccessibleName("Frames of videos")
        self.every.setRange(_EACH_SECOND, _MOST_FRAMES_APART)
        self.every.setSpecialValueText("about one a second")
        self.every.setPrefix("one frame in ")
        form.addRow("&Video", self.every)
        if self._open_project is not None:
            add = QRadioButton(f"Add them to {self._open_project.name}")
            new = QRadioButton("Make a new project")
            for number, button in ((_ADD, add), (_NEW, new)):
                button.setAccessibleName(button.text())
                self.targets.addButton(button, number)
                form.addRow("", button)
            (new if propose_new else add).setChecked(True)
        form.addRow("&New project", self.project)
        box, self.find_button = ok_cancel("Find people")
        form_column(self, form, self._state, box)
        self._form = form

    @Slot()
    def _note_typed(self) -> None:
        self._project_typed = True

    @Slot()
    def _look_when_typed(self) -> None:
        """Look at once at a path that was chosen, and at a typed one when typing pauses."""
        if not self.source.line.isModified():
            self._look()
            return
        self._show_looking()
        self._looks_later.start()

    @Slot()
    def _look(self) -> None:
        """Count what there is to look at, and propose where a new project goes."""
        self._looks_later.stop()
        sources = self._sources()
        if not sources:
            self._show_found(PlainFiles(), "Choose a picture, a folder of them, or a video.")
            return
        if not self._project_typed:
            self.project.set_path(proposed_project(sources[0]))
        self._show_looking()
        self._counting.count(sources)

    def _show_looking(self) -> None:
        """Nothing is known of the pictures until they were counted."""
        self._counting.stop()
        self._files = PlainFiles()
        self._found.setText("Looking…")
        self._show_state()

    @Slot(object, str)
    def _show_found(self, files: PlainFiles, text: str) -> None:
        self._files = files
        self._found.setText(text)
        self._show_state()

    def done(self, result: int) -> None:
        """The dialog closes: what is still counted is not waited for."""
        self._looks_later.stop()
        self._counting.stop()
        super().done(result)

    @Slot()
    def _show_state(self) -> None:
        self._form.setRowVisible(self.every, bool(self._files.videos))
        self._form.setRowVisible(self.project, not self._adds)
        problem = self._problem()
        told = "You can go on working, and stop at any time: what was found is kept."
        self._state.setText(problem or told)
        self.find_button.setEnabled(not problem)

    def _problem(self) -> str:
        if not self._files:
            return "There is nothing to look at yet."
        return "" if self._adds else problem_of(self.project.path)


class _Counting(QObject):
    """Counts on a thread: a disk, or a folder on a server, takes minutes to be looked through."""

    counted = Signal(object, str)
    """``PlainFiles``, and what is to be said of them."""
    _done = Signal(object, object, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._token = CancelToken()
        self._done.connect(self._hand_on, Qt.ConnectionType.QueuedConnection)

    def count(self, sources: Sequence[Path]) -> None:
        """Begin; what was counted before is told no more."""
        self.stop()
        token = self._token
        threading.Thread(
            target=self._work, args=(tuple(sources), token), name="counting pictures", daemon=True
        ).start()

    def stop(self) -> None:
        """End the counting that is under way."""
        self._token.cancel()
        self._token = CancelToken()

    def _work(self, sources: tuple[Path, ...], token: CancelToken) -> None:
        try:
            files = plain_files(sources, cancel=token)
            text = _found_text(files)
        except Cancelled:
            return
        except (StudioError, OSError) as error:
            files = PlainFiles()
            text = error.message if isinstance(error, StudioError) else str(error)
        with contextlib.suppress(RuntimeError):  # the dialog went meanwhile, and this with it
            self._done.emit(token, files, text)

    @Slot(object, object, str)
    def _hand_on(self, token: CancelToken, files: PlainFiles, text: str) -> None:
        if token is self._token:
            self.counted.emit(files, text)


def proposed_project(source: Path) -> Path:
    """A folder next to the pictures that does not exist yet: ``holiday_project``.

    Where none can be made there, as on a camera's card, it is one in the home folder.
    """
    folder = source.absolute() if source.is_dir() else source.absolute().parent
    name = f"{folder.name or 'pictures'}_project"
    parent = folder.parent if os.access(folder.parent, os.W_OK) else Path.home()
    project, number = parent / name, 2
    while project.exists():
        project, number = parent / f"{name}_{number}", number + 1
    return project


def _found_text(files: PlainFiles) -> str:
    parts = []
    if files.pictures:
        parts.append(counted(len(files.pictures), "picture", "pictures"))
    if files.videos:
        parts.append(counted(len(files.videos), "video", "videos"))
    return " and ".join(parts) if parts else "No pictures and no videos are there."
