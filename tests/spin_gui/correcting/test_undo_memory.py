"""What the undo stack keeps alive, and for how long."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest

from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.pose_edits import turned_joint
from core.engine.smplify.pose_prior import PosePrior
from core.types.bodies import BodyParameters
from core.workflows.correct_sample import Corrector
from spin_gui.correcting.pending_bodies import Change, Proposals
from spin_gui.correcting.sample_edits import CorrectorSource
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand

STEPS = 200
LEFT_KNEE = 4


@pytest.fixture
def proposals(session: ProjectSession, open_body: BodyModel) -> Proposals:
    correctors = CorrectorSource(lambda: Corrector(open_body, PosePrior.load()))
    correctors.get()
    return Proposals(session, correctors)


def turned(degrees: float) -> Change:
    def change(before: BodyParameters, _corrector: Corrector) -> BodyParameters:
        return turned_joint(before, LEFT_KNEE, np.array([degrees, 0.0, 0.0]))

    return change


def alive(bodies: list[weakref.ref[object]]) -> int:
    gc.collect()
    return sum(body() is not None for body in bodies)


def test_two_hundred_merged_steps_of_a_drag_leave_one_body(session, proposals):
    bodies = []
    for _ in range(STEPS):
        proposals.edit("Turn left knee", turned(0.25), merge_key="turn 4")
        bodies.append(weakref.ref(proposals.current.body))
    assert session.undo_stack.count() == 1
    assert alive(bodies) == 1


def test_a_merged_drag_is_undone_and_redone_in_one_step(session, proposals):
    for _ in range(3):
        proposals.edit("Turn left knee", turned(10.0), merge_key="turn 4")
    end = proposals.current.body.parameters.pose_axis_angle.copy()
    session.undo_stack.undo()
    assert proposals.current is None
    session.undo_stack.redo()
    np.testing.assert_array_equal(proposals.current.body.parameters.pose_axis_angle, end)


def test_separate_edits_keep_their_bodies_until_the_stack_is_cleared(session, proposals):
    bodies = []
    for _ in range(4):
        proposals.edit("Turn left knee", turned(10.0))
        bodies.append(weakref.ref(proposals.current.body))
    assert alive(bodies) == 4
    proposals.discard()
    session.undo_stack.clear()
    assert alive(bodies) == 0


def test_what_a_merged_command_held_is_let_go(session):
    def edit() -> tuple[EditCommand, weakref.ref[Callable[[str], None]]]:
        def undo(_done: str) -> None:
            """Stands for an edit that holds a body."""

        command = EditCommand("Move", undo=undo, redo=lambda _done: None, merge_key="move 1")
        return command, weakref.ref(undo)

    held = []
    for _ in range(3):
        command, undo = edit()
        session.undo_stack.push(command)
        held.append(undo)
    del command
    gc.collect()
    assert [item() is not None for item in held] == [True, False, False]
