"""What the actions of the Help menu do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.widgets.app_identity import application_icon, version
from spin_gui.widgets.question import open_dialog


class HelpHandlers(MenuHandlers):
    """The palette, the sheet of keys, words and symbols, and who made this."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "edit.preferences": self.show_preferences,
            "help.guide": self.show_guide,
            "help.legend": self.show_legend,
            "help.doctor": self.check_machine,
            "help.official_files": self.show_official_files,
            "help.palette": self.show_palette,
            "help.keys": self.show_keys,
            "help.words": self.show_words,
            "help.change_keys": self.change_keys,
            "help.about": self.show_about,
        }

    @Slot()
    def show_guide(self) -> None:
        """Open the guide, or bring it to the front; one goes on working next to it."""
        from spin_gui.help.guide_dialog import GuideDialog

        guide = self._window.findChild(GuideDialog)
        if guide is None:
            guide = GuideDialog(self._window)
            guide.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            guide.finished.connect(self._window.activateWindow)
        guide.show()
        guide.raise_()
        guide.activateWindow()

    @Slot()
    def show_legend(self) -> None:
        """Show the symbols."""
        from spin_gui.help.legend_dialog import LegendDialog

        open_dialog(LegendDialog(self._window), self._window)

    @Slot()
    def check_machine(self) -> None:
        """Run ``doctor`` and show what it says."""
        from core.runs.project_body import body_file
        from spin_gui.help.doctor_dialog import DoctorDialog

        page = self._page
        body = None if page is None else body_file(page.session.dictionary)
        open_dialog(DoctorDialog(body, self._window), self._window)

    @Slot()
    def show_official_files(self) -> None:
        """Show which official files are in place, and take others."""
        from spin_gui.help.official_files_dialog import OfficialFilesDialog

        open_dialog(OfficialFilesDialog(self._window), self._window)

    @Slot()
    def show_preferences(self) -> None:
        """Show what can be set."""
        from spin_gui.commands.preferences_dialog import PreferencesDialog

        dialog = PreferencesDialog(self._workspace.commands.by_id(), self._window)
        dialog.keys_asked.connect(self.change_keys)
        dialog.official_files_asked.connect(self.show_official_files)
        open_dialog(dialog, self._window)

    @Slot()
    def show_palette(self) -> None:
        """Open the command palette."""
        from spin_gui.commands.command_palette import CommandPalette

        commands = self._workspace.commands
        palette = CommandPalette(commands.keys.records(), commands.reasons, self._window)
        palette.chosen.connect(self.run_action)
        open_dialog(palette, self._window)

    @Slot(str)
    def run_action(self, action_id: str) -> None:
        """Run an action by its id."""
        self._workspace.commands[action_id].trigger()

    @Slot()
    def show_keys(self) -> None:
        """Open the cheat sheet."""
        from spin_gui.commands.cheat_sheet import CheatSheet

        open_dialog(CheatSheet(self._window, self._workspace.commands.keys.records()), self._window)

    @Slot()
    def show_words(self) -> None:
        """Explain words and symbols."""
        from spin_gui.commands.glossary_dialog import GlossaryDialog

        open_dialog(GlossaryDialog(self._window), self._window)

    @Slot()
    def change_keys(self) -> None:
        """Open the list of keys to choose others."""
        from spin_gui.commands.change_keys import ChangeKeysDialog

        dialog = ChangeKeysDialog(self._workspace.commands.keys, self._window)
        dialog.changed.connect(self._workspace.set_keys)
        open_dialog(dialog, self._window)

    @Slot()
    def show_about(self) -> None:
        """Say what the program is."""
        from spin_gui.commands.about import AboutDialog

        about = AboutDialog(application_icon(), version(), self._window)
        open_dialog(about, self._window)
