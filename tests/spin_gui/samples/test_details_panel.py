"""The details on the right: what they say, and the way to another fit of the history."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel

from core.dictionary.assessment.assessments import Assessment, RaisedFlag
from core.dictionary.fits.body_rows import BODY_TABLES
from core.dictionary.store import Dictionary
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin, Verdict
from core.types.flags import FlagName
from core.types.foreign.imported_bodies import (
    BodyAsItCame,
    Conversion,
    NewBodyFile,
    NewImportedBody,
)
from core.types.keypoint_sources import KeypointSource, all_from
from spin_gui.correcting.sample_edits import CorrectionEdits
from spin_gui.samples.correction_wording import keypoints_text
from spin_gui.samples.details import (
    MIN_WIDTH,
    OUTDATED_PARTS_NOTE,
    PARTS_NOTE,
    DetailsPanel,
    supervision_text,
)
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_selected
from spin_gui.widgets.fact_rows import ElidedLabel
from tests.spin_gui.small_project import make_project, new_fit, new_sample


def shown(session: ProjectSession, qtbot, width: int = 340) -> DetailsPanel:
    panel = DetailsPanel(session)
    panel.resize(width, 1100)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def panel(session, qtbot):
    with Dictionary.open(session.project) as other:
        other.fits.offer([new_fit(1, 11.0, turn_rad=1.2, runner_up=True)])
    session.notice_external_changes()
    return shown(session, qtbot)


@pytest.fixture
def make_text(session):
    """What is said of the keypoints of the first sample, were they placed so."""
    sample = session.dictionary.samples.get(1)
    return lambda sources: keypoints_text(replace(sample, keypoint_sources=sources))


def history(panel: DetailsPanel) -> list[tuple[str | None, str, str]]:
    model = panel.history.model
    return [
        (model.index(row, 0).data(), model.index(row, 2).data(), model.index(row, 3).data())
        for row in range(model.rowCount())
    ]


def test_projected_keypoints_are_told_apart(session):
    sample = session.dictionary.samples.get(1)
    projected = sample.keypoints_px.copy()
    projected[:, :2] += 1
    projected[:, 2] = 0
    of_body = replace(
        sample, keypoints_px=projected, keypoint_sources=all_from(KeypointSource.PROJECTED)
    )
    assert keypoints_text(of_body) == "none; 49 projected"
    projected[0, 2] = 1
    assert keypoints_text(replace(of_body, keypoints_px=projected)) == "1; 48 projected"


def test_a_fit_that_nothing_measures_teaches_once_it_is_accepted(session):
    fit = session.dictionary.fits.current_of(1)
    unknown = replace(fit, losses=replace(fit.losses, comparison=float("inf")), pose_valid=False)
    assert supervision_text(unknown) == "nothing until accepted"
    accepted = replace(unknown, verdict=Verdict.ACCEPTED)
    assert supervision_text(accepted) == "pose and shape"


def test_sample_and_fit_are_described(panel):
    assert panel.name.text().startswith("person_0001.png")
    assert panel.sample_facts.value("Size") == "160 × 120 px, box 80 px"
    assert panel.sample_facts.value("Keypoints") == "20 of 49 annotated"
    assert panel.fit_facts.value("Origin") == "mean pose"
    assert panel.fit_facts.value("Error") == "3.16 px, close"
    assert panel.fit_facts.value("Camera") == "42.0 m, long lens"
    assert panel.fit_facts.value("Training uses") == "pose and shape"
    assert panel.verdict_title.text() == "Not reviewed"


def test_who_placed_the_keypoints_is_told(make_text):
    sources = np.zeros(49, np.uint8)
    assert make_text(sources) == "20 of 49 annotated"
    sources[:] = KeypointSource.DETECTED
    assert make_text(sources) == "20 of 49 detected"
    sources[30:32] = KeypointSource.MARKED
    assert make_text(sources) == "20 of 49: 18 detected, 2 marked"


def test_the_camera_distance_is_put_in_plain_words(panel):
    # 5000 px / 42 m = 119 px of the crop; the box of 80 px is 224 px of the crop: 42.5 px.
    text = panel.camera_note.text()
    assert text.startswith("1 m of the body covers 119 px of the 224 px crop, 42.5 px")


def test_losses_are_shown_part_by_part_with_their_share(panel):
    terms = {term.title: term for term in panel.losses.terms}
    assert terms["Reprojection"].value == 120.0
    assert terms["Pose prior"].share == pytest.approx(80 / 205.5)
    assert terms["Sum"].value == pytest.approx(205.5)
    assert "Angle prior 3.50" in panel.losses.accessibleDescription()


def test_parts_of_before_a_correction_are_greyed_and_called_so(session, panel, qtbot, display_body):
    edits = CorrectionEdits(session, display_body)
    moved = session.records.sample(1).keypoints_px.copy()
    moved[25:45, 0] += np.linspace(-20, 20, 20, dtype=np.float32)
    assert panel.losses.isEnabled()
    assert panel.parts_note.text() == PARTS_NOTE
    before = panel.fit_facts.value("Error")
    edits.set_keypoints(1, moved, "Move")
    qtbot.waitUntil(lambda: panel.fit_facts.value("Error") != before)
    assert not panel.losses.isEnabled()
    assert panel.parts_note.text() == OUTDATED_PARTS_NOTE
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: panel.fit_facts.value("Error") == before)
    assert panel.losses.isEnabled()
    assert panel.parts_note.text() == PARTS_NOTE


def test_a_fit_made_after_a_correction_has_parts_of_now(session, panel, qtbot, display_body):
    moved = session.records.sample(1).keypoints_px.copy()
    moved[25:45, 0] += 5
    CorrectionEdits(session, display_body).set_keypoints(1, moved, "Move")
    qtbot.waitUntil(lambda: not panel.losses.isEnabled())
    with Dictionary.open(session.project) as other:
        other.fits.offer([new_fit(1, 0.001, turn_rad=0.7, origin=Origin.REFIT)])
    session.notice_external_changes()
    qtbot.waitUntil(lambda: panel.fit_facts.value("Origin") == "refit")
    assert panel.losses.isEnabled()


def test_a_person_without_keypoints_is_told_how_to_place_them(tmp_path, qtbot):
    project = make_project(tmp_path, people=1)
    with Dictionary.open(project) as dictionary:
        bare = dictionary.samples.add([new_sample(tmp_path, 2, visible=0)]).added_ids[0]
    session = ProjectSession(project)
    session.select(bare)
    panel = shown(session, qtbot)
    assert "press E" in panel.no_fit.text()
    assert "4 of them outside neck and hips" in panel.no_fit.text()
    session.close()


def test_a_verdict_shows_with_who_gave_it(session, panel, qtbot):
    with Dictionary.open(session.project) as other:
        other.verdicts.set({1: Verdict.REJECTED}, "maria")

    def is_shown() -> bool:
        session.notice_external_changes()  # asked for a while: it rests after it has looked
        return panel.verdict_title.text() == "Rejected"

    qtbot.waitUntil(is_shown, timeout=20_000)
    assert panel.verdict_by.text().startswith("maria, ")
    assert panel.fit_facts.value("Training uses") == "nothing: it was rejected"
    assert "maria: not reviewed → rejected" in panel.events.text()


def test_the_details_follow_the_selection(session, panel, qtbot):
    session.select(4)
    qtbot.waitUntil(lambda: panel.name.text().startswith("person_0004.png"))
    assert panel.fit_facts.value("Error") == "6.32 px, fair"


def test_a_flag_found_in_the_background_appears_with_its_reason(session, panel, qtbot):
    reason = "the root is turned 143° from where the lifted pose puts it"
    with Dictionary.open(session.project) as other:
        basis = other.assessments.inputs([1])[1]
        flags = (RaisedFlag(FlagName.ORIENTATION, 0.9, reason),)
        other.assessments.store(
            [Assessment(basis=basis, suspicion=0.9, informativeness=0.3, flags=flags)]
        )
    session.notice_external_changes()
    qtbot.waitUntil(panel.flags.isVisible, timeout=2000)
    assert panel.flags.accessibleDescription() == f"Wrong orientation: {reason}"


def test_extreme_betas_are_marked_and_the_flag_says_why(tmp_path, qtbot):
    project = make_project(tmp_path, people=1, losses=[])
    with Dictionary.open(project) as dictionary:
        dictionary.fits.offer([new_fit(1, 5.0, beta=-4.2)])
    session = ProjectSession(project)
    panel = shown(session, qtbot)
    assert panel.betas.beyond() == [1]
    assert "β2 -4.20" in panel.betas.accessibleDescription()
    assert panel.fit_facts.value("Training uses") == "pose"
    assert panel.flags.isVisible()
    expected = "Extreme shape: largest |β| is 4.2; few people lie beyond ±3"
    assert panel.flags.accessibleDescription() == expected
    session.close()


def test_history_marks_current_and_runner_up_newest_first(panel):
    assert history(panel) == [("2", "mean pose", "3.32 px"), ("●", "mean pose", "3.16 px")]


def test_the_button_makes_the_chosen_fit_current_and_undo_takes_it_back(session, panel, qtbot):
    assert not panel.history.button.isEnabled()
    place = panel.history.table.visualRect(panel.history.model.index(0, 2)).center()
    qtbot.mouseClick(panel.history.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.history.button.isEnabled()
    with qtbot.waitSignal(session.saved):
        qtbot.mouseClick(panel.history.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: history(panel)[0][0] == "●")
    assert not panel.history.button.isEnabled()
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: history(panel)[1][0] == "●")


def test_enter_in_the_history_makes_the_chosen_fit_current(session, panel, qtbot):
    panel.history.table.setFocus()
    panel.history.table.selectRow(1)
    qtbot.keyClick(panel.history.table, Qt.Key.Key_Up)
    with qtbot.waitSignal(session.saved):
        qtbot.keyClick(panel.history.table, Qt.Key.Key_Return)
    assert session.records.current_fit(1).losses.comparison == 11.0


def test_a_double_click_in_the_history_makes_the_fit_current(session, panel, qtbot):
    table = panel.history.table
    place = table.visualRect(panel.history.model.index(0, 2)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(session.saved):
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.records.current_fit(1).losses.comparison == 11.0


def test_a_double_click_on_the_current_fit_writes_nothing(session, panel, qtbot):
    table = panel.history.table
    place = table.visualRect(panel.history.model.index(1, 2)).center()
    with qtbot.assertNotEmitted(session.saved):
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_the_history_chooses_the_current_fit_of_each_sample(session, panel, qtbot):
    panel.history.table.selectRow(0)
    session.select(2)
    qtbot.waitUntil(lambda: panel.name.text().startswith("person_0002.png"))
    rows = panel.history.table.selectionModel().selectedRows()
    assert [row.row() for row in rows] == [0]
    assert not panel.history.button.isEnabled()


def test_a_sample_without_fit_says_what_to_do(tmp_path, qtbot):
    project = make_project(tmp_path, people=0)
    with Dictionary.open(project) as dictionary:
        dictionary.samples.add([new_sample(tmp_path, 1), new_sample(tmp_path, 2, visible=2)])
    session = ProjectSession(project)
    panel = shown(session, qtbot)
    assert panel.no_fit.isVisible()
    assert not panel.with_fit.isVisible()
    assert "Fit the project" in panel.no_fit.text()
    session.go_next()
    panel.update_now()
    assert "Few keypoints" in panel.flags.accessibleDescription()
    # Fitting would pass this person over: do not send the user there.
    assert "too few keypoints" in panel.no_fit.text()
    session.close()


def test_an_empty_project_says_that_nothing_is_chosen(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=0))
    panel = shown(session, qtbot)
    assert panel.pages.currentWidget() is panel.nothing_chosen
    session.close()


def test_a_hidden_panel_reads_nothing_and_is_right_when_shown(session, panel, qtbot, monkeypatch):
    panel.hide()
    asked = []
    read = session.dictionary.events.of
    monkeypatch.setattr(session.dictionary.events, "of", lambda one: asked.append(one) or read(one))
    session.select(5)
    qtbot.wait(20)
    assert asked == []
    panel.show()
    assert asked == [5]
    assert panel.name.text().startswith("person_0005.png")


def test_closing_the_project_right_after_a_verdict_reads_nothing_more(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=2))
    panel = shown(session, qtbot)
    judge_selected(session, Verdict.ACCEPTED)
    session.close()
    qtbot.wait(20)
    panel.hide()
    panel.show()
    assert panel.name.text().startswith("person_0001.png")


def test_nothing_is_cut_off_at_the_smallest_width(session, qtbot):
    losses = FitLosses(
        reprojection=1.23456e6, pose_prior=98765.0, angle_prior=1e-7, shape_prior=0.0,
        depth=12345.0, pull=54321.0, comparison=98765.4,
    )  # fmt: skip
    pose = np.zeros(72, np.float32)
    pose[4] = 1.5
    body = BodyParameters(pose, np.zeros(10, np.float32), np.array([0, 0, 1234.5], np.float32))
    with Dictionary.open(session.project) as other:
        run = other.runs.start("training", configuration={}, versions={})
        fit = NewFit(sample_id=1, parameters=body, losses=losses, origin=Origin.GROUND_TRUTH,
                     run_id=run, iteration=299_999)  # fmt: skip
        fit_id = other.fits.offer([fit])[0].fit_id
        other.fits.make_current(1, fit_id, "someone")
    session.notice_external_changes()
    panel = shown(session, qtbot, width=MIN_WIDTH)
    assert panel.fit_facts.value("Run") == "1, iteration 299999"
    width = panel.scroll_area.viewport().width()
    assert panel.scroll_area.widget().minimumSizeHint().width() <= width
    for label in panel.findChildren(QLabel):
        if label.isVisible() and not isinstance(label, ElidedLabel) and not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
    for label in panel.findChildren(ElidedLabel):
        if label.isVisible():
            cut = label.shown_text() != label.text()
            assert not cut or label.text() in label.toolTip()
    table = panel.history.table
    widths = sum(table.columnWidth(column) for column in range(5))
    assert widths <= table.viewport().width()


def test_every_control_has_an_accessible_name(panel):
    controls = panel.findChildren(QAbstractButton) + panel.findChildren(QAbstractItemView)
    named = [control for control in controls if control.accessibleName()]
    unnamed = [control for control in controls if not control.accessibleName()]
    assert panel.history.button in named
    assert panel.history.table in named
    # What remains are parts inside a table: its corner and its headers.
    assert all(item.parent() is panel.history.table for item in unnamed)


def test_painting_in_light_and_dark_leaves_no_warning(panel, qtbot):
    from spin_gui.widgets.theme import Theme, palette_of

    images = []
    for theme in (Theme.LIGHT, Theme.DARK):
        panel.setPalette(palette_of(theme))
        images.append(panel.grab().toImage())
    corner = [image.pixelColor(2, 2).lightness() for image in images]
    assert corner[0] > 200 > 80 > corner[1]


def test_the_history_tells_where_a_body_came_from(session, qtbot):
    dictionary, sample_id = session.dictionary, session.current_id
    fit = dictionary.fits.current_of(sample_id)
    file_id = dictionary.imported_bodies.open_file(
        NewBodyFile(
            method="EFT", path="/d/eft.json", file_format="eft", heading="{}", options="{}",
            digest="a",
        )
    )  # fmt: skip
    body = BodyAsItCame(
        body_name="smpl",
        gender="",
        betas=np.zeros(10),
        pose_axis_angle=fit.parameters.pose_axis_angle,
        camera_translation=fit.parameters.camera_translation,
        conversion=Conversion.THROUGH_JOINTS,
        conversion_error_mm=4.25,
    )
    row = NewImportedBody(position=12, entry=b"{}", sample_id=sample_id, body=body)
    number = dictionary.imported_bodies.add(file_id, [row])[12]
    imported = NewFit(
        sample_id=sample_id,
        parameters=fit.parameters,
        losses=replace(fit.losses, comparison=1e-6),
        origin=Origin.IMPORTED,
        imported_body_id=number,
    )
    dictionary.fits.offer([imported])
    session.notice_external_changes()
    panel = shown(session, qtbot)
    model = panel.history.model
    told = str(model.data(model.index(0, 0), int(Qt.ItemDataRole.ToolTipRole)))
    assert "EFT: entry 12 of eft.json" in told
    assert "its joints lie 4.2 mm off" in told


def test_a_fit_says_which_body_it_was_made_with(session, qtbot):
    dictionary, sample_id = session.dictionary, session.current_id
    fit = dictionary.fits.current_of(sample_id)
    with dictionary._connection.writing():
        number = dictionary.body_changes.begin(
            from_body="open body",
            to_body="SMPL_NEUTRAL (1)",
            conversion=Conversion.THROUGH_JOINTS,
            limit_mm=10,
        )
        for page in dictionary.body_rows.pages(BODY_TABLES[0], 100):
            dictionary.body_changes.note_fits(number, page, [1.25] * len(page))
    panel = shown(session, qtbot)
    assert panel.fit_facts.value("Origin") == "mean pose, from open body"
    tooltip = panel.fit_facts._values["Origin"].toolTip()
    assert "It was converted from open body (through joints, 1.2 mm off)." in tooltip
    assert dictionary.body_changes.of_fits([fit.id])[fit.id][0].error_mm == 1.25
