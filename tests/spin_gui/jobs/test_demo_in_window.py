"""The demo from the welcome page: copied, opened, flags and all."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from core.workflows.choices import SHIPPED_PEOPLE
from spin_gui.jobs.adapters import demo_job
from spin_gui.jobs.new_project import NewProjectDialog


def test_a_demo_from_the_welcome_page_is_opened_with_its_flags(qtbot, window, tmp_path):
    window.close_project()
    (button,) = [
        widget
        for widget in window.welcome.findChildren(QPushButton)
        if "demo" in widget.text().lower()
    ]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = [widget for widget in window.findChildren(NewProjectDialog) if widget.isVisible()]
    dialog.folder.set_path(tmp_path)
    dialog.name.setText("demo")
    qtbot.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.page is not None, timeout=20_000)
    session = window.page.session
    assert session.project == tmp_path / "demo"
    assert len(session.sample_ids) == SHIPPED_PEOPLE
    assert session.dictionary.assessments.due(limit=1) == []
    assert f"{SHIPPED_PEOPLE} people" in window.job_panel.text.text()


def test_making_a_demo_does_not_wait_for_pytorch(tmp_path):
    assert not demo_job(tmp_path / "demo").needs_torch
