"""The training page by real clicks and keys, over an engine that only plays its part."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
)

from core.dictionary.store import Dictionary
from core.runs.run_folder import RunFolder
from core.runs.training_configuration import profile_configuration
from spin_gui.session.error_scale import error_text
from spin_gui.session.fit_edits import make_current
from spin_gui.training import controller as training_controller_module
from spin_gui.training.panel import TrainingPanel
from spin_gui.training.refit import RefitDialog
from spin_gui.training.train import PROFILES, TrainDialog
from spin_gui.viewer.view_state import ViewKind
from spin_gui.widgets.page import Page
from spin_gui.window.closing import stop_question
from spin_gui.window.main_window import MainWindow
from tests.spin_gui.training.scripted_engine import ScriptedEngine, offer_better

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def engine(window: MainWindow) -> ScriptedEngine:
    window.training_controller.engine = ScriptedEngine(improve=(1, 2))
    return window.training_controller.engine


def _dialog(window: MainWindow, kind: type[QDialog]) -> QDialog:
    (dialog,) = [widget for widget in window.findChildren(kind) if widget.isVisible()]
    return dialog


def _click_circle(qtbot, button: QAbstractButton) -> None:
    """A radio button hears clicks on its circle and words, not in the empty rest of its row."""
    qtbot.mouseClick(button, LEFT, pos=QPoint(8, button.height() // 2))


def _begin(qtbot, window: MainWindow, *, iterations: int = 100_000, reached: int = 3) -> None:
    """From the keyboard: Ctrl+T, then the button; waits for a few iterations."""
    qtbot.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    dialog = _dialog(window, TrainDialog)
    dialog.form.editor("iterations").setValue(iterations)
    qtbot.mouseClick(dialog.start_button, LEFT)
    _wait_for(qtbot, window, reached)


def _wait_for(qtbot, window: MainWindow, iterations: int) -> None:
    watch = window.training_controller.watch
    qtbot.waitUntil(lambda: watch.curves.last_iteration >= iterations, timeout=10_000)


def _drawn_iterations(panel: TrainingPanel, run_id: int) -> int:
    line = panel.plots.line("error_2d_px", run_id)
    return 0 if line is None or line.xData is None else len(line.xData)


def _wait_for_end(qtbot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=10_000)


def test_a_key_and_a_click_start_a_training_and_the_training_page_shows_it(qtbot, window, engine):
    _begin(qtbot, window, reached=6)
    panel = window.page.panel(Page.TRAINING)
    assert panel.isVisible()
    assert not window.commands["training.train"].isEnabled()
    run_id = window.training_controller.watch.start.run_id
    # Curves are drawn now and then, so they lag behind the iterations that the watch has heard of.
    qtbot.waitUntil(lambda: _drawn_iterations(panel, run_id) >= 3, timeout=5000)
    assert "of 100000" in panel.facts.rows.value("Iteration")
    assert "Training" in panel.steering.state.text()
    assert "iterations per s" in panel.facts.rows.value("Speed")
    assert panel.facts.rows.value("Time left")
    assert panel.facts.rows.value("Memory") == "512 MB"
    assert panel.plots.line("losses", run_id, "pose") is not None
    # A part that is zero throughout says nothing and would sit below every log scale.
    assert panel.plots.line("losses", run_id, "keypoints_3d") is None
    qtbot.waitUntil(panel.preview.columns[1].isVisible, timeout=5000)
    first, second = panel.preview.columns[:2]
    assert "✓ kept" in first.caption.text()
    assert "8.94 → 4.47" in first.caption.text()
    assert "not kept" in second.caption.text()


def test_a_key_that_waits_for_the_end_of_a_training_says_so(qtbot, window, engine):
    _begin(qtbot, window, reached=3)
    qtbot.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    said = window.status.saved.text()
    assert said == "Export…: A training is running: stop it first (Training ▸ Stop and keep)."
    assert window.commands["file.export"].statusTip() in said
    window.training_controller.stop()
    _wait_for_end(qtbot, window)
    assert not window.status.saved.text()


def test_log_scale_and_smoothing_are_switched_by_clicks(qtbot, window, engine):
    _begin(qtbot, window, reached=6)
    panel = window.page.panel(Page.TRAINING)
    run_id = window.training_controller.watch.start.run_id
    qtbot.waitUntil(lambda: panel.plots.line("error_2d_px", run_id) is not None, timeout=5000)
    assert panel.plots.line("losses", run_id, "total").opts["logMode"] == [False, True]
    assert panel.plots.line("error_2d_px", run_id).opts["logMode"] == [False, False]
    qtbot.mouseClick(panel.steering.log_switch, LEFT)
    qtbot.mouseClick(panel.steering.smooth_switch, LEFT)
    assert panel.plots.line("losses", run_id, "total").opts["logMode"] == [False, False]
    line = panel.plots.line("error_2d_px", run_id)
    assert line.yData[0] == 20.0
    assert line.yData[1] == 10.0


def test_stop_and_keep_says_stopping_and_the_run_goes_on_from_its_list(qtbot, window, engine):
    engine.step_s = 0.3
    _begin(qtbot, window, reached=2)
    panel = window.page.panel(Page.TRAINING)
    qtbot.mouseClick(panel.steering.stop_button, LEFT)
    assert panel.steering.stop_button.text() == "Stopping…"
    assert not panel.steering.stop_button.isEnabled()
    assert not panel.steering.discard_button.isEnabled()
    assert window.job_panel.stop_button.text() == "Stopping…"
    _wait_for_end(qtbot, window)
    assert "No training is running" in panel.steering.state.text()
    done = window.training_controller.watch.curves.last_iteration
    engine.step_s = 0.01
    assert panel.runs.continue_button.isEnabled()
    qtbot.mouseClick(panel.runs.continue_button, LEFT)
    _wait_for(qtbot, window, done + 3)
    assert engine.began_at == [0, done]
    curves = window.training_controller.watch.curves
    np.testing.assert_array_equal(curves.iterations, np.arange(1, len(curves) + 1))
    assert len(panel.runs.runs) == 1


def test_pause_holds_the_training_and_the_same_button_lets_it_go_on(qtbot, window, engine):
    _begin(qtbot, window)
    panel, watch = window.page.panel(Page.TRAINING), window.training_controller.watch
    qtbot.mouseClick(panel.steering.pause_button, LEFT)
    assert panel.steering.pause_button.text() == "Go on"
    qtbot.waitUntil(engine.held.is_set, timeout=10_000)
    watch.deliver()
    held = watch.curves.last_iteration
    qtbot.wait(150)
    assert watch.curves.last_iteration == held
    assert "Paused" in panel.steering.state.text()
    window.commands["training.pause"].trigger()
    _wait_for(qtbot, window, held + 2)
    assert panel.steering.pause_button.text() == "Pause"


@pytest.mark.parametrize("sure", [False, True])
def test_cancel_and_discard_asks_first(qtbot, window, engine, monkeypatch, sure):
    monkeypatch.setattr(training_controller_module, "ask_yes_no", lambda *_a, **_w: sure)
    _begin(qtbot, window)
    control = window.training_controller.watch.control
    qtbot.mouseClick(window.page.panel(Page.TRAINING).steering.discard_button, LEFT)
    assert control.cancel_requested == sure
    if sure:
        assert window.page.panel(Page.TRAINING).steering.discard_button.text() == "Discarding…"
        _wait_for_end(qtbot, window)
        assert "cancelled" in window.job_panel.text.text()
    else:
        assert window.training_controller.watch.training


def test_several_runs_are_drawn_over_one_another(qtbot, window, engine):
    for _ in range(2):
        _begin(qtbot, window, iterations=4, reached=4)
        _wait_for_end(qtbot, window)
    panel = window.page.panel(Page.TRAINING)
    first, second = panel.runs.runs[1], panel.runs.runs[0]
    assert panel.runs.list.item(0).checkState() == Qt.CheckState.Checked
    qtbot.waitUntil(
        lambda: all(panel.plots.line("error_2d_px", run.id) for run in (first, second)),
        timeout=5000,
    )
    pens = [panel.plots.line("error_2d_px", run.id).opts["pen"] for run in (first, second)]
    assert pens[0].color() != pens[1].color()
    assert pens[0].style() != pens[1].style()
    assert not panel.runs.continue_button.isEnabled(), "a finished run has nothing to go on with"
    item = panel.runs.list.item(1)
    item.setCheckState(Qt.CheckState.Unchecked)
    assert panel.plots.line("error_2d_px", first.id) is None


def test_the_open_sample_refreshes_and_nothing_else_is_touched(qtbot, window, engine):
    session, page = window.page.session, window.page
    page.views.set_whole_picture(True)
    before = session.records.current_fit(1)
    page.views.view_state.orbit(ViewKind.CAMERA, 0.4, 0.1)
    angle = page.views.view_state[ViewKind.CAMERA]
    _begin(qtbot, window)
    window.commands["training.page"].setChecked(False)
    qtbot.waitUntil(lambda: session.records.current_fit(1).id != before.id, timeout=5000)
    qtbot.waitUntil(page.parts.notice.isVisible, timeout=5000)
    loss = before.losses.comparison
    assert "The current fit was replaced at iteration 2" in page.parts.notice.text.text()
    assert f"→ {error_text(loss / 2)}" in page.parts.notice.text.text()
    assert session.current_id == 1
    assert page.views.view_state[ViewKind.CAMERA] == angle
    qtbot.waitUntil(
        lambda: "replaced at iteration 2" in page.parts.details.events.text(), timeout=5000
    )
    session.go_next()
    assert not page.parts.notice.isVisible()


def test_a_person_who_chooses_another_fit_is_not_told_of_it(qtbot, window):
    session, notice = window.page.session, window.page.parts.notice
    with Dictionary.open(session.project) as dictionary:
        run_id = dictionary.runs.start("train", configuration={}, versions={})
        offer_better(dictionary, 1, run_id=run_id, iteration=7)
    session.take_in_changes()
    assert notice.isVisible()
    notice.hide()
    older = next(fit for fit in session.records.history(1) if not fit.is_current)
    make_current(session, older.id)
    assert not notice.isVisible()


@pytest.mark.parametrize("stop", [False, True])
def test_closing_while_it_trains_asks_and_stops_cleanly(qtbot, window, engine, monkeypatch, stop):
    asked = []

    def answer(*words, **_named) -> bool:
        asked.append(words[2])
        return stop

    monkeypatch.setattr(stop_question, "ask_yes_no", answer)
    _begin(qtbot, window)
    project = window.page.session.project
    window.close()
    assert "continued later" in asked[0]
    if stop:
        qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
        with Dictionary.open(project) as dictionary:
            assert dictionary.runs.all()[0].ended_at is not None
    else:
        assert window.training_controller.watch.training


def test_an_error_of_the_training_becomes_a_dialog_and_the_training_page_is_ready_again(
    qtbot, window, engine
):
    engine.fails = True
    _begin(qtbot, window, reached=2)
    qtbot.waitUntil(lambda: window.errors.dialog is not None, timeout=10_000)
    texts = [label.text() for label in window.errors.dialog.findChildren(QLabel)]
    assert "Make room." in texts
    window.errors.dialog.accept()
    _wait_for_end(qtbot, window)
    assert window.page.panel(Page.TRAINING).steering.train_button.isVisible()
    assert not window.training_controller.watch.training


def test_what_lives_before_the_loop_is_spared_by_the_collector_only_meanwhile(
    qtbot, window, engine
):
    _begin(qtbot, window, reached=8)
    assert gc.get_freeze_count() > 0
    window.training_controller.stop()
    _wait_for_end(qtbot, window)
    assert gc.get_freeze_count() == 0


def test_a_sample_of_the_newest_batch_opens_among_its_views(qtbot, window, engine):
    _begin(qtbot, window)
    panel = window.page.panel(Page.TRAINING)
    qtbot.waitUntil(panel.preview.columns[1].isVisible, timeout=5000)
    qtbot.mouseClick(panel.preview.columns[1].button, LEFT)
    assert not panel.isVisible()
    assert window.page.session.current_id == 2
    assert not window.commands["training.page"].isChecked()


def test_the_form_explains_every_value_and_hands_them_on(qtbot, window):
    window.commands["training.train"].trigger()
    dialog = _dialog(window, TrainDialog)
    assert dialog.choice() == profile_configuration("cpu")
    for number, profile in enumerate(PROFILES):
        _click_circle(qtbot, dialog.profiles.button(number))
        shown = dialog.choice()
        assert shown == profile_configuration(profile.name)
    for name in dialog.form.values():
        assert dialog.form.editor(name).accessibleDescription(), name
    editor = dialog.form.editor("learning_rate")
    editor.selectAll()
    qtbot.keyClicks(editor, "2e-6")
    editor.interpretText()
    assert dialog.choice().learning_rate == pytest.approx(2e-6)
    dialog.reject()


def test_the_filter_of_the_list_selects_the_data(qtbot, window):
    session = window.page.session
    session.set_query(type(session.query)(text="1"))
    window.commands["training.train"].trigger()
    dialog = _dialog(window, TrainDialog)
    assert dialog.choice().where.query().text == "1"
    assert f"Only the {session.counts().listed}" in dialog.data.button(1).text()
    _click_circle(qtbot, dialog.data.button(0))
    assert dialog.choice().where.query().text == ""
    dialog.reject()


def test_an_impossible_value_keeps_the_form_open_and_says_why(qtbot, window):
    window.commands["training.train"].trigger()
    dialog = _dialog(window, TrainDialog)
    dialog.form.editor("device").setText("abacus")
    qtbot.mouseClick(dialog.start_button, LEFT)
    assert dialog.isVisible()
    assert "abacus" in dialog.problem.text()
    assert not window.job_controller.runner.busy
    dialog.reject()


def test_the_refit_dialog_offers_this_sample_or_the_list(qtbot, window):
    window.commands["fitting.refit"].trigger()
    dialog = _dialog(window, RefitDialog)
    assert dialog.choice().sample_ids == (1,)
    _click_circle(qtbot, dialog.what.button(1))
    assert dialog.choice().sample_ids is None
    for box in dialog.starts.values():
        box.setChecked(False)
    assert not dialog.refit_button.isEnabled()
    dialog.starts["mean"].click()
    assert dialog.choice().starts == ("mean",)
    dialog.reject()


def test_a_refit_from_the_window_offers_a_fit(qtbot, window):
    window.commands["fitting.refit"].trigger()
    dialog = _dialog(window, RefitDialog)
    for name, box in dialog.starts.items():
        box.setChecked(name == "current")
    qtbot.mouseClick(dialog.refit_button, LEFT)
    _wait_for_end(qtbot, window)
    assert "Refitted" in window.job_panel.text.text()


def test_every_control_of_the_training_page_and_its_dialogs_has_a_name(qtbot, window):
    window.commands["training.page"].setChecked(True)
    window.commands["training.train"].trigger()
    kinds = (QAbstractButton, QComboBox, QListWidget, QAbstractSpinBox, QLineEdit)
    for parent in (window.page.panel(Page.TRAINING), _dialog(window, TrainDialog)):
        controls = [widget for kind in kinds for widget in parent.findChildren(kind)]
        # Editors inside spin boxes and combo boxes speak through them.
        own = [
            control
            for control in controls
            if not isinstance(control.parent(), QAbstractSpinBox | QComboBox)
        ]
        assert own
        assert [item for item in own if item.isVisible() and not item.accessibleName()] == []
    _dialog(window, TrainDialog).reject()


def test_an_interrupted_run_can_be_continued_and_one_of_another_process_cannot(
    qtbot, window, engine
):
    project = window.page.session.project
    with Dictionary.open(project) as other:
        run_id = other.runs.start("train", configuration={"iterations": 500}, versions={})
        folder = RunFolder.of(project, run_id)
        folder.prepare(profile_configuration("cpu-demo"))
        folder.metrics.write_text("", encoding="utf-8")
        folder.start.write_bytes(b"weights")
        window.page.show_page(Page.TRAINING)
        listed = window.page.panel(Page.TRAINING).runs
        listed.choose(run_id)
        assert "runs in another process" in listed.list.currentItem().text()
        assert not listed.continue_button.isEnabled()
    window.page.panel(Page.TRAINING).refresh_runs()
    assert "interrupted" in listed.list.currentItem().text()
    qtbot.mouseClick(listed.continue_button, LEFT)
    _wait_for(qtbot, window, 2)
    assert window.training_controller.watch.start.run_id == run_id
