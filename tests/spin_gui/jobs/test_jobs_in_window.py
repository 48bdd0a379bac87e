"""Importing, fitting and stopping from the window, and what happens when it goes wrong."""

from __future__ import annotations

import json
import threading
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel

from core.dictionary.store import Dictionary
from core.errors import PictureError
from core.progress import REPORT_INTERVAL_S, ProgressMeter
from core.types.fits import Verdict
from spin_gui.jobs.fit_dialog import FitDialog, WaitingForFit
from spin_gui.jobs.job import FitChoice, Job, JobKind
from spin_gui.jobs.job_panel import progress_text
from spin_gui.jobs.new_project import NewProjectDialog
from spin_gui.jobs.problem_report import ReportDialog
from spin_gui.window.closing import stop_question
from spin_gui.window.main_window import MainWindow
from tests.spin_gui.importing.asking import agree, asked, settle
from tests.spin_gui.small_project import make_project, new_sample


def _dialog(window: MainWindow, kind: type[QDialog]) -> QDialog:
    (dialog,) = [widget for widget in window.findChildren(kind) if widget.isVisible()]
    return dialog


def _job(window: MainWindow, work) -> Job:
    project = window.page.session.project
    return Job(kind=JobKind.FIT, title="Judging samples", project=project, work=work)


def _judging(project, started: threading.Event | None = None):
    """Work that judges sample after sample through a dictionary of its own until it is stopped."""

    def work(progress, cancel):
        with Dictionary.open(project) as dictionary:
            meter = ProgressMeter("Judging", 6, progress)
            for sample_id in range(1, 7):
                if cancel.cancelled:
                    return
                dictionary.verdicts.set({sample_id: Verdict.UNSURE}, "worker")
                time.sleep(REPORT_INTERVAL_S)
                meter.advance()
                if started is not None:
                    started.set()
                    while not cancel.cancelled:
                        time.sleep(0.005)
        return

    return work


def test_a_stopped_job_keeps_what_it_has_done_and_the_window_shows_it(qtbot, window):
    session = window.page.session
    left = session.counts().left_to_review
    started = threading.Event()
    window.job_controller.start(_job(window, _judging(session.project, started)))
    assert window.job_panel.isVisible()
    assert not window.commands["file.import"].isEnabled()
    qtbot.waitUntil(started.is_set, timeout=5000)
    qtbot.waitUntil(lambda: "1 of 6" in window.job_panel.numbers.text(), timeout=5000)
    qtbot.mouseClick(window.job_panel.stop_button, Qt.MouseButton.LeftButton)
    assert window.job_panel.stop_button.text() == "Stopping…"
    assert not window.job_panel.stop_button.isEnabled()
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=5000)
    assert session.records.current_fit(1).verdict is Verdict.UNSURE
    assert window.status.left.text() == f"{left - 1} left to review"
    assert window.commands["file.import"].isEnabled()
    assert "stopped" in window.job_panel.text.text()
    qtbot.mouseClick(window.job_panel.dismiss_button, Qt.MouseButton.LeftButton)
    assert not window.job_panel.isVisible()


def test_rows_refresh_while_a_job_writes_and_the_selection_stays(qtbot, window):
    session = window.page.session
    started = threading.Event()
    window.job_controller.start(_job(window, _judging(session.project, started)))
    qtbot.waitUntil(started.is_set, timeout=5000)
    session.notice_external_changes()
    assert session.records.current_fit(1).verdict is Verdict.UNSURE
    assert session.current_id == 1
    window.job_controller.stop()
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=5000)


def test_the_first_sample_that_an_import_brings_is_shown_and_marked_in_the_list(
    qtbot, window, tmp_path
):
    folder = make_project(tmp_path / "empty", people=0)
    assert window.open_project(folder)
    page, sample = window.page, new_sample(tmp_path, 1)

    def work(progress, cancel):
        with Dictionary.open(folder) as dictionary:
            dictionary.samples.add([sample])

    window.job_controller.start(_job(window, work))
    qtbot.waitUntil(lambda: page.session.current_row == 0, timeout=5000)
    selected = page.samples.view.selectionModel().selectedIndexes()
    assert [index.row() for index in selected] == [0]


def test_an_error_in_the_worker_becomes_a_dialog(qtbot, window, tmp_path):
    def work(progress, cancel):
        raise PictureError("cut off", path=tmp_path / "a.jpg", remedy="Copy it again.")

    window.job_controller.start(_job(window, work))
    qtbot.waitUntil(lambda: window.errors.dialog is not None, timeout=5000)
    texts = [label.text() for label in window.errors.dialog.findChildren(QLabel)]
    assert "Judging samples" in texts
    assert "Copy it again." in texts
    window.errors.dialog.accept()
    assert "failed" in window.job_panel.text.text()
    assert not window.job_controller.runner.busy


@pytest.mark.parametrize("stop", [False, True])
def test_closing_during_a_job_asks_and_then_ends_it_cleanly(qtbot, window, monkeypatch, stop):
    asked = []

    def answer(*_args, **_words) -> bool:
        asked.append(True)
        return stop

    monkeypatch.setattr(stop_question, "ask_yes_no", answer)
    started = threading.Event()
    window.job_controller.start(_job(window, _judging(window.page.session.project, started)))
    qtbot.waitUntil(started.is_set, timeout=5000)
    window.close()
    assert asked == [True]
    if stop:
        qtbot.waitUntil(lambda: not window.isVisible(), timeout=5000)
        assert window.page is None
    else:
        assert window.isVisible()
        assert not window.job_controller.runner.stopping
        window.job_controller.stop()
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=5000)


