"""Exporting from the window: whom one stands at, in every format, never by surprise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from core.dictionary.search.query import SampleQuery
from core.types.fits import Verdict
from core.workflows.export_formats import EXPORT_FORMATS
from core.workflows.exports.export_request import DrawnView
from spin_gui.jobs.export import ExportDialog

LEFT = Qt.MouseButton.LeftButton
ENABLED = Qt.ItemFlag.ItemIsEnabled


@pytest.fixture
def ask(window, qtbot):
    """Opens the dialog again."""

    def opened(action: str = "file.export") -> ExportDialog:
        window.commands[action].trigger()
        dialog = window.findChildren(ExportDialog)[-1]
        qtbot.waitUntil(dialog.isVisible)
        return dialog

    return opened


def choose(dialog: ExportDialog, name: str) -> None:
    dialog.format.setCurrentIndex(list(EXPORT_FORMATS).index(name))


def export(qtbot, window, dialog, out: Path) -> None:
    dialog.out.set_path(out)
    qtbot.mouseClick(dialog.export_button, LEFT)
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy and out.exists(), timeout=20000)


@pytest.mark.parametrize("name", [name for name in EXPORT_FORMATS if name != "as-imported"])
def test_every_format_is_written_where_the_dialog_says(window, ask, qtbot, tmp_path, name):
    dialog = ask()
    choose(dialog, name)
    proposed, project = dialog.out.path, window.page.session.project.resolve()
    assert proposed.parent == project.parent
    assert proposed != project
    assert proposed.suffix == ("" if EXPORT_FORMATS[name].folder else EXPORT_FORMATS[name].suffix)
    export(qtbot, window, dialog, tmp_path / f"out{proposed.suffix}")
    qtbot.waitUntil(lambda: "Exporting" in window.job_panel.text.text())


def test_only_what_the_list_shows_is_written_when_asked_for(window, ask, qtbot, tmp_path):
    session = window.page.session
    dialog = ask()
    assert dialog.scope.count() == 2
    assert dialog.scope.currentText() == "Everybody in the project (7 samples)"
    dialog.reject()
    listed = session.sample_ids[:1].tolist()
    session.set_query(SampleQuery(text=session.records.row(listed[0]).name))
    qtbot.waitUntil(lambda: session.sample_ids.tolist() == listed)
    dialog = ask()
    assert [dialog.scope.itemText(row) for row in range(1, 3)] == [
        "What the list shows (1 sample)",
        "Everybody in the project (7 samples)",
    ]
    dialog.scope.setFocus()
    qtbot.keyClick(dialog.scope, Qt.Key.Key_Up)
    export(qtbot, window, dialog, tmp_path / "one.npz")
    with np.load(tmp_path / "one.npz") as written:
        assert written["sample_id"].tolist() == listed


def test_of_one_person_and_of_several_from_the_menu_under_the_pointer(window, ask, qtbot, tmp_path):
    session = window.page.session
    shown = session.current_id
    dialog = ask("file.export_people")
    assert dialog.scope.currentText().startswith("The person shown (")
    choose(dialog, "csv")
    export(qtbot, window, dialog, tmp_path / "one.csv")
    lines = (tmp_path / "one.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [str(shown)]
    chosen = session.sample_ids[1:4].tolist()
    session.set_selected(chosen)
    for action in ("file.export_people", "file.export"):
        dialog = ask(action)
        assert dialog.scope.currentText() == "3 samples selected"
        dialog.reject()
    dialog = ask()
    choose(dialog, "spin-dataset")
    export(qtbot, window, dialog, tmp_path / "some.npz")
    with np.load(tmp_path / "some.npz") as written:
        assert written["sample_id"].tolist() == sorted(chosen)


def test_counts_are_told_before_anything_is_written(window, ask):
    session = window.page.session
    fates = session.dictionary.search.fit_fates()
    dialog = ask()
    assert dialog.counts.text().startswith(f"{fates.good} bodies of 7 samples; zeros in the rows ")
    choose(dialog, "eft")
    assert dialog.counts.text().startswith(f"{fates.good} bodies of 7 samples; left out: ")
    choose(dialog, "parquet")
    assert dialog.counts.text() == "7 samples will be written."
    choose(dialog, "png")
    without = f"; left out: {fates.without_fit} without a fit" if fates.without_fit else ""
    assert dialog.counts.text() == f"{fates.fits} bodies of 7 samples{without}."
    choose(dialog, "corrections")
    assert not dialog.counts.isVisible()
    dialog.reject()
    (judged,) = session.sample_ids[:1].tolist()
    session.dictionary.verdicts.set({judged: Verdict.REJECTED}, "maria")
    dialog = ask()
    assert f"{fates.rejected + 1} rejected" in dialog.counts.text()
    dialog.reject()


def test_only_options_that_the_format_heeds_are_shown(window, ask, qtbot):
    dialog = ask()
    fields = dialog.options
    assert not fields.together.isVisible()
    choose(dialog, "glb")
    assert fields.together.isVisible()
    qtbot.keyClick(fields.skeleton, Qt.Key.Key_Space)
    qtbot.keyClick(fields.together, Qt.Key.Key_Space)
    choice = dialog.choice()
    assert choice is not None
    assert (choice.options.together, choice.options.skeleton) == (True, False)
    choose(dialog, "obj")
    assert not fields.skeleton.isVisible()
    choice = dialog.choice()
    assert choice is not None
    assert choice.options.skeleton, "what was set for another format does not matter"
    choose(dialog, "png")
    for box in fields.view_boxes.values():
        box.setChecked(False)
    assert dialog.choice() is None
    assert "Choose a view" in dialog._state.text()
    qtbot.keyClick(fields.view_boxes[DrawnView.SIDE], Qt.Key.Key_Space)
    fields.size.setValue(300)
    choice = dialog.choice()
    assert choice is not None
    assert (choice.options.views, choice.options.size_px) == ((DrawnView.SIDE,), 300)
    dialog.reject()


def test_replacing_a_file_is_announced_and_then_done(window, ask, qtbot, tmp_path):
    out = tmp_path / "people.json"
    out.write_text("old", encoding="utf-8")
    dialog = ask()
    choose(dialog, "coco-keypoints")
    dialog.out.set_path(out)
    assert "will be replaced" in dialog._state.text()
    qtbot.mouseClick(dialog.export_button, LEFT)
    qtbot.waitUntil(lambda: out.read_text(encoding="utf-8") != "old", timeout=20000)
    people = json.loads(out.read_text(encoding="utf-8"))["annotations"]
    assert len(people) == 7


@pytest.mark.parametrize(
    ("name", "out", "problem"),
    [
        ("spin-fits", "x.txt", "must end in .npz"),
        ("spin-fits", "", "Choose a file"),
        ("spin-fits", "gone/x.npz", "no folder"),
        ("obj", "", "Choose a folder"),
        ("obj", "gone/x", "no folder"),
    ],
)
def test_what_cannot_be_written_is_said_and_not_tried(window, ask, tmp_path, name, out, problem):
    dialog = ask()
    choose(dialog, name)
    dialog.out.line.setText(str(tmp_path / out) if out else "")
    assert problem in dialog._state.text()
    assert not dialog.export_button.isEnabled()
    assert dialog.choice() is None
    dialog.reject()


def test_a_folder_of_files_is_never_put_into_a_project(window, ask):
    dialog = ask()
    choose(dialog, "obj")
    dialog.out.set_path(window.page.session.project)
    assert "is a project" in dialog._state.text()
    assert dialog.choice() is None
    dialog.reject()


def test_the_button_of_a_format_that_makes_a_folder_asks_where_that_is_to_be(
    window, ask, qtbot, tmp_path, monkeypatch
):
    asked, chosen = [], tmp_path / "chosen"
    chosen.mkdir()

    def answer(_parent, _title, start, *_rest, **_options):
        asked.append(start)
        return str(chosen)

    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getExistingDirectory", answer)
    dialog = ask()
    choose(dialog, "smplx")
    proposed = dialog.out.path
    (chosen / "other.txt").write_text("", encoding="utf-8")
    button = dialog.out.findChild(QPushButton)
    qtbot.mouseClick(button, LEFT)
    assert asked == [str(proposed.parent)]
    assert dialog.out.path == chosen / proposed.name
    (chosen / "other.txt").unlink()
    qtbot.mouseClick(button, LEFT)
    assert dialog.out.path == chosen, "an empty folder is the one to write"
    dialog.reject()


def test_files_of_other_methods_cannot_be_chosen_where_there_are_none(window, ask, qtbot):
    dialog = ask()
    row = list(EXPORT_FORMATS).index("as-imported")
    assert "none here" in dialog.format.itemText(row)
    assert not dialog.format.model().flags(dialog.format.model().index(row, 0)) & ENABLED
    dialog.format.setCurrentIndex(row - 1)
    qtbot.keyClick(dialog.format, Qt.Key.Key_Down)
    assert dialog.format.currentIndex() == row + 1
    choose(dialog, "as-imported")
    assert "came from another method's file" in dialog._state.text()
    assert dialog.choice() is None
    dialog.reject()


def test_a_format_whose_package_is_missing_says_what_to_install(window, ask, monkeypatch):
    monkeypatch.setattr("spin_gui.jobs.export.find_spec", lambda _name: None)
    dialog = ask()
    choose(dialog, "parquet")
    assert "pip install pyarrow" in dialog._state.text()
    assert not dialog.export_button.isEnabled()
    dialog.reject()
