"""Real people whose 3D joints are known: one loader for each of three public data sets.

All of them lie in ``../shared/realdata`` and none is part of the project. Points are picture
pixels, joints are metres in any frame (they are only compared after Procrustes), and cameras are
the true ones: focal length and principal point in picture pixels. None of the loaders chooses
people by how well they are fitted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import BODY_25_TO_KEYPOINTS, KEYPOINT_NAMES, place_keypoints
from core.geometry.boxes import Box, box_around
from core.types.camera_poses import CameraPose

REALDATA = Path(__file__).resolve().parents[3] / "shared" / "realdata"
LEAST_CONFIDENCE = 0.2
LARGEST_TRIANGULATION_ERROR_PX = 25.0
MULTIVIEW_SIZE_PX = (1080, 1920)
PANOPTIC_CAMERAS = ("00_00", "00_05", "00_12", "00_20", "00_27")
PANOPTIC_MARGIN_PX = 200.0
"""How far a joint may lie outside of the picture: people are cut there, not far away."""

_MPI_INF_TO_KEYPOINTS = (38, 37, 33, 32, 31, 34, 35, 36, 27, 26, 25, 28, 29, 30, 39, 41, 43)
_MPI_INF_COMPARED = 14
"""The first fourteen: limbs, neck and the top of the head, the joints that LSP names, too."""
_PANOPTIC_TO_KEYPOINTS = (1, 0, 8, 5, 6, 7, 12, 13, 14, 2, 3, 4, 9, 10, 11, 16, 18, 15, 17)
_PANOPTIC_LIMBS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)


@dataclass(frozen=True, kw_only=True)
class TrueCamera:
    """The camera that took a picture, in picture pixels.

    distortion: in OpenCV's order; empty where points are not distorted. pose: among the other
    cameras of the same calibration; None where that is not known.
    """

    focal_length_px: float
    principal_point_px: tuple[float, float]
    picture_size_px: tuple[int, int]
    distortion: tuple[float, ...] = ()
    pose: CameraPose | None = None

    @classmethod
    def of(
        cls,
        intrinsics: NDArray[np.float64],
        picture_size_px: tuple[int, int],
        distortion: Sequence[float] = (),
        pose: CameraPose | None = None,
    ) -> TrueCamera:
        """From ``K`` (3, 3); the focal length is the mean of both axes."""
        return cls(
            focal_length_px=float(intrinsics[[0, 1], [0, 1]].mean()),
            principal_point_px=(float(intrinsics[0, 2]), float(intrinsics[1, 2])),
            picture_size_px=picture_size_px,
            distortion=tuple(distortion),
            pose=pose,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class RealPerson:
    """One person in one picture.

    keypoints_px: (49, 3) x, y, confidence. joints_m: (J, 3), of which ``trusted`` (J,) says which
    count; keypoint_indices: which of the 49 keypoints they are. moment: people of one moment are
    the same person seen by several cameras. picture: None where there is none.
    """

    name: str
    keypoints_px: NDArray[np.float32]
    box: Box
    joints_m: NDArray[np.float64]
    trusted: NDArray[np.bool_]
    keypoint_indices: tuple[int, ...]
    camera: TrueCamera
    moment: str
    picture: Path | None

    @property
    def keypoints_crop_px(self) -> NDArray[np.float32]:
        """``(49, 3)`` in the crop of the person's box."""
        return self.box.keypoints_to_crop(self.keypoints_px)


MPI_INF_CAMERA = TrueCamera(
    focal_length_px=1500.0, principal_point_px=(1024.0, 1024.0), picture_size_px=(2048, 2048)
)


def multiview_people(folder: Path) -> list[RealPerson]:
    """28 views of one man: seven moments seen by four calibrated cameras.

    His keypoints are a detector's. The joints are triangulated from detections; those that miss
    their pixels by 25 px or more are not trusted.
    """
    content = json.loads((folder / "multiview.json").read_text())
    cameras = {
        camera["name"]: TrueCamera.of(
            np.array(camera["K"]),
            MULTIVIEW_SIZE_PX,
            camera["distortion_k1k2p1p2"],
            pose=_pose(camera["R_world_to_camera"], camera["t_metres"], "multiview"),
        )
        for camera in content["cameras"]
    }
    return [
        _view(folder / picture, frame, cameras[picture.split("_")[0]])
        for frame in content["frames"]
        for picture in frame["images"]
    ]


def _pose(rotation: Sequence[object], translation: Sequence[object], world: str) -> CameraPose:
    """As a calibration states it, its unit left for the bodies to settle."""
    return CameraPose(
        tuple(np.array(rotation, dtype=float).ravel().tolist()),
        tuple(np.array(translation, dtype=float).ravel().tolist()),
        world,
    )


def _view(
    picture: Path, frame: Mapping[str, Mapping[str, float]], camera: TrueCamera
) -> RealPerson:
    joints, errors = frame["joints_world_metres"], frame["triangulation_reprojection_px"]
    keypoints = _body_25(picture.parent / f"{picture.stem}_keypoints.json")
    return RealPerson(
        name=picture.stem,
        keypoints_px=keypoints,
        box=box_around(keypoints[keypoints[:, 2] > 0, :2]),
        joints_m=np.array(list(joints.values())),
        trusted=np.array([errors[name] < LARGEST_TRIANGULATION_ERROR_PX for name in joints]),
        keypoint_indices=tuple(KEYPOINT_NAMES.index(_full_name(name)) for name in joints),
        camera=camera,
        moment=f"moment {frame['frame']}",
        picture=picture,
    )


