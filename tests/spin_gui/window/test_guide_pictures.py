"""The pictures of the guide: small files that show what the window shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from spin_gui.screenshots.guide_pictures import reduce_colours

LARGEST_MEAN_DIFFERENCE = 6
"""Of a channel, of 255: dithering spreads what a palette lacks over neighbours."""


def test_a_picture_with_fewer_colours_is_smaller_and_looks_the_same(tmp_path: Path) -> None:
    x, y = np.meshgrid(np.linspace(0, 255, 240), np.linspace(0, 255, 160))
    noise = np.random.default_rng(0).normal(0, 4, (160, 240, 3))
    pixels = (np.stack((x, y, 255 - x), axis=-1) + noise).clip(0, 255).astype(np.uint8)
    file = tmp_path / "picture.png"
    Image.fromarray(pixels).save(file)
    before = file.stat().st_size
    reduce_colours(file)
    with Image.open(file) as reduced:
        shown = np.asarray(reduced.convert("RGB"), dtype=float)
    assert file.stat().st_size < before / 2
    assert abs(shown - pixels).mean() < LARGEST_MEAN_DIFFERENCE
