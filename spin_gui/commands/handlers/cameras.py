"""What the actions about cameras do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.widgets.question import open_dialog

if TYPE_CHECKING:
    from spin_gui.correcting.camera_dialog import CameraChoice


class CameraHandlers(MenuHandlers):
    """The cameras of the chosen people's pictures."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {"correct.camera": self.ask, "correct.find_camera": self.find}

    @Slot()
    def find(self) -> None:
        """Have the fits tell the focal length: of the chosen people, or of all in the list."""
        page = self._page
        if page is None or page.session.current_id is None:
            return
        chosen = list(map(int, page.session.selected_ids))
        listed = list(map(int, page.session.sample_ids))
        page.correcting.cameras.find(chosen if len(chosen) > 1 else listed)

    @Slot()
    def ask(self) -> None:
        """Ask which camera took the pictures of the chosen people, or of the one shown."""
        from spin_gui.correcting.camera_dialog import CameraDialog

        page = self._page
        current = None if page is None else page.session.current_id
        if page is None or current is None:
            return
        session = page.session
        chosen = list(map(int, session.selected_ids)) or [current]
        dialog = CameraDialog(session.dictionary.cameras.of_samples(chosen), self._window)

        def give(choice: CameraChoice) -> None:
            if self._page is page:
                page.correcting.cameras.give(chosen, choice.camera_of, choice.text)

        dialog.chosen.connect(give)
        open_dialog(dialog, self._window)
