from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ShapeError, UserFileError
from core.files.atomic_write import atomic_write
from core.formats.bodies.spin_fits import (
    CropPlaces,
    PicturePlaces,
    SpinFits,
    WorldPlaces,
    write_spin_fits,
)


def two_fits() -> SpinFits:
    return SpinFits(
        pose=np.ones((2, 72), dtype=np.float32),
        betas=np.ones((2, 10), dtype=np.float32),
        valid_fit=np.array([True, False]),
        valid_shape=np.array([True, False]),
        center=np.ones((2, 2), dtype=np.float32),
        scale=np.ones(2, dtype=np.float32),
        imgname=np.array(["a.jpg", "ü/b.jpg"]),
        person=np.array(["1", "2"]),
        dataset=np.array(["coco", "coco"]),
        sample_id=np.array([1, 2]),
    )


def two_placed_fits() -> SpinFits:
    return replace(
        two_fits(),
        crop_places=CropPlaces(
            crop_translation=np.full((2, 3), 2.0, dtype=np.float32),
            crop_camera_px=np.full((2, 5), 112.0, dtype=np.float32),
        ),
        picture_places=PicturePlaces(
            picture_root_axis_angle=np.ones((2, 3), dtype=np.float32),
            picture_translation=np.full((2, 3), 3.0, dtype=np.float32),
            picture_focal_length_px=np.full(2, 900.0, dtype=np.float32),
            picture_principal_point_px=np.full((2, 2), 320.0, dtype=np.float32),
        ),
        world_places=WorldPlaces(
            world_rotation=np.zeros((2, 3, 3), dtype=np.float32),
            world_translation=np.zeros((2, 3), dtype=np.float32),
            world_metres_per_unit=np.zeros(2, dtype=np.float32),
            world=np.array(["set.json ab", ""]),
        ),
    )


@pytest.mark.parametrize("fits", [two_fits(), two_placed_fits()], ids=["places unknown", "placed"])
def test_every_array_loads_without_pickle(fits: SpinFits, tmp_path: Path) -> None:
    write_spin_fits(tmp_path / "fits.npz", fits)
    with np.load(tmp_path / "fits.npz", allow_pickle=False) as loaded:
        assert set(loaded.files) == set(fits.arrays())
        assert {"pose", "betas", "valid_fit"} <= set(loaded.files)
        assert ("crop_translation" in loaded.files) == (fits.crop_places is not None)
        for name, array in fits.arrays().items():
            np.testing.assert_array_equal(loaded[name], array)


def test_arrays_of_unlike_length_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"betas has shape \(3, 10\), expected \(2, 10\)"):
        replace(two_fits(), betas=np.ones((3, 10), dtype=np.float32))


def test_the_name_is_taken_as_given(tmp_path: Path) -> None:
    write_spin_fits(tmp_path / "fits", two_fits())
    assert [path.name for path in tmp_path.iterdir()] == ["fits"]


def test_a_failure_midway_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    out = tmp_path / "out.bin"
    out.write_bytes(b"old")

    def fail_midway() -> None:
        with atomic_write(out, overwrite=True) as stream:
            stream.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_midway()
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out.bin"

    def race() -> None:
        with atomic_write(out, overwrite=False) as stream:
            stream.write(b"mine")
            out.write_bytes(b"theirs")

    with pytest.raises(UserFileError, match="exists already"):
        race()
    assert out.read_bytes() == b"theirs"


def test_folders_and_missing_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserFileError, match="is a folder"):
        write_spin_fits(tmp_path, two_fits(), overwrite=True)
    with pytest.raises(UserFileError, match="its folder does not exist"):
        write_spin_fits(tmp_path / "absent" / "fits.npz", two_fits())


def test_a_write_that_fails_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.files.atomic_write.os.fsync", full)
    with pytest.raises(UserFileError, match=r"cannot be written \(No space left on device\)"):
        write_spin_fits(tmp_path / "fits.npz", two_fits())
    assert list(tmp_path.iterdir()) == []
