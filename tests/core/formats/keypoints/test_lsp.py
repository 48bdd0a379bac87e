"""LSP's and LSPET's joints.mat: the n-th person is that of the n-th picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.keypoints.datasets.lsp import IN_ORDER_OF_NAMES
from core.formats.reader_results import ReadProblem
from core.formats.registry import FORMATS, open_format
from core.types.samples import NewSample
from tests.core.formats.keypoints.painted import (
    check_colours,
    opened,
    paint,
    results_of,
    where,
)

JOINTS = (
    "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle",
    "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist",
    "neck", "head_top",
)  # fmt: skip
"""As README.txt of both sets lists them."""


def people(shift: tuple[float, float] = (0.25, -0.25)) -> NDArray[np.float64]:
    """``(2, 14, 2)``."""
    return np.array([[where(name, person, shift) for name in JOINTS] for person in (0, 1)])


def lsp(path: Path, positions: NDArray[np.float64], flags: NDArray[np.float64]) -> Path:
    """``(3, 14, N)``."""
    joints = np.concatenate([positions, flags[:, :, None]], axis=2).transpose(2, 1, 0)
    scipy.io.savemat(path, {"joints": joints}, do_compression=True)
    return path


def lspet(path: Path, positions: NDArray[np.float64], flags: NDArray[np.float64]) -> Path:
    """``(14, 3, N)``."""
    joints = np.concatenate([positions, flags[:, :, None]], axis=2).transpose(1, 2, 0)
    scipy.io.savemat(path, {"joints": joints})
    return path


def test_joints_of_lsp_lie_where_they_are_whatever_their_flags(tmp_path: Path) -> None:
    first, second = (paint(tmp_path / "images" / f"im000{number}.png") for number in (1, 2))
    occluded = np.tile([0.0, 1.0], (2, 7))
    source = lsp(tmp_path / "joints.mat", people(), occluded)
    results = results_of(opened(source, name="lsp"))
    assert [each.picture_path for each in results if isinstance(each, NewSample)] == [first, second]
    check_each(results, JOINTS)


def check_each(results: list, joints: tuple[str, ...]) -> None:
    """Each picture shows both people and has one of them."""
    one, other = results
    assert isinstance(one, NewSample)
    assert isinstance(other, NewSample)
    moved = NewSample(**{**vars(other), "picture_path": one.picture_path})
    check_colours([one, moved], one.picture_path, joints, shift=(0.25, -0.25))


def test_joints_of_lspet_that_are_not_seen_are_absent(tmp_path: Path) -> None:
    for number in (1, 2):
        paint(tmp_path / f"im0000{number}.png")
    flags = np.ones((2, 14))
    flags[:, [0, 13]] = 0
    positions = people()
    positions[:, 13] = -33
    results = results_of(opened(lspet(tmp_path / "joints.mat", positions, flags), name="lsp"))
    check_each(results, JOINTS[1:13])


def test_a_single_person_is_read(tmp_path: Path) -> None:
    paint(tmp_path / "im0001.png")
    source = lsp(tmp_path / "one.dat", people()[:1], np.ones((1, 14)))
    (person,) = results_of(opened(source, name="lsp"))
    assert isinstance(person, NewSample)


def test_pictures_whose_numbers_have_gaps_are_taken_in_order(tmp_path: Path) -> None:
    for number in (3, 7):
        paint(tmp_path / f"im0000{number}.png")
    source = opened(lspet(tmp_path / "joints.mat", people(), np.ones((2, 14))), name="lsp")
    check_each(results_of(source), JOINTS)
    assert source.notes.assumed[IN_ORDER_OF_NAMES] == 2


def test_a_picture_that_is_not_there_is_told(tmp_path: Path) -> None:
    paint(tmp_path / "im0001.png")
    positions = people()
    positions[0, 0] = np.nan
    source = lsp(tmp_path / "joints.mat", positions, np.ones((2, 14)))
    broken, absent = results_of(opened(source, name="lsp"))
    assert isinstance(broken, ReadProblem)
    assert "finite" in broken.reason
    assert isinstance(absent, ReadProblem)
    assert "no picture im0002.jpg" in absent.reason


@pytest.mark.parametrize("shape", [(3, 13, 2), (14, 4, 2), (14, 3, 2, 2)])
def test_another_shape_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    source = tmp_path / "joints.mat"
    scipy.io.savemat(source, {"joints": np.zeros(shape)})
    with pytest.raises(AnnotationError, match="neither MPII's"):
        open_format(FORMATS["lsp"], source, None, dataset="x")
