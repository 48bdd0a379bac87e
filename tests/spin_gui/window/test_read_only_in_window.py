"""A project that cannot be written is looked at, with every edit greyed and the reason named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from spin_gui.commands.records import RECORDS
from spin_gui.commands.records.writing import READ_ONLY, WRITING_ACTIONS
from spin_gui.window.main_window import MainWindow


@pytest.fixture
def read_only(window: MainWindow, project: Path, monkeypatch) -> MainWindow:
    """The window on a project of which the system says that it cannot be written, as root, too."""
    window.close_project()
    writable = os.access

    def access(path: object, mode: int, **more: bool) -> bool:
        return writable(path, mode, **more) and not (
            mode == os.W_OK and Path(str(path)).is_relative_to(project)
        )

    monkeypatch.setattr("core.dictionary.storage.read_only.os.access", access)
    monkeypatch.setattr("core.dictionary.storage.read_only.os.supports_effective_ids", {access})
    window.open_project(project)
    return window


def test_it_says_so_and_greys_every_edit(read_only):
    assert "(read-only)" in read_only.windowTitle()
    for action_id in WRITING_ACTIONS:
        assert not read_only.commands[action_id].isEnabled(), action_id
        assert read_only.commands.reasons[action_id] == READ_ONLY
    for action_id in ("file.export", "file.check", "go.next", "view.gallery", "file.close_project"):
        assert read_only.commands[action_id].isEnabled(), action_id


def test_a_verdict_key_changes_nothing(qtbot, read_only, project):
    before = sorted(str(path) for path in project.rglob("*"))
    first = read_only.page.session.current_id
    qtbot.keyClick(read_only.focusWidget() or read_only, Qt.Key.Key_A)
    assert read_only.page.session.records.current_fit(first).verdict == "none"
    provider = read_only.page.tools.thumbnails
    qtbot.waitUntil(lambda: provider.idle, timeout=20_000)
    read_only.close_project()
    assert sorted(str(path) for path in project.rglob("*")) == before


def test_every_writing_action_exists():
    assert set(RECORDS) >= WRITING_ACTIONS