def _coco_file(folder, *, broken: bool):
    keypoints = [coordinate for joint in range(17) for coordinate in (60 + joint, 40 + joint, 2)]
    annotation = {"image_id": 1, "category_id": 1, "bbox": [50, 30, 40, 60], "iscrowd": 0}
    annotations = [{**annotation, "id": 71, "keypoints": keypoints, "num_keypoints": 17}]
    if broken:
        annotations.append({**annotation, "id": 72, "keypoints": keypoints[:50]})
    file = folder / "people.json"
    images = [{"id": 1, "file_name": "person_0001.png", "width": 160, "height": 120}]
    categories = [{"id": 1, "name": "person"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_import_by_dialog_adds_people_and_lists_what_was_broken(qtbot, window, tmp_path):
    before = window.page.session.counts().total
    window.commands["file.import"].trigger()
    dialog = asked(qtbot, window)
    assert not dialog.agree_button.isEnabled()
    qtbot.keyClicks(dialog.source.line, str(_coco_file(tmp_path, broken=True)))
    settle(qtbot, dialog)
    assert dialog.choice().import_choice.format == "coco"
    assert "1 entry cannot be read" in dialog.sheet.not_used.text()
    agree(qtbot, dialog)
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=10000)
    assert window.page.session.counts().total == before + 1
    assert "1 person added" in window.job_panel.text.text()
    report = _dialog(window, ReportDialog)
    assert "entry 1" in report.list.toPlainText()
    report.accept()


def test_what_an_import_dropped_and_assumed_is_shown(qtbot, window, tmp_path):
    file = _coco_file(tmp_path, broken=False)
    content = json.loads(file.read_text(encoding="utf-8"))
    content["annotations"][0]["bbox"] = None
    content["annotations"][0]["keypoints"][48:51] = [0, 0, 2]
    file.write_text(json.dumps(content), encoding="utf-8")
    window.commands["file.import"].trigger()
    dialog = asked(qtbot, window)
    dialog.source.set_path(file)
    settle(qtbot, dialog)
    agree(qtbot, dialog)
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=10000)
    report = _dialog(window, ReportDialog)
    texts = "\n".join(label.text() for label in report.findChildren(QLabel))
    assert "1 dropped: joints at (0, 0)" in texts
    assert "the box of a person without one is that of the joints" in texts
    assert not report.list.isVisibleTo(report)
    report.accept()


def test_the_fit_dialog_says_how_many_wait_and_offers_every_start_and_profile(qtbot, window):
    window.commands["fitting.fit"].trigger()
    dialog = _dialog(window, FitDialog)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "7 samples have no fit from an estimated body yet." in texts
    assert dialog.choice() == FitChoice(profile="studio", init="network")
    dialog.profiles.button(1).click()
    dialog.starts.button(2).click()
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "1 sample has no fit from the mean pose yet." in texts
    assert dialog.choice() == FitChoice(profile="paper", init="mean")
    dialog.reject()


def test_the_fit_dialog_proposes_a_start_that_people_wait_for_and_counts_each_by_itself(qtbot):
    dialog = FitDialog(
        {"mean": WaitingForFit(3), "lifter": WaitingForFit(0), "network": WaitingForFit(0)}
    )
    qtbot.addWidget(dialog)
    assert dialog.choice().init == "mean"
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "3 samples have no fit from the mean pose yet." in texts
    assert dialog.fit_button.isEnabled()
    dialog.starts.button(0).click()
    assert not dialog.fit_button.isEnabled()
    dialog.starts.button(2).click()
    assert dialog.fit_button.isEnabled()


def test_the_fit_dialog_counts_an_accepted_fit_as_left_alone(qtbot, window):
    window.commands["review.accept"].trigger()
    window.commands["fitting.fit"].trigger()
    dialog = _dialog(window, FitDialog)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert (
        "6 samples have no fit from an estimated body yet. 1 accepted fit is left alone." in texts
    )
    dialog.reject()


def test_a_new_project_is_made_and_opened(qtbot, window, tmp_path):
    window.commands["file.new_project"].trigger()
    dialog = _dialog(window, NewProjectDialog)
    dialog.folder.set_path(tmp_path)
    dialog.name.setText("project")
    assert not dialog.create_button.isEnabled(), "the folder is there already"
    dialog.name.setText("second")
    qtbot.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    assert window.page.session.project == tmp_path / "second"
    assert window.windowTitle().startswith("second")


def test_a_new_project_with_a_useless_body_is_not_half_made(qtbot, window, tmp_path):
    from core.errors import BodyFileError
    from spin_gui.jobs.controller import make_project
    from spin_gui.jobs.new_project import NewProjectChoice

    with pytest.raises(BodyFileError):
        make_project(NewProjectChoice(project=tmp_path / "new", body_file=tmp_path / "no.pkl"))
    assert not (tmp_path / "new").exists()


def test_numbers_of_progress_read_well():
    from core.progress import Progress, duration_text

    assert progress_text(Progress("x", 1, 600)) == "1 of 600"
    assert not progress_text(Progress("Loading", 0, 0))
    assert progress_text(Progress("x", 120, 12000, 14.2)).startswith("120 of 12 000 · 14.2 per s")
    assert progress_text(Progress("x", 590, 600, 0.5)) == "590 of 600 · 30.0 per min · 20 s left"
    assert [duration_text(s) for s in (0, 59, 200, 7500, 273_600)] == [
        "0 s",
        "59 s",
        "3 min 20 s",
        "2 h 5 min",
        "3 days 4 h",
    ]
