"""Annotations and pictures that the readers' tests write."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

Writer = Callable[[str, Any], Path]


@pytest.fixture
def write_json(tmp_path: Path) -> Writer:
    """Writes a document into the folder of the pictures."""

    def write(name: str, document: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a small picture of 200×100 px."""

    def write(name: str, size: Sequence[int] = (200, 100)) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((size[1], size[0], 3), 90, dtype=np.uint8))
        return path

    return write
