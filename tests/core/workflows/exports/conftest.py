"""A project of people with chosen bodies before chosen cameras."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera
from core.types.fits import FitLosses, NewFit, Origin, Verdict
from core.types.samples import NewSample
from core.workflows.exports.export_request import ExportRequest

SIZE_PX = (640, 480)


@dataclass(frozen=True, eq=False)
class People:
    """An opened project; ids of people with a good, an accepted, a rejected, a poor and no fit."""

    dictionary: Dictionary
    good: int
    accepted: int
    rejected: int
    poor: int
    without: int

    @property
    def exported(self) -> list[int]:
        return sorted([self.good, self.accepted])

    def request(self, out: Path, **asked: object) -> ExportRequest:
        return ExportRequest(out=out, **asked)  # type: ignore[arg-type]

    def body(self, sample_id: int) -> BodyParameters:
        fit = self.dictionary.fits.current_of(sample_id)
        assert fit is not None
        return fit.parameters


def new_person(number: int, folder: Path) -> NewSample:
    keypoints = np.zeros((49, 3), dtype=np.float32)
    keypoints[25:44] = [[10.25 * i + 30, 5 * i + 20.5, 1] for i in range(19)]
    keypoints[:20] = [[9.75 * i + 31, 5 * i + 21.5, 0.75] for i in range(20)]
    return NewSample(
        picture_path=folder / f"scene_{number // 2}.jpg",
        picture_size_px=SIZE_PX,
        dataset="coco",
        person_key=str(100 + number),
        box_center_px=np.array([200 + 40 * number, 250 - 5 * number], dtype=np.float32),
        box_scale=1.25 + 0.125 * number,
        keypoints_px=keypoints,
    )


def chosen_body(number: int) -> BodyParameters:
    """Posed in every joint; of the picture's lens, off the middle, but for the first."""
    rng = np.random.default_rng(number)
    pose = rng.normal(0, 0.25, 72).astype(np.float32)
    pose[:3] = [np.pi - 0.3, 0.2 * number, 0.1]
    betas = rng.normal(0, 0.7, 10).astype(np.float32)
    if number == 0:
        return BodyParameters(pose, betas, np.array([0.05, 0.1, 42.0], np.float32), LONG_LENS)
    camera = CropCamera(700.0 + 50 * number, 190.0 - 20 * number, 90.0)
    translation = np.array([0.1, -0.05, 5.0 + number], np.float32)
    return BodyParameters(pose, betas, translation, camera)


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    dictionary = Dictionary.create(tmp_path / "project")
    new = [new_person(number, tmp_path / "pictures") for number in range(5)]
    ids = dictionary.samples.add(new).added_ids
    losses = [12.0, 5000.0, 10.0, 5000.0]
    dictionary.fits.offer(
        [
            NewFit(
                sample_id=sample_id,
                parameters=chosen_body(number),
                losses=FitLosses(
                    reprojection=loss, pose_prior=1, angle_prior=2, shape_prior=3, comparison=loss
                ),
                origin=Origin.MEAN,
            )
            for number, (sample_id, loss) in enumerate(zip(ids, losses, strict=False))
        ]
    )
    verdicts = {ids[1]: Verdict.ACCEPTED, ids[2]: Verdict.REJECTED}
    dictionary.verdicts.set(verdicts, "maria")
    yield People(dictionary, ids[0], ids[1], ids[2], ids[3], ids[4])
    dictionary.close()
