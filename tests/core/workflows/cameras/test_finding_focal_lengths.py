"""One focal length for the pictures of a camera, by the sum of the objective over their people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.errors import Cancelled
from core.geometry.boxes import BOX_SCALE_PX, box_around
from core.progress import CancelToken
from core.resource_files import RESOURCES
from core.runs.project_body import display_body
from core.types.cameras import CameraSource, PictureCamera, picture_middle_px
from core.types.samples import NewSample, Sample
from core.types.view_groups import GroupNames
from core.workflows.cameras.find_focal_length import (
    CLEARLY,
    LEAST_PEOPLE,
    SHARES,
    FoundFocalLength,
    find_focal_lengths,
    found_camera,
    judged,
)
from core.workflows.cameras.fitted_objective import fitted_objective
from core.workflows.cameras.give_cameras import give_cameras

SIZE = (640, 480)
DEMO = RESOURCES / "demo" / "dictionary.db"
DIAGONAL = math.hypot(*SIZE)


def new_sample(number: int, folder: str = "a", camera: PictureCamera | None = None) -> NewSample:
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[25:] = [320.0, 240.0, 1.0]
    return NewSample(
        picture_path=Path(f"/{folder}/{number}.jpg"),
        picture_size_px=SIZE,
        dataset="d",
        person_key="0",
        box_center_px=np.array([320, 240], np.float32),
        box_scale=1.5,
        keypoints_px=keypoints,
        camera=camera,
    )


@pytest.fixture
def dictionary(tmp_path: Path):
    with Dictionary.create(tmp_path / "project") as opened:
        yield opened


def bowl(true_share: float, *, noise: float = 3.0):
    """An objective that is least at a focal length, different for every person."""

    def objective(samples: Sequence[Sample]) -> np.ndarray:
        focal = np.array([sample.camera.focal_length_px for sample in samples])
        ids = np.array([sample.id for sample in samples])
        off = np.log(focal / (true_share * DIAGONAL))
        return 500 + 40 * ids + 200 * off**2 + noise * np.sin(7 * ids + 3 * focal)

    return objective


def found_of(dictionary: Dictionary, objective) -> list[FoundFocalLength]:
    pictures = dictionary.cameras.of_samples(dictionary.search.ids())
    return find_focal_lengths(dictionary, pictures, objective)


def test_the_focal_length_at_the_least_sum_is_found_between_those_of_the_grid(dictionary):
    dictionary.samples.add([new_sample(number) for number in range(30)])
    (found,) = found_of(dictionary, bowl(1.37))
    assert found.is_clear
    assert found.share == pytest.approx(1.37, rel=0.03)
    assert (found.people, len(found.pictures)) == (30, 30)
    assert found.camera.source is CameraSource.FOUND
    pictures = dictionary.cameras.of_samples(dictionary.search.ids())
    give_cameras(dictionary, pictures, found_camera([found]))
    camera = dictionary.samples.get(1).camera
    assert camera.focal_length_px == pytest.approx(1.37 * DIAGONAL, rel=0.03)
    assert camera.note.startswith("from the fits of 30 people")


def test_what_is_not_clearly_better_than_the_assumed_camera_is_not_used(dictionary):
    dictionary.samples.add([new_sample(number) for number in range(30)])
    (found,) = found_of(dictionary, bowl(0.85, noise=50.0))
    assert not found.is_clear
    assert "not clearly better" in found.summary()
    pictures = dictionary.cameras.of_samples([1])
    assert found_camera([found])(pictures[0]) == pictures[0].camera


def test_an_objective_that_falls_to_the_end_of_the_range_tells_nothing(dictionary):
    dictionary.samples.add([new_sample(number) for number in range(30)])
    (found,) = found_of(dictionary, bowl(40.0))
    assert found.why_not == "the objective falls to the end of the range"


def test_an_answer_no_farther_off_than_its_own_error_is_not_used(dictionary):
    dictionary.samples.add([new_sample(number) for number in range(30)])
    (found,) = found_of(dictionary, bowl(1.0, noise=0.1))
    assert found.certainty > CLEARLY
    assert found.why_not == "as near to the assumed camera as can be told"


def test_few_people_tell_nothing(dictionary):
    dictionary.samples.add([new_sample(number) for number in range(LEAST_PEOPLE - 1)])
    (found,) = found_of(dictionary, bowl(1.4))
    assert found.summary().endswith("11 people with enough keypoints, expected at least 12")


def test_each_camera_is_found_by_itself_and_known_ones_are_left_out(dictionary):
    typed = PictureCamera(700.0, picture_middle_px(SIZE), source=CameraSource.TYPED)
    dictionary.samples.add(
        [
            *(new_sample(number, "a") for number in range(12)),
            *(new_sample(number, "b") for number in range(12)),
            *(new_sample(number, "known", typed) for number in range(12)),
        ]
    )
    assert [found.name for found in found_of(dictionary, bowl(1.4))] == ["/a", "/b"]
    names = {sample_id: GroupNames(subject="maria", camera="left") for sample_id in range(1, 25)}
    dictionary.groups.assign(names)
    (found,) = found_of(dictionary, bowl(1.4))
    assert (found.name, found.people) == ("left", 24)


def test_the_answer_lies_on_a_parabola_over_the_logarithm():
    shares = np.array(SHARES)
    people = np.arange(20)[:, None]
    objectives = (100 + people + 50 * np.log(shares / 2.1) ** 2).T
    summary = FoundFocalLength(name="a", pictures=(), size_px=SIZE, people=20)
    assert judged(summary, objectives).share == pytest.approx(2.1, rel=1e-3)


def test_it_can_be_cancelled(dictionary):
    dictionary.samples.add([new_sample(number) for number in range(12)])
    cancel = CancelToken()
    cancel.cancel()
    pictures = dictionary.cameras.of_samples(dictionary.search.ids())
    with pytest.raises(Cancelled):
        find_focal_lengths(dictionary, pictures, bowl(1.0), cancel=cancel)


def test_people_seen_through_a_short_lens_are_found_to_be(dictionary, tmp_path):
    """Bodies of the demo project, a metre and a half before a wide lens, with noise of 1 px."""
    with Dictionary.create_from(DEMO, tmp_path / "demo") as demo:
        body = display_body(demo)
        people = demo.samples.get_many(demo.search.ids().tolist()[:24])
        points = [body.keypoints(person.ground_truth.parameters) for person in people]
    rng = np.random.default_rng(0)
    dictionary.samples.add(seen(number, person, rng) for number, person in enumerate(points))
    pictures = dictionary.cameras.of_samples(dictionary.search.ids())
    (found,) = find_focal_lengths(dictionary, pictures, fitted_objective(dictionary))
    assert found.share == pytest.approx(0.4, rel=0.3)
    assert found.people == 24


def seen(number: int, keypoints: np.ndarray, rng: np.random.Generator) -> NewSample:
    """A person who fills two thirds of the height of a picture under 0.4 diagonals."""
    focal_px = 0.4 * DIAGONAL
    depth_m = focal_px * 1.7 / (rng.uniform(0.55, 0.8) * SIZE[1])
    points = keypoints - keypoints[39] + np.array([rng.uniform(-0.3, 0.3), 0.0, depth_m])
    positions = focal_px * points[:, :2] / points[:, 2:] + np.array(picture_middle_px(SIZE))
    box = box_around(positions)
    noisy = positions + rng.normal(size=positions.shape) * box.side_px / 224
    annotated = np.concatenate([noisy, np.ones((49, 1))], axis=1).astype(np.float32)
    return replace(
        new_sample(number),
        keypoints_px=annotated,
        box_center_px=np.array([box.center_x_px, box.center_y_px], np.float32),
        box_scale=box.side_px / BOX_SCALE_PX,
    )
