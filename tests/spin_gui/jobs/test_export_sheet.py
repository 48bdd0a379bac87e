"""The export dialog, and a real sheet made from the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox

from spin_gui.jobs.export_sheet import ExportSheetDialog
from spin_gui.jobs.sheet_jobs import FailuresChoice, SheetRequest

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def project(flagged_project):
    return flagged_project


@pytest.fixture
def window_size():
    return 1400, 900


@pytest.fixture
def dialog(qtbot, tmp_path):
    dialog = ExportSheetDialog(FailuresChoice(), tmp_path, available=7)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_rows_format_and_file_make_the_request(dialog, tmp_path):
    assert dialog.rows.value() == dialog.rows.maximum() == 7
    dialog.rows.setValue(3)
    dialog.format.setCurrentIndex(dialog.format.findData(".html"))
    assert dialog.choice() == SheetRequest(
        choice=FailuresChoice(), rows=3, out=tmp_path / "failures.html"
    )
    dialog.line.setText(str(tmp_path / "mine.png"))
    assert dialog.format.currentData() == ".png"


@pytest.mark.parametrize("name", ["sheet.txt", "sheet", "nowhere/sheet.pdf"])
def test_a_name_that_cannot_be_written_is_refused_with_a_reason(dialog, tmp_path, name):
    dialog.line.setText(str(tmp_path / name))
    assert dialog.choice() is None
    assert dialog.state.text().strip()
    ok = dialog.findChild(QDialogButtonBox).buttons()
    assert not next(item for item in ok if item.text() == "Export").isEnabled()


def test_an_existing_file_is_named_before_it_is_replaced(dialog, tmp_path):
    (tmp_path / "there.pdf").write_bytes(b"x")
    dialog.line.setText(str(tmp_path / "there.pdf"))
    assert "will be replaced" in dialog.state.text()


def test_the_gallery_is_exported_by_keys(qtbot, window, press, tmp_path):
    press(Key.Key_8, CTRL)
    press(Key.Key_E, CTRL | SHIFT)
    dialog = window.findChild(ExportSheetDialog)
    dialog.rows.setValue(2)
    dialog.line.setText(str(tmp_path / "out.html"))
    qtbot.keyClick(dialog.line, Key.Key_Return)
    qtbot.waitUntil((tmp_path / "out.html").is_file, timeout=60000)
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=20000)
    html = (tmp_path / "out.html").read_text()
    assert html.index("person_0003.png") < html.index("person_0005.png")
    assert "person_0001.png" not in html
