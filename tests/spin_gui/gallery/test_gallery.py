"""The failure gallery by keys and clicks: the worst first, judged one by one or many at once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from core.types.flags import FlagName
from core.types.predictions import NewPrediction
from spin_gui.jobs.sheet_jobs import FailuresChoice
from spin_gui.session.reviewer_edits import sign_as
from spin_gui.widgets.page import Page

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def project(flagged_project):
    return flagged_project


@pytest.fixture
def window_size():
    return 1400, 900


@pytest.fixture
def gallery(qtbot, window, press):
    press(Key.Key_8, CTRL)
    panel = window.page.shown_panel
    assert window.page.shown_page is Page.GALLERY
    qtbot.waitUntil(lambda: len(panel.view.rows_in_sight()) > 0)
    return panel


def ids(gallery):
    return gallery.model.ids.tolist()


def selected(gallery):
    return [int(gallery.model.ids[row]) for row in gallery.selected_rows()]


def verdicts(window):
    with Dictionary.open(window.page.session.project) as dictionary:
        return {key: fit.verdict for key, fit in dictionary.fits.current(range(1, 7)).items()}


def click(qtbot, gallery, row, modifier=Qt.KeyboardModifier.NoModifier):
    place = gallery.view.visualRect(gallery.model.index(row, 0)).topLeft() + QPoint(30, 30)
    qtbot.mouseClick(gallery.view.viewport(), Qt.MouseButton.LeftButton, modifier, place)


def test_all_failures_are_there_the_most_suspicious_first(gallery):
    assert ids(gallery) == [3, 5, 1]
    assert selected(gallery) == [3]
    assert gallery.kinds.chips[None].text() == "All  3"
    assert gallery.kinds.chips[FlagName.ORIENTATION].text() == "Wrong orientation  2"
    assert FlagName.BETAS not in gallery.kinds.chips


def test_a_chip_lists_its_kind_alone(qtbot, gallery):
    qtbot.mouseClick(gallery.kinds.chips[FlagName.ORIENTATION], Qt.MouseButton.LeftButton)
    assert ids(gallery) == [3, 1]
    assert gallery.view.hasFocus()
    said = gallery.model.data(gallery.model.index(1, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert "Wrong orientation: turned by 70°" in said
    qtbot.mouseClick(gallery.kinds.chips[None], Qt.MouseButton.LeftButton)
    assert ids(gallery) == [3, 5, 1]


def test_keys_walk_the_rows_and_a_verdict_leads_to_the_next(window, gallery, press):
    for key, row in ((Key.Key_Down, 1), (Key.Key_J, 2), (Key.Key_K, 1), (Key.Key_Up, 0),
                     (Key.Key_End, 2), (Key.Key_Home, 0), (Key.Key_Space, 1)):  # fmt: skip
        press(key)
        assert gallery.selected_rows() == [row], key
    press(Key.Key_X)
    assert verdicts(window)[5] is Verdict.REJECTED
    assert gallery.selected_rows() == [2]
    press(Key.Key_A)
    assert verdicts(window)[1] is Verdict.ACCEPTED


def test_many_are_judged_at_once_and_taken_back_as_one(qtbot, window, gallery, press):
    click(qtbot, gallery, 0)
    press(Key.Key_Down, SHIFT)
    assert selected(gallery) == [3, 5]
    click(qtbot, gallery, 2, CTRL)
    assert selected(gallery) == [3, 5, 1]
    assert gallery.selection.label.text() == "3 of 3 selected"
    press(Key.Key_X)
    assert [verdicts(window)[number] for number in (1, 3, 5)] == [Verdict.REJECTED] * 3
    assert selected(gallery) == [3, 5, 1]
    press(Key.Key_Z, CTRL)
    assert set(verdicts(window).values()) == {Verdict.NONE}
    press(Key.Key_Y, CTRL)
    assert [verdicts(window)[number] for number in (1, 3, 5)] == [Verdict.REJECTED] * 3


def test_a_first_verdict_is_hidden_from_who_is_asked_for_a_second_opinion(qtbot, window, gallery):
    session, sample_id = window.page.session, ids(gallery)[0]
    session.dictionary.verdicts.set({sample_id: Verdict.ACCEPTED}, "maria")
    sign_as(session, "maria")
    session.take_in_changes()

    def shown():
        row = gallery.model.gallery_row(gallery.model.row_of(sample_id))
        return row.row.verdict, row.fit.verdict

    qtbot.waitUntil(lambda: shown() == (Verdict.ACCEPTED, Verdict.ACCEPTED))
    session.dictionary.shares.ask_second_opinions([sample_id], 1.0)
    sign_as(session, "jan")
    qtbot.waitUntil(lambda: shown() == (Verdict.NONE, Verdict.NONE))


def test_who_is_asked_finds_the_person_among_those_not_reviewed_like_any_other(
    qtbot, window, gallery
):
    session, sample_id = window.page.session, ids(gallery)[0]
    session.dictionary.verdicts.set({sample_id: Verdict.REJECTED}, "maria")
    session.dictionary.shares.ask_second_opinions([sample_id], 1.0)
    sign_as(session, "maria")
    session.take_in_changes()
    qtbot.mouseClick(gallery.not_reviewed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ids(gallery) == [5, 1])
    assert session.counts().left_to_review == 5

    def rejected_on_tabs():
        known = window.page.facts.known
        return None if known is None else known.by_verdict.get(Verdict.REJECTED, 0)

    window.page.facts.read_now()
    qtbot.waitUntil(lambda: rejected_on_tabs() == 1)
    sign_as(session, "jan")
    qtbot.waitUntil(lambda: ids(gallery) == [3, 5, 1])
    chip = gallery.kinds.chips[FlagName.ORIENTATION]
    assert chip.text() == "Wrong orientation  2", "no right or wrong of a verdict that is hidden"
    assert session.counts().left_to_review == 6
    window.page.facts.read_now()
    qtbot.waitUntil(lambda: rejected_on_tabs() == 0)
    click(qtbot, gallery, 0)
    qtbot.mouseClick(gallery.selection.verdict_buttons[Verdict.REJECTED], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ids(gallery) == [5, 1])
    assert chip.text() == "Wrong orientation  1 · 1/1 right"


def test_judged_rows_can_be_left_out(qtbot, window, gallery):
    qtbot.mouseClick(gallery.selection.verdict_buttons[Verdict.REJECTED], Qt.MouseButton.LeftButton)
    gallery.not_reviewed.setChecked(True)
    assert ids(gallery) == [5, 1]
    assert gallery.kinds.chips[FlagName.ORIENTATION].text() == "Wrong orientation  1 · 1/1 right"
    qtbot.mouseClick(gallery.selection.verdict_buttons[Verdict.UNSURE], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(ids(gallery)) == 1, timeout=3000)
    assert len(gallery.selected_rows()) == 1


def test_return_opens_the_sample_among_its_views(window, gallery, press):
    press(Key.Key_Down)
    press(Key.Key_Return)
    assert window.page.shown_page is Page.SAMPLES
    assert window.page.session.current_id == 5
    assert not window.commands["view.gallery"].isChecked()


@pytest.mark.parametrize("ratio", [1.25, 1.5, 1.75])
def test_rows_are_painted_where_a_screens_scale_is_no_whole_number(
    qtbot, gallery, monkeypatch, ratio
):
    monkeypatch.setattr(gallery.view, "devicePixelRatioF", lambda: ratio)
    place = gallery.view.visualRect(gallery.model.index(1, 0))

    def colours() -> int:
        image = gallery.view.viewport().grab(place).toImage()
        return len({image.pixel(x, 30) for x in range(image.width())})

    for height in range(place.height(), place.height() + 4):
        gallery.view.verticalHeader().setDefaultSectionSize(height)
        place.setHeight(height)
        qtbot.waitUntil(lambda: colours() > 2, timeout=3000)


def test_images_of_the_rows_in_sight_come_and_a_hidden_gallery_wants_none(
    qtbot, window, gallery, press
):
    def complete():
        shown = [gallery.model.gallery_row(row) for row in gallery.view.rows_in_sight()]
        plans = [plan for item in shown for plan in gallery.view.plans(item)]
        return all(plan is not None and gallery.view.loader.is_done(plan) for plan in plans)

    qtbot.waitUntil(complete, timeout=240000)
    press(Key.Key_8, CTRL)
    assert window.page.shown_page is Page.SAMPLES
    press(Key.Key_8, CTRL)
    qtbot.waitUntil(complete, timeout=240000)
    press(Key.Key_8, CTRL)
    assert not complete(), "images were kept"
    asked = []
    gallery.view.loader.show = asked.append
    window.page.session.take_in_changes()
    qtbot.wait(600)
    assert asked == []


def test_new_flags_are_taken_in_and_the_selection_stays_with_its_sample(qtbot, window, gallery):
    gallery.view.go_to_row(2)
    with Dictionary.open(window.page.session.project) as dictionary:
        dictionary.verdicts.set({6: Verdict.UNSURE})
        connection = dictionary._connection
        with connection.writing():
            connection.execute(
                "INSERT INTO flags (name, sample_id, score, reason) VALUES ('depth', 6, 2.0, 'far')"
            )
            connection.execute("UPDATE samples SET suspicion = 1 WHERE id = 6")
    window.page.session.take_in_changes()
    qtbot.waitUntil(lambda: ids(gallery) == [6, 3, 5, 1], timeout=3000)
    assert selected(gallery) == [1]


def test_what_is_shown_is_exported_selected_or_all(qtbot, window, gallery, press, tmp_path):
    choices = []
    gallery.export_asked.connect(choices.append)
    gallery.export_asked.disconnect(window._handlers.sheets.ask)
    press(Key.Key_E, CTRL | SHIFT)
    assert choices[-1] == FailuresChoice(where=gallery.model.query, sample_ids=(3, 5, 1))
    gallery.choose_kind(FlagName.DEPTH)
    press(Key.Key_E, CTRL | SHIFT)
    assert choices[-1] == FailuresChoice(kind=FlagName.DEPTH, where=gallery.model.query)
    gallery.choose_kind(None)
    press(Key.Key_A, CTRL)
    press(Key.Key_E, CTRL | SHIFT)
    assert choices[-1].sample_ids == (3, 5, 1)


def test_the_columns_of_predictions_are_there_while_anyone_has_one(qtbot, window, gallery):
    def groups():
        return {column.group for column in gallery.view.places.columns}

    everything, with_predictions = groups(), gallery.view.places.side
    assert everything == {"Picture", "Fit", "Prediction", "Lifted"}
    dictionary = window.page.session.dictionary
    sample_id, fit = next(iter(dictionary.fits.current(ids(gallery)).items()))
    with dictionary._connection.writing():
        dictionary._connection.execute("DELETE FROM predictions")
    gallery.refresh()
    assert groups() == everything - {"Prediction"}
    assert gallery.view.places.side > with_predictions
    assert "Prediction" not in gallery.header.accessibleDescription()
    new = NewPrediction(sample_id=sample_id, parameters=fit.parameters)
    dictionary.predictions.store([new])
    window.page.session.after_edit({sample_id}, "predicted")
    qtbot.waitUntil(lambda: groups() == everything, timeout=20_000)
    (shown,) = gallery.model.gallery_rows([gallery.model.row_of(sample_id)])
    assert len(gallery.view.plans(shown)) == 8


def test_an_empty_gallery_says_why(qtbot, window, gallery):
    gallery.choose_kind(FlagName.BETAS)
    assert gallery.pages.currentWidget() is gallery.nothing
    assert "suspects no fit" in gallery.nothing.text


def test_every_control_has_a_name(gallery):
    for widget in gallery.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible():
            assert widget.accessibleName() or widget is gallery.view.viewport(), widget
