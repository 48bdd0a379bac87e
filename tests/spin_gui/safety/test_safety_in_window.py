"""Checking, restoring and backing up from the window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core.dictionary.recovery.backups import back_up, backups_of
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from spin_gui.jobs.problem_report import ReportDialog
from spin_gui.safety.restore_dialog import RestoreDialog
from spin_gui.session.verdict_edits import judge_selected

ROOT = Path(__file__).resolve().parents[3]

JUDGE_AND_DIE = """
import os, sys
from pathlib import Path
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
dictionary = Dictionary.open(Path(sys.argv[1]))
dictionary.verdicts.set({1: Verdict.UNSURE}, "maria")
os._exit(0)
"""


def _dialog(window, kind):
    (dialog,) = [widget for widget in window.findChildren(kind) if widget.isVisible()]
    return dialog


def _wait_for_job(qtbot, window):
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=30_000)


def _flip(project: Path) -> None:
    database = project / "dictionary.db"
    database.write_bytes(database.read_bytes().replace(b"person_0002", b"person_0009"))


def test_a_sound_project_is_said_to_be_sound(qtbot, window):
    window.commands["file.check"].trigger()
    _wait_for_job(qtbot, window)
    assert _dialog(window, ReportDialog).windowTitle() == "The project is sound"


def test_a_backup_is_restored_from_the_menu_and_later_edits_are_done_again(qtbot, window, project):
    back_up(project)
    judge_selected(window.page.session, Verdict.ACCEPTED)
    window.commands["file.restore"].trigger()
    dialog = _dialog(window, RestoreDialog)
    assert dialog.list.count() == 1
    dialog.accept()
    _wait_for_job(qtbot, window)
    qtbot.waitUntil(lambda: window.page is not None, timeout=10_000)
    assert window.page.session.records.current_fit(1).verdict is Verdict.ACCEPTED
    assert list((project / "backups").glob("replaced-*/dictionary.db"))


def test_without_the_log_the_project_is_as_it_was_backed_up(qtbot, window, project):
    back_up(project)
    judge_selected(window.page.session, Verdict.ACCEPTED)
    window.commands["file.restore"].trigger()
    dialog = _dialog(window, RestoreDialog)
    dialog.with_log.setChecked(False)
    dialog.accept()
    _wait_for_job(qtbot, window)
    qtbot.waitUntil(lambda: window.page is not None, timeout=10_000)
    assert window.page.session.records.current_fit(1).verdict is Verdict.NONE


def test_a_project_without_backups_says_so(qtbot, window):
    window.commands["file.restore"].trigger()
    assert "has no backups" in window.errors.dialog.as_text
    window.errors.dialog.reject()


def test_after_an_unclean_end_damage_is_told_without_being_asked(qtbot, window, project):
    window.close_project()
    _flip(project)
    subprocess.run([sys.executable, "-c", JUDGE_AND_DIE, str(project)], cwd=ROOT, check=True)
    with qtbot.waitSignal(window.safety.checked, timeout=60_000) as checked:
        window.open_project(project)
    assert checked.args == [False]
    assert _dialog(window, ReportDialog).windowTitle() == "The project is damaged"


def test_a_changed_project_is_backed_up_when_it_is_closed(qtbot, window, project, monkeypatch):
    from spin_gui.safety import controller as safety_controller

    started = []
    begin = safety_controller.start_backup
    monkeypatch.setattr(safety_controller, "start_backup", lambda one: started.append(begin(one)))
    window.project_closed.connect(window.safety.back_up)
    judge_selected(window.page.session, Verdict.ACCEPTED)
    window.close_project()
    qtbot.waitUntil(lambda: bool(backups_of(project)), timeout=60_000)
    os.waitpid(started[0], 0)
    window.open_project(project)
    window.close_project()
    assert len(started) == 1, "nothing changed"
    with Dictionary.open(project) as dictionary:
        assert dictionary.fits.current_of(1).verdict is Verdict.ACCEPTED
