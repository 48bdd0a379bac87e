"""What the actions do that take people and imports back."""

from __future__ import annotations

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.widgets.question import open_dialog


class TakingBackHandlers(MenuHandlers):
    """Removing people and pictures, undoing imports, and putting back."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "edit.remove_people": self.remove_people,
            "edit.remove_pictures": self.remove_pictures,
            "edit.removed": self.show_removed,
            "file.imports": self.show_imports,
        }

    @Slot()
    def remove_people(self) -> None:
        """Remove those who are selected, or the one shown."""
        from spin_gui.safety.taking_back import remove_people

        if self._page is not None:
            remove_people(self._page.session)

    @Slot()
    def remove_pictures(self) -> None:
        """Remove their pictures with everybody in them."""
        from spin_gui.safety.taking_back import remove_pictures

        if self._page is not None:
            remove_pictures(self._page.session)

    @Slot()
    def show_removed(self) -> None:
        """List what can be put back."""
        from spin_gui.safety.removed_dialog import RemovedDialog
        from spin_gui.safety.taking_back import put_back

        page = self._page
        if page is not None:
            dialog = RemovedDialog(page.session.dictionary, self._window)
            dialog.chosen.connect(lambda removal_id: put_back(page.session, removal_id))
            open_dialog(dialog, self._window)

    @Slot()
    def show_imports(self) -> None:
        """List the imports, and undo one."""
        from spin_gui.safety.imports_dialog import ImportsDialog
        from spin_gui.safety.taking_back import put_back, undo_import

        page = self._page
        if page is None:
            return
        dialog = ImportsDialog(page.session.dictionary, self._window)
        dialog.chosen.connect(lambda import_id: undo_import(page.session, import_id))
        dialog.put_back.connect(lambda removal_id: put_back(page.session, removal_id))
        open_dialog(dialog, self._window)
