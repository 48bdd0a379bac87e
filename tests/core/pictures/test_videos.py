"""Videos: decoded once in order, upright, with times; nothing that a file names is followed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from core.errors import PictureError
from core.pictures.videos import frames_of, video_facts
from tests.core.pictures.made_videos import make_video, turn_clockwise

HEIGHT, WIDTH, FRAMES = 48, 64, 12


@pytest.fixture
def video(tmp_path) -> Path:
    return make_video(tmp_path / "walk.mp4", size_px=(WIDTH, HEIGHT), frames=FRAMES)


def every(path: Path):
    return list(frames_of(path, wanted=lambda _number: True))


def test_frames_come_in_order_with_their_times(video):
    frames = every(video)
    assert [frame.number for frame in frames] == list(range(FRAMES))
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(FRAMES) / 10)
    brightness = [int(frame.rgb[..., 2].mean()) for frame in frames]
    assert brightness == sorted(brightness)
    assert brightness[-1] > brightness[0] + 100


def test_only_wanted_frames_are_handed_out(video):
    frames = list(frames_of(video, wanted=lambda number: number % 5 == 0))
    assert [frame.number for frame in frames] == [0, 5, 10]


def test_the_header_says_how_many_frames_there_are(video):
    facts = video_facts(video)
    assert facts.frames == FRAMES
    assert facts.frames_per_s == pytest.approx(10)


def test_a_video_held_upright_is_turned_upright(video, tmp_path):
    upright, turned = every(video)[0], every(turn_clockwise(video, tmp_path / "turned.mp4"))[0]
    assert turned.rgb.shape == (WIDTH, HEIGHT, 3)
    np.testing.assert_array_equal(turned.rgb, np.rot90(upright.rgb, -1))


def test_a_cut_off_video_hands_out_what_there_is_or_says_why(tmp_path):
    whole = make_video(tmp_path / "walk.mkv", size_px=(WIDTH, HEIGHT), frames=60)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    seen: list[int] = []
    with suppress(PictureError):
        seen.extend(frame.number for frame in frames_of(cut, wanted=lambda _number: True))
    assert 0 < len(seen) < 60
    assert seen == list(range(len(seen)))


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100])
def test_another_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "walk.mp4"
    path.write_bytes(content)
    for read in (video_facts, every):
        with pytest.raises(PictureError, match="cannot be read") as caught:
            read(path)
        assert str(path) in caught.value.message
        assert "Errno" not in caught.value.message


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(PictureError, match="no such file"):
        video_facts(tmp_path / "walk.mp4")


def test_a_list_of_other_files_is_not_followed(video, tmp_path):
    for name, text in (
        ("list.mp4", f"ffconcat version 1.0\nfile '{video.name}'\n"),
        ("list.m3u8", f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{video.name}\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(PictureError):
            video_facts(path)
