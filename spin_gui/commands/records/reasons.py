"""Why a command cannot be used now, in one sentence that says what would change that."""

from __future__ import annotations

from collections.abc import Collection

from spin_gui.commands.records.record import When

_OPEN_FIRST = "Open a project first."
_NO_JOB = "Nothing is running that could be stopped."
_CHOOSE_FIRST = "Choose a sample in the list first."
_CHOOSE_RUN = "Choose a run on the tab Train first."

_REASONS = {
    When.PROJECT: _OPEN_FIRST,
    When.SAMPLE: _CHOOSE_FIRST,
    When.IDLE_PROJECT: _OPEN_FIRST,
    When.JOB: _NO_JOB,
    When.TRAINING: "No training is running.",
    When.RUN: _CHOOSE_RUN,
    When.IDLE_RUN: _CHOOSE_RUN,
    When.UNDO: "There is nothing to undo.",
    When.REDO: "There is nothing to redo.",
    When.DRAGGING: "Only while a body is dragged: Correct ▸ Drag the body.",
    When.EDITING: "Only while keypoints are edited: Correct ▸ Edit keypoints.",
    When.PROPOSAL: "No changed body waits to be kept: turn, mirror or refit one first.",
    When.CORRECTING: "Nothing is being corrected.",
}
_NEEDS_PROJECT = frozenset(
    {
        When.SAMPLE,
        When.RUN,
        When.IDLE_RUN,
        When.UNDO,
        When.REDO,
        When.EDITING,
        When.DRAGGING,
        When.PROPOSAL,
    }
)
_NEEDS_IDLE = frozenset({When.IDLE, When.IDLE_PROJECT, When.IDLE_RUN})

SAID_FOR_KEYS = frozenset(When) - {When.ALWAYS, When.PROPOSAL, When.CORRECTING}
"""Return and Esc mean something everywhere: without their commands they are no mistake."""


def why_not(when: When, state: Collection[When], *, running: str = "") -> str:
    """The reason why an action that needs ``when`` rests; empty where it may be used.

    running: the title of the job that runs, such as "Fitting samples".
    """
    if when is When.ALWAYS or when in state:
        return ""
    if when in _NEEDS_IDLE and When.JOB in state:
        return _busy_text(state, running)
    if when in _NEEDS_PROJECT and When.PROJECT not in state:
        return _OPEN_FIRST
    return _REASONS.get(when, f"Only while {when.value}.")


def _busy_text(state: Collection[When], running: str) -> str:
    if When.TRAINING in state:
        return "A training is running: stop it first (Training ▸ Stop and keep)."
    what = f"“{running}” is running" if running else "A job is running"
    return f"{what}: wait for its end, or stop it first (Fitting ▸ Stop the running job)."
