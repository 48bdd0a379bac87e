"""A person corrects the demo by keys: suspicion, verdicts, keypoints, refit, undo, redo, restart.

The real window on the real demo, drawn by the real renderer; no function of the program is called
to bring anything about, only keys and clicks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.dictionary.search.query import SortKey
from core.dictionary.store import Dictionary
from core.types.fits import Origin, Verdict
from core.workflows.demo import make_demo_project
from spin_gui.correcting.editor_painter import place
from spin_gui.correcting.keypoint_editor import KeypointEditor
from spin_gui.window.main_window import MainWindow

Key = Qt.Key
NOTHING = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
PEOPLE, REJECTED = 14, 10
PATIENCE_MS = 120_000


@dataclass(frozen=True)
class Left:
    """What a project holds of its people, for comparing: exact to the last bit."""

    verdicts: dict[int, Verdict]
    current_fits: dict[int, int]
    keypoints: dict[int, bytes]
    corrections: dict[int, int]


def left_in(project: Path) -> Left:
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        samples, fits = dictionary.samples.get_many(ids), dictionary.fits.current(ids)
        history = [fit for sample_id in ids for fit in dictionary.fits.history(sample_id)]
        return Left(
            {fit.id: fit.verdict for fit in history if fit.verdict is not Verdict.NONE},
            {one: fit.id for one, fit in fits.items()},
            {sample.id: sample.keypoints_px.tobytes() for sample in samples},
            {sample.id: sample.corrections for sample in samples if sample.corrections},
        )


class Person:
    """Presses keys and clicks, and waits for what a person would wait for."""

    def __init__(self, qtbot, project: Path) -> None:
        self.qtbot = qtbot
        self.window = MainWindow()
        qtbot.addWidget(self.window)
        self.window.resize(1400, 900)
        self.window.show()
        self.window.activateWindow()
        self.wait(lambda: QApplication.activeWindow() is self.window)
        assert self.window.open_project(project)
        self.wait(self.is_shown)

    @property
    def session(self):
        return self.window.page.session

    @property
    def editor(self) -> KeypointEditor:
        return self.window.page.correcting.editor

    def wait(self, condition) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def is_shown(self) -> bool:
        return self.window.page.views.shown_sample_id == self.session.current_id

    def press(self, key: Qt.Key, modifiers=NOTHING) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def click_joint(self, index: int) -> None:
        canvas = self.editor.canvas
        spot = place(canvas.drawing.keypoints_px[index], canvas.view).toPoint()
        QTest.mouseClick(canvas, LEFT, NOTHING, QPoint(spot))

    def leave(self) -> None:
        page = self.window.page
        if page is not None:
            self.wait(lambda: not page.correcting.proposals.busy)
            self.window.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_demo_project(tmp_path / "demo", people=PEOPLE, seed=3)
    return tmp_path / "demo"


@pytest.fixture
def person(qtbot, project: Path) -> Iterator[Person]:
    someone = Person(qtbot, project)
    yield someone
    someone.leave()


def sort_by_suspicion(person: Person) -> None:
    """The flags come in from the background; then Q lists the worst first."""
    session = person.session
    person.wait(lambda: not session.dictionary.assessments.due())
    person.press(Key.Key_Q)
    person.wait(lambda: session.query.sort is SortKey.SUSPICION and session.query.descending)
    rows = session.dictionary.search.rows(session.sample_ids.tolist())
    suspicions = [row.suspicion for row in rows]
    assert len(suspicions) == PEOPLE
    assert suspicions == sorted(suspicions, reverse=True)


def reject_ten(person: Person) -> list[int]:
    worst = person.session.sample_ids[:REJECTED].tolist()
    for sample_id in worst:
        person.wait(lambda wanted=sample_id: person.session.current_id == wanted)
        person.wait(person.is_shown)
        person.press(Key.Key_X)
    return worst


def correct_keypoints(person: Person) -> int:
    """Move the first visible joint of the person who is shown, by clicks and arrow keys."""
    sample_id = person.session.current_id
    person.press(Key.Key_E)
    person.wait(lambda: person.editor.isVisible() and person.editor.canvas.drawing is not None)
    joint = int(np.flatnonzero(person.session.records.sample(sample_id).keypoints_px[:, 2])[0])
    person.click_joint(joint)
    person.press(Key.Key_Right, SHIFT)
    person.press(Key.Key_Down)
    person.press(Key.Key_Escape)
    person.wait(person.window.page.views.isVisible)
    return sample_id


def refit_and_keep(person: Person, sample_id: int) -> None:
    before = person.session.records.current_fit(sample_id).id
    person.press(Key.Key_F5)
    person.wait(person.window.commands["correct.keep"].isEnabled)
    person.press(Key.Key_Return)
    person.wait(lambda: person.session.records.current_fit(sample_id).id != before)
    assert person.session.records.current_fit(sample_id).origin is Origin.REFIT


def test_everything_is_found_as_it_was_left(person, project, qtbot):
    untouched = left_in(project)
    sort_by_suspicion(person)
    worst = reject_ten(person)
    corrected = correct_keypoints(person)
    refit_and_keep(person, corrected)
    edited = left_in(project)
    assert sorted(edited.verdicts.values()) == [Verdict.REJECTED] * REJECTED
    assert {one for one, fit in untouched.current_fits.items() if fit in edited.verdicts} == set(
        worst
    )
    assert [
        keypoint
        for keypoint in edited.keypoints
        if edited.keypoints[keypoint] != untouched.keypoints[keypoint]
    ]
    assert edited.corrections.keys() == {corrected}
    assert edited.current_fits[corrected] != untouched.current_fits[corrected]

    stack = person.session.undo_stack
    while stack.canUndo():
        person.press(Key.Key_Z, CONTROL)
    assert left_in(project) == untouched
    while stack.canRedo():
        person.press(Key.Key_Z, CONTROL | SHIFT)
    assert left_in(project) == edited

    query, shown = person.session.query, person.session.current_id
    person.leave()
    again = Person(qtbot, project)
    assert left_in(project) == edited
    assert again.session.query == query
    assert again.session.current_id == shown
    rejected = [again.session.records.row(item).verdict for item in worst]
    assert rejected == [Verdict.REJECTED] * REJECTED
    again.leave()
