"""Motion capture poses with the clip and the action each belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import flip_pose
from core.errors import SetupError
from core.geometry.rotations import wrap_rotation_vector

CMU_SUBJECT_ACTIONS = {"001": "climb", "003": "walk", "005": "dance", "006": "basketball"}
"""Subjects of the CMU clips that do one thing; the others are told apart by clip."""

CMU_CLIP_ACTIONS = {
    "002_01": "walk", "002_02": "walk", "002_03": "run", "002_04": "jump", "002_05": "punch",
    "002_06": "bend", "002_07": "sword", "002_08": "sword", "002_09": "sword", "002_10": "wash",
}  # fmt: skip

NAMED_ACTIONS = {
    "walking": "walk", "walking_extra": "walk", "running": "run", "jumping": "jump",
    "basketball": "basketball", "basketball_signal": "signal", "directing_traffic": "traffic",
    "soccer": "soccer", "washwindow": "wash", "backflip": "acrobatics", "cartwheel": "acrobatics",
    "sideflip": "acrobatics", "roll": "floor", "crawl": "floor", "getup_facedown": "floor",
    "getup_faceup": "floor", "dance_a": "dance", "dance_b": "dance", "dance_spin": "dance",
    "spin": "dance", "jog": "run", "run": "run", "jump": "jump", "kick": "kick",
    "spinkick": "kick", "punch": "punch", "stealthy_walk": "walk", "walk": "walk",
    "zombie_walk": "walk",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class MocapPoses:
    """Body poses ``(N, 69)`` in radians (root left out), with clip and action names ``(N,)``."""

    body_pose: NDArray[np.float64]
    clips: NDArray[np.str_]
    actions: NDArray[np.str_]

    def where(self, chosen: NDArray[np.bool_]) -> MocapPoses:
        """The poses of a mask ``(N,)``."""
        return MocapPoses(self.body_pose[chosen], self.clips[chosen], self.actions[chosen])

    def action_weights(self) -> NDArray[np.float64]:
        """Weights ``(N,)`` that count an action by the square root of its length.

        Two thirds of the frames are walking; the few seconds on the floor or in the air would
        otherwise not be seen.
        """
        _, index, counts = np.unique(self.actions, return_inverse=True, return_counts=True)
        return 1.0 / np.sqrt(counts[index])


def load_mocap(folder: Path) -> MocapPoses:
    """Both files of the folder; raises ``SetupError`` when one is missing."""
    poses, clips = _poses_and_clips(folder)
    return MocapPoses(
        poses[:, 3:].astype(np.float64), clips, np.array([action_of(clip) for clip in clips])
    )


def load_roots(folder: Path) -> NDArray[np.float64]:
    """How each pose of ``load_mocap`` stands in the world: ``(N, 3)`` radians, y up."""
    return _poses_and_clips(folder)[0][:, :3].astype(np.float64)


def _poses_and_clips(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    cmu = _open(folder / "cmu_smpl_like_poses.npz")
    other = _open(folder / "deepmimic_smpl_like_poses.npz")
    parts: list[tuple[NDArray[Any], NDArray[Any]]] = [
        (cmu["pose_a"], cmu["clip_names_a"][cmu["clip_a"]]),
        (cmu["pose_b"], cmu["clip_names_b"][cmu["clip_b"]]),
        (other["pose"], other["clip_names"][other["clip"]]),
    ]
    poses = np.concatenate([wrapped_pose(pose) for pose, _ in parts])
    return poses, np.concatenate([names.astype(str) for _, names in parts])


def wrapped_pose(pose_axis_angle: NDArray[np.float32]) -> NDArray[np.float32]:
    """Poses ``(N, 72)`` with every joint's angle in [0, pi]."""
    wrapped = wrap_rotation_vector(pose_axis_angle.astype(np.float64).reshape(-1, 24, 3))
    return wrapped.astype(np.float32).reshape(-1, 72)


def action_of(clip: str) -> str:
    """The action of a clip name of either file."""
    if clip in NAMED_ACTIONS:
        return NAMED_ACTIONS[clip]
    if "__" in clip:
        return NAMED_ACTIONS[clip.split("__")[1]]
    return CMU_CLIP_ACTIONS.get(clip) or CMU_SUBJECT_ACTIONS.get(clip[:3], "walk")


def mirrored(body_pose: NDArray[np.float64]) -> NDArray[np.float64]:
    """Body poses ``(N, 69)`` left to right."""
    with_root = np.concatenate([np.zeros((len(body_pose), 3)), body_pose], axis=1)
    return flip_pose(with_root)[:, 3:].astype(np.float64)


def _open(path: Path) -> dict[str, NDArray[np.generic]]:
    if not path.is_file():
        raise SetupError(
            f"{path} is missing.", remedy="Give the folder that holds the motion capture files."
        )
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
