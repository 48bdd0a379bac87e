"""One scene of each kind, made once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.engine.body.smpl_body import BodyModel
from core.engine.synthetic.scenes import SceneMaker
from core.rendering.render_thread import RenderService


@pytest.fixture(scope="package")
def maker(open_body: BodyModel) -> Iterator[SceneMaker]:
    with RenderService(open_body.faces) as rendering:
        yield SceneMaker(open_body, rendering)


@pytest.fixture(scope="package")
def standing() -> np.ndarray:
    """(69,) arms hanging beside the body."""
    pose = np.zeros(69)
    pose[3 * 15 + 2] = -1.2
    pose[3 * 16 + 2] = 1.2
    return pose
