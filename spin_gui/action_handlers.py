"""What each action of the window does: one short method each, most of them a single call."""
# ruff: noqa: FBT001 - slots of Qt take what a switch says by position

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from core.records import Verdict
from spin_gui.actions import THEME_ACTIONS
from spin_gui.dialogs.about import AboutDialog
from spin_gui.dialogs.cheat_sheet import CheatSheet
from spin_gui.dialogs.palette import CommandPalette
from spin_gui.dialogs.paths import ask_folder
from spin_gui.dialogs.question import open_dialog
from spin_gui.identity import application_icon, version
from spin_gui.jobs.work import predict_job
from spin_gui.project_page import ProjectPage
from spin_gui.theme import Theme

if TYPE_CHECKING:
    from spin_gui.main_window import MainWindow

Handler = Callable[..., object]


class ActionHandlers(QObject):
    """Methods of the main thread that actions call; without a project those that need one rest."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def by_id(self) -> dict[str, Handler]:
        """The handler of every action."""
        return {
            **self._file_handlers(),
            **self._review_handlers(),
            **self._view_handlers(),
            **self._training_handlers(),
            "fitting.fit": self.fit,
            "fitting.refit": self.refit,
            "fitting.stop": self._window.desk.stop,
            "help.palette": self.show_palette,
            "help.keys": self.show_keys,
            "help.about": self.show_about,
        }

    def _file_handlers(self) -> dict[str, Handler]:
        return {
            "file.new_project": self.new_project,
            "file.open_project": self.open_project,
            "file.make_demo": self.make_demo,
            "file.close_project": self._window.close_project,
            "file.import": self.import_annotations,
            "file.quit": self._window.close,
        }

    def _review_handlers(self) -> dict[str, Handler]:
        return {
            "edit.undo": self.undo,
            "edit.redo": self.redo,
            "edit.search": self.search,
            "review.accept": self.accept,
            "review.reject": self.reject,
            "review.unsure": self.mark_unsure,
            "review.clear": self.clear_verdict,
            "go.next": self.go_next,
            "go.previous": self.go_previous,
            "go.first": self.go_first,
            "go.last": self.go_last,
        }

    def _view_handlers(self) -> dict[str, Handler]:
        return {
            "view.hide_overlay": self.hide_overlay,
            "view.keypoints": self.show_keypoints,
            "view.whole_picture": self.show_whole_picture,
            "view.reset": self.reset_view,
            "view.list": self.show_list,
            "view.details": self.show_details,
            "view.reset_layout": self.reset_layout,
            "view.theme_system": self.choose_theme,
            "view.theme_light": self.choose_theme,
            "view.theme_dark": self.choose_theme,
            "view.full_screen": self.show_full_screen,
        }

    def _training_handlers(self) -> dict[str, Handler]:
        desk = self._window.training_desk
        return {
            "training.train": self.train,
            "training.predict": self.predict,
            "training.cockpit": self.show_cockpit,
            "training.pause": desk.pause_or_go_on,
            "training.stop": desk.stop,
            "training.discard": desk.discard,
            "training.continue": self.continue_last_training,
        }

    @property
    def _page(self) -> ProjectPage | None:
        return self._window.page

    # Projects and jobs

    @Slot()
    def new_project(self) -> None:
        """Ask for a new project."""
        self._window.desk.ask_new_project()

    @Slot()
    def open_project(self) -> None:
        """Ask for a project folder and open it."""
        recent = self._window.settings.recent_projects
        start = recent[0].parent if recent else Path.home()
        project = ask_folder(self._window, "Open project", start)
        if project is not None:
            self._window.open_project(project)

    @Slot()
    def make_demo(self) -> None:
        """Ask for a demo project."""
        self._window.desk.ask_demo()

    @Slot()
    def import_annotations(self) -> None:
        """Ask what to import."""
        if self._page is not None:
            self._window.desk.ask_import(self._page.session.project)

    @Slot()
    def fit(self) -> None:
        """Ask how to fit."""
        if self._page is not None:
            self._window.desk.ask_fit(self._page.session.dictionary)

    @Slot()
    def refit(self) -> None:
        """Ask what to refit."""
        if self._page is not None:
            self._window.training_desk.ask_refit(self._page.session)

    # Training

    @Slot()
    def train(self) -> None:
        """Ask how to train."""
        if self._page is not None:
            self._window.training_desk.ask_train(self._page.session)

    @Slot()
    def predict(self) -> None:
        """Predict every sample."""
        if self._page is not None:
            self._window.desk.start(predict_job(self._page.session.project))

    @Slot(bool)
    def show_cockpit(self, shown: bool) -> None:
        """Show the training in place of the samples."""
        if self._page is not None:
            self._page.show_cockpit(shown)

    @Slot()
    def open_cockpit(self) -> None:
        """A training began: show it, the menu's switch with it."""
        self._window.commands["training.cockpit"].setChecked(True)

    @Slot()
    def leave_cockpit(self) -> None:
        """Back to the samples."""
        self._window.commands["training.cockpit"].setChecked(False)

    @Slot(int)
    def show_trained_sample(self, sample_id: int) -> None:
        """From the newest batch to the sample's own views."""
        if self._page is not None:
            self.leave_cockpit()
            self._page.session.select(sample_id)

    @Slot(int)
    def continue_training(self, run_id: int) -> None:
        """Go on with a run."""
        if self._page is not None:
            self._window.training_desk.resume(self._page.session, run_id)

    @Slot()
    def continue_last_training(self) -> None:
        """Go on with the newest run that can."""
        if self._page is None:
            return
        from spin_gui.panels.run_list import trainings  # noqa: PLC0415 - it loads TensorBoard

        session = self._page.session
        runs = trainings(session.project, session.dictionary.runs())
        resumable = [run for run in runs if run.resumable]
        if resumable:
            self.continue_training(resumable[0].id)
        else:
            session.noticed.emit("No training of this project was stopped: there is none to go on.")

    # Review

    @Slot()
    def undo(self) -> None:
        """Take back the last edit."""
        if self._page is not None:
            self._page.session.undo_stack.undo()

    @Slot()
    def redo(self) -> None:
        """Do it again."""
        if self._page is not None:
            self._page.session.undo_stack.redo()

    @Slot()
    def search(self) -> None:
        """Go to the search box, opening the list if it is hidden."""
        if self._page is not None:
            self._window.commands["view.list"].setChecked(True)
            self._page.samples.focus_search()

    @Slot()
    def accept(self) -> None:
        """Accept the current fit."""
        self._judge(Verdict.ACCEPTED)

    @Slot()
    def reject(self) -> None:
        """Reject the current fit."""
        self._judge(Verdict.REJECTED)

    @Slot()
    def mark_unsure(self) -> None:
        """Mark the current fit as unsure."""
        self._judge(Verdict.UNSURE)

    @Slot()
    def clear_verdict(self) -> None:
        """Take the verdict away."""
        self._judge(Verdict.NONE)

    def _judge(self, verdict: Verdict) -> None:
        if self._page is not None:
            self._page.session.set_verdict(verdict)

    @Slot()
    def go_next(self) -> None:
        """Show the next row."""
        if self._page is not None:
            self._page.session.go_next()

    @Slot()
    def go_previous(self) -> None:
        """Show the row before."""
        if self._page is not None:
            self._page.session.go_previous()

    @Slot()
    def go_first(self) -> None:
        """Show the first row."""
        if self._page is not None:
            self._page.session.go_first()

    @Slot()
    def go_last(self) -> None:
        """Show the last row."""
        if self._page is not None:
            self._page.session.go_last()

    # Views

    def apply_switches(self) -> None:
        """Let a freshly opened page and the menu follow the remembered switches."""
        settings = self._window.settings
        for action_id, switch in (
            ("view.hide_overlay", self.hide_overlay),
            ("view.keypoints", self.show_keypoints),
            ("view.whole_picture", self.show_whole_picture),
            ("view.list", self.show_list),
            ("view.details", self.show_details),
        ):
            on = settings.flag(action_id, default=action_id in SWITCHED_ON_AT_FIRST)
            self._window.commands.check(action_id, checked=on)
            switch(on)

    @Slot(bool)
    def hide_overlay(self, hidden: bool) -> None:
        """Hide the bodies until switched back; forgotten when the project is closed."""
        if self._page is not None:
            self._page.views.set_overlay_hidden(hidden)

    @Slot(bool)
    def hold_overlay_hidden(self, held: bool) -> None:
        """The key is down or up: hidden meanwhile, then as the menu's switch says."""
        switched = self._window.commands["view.hide_overlay"].isChecked()
        self.hide_overlay(held or switched)

    @Slot(bool)
    def show_keypoints(self, shown: bool) -> None:
        """Draw the keypoints or not."""
        self._remember("view.keypoints", on=shown)
        if self._page is not None:
            self._page.views.set_keypoints_shown(shown)

    @Slot(bool)
    def show_whole_picture(self, whole: bool) -> None:
        """Whole picture or the person's crop."""
        self._remember("view.whole_picture", on=whole)
        if self._page is not None:
            self._page.views.set_whole_picture(whole)

    @Slot(bool)
    def follow_keypoints(self, shown: bool) -> None:
        """The switch beside the views was used: the menu says the same."""
        self._window.commands.check("view.keypoints", checked=shown)
        self._remember("view.keypoints", on=shown)

    @Slot(bool)
    def follow_whole_picture(self, whole: bool) -> None:
        """Likewise."""
        self._window.commands.check("view.whole_picture", checked=whole)
        self._remember("view.whole_picture", on=whole)

    @Slot()
    def reset_view(self) -> None:
        """Take back orbit, zoom and pan."""
        if self._page is not None:
            self._page.views.reset_view()

    @Slot(bool)
    def show_list(self, shown: bool) -> None:
        """Show or hide the list."""
        self._remember("view.list", on=shown)
        if self._page is not None:
            self._page.samples.setVisible(shown)

    @Slot(bool)
    def show_details(self, shown: bool) -> None:
        """Show or hide the details."""
        self._remember("view.details", on=shown)
        if self._page is not None:
            self._page.details.setVisible(shown)

    @Slot()
    def reset_layout(self) -> None:
        """First widths, both side panels shown."""
        for action_id in ("view.list", "view.details"):
            self._window.commands[action_id].setChecked(True)
        if self._page is not None:
            self._page.reset_layout()

    @Slot(bool)
    def choose_theme(self, chosen: bool) -> None:
        """Show the theme whose action was chosen."""
        sender = self.sender()
        if chosen and sender is not None:
            self._window.set_theme(Theme(THEME_ACTIONS[sender.objectName()]))

    @Slot(bool)
    def show_full_screen(self, full: bool) -> None:
        """Use the whole screen, or go back to a window."""
        if full:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def _remember(self, switch: str, *, on: bool) -> None:
        self._window.settings.set_flag(switch, on=on)

    # Help

    @Slot()
    def show_palette(self) -> None:
        """Open the command palette."""
        palette = CommandPalette(self._window.commands.usable(), self._window)
        palette.chosen.connect(self.run_action)
        open_dialog(palette, self._window)

    @Slot(str)
    def run_action(self, action_id: str) -> None:
        """Run an action by its id."""
        self._window.commands[action_id].trigger()

    @Slot()
    def show_keys(self) -> None:
        """Open the cheat sheet."""
        open_dialog(CheatSheet(self._window), self._window)

    @Slot()
    def show_about(self) -> None:
        """Say what the program is."""
        about = AboutDialog(application_icon(), version(), self._window)
        open_dialog(about, self._window)


SWITCHED_ON_AT_FIRST = frozenset({"view.keypoints", "view.list", "view.details"})
