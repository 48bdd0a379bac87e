"""Which signal of an open project's panels leads to which command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from spin_gui.commands.context_menu import ContextMenu
from spin_gui.commands.handlers import AllHandlers
from spin_gui.commands.records.context import FIT_MENU, SAMPLE_MENU, VIEW_MENU
from spin_gui.commands.workspace import Workspace
from spin_gui.window.project_page import ProjectPage
from spin_gui.window.status_bar import StatusBar

if TYPE_CHECKING:
    # The list of samples is painted before these are imported.
    from spin_gui.window.sample_parts import SampleParts


def connect_page(page: ProjectPage, workspace: Workspace, handlers: AllHandlers) -> None:
    """What the list asks for, and what stands in the place of pages without anything to show."""
    samples = page.samples
    actions = workspace.commands.by_id()
    page.nothing.follow(actions)
    for view in (samples.view, samples.grid):
        ContextMenu(view, "Commands for the sample", SAMPLE_MENU, actions)
    samples.import_requested.connect(handlers.importing.ask)
    samples.find_people_requested.connect(handlers.importing.ask)
    samples.draw_requested.connect(handlers.correct.show_without_people)
    samples.opened.connect(handlers.listing.open_from_grid)
    samples.filter_asked.connect(handlers.listing.filter)
    samples.views_asked.connect(handlers.listing.show_views)


def connect_parts(
    parts: SampleParts, workspace: Workspace, handlers: AllHandlers, status: StatusBar
) -> None:
    """What all else asks for and tells of, once it was made."""
    parts.verdicts.follow(workspace.commands.by_id())
    parts.nothing.follow(workspace.commands.by_id())
    parts.views.controls.drag.follow(workspace.commands["correct.drag"])
    parts.correcting.editor.strip.drag.follow(workspace.commands["correct.drag"])
    parts.correcting.dragging.enabled_changed.connect(parts.views.controls.drag.setChecked)
    parts.correcting.failed.connect(workspace.show_error)
    parts.correcting.proposals.passing.connect(status.show_passing)
    parts.frames.follow(workspace.commands.by_id())
    parts.missing_picture.find_asked.connect(handlers.project.find_pictures)
    parts.correcting.edits.person_drawn.connect(handlers.correct.measure)
    parts.details.edit_asked.connect(handlers.correct.begin_editing)
    _give_menus(parts, workspace.commands.by_id())
    parts.details.fit_asked.connect(handlers.work.fit)
    parts.details.compare_asked.connect(handlers.pages.compare_fits)
    parts.views.keypoints_shown_changed.connect(handlers.view.follow_keypoints)
    parts.views.one_large_changed.connect(handlers.view.follow_one_large)
    parts.views.whole_picture_changed.connect(handlers.view.follow_whole_picture)
    parts.views.style_changed.connect(handlers.view.remember_style)
    parts.views.controls.opacity_changed.connect(handlers.view.remember_opacity)
    flags, job_controller = parts.flags, workspace.job_controller
    flags.set_busy(job_controller.busy)
    flags.failed.connect(workspace.show_error)
    flags.progressed.connect(status.show_flagging)
    flags.rested.connect(status.end_flagging)
    job_controller.busy_changed.connect(flags.set_busy)
    handlers.tour.offer()


def _give_menus(parts: SampleParts, actions: Mapping[str, QAction]) -> None:
    """The menus under the pointer of the views and the history."""
    menu = ContextMenu(parts.views, "Commands for the fit", VIEW_MENU, actions)
    for canvas in parts.views.board.canvases.values():
        canvas.menu_asked.connect(menu.open_at)
    ContextMenu(parts.details.history.table, "Commands for a former fit", FIT_MENU, actions)
