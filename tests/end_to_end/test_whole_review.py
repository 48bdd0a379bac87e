"""A whole review with the mouse alone, and one with keys alone.

The demo is opened, ten people are judged, a body is dragged, a keypoint is placed; all of it is
undone and done again, exported, and found as it was left after a restart. No function of the
program is called to bring anything about: one person only clicks, the other only presses keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from core.body.conventions import SKELETON_JOINT_NAMES
from core.types.fits import Origin, Verdict
from core.workflows.demo import make_demo_project
from spin_gui.correcting.editor_painter import place
from spin_gui.help.tour_bubble import TourBubble
from spin_gui.jobs.export import ExportDialog
from spin_gui.viewer.drag_handles import HANDLE_JOINTS, in_view
from spin_gui.viewer.sample_scene import Column
from spin_gui.window.main_window import MainWindow
from spin_gui.window.settings import WindowSettings
from tests.end_to_end.test_mend_the_demo import left_in

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NOTHING = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier

PEOPLE, JUDGED = 12, 10
PATIENCE_MS = 120_000
LEFT_WRIST = SKELETON_JOINT_NAMES.index("left_wrist")
LEFT_KNEE = 13
VERDICTS = [
    (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE)[number % 3] for number in range(JUDGED - 1)
]
"""The last of the ten is a rejection with a reason."""


class Person(Protocol):
    """What the two have in common; each does it in a way of their own."""

    def open_recent(self) -> None: ...
    def judge(self, verdict: Verdict) -> None: ...
    def reject_with_a_reason(self) -> None: ...
    def drag_the_wrist(self) -> None: ...
    def place_a_keypoint(self) -> None: ...
    def undo(self) -> None: ...
    def redo(self) -> None: ...
    def export(self) -> None: ...


class Sitting:
    """The window, and what a person would wait for."""

    def __init__(self, qtbot, settings: Path) -> None:
        self.qtbot = qtbot
        self.window = MainWindow(WindowSettings(settings))
        qtbot.addWidget(self.window)
        self.window.resize(1400, 900)
        self.window.show()
        self.window.activateWindow()
        self.wait(lambda: QApplication.activeWindow() is self.window)

    @property
    def page(self):
        return self.window.page

    @property
    def session(self):
        return self.page.session

    def wait(self, condition) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def wait_until_shown(self) -> None:
        self.wait(lambda: self.page is not None and self.page.is_complete)
        self.wait(lambda: self.page.views.shown_sample_id == self.session.current_id)

    def wait_until_handles(self):
        canvas = self.page.views.board.canvases[(0, Column.CURRENT)]
        self.wait(lambda: self.page.correcting.correctors.is_ready)
        self.wait(lambda: canvas.isVisible() and canvas.frame.handles is not None)
        return canvas

    def export_dialog(self) -> ExportDialog:
        self.wait(lambda: any(each.isVisible() for each in self.window.findChildren(ExportDialog)))
        return next(each for each in self.window.findChildren(ExportDialog) if each.isVisible())

    def close(self) -> None:
        if self.page is not None:
            correcting = self.page.correcting
            self.wait(lambda: not correcting.proposals.busy and not correcting.dragging.is_live)
            self.wait(lambda: not self.window.job_controller.runner.busy)
            self.window.close()


class Mouse:
    """Clicks and drags; no key is ever pressed."""

    def __init__(self, sitting: Sitting) -> None:
        self.at = sitting

    def click(self, widget: QWidget, where: QPoint | None = None) -> None:
        QTest.mouseClick(widget, LEFT, NOTHING, widget.rect().center() if where is None else where)

    def choose(self, action_id: str) -> None:
        """A command of the menu bar."""
        action, bar = self.at.window.commands[action_id], self.at.window.menuBar()
        top = next(each for each in bar.actions() if action in each.menu().actions())
        self.click(bar, bar.actionGeometry(top).center())
        self.at.wait(top.menu().isVisible)
        self.choose_in(top.menu(), action)

    def choose_in(self, menu: QMenu, action) -> None:
        self.click(menu, menu.actionGeometry(action).center())

    def drag(self, widget: QWidget, start: QPoint, by: QPoint) -> None:
        QTest.mousePress(widget, LEFT, NOTHING, start)
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(widget, (QPointF(start) + share * QPointF(by)).toPoint())
        QTest.mouseRelease(widget, LEFT, NOTHING, start + by)

    def open_recent(self) -> None:
        recent = self.at.window.welcome.recent
        spot = recent.visualItemRect(recent.item(0)).center()
        self.click(recent.viewport(), spot)
        self.at.wait_until_shown()
        self.skip_the_tour()

    def skip_the_tour(self) -> None:
        for bubble in self.at.window.findChildren(TourBubble):
            if bubble.isVisible():
                self.click(bubble.skip_button)

    def judge(self, verdict: Verdict) -> None:
        name = {
            Verdict.ACCEPTED: "review.accept",
            Verdict.REJECTED: "review.reject",
            Verdict.UNSURE: "review.unsure",
        }[verdict]
        self.click(self.at.page.parts.verdicts.buttons[name])

    def reject_with_a_reason(self) -> None:
        bar = self.at.page.parts.verdicts
        self.click(bar.why)
        self.at.wait(bar.reasons.isVisible)
        self.choose_in(bar.reasons, bar.reasons.actions()[1])

    def drag_the_wrist(self) -> None:
        self.choose("correct.drag")
        canvas = self.at.wait_until_handles()
        drawing = canvas.frame.handles
        spot = in_view(
            drawing.places[HANDLE_JOINTS.index(LEFT_WRIST)], canvas.frame.window, canvas.side
        )
        self.drag(canvas, spot.toPoint(), QPoint(-30, -25))

    def place_a_keypoint(self) -> None:
        self.choose("correct.drag")
        self.choose("correct.edit")
        editor = self.at.page.correcting.editor
        self.at.wait(lambda: editor.canvas.drawing is not None and editor.canvas.isVisible())
        spot = place(editor.canvas.drawing.keypoints_px[LEFT_KNEE], editor.canvas.view).toPoint()
        self.drag(editor.canvas, spot, QPoint(25, -20))

    def undo(self) -> None:
        self.choose("edit.undo")

    def redo(self) -> None:
        self.choose("edit.redo")

    def export(self) -> None:
        self.choose("file.export")
        self.click(self.at.export_dialog().export_button)


class Keys:
    """Presses keys; the mouse is never touched."""

    def __init__(self, sitting: Sitting) -> None:
        self.at = sitting

    def press(self, key: Qt.Key, modifiers=NOTHING) -> None:
        target = QApplication.activePopupWidget() or QApplication.focusWidget() or self.at.window
        QTest.keyClick(target, key, modifiers)

    def open_recent(self) -> None:
        recent = self.at.window.welcome.recent
        for _ in range(30):
            if QApplication.focusWidget() is recent:
                break
            self.press(Key.Key_Tab)
        self.press(Key.Key_Down)
        self.press(Key.Key_Home)
        self.press(Key.Key_Return)
        self.at.wait_until_shown()
        if any(bubble.isVisible() for bubble in self.at.window.findChildren(TourBubble)):
            self.press(Key.Key_Escape)

    def judge(self, verdict: Verdict) -> None:
        self.press(
            {
                Verdict.ACCEPTED: Key.Key_A,
                Verdict.REJECTED: Key.Key_X,
                Verdict.UNSURE: Key.Key_U,
            }[verdict]
        )

    def reject_with_a_reason(self) -> None:
        self.press(Key.Key_2, ALT)

    def drag_the_wrist(self) -> None:
        self.press(Key.Key_Z)
        self.at.wait_until_handles()
        marks = self.at.page.correcting.dragging.marks
        for _ in HANDLE_JOINTS:
            if marks.chosen == LEFT_WRIST:
                break
            self.press(Key.Key_N, SHIFT)
        self.press(Key.Key_Up, SHIFT)
        self.press(Key.Key_Left)

    def place_a_keypoint(self) -> None:
        self.press(Key.Key_Escape)
        self.press(Key.Key_E)
        editor = self.at.page.correcting.editor
        self.at.wait(lambda: editor.canvas.drawing is not None and editor.canvas.isVisible())
        self.press(Key.Key_N)
        self.at.wait(lambda: editor.chosen is not None)
        self.press(Key.Key_T)

    def undo(self) -> None:
        self.press(Key.Key_Z, CONTROL)

    def redo(self) -> None:
        self.press(Key.Key_Z, CONTROL | SHIFT)

    def export(self) -> None:
        self.press(Key.Key_E, CONTROL)
        dialog = self.at.export_dialog()
        self.at.wait(lambda: dialog.isAncestorOf(QApplication.focusWidget() or self.at.window))
        self.press(Key.Key_Return)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_demo_project(tmp_path / "demo", people=PEOPLE, seed=3)
    return tmp_path / "demo"


@pytest.fixture
def settings(tmp_path: Path, project: Path) -> Path:
    """Of someone who opened the demo before."""
    path = tmp_path / "settings.ini"
    WindowSettings(path).remember_project(project)
    return path


@pytest.fixture
def sit_down(qtbot, settings: Path) -> Iterator:
    sittings: list[Sitting] = []

    def begin() -> Sitting:
        sittings.append(Sitting(qtbot, settings))
        return sittings[-1]

    yield begin
    for sitting in sittings:
        sitting.close()


@pytest.mark.parametrize("hands", [Mouse, Keys], ids=["mouse alone", "keys alone"])
def test_a_whole_review_is_undone_done_again_exported_and_found_as_it_was_left(
    hands, sit_down, project, tmp_path
):
    sitting = sit_down()
    person: Person = hands(sitting)
    person.open_recent()
    sitting.wait(lambda: not sitting.session.dictionary.assessments.due())
    before, stack = left_in(project), sitting.session.undo_stack
    first = sitting.session.current_id

    for verdict in VERDICTS:
        shown = sitting.session.current_id
        person.judge(verdict)
        sitting.wait(lambda shown=shown: sitting.session.current_id != shown)
        sitting.wait_until_shown()
    person.reject_with_a_reason()
    sitting.wait(lambda: len(left_in(project).verdicts) == len(before.verdicts) + JUDGED)
    sitting.wait_until_shown()

    steps, corrected = stack.count(), sitting.session.current_id
    person.drag_the_wrist()
    sitting.wait(lambda: stack.count() == steps + 1)
    assert sitting.session.records.current_fit(corrected).origin is Origin.CORRECTED
    person.place_a_keypoint()
    sitting.wait(lambda: stack.count() == steps + 2)
    assert corrected in left_in(project).corrections
    done = left_in(project)

    while stack.canUndo():
        index = stack.index()
        person.undo()
        sitting.wait(lambda index=index: stack.index() == index - 1)
    assert left_in(project) == before
    while stack.canRedo():
        index = stack.index()
        person.redo()
        sitting.wait(lambda index=index: stack.index() == index + 1)
    assert left_in(project) == done

    person.export()
    sitting.wait(lambda: not sitting.window.job_controller.runner.busy)
    (written,) = set(tmp_path.rglob("*.npz")) - set((tmp_path / "demo").rglob("cache/**/*.npz"))
    assert len(np.load(written, allow_pickle=False)["pose"]) == PEOPLE
    left_at = sitting.session.current_id
    sitting.close()

    again = sit_down()
    hands(again).open_recent()
    assert again.session.current_id == left_at
    assert left_in(project) == done
    assert first != left_at
