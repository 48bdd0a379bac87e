"""What the actions of the Correct menu do."""
# ruff: noqa: FBT001 - slots of Qt take what a switch says by position

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.correcting.body_changes import BODY_CHANGES
from spin_gui.widgets.question import open_dialog

if TYPE_CHECKING:
    from core.workflows.photos.measure_person import MeasuredPerson
    from spin_gui.correcting.controller import CorrectionController
    from spin_gui.correcting.keypoint_editor import KeypointEditor


class CorrectHandlers(MenuHandlers):
    """Keypoints, boxes, people and bodies."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "correct.edit": self.edit,
            "correct.next_missing": self.next_missing,
            "correct.worth_a_touch": self.touch_next,
            "correct.visible": self.mark_visible,
            "correct.hidden": self.mark_hidden,
            "correct.absent": self.mark_absent,
            "correct.swap_limb": self.swap_limb,
            "correct.swap_all": self.swap_all,
            "correct.take": self.take,
            "correct.take_missing": self.take_missing,
            "correct.linked": self.link,
            "correct.box": self.edit_box,
            "correct.draw_person": self.draw_person,
            "correct.without_people": self.show_without_people,
            "correct.detect": self.detect,
            "correct.next_person": self.next_person,
            "correct.body_tools": self.show_tools,
            "correct.drag": self.drag,
            "correct.drag_next": self.drag_next,
            "correct.drag_pin": self.drag_pin,
            "correct.drag_mirror": self.drag_mirror,
            "correct.refit": self.refit,
            "correct.keep": self.keep,
            "correct.discard": self.discard,
            **dict.fromkeys(BODY_CHANGES, self.change_body),
        }

    @property
    def _job_controller(self) -> CorrectionController | None:
        return None if self._page is None else self._page.correcting

    def _edit(self, command: Callable[[KeypointEditor], None]) -> None:
        if self._job_controller is not None and self._job_controller.editing:
            command(self._job_controller.editor)

    def _mark(self, state: str) -> None:
        from spin_gui.session.joint_states import JointState

        self._edit(lambda editor: editor.commands.set_state(JointState(state)))

    def _take_up(self, tool: str) -> None:
        from spin_gui.correcting.canvas_drag import Tool

        self._edit(lambda editor: editor.toggle_tool(Tool(tool)))

    @Slot()
    def follow_state(self) -> None:
        """Show in the menu which panels are up."""
        if self._page is not None and self._page.is_complete and self._job_controller is not None:
            self._workspace.commands.check("correct.edit", checked=self._job_controller.editing)
            dragging = self._job_controller.dragging.enabled
            self._workspace.commands.check("correct.drag", checked=dragging)
            self._workspace.commands.check(
                "correct.linked", checked=self._job_controller.editor.commands.linked
            )

    # Keypoints

    @Slot(bool)
    def edit(self, editing: bool) -> None:
        """Show the editor, or leave it; thumbnails, which would hide it, make room."""
        if self._job_controller is not None:
            if editing:
                self._workspace.commands["view.grid"].setChecked(False)
            self._job_controller.set_editing(editing)
            self.follow_state()

    @Slot()
    def begin_editing(self) -> None:
        """Show the editor, as its switch does."""
        self._workspace.commands["correct.edit"].setChecked(True)

    @Slot()
    def next_missing(self) -> None:
        """Choose the next missing keypoint."""
        self._edit(lambda editor: editor.choose_next_missing())

    @Slot()
    def touch_next(self) -> None:
        """Ask for the keypoint that gains most, of the next person who is worth it."""
        from core.dictionary.search.saved_views import BUILT_IN_VIEWS, WORTH_A_TOUCH

        page, correcting = self._page, self._job_controller
        if page is None or correcting is None:
            return
        session, queue = page.session, BUILT_IN_VIEWS[WORTH_A_TOUCH]
        if session.query != queue:
            session.dictionary.assessments.ask_for_touch_gains()
            session.open_view(queue)
        person = correcting.touches.next_person()
        if person is not None:
            session.select(person)
            self.begin_editing()
        if person is None or not correcting.touches.ask():
            session.noticed.emit("No further keypoint is known whose correction is worth a touch.")

    @Slot()
    def mark_visible(self) -> None:
        """The chosen keypoint can be seen."""
        self._mark("visible")

    @Slot()
    def mark_hidden(self) -> None:
        """It is covered."""
        self._mark("hidden")

    @Slot()
    def mark_absent(self) -> None:
        """It is not there."""
        self._mark("absent")

    @Slot()
    def swap_limb(self) -> None:
        """Exchange the sides of one limb."""
        self._edit(lambda editor: editor.commands.swap_limb())

    @Slot()
    def swap_all(self) -> None:
        """Exchange all sides."""
        self._edit(lambda editor: editor.commands.swap_all())

    @Slot()
    def take(self) -> None:
        """Take the chosen keypoint from the body."""
        self._edit(lambda editor: editor.commands.copy_chosen())

    @Slot()
    def take_missing(self) -> None:
        """Take all missing ones."""
        self._edit(lambda editor: editor.commands.copy_missing())

    @Slot(bool)
    def link(self, linked: bool) -> None:
        """Move both sets together, or not."""
        self._edit(lambda editor: editor.set_linked(linked))

    # Boxes and people

    @Slot()
    def edit_box(self) -> None:
        """Take the box tool up, or put it down."""
        self._take_up("box")

    @Slot()
    def draw_person(self) -> None:
        """Take up the tool for new people, or put it down."""
        self._take_up("person")

    @Slot()
    def show_without_people(self) -> None:
        """List the pictures in which no person was found, to draw people into them."""
        from spin_gui.correcting.pictures_without_people import PicturesWithoutPeopleDialog

        page, edits = self._page, self._job_controller
        if page is None or edits is None:
            return
        pictures = [found.path for found in page.session.dictionary.detections.without_people()]
        if not pictures:
            page.session.noticed.emit("Every picture that was looked at has people.")
            return
        dialog = PicturesWithoutPeopleDialog(pictures, self._window)
        dialog.chosen.connect(lambda drawn: edits.edits.draw_person_in(*drawn))
        open_dialog(dialog, self._window)

    @Slot()
    def detect(self) -> None:
        """Let the detector look at the current person."""
        if self._page is not None and self._page.session.current_id is not None:
            self.measure(self._page.session.current_id)

    @Slot(int)
    def measure(self, sample_id: int) -> None:
        """Let the detector look at a person, such as one who was just drawn."""
        if self._page is None:
            return
        session = self._page.session
        if not self._workspace.job_controller.measure(session.project, sample_id):
            session.noticed.emit("A job is running: press F6 when it has ended, to find keypoints.")

    @Slot(object, object)
    def take_measurement(self, project: Path, measured: MeasuredPerson) -> None:
        """Store what the detector saw, if its project is still open."""
        from spin_gui.correcting.measurements import take_measurement

        page = self._page
        if page is not None and page.session.project == project:
            take_measurement(page.session, page.correcting.edits, measured)

    @Slot()
    def next_person(self) -> None:
        """Show the next person of the picture."""
        if self._job_controller is not None:
            self._job_controller.edits.show_next_person()

    # Bodies

    @Slot()
    def change_body(self) -> None:
        """Make the change whose action was used."""
        sender = self.sender()
        if self._job_controller is not None and sender is not None:
            chosen = BODY_CHANGES[sender.objectName()]
            self._job_controller.proposals.edit(chosen.title, chosen.change)

    @Slot(bool)
    def show_tools(self, shown: bool) -> None:
        """Show the strip of body tools."""
        if self._job_controller is not None:
            self._job_controller.show_tools(shown)

    @Slot(bool)
    def drag(self, dragging: bool) -> None:
        """Show the joints to drag the body by, or put them away."""
        if self._job_controller is not None:
            if dragging:
                self._workspace.commands["view.grid"].setChecked(False)
            self._job_controller.set_dragging(dragging)
            self.follow_state()

    @Slot()
    def drag_next(self) -> None:
        """Choose the next joint."""
        if self._job_controller is not None:
            self._job_controller.dragging.choose_next()

    @Slot()
    def drag_pin(self) -> None:
        """Pin the chosen joint, or let it go."""
        if self._job_controller is not None:
            self._job_controller.dragging.toggle_chosen_pin()

    @Slot()
    def drag_mirror(self) -> None:
        """Mirror its limb."""
        if self._job_controller is not None:
            self._job_controller.dragging.mirror()

    # Proposals

    @Slot()
    def refit(self) -> None:
        """SMPLify from here."""
        if self._job_controller is not None:
            self._job_controller.set_editing(False)
            self._job_controller.proposals.refit()

    @Slot()
    def keep(self) -> None:
        """Make the changed body current."""
        if self._job_controller is not None:
            self._job_controller.proposals.keep()

    @Slot()
    def discard(self) -> None:
        """Leave, stop or discard."""
        if self._job_controller is not None:
            self._job_controller.escape()
