"""The window on a small project, driven by keys and clicks."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QWidget,
)

from core.dictionary.search.query import SortKey
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.fits import Verdict
from spin_gui.commands.cheat_sheet import CheatSheet
from spin_gui.commands.command_palette import CommandPalette
from spin_gui.samples.histogram_strip import FOLDED_HEIGHT, LOW_STRIP_HEIGHT, STRIP_HEIGHT
from spin_gui.screenshots.screenshot import screenshot
from spin_gui.viewer.view_board import WORTH_USING
from spin_gui.widgets.page import PAGE_ACTIONS, Page
from spin_gui.widgets.theme import Theme
from spin_gui.window.main_window import SMALLEST_SIZE, MainWindow
from spin_gui.window.settings import WindowSettings

Key = Qt.Key
Modifier = Qt.KeyboardModifier


def _press(qtbot, window, key, modifier=Modifier.NoModifier):
    qtbot.keyClick(window.focusWidget() or window, key, modifier)


def _verdict(project: Path, sample_id: int) -> Verdict:
    """What is on the disk, seen by another connection."""
    with Dictionary.open(project) as dictionary:
        fit = dictionary.fits.current_of(sample_id)
    assert fit is not None
    return fit.verdict


@pytest.mark.parametrize(
    ("key", "verdict"),
    [(Key.Key_A, Verdict.ACCEPTED), (Key.Key_X, Verdict.REJECTED), (Key.Key_U, Verdict.UNSURE)],
)
def test_a_verdict_key_saves_and_goes_on_and_undo_takes_it_back(
    qtbot, window, project, key, verdict
):
    session = window.page.session
    first = session.current_id
    _press(qtbot, window, key)
    assert _verdict(project, first) is verdict
    assert session.current_row == 1
    assert "saved" in window.status.saved.text()
    _press(qtbot, window, Key.Key_Z, Modifier.ControlModifier)
    assert _verdict(project, first) is Verdict.NONE
    assert session.current_id == first
    _press(qtbot, window, Key.Key_Z, Modifier.ControlModifier | Modifier.ShiftModifier)
    assert _verdict(project, first) is verdict


def test_c_clears_a_verdict_and_what_remains_is_counted(qtbot, window, project):
    before = window.page.session.counts().left_to_review
    first = window.page.session.current_id
    _press(qtbot, window, Key.Key_A)
    assert window.status.left.text() == f"{before - 1} left to review"
    _press(qtbot, window, Key.Key_K)
    _press(qtbot, window, Key.Key_C)
    assert _verdict(project, first) is Verdict.NONE
    assert window.status.left.text() == f"{before} left to review"


def test_undo_and_redo_are_enabled_only_when_there_is_something(qtbot, window):
    commands = window.commands
    assert not commands["edit.undo"].isEnabled()
    _press(qtbot, window, Key.Key_A)
    assert commands["edit.undo"].isEnabled()
    assert "person_0001" in commands["edit.undo"].text()
    assert not commands["edit.redo"].isEnabled()
    _press(qtbot, window, Key.Key_Z, Modifier.ControlModifier)
    assert commands["edit.redo"].isEnabled()
    assert not commands["edit.undo"].isEnabled()


def test_a_verdict_needs_a_fit(qtbot, window):
    window.page.session.go_last()
    assert window.page.session.records.current_fit(window.page.session.current_id) is None
    with qtbot.waitSignal(window.page.session.noticed) as noticed:
        window.commands["review.accept"].trigger()
    assert "no fit" in noticed.args[0]
    assert window.page.session.undo_stack.count() == 0
    window.page.session.go_first()
    assert window.commands["review.accept"].isEnabled()


@pytest.mark.parametrize(
    ("forward", "back"),
    [(Key.Key_Right, Key.Key_Left), (Key.Key_Down, Key.Key_Up), (Key.Key_J, Key.Key_K)],
)
def test_keys_walk_through_the_list(qtbot, window, forward, back):
    _press(qtbot, window, forward)
    _press(qtbot, window, forward)
    assert window.page.session.current_row == 2
    _press(qtbot, window, back)
    assert window.page.session.current_row == 1


def test_space_home_and_end(qtbot, window):
    session = window.page.session
    _press(qtbot, window, Key.Key_Space)
    assert session.current_row == 1
    _press(qtbot, window, Key.Key_Space, Modifier.ShiftModifier)
    assert session.current_row == 0
    _press(qtbot, window, Key.Key_End)
    assert session.current_row == len(session.sample_ids) - 1
    _press(qtbot, window, Key.Key_Home)
    assert session.current_row == 0


def test_letters_typed_in_the_search_box_are_no_commands(qtbot, window, project):
    session = window.page.session
    first = session.current_id
    _press(qtbot, window, Key.Key_F, Modifier.ControlModifier)
    search = window.page.samples.search
    assert window.focusWidget() is search
    qtbot.keyClicks(search, "axucjkhpwr?/ A")
    assert search.text() == "axucjkhpwr?/ A"
    assert _verdict(project, first) is Verdict.NONE
    assert not _dialogs(window)
    search.clear()
    qtbot.keyClick(search, Key.Key_Escape)
    _press(qtbot, window, Key.Key_A)
    assert _verdict(project, first) is Verdict.ACCEPTED


def test_letters_work_wherever_else_the_focus_is(qtbot, window, project):
    session = window.page.session
    views = window.page.views
    places = [window.page.samples.filter, window.page.samples.direction, views.controls.opacity]
    places += [views.controls.keypoints, window.page.samples.view]
    for place in places:
        row = session.current_row
        current = session.current_id
        place.setFocus()
        assert window.focusWidget() is place
        _press(qtbot, window, Key.Key_A)
        assert _verdict(project, current) is Verdict.ACCEPTED
        assert session.current_row == row + 1


def test_controls_keep_the_keys_they_need(qtbot, window):
    row = window.page.session.current_row
    box = window.page.views.controls.keypoints
    shown = box.isChecked()
    box.setFocus()
    _press(qtbot, window, Key.Key_Space)
    assert box.isChecked() is not shown
    opacity = window.page.views.controls.opacity
    opacity.setFocus()
    value = opacity.value()
    _press(qtbot, window, Key.Key_Left)
    assert opacity.value() < value
    window.page.samples.sort.setFocus()
    _press(qtbot, window, Key.Key_Down)
    assert window.page.samples.sort.currentIndex() == 1
    assert window.page.session.current_row == row


def test_who_needs_a_look_comes_first_when_the_list_is_sorted_by_suspicion(qtbot, window):
    sort = window.page.samples.sort
    sort.setFocus()
    while sort.currentText() != "By suspicion":
        _press(qtbot, window, Key.Key_Down)
    assert window.page.session.query.descending
    qtbot.mouseClick(window.page.samples.direction, Qt.MouseButton.LeftButton)
    assert not window.page.session.query.descending
    qtbot.mouseClick(window.page.samples.direction, Qt.MouseButton.LeftButton)
    while sort.currentText() != "By name":
        _press(qtbot, window, Key.Key_Up)
    assert not window.page.session.query.descending


def test_holding_h_hides_the_overlay_until_it_is_let_go(qtbot, window, monkeypatch):
    calls = []
    monkeypatch.setattr(window.page.views, "set_overlay_hidden", calls.append)
    target = window.page.samples.view

    def send(kind, *, repeat=False):
        QApplication.sendEvent(
            target, QKeyEvent(kind, Key.Key_H, Modifier.NoModifier, "h", autorep=repeat)
        )

    send(QEvent.Type.KeyPress)
    for _ in range(3):
        send(QEvent.Type.KeyRelease, repeat=True)
        send(QEvent.Type.KeyPress, repeat=True)
    assert calls == [True]
    send(QEvent.Type.KeyRelease)
    assert calls == [True, False]
    send(QEvent.Type.KeyPress)
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowDeactivate))
    assert calls == [True, False, True, False]


def test_the_switches_of_menu_and_views_say_the_same(qtbot, window):
    views, commands = window.page.views, window.commands
    assert commands["view.keypoints"].isChecked() is views.keypoints_shown
    _press(qtbot, window, Key.Key_P)
    assert commands["view.keypoints"].isChecked() is views.keypoints_shown is False
    qtbot.mouseClick(views.controls.keypoints, Qt.MouseButton.LeftButton)
    assert commands["view.keypoints"].isChecked() is views.keypoints_shown is True
    _press(qtbot, window, Key.Key_W)
    assert commands["view.whole_picture"].isChecked() is views.whole_picture is True


@pytest.mark.parametrize(
    ("key", "modifier", "kind"),
    [
        (Key.Key_F1, Modifier.NoModifier, CheatSheet),
        (Key.Key_P, Modifier.ControlModifier | Modifier.ShiftModifier, CommandPalette),
    ],
)
def test_help_opens_by_key(qtbot, window, key, modifier, kind):
    _press(qtbot, window, key, modifier)
    (dialog,) = _dialogs(window)
    assert isinstance(dialog, kind)
    dialog.reject()


def test_a_command_of_the_palette_is_run(qtbot, window):
    window.commands["help.palette"].trigger()
    (palette,) = _dialogs(window)
    qtbot.keyClicks(palette.line, "last sample")
    qtbot.keyClick(palette.line, Key.Key_Return)
    assert window.page.session.current_row == len(window.page.session.sample_ids) - 1


def test_every_control_has_a_name_for_screen_readers(qtbot, window):
    kinds = (
        QAbstractButton,
        QAbstractItemView,
        QAbstractSlider,
        QComboBox,
        QLineEdit,
        QPlainTextEdit,
        QProgressBar,
    )
    window.job_panel.begin("Testing")
    for action_id in (
        "file.import",
        "file.new_project",
        "fitting.fit",
        "help.keys",
        "help.words",
        "help.about",
    ):
        window.commands[action_id].trigger()
    controls = [widget for widget in window.findChildren(QWidget) if isinstance(widget, kinds)]
    assert len(controls) > 30
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in controls
        if not widget.accessibleName() and not _is_inside_qt(widget)
    ]
    assert nameless == []
    for dialog in _dialogs(window):
        dialog.reject()


def _is_inside_qt(widget: QWidget) -> bool:
    """Parts that Qt makes for itself: scroll bars, clear buttons, pop-up lists, headers."""
    if isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_"):
        return True
    parents = (QLineEdit, QComboBox, QAbstractItemView)
    in_popup = widget.window().windowType() == Qt.WindowType.Popup
    return in_popup or isinstance(widget.parent(), parents)


def test_layout_theme_and_switches_are_remembered(qtbot, quick_drawing, project):
    settings = WindowSettings()
    settings.theme = Theme.DARK
    first = _open(qtbot, project)
    first.resize(SMALLEST_SIZE.width(), 700)  # the offscreen screen is 800 px high and wide
    assert first.page.views.isVisible()
    first.page.samples_page.splitter.setSizes([330, 300, 330])
    sizes = first.page.samples_page.splitter.sizes()
    first.commands["view.keypoints"].trigger()
    first.commands["view.details"].trigger()
    first.close()
    second = _open(qtbot, project)
    assert second.size() == first.size()
    assert second.page.samples_page.splitter.sizes()[0] == sizes[0]
    assert second.commands["view.theme_dark"].isChecked()
    assert not second.page.views.keypoints_shown
    assert not second.page.parts.details.isVisible()
    second.commands["view.reset_layout"].trigger()
    assert second.page.parts.details.isVisible()
    second.commands["view.theme_light"].trigger()
    assert WindowSettings().theme is Theme.LIGHT


def test_style_opacity_and_wipe_are_remembered_and_rubbish_is_not_believed(
    qtbot, quick_drawing, project
):
    first = _open(qtbot, project)
    first.commands["view.style"].trigger()
    first.commands["view.wipe"].trigger()
    first.page.views.controls.opacity.setValue(40)
    first.close()
    second = _open(qtbot, project)
    controls = second.page.views.controls
    assert controls.style_box.currentText() == "Plain mesh"
    assert controls.opacity.value() == 40
    assert second.commands["view.wipe"].isChecked()
    second.close()
    settings = WindowSettings()
    settings.set_choice("view.style", "marble")
    settings.set_choice("view.opacity", "half")
    settings.save()
    controls = _open(qtbot, project).page.views.controls
    assert controls.style_box.currentText() == "Mesh"
    assert controls.opacity.value() == 100


def test_a_folder_that_is_no_project_is_explained_and_the_window_stays(qtbot, tmp_path):
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    assert not window.open_project(tmp_path)
    assert window.errors.dialog is not None
    assert str(tmp_path) in window.errors.dialog.reports[0].message
    assert window.page is None
    assert window.welcome.isVisible()
    window.errors.dialog.accept()


def test_a_dropped_project_opens_and_is_then_a_recent_one(qtbot, quick_drawing, project):
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(project))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Modifier.NoModifier,
    )
    window.dropEvent(event)
    assert window.page is not None
    assert window.windowTitle().startswith(project.name)
    window.commands["file.close_project"].trigger()
    assert window.page is None
    assert window.settings.recent_projects == [project.resolve()]
    assert window.welcome.recent.count() == 1


def test_without_a_sample_the_centre_says_so_and_comes_back(qtbot, window):
    session = window.page.session
    qtbot.keyClicks(window.page.samples.search, "no such name")
    qtbot.waitUntil(lambda: session.current_id is None, timeout=5000)
    assert not window.page.views.isVisible()
    assert not window.commands["go.next"].isEnabled()
    window.page.samples.clear_filter()
    assert session.current_id is not None
    assert window.page.views.isVisible()


def test_the_window_has_the_keys_again_after_a_dialog(qtbot, window):
    _press(qtbot, window, Key.Key_F1)
    (sheet,) = _dialogs(window)
    qtbot.keyClick(sheet, Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=2000)
    _press(qtbot, window, Key.Key_J)
    assert window.page.session.current_row == 1


def test_what_another_process_judged_is_shown(qtbot, window, project):
    session = window.page.session
    with Dictionary.open(project) as other:
        other.verdicts.set({int(session.sample_ids[1]): Verdict.REJECTED}, "maria")
    left = session.counts().left_to_review
    session.notice_external_changes()
    assert window.status.left.text() == f"{left - 1} left to review"
    assert session.current_row == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_screenshot_shows_the_whole_window(qtbot, qapp, project, tmp_path, theme):
    import cv2

    palette, font = qapp.palette(), qapp.font()
    out = tmp_path / "pictures" / "window.png"
    screenshot(project, out, size=(1100, 700), sample_id=2, theme=theme)
    qapp.setPalette(palette)
    qapp.setFont(font)
    picture = cv2.imread(str(out))
    assert picture.shape == (700, 1100, 3)
    assert bool(picture[3, 3].mean() > 128) is (theme == "light")
    assert WindowSettings().recent_projects == []


@pytest.mark.parametrize(
    ("name", "size", "sample_id"),
    [("window.txt", (1100, 700), 2), ("a.png", (0, 700), 2), ("a.png", (1100, 700), 9999)],
)
def test_a_screenshot_that_cannot_be_is_refused_at_once(
    qapp, project, tmp_path, name, size, sample_id
):
    with pytest.raises(StudioError):
        screenshot(project, tmp_path / name, size=size, sample_id=sample_id)
    assert not (tmp_path / name).exists()


def _dialogs(window: QWidget) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def _open(qtbot, project: Path) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.open_project(project)
    return window


def test_a_window_made_narrow_gives_the_views_what_the_sides_can_spare(qtbot, window):
    # Kept at their wide widths, list and details left the views cells of 116 px at 1100 x 700.
    page = window.page
    page.views.set_one_large(False)
    window.resize(1600, 1000)
    page.reset_layout()
    wide = page.samples.width(), page.parts.details.width()
    window.resize(1100, 700)
    assert page.samples.width() < wide[0]
    assert page.views.board.cell_side >= 125
    board = page.views.board
    assert 0 <= board.height() - 1 - board.summary.geometry().bottom() < WORTH_USING
    window.resize(1600, 1000)
    assert (page.samples.width(), page.parts.details.width()) == wide


def test_a_narrow_window_leaves_the_widths_of_a_wide_one_alone(qtbot, quick_drawing, project):
    def widths_after(width: int, *, wanted: int | None = None) -> int:
        opened = _open(qtbot, project)
        opened.resize(width, 700)
        if wanted is not None:
            opened.page.samples_page.splitter.setSizes([wanted, width - wanted - 320, 320])
        found = opened.page.samples.width()
        opened.close()
        return found

    assert widths_after(1500, wanted=340) == 340
    assert widths_after(1100) < 340
    assert widths_after(1500) == 340


@pytest.mark.parametrize("page_action", sorted(PAGE_ACTIONS))
def test_escape_leads_from_every_page_back_to_the_samples(qtbot, window, page_action):
    window.commands[page_action].trigger()
    assert window.page.shown_page is PAGE_ACTIONS[page_action]
    _press(qtbot, window, Key.Key_Escape)
    assert window.page.shown_page is Page.SAMPLES
    assert not window.commands[page_action].isChecked()


def test_escape_leaves_the_whole_screen_before_the_page(qtbot, window):
    window.commands["view.only_view"].trigger()
    window.commands["view.gallery"].trigger()
    _press(qtbot, window, Key.Key_Escape)
    assert not window.commands["view.only_view"].isChecked()
    assert window.page.shown_page is Page.GALLERY


def test_in_a_low_window_histograms_leave_their_fields_to_the_views(qtbot, window):
    strip = window.page.parts.histograms
    window.commands["view.histograms"].trigger()
    assert strip.isVisible()
    window.resize(1280, 980)
    qtbot.waitUntil(strip.cells[SortKey.LOSS].low.isVisible)
    qtbot.waitUntil(lambda: strip.height() == STRIP_HEIGHT)
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: strip.height() == FOLDED_HEIGHT)
    qtbot.mouseClick(strip.fold, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: strip.height() == LOW_STRIP_HEIGHT)
    assert not strip.cells[SortKey.LOSS].low.isVisible()
    assert strip.cells[SortKey.LOSS].plot.height() >= 40


@pytest.mark.parametrize(("size", "least_px"), [((1600, 1000), 600), ((1366, 768), 560)])
def test_the_large_view_is_large(qtbot, window, size, least_px):
    window.resize(*size)
    qtbot.waitUntil(lambda: window.page.views.board.cell_side >= least_px)


@pytest.mark.parametrize(("size", "least_px"), [((1600, 1000), 600), ((1366, 768), 560)])
def test_the_large_view_is_large_beside_histograms_and_body_tools(qtbot, window, size, least_px):
    window.resize(*size)
    window.commands["view.histograms"].trigger()
    window.commands["correct.body_tools"].trigger()
    page = window.page
    qtbot.waitUntil(lambda: page.parts.histograms.isVisible() and page.correcting.tools.isVisible())
    qtbot.waitUntil(lambda: page.views.board.cell_side >= least_px)
