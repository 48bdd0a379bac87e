"""A chip for each kind of failure: how many samples it flags, and the choice of one."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from core.types.flags import FlagName, flag_words
from spin_gui.widgets.flow_layout import FlowLayout


class KindChips(QWidget):
    """One chip is checked; kinds that flag nothing are hidden."""

    kind_chosen = Signal(object)
    """A ``FlagName``, or None for all kinds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: dict[FlagName | None, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._row = FlowLayout(self)
        self._group.buttonClicked.connect(self._choose)

    def show_counts(
        self, counts: Mapping[FlagName, int], total: int, chosen: FlagName | None
    ) -> None:
        """Show how many samples each kind flags; the chosen one stays though it flags none."""
        self._set_chip(None, "All", total, checked=chosen is None)
        for name in FlagName:
            if name in counts or name == chosen:
                title = flag_words(name).title
                self._set_chip(name, title, counts.get(name, 0), checked=name == chosen)
            elif name in self.chips:
                self.chips[name].hide()

    def _set_chip(self, kind: FlagName | None, title: str, count: int, *, checked: bool) -> None:
        chip = self.chips.get(kind) or self._add_chip(kind)
        chip.setText(f"{title}  {count}")
        chip.setAccessibleName(f"{title}, {count} samples")
        chip.setChecked(checked)
        font = self.font()
        font.setBold(checked)
        chip.setFont(font)
        chip.show()

    def _add_chip(self, kind: FlagName | None) -> QToolButton:
        chip = self.chips[kind] = QToolButton()
        chip.setCheckable(True)
        chip.setObjectName(kind or "")
        meaning = "Every flagged sample" if kind is None else flag_words(kind).meaning
        chip.setToolTip(meaning[0].upper() + meaning[1:])
        self._group.addButton(chip)
        self._row.addWidget(chip)
        return chip

    @Slot(object)
    def _choose(self, chip: QToolButton) -> None:
        name = chip.objectName()
        self.kind_chosen.emit(FlagName(name) if name else None)
