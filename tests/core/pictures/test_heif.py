"""HEIC pictures are read like any other: upright once, named where they are damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from core.errors import PictureError
from core.pictures.decoding import load_picture, picture_header, picture_size
from core.pictures.exif_lens import lens_facts
from core.pictures.headers import read_header

QUARTER_CLOCKWISE = 6


def picture() -> np.ndarray:
    pixels = np.zeros((40, 64, 3), np.uint8)
    pixels[:20, :32, 0] = 255
    pixels[20:, :32, 1] = 255
    return pixels


def saved(path: Path, *, orientation: int | None = None) -> Path:
    heif = pillow_heif.from_pillow(Image.fromarray(picture()))
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    heif.save(path, quality=95, exif=exif.tobytes())
    return path


def test_pixels_and_size_are_those_of_the_picture(tmp_path):
    path = saved(tmp_path / "a.heic")
    assert picture_size(path) == (64, 40)
    np.testing.assert_allclose(load_picture(path)[::39, ::63], picture()[::39, ::63], atol=12)


def test_a_turned_picture_is_turned_once(tmp_path):
    path = saved(tmp_path / "a.heic", orientation=QUARTER_CLOCKWISE)
    upright = np.rot90(picture(), -1)
    assert picture_size(path) == (40, 64)
    assert picture_header(path).orientation == 1, "its pixels are handed out upright"
    np.testing.assert_allclose(load_picture(path)[::63, ::39], upright[::63, ::39], atol=12)


def test_the_lens_of_a_turned_picture_is_told(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = QUARTER_CLOCKWISE
    exif.get_ifd(0x8769).update({0xA405: 26, 0xA002: 64, 0xA003: 40})
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(Image.fromarray(picture())).save(path, exif=exif.tobytes())
    with path.open("rb") as stream:
        facts = lens_facts(read_header(stream))
    assert facts is not None
    assert facts.focal_length_px == pytest.approx(26 / 43.27 * np.hypot(64, 40), rel=1e-3)


def test_no_cut_or_flipped_byte_raises_anything_but_picture_error(tmp_path):
    data = saved(tmp_path / "whole.heic").read_bytes()
    rng = np.random.default_rng(0)
    broken = tmp_path / "broken.heic"
    refused = 0
    for trial in range(60):
        content = bytearray(data[: rng.integers(12, len(data))] if trial % 2 else data)
        for at in rng.integers(12, len(content), 3):
            content[at] = rng.integers(0, 256)
        broken.write_bytes(bytes(content))
        try:
            assert load_picture(broken).shape[:2] == picture_size(broken)[::-1]
        except PictureError:
            refused += 1
    assert refused > 30


def test_a_cut_off_picture_is_refused(tmp_path):
    data = saved(tmp_path / "a.heic").read_bytes()
    cut = tmp_path / "cut.heic"
    cut.write_bytes(data[:-40])
    with pytest.raises(PictureError, match=r"cut\.heic"):
        load_picture(cut)
