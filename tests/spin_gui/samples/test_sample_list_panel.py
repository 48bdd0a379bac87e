"""The list on the left, driven by keys and clicks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QPixmap
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QTableView

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.types.fits import Origin, Verdict
from core.types.samples import SampleRow
from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.samples import sample_delegate
from spin_gui.samples.list_panel import SampleListPanel, counts_text
from spin_gui.samples.sample_delegate import RowLayout, badge_rects, help_at
from spin_gui.session.review_counts import ReviewCounts
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_selected
from tests.spin_gui.small_project import make_project, new_fit, new_sample


def shown(panel, qtbot):
    panel.resize(320, 600)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def panel(session, qtbot):
    return shown(SampleListPanel(session), qtbot)


def button_of(page) -> QAbstractButton:
    return page.findChild(QAbstractButton)


def chosen_row(panel: SampleListPanel) -> int:
    rows = panel.view.selectionModel().selectedIndexes()
    return rows[0].row() if rows else -1


def _spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


def choose(box: QComboBox, title: str, qtbot) -> None:
    """As a user does it: with the keys, from the first entry down."""
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findText(title)):
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == title


def test_a_click_on_a_row_makes_its_sample_current(session, panel, qtbot):
    place = panel.view.visualRect(panel.model.index(2)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.current_id == 3


def test_arrow_keys_in_the_list_move_the_session(session, panel, qtbot):
    panel.focus_list()
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert session.current_id == 3
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    assert session.current_id == 4
    qtbot.keyClick(panel.view, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert session.current_id == 3


def test_the_highlight_follows_the_session_and_is_in_view(session, panel):
    session.go_last()
    assert chosen_row(panel) == 5
    assert panel.view.viewport().rect().contains(panel.view.visualRect(panel.model.index(5)))


def test_a_sample_that_left_the_list_highlights_no_other_row(session, panel):
    session.set_query(SampleQuery(verdicts=frozenset({Verdict.NONE})))
    session.select(3)
    with Dictionary.open(session.project) as other:
        other.verdicts.set({3: Verdict.ACCEPTED}, "someone")
    session.notice_external_changes()
    assert session.current_id == 3
    assert chosen_row(panel) == -1


def test_typing_searches_after_a_pause_and_only_once(session, panel, qtbot):
    panel.focus_search()
    with qtbot.waitSignal(session.ids_changed, timeout=2000):
        qtbot.keyClicks(panel.search, "0004")
        assert session.query.text == ""
    assert session.query.text == "0004"
    assert session.current_id == 4
    assert _spaced(panel.count_label.text()) == "1 of 6 · 6 left to review"


def test_enter_searches_at_once_and_goes_to_the_first_match(session, panel, qtbot):
    panel.focus_search()
    session.go_last()
    qtbot.keyClicks(panel.search, "person")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert session.current_id == 1
    assert panel.view.hasFocus()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Down])
def test_escape_returns_from_the_search_to_the_list(panel, qtbot, key):
    panel.focus_search()
    assert panel.search.hasFocus()
    qtbot.keyClick(panel.search, key)
    assert panel.view.hasFocus()


def test_the_filter_lists_only_its_verdict(session, panel, qtbot):
    judge_selected(session, Verdict.REJECTED)
    choose(panel.filter, "Rejected", qtbot)
    assert session.sample_ids.tolist() == [1]
    choose(panel.filter, "Not reviewed", qtbot)
    assert session.sample_ids.tolist() == [2, 3, 4, 5, 6]
    choose(panel.filter, "All samples", qtbot)
    assert len(session.sample_ids) == 6


def test_samples_without_a_fit_can_be_listed(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=3, losses=[1.0]))
    panel = shown(SampleListPanel(session), qtbot)
    choose(panel.filter, "Without fit", qtbot)
    assert session.sample_ids.tolist() == [2, 3]
    session.close()


def test_sorting_by_loss_and_turning_the_order_around(session, panel, qtbot):
    choose(panel.sort, "By error", qtbot)
    assert session.query.sort is SortKey.LOSS
    qtbot.mouseClick(panel.direction, Qt.MouseButton.LeftButton)
    assert session.sample_ids.tolist() == [6, 5, 4, 3, 2, 1]
    assert session.current_id == 1
    assert chosen_row(panel) == 5
    assert "Largest first" in panel.direction.toolTip()


@pytest.mark.parametrize("name", ["filter", "sort"])
def test_a_click_on_filter_or_sort_leaves_the_arrow_keys_to_the_samples(panel, qtbot, name):
    panel.focus_list()
    box = getattr(panel, name)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: box.view().isVisible())
    qtbot.keyClick(box.view(), Qt.Key.Key_Return)
    assert panel.window().focusWidget() is panel.view


def test_what_is_left_to_review_counts_down_and_up_again(session, panel):
    assert _spaced(panel.count_label.text()) == "6 samples · 6 left to review"
    judge_selected(session, Verdict.ACCEPTED)
    assert _spaced(panel.count_label.text()) == "6 samples · 5 left to review"
    session.undo_stack.undo()
    assert _spaced(panel.count_label.text()) == "6 samples · 6 left to review"


def test_when_all_is_judged_it_says_so(session, panel):
    for _ in range(6):
        judge_selected(session, Verdict.ACCEPTED)
    assert _spaced(panel.count_label.text()) == "6 samples · nothing left to review"


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (ReviewCounts(0, 0, 0, 0), "No samples"),
        (ReviewCounts(1, 1, 1, 0), "1 sample · 1 left to review"),
        (ReviewCounts(60, 60, 0, 60), "60 samples · 60 without fit"),
        (ReviewCounts(12, 60, 48, 3), "12 of 60 · 48 left to review · 3 without fit"),
        (ReviewCounts(300_000, 300_000, 0, 0), "300\u202f000 samples · nothing left to review"),
    ],
)
def test_the_count_says_what_is_to_be_done(counts, text):
    assert _spaced(counts_text(counts)) == text


def test_the_count_breaks_only_between_its_parts():
    text = counts_text(ReviewCounts(44, 44, 42, 2))
    assert text.split(" ") == [
        "44\u00a0samples\u00a0·",
        "42\u00a0left\u00a0to\u00a0review\u00a0·",
        "2\u00a0without\u00a0fit",
    ]


def test_a_sample_without_fit_bears_no_mark(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=1, losses=[]))
    panel = shown(SampleListPanel(session), qtbot)
    mark = RowLayout(panel.view.visualRect(panel.model.index(0))).mark
    layout = RowLayout(QRect(0, 0, 300, 76))
    assert help_at(mark.center(), layout, session.records.row(1), QFont()) is None
    image = panel.view.viewport().grab(mark).toImage()
    colors = {image.pixel(x, y) for x in range(mark.width()) for y in range(mark.height())}
    assert len(colors) == 1
    session.close()


def test_a_filter_that_hides_all_says_so_and_can_be_cleared(session, panel, qtbot):
    choose(panel.sort, "By error", qtbot)
    choose(panel.filter, "Unsure", qtbot)
    assert panel.pages.currentWidget() is panel.no_match
    assert panel.no_match.text == "All 6 samples are hidden by the filter “verdict:unsure”."
    qtbot.mouseClick(button_of(panel.no_match), Qt.MouseButton.LeftButton)
    assert panel.pages.currentWidget() is panel.view
    assert panel.filter.currentText() == "All samples"
    assert session.query == SampleQuery(sort=SortKey.LOSS)


def test_a_reviewers_finished_pile_is_called_finished(session, panel):
    session.dictionary.shares.assign(dict.fromkeys(range(1, 7), "maria"))
    session.set_query(SampleQuery(waiting_for=frozenset({"ben"})))
    assert panel.pages.currentWidget() is panel.no_match
    assert panel.no_match.text == "Nothing waits for ben any more (the filter “waiting:ben”)."


def test_a_view_of_several_verdicts_leaves_no_empty_box(session, panel):
    session.set_query(SampleQuery(verdicts=frozenset({Verdict.NONE, Verdict.UNSURE})))
    assert panel.filter.currentIndex() == -1
    told = panel.filter.grab().toImage()
    panel.filter.setPlaceholderText("")
    assert told != panel.filter.grab().toImage()


def test_an_empty_project_asks_for_pictures_or_annotations(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=0))
    panel = shown(SampleListPanel(session), qtbot)
    assert panel.pages.currentWidget() is panel.no_samples
    panel.focus_list()
    assert panel.window().focusWidget() is button_of(panel.no_samples)
    find, annotations, draw = panel.no_samples.findChildren(QAbstractButton)
    with qtbot.waitSignal(panel.find_people_requested):
        qtbot.mouseClick(find, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.import_requested):
        qtbot.mouseClick(annotations, Qt.MouseButton.LeftButton)
    assert not draw.isVisible()  # No picture was looked at.
    with Dictionary.open(session.project) as other:
        other.samples.add([new_sample(tmp_path, 1)])
    session.notice_external_changes()
    assert panel.pages.currentWidget() is panel.view
    # Not the search box: it would take the verdict keys as text.
    assert panel.window().focusWidget() is panel.view
    assert chosen_row(panel) == session.current_row == 0
    session.close()


def test_the_list_paints_thumbnails_as_they_come(session, qtbot):
    thumbnails = ThumbnailProvider(session.dictionary)
    panel = shown(SampleListPanel(session, thumbnails), qtbot)
    place = RowLayout(panel.view.visualRect(panel.model.index(0))).thumbnail.center()
    qtbot.waitUntil(lambda: thumbnails.pixmap(session.records.row(1)) is not None)
    qtbot.wait(30)
    color = panel.view.viewport().grab().toImage().pixelColor(place)
    assert (color.red(), color.green()) == pytest.approx((200, 120), abs=12)
    thumbnails.close()


def test_a_list_painted_while_the_project_closes_reads_nothing(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=200, pictures=False))
    panel = shown(SampleListPanel(session), qtbot)
    panel.focus_search()
    qtbot.keyClicks(panel.search, "0150")
    session.close()
    assert panel.model.rowCount() == 0
    panel.grab()
    qtbot.wait(250)


def test_marks_and_badges_explain_themselves(tmp_path, qtbot):
    project = make_project(tmp_path, people=1, losses=[])
    with Dictionary.open(project) as dictionary:
        dictionary.fits.offer([new_fit(1, 400.0, beta=4.2)])
    session = ProjectSession(project)
    panel = shown(SampleListPanel(session), qtbot)
    row, font = session.records.row(1), panel.view.font()
    places = RowLayout(panel.view.visualRect(panel.model.index(0)))
    badges = badge_rects(row, places, font)
    assert [flag for flag, _rect in badges] == ["betas", "reprojection"]
    texts = [help_at(rect.center(), places, row, font) for _flag, rect in badges]
    assert texts[0] == "Extreme shape: largest |β| is 4.2; few people lie beyond ±3"
    assert texts[1].startswith("Far from the keypoints")
    assert help_at(places.mark.center(), places, row, font) == "Verdict: not reviewed"
    assert help_at(places.thumbnail.center(), places, row, font) is None
    session.close()


def test_the_origin_gives_way_to_the_loss_where_a_row_is_narrow(session, panel):
    row, metrics = session.records.row(1), panel.view.fontMetrics()
    assert sample_delegate.facts_of(row, metrics, 400) == "3.16 px · mean pose"
    assert sample_delegate.facts_of(row, metrics, 70) == "3.16 px"


def test_verdicts_differ_in_shape_not_only_in_colour(qapp):
    from spin_gui.widgets.verdict_marks import verdict_icon

    shapes = set()
    for verdict in Verdict:
        image = verdict_icon(verdict).pixmap(20).toImage()
        light = [
            image.pixelColor(x, y).lightness() > 200 and image.pixelColor(x, y).alpha() > 128
            for x in range(20)
            for y in range(20)
        ]
        shapes.add(tuple(light))
    assert len(shapes) == 4


def test_every_control_has_an_accessible_name(panel):
    for kind in (QLineEdit, QComboBox, QAbstractButton, QTableView):
        for control in panel.findChildren(kind):
            internal = control.objectName().startswith("qt_") or isinstance(
                control.parent(), (QLineEdit, QComboBox, QTableView)
            )
            of_combo = control.window() is not panel.window()
            assert internal or of_combo or control.accessibleName(), control


class BigSearch:
    """A hundred thousand samples that are made up when asked for."""

    count_of_samples = 100_000

    def __init__(self) -> None:
        self.rows_read = 0

    def ids(self, query: SampleQuery) -> np.ndarray:
        ids = np.arange(1, self.count_of_samples + 1, dtype=np.int64)
        return ids[::-1].copy() if query.descending else ids

    def count(self, _query: SampleQuery) -> int:
        return self.count_of_samples

    def rows_there(self, ids) -> list[SampleRow]:
        self.rows_read += len(ids)
        return [
            SampleRow(
                id=sample_id, name=f"{sample_id}.jpg", picture_path=Path(f"/{sample_id}.jpg"),
                dataset="big", verdict=Verdict.NONE, origin=Origin.MEAN, loss=1.0,
                max_abs_beta=1.0, depth_m=40.0, flags=(), visible_keypoints=20,
                current_fit_id=sample_id,
            )
            for sample_id in ids
        ]  # fmt: skip


def test_a_hundred_thousand_rows_cost_only_those_on_screen(session, qtbot, monkeypatch):
    big = BigSearch()
    monkeypatch.setattr(session.dictionary, "search", big)
    session.refresh()
    panel = SampleListPanel(session)
    asked = counted = 0
    answer, count = panel.model.data, panel.model.rowCount

    def counting(index, role=int(Qt.ItemDataRole.DisplayRole)):
        nonlocal asked
        asked += 1
        return answer(index, role)

    def counting_rows(*parent):
        nonlocal counted
        counted += 1
        return count(*parent)

    monkeypatch.setattr(panel.model, "data", counting)
    monkeypatch.setattr(panel.model, "rowCount", counting_rows)
    shown(panel, qtbot)
    session.go_last()
    panel.grab()
    session.set_query(SampleQuery(descending=True))
    panel.grab()
    qtbot.keyClicks(panel.view, "zz")  # Qt's own type-ahead would read every name
    panel.view.scrollTo(panel.model.index(50_000))
    panel.grab()
    assert 20 < asked < 2000
    assert counted < 20_000, "the view asks about every row"
    assert big.rows_read < 1000


def test_the_delegate_paints_a_selected_row_readably_in_light_and_dark(panel, qtbot, qapp):
    from spin_gui.widgets.theme import Theme, palette_of

    for theme in (Theme.LIGHT, Theme.DARK):
        palette = palette_of(theme)
        text = palette.highlightedText().color().lightnessF()
        back = palette.highlight().color().lightnessF()
        assert abs(text - back) > 0.35
        panel.setPalette(palette)
        image = panel.view.viewport().grab().toImage()
        row = panel.view.visualRect(panel.model.index(0))
        inside = image.pixelColor(QPoint(row.right() - 3, row.bottom() - 8))
        assert inside.name() == palette.highlight().color().name()


def test_a_thumbnail_that_is_missing_leaves_a_plain_square(panel):
    canvas = QPixmap(64, 64)
    canvas.fill(Qt.GlobalColor.white)
    from PySide6.QtGui import QPainter

    painter = QPainter(canvas)
    sample_delegate._paint_thumbnail(painter, canvas.rect(), None)
    painter.end()
    assert canvas.toImage().pixelColor(32, 32).name() != "#ffffff"
