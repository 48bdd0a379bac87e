"""Bodies of a prediction set become fits from the window, after numbers that say what happens."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from core.types.fits import Origin
from spin_gui.jobs.prediction_sets import PredictionSetsDialog
from spin_gui.jobs.take_over import NO_SETS, TakeOverDialog
from spin_gui.training.refit import RefitDialog
from tests.spin_gui.importing.asking import shown

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def project(flagged_project):
    return flagged_project


@pytest.fixture
def window_size():
    return 1400, 900


@pytest.fixture
def ask(window, qtbot):
    """Opens the dialog by its keys."""

    def opened() -> TakeOverDialog:
        window.activateWindow()
        qtbot.keyClick(
            window,
            Qt.Key.Key_B,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )
        dialog = window.findChildren(TakeOverDialog)[-1]
        qtbot.waitUntil(dialog.isVisible)
        return dialog

    return opened


def choose(qtbot, button):
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)


def idle(qtbot, window):
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=60000)


def histories(window):
    dictionary = window.page.session.dictionary
    covered = dictionary.prediction_sets.sample_ids(
        dictionary.prediction_sets.named("Other").id
    ).tolist()
    return {
        sample_id: [fit.origin for fit in dictionary.fits.history(sample_id)]
        for sample_id in covered
    }


def test_numbers_come_first_and_the_bodies_enter_the_histories(qtbot, window, ask):
    dialog = ask()
    covered = len(histories(window))
    assert f"{covered} people of 'Other' will be taken over" in dialog.plan.text()
    choose(qtbot, dialog.rules.button(1))
    assert "what is current stays current" in dialog.plan.text()
    current = window.page.session.dictionary.fits.current_ids(histories(window))
    qtbot.mouseClick(dialog.take_button, LEFT)
    idle(qtbot, window)
    found = histories(window)
    assert all({Origin.IMPORTED, Origin.NETWORK} & set(origins) for origins in found.values())
    assert window.page.session.dictionary.fits.current_ids(found) == current
    assert f"{covered} fits taken over from 'Other'" in window.job_panel.text.text()


def test_one_person_is_taken_over_alone(qtbot, window, ask):
    dialog = ask()
    last = len(dialog.scopes.buttons()) - 1
    choose(qtbot, dialog.scopes.button(last))
    assert dialog.choice().sample_ids == (window.page.session.current_id,)
    assert "1 person of 'Other'" in dialog.plan.text()


def test_the_list_of_sets_leads_there_with_its_set(qtbot, window):
    window.commands["training.prediction_sets"].trigger()
    sets = window.findChild(PredictionSetsDialog)
    assert not sets.take_over_button.isEnabled()
    sets.table.selectRow(0)
    qtbot.mouseClick(sets.take_over_button, LEFT)
    dialog = window.findChildren(TakeOverDialog)[-1]
    assert dialog.sets.currentText().startswith("Other (")


def test_without_a_set_an_import_is_offered(qtbot, window, ask):
    sets = window.page.session.dictionary.prediction_sets
    sets.delete(sets.named("Other").id)
    dialog = ask()
    assert dialog.plan.text() == NO_SETS
    assert not dialog.take_button.isEnabled()
    qtbot.mouseClick(dialog.import_button, LEFT)
    assert shown(window)


def test_a_refit_may_begin_at_the_bodies_of_a_set(qtbot, window):
    window.commands["fitting.refit"].trigger()
    dialog = window.findChildren(RefitDialog)[-1]
    for name, box in dialog.starts.items():
        if box.isChecked() != (name == "set:Other"):
            choose(qtbot, box)
    choose(qtbot, dialog.what.button(1))
    qtbot.mouseClick(dialog.refit_button, LEFT)
    idle(qtbot, window)
    assert "best from 'Other'" in window.job_panel.text.text()
