"""A chip for each kind of failure: how many samples it flags, and the choice of one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from core.dictionary.assessment.verdict_agreement import VerdictShares, wrong_text
from core.types.flags import FlagName, flag_words
from spin_gui.widgets.flow_layout import FlowLayout

_NO_VERDICTS: Mapping[str, VerdictShares] = MappingProxyType({})


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
        self,
        counts: Mapping[FlagName, int],
        total: int,
        chosen: FlagName | None,
        *,
        judged: Mapping[str, VerdictShares] = _NO_VERDICTS,
    ) -> None:
        """Show how many samples each kind flags; the chosen one stays though it flags none.

        judged: verdicts on what each kind flagged, which tell how often it is right.
        """
        self._set_chip(None, "All", total, checked=chosen is None)
        for name in FlagName:
            if name in counts or name == chosen:
                title = flag_words(name).title
                self._set_chip(name, title, counts.get(name, 0), checked=name == chosen)
                self._say_precision(name, judged.get(name, VerdictShares()))
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

    def _say_precision(self, kind: FlagName, judged: VerdictShares) -> None:
        chip, meaning = self.chips[kind], _sentence(flag_words(kind).meaning)
        if not judged.decided:
            chip.setToolTip(meaning)
            return
        chip.setText(f"{chip.text()} · {judged.wrong}/{judged.decided} right")
        chip.setAccessibleName(f"{chip.accessibleName()}, {wrong_text(judged)}")
        chip.setToolTip(f"{meaning}\nOf those that were judged {wrong_text(judged)}")

    def _add_chip(self, kind: FlagName | None) -> QToolButton:
        chip = self.chips[kind] = QToolButton()
        chip.setCheckable(True)
        chip.setObjectName(kind or "")
        meaning = "Every flagged sample" if kind is None else flag_words(kind).meaning
        chip.setToolTip(_sentence(meaning))
        self._group.addButton(chip)
        self._row.addWidget(chip)
        return chip

    @Slot(object)
    def _choose(self, chip: QToolButton) -> None:
        name = chip.objectName()
        self.kind_chosen.emit(FlagName(name) if name else None)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
