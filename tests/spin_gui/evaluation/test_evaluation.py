"""The evaluation by keys and clicks: what there is with a truth, and without."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox

from core.dictionary.store import Dictionary
from core.engine.evaluation.metrics import LOSS, METRICS, TWO_D
from core.engine.evaluation.project_bodies import CURRENT_FITS, INITIAL_FITS, PREDICTIONS
from core.engine.evaluation.tables import write_tables
from core.errors import UserFileError
from core.types.fits import Origin, Verdict
from spin_gui.evaluation import panel as evaluation_module
from spin_gui.evaluation.evaluation_controls import LISTED
from spin_gui.evaluation.evaluation_plots import joint_title, sides_together
from spin_gui.evaluation.evaluation_view import course_metric
from spin_gui.evaluation.evaluator import CourseRequest
from spin_gui.widgets.page import Page
from spin_gui.widgets.theme import Theme
from tests.core.engine.evaluation.people_with_truth import PEOPLE, body, fit, make_true_project

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
Key = Qt.Key
BLIND = "UPDATE annotations SET true_pose_axis_angle = NULL"


@pytest.fixture
def window_size():
    return 1400, 900


@pytest.fixture
def project(tmp_path):
    """Five people with truth; run 1 bettered all of them but the first, whose elbow stays bent."""
    folder = make_true_project(tmp_path)
    with Dictionary.open(folder) as dictionary:
        ids = dictionary.search.ids().tolist()[:PEOPLE]
        for number, one in enumerate(ids):
            bent = fit(one, body(number, pose_change=0.5), 3.0)
            dictionary.fits.offer([replace(bent, origin=Origin.REFIT)])
        run_id = dictionary.runs.start("train", configuration={"iterations": 50}, versions={})
        for number, one in enumerate(ids[1:], start=1):
            better = replace(fit(one, body(number), 2.0), origin=Origin.IN_LOOP)
            dictionary.fits.offer([replace(better, run_id=run_id, iteration=10 * number)])
        dictionary.prediction_sets.keep_latest("first")
    return folder


@pytest.fixture
def blind(project):
    """The same project without the truth; fits of samples 1 and 2 are judged."""
    with Dictionary.open(project) as dictionary:
        with dictionary._connection.writing():
            dictionary._connection.execute(BLIND)
        dictionary.verdicts.set({1: Verdict.ACCEPTED, 2: Verdict.REJECTED})
    return project


@pytest.fixture
def evaluation(qtbot, window, press):
    press(Key.Key_6, CTRL)
    assert window.page.shown_page is Page.EVALUATION
    panel = window.page.shown_panel
    wait(qtbot, panel)
    return panel


def wait(qtbot, panel):
    qtbot.waitUntil(lambda: panel._shown is not None and not panel.evaluator.working, timeout=30000)


def choose(qtbot, combo: QComboBox, text: str):
    """With the keyboard: down from the first entry until it is there."""
    combo.setFocus()
    qtbot.keyClick(combo, Key.Key_Home)
    for _step in range(combo.count()):
        if combo.currentText().startswith(text):
            return
        qtbot.keyClick(combo, Key.Key_Down)
    raise AssertionError(f"{text} cannot be chosen")


def column(table, at):
    return [table.item(row, at).text() for row in range(table.rowCount())]


def test_a_key_shows_errors_of_every_kind_of_bodies(evaluation):
    assert evaluation.kinds.bodies.keys() == [PREDICTIONS, "set: first", INITIAL_FITS, CURRENT_FITS]
    assert column(evaluation.results.table, 0) == [
        "Predictions",
        "first",
        "Initial fits",
        "Current fits",
    ]
    assert "5 of 6 samples have a known true body" in evaluation.controls.note.text()
    # Only the first person's fit is still bent, and the table says which kind is best.
    mpjpe = evaluation.results.table.item(3, 3)
    assert 0 < float(mpjpe.text()) < float(evaluation.results.table.item(2, 3).text())
    assert mpjpe.font().bold()
    assert not evaluation.results.table.item(2, 3).font().bold()
    assert evaluation.results.worst.sample_ids()[0] == 1


def test_every_metric_can_be_chosen_from_the_keyboard_and_has_people(qtbot, evaluation):
    for metric in METRICS:
        choose(qtbot, evaluation.controls.metric_choice, metric.title)
        assert evaluation._shown.metric is metric
        if metric.key != TWO_D:  # no one here has keypoints
            assert evaluation.results.worst.rowCount() > 0
            assert not evaluation.results.people.reason
            assert bool(evaluation.results.joints.reason) == (metric.joints is None)


def test_a_click_on_a_worst_sample_opens_it_among_the_samples(qtbot, window, evaluation):
    worst = evaluation.results.worst
    assert window.page.session.current_id == 1
    index = worst.model().index(2, 0)
    wanted = worst.sample_ids()[2]
    qtbot.mouseClick(worst.viewport(), LEFT, pos=worst.visualRect(index).center())
    assert window.page.shown_page is Page.SAMPLES
    assert window.page.session.current_id == wanted
    assert not window.commands["view.evaluation"].isChecked()


def test_the_usual_keys_walk_through_the_worst_and_return_opens(qtbot, window, press, evaluation):
    before = window.page.session.current_id
    press(Key.Key_J)
    press(Key.Key_J)
    press(Key.Key_K)
    press(Key.Key_J)
    assert evaluation.results.worst.currentRow() == 1
    assert window.page.session.current_id == before
    wanted = evaluation.results.worst.sample_ids()[1]
    press(Key.Key_Return)
    assert window.page.shown_page is Page.SAMPLES
    assert window.page.session.current_id == wanted


def test_no_verdict_is_given_on_what_is_not_seen(window, press, evaluation):
    press(Key.Key_A)
    assert window.page.session.dictionary.search.verdict_counts()[Verdict.ACCEPTED] == 0


def test_unchecked_bodies_are_not_compared(qtbot, evaluation):
    evaluation.kinds.bodies.setFocus()
    evaluation.kinds.bodies.setCurrentRow(0)
    qtbot.keyClick(evaluation.kinds.bodies, Key.Key_Space)
    assert column(evaluation.results.table, 0) == ["first", "Initial fits", "Current fits"]
    # The chosen ones are listed all the same.
    assert evaluation.results.worst.rowCount() == 3
    qtbot.keyClick(evaluation.kinds.bodies, Key.Key_Down)
    assert evaluation.kinds.bodies.chosen() == "set: first"
    assert "first" in evaluation.results.worst_title.text()


def test_a_click_on_the_histogram_lists_the_people_of_a_bin(qtbot, evaluation):
    plot = evaluation.results.people
    value = float(evaluation._shown.listed().values.max())
    spot = plot.getViewBox().mapViewToScene(QPointF(value * 0.999, 1.0))
    qtbot.waitUntil(lambda: plot.getViewBox().rect().width() > 50)
    place = plot.mapFromScene(spot)
    qtbot.mouseClick(plot.viewport(), LEFT, pos=place)
    assert evaluation.results.worst.sample_ids() == [1]
    assert evaluation.results.all_button.isVisible()
    qtbot.mouseClick(evaluation.results.all_button, LEFT)
    assert len(evaluation.results.worst.sample_ids()) == PEOPLE
    assert not evaluation.results.all_button.isVisible()


def test_the_dictionary_is_drawn_over_a_run_that_is_checked(qtbot, evaluation):
    request = CourseRequest(evaluation._where(), 1)
    course = evaluation.evaluator.course(request)
    assert [item.iteration for item in course][-1] == 40, "the run did not reach the planned 50"
    listed = evaluation.kinds.runs.item(0).text()
    assert listed.endswith("50 iterations planned")
    metric = course_metric(evaluation._shown.metric)
    values = [metric.moment(item.errors) for item in course]
    assert values[0] > values[-1] > 0
    assert not evaluation.results.course.reason
    assert "Run 1" in evaluation.results.course.accessibleDescription()
    evaluation.kinds.runs.setFocus()
    qtbot.keyClick(evaluation.kinds.runs, Key.Key_Space)
    assert "Check a training" in evaluation.results.course.reason


def test_only_the_listed_samples_count_on_request(qtbot, window, evaluation):
    session = window.page.session
    session.set_query(replace(session.query, text="3.png"))
    choose(qtbot, evaluation.controls.samples, LISTED)
    wait(qtbot, evaluation)
    qtbot.waitUntil(lambda: evaluation._shown.evaluation.samples == 1, timeout=30000)
    assert column(evaluation.results.table, 1) == ["1"] * 2  # it has no prediction


def test_without_a_truth_it_says_so_and_shows_what_there_is(qtbot, blind, evaluation):
    assert "no errors in 3D" in evaluation.controls.note.text()
    assert evaluation._shown.metric.key == TWO_D
    assert not evaluation.results.course.isVisible()
    combo = evaluation.controls.metric_choice
    assert not combo.model().item(0).isEnabled()
    choose(qtbot, combo, "2D")
    qtbot.keyClick(combo, Key.Key_Down)
    assert evaluation._shown.metric.key == LOSS
    assert column(evaluation.results.table, 0) == ["accepted", "rejected", "not reviewed"]
    assert evaluation.results.worst.rowCount() == PEOPLE + 1


def test_accepted_fits_stand_in_for_a_truth(qtbot, blind, evaluation):
    choose(qtbot, evaluation.controls.truth, "Accepted")
    wait(qtbot, evaluation)
    qtbot.waitUntil(lambda: evaluation._shown.evaluation.with_truth == 1, timeout=30000)
    assert "agreement" in evaluation.controls.note.text()
    # What was requested at first is available now.
    assert evaluation._shown.metric.key == METRICS[0].key
    assert "Current fits" not in column(evaluation.results.table, 0)
    assert evaluation.results.worst.rowCount() == 1


def test_a_hidden_place_does_nothing_and_takes_in_changes_when_shown(
    qtbot, window, press, evaluation
):
    shown = evaluation._shown
    press(Key.Key_6, CTRL)
    assert window.page.shown_page is Page.SAMPLES
    with Dictionary.open(window.page.session.project) as other:
        other.fits.offer([replace(fit(1, body(0), 0.5), origin=Origin.REFIT)])
    window.page.session.take_in_changes()
    assert not evaluation.evaluator.working
    assert evaluation._shown is shown
    press(Key.Key_6, CTRL)
    qtbot.waitUntil(lambda: evaluation._shown is not shown, timeout=30000)
    wait(qtbot, evaluation)
    assert evaluation.results.table.item(3, 3).text() == "0"


def test_results_are_kept_until_the_data_change(qtbot, window, press, evaluation):
    kept = evaluation._shown.evaluation
    press(Key.Key_6, CTRL)
    press(Key.Key_6, CTRL)
    assert evaluation._shown.evaluation is kept
    assert not evaluation.evaluator.working


def test_a_change_while_it_is_shown_is_said_and_a_button_takes_it_in(qtbot, window, evaluation):
    with Dictionary.open(window.page.session.project) as other:
        other.fits.offer([replace(fit(1, body(0), 0.5), origin=Origin.REFIT)])
    window.page.session.take_in_changes()
    assert "has changed since" in evaluation.controls.note.text()
    before = evaluation._shown
    qtbot.mouseClick(evaluation.controls.again_button, LEFT)
    qtbot.waitUntil(lambda: evaluation._shown is not before, timeout=30000)
    assert "has changed since" not in evaluation.controls.note.text()
    wait(qtbot, evaluation)


def test_the_numbers_are_written_as_markdown_or_csv(
    qtbot, monkeypatch, tmp_path, press, evaluation
):
    target = tmp_path / "numbers.md"
    monkeypatch.setattr(evaluation_module, "ask_new_file", lambda *_arguments: target)
    press(Key.Key_E, CTRL | Qt.KeyboardModifier.ShiftModifier)
    text = target.read_text()
    assert "| current fits | 5 |" in text
    assert "Left Wrist" in text
    assert "course of run 1" in text
    assert "0.png" in text
    target = tmp_path / "numbers.csv"
    qtbot.mouseClick(evaluation.controls.export_button, LEFT)
    found = sorted(path.name for path in tmp_path.glob("numbers_*.csv"))
    assert "numbers_project.csv" in found
    assert "numbers_dictionary_over_run_1.csv" in found
    assert len(found) == 5


def test_tables_of_another_ending_are_refused(tmp_path):
    with pytest.raises(UserFileError, match=r"written as \.md or \.csv"):
        write_tables(tmp_path / "numbers.pdf", [])


def test_stop_ends_an_evaluation_and_again_starts_over(qtbot, window, press, monkeypatch):
    def endless(_project, *, cancel, **_options):
        while True:
            cancel.raise_if_cancelled()

    monkeypatch.setattr("spin_gui.evaluation.evaluator.evaluate_project", endless)
    press(Key.Key_6, CTRL)
    panel = window.page.shown_panel
    qtbot.waitUntil(panel.controls.stop_button.isVisible)
    qtbot.mouseClick(panel.controls.stop_button, LEFT)
    qtbot.waitUntil(lambda: not panel.evaluator.working, timeout=10000)
    assert panel._shown is None
    assert panel.controls.again_button.isEnabled()
    monkeypatch.undo()
    qtbot.mouseClick(panel.controls.again_button, LEFT)
    wait(qtbot, panel)


def test_a_project_closes_while_it_is_evaluated(qtbot, window, press, monkeypatch):
    def endless(_project, *, cancel, **_options):
        while True:
            cancel.raise_if_cancelled()

    monkeypatch.setattr("spin_gui.evaluation.evaluator.evaluate_project", endless)
    press(Key.Key_6, CTRL)
    qtbot.waitUntil(lambda: window.page.shown_panel.evaluator.working)
    window.close_project()
    assert window.page is None


def test_a_training_without_a_regressor_cannot_predict(evaluation):
    assert evaluation.kinds.runs.chosen() == "1"
    assert not evaluation.kinds.predict_button.isEnabled()


def test_a_training_with_one_predicts_into_a_set(qtbot, monkeypatch, window, evaluation):
    started = []
    monkeypatch.setattr(
        "spin_gui.commands.handlers.work.predict_job",
        lambda project, **options: started.append(options),
    )
    monkeypatch.setattr(window.job_controller, "start", lambda job: None)
    folder = window.page.session.project / "checkpoints" / "run_1"
    folder.mkdir(parents=True)
    (folder / "last.pt").touch()
    evaluation.kinds.runs.chosen_changed.emit()
    qtbot.mouseClick(evaluation.kinds.predict_button, LEFT)
    assert started == [{"run_id": 1, "keep_as": "run 1"}]


def test_left_and_right_share_a_row_where_there_is_no_room():
    names = ["OP Nose", "OP RWrist", "OP LWrist", "OP MidHip", "Right Ankle", "Neck (LSP)"]
    titles = [joint_title(name) for name in names]
    assert titles == ["Nose", "Right Wrist", "Left Wrist", "MidHip", "Right Ankle", "Neck"]
    together = sides_together(dict(zip(titles, (1.0, 2.0, 4.0, 5.0, 6.0, 7.0), strict=True)))
    assert together == {"Nose": 1, "Wrist": 3, "MidHip": 5, "Ankle": 6, "Neck": 7}


def test_every_control_has_a_name_and_plots_follow_the_theme(qtbot, window, evaluation):
    for kind in (QAbstractButton, QComboBox):
        for control in evaluation.findChildren(kind):
            if control.isVisible():
                assert control.accessibleName(), control
    window.set_theme(Theme.DARK)
    plot = evaluation.results.people
    qtbot.waitUntil(lambda: plot.backgroundBrush().color().lightness() < 80)
    assert plot._median.label.color.lightness() > 150
    window.set_theme(Theme.LIGHT)
    qtbot.waitUntil(lambda: plot.backgroundBrush().color().lightness() > 200)
    assert plot._median.label.color.lightness() < 80
