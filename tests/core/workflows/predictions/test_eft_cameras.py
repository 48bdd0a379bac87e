"""EFT's camera moves the body after it is scaled, as its own visualiser does; SPIN's before."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from core.geometry.rotations import axis_angle_to_matrix
from core.workflows.predictions.import_predictions import import_predictions
from tests.core.workflows.predictions import true_bodies as bodies


def test_a_body_of_eft_is_seen_where_its_visualiser_draws_it(tmp_path: Path) -> None:
    """112 (s x + t) + 112 in the crop, before the long lens that stands for a camera without one.

    The long lens sees the root joint, whose depth is the body's, at the very same pixel.
    """
    truths = bodies.true_bodies()
    project = bodies.make_project(tmp_path, truths)
    camera = np.array([0.8, 0.15, -0.2])
    data = [
        {
            "parm_pose": axis_angle_to_matrix(truth.pose.reshape(24, 3)).tolist(),
            "parm_shape": truth.betas.tolist(),
            "parm_cam": camera.tolist(),
            "bbox_scale": truth.box.side_px / 200,
            "bbox_center": [truth.box.center_x_px, truth.box.center_y_px],
            "imageName": truth.picture,
            "joint_validity_openpose18": [1] * 18,
            "smpltype": "smpl",
        }
        for truth in truths
    ]
    source = tmp_path / "eft.json"
    source.write_text(json.dumps({"ver": 0.1, "data": data}))
    assert import_predictions(project, "theirs", source, betas="keep").imported == 3
    body = bodies.double_body(project)
    s, tx, ty = camera
    place = np.array([tx / s, ty / s, 2 * 5000 / (224 * s)])
    for (found, box), truth in zip(bodies.imported_bodies(project, "theirs"), truths, strict=True):
        _, pixels = bodies.places_of(body, found, box)
        vertices = bodies.vertices_of(body, truth.pose, truth.betas, place)
        seen = 5000 * vertices[:, :2] / vertices[:, 2:] + 112
        assert np.abs(pixels - truth.box.crop_to_picture(seen)).max() < bodies.MOST_OFF_PX
        flat = bodies.vertices_of(body, truth.pose, truth.betas, np.zeros(3))
        drawn = truth.box.crop_to_picture(112 * (s * flat[:, :2] + [tx, ty]) + 112)
        in_plane = np.abs(flat[:, 2]) < 0.005
        assert in_plane.any()
        assert np.abs(pixels - drawn)[in_plane].max() < 0.02
