"""What was found and what cannot be known of it: the words beside the picture, which scroll."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from core.formats.read_options import NO_OPTIONS, ReadOptions
from core.workflows.sources.found_source import FoundSource, SourceKind
from spin_gui.importing.annotation_questions import AnnotationQuestions
from spin_gui.importing.body_questions import BodyQuestions
from spin_gui.importing.choices import BodiesUse
from spin_gui.importing.found_words import counts_of, headline_of, not_used_of
from spin_gui.importing.looking import Looked
from spin_gui.widgets.layouts import SPACING, body_label, headline

ASKED = "What is to be imported?"
ASK = (
    "Choose a file or a folder, or drop it here: pictures, videos, annotations of a data set, a "
    "labelling tool or a detector, or bodies of another method. What it is, is told by looking at "
    "it; nothing is imported before you agree."
)
_MOST_FRAMES_APART = 10_000
_EACH_SECOND = 0


class FoundSheet(QScrollArea):
    """``asked``: look again, at once; ``asked_later``: when typing pauses; ``changed``: no look."""

    asked = Signal()
    asked_later = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.headline = headline("", larger_by=1.1)
        self.counts = body_label("")
        self.not_used = body_label("", quiet=True)
        self.annotations = AnnotationQuestions()
        self.bodies = BodyQuestions()
        self.every = QSpinBox()
        self._found: FoundSource | None = None
        self._may_be_named = False
        self._build()
        self.annotations.changed.connect(self.asked)
        self.annotations.typed.connect(self.asked_later)
        self.bodies.changed.connect(self.asked)
        self.bodies.use_changed.connect(self._on_use)

    @property
    def makes_people(self) -> bool:
        """Whether what was found becomes people, and not bodies of those who are there."""
        has_bodies = self._found is not None and bool(self._found.bodies)
        return not has_bodies or self.bodies.use is BodiesUse.PEOPLE

    @property
    def frames_apart(self) -> int | None:
        """Of videos each n-th frame is looked at; None: about one a second."""
        every = self.every.value()
        return None if every == _EACH_SECOND else every

    def options(self) -> ReadOptions:
        """What the user says of annotations; raises ``StudioError`` for a text that is no value."""
        is_asked = self._found is not None or self._may_be_named
        return self.annotations.fields.options() if is_asked else NO_OPTIONS

    def forget(self) -> None:
        """Another source is looked at: what was said of the last one does not hold for it."""
        self._found, self._may_be_named = None, False
        self.annotations.forget()
        self.bodies.forget()

    def show_looking(self) -> None:
        """Nothing is known yet."""
        self.headline.setText("Looking…")
        self.headline.show()
        for widget in (self.counts, self.not_used, self.annotations, self.bodies, self.every):
            widget.hide()

    def show_looked(self, looked: Looked | None, *, has_project: bool) -> None:
        """Show what was found, or why it is of no use."""
        found = None if looked is None else looked.found
        self._found = found
        title, words = (ASKED, ASK) if looked is None else (looked.problem, looked.remedy)
        self.headline.setText(title if found is None else headline_of(found))
        self.counts.setText(words if found is None else counts_of(found))
        self.not_used.setText("" if found is None else not_used_of(found))
        for label in (self.headline, self.counts, self.not_used):
            label.setVisible(bool(label.text()))
        if looked is not None and found is not None:
            self._show_questions(looked, found, has_project=has_project)
        elif looked is not None:
            self.annotations.show_format(looked.format_name, looked.can_be_told)
            self.annotations.set_format_shown(True)
        self._may_be_named = looked is not None and _may_be_annotations(looked)
        self.bodies.setVisible(found is not None and bool(found.bodies))
        self.every.setVisible(found is not None and bool(found.videos))
        self._on_use()

    def _show_questions(self, looked: Looked, found: FoundSource, *, has_project: bool) -> None:
        source = looked.sources.source
        if found.bodies and source is not None:
            self.bodies.show_for(
                source,
                can_be_told=found.bodies_can_be_told,
                have_people=found.makes_people,
                have_keypoints=found.people > 0,
                pictures_are_there=not found.first_is_on_paper,
                can_match=has_project,
                are_here=looked.of_project,
            )
        if _has_pictures_beside(found):
            self.annotations.show_format(found.format_name, found.can_be_told)
            self.annotations.set_format_shown(found.kind is SourceKind.ANNOTATIONS)
            self.annotations.show_images(looked.images, are_there=not found.first_is_on_paper)

    @Slot()
    def _on_use(self) -> None:
        """What is asked of people is asked where people come in."""
        if self._found is None:
            self.annotations.setVisible(self._may_be_named)
        else:
            self.annotations.setVisible(_has_pictures_beside(self._found) and self.makes_people)
        self.changed.emit()

    def _build(self) -> None:
        self.every.setAccessibleName("Frames of videos")
        self.every.setRange(_EACH_SECOND, _MOST_FRAMES_APART)
        self.every.setSpecialValueText("about one frame a second")
        self.every.setPrefix("one frame in ")
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(SPACING)
        for widget in (
            self.headline,
            self.counts,
            self.annotations,
            self.bodies,
            self.every,
            self.not_used,
        ):
            column.addWidget(widget)
        column.addStretch(1)
        self.setAccessibleName("What was found")
        self.setWidget(sheet)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def _has_pictures_beside(found: FoundSource) -> bool:
    """Whether people can come of it who stand in a file, with their pictures beside it."""
    by_bodies = found.kind is SourceKind.BODIES and found.makes_people
    return found.kind is SourceKind.ANNOTATIONS or by_bodies


def _may_be_annotations(looked: Looked) -> bool:
    """Whether a source that was refused may be annotations whose format has to be named."""
    source = looked.sources.source
    if source is None or looked.found is not None:
        return False
    return bool(looked.format_name) or source.is_dir() or source.suffix.lower() == ".json"
