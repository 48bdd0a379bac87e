"""The place where keypoints are corrected: one sample's picture as large as there is room.

It shows the session's current sample and follows it. Each edit is written at once
(``CorrectionEdits``); nothing waits to be saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from core.body.display_body import DisplayBody
from core.errors import NoSuchRecordError
from core.geometry.boxes import Box
from core.types.samples import Sample
from spin_gui.correcting.canvas_drag import Tool
from spin_gui.correcting.editor_canvas import EditorCanvas, PictureImage
from spin_gui.correcting.editor_painter import EditorDrawing, OtherPerson
from spin_gui.correcting.editor_strip import EditorStrip
from spin_gui.correcting.joint_table import JointTable
from spin_gui.correcting.keypoint_commands import KeypointCommands
from spin_gui.correcting.keypoint_edits import coverage_text
from spin_gui.correcting.sample_edits import CorrectionEdits
from spin_gui.images.picture_cache import PictureImages, PictureKey
from spin_gui.images.produced_cache import URGENT
from spin_gui.session.joint_states import JointState
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.keypoint_painter import readable_name
from spin_gui.viewer.sample_scene import Column
from spin_gui.widgets.layouts import body_label

HINTS = {
    Tool.KEYPOINTS: "",
    Tool.BOX: "Drag a corner or the inside of the box",
    Tool.PERSON: "Drag a box about the new person",
}


class KeypointEditor(QWidget):
    """Canvas, list of joints and strip. ``close()`` it before the session."""

    left = Signal()
    """The user is done here."""

    def __init__(
        self,
        session: ProjectSession,
        edits: CorrectionEdits,
        body: DisplayBody,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Keypoint editor")
        self._session, self._edits = session, edits
        self._pictures = PictureImages()
        self.commands = KeypointCommands(session, edits, body)
        self._others: tuple[OtherPerson, ...] = ()
        self._closed = False
        self._requested: PictureKey | None = None
        self._placer: Callable[[float, float], None] | None = None
        self.strip, self.canvas, self.joints = EditorStrip(), EditorCanvas(), JointTable()
        self.coverage = body_label("", quiet=True)
        self.coverage.setAccessibleName("How many keypoints are annotated")
        self._lay_out()
        self._listen()

    # What the shell may ask

    @property
    def chosen(self) -> int | None:
        """The keypoint that the next command is for."""
        return self.commands.chosen

    def show_current(self) -> None:
        """Show the session's current sample; another person is looked at as a whole."""
        if self._closed or not self.isVisible():
            return
        sample = self._current_or_none()
        former, self.commands.sample = self.commands.sample, sample
        if sample is None:
            self.canvas.show_drawing(None)
            self.canvas.show_image(None, "No sample is shown")
            return
        people = self._edits.people_in_picture(sample.id)
        self._others = tuple(
            OtherPerson(person.id, _label(person.person_key), person.box, person.keypoints_px)
            for person in people
            if person.id != sample.id
        )
        if former is None or former.id != sample.id:
            self.commands.chosen = None
            same_picture = former is not None and former.picture_path == sample.picture_path
            if not same_picture or self.canvas.view is None:
                self.canvas.show_image(None, "loading…")
            self.canvas.look_at(sample.box, sample.picture_size_px)
        self._show()

    def choose(self, index: int | None) -> None:
        """Choose a keypoint for the next command; one that is missing is placed by a click."""
        self.commands.chosen = index
        if index is not None and self.canvas.tool is not Tool.KEYPOINTS:
            self.set_tool(Tool.KEYPOINTS)
        self._show()

    def place_by(self, placer: Callable[[float, float], None] | None) -> None:
        """Have the next click place the chosen keypoint, present or not; None: as ever.

        placer: given the place in picture pixels.
        """
        self._placer = placer
        self.canvas.placing = placer is not None
        self._show()

    def choose_next_missing(self) -> None:
        """Choose the next keypoint that the person lacks."""
        if self.commands.sample is None:
            return
        index = self.commands.next_missing()
        if index is None:
            self._session.noticed.emit("No keypoint is missing.")
        self.choose(index)
        self.canvas.setFocus()

    def set_linked(self, linked: bool) -> None:  # noqa: FBT001 - a slot
        """Move twins of both sets together, or each alone."""
        self.commands.linked = linked
        self.strip.linked.setChecked(linked)
        self._show()

    def set_tool(self, tool: Tool) -> None:
        """Take a tool up; for new people the whole picture is shown."""
        if tool is Tool.PERSON and self.canvas.tool is not tool and self.canvas.view is not None:
            self.canvas.look_at_whole()
        self.canvas.set_tool(tool)
        self.canvas.hint = HINTS[tool]
        self.strip.show_tool(tool)
        self._show()

    def toggle_tool(self, tool: Tool) -> None:
        """Take a tool up, or put it down again."""
        self.set_tool(Tool.KEYPOINTS if self.canvas.tool is tool else tool)

    def set_overlay_hidden(self, *, hidden: bool) -> None:
        """Show the bare picture."""
        self.canvas.set_overlay_hidden(hidden=hidden)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop listening and end the threads."""
        if not self._closed:
            self._closed = True
            for signal, slot in self._connections():
                signal.disconnect(slot)
            self._pictures.close()
        super().closeEvent(event)

    # Building

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.canvas)
        split.addWidget(self._joints_with_note())
        split.setStretchFactor(0, 1)
        split.setSizes([800, 232])
        body = QHBoxLayout()
        body.addWidget(split)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(6)
        column.addWidget(self.strip)
        column.addLayout(body, 1)

    def _joints_with_note(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.joints, 1)
        column.addWidget(self.coverage)
        return part

    def _connections(self) -> Iterator[tuple[SignalInstance, Callable[..., None]]]:
        yield self._session.current_changed, self._on_session
        yield self._session.samples_changed, self._on_session
        yield self._session.rows_stale, self._on_session

    def _listen(self) -> None:
        for signal, slot in self._connections():
            signal.connect(slot)
        self._pictures.ready.connect(self._on_picture)
        self._pictures.failed.connect(self._on_picture)
        self.joints.joint_chosen.connect(self.choose)
        self.strip.tool_chosen.connect(self.set_tool)
        self.strip.linked_toggled.connect(self.set_linked)
        self.strip.source_chosen.connect(self._on_source)
        self.strip.done_clicked.connect(self.left)
        canvas = self.canvas
        canvas.chosen.connect(self.choose)
        canvas.joints_moved.connect(self.commands.move)
        canvas.nudged.connect(self.commands.move)
        canvas.joint_placed.connect(self._on_placed)
        canvas.menu_asked.connect(self._show_menu)
        canvas.person_chosen.connect(self._session.select)
        canvas.box_changed.connect(self._on_box)
        canvas.person_boxed.connect(self._on_person)
        canvas.view_changed.connect(self._request_picture)

    # Showing

    def _on_session(self, *_what: object) -> None:
        self.show_current()

    def _on_source(self, column: Column) -> None:
        self.commands.source = column
        self._show()

    def _show(self) -> None:
        sample = self.commands.sample
        if sample is None or self._closed:
            return
        chosen = self.commands.chosen
        linked = () if chosen is None else tuple(self.commands.together(chosen)[1:])
        self.canvas.show_drawing(
            EditorDrawing(
                keypoints_px=sample.keypoints_px,
                box=sample.box,
                others=self._others,
                seen_px=self.commands.seen_px(),
                chosen=chosen,
                linked=linked,
                box_handles=self.canvas.tool is Tool.BOX,
            )
        )
        if self.canvas.tool is Tool.KEYPOINTS:
            missing = chosen is not None and sample.keypoints_px[chosen, 2] <= 0
            placing = missing or (chosen is not None and self._placer is not None)
            name = readable_name(chosen) if chosen is not None else ""
            self.canvas.hint = f"Click where the {name} is" if placing else ""
        self.joints.show_keypoints(sample.keypoints_px, chosen, sample.keypoint_sources)
        self.coverage.setText(coverage_text(sample.keypoints_px))

    def _request_picture(self) -> None:
        sample, view = self.commands.sample, self.canvas.view
        if sample is None or view is None or self._closed:
            return
        size_px = max(
            1, round(max(self.canvas.width(), self.canvas.height()) * self.devicePixelRatioF())
        )
        self._requested = PictureKey(sample.picture_path, view.square, size_px)
        self._pictures.request({self._requested: URGENT})
        self._on_picture(self._requested)

    def _on_picture(self, key: PictureKey) -> None:
        if key != self._requested:
            return
        image, failure = self._pictures.get(key), self._pictures.failure(key)
        if image is not None:
            self.canvas.show_image(PictureImage(image, key.square))
        elif failure is not None:
            self.canvas.show_image(None, failure)

    def _current_or_none(self) -> Sample | None:
        sample_id = self._session.current_id
        try:
            return None if sample_id is None else self._session.records.sample(sample_id)
        except NoSuchRecordError:
            return None

    # Editing

    def _on_placed(self, x_px: float, y_px: float) -> None:
        if self._placer is not None:
            self._placer(x_px, y_px)
            return
        self.commands.place(x_px, y_px)
        self.choose(self.commands.next_missing())

    def _on_box(self, box: Box) -> None:
        if self.commands.sample is not None:
            self._edits.set_box(self.commands.sample.id, box)

    def _on_person(self, box: Box) -> None:
        if self._edits.draw_person(box) is not None:
            self.set_tool(Tool.KEYPOINTS)  # The detector looks for them first.

    def _show_menu(self, index: int, where: QPoint) -> None:
        self.choose(index)
        menu = QMenu(readable_name(index), self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, slot in (
            ("Visible\tV", self._mark_visible),
            ("Hidden\tO", self._mark_hidden),
            ("Absent\tDel", self._mark_absent),
            ("Swap this limb's sides\tS", self.commands.swap_limb),
            (f"Take from the {self.commands.source_title}\tT", self.commands.copy_chosen),
        ):
            menu.addAction(title).triggered.connect(slot)
        menu.popup(where)

    def _mark_visible(self) -> None:
        self.commands.set_state(JointState.VISIBLE)

    def _mark_hidden(self) -> None:
        self.commands.set_state(JointState.HIDDEN)

    def _mark_absent(self) -> None:
        self.commands.set_state(JointState.ABSENT)


def _label(person_key: str) -> str:
    """What another person is called: the detector's people are ``person 2``, others have an id."""
    return person_key if person_key.startswith("person ") else f"person {person_key}"
