"""The place where keypoints are put right: one sample's picture as large as there is room.

It shows the session's current sample and follows it. Each edit is written at once
(``CorrectionEdits``); nothing waits to be saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from core.body.display_body import DisplayBody
from core.errors import NoSuchRecordError
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from core.types.samples import Sample
from spin_gui.correcting import keypoint_edits
from spin_gui.correcting.editor_canvas import EditorCanvas, PictureImage, Tool
from spin_gui.correcting.editor_painter import EditorDrawing, OtherPerson
from spin_gui.correcting.editor_strip import EditorStrip
from spin_gui.correcting.joint_table import JointTable
from spin_gui.correcting.sample_edits import CorrectionEdits
from spin_gui.images.picture_cache import PictureImages, PictureKey
from spin_gui.images.produced_cache import URGENT
from spin_gui.session.joint_states import JointState
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.keypoint_painter import readable_name
from spin_gui.viewer.sample_scene import Column

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
        self._session, self._edits, self._body = session, edits, body
        self._pictures = PictureImages()
        self._sample: Sample | None = None
        self._others: tuple[OtherPerson, ...] = ()
        self._chosen: int | None = None
        self._linked = True
        self._closed = False
        self._asked: PictureKey | None = None
        self.strip, self.canvas, self.joints = EditorStrip(), EditorCanvas(), JointTable()
        self._lay_out()
        self._listen()

    # What the shell may ask

    @property
    def chosen(self) -> int | None:
        """The keypoint that the next command is for."""
        return self._chosen

    @property
    def linked(self) -> bool:
        """Whether twins of both sets move together."""
        return self._linked

    def show_current(self) -> None:
        """Show the session's current sample; look at another person afresh."""
        if self._closed or not self.isVisible():
            return
        sample = self._current_or_none()
        former, self._sample = self._sample, sample
        if sample is None:
            self.canvas.show_drawing(None)
            self.canvas.show_image(None, "No sample is shown")
            return
        people = self._edits.people_in_picture(sample.id)
        self._others = tuple(
            OtherPerson(one.id, f"person {one.person_key}", one.box, one.keypoints_px)
            for one in people
            if one.id != sample.id
        )
        if former is None or former.id != sample.id:
            self._chosen = None
            same_picture = former is not None and former.picture_path == sample.picture_path
            if not same_picture or self.canvas.view is None:
                self.canvas.show_image(None, "loading…")
            self.canvas.look_at(sample.box, sample.picture_size_px)
        self._show()

    def choose(self, index: int | None) -> None:
        """Choose a keypoint for the next command; one that is missing is placed by a click."""
        self._chosen = index
        if index is not None and self.canvas.tool is not Tool.KEYPOINTS:
            self.set_tool(Tool.KEYPOINTS)
        self._show()

    def choose_next_missing(self) -> None:
        """Choose the next keypoint that the person lacks."""
        if self._sample is None:
            return
        index = keypoint_edits.next_missing(self._sample.keypoints_px, self._chosen)
        if index is None:
            self._session.noticed.emit("No keypoint is missing.")
        self.choose(index)
        self.canvas.setFocus()

    def set_state(self, state: JointState) -> None:
        """Mark the chosen keypoint, and its twin where they go together."""
        sample, index = self._sample, self._needs_choice()
        if sample is None or index is None:
            return
        if sample.keypoints_px[index, 2] <= 0 and state is not JointState.ABSENT:
            self._session.noticed.emit(f"Click where the {readable_name(index)} is.")
            return
        together = self._together(index)
        changed = keypoint_edits.with_state(sample.keypoints_px, together, state)
        self._write(changed, f"Mark {readable_name(index)} as {state}")

    def swap_limb(self) -> None:
        """Exchange left and right of the chosen keypoint's limb."""
        sample, index = self._sample, self._needs_choice()
        if sample is None or index is None:
            return
        limb = keypoint_edits.limb_of(index)
        if not limb:
            self._session.noticed.emit("The chosen keypoint has no left and right.")
            return
        changed = keypoint_edits.swapped(sample.keypoints_px, limb)
        self._write(changed, f"Swap the sides of {readable_name(index)} and its limb")

    def swap_all(self) -> None:
        """Exchange left and right of the whole person."""
        if self._sample is not None:
            changed = keypoint_edits.swapped(self._sample.keypoints_px)
            self._write(changed, "Swap left and right")

    def copy_chosen(self) -> None:
        """Put the chosen keypoint where the chosen body has it."""
        sample, index = self._sample, self._needs_choice()
        if sample is not None and index is not None:
            self._copy([index], f"Take {readable_name(index)}")

    def copy_missing(self) -> None:
        """Put every missing keypoint where the chosen body has it."""
        if self._sample is None:
            return
        absent = keypoint_edits.missing(self._sample.keypoints_px)
        if absent:
            self._copy(absent, f"Take {len(absent)} missing keypoints")
        else:
            self._session.noticed.emit("No keypoint is missing.")

    def set_linked(self, linked: bool) -> None:  # noqa: FBT001 - a slot
        """Move twins of both sets together, or each alone."""
        self._linked = linked
        self.strip.linked.setChecked(linked)
        self._show()

    def set_tool(self, tool: Tool) -> None:
        """Take a tool up; the one that is up already goes back to the keypoints."""
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
        split.addWidget(self.joints)
        split.setStretchFactor(0, 1)
        split.setSizes([800, 232])
        body = QHBoxLayout()
        body.addWidget(split)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(6)
        column.addWidget(self.strip)
        column.addLayout(body, 1)

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
        canvas.joints_moved.connect(self._on_moved)
        canvas.nudged.connect(self._on_moved)
        canvas.joint_placed.connect(self._on_placed)
        canvas.menu_asked.connect(self._show_menu)
        canvas.person_chosen.connect(self._session.select)
        canvas.box_changed.connect(self._on_box)
        canvas.person_boxed.connect(self._on_person)
        canvas.view_changed.connect(self._ask_picture)

    # Showing

    def _on_session(self, *_what: object) -> None:
        self.show_current()

    def _on_source(self, _column: object) -> None:
        self._show()

    def _show(self) -> None:
        sample = self._sample
        if sample is None or self._closed:
            return
        chosen = self._chosen
        linked = () if chosen is None else tuple(self._together(chosen)[1:])
        self.canvas.show_drawing(
            EditorDrawing(
                keypoints_px=sample.keypoints_px,
                box=sample.box,
                others=self._others,
                seen_px=self._seen_px(),
                chosen=chosen,
                linked=linked,
                box_handles=self.canvas.tool is Tool.BOX,
            )
        )
        if self.canvas.tool is Tool.KEYPOINTS:
            placing = chosen is not None and sample.keypoints_px[chosen, 2] <= 0
            name = readable_name(chosen) if chosen is not None else ""
            self.canvas.hint = f"Click where the {name} is" if placing else ""
        self.joints.show_keypoints(sample.keypoints_px, chosen)

    def _seen_px(self) -> NDArray[np.float32] | None:
        """Where the chosen body has its keypoints; None without a body."""
        sample, body = self._sample, self._source_body()
        return None if sample is None or body is None else self._seen_of(body, sample)

    def _seen_of(self, body: BodyParameters, sample: Sample) -> NDArray[np.float32]:
        """Where a body's keypoints are seen in the picture: ``(49, 2)`` pixels."""
        seen = project_to_crop(self._body.keypoints(body), body.camera_translation)
        return sample.box.crop_to_picture(seen)

    def _source_body(self) -> BodyParameters | None:
        if self._sample is None:
            return None
        session, sample_id = self._session, self._sample.id
        known = {
            Column.CURRENT: session.records.current_fit,
            Column.PREDICTION: session.records.prediction,
            Column.FIRST: session.records.first_fit,
        }[self.strip.chosen_source](sample_id)
        return None if known is None else known.parameters

    def _ask_picture(self) -> None:
        sample, view = self._sample, self.canvas.view
        if sample is None or view is None or self._closed:
            return
        size_px = max(
            1, round(max(self.canvas.width(), self.canvas.height()) * self.devicePixelRatioF())
        )
        self._asked = PictureKey(sample.picture_path, view.square, size_px)
        self._pictures.request({self._asked: URGENT})
        self._on_picture(self._asked)

    def _on_picture(self, key: PictureKey) -> None:
        if key != self._asked:
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

    def _on_moved(self, dx_px: float, dy_px: float) -> None:
        sample, index = self._sample, self._chosen
        if sample is None or index is None:
            return
        together = self._together(index)
        changed = keypoint_edits.moved(sample.keypoints_px, together, (dx_px, dy_px))
        self._write(changed, f"Move {readable_name(index)}")

    def _on_placed(self, x_px: float, y_px: float) -> None:
        sample, index = self._sample, self._chosen
        if sample is None or index is None:
            return
        changed = keypoint_edits.placed(sample.keypoints_px, index, (x_px, y_px))
        self._write(changed, f"Place {readable_name(index)}")
        if self._sample is not None:
            self.choose(keypoint_edits.next_missing(self._sample.keypoints_px, index))

    def _on_box(self, box: Box) -> None:
        if self._sample is not None:
            self._edits.set_box(self._sample.id, box)

    def _on_person(self, box: Box) -> None:
        if self._edits.draw_person(box) is not None:
            self.set_tool(Tool.KEYPOINTS)
            self.choose_next_missing()

    def _copy(self, indices: list[int], text: str) -> None:
        sample, body = self._sample, self._source_body()
        if sample is None:
            return
        if body is None:
            title = self.strip.source.currentText()
            self._session.noticed.emit(f"This person has no {title} to take joints from.")
            return
        seen = self._seen_of(body, sample)
        changed = keypoint_edits.copied(sample.keypoints_px, seen, indices)
        self._write(changed, f"{text} from the {self.strip.source.currentText()}")

    def _write(self, keypoints_px: FloatArray, text: str) -> None:
        if self._sample is not None:
            self._edits.set_keypoints(self._sample.id, keypoints_px, text)

    def _together(self, index: int) -> list[int]:
        if self._sample is None:
            return [index]
        return keypoint_edits.with_twins(self._sample.keypoints_px, index, linked=self._linked)

    def _needs_choice(self) -> int | None:
        if self._chosen is None:
            self._session.noticed.emit("Choose a keypoint first: click it, or press N.")
        return self._chosen

    def _show_menu(self, index: int, where: QPoint) -> None:
        self.choose(index)
        menu = QMenu(readable_name(index), self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, slot in (
            ("Visible\tV", self._mark_visible),
            ("Hidden\tO", self._mark_hidden),
            ("Absent\tDel", self._mark_absent),
            ("Swap this limb's sides\tS", self.swap_limb),
            (f"Take from the {self.strip.source.currentText()}\tT", self.copy_chosen),
        ):
            menu.addAction(title).triggered.connect(slot)
        menu.popup(where)

    def _mark_visible(self) -> None:
        self.set_state(JointState.VISIBLE)

    def _mark_hidden(self) -> None:
        self.set_state(JointState.HIDDEN)

    def _mark_absent(self) -> None:
        self.set_state(JointState.ABSENT)
