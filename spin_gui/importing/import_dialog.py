"""The one door: looks at what is to be imported, shows it, and asks what cannot be known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.errors import StudioError
from core.pictures.decoding import PICTURE_SUFFIXES
from core.pictures.videos import VIDEO_SUFFIXES
from core.workflows.sources.found_source import FoundSource, SourceKind
from spin_gui.importing.choices import Choice
from spin_gui.importing.choosing import agreement, caption, choice_of, needs_target, obstacle_of
from spin_gui.importing.dropped_files import dropped_paths
from spin_gui.importing.first_person_view import FirstPersonView
from spin_gui.importing.found_sheet import FoundSheet
from spin_gui.importing.looking import Looked, LookRequest, SourceLooker
from spin_gui.importing.target_question import TargetQuestion
from spin_gui.widgets.layouts import (
    MARGIN,
    SPACING,
    body_label,
    ok_cancel,
    resize_within_screen,
)
from spin_gui.widgets.paths import PathField
from spin_gui.widgets.question import QuestionDialog

SIZE = QSize(1080, 700)
_TYPED_MS = 400
"""A path is looked at when typing pauses: its first letters name whole disks (``/``, ``/home``)."""
_PLAIN = " ".join(f"*{suffix}" for suffix in (*PICTURE_SUFFIXES, *VIDEO_SUFFIXES))
FILTER = f"All files (*);;Pictures and videos ({_PLAIN} {_PLAIN.upper()})"
NOTHING_NAMED = "Nothing is named yet."
OF_NO_USE = "Nothing of it can be imported as it is."
LOOKING = "Looking…"
GO_ON = "You can go on working, and stop at any time: what was found is kept."


class ImportDialog(QuestionDialog):
    """``chosen(Choice)``.

    Args:
        paths: what was dropped; empty: it is asked for.
        open_project: that can take what is imported; None: a new one is made.
        propose_new: a new project is proposed beside the open one, as beside a demo.
        parent: of the dialog.
    """

    def __init__(
        self,
        paths: Sequence[Path] = (),
        *,
        open_project: Path | None = None,
        propose_new: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import")
        self.setAcceptDrops(True)
        self._paths: tuple[Path, ...] = ()
        self._open_project = open_project
        self._looked: Looked | None = None
        self.source = PathField("What to import", file_filter=FILTER, folder=True)
        self.several = body_label("")
        self.sheet = FoundSheet()
        self.first = FirstPersonView()
        self.caption = body_label("", quiet=True)
        self.target = TargetQuestion(open_project, propose_new=propose_new)
        self.state = body_label("")
        self._looker = SourceLooker(self)
        self._looks_later = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._build()
        self._connect()
        self.show_paths(paths)

    @property
    def is_looking(self) -> bool:
        """Whether what is shown may still change by itself."""
        return self._looker.is_looking or self._looks_later.isActive()

    @property
    def looked(self) -> Looked | None:
        """What was found last; None while nothing was looked at."""
        return self._looked

    def show_paths(self, paths: Sequence[Path]) -> None:
        """Look at other files or folders."""
        self._paths = tuple(paths)
        is_one = len(self._paths) <= 1
        self.source.setVisible(is_one)
        self.several.setVisible(not is_one)
        self.several.setText(_listed(self._paths))
        if is_one and self._paths and self.source.path != self._paths[0]:
            self.source.set_path(self._paths[0])  # which is looked at
        else:
            self._look_at_other()

    def choice(self) -> Choice | None:
        """What was asked for; None while it cannot be done."""
        if self._looked is None or self._problem():
            return None
        return choice_of(self._looked, self.sheet, self.target, self._open_project)

    # Looking

    @Slot()
    def _on_source(self) -> None:
        path = self.source.path
        self._paths = () if path is None else (path,)
        if self.source.line.isModified():
            self._looks_later.start()
            self._show_state()
        else:
            self._look_at_other()

    @Slot()
    def _look_when_paused(self) -> None:
        self._looks_later.start()
        self._show_state()

    @Slot()
    def _look_typed(self) -> None:
        """Typing has paused: in the path, which is another source, or in an answer."""
        looked = self._looked
        is_other = looked is None or looked.request.paths != self._paths
        (self._look_at_other if is_other else self._look)()

    def _look_at_other(self) -> None:
        """Look at other files: what was said of the last ones does not hold for them."""
        self.sheet.forget()
        self._looked = None
        if self._paths:
            self.target.propose(self._paths[0])
            self.sheet.show_looking()
            self._look()
        else:
            self._looks_later.stop()
            self._looker.stop()
            self._show()

    @Slot()
    def _look(self) -> None:
        """Look with the answers as they are; what is shown stays until the look has ended."""
        self._looks_later.stop()
        try:
            options = self.sheet.options()
        except StudioError:
            self._show_state()
            return
        self._looker.look(
            LookRequest(
                paths=self._paths,
                format_name=self.sheet.annotations.format_name,
                images=self.sheet.annotations.images_named,
                options=options,
                prediction_options=self.sheet.bodies.options,
                project=self._open_project,
            )
        )
        self._show_state()

    @Slot(object)
    def _take(self, looked: Looked) -> None:
        self._looked = looked
        self._show()

    # Showing

    @property
    def _found(self) -> FoundSource | None:
        return None if self._looked is None else self._looked.found

    def _show(self) -> None:
        looked = self._looked
        self.sheet.show_looked(looked, has_project=self._open_project is not None)
        self.first.show_first(None if looked is None else looked.first)
        self.caption.setText(caption(looked))
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        found = self._found
        self.target.setVisible(needs_target(found, self.sheet))
        self.agree_button.setText(agreement(found))
        self.agree_button.setAccessibleName(self.agree_button.text())
        problem = self._problem()
        is_plain = found is not None and found.kind is SourceKind.PICTURES
        self.state.setText(problem or (GO_ON if is_plain else ""))
        self.agree_button.setEnabled(not problem)

    def _problem(self) -> str:
        """Why nothing can be imported; empty when it can."""
        if not self._paths:
            return NOTHING_NAMED
        try:
            self.sheet.options()
        except StudioError as error:
            return str(error)
        looked = self._looked
        if self.is_looking or looked is None:
            return LOOKING
        if looked.found is None:
            return OF_NO_USE
        return obstacle_of(looked.found, self.sheet, self.target, self._open_project)

    # Events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Anything may be dropped here, too."""
        if dropped_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look at what was dropped instead."""
        paths = dropped_paths(event)
        if paths:
            event.acceptProposedAction()
            self.show_paths(paths)

    def done(self, result: int) -> None:
        """The dialog closes: a look that is under way is not waited for."""
        self._looks_later.stop()
        self._looker.stop()
        super().done(result)

    # Building

    def _connect(self) -> None:
        self._looker.looked.connect(self._take)
        self._looks_later.timeout.connect(self._look_typed)
        self.source.line.textChanged.connect(self._on_source)
        self.sheet.asked.connect(self._look)
        self.sheet.asked_later.connect(self._look_when_paused)
        self.sheet.changed.connect(self._show_state)
        self.target.changed.connect(self._show_state)

    def _build(self) -> None:
        box, self.agree_button = ok_cancel("Import")
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        picture = QVBoxLayout()
        picture.setSpacing(6)
        picture.addWidget(self.first)
        picture.addWidget(self.caption)
        picture.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(MARGIN)
        middle.addWidget(self.sheet, 3)
        middle.addLayout(picture, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(self.source)
        layout.addWidget(self.several)
        layout.addLayout(middle, 1)
        layout.addWidget(self.target)
        layout.addWidget(self.state)
        layout.addWidget(box)
        resize_within_screen(self, SIZE)


def _listed(paths: Sequence[Path]) -> str:
    """Some names of several things."""
    names = [path.name for path in paths[:3]]
    more = len(paths) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
