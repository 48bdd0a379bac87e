"""Frames in the window: the strip, steps by keys, playback, and a body that is carried over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.types.fits import NewFit, Origin, Verdict
from core.types.flags import FlagName, flag_words
from core.types.tracks import TrackMember
from spin_gui.frames.playback import NO_FRAMES

TRACK = [1, 2, 3, 4]
ELBOW = slice(3 * 18, 3 * 19)


@pytest.fixture
def filmed(window, qtbot):
    """The window with a person who is followed through four frames, the first of them shown."""
    session = window.page.session
    qtbot.waitUntil(lambda: window.page.is_complete, timeout=20_000)
    members = [TrackMember(sample_id, place) for place, sample_id in enumerate(TRACK)]
    session.dictionary.tracks.replace_all([members])
    session.select(TRACK[1])
    session.select(TRACK[0])
    return window


def press(window, key):
    QTest.keyClick(window, key, Qt.KeyboardModifier.AltModifier)


def test_the_strip_shows_the_frames_and_a_click_leads_to_one(filmed):
    strip, session = filmed.page.frames.strip, filmed.page.session
    assert not strip.isHidden()
    assert [button.text() for button in strip.buttons] == ["1", "2", "3", "4"]
    strip.buttons[2].click()
    assert session.current_id == TRACK[2]
    assert [button.isChecked() for button in strip.buttons] == [False, False, True, False]
    session.select(7)
    assert strip.isHidden()


def test_a_frame_with_a_jump_bears_its_badge(filmed):
    session = filmed.page.session
    for sample_id, fit in session.dictionary.fits.current(TRACK).items():
        pose = np.zeros(72, np.float32)
        pose[ELBOW] = [0, 0, 2.0 if sample_id == TRACK[2] else 0.0]
        session.dictionary.fits.offer(
            [
                NewFit(
                    sample_id=sample_id,
                    parameters=replace(fit.parameters, pose_axis_angle=pose),
                    losses=replace(fit.losses, comparison=0.01),
                    origin=Origin.REFIT,
                )
            ]
        )
    session.select(TRACK[1])
    texts = [button.text() for button in filmed.page.frames.strip.buttons]
    assert texts == ["1", "2", f"{flag_words(FlagName.JUMP).badge} 3", "4"]


def test_keys_lead_from_frame_to_frame(filmed):
    session, notices = filmed.page.session, []
    session.noticed.connect(notices.append)
    press(filmed, Qt.Key.Key_Period)
    assert session.current_id == TRACK[1]
    press(filmed, Qt.Key.Key_Comma)
    press(filmed, Qt.Key.Key_Comma)
    assert session.current_id == TRACK[0]
    assert notices == ["This is the first frame."]


def test_playing_ends_at_the_last_frame_and_begins_at_the_first_again(filmed, qtbot):
    session, playback = filmed.page.session, filmed.page.frames.playback
    press(filmed, Qt.Key.Key_P)
    assert playback.is_running
    qtbot.waitUntil(lambda: not playback.is_running, timeout=20_000)
    assert session.current_id == TRACK[-1]
    press(filmed, Qt.Key.Key_P)
    assert session.current_id == TRACK[0]
    press(filmed, Qt.Key.Key_P)
    assert not playback.is_running


def test_showing_another_sample_ends_the_playing(filmed, qtbot):
    session, playback = filmed.page.session, filmed.page.frames.playback
    press(filmed, Qt.Key.Key_P)
    session.select(6)
    qtbot.waitUntil(lambda: not playback.is_running, timeout=20_000)
    assert session.current_id == 6


def test_someone_who_is_not_followed_has_nothing_to_play(filmed):
    session, notices = filmed.page.session, []
    session.noticed.connect(notices.append)
    session.select(7)
    press(filmed, Qt.Key.Key_P)
    assert notices == [NO_FRAMES]
    assert not filmed.page.frames.playback.is_running


def test_a_body_carried_over_is_one_step_of_undo(filmed, qtbot):
    session = filmed.page.session
    session.dictionary.verdicts.set({TRACK[3]: Verdict.ACCEPTED}, author="test")
    session.select(TRACK[1])
    before = session.dictionary.fits.current_ids(TRACK)
    carrying = filmed.page.correcting.carrying
    filmed.commands["frames.carry"].trigger()
    assert carrying.is_running
    qtbot.waitUntil(lambda: not carrying.is_running, timeout=60_000)
    after = session.dictionary.fits.current_ids(TRACK)
    changed = {sample_id for sample_id in TRACK if after[sample_id] != before[sample_id]}
    assert changed == {TRACK[0], TRACK[2]}
    assert "Carry the body over to 2 frames – saved" in filmed.status.saved.text()

    filmed.commands["edit.undo"].trigger()
    assert session.dictionary.fits.current_ids(TRACK) == before
    filmed.commands["edit.redo"].trigger()
    assert session.dictionary.fits.current_ids(TRACK) == after


def test_a_body_is_carried_past_frames_that_are_removed_meanwhile(filmed, qtbot):
    session = filmed.page.session
    carrying = filmed.page.correcting.carrying
    session.select(TRACK[1])
    before = session.dictionary.fits.current_ids(TRACK)
    filmed.commands["frames.carry"].trigger()
    session.dictionary.removals.people([TRACK[2]])
    qtbot.waitUntil(lambda: not carrying.is_running, timeout=60_000)
    after = session.dictionary.fits.current_ids(TRACK)
    assert after[TRACK[0]] != before[TRACK[0]]
    session.dictionary.removals.people([TRACK[0]])
    filmed.commands["edit.undo"].trigger()
    assert session.dictionary.fits.current_ids(TRACK)[TRACK[3]] == before[TRACK[3]]


def test_the_strip_folds_to_its_numbers_which_lead_to_frames_as_well(filmed, qtbot):
    strip, session = filmed.page.frames.strip, filmed.page.session
    filmed.resize(1280, 980)
    qtbot.waitUntil(lambda: not strip.fold.folded)
    before = strip.height()
    qtbot.mouseClick(strip.fold, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: strip.height() < before / 2)
    qtbot.mouseClick(strip.buttons[2], Qt.MouseButton.LeftButton)
    assert session.current_id == TRACK[2]
    assert strip.height() < before / 2
