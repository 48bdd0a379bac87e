"""How near bodies come to points in space: joints, noisy joints, and whole meshes.

Poses are drawn from the shipped pose prior, turned any way, with betas N(0, 1). Meshes are fitted
by smplfitter as well where it is installed (``pip install --no-deps smplfitter``), on the same
body, which is written for it as an SMPL file into a temporary folder.

    python -m benchmarks.bodies.space_fits [--quick] [--json]
"""

from __future__ import annotations

import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.common.reporting import benchmark_arguments, report
from core.body.arrays import BodyArrays
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.space.points_3d import Points3D
from core.engine.smplify.space.space_fitting import SpaceFitting
from core.engine.smplify.space.vertex_fitting import VertexFitting

PEOPLE, QUICK_PEOPLE = 256, 32
SEED = 4
NOISE_M = 0.01
SPIN_TRUTH = slice(25, 49)


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    model, prior = load_body(), PosePrior.load()
    people = _people(prior, QUICK_PEOPLE if options.quick else PEOPLE)
    joints = _from_joints(model, prior, people)
    meshes = _from_meshes(model, prior, people)
    report({"people": len(people), **joints, **meshes}, as_json=options.json)
    return 0


def _people(prior: PosePrior, count: int) -> BodyEstimate:
    torch.manual_seed(SEED)
    pose = torch.from_numpy(prior.sample(count, np.random.default_rng(SEED))).float()
    vectors = torch.cat([1.5 * torch.randn(count, 3), pose], dim=1)
    place = torch.randn(count, 3) + torch.tensor([0.0, 0.0, 4.0])
    return BodyEstimate.from_axis_angle(vectors, torch.randn(count, 10), place)


def _mesh(model: BodyModel, bodies: BodyEstimate) -> Tensor:
    vertices = model(bodies.rotations, bodies.betas).vertices
    return vertices + bodies.camera_translation[:, None]


def _from_joints(model: BodyModel, prior: PosePrior, people: BodyEstimate) -> Mapping[str, float]:
    fitting = SpaceFitting(model, prior)
    posed = fitting.body.posed(people.rotations, people.betas)
    joints = posed.joints + people.camera_translation[:, None]
    keypoints = fitting.body.keypoints(people.rotations, people.betas)
    keypoints = keypoints + people.camera_translation[:, None]
    known = torch.zeros(len(people), 49, 1)
    known[:, SPIN_TRUTH] = 1
    noisy = torch.cat([keypoints + NOISE_M * torch.randn(keypoints.shape), known], dim=2)
    results: dict[str, float] = {}
    for name, points in (
        ("joints", Points3D.of_joints(joints, sigma_m=0.002)),
        ("noisy_joints", Points3D.of_keypoints(noisy, sigma_m=NOISE_M)),
    ):
        fits, ms = _timed(lambda points=points: fitting.fit(points))  # type: ignore[misc]
        fitted = fitting.body.posed(fits.estimate.rotations, fits.estimate.betas).joints
        off = fitted + fits.estimate.camera_translation[:, None] - joints
        results[f"{name}_joint_mm"] = 1000 * float(off.norm(dim=-1).mean())
        skin = _mesh(model, fits.estimate) - _mesh(model, people)
        results[f"{name}_skin_mm"] = 1000 * float(skin.norm(dim=-1).mean())
        results[f"{name}_ms"] = ms / len(people)
    return results


def _from_meshes(model: BodyModel, prior: PosePrior, people: BodyEstimate) -> Mapping[str, float]:
    meshes = _mesh(model, people)
    fitting = VertexFitting(model, prior)
    results: dict[str, float] = {}
    for turns in (5, 40):
        fits, ms = _timed(lambda turns=turns: fitting.fit(meshes, turns=turns))  # type: ignore[misc]
        results[f"mesh_{turns}_turns_mm"] = 1000 * float(fits.mean_distance_m.mean())
        results[f"mesh_{turns}_turns_ms"] = ms / len(people)
    return results | _by_smplfitter(model, meshes.numpy())


def _by_smplfitter(model: BodyModel, meshes: np.ndarray[Any, Any]) -> dict[str, float]:
    try:
        from smplfitter.np import BodyFitter  # noqa: PLC0415 - need not be installed
        from smplfitter.np import BodyModel as TheirBody  # noqa: PLC0415
    except ImportError:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        _write_smpl_file(model.arrays, Path(folder))
        body = TheirBody("smpl", "neutral", model_root=folder)
    fitter = BodyFitter(body)
    keys = ("pose_rotvecs", "shape_betas", "trans")
    results: dict[str, float] = {}
    for iterations in (1, 3, 10):
        found, ms = _timed(
            lambda iterations=iterations: fitter.fit(  # type: ignore[misc]
                meshes, num_iter=iterations, beta_regularizer=0, requested_keys=keys
            )
        )
        there = body(**{key: found[key] for key in keys})["vertices"]
        distance = np.linalg.norm(there - meshes, axis=-1)
        results[f"smplfitter_{iterations}_mm"] = 1000 * float(distance.mean())
        results[f"smplfitter_{iterations}_ms"] = ms / len(meshes)
    return results


def _write_smpl_file(arrays: BodyArrays, folder: Path) -> None:
    content = {
        name: np.asarray(getattr(arrays, name))
        for name in ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "f")
    }
    content["kintree_table"] = np.asarray(arrays.kintree_table)
    file = folder / "basicmodel_neutral_lbs_10_207_0_v1.1.0.pkl"
    file.write_bytes(pickle.dumps(content))
    np.save(folder / "kid_template.npy", np.zeros_like(content["v_template"]))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    made = work()
    return made, 1000 * (time.process_time() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
