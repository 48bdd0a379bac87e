"""Asks in which pictures people are to be found, and which project they go into."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QButtonGroup, QFormLayout, QRadioButton, QSpinBox, QWidget

from core.errors import StudioError
from core.pictures.decoding import PICTURE_SUFFIXES
from core.pictures.videos import VIDEO_SUFFIXES
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
        self._project_typed = False
        self._looks_later = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._looks_later.timeout.connect(self._look)
        self._build(propose_new=propose_new or open_project is None)
        self.source.line.textChanged.connect(self._look_when_typed)
        self.project.line.textEdited.connect(self._note_typed)
        self.project.line.textChanged.connect(self._show_state)
        self.targets.idClicked.connect(self._show_state)
        if len(sources) == 1:
            self.source.set_path(sources[0])
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
        self._files = PlainFiles()
        self._found.setText("Looking…")
        self._show_state()
        self._looks_later.start()

    @Slot()
    def _look(self) -> None:
        """Count what there is to look at, and propose where a new project goes."""
        self._looks_later.stop()
        sources = self._sources()
        try:
            self._files = plain_files(sources)
            text = _found_text(self._files)
        except StudioError as error:
            self._files, text = PlainFiles(), error.message
        self._found.setText(text if sources else "Choose a picture, a folder of them, or a video.")
        if sources and not self._project_typed:
            self.project.set_path(proposed_project(sources[0]))
        self._show_state()

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
