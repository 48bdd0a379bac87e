#!/usr/bin/env bash
# Believed:  QComboBox.currentData() gives back the Python object that addItem() was handed, as it does for a plain Enum, a
#            tuple of one's own or any other object: PySide6 keeps what is no Qt type as a Python object.
# Found:     with PySide6-Essentials 6.11.3 a member of a StrEnum comes back as a plain str: it is converted to Qt's own text on the
#            way in. Members of Enum and even of IntEnum come back as they were. The text still equals the member, so `==` and
#            look-ups in dictionaries work; `is`, isinstance() and attributes of the enum do not.
# Seen:      Enum: the member     IntEnum: the member     StrEnum: str 'mean'
# Remedy:    make the member again, Choice(box.currentData()), or compare with `==`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "PySide6-Essentials==6.11.3"
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - <<'P'
from enum import Enum, IntEnum, StrEnum

from PySide6.QtWidgets import QApplication, QComboBox

application = QApplication([])


class Plain(Enum):
    MEAN = "mean"


class Text(StrEnum):
    MEAN = "mean"


class Number(IntEnum):
    THREE = 3


def given_back(member: Enum) -> object:
    box = QComboBox()
    box.addItem("title", member)
    return box.currentData()


for member, kind in ((Plain.MEAN, Plain), (Text.MEAN, str), (Number.THREE, Number)):
    found = given_back(member)
    print(type(member).__mro__[1].__name__, "->", type(found).__name__, repr(found))
    assert type(found) is kind, (member, type(found))
    assert found == member
P
