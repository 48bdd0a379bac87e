"""Every format of bodies that is both written and read gives a body back as it was.

Whatever camera it has: within 0.1 mm, and 0.01 px of its picture. What a format cannot hold is
lost, and the report says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.body.display_body import DisplayBody
from core.body.picture_frame import intrinsics_in_picture
from core.types.bodies import BodyParameters, camera_batch
from core.types.samples import Sample
from core.workflows.export_formats import EXPORT_FORMATS
from core.workflows.predictions.import_predictions import import_predictions
from tests.core.workflows.exports.conftest import People

MOST_OFF = 1e-4
"""Metres, and hundreds of pixels."""


@dataclass(frozen=True, kw_only=True)
class RoundTrip:
    """What is written where, and what comes back.

    read: what is imported again, where that is another path than what was written. who: whose
    bodies the format has. joints: how many of SMPL's are kept. loss: what the report of the export
    says is lost. camera: whether bodies come back before their cameras; else they are placed by
    the keypoints, and the import counts them.
    """

    out: str
    read: str | None = None
    who: tuple[str, ...] = ("good", "accepted")
    joints: int = 24
    loss: str | None = None
    camera: bool = True


ROUND_TRIPS = {
    "spin-fits": RoundTrip(out="fits.npz"),
    "eft": RoundTrip(out="fits.json"),
    "humandata": RoundTrip(out="fits.npz"),
    "smplx": RoundTrip(out="results"),
    "amass": RoundTrip(
        out="motion",
        read="motion/scene_0_101.npz",
        who=("accepted",),
        joints=22,
        loss="SMPL-H has no place for SMPL's hand joints",
    ),
    "smpl": RoundTrip(out="motion", read="motion/scene_0_101.smpl", who=("accepted",)),
    "spin-dataset": RoundTrip(
        out="set.npz", who=("accepted",), camera=False, loss="the file has no cameras"
    ),
    "spin-npy": RoundTrip(out="set_fits.npy", camera=False, loss="the file has no cameras"),
}

WRITTEN_ONLY = {
    "bvh": "bones in centimetres have no shape",
    "obj": "a mesh has no pose",
    "ply": "a mesh has no pose",
    "glb": "a mesh has no betas",
    "png": "a picture",
    "csv": "a table of everything known of a person",
    "parquet": "the same table",
    "corrections": "changes, not bodies",
    "coco-keypoints": "keypoints, not bodies; tests/core/workflows/annotations",
    "as-imported": "the files that came; tests/core/workflows/predictions/test_taking_over.py",
}


def test_no_format_is_forgotten() -> None:
    assert set(ROUND_TRIPS) | set(WRITTEN_ONLY) == set(EXPORT_FORMATS)
    assert not set(ROUND_TRIPS) & set(WRITTEN_ONLY)


@pytest.mark.parametrize("export", ROUND_TRIPS)
def test_what_this_program_reads_comes_back_where_it_was(
    people: People, tmp_path: Path, display_body: DisplayBody, export: str
) -> None:
    trip = ROUND_TRIPS[export]
    make_pictures(people)
    written = EXPORT_FORMATS[export].write(people.dictionary, people.request(tmp_path / trip.out))
    if export == "spin-npy":  # its rows are those of the data set beside it
        EXPORT_FORMATS["spin-dataset"].write(
            people.dictionary, people.request(tmp_path / "set.npz")
        )
    assert trip.loss is None or trip.loss in written.summary()
    ids = [getattr(people, name) for name in trip.who]
    report = import_predictions(
        people.dictionary.project,
        "again",
        tmp_path / (trip.read or trip.out),
        betas="keep" if export == "spin-npy" else "auto",
    )
    assert report.imported == len(ids)
    assert report.solved_cameras == (0 if trip.camera else len(ids))
    sets = people.dictionary.prediction_sets
    found = sets.bodies(sets.named("again").id, ids)
    for sample_id in ids:
        check(people, display_body, sample_id, found[sample_id], trip)


def make_pictures(people: People) -> None:
    """Files of the pictures' names, which sequences are looked up by."""
    folder = people.dictionary.samples.get(people.good).picture_path.parent
    folder.mkdir()
    for number in range(3):
        (folder / f"scene_{number}.jpg").write_bytes(b"")


def check(
    people: People, body: DisplayBody, sample_id: int, again: BodyParameters, trip: RoundTrip
) -> None:
    """The body is as it was, and where it was."""
    then = people.body(sample_id)
    np.testing.assert_allclose(again.betas, then.betas, atol=1e-6)
    sample = people.dictionary.samples.get(sample_id)
    if trip.camera:
        now, before = (places(body, each, sample) for each in (again, then))
        rows = slice(trip.joints) if trip.joints < 24 else slice(None)
        np.testing.assert_allclose(now[rows], before[rows], atol=MOST_OFF)
    else:
        meshes = [body.vertices(each).astype(np.float64) for each in (again, then)]
        np.testing.assert_allclose(*meshes, atol=MOST_OFF)


def places(body: DisplayBody, parameters: BodyParameters, sample: Sample) -> NDArray[np.float64]:
    """Joints and vertices before the camera of the whole picture, metres and hundreds of pixels."""
    turn = camera_batch([parameters.camera]).converted(lambda part: part.astype(float))
    bones = body.skeleton(parameters.pose_axis_angle, parameters.betas).joints
    points = np.concatenate([bones, body.vertices(parameters)]).astype(np.float64)
    seen = (points + parameters.camera_translation) @ turn.viewing_rotations[0].T
    focal, *principal = intrinsics_in_picture(parameters.camera, sample.box)
    pixels = focal * seen[:, :2] / seen[:, 2:] + principal
    return np.concatenate([seen, pixels / 100], axis=1)