def _full_name(name: str) -> str:
    """The clip writes ``R Ankle`` where the convention says ``Right Ankle``."""
    side, joint = name.split(" ", 1)
    return f"{'Right' if side == 'R' else 'Left'} {joint}"


def _body_25(path: Path) -> NDArray[np.float32]:
    """BODY_25 of one view as the 49 keypoints, weak joints dropped."""
    person = json.loads(path.read_text())["people"][0]["pose_keypoints_2d"]
    points = np.array(person, dtype=np.float32).reshape(25, 3)
    points[points[:, 2] <= LEAST_CONFIDENCE] = 0
    return place_keypoints(points, BODY_25_TO_KEYPOINTS)


def mpi_inf_people(folder: Path) -> list[RealPerson]:
    """Four people of MPI-INF-3DHP with annotated keypoints, compared by fourteen joints."""
    found = []
    for part in ("train", "test"):
        with np.load(folder / f"test_3dhp_{part}.npz") as arrays:
            columns = [arrays[name] for name in ("imgname", "center", "scale", "part", "S")]
        found += [
            _mpi_inf_person(folder / picture, Box.of(center, scale), points, joints)
            for picture, center, scale, points, joints in zip(*columns, strict=True)
        ]
    return found


def _mpi_inf_person(
    picture: Path, box: Box, points: NDArray[np.float64], joints: NDArray[np.float64]
) -> RealPerson:
    return RealPerson(
        name=picture.stem,
        keypoints_px=place_keypoints(points.astype(np.float32), _MPI_INF_TO_KEYPOINTS),
        box=box,
        joints_m=joints[:_MPI_INF_COMPARED, :3],
        trusted=np.ones(_MPI_INF_COMPARED, dtype=bool),
        keypoint_indices=_MPI_INF_TO_KEYPOINTS[:_MPI_INF_COMPARED],
        camera=MPI_INF_CAMERA,
        moment=picture.stem,
        picture=picture,
    )


def panoptic_people(folder: Path) -> list[RealPerson]:
    """People of two moments of CMU Panoptic, projected into five of its HD cameras.

    There are no pictures and no errors of a detector. Who is there: all twelve joints of the limbs
    known, and no joint farther than 200 px outside of the picture.
    """
    return [
        person
        for scene in sorted(path for path in folder.iterdir() if path.is_dir())
        for person in _scene_people(scene)
    ]


def _scene_people(scene: Path) -> list[RealPerson]:
    (calibration,), (bodies,) = scene.glob("calibration_*.json"), scene.glob("body3DScene_*.json")
    cameras = {camera["name"]: camera for camera in json.loads(calibration.read_text())["cameras"]}
    found = []
    for name in PANOPTIC_CAMERAS:
        for body in json.loads(bodies.read_text())["bodies"]:
            joints = np.array(body["joints19"]).reshape(19, 4)
            label = f"{scene.name} person {body['id']}"
            person = _projected(joints, cameras[name], label=label, camera_name=name)
            found += [] if person is None else [person]
    return found


def _projected(
    joints: NDArray[np.float64],
    camera: Mapping[str, Sequence[object]],
    *,
    label: str,
    camera_name: str,
) -> RealPerson | None:
    """The person as the camera sees them without distortion, or None if they are not all there."""
    known = joints[:, 3] > 0
    intrinsics, size = np.array(camera["K"], dtype=float), np.array(camera["resolution"], dtype=int)
    seen = joints[:, :3] @ np.array(camera["R"], dtype=float).T
    seen += np.array(camera["t"], dtype=float).T
    homogeneous = seen @ intrinsics.T
    points = homogeneous[:, :2] / homogeneous[:, 2:]
    outside = np.maximum(-points[known], points[known] - size).max()
    if not known[list(_PANOPTIC_LIMBS)].all() or outside > PANOPTIC_MARGIN_PX:
        return None
    marked = np.column_stack([points, np.ones(19)]) * known[:, None]
    return RealPerson(
        name=f"{label} camera {camera_name}",
        keypoints_px=place_keypoints(marked.astype(np.float32), _PANOPTIC_TO_KEYPOINTS),
        box=box_around(points[known]),
        joints_m=seen[list(_PANOPTIC_LIMBS)] / 100,
        trusted=np.ones(len(_PANOPTIC_LIMBS), dtype=bool),
        keypoint_indices=tuple(_PANOPTIC_TO_KEYPOINTS[joint] for joint in _PANOPTIC_LIMBS),
        camera=TrueCamera.of(
            intrinsics,
            (int(size[0]), int(size[1])),
            pose=_pose(camera["R"], camera["t"], label.split(" ", maxsplit=1)[0]),
        ),
        moment=label,
        picture=None,
    )


LOADERS: Mapping[str, Callable[[Path], list[RealPerson]]] = {
    "multiview": multiview_people,
    "mpi_inf_3dhp": mpi_inf_people,
    "panoptic": panoptic_people,
}


def real_people(name: str) -> list[RealPerson]:
    """The people of ``multiview``, ``mpi_inf_3dhp`` or ``panoptic``; none where it is missing."""
    folder = REALDATA / name
    return LOADERS[name](folder) if folder.is_dir() else []
