"""Which commands can be used now, and what undo would do."""

from __future__ import annotations

from spin_gui.commands.qt_actions import ActionSet
from spin_gui.commands.records import When
from spin_gui.jobs.job import JobKind
from spin_gui.jobs.runner import JobRunner
from spin_gui.tabs.stage_tabs import StageTabs
from spin_gui.widgets.page import Page
from spin_gui.window.project_page import ProjectPage


def refresh_commands(commands: ActionSet, page: ProjectPage | None, runner: JobRunner) -> None:
    """Enable the commands that can be used now."""
    commands.refresh(
        conditions(page, runner),
        running=runner.title,
        read_only=page is not None and page.session.dictionary.file.read_only,
    )
    stack = page.session.undo_stack if page is not None else None
    commands.add_to_title("edit.undo", stack.undoText() if stack else "")
    commands.add_to_title("edit.redo", stack.redoText() if stack else "")


def show_place(tabs: StageTabs, page: ProjectPage | None) -> None:
    """Mark the tab of what is shown."""
    if page is not None:
        editing = page.is_complete and page.correcting.editing
        tabs.show_place(page.shown_page, editing=editing)


def conditions(page: ProjectPage | None, runner: JobRunner) -> set[When]:
    """The conditions that the open project, if any, and the running job, if any, fulfil."""
    return _of_jobs(runner) | (set() if page is None else _of_project(page, busy=runner.busy))


def _of_jobs(runner: JobRunner) -> set[When]:
    facts = {
        When.JOB: runner.busy,
        When.TRAINING: runner.busy and runner.kind is JobKind.TRAIN,
        When.IDLE: not runner.busy,
    }
    return _held(facts)


def _of_project(page: ProjectPage, *, busy: bool) -> set[When]:
    undo_stack, panel = page.session.undo_stack, page.shown_panel
    has_run = panel is not None and panel.chosen_run_id is not None
    facts = {
        When.PROJECT: True,
        When.IDLE_PROJECT: not busy,
        When.SAMPLE: page.has_sample,
        When.UNDO: undo_stack.canUndo(),
        When.REDO: undo_stack.canRedo(),
        When.RUN: has_run,
        When.IDLE_RUN: has_run and not busy,
    }
    if page.shown_page is Page.SAMPLES and page.is_complete:
        correcting = page.correcting
        facts |= {
            When.EDITING: correcting.editing,
            When.DRAGGING: correcting.dragging.enabled,
            When.PROPOSAL: correcting.has_proposal,
            When.CORRECTING: correcting.busy,
        }
    return _held(facts)


def _held(facts: dict[When, bool]) -> set[When]:
    return {when for when, holds in facts.items() if holds}
