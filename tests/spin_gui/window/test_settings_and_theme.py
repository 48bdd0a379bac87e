"""What is remembered, and how it looks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QPalette

from spin_gui.widgets.theme import MINIMUM_POINT_SIZE, Theme, apply_theme, palette_of, prepare_look
from spin_gui.window import settings as settings_module
from spin_gui.window.settings import RECENT_LIMIT, WindowSettings


def _project(folder):
    folder.mkdir()
    (folder / "dictionary.db").touch()
    return folder


def test_recent_projects_are_newest_first_without_those_that_are_gone(tmp_path):
    projects = [_project(tmp_path / f"p{number}") for number in range(RECENT_LIMIT + 2)]
    for project in projects:
        WindowSettings().remember_project(project)
    WindowSettings().remember_project(projects[5])
    recent = WindowSettings().recent_projects
    assert recent[0] == projects[5].resolve()
    assert len(recent) == RECENT_LIMIT
    (projects[5] / "dictionary.db").unlink()
    assert projects[5].resolve() not in WindowSettings().recent_projects


def test_a_layout_of_another_version_is_forgotten(monkeypatch):
    WindowSettings().set_layout("window", QByteArray(b"state"))
    assert WindowSettings().layout("window") == QByteArray(b"state")
    monkeypatch.setattr(settings_module, "LAYOUT_VERSION", 99)
    assert WindowSettings().layout("window") is None


def test_switches_and_theme_are_remembered_and_rubbish_is_not_believed():
    settings = WindowSettings()
    settings.set_flag("keypoints", on=True)
    settings.theme = Theme.DARK
    settings.save()
    assert WindowSettings().flag("keypoints", default=False) is True
    assert WindowSettings().theme is Theme.DARK
    settings._store.setValue("theme", "purple")
    assert WindowSettings().theme is Theme.SYSTEM


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_text_stands_out_from_its_ground(theme):
    palette = palette_of(theme)
    pairs = [
        (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window),
        (QPalette.ColorRole.Text, QPalette.ColorRole.Base),
        (QPalette.ColorRole.ButtonText, QPalette.ColorRole.Button),
        (QPalette.ColorRole.HighlightedText, QPalette.ColorRole.Highlight),
        (QPalette.ColorRole.ToolTipText, QPalette.ColorRole.ToolTipBase),
        (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.Window),
        (QPalette.ColorRole.Link, QPalette.ColorRole.Base),
    ]
    for text, ground in pairs:
        ratio = _contrast(palette.color(text), palette.color(ground))
        assert ratio >= 4.0, f"{theme}: {text.name} on {ground.name} has contrast {ratio:.1f}"


def test_the_theme_changes_the_palette_and_the_font_is_readable(qapp):
    former_palette, former_font = qapp.palette(), qapp.font()
    try:
        prepare_look(qapp)
        assert qapp.font().pointSize() >= MINIMUM_POINT_SIZE
        apply_theme(qapp, Theme.DARK)
        assert qapp.palette().window().color().lightness() < 80
        apply_theme(qapp, Theme.LIGHT)
        assert qapp.palette().window().color().lightness() > 180
    finally:
        apply_theme(qapp, Theme.SYSTEM)
        qapp.setPalette(former_palette)
        qapp.setFont(former_font)


def _contrast(first, second) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color) -> float:
    parts = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
