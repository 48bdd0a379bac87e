"""Files of motion: AMASS's npz, Meshcapade's ``.smpl``, and BVH.

AMASS's files are in the axes of a room, z up; ``.smpl`` and BVH have y up. Without a floor or a
second camera the room's axes are taken to be the camera's: it was held level.

Sources: https://github.com/nghorbani/amass (``poses``, ``trans``, ``betas``, ``gender``,
``mocap_framerate``); https://github.com/Meshcapade/smplcodec (codec version 2); Thalmann and
Meredith, "Motion capture file formats explained" (BVH).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.conventions import SKELETON_JOINT_NAMES, SKELETON_PARENTS
from core.body.kinematics import rest_joints
from core.formats.bodies.writers.sequences import BodySequence
from core.geometry.rotations import axis_angle_to_matrix
from core.types.arrays import NUM_JOINTS
from core.types.genders import Gender, gender_of_body

Y_UP = np.diag([1.0, -1.0, -1.0])
"""From axes x right, y up, z towards the camera to the camera's own."""

Z_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""From axes x right, y into the picture, z up to the camera's own: y down, z forward."""

_SMPLH_BODY, _SMPLH_WIDTH = 66, 156
_SMPLH_BETAS, _DMPLS = 16, 8
_CODEC_VERSION, _SMPL = 2, 0
_CODEC_GENDERS = (Gender.NEUTRAL, Gender.MALE, Gender.FEMALE)
_CM_PER_M = 100.0
_GIMBAL = 1 - 1e-9


def write_amass(stream: BinaryIO, motion: BodySequence) -> None:
    """Write an npz of SMPL-H, whose hands are flat: SMPL's two hand joints have no place in it."""
    frames = len(motion)
    poses = np.zeros((frames, _SMPLH_WIDTH))
    poses[:, :_SMPLH_BODY] = motion.pose_axis_angle[:, :_SMPLH_BODY]
    betas = np.zeros(_SMPLH_BETAS)
    betas[: len(motion.betas)] = motion.betas
    arrays: dict[str, Any] = {
        "trans": motion.translation,
        "poses": poses,
        "betas": betas,
        "gender": np.array(str(gender_of_body(motion.body_name))),
        "mocap_framerate": np.array(motion.frame_rate_hz),
        "dmpls": np.zeros((frames, _DMPLS)),
        "surface_model_type": np.array("smplh"),
        "body_name": np.array(motion.body_name),
        "is_fitted": motion.is_fitted,
        "camera_from_world": motion.camera_from_world,
    }
    np.savez_compressed(stream, **arrays)


def write_smpl(stream: BinaryIO, motion: BodySequence) -> None:
    """Write ``.smpl``, which takes these names alone: its reader refuses a file with any other.

    ``frameRate`` is in double precision: in single the reader refuses its own number.
    """
    np.savez_compressed(
        stream,
        codecVersion=np.int32(_CODEC_VERSION),
        smplVersion=np.int32(_SMPL),
        gender=np.int32(_CODEC_GENDERS.index(gender_of_body(motion.body_name))),
        shapeParameters=motion.betas.astype(np.float32),
        frameCount=np.int32(len(motion)),
        frameRate=np.float64(motion.frame_rate_hz),
        bodyTranslation=motion.translation.astype(np.float32),
        bodyPose=motion.pose_axis_angle.reshape(-1, NUM_JOINTS, 3).astype(np.float32),
    )


def write_bvh(stream: BinaryIO, motion: BodySequence, arrays: BodyArrays) -> None:
    """Write BVH: 24 joints with the bones of this shape, centimetres and degrees, y up."""
    at_rest, by_shape = rest_joints(arrays)
    joints = (at_rest + by_shape @ motion.betas) * _CM_PER_M
    lines = ["HIERARCHY", *_hierarchy(joints, 0, 0), "MOTION", f"Frames: {len(motion)}"]
    lines.append(f"Frame Time: {1 / motion.frame_rate_hz:.8f}")
    stream.write(("\n".join(lines) + "\n").encode("ascii"))
    angles = _zxy_degrees(motion.pose_axis_angle)
    places = motion.translation * _CM_PER_M + joints[0]
    values = np.concatenate([places, angles], axis=1)
    line = " ".join(["%.6f"] * values.shape[1]) + "\n"
    for row in values.tolist():
        stream.write((line % tuple(row)).encode("ascii"))


def joint_order() -> list[int]:
    """The joints in the order in which BVH's frames have their angles: each before its children."""
    order, waiting = [], [0]
    while waiting:
        joint = waiting.pop()
        order.append(joint)
        waiting += reversed(_children(joint))
    return order


def _children(joint: int) -> list[int]:
    return [child for child in range(NUM_JOINTS) if SKELETON_PARENTS[child] == joint]


def _hierarchy(joints_cm: NDArray[np.float64], joint: int, depth: int) -> Iterator[str]:
    """The lines of a joint and all below it."""
    indent, parent = "\t" * depth, SKELETON_PARENTS[joint]
    offset = joints_cm[joint] - joints_cm[parent] if joint else np.zeros(3)
    places = "Xposition Yposition Zposition " if not joint else ""
    yield f"{indent}{'JOINT' if joint else 'ROOT'} {SKELETON_JOINT_NAMES[joint]}"
    yield f"{indent}{{"
    yield f"{indent}\tOFFSET {_numbers(offset)}"
    count = 3 if joint else 6
    yield f"{indent}\tCHANNELS {count} {places}Zrotation Xrotation Yrotation"
    children = _children(joint)
    for child in children:
        yield from _hierarchy(joints_cm, child, depth + 1)
    if not children:
        # Half as long as the bone before it: SMPL has no joint where a limb ends.
        yield f"{indent}\tEnd Site"
        yield f"{indent}\t{{"
        yield f"{indent}\t\tOFFSET {_numbers((joints_cm[joint] - joints_cm[parent]) / 2)}"
        yield f"{indent}\t}}"
    yield f"{indent}}}"


def _numbers(vector: NDArray[np.float64]) -> str:
    return " ".join(f"{number:.6f}" for number in vector)


def _zxy_degrees(pose_axis_angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Poses ``(T, 72)`` as ``(T, 72)`` angles a, b, c of R = R_z(a) R_x(b) R_y(c), by joint order.

    R_21 = sin b, R_01 = −sin a cos b, R_11 = cos a cos b, R_20 = −cos b sin c, R_22 = cos b cos c.
    Where cos b is 0 only a ± c is known, and c is taken as 0. Angles go on from frame to frame.
    """
    r = axis_angle_to_matrix(pose_axis_angle.reshape(-1, NUM_JOINTS, 3))[:, joint_order()]
    sine = np.clip(r[..., 2, 1], -1, 1)
    locked = np.abs(sine) > _GIMBAL
    about_z = np.where(
        locked, np.arctan2(r[..., 1, 0], r[..., 0, 0]), np.arctan2(-r[..., 0, 1], r[..., 1, 1])
    )
    about_y = np.where(locked, 0.0, np.arctan2(-r[..., 2, 0], r[..., 2, 2]))
    angles = np.stack([about_z, np.arcsin(sine), about_y], axis=-1)
    continuous = np.unwrap(angles.reshape(len(angles), -1), axis=0)
    degrees: NDArray[np.float64] = continuous * (180 / math.pi)
    return degrees
