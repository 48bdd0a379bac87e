"""Help, preferences and recent projects, by real clicks and keys."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel, QWidget

from core.dictionary.store import Dictionary
from core.types.flags import FlagName, flag_words
from spin_gui.commands.preferences_dialog import SWITCHES, PreferencesDialog
from spin_gui.commands.recent_dialog import RecentDialog
from spin_gui.help import doctor_dialog
from spin_gui.help.doctor_dialog import ALL_WELL, LACKING, DoctorDialog
from spin_gui.help.guide_browser import GuideBrowser
from spin_gui.help.guide_dialog import GuideDialog
from spin_gui.help.guide_pages import DOCS, guide_pages, slug, text_of
from spin_gui.help.legend_dialog import LegendDialog, SymbolPicture

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def dialog_of(window, kind):
    (dialog,) = [found for found in window.findChildren(kind) if found.isVisible()]
    return dialog


def test_the_guide_has_the_pages_of_the_site_that_need_no_build():
    pages = guide_pages()
    names = [page.name for page in pages]
    assert names[0] == "guide.md"
    assert {"review.md", "correcting.md", "training.md", "formats.md", "keys.md"} <= set(names)
    assert len(set(names)) == len(names)
    for page in pages:
        assert text_of(page.path).startswith("# ")


def test_the_guide_opens_next_to_the_window_and_only_once(qtbot, window, press):
    press(Key.Key_F1, SHIFT)
    guide = dialog_of(window, GuideDialog)
    assert not guide.isModal()
    qtbot.waitUntil(guide.isActiveWindow)
    assert "reviewed set" in guide.browser.toPlainText()
    titles = [guide.list.item(row).text() for row in range(guide.list.count())]
    for _ in range(titles.index("Review many fits")):
        qtbot.keyClick(guide.list, Key.Key_Down)
    assert "two queues" in guide.browser.toPlainText().lower()
    assert guide.back_button.isEnabled()
    while guide.back_button.isEnabled():
        qtbot.mouseClick(guide.back_button, LEFT)
    assert guide.list.currentRow() == 0
    window.commands["help.guide"].trigger()
    assert dialog_of(window, GuideDialog) is guide
    guide.close()


@pytest.fixture
def browser(qtbot):
    browser = GuideBrowser()
    qtbot.addWidget(browser)
    browser.resize(600, 400)
    browser.show()
    return browser


def test_links_of_the_guide_lead_to_pages_and_headings(browser):
    browser.show_page(DOCS / "guide.md")
    browser.anchorClicked.emit(QUrl("review.md#two-queues"))
    assert "Looking at one person" in browser.toPlainText()
    assert browser.textCursor().block().text() == "Two queues"
    assert browser.verticalScrollBar().value() > 0
    browser.go_back()
    assert "photographs" in browser.toPlainText()


def test_other_links_are_opened_by_the_system_and_none_leaves_the_documentation(
    browser, monkeypatch
):
    opened = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", opened.append)
    browser.show_page(DOCS / "guide.md")
    browser.anchorClicked.emit(QUrl("https://example.org/paper"))
    assert opened == [QUrl("https://example.org/paper")]
    browser.anchorClicked.emit(QUrl("../no_such_page.md"))
    assert len(opened) == 1


def test_pictures_of_the_guide_are_shown_no_wider_than_the_text(browser):
    browser.show_page(DOCS / "guide.md")
    kind = QTextDocument.ResourceType.ImageResource.value
    image = browser.loadResource(kind, QUrl("images/window.png"))
    assert 0 < image.width() <= browser.viewport().width()


def test_anchors_are_those_of_the_site():
    assert slug("Read a directory, and “more”: 2 ways") == "read-a-directory-and-more-2-ways"


def test_the_legend_draws_every_symbol_of_flags(qtbot, window):
    window.commands["help.legend"].trigger()
    dialog = dialog_of(window, LegendDialog)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    for name in FlagName:
        assert any(flag_words(name).title in text for text in texts)
    pictures = dialog.findChildren(SymbolPicture)
    assert len(pictures) > len(FlagName)
    for picture in pictures:
        image = picture.grab().toImage()
        colors = {
            image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(image.height())
        }
        assert len(colors) > 1
    dialog.reject()


@pytest.fixture
def scripted_doctor(tmp_path, monkeypatch):
    """A program that reports what a test wants, in the place of the slow checks."""

    def script(text: str) -> None:
        program = tmp_path / "main.py"
        program.write_text(text, encoding="utf-8")
        monkeypatch.setattr(doctor_dialog, "MAIN", program)

    return script


@pytest.mark.parametrize(("status", "title"), [(0, ALL_WELL), (1, LACKING)])
def test_the_check_of_the_machine_shows_its_report(qtbot, window, scripted_doctor, status, title):
    scripted_doctor(f"import sys; print('ok   Python', sys.argv[1:]); sys.exit({status})")
    window.commands["help.doctor"].trigger()
    dialog = dialog_of(window, DoctorDialog)
    qtbot.waitUntil(lambda: dialog.title.text() == title, timeout=20_000)
    assert "ok   Python ['doctor']" in dialog.report.toPlainText()
    assert not dialog.bar.isVisible()
    dialog.reject()


def test_closing_the_check_ends_it(qtbot, window, scripted_doctor):
    scripted_doctor("import time; print('ok', flush=True); time.sleep(600)")
    window.commands["help.doctor"].trigger()
    dialog = dialog_of(window, DoctorDialog)
    qtbot.waitUntil(lambda: "ok" in dialog.report.toPlainText(), timeout=20_000)
    process = dialog._process
    dialog.reject()
    assert process.state() == process.ProcessState.NotRunning


def test_a_check_that_cannot_be_run_says_so(qtbot, window, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    window.commands["help.doctor"].trigger()
    dialog = dialog_of(window, DoctorDialog)
    qtbot.waitUntil(lambda: "could not be run" in dialog.title.text())
    dialog.reject()


def test_preferences_are_the_switches_of_the_menus(qtbot, window, press):
    press(Key.Key_Comma, CTRL)
    dialog = dialog_of(window, PreferencesDialog)
    for action_id in SWITCHES:
        assert dialog.boxes[action_id].isChecked() is window.commands[action_id].isChecked()
    box = dialog.boxes["view.details"]
    qtbot.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    assert not window.commands["view.details"].isChecked()
    assert not window.page.parts.details.isVisible()
    window.commands["view.details"].trigger()
    assert box.isChecked()
    dialog.boxes["view.theme_dark"].click()
    assert window.settings.theme == "dark"
    dialog.boxes["view.theme_system"].click()
    dialog.reject()


def test_recent_projects_open_from_the_menu_and_from_the_palette(qtbot, window, tmp_path):
    other = tmp_path / "other" / "second"
    Dictionary.create(other).close()
    window.open_project(other)
    first = window.settings.recent_projects[1]
    menu = window.commands["file.open_recent"].menu()
    menu.aboutToShow.emit()
    entries = menu.actions()
    assert [entry.text().split()[-1] for entry in entries] == ["second", first.name]
    entries[1].trigger()
    assert window.page.session.project == first
    window.commands["file.open_recent"].trigger()
    dialog = dialog_of(window, RecentDialog)
    assert dialog.list.item(0).text().startswith(first.name)
    qtbot.keyClick(dialog.list, Key.Key_Down)
    qtbot.keyClick(dialog.list, Key.Key_Return)
    assert Path(window.page.session.project).name == "second"


def test_every_dialog_of_help_has_names_for_screen_readers(qtbot, window, scripted_doctor):
    scripted_doctor("print('ok')")
    for action_id in ("help.guide", "help.legend", "help.doctor", "edit.preferences"):
        window.commands[action_id].trigger()
    for dialog in window.findChildren(GuideDialog):
        assert dialog.browser.accessibleName()
    nameless = [
        type(widget).__name__
        for dialog in window.findChildren(QWidget)
        if isinstance(dialog, (GuideDialog, LegendDialog, DoctorDialog, PreferencesDialog))
        for widget in dialog.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget, QLabel)
    ]
    assert nameless == []
    for kind in (GuideDialog, LegendDialog, DoctorDialog, PreferencesDialog):
        dialog_of(window, kind).close()
