"""Exporting from the window: whole or listed samples, in every format, never by surprise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.dictionary.search.query import SampleQuery
from core.workflows.export_formats import EXPORT_FORMATS
from spin_gui.jobs.export import ExportDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def ask(window, qtbot):
    """Opens the dialog again."""

    def opened() -> ExportDialog:
        window.commands["file.export"].trigger()
        dialog = window.findChildren(ExportDialog)[-1]
        qtbot.waitUntil(dialog.isVisible)
        return dialog

    return opened


def export(qtbot, window, dialog, out: Path) -> None:
    dialog.out.set_path(out)
    qtbot.mouseClick(dialog.export_button, LEFT)
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy and out.exists(), timeout=20000)


@pytest.mark.parametrize("name", [name for name in EXPORT_FORMATS if name != "as-imported"])
def test_every_format_is_written_where_the_dialog_says(window, ask, qtbot, tmp_path, name):
    dialog = ask()
    dialog.format.setCurrentIndex(list(EXPORT_FORMATS).index(name))
    proposed = dialog.out.path
    assert proposed.parent == window.page.session.project.resolve().parent
    assert proposed.suffix == ("" if EXPORT_FORMATS[name].folder else EXPORT_FORMATS[name].suffix)
    export(qtbot, window, dialog, tmp_path / f"out{proposed.suffix}")
    qtbot.waitUntil(lambda: "Exporting" in window.job_panel.text.text())


def test_only_what_the_list_shows_is_written_when_asked_for(window, ask, qtbot, tmp_path):
    dialog = ask()
    assert not dialog.only_listed.isVisible()
    dialog.reject()
    listed = window.page.session.sample_ids[:1].tolist()
    name = window.page.session.records.row(listed[0]).name
    window.page.session.set_query(SampleQuery(text=name))
    qtbot.waitUntil(lambda: window.page.session.sample_ids.tolist() == listed)
    dialog = ask()
    dialog.only_listed.setFocus()
    qtbot.keyClick(dialog.only_listed, Qt.Key.Key_Space)
    assert dialog.only_listed.isChecked()
    export(qtbot, window, dialog, tmp_path / "one.npz")
    with np.load(tmp_path / "one.npz") as written:
        assert written["sample_id"].tolist() == listed


def test_replacing_a_file_is_announced_and_then_done(window, ask, qtbot, tmp_path):
    out = tmp_path / "people.json"
    out.write_text("old", encoding="utf-8")
    dialog = ask()
    dialog.format.setCurrentIndex(list(EXPORT_FORMATS).index("coco-keypoints"))
    dialog.out.set_path(out)
    assert "will be replaced" in dialog._state.text()
    qtbot.mouseClick(dialog.export_button, LEFT)
    qtbot.waitUntil(lambda: out.read_text(encoding="utf-8") != "old", timeout=20000)
    people = json.loads(out.read_text(encoding="utf-8"))["annotations"]
    assert len(people) == 7


@pytest.mark.parametrize(
    ("out", "problem"),
    [("x.txt", "must end in .npz"), ("", "Choose a file"), ("gone/x.npz", "no folder")],
)
def test_what_cannot_be_written_is_said_and_not_tried(window, ask, tmp_path, out, problem):
    dialog = ask()
    dialog.out.line.setText(str(tmp_path / out) if out else "")
    assert problem in dialog._state.text()
    assert not dialog.export_button.isEnabled()
    assert dialog.choice() is None
    dialog.reject()
