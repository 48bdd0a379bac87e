"""Asks which backup to go back to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.dictionary.recovery.backups import Backup
from spin_gui.jobs.job import RestoreChoice
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, headline, ok_cancel
from spin_gui.widgets.question import QuestionDialog

EXPLANATION = (
    "The backup is looked through before anything is touched. What is there now is moved to the "
    "project's folder “backups”, where it can be restored in turn."
)


class RestoreDialog(QuestionDialog):
    """The backups of a project, the newest first, and whether to do later edits again."""

    def __init__(
        self, project: Path, backups: Sequence[Backup], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Restore a backup")
        self._project = project
        self.list = QListWidget()
        self.list.setAccessibleName("Backups")
        for backup in backups:
            item = QListWidgetItem(_title(backup))
            item.setData(_PATH, str(backup.path))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(self.accept)
        self.with_log = QCheckBox("Do again what people did since, by the log of edits")
        self.with_log.setAccessibleName(self.with_log.text())
        self.with_log.setChecked(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(headline(f"Restore a backup of {project.name}"))
        layout.addWidget(body_label(EXPLANATION))
        layout.addWidget(self.list, 1)
        layout.addWidget(self.with_log)
        buttons, _ok = ok_cancel("Restore")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.resize(560, 380)

    def choice(self) -> RestoreChoice | None:
        """The backup and whether the log follows it."""
        item = self.list.currentItem()
        if item is None:
            return None
        return RestoreChoice(
            project=self._project,
            backup=Path(str(item.data(_PATH))),
            with_log=self.with_log.isChecked(),
        )


_PATH = 0x0100  # Qt.ItemDataRole.UserRole


def _title(backup: Backup) -> str:
    made = backup.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
    why = "" if backup.made_at_closing else "  ·  before a change of schema"
    return f"{made}  ·  {backup.size_bytes / 2**20:.1f} MB{why}"
