"""Runs a regressor through a protocol: crops, bodies, joints or masks, errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.engine.body.load_body import load_body
from core.engine.evaluation.predicted_bodies import predicted_bodies
from core.engine.evaluation.protocol_files import ProtocolPeople, find_files, read_people
from core.engine.evaluation.protocol_scores import ProtocolScore, judge_of
from core.engine.evaluation.protocols import Protocol
from core.engine.geometry.cameras import translation_to_weak_perspective
from core.engine.regression.checkpoints import load_regressor, shares_betas
from core.engine.regression.regressor import Regressor
from core.engine.smplify.inputs import BodyEstimate
from core.errors import UserFileError
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.pictures.decoding import crop_picture, load_picture
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.requested_numbers import refuse_below_one

PHASE = "Evaluating"
BATCH_SIZE = 32

CAMERA_CONVENTION = (
    "camera: weak perspective (s, tx, ty) of the crop; camera_translation: metres, focal length "
    "5000 px on the 224 px crop, principal point in its middle"
)


@dataclass(frozen=True, eq=False)
class ProtocolResult:
    """What came of a protocol.

    people: evaluated, of ``available``. metrics: by name, with the unit in it. notes: what must be
    known to compare them. joints: (N, 17, 3) predicted joints in metres about the pelvis, where the
    protocol has joints; bodies: all predictions; pictures, boxes: whose they are.
    """

    protocol: Protocol
    checkpoint: Path
    body: str
    people: int
    available: int
    metrics: Mapping[str, float]
    notes: tuple[str, ...]
    bodies: BodyEstimate
    pictures: tuple[Path, ...]
    boxes: tuple[Box, ...]
    joints: NDArray[np.float64] | None = None

    def to_dict(self) -> dict[str, object]:
        """For JSON; without bodies and joints."""
        return {
            "protocol": self.protocol.name,
            "title": self.protocol.title,
            "checkpoint": str(self.checkpoint),
            "body": self.body,
            "people": self.people,
            "available": self.available,
            "metrics": dict(self.metrics),
            "published": self.protocol.published,
            "notes": list(self.notes),
        }

    def save(self, path: Path) -> None:
        """Predictions as SPIN's ``--result_file``, and what tells whose they are.

        pred_joints, pose, betas, and camera: (N, 3), the weak perspective (s, tx, ty) of the crop.
        camera_translation: the same cameras as translations, which ``camera_convention`` explains.
        imgname, center, scale: (N,), (N, 2), (N,), as in the data set's npz.

        Raises:
            UserFileError: the file cannot be written.
        """
        joints = np.zeros((self.people, 17, 3)) if self.joints is None else self.joints
        translation = self.bodies.camera_translation
        try:
            with path.open("wb") as file:
                np.savez(
                    file,
                    pred_joints=joints,
                    pose=self.bodies.to_axis_angle().numpy(),
                    betas=self.bodies.betas.numpy(),
                    camera=translation_to_weak_perspective(translation).numpy(),
                    camera_translation=translation.numpy(),
                    camera_convention=np.array(CAMERA_CONVENTION),
                    imgname=np.array([str(one) for one in self.pictures], dtype=np.str_),
                    center=np.array([(one.center_x_px, one.center_y_px) for one in self.boxes]),
                    scale=np.array([one.side_px / BOX_SCALE_PX for one in self.boxes]),
                )
        except OSError as error:
            raise UserFileError(f"cannot be written ({error}).", path=path) from error


def evaluate_protocol(
    protocol: Protocol,
    *,
    data: Path,
    pictures: Path,
    checkpoint: Path,
    body_file: Path | None = None,
    limit: int | None = None,
    device: torch.device | str = "cpu",
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ProtocolResult:
    """Evaluate a checkpoint as SPIN does.

    Args:
        protocol: which.
        data: folder of annotations, bodies and regressors; see ``protocol_files``.
        pictures: root folder of the data set.
        checkpoint: a regressor of this program, or one that SPIN released.
        body_file: the neutral body, where it is not in the data folder.
        limit: only so many people, from the beginning.
        device: where the regressor runs.
        progress: told after each batch.
        cancel: asked between batches.

    Raises:
        SetupError: files are missing; all are named at once.
        UserFileError: a file is damaged or not what it must be.
        Cancelled: when asked to stop.
    """
    refuse_below_one("limit", limit)
    files = find_files(protocol, data, body=body_file)
    people = read_people(protocol, files, pictures)
    regressor = load_regressor(checkpoint).to(device)
    body = load_body(files.neutral_body)
    keep_betas = shares_betas(regressor, body.name)
    count = min(len(people), limit or len(people))
    meter = ProgressMeter(PHASE, count, progress)
    bodies = []
    with ExitStack() as stack:
        judge = judge_of(protocol, files, people, body, stack)
        for rows in _batches(count, cancel):
            bodies.append(_judged(rows, people, regressor, judge, keep_betas=keep_betas))
            meter.advance(len(rows))
        metrics, notes = judge.metrics(), list(judge.notes)
    if not keep_betas:
        notes.append(_mean_shape_note(regressor))
    return ProtocolResult(
        protocol=protocol,
        checkpoint=checkpoint,
        body=body.name,
        people=count,
        available=len(people),
        metrics=metrics,
        notes=tuple(notes),
        bodies=BodyEstimate.joined(bodies),
        pictures=people.pictures[:count],
        boxes=people.boxes[:count],
        joints=judge.joints(),
    )


def _judged(
    rows: range,
    people: ProtocolPeople,
    regressor: Regressor,
    judge: ProtocolScore,
    *,
    keep_betas: bool,
) -> BodyEstimate:
    """The predictions of some people, after the judge has seen them."""
    shown = [load_picture(people.pictures[row]) for row in rows]
    crops = _crops(shown, [people.boxes[row] for row in rows], regressor.input_size_px)
    estimate = predicted_bodies(regressor, crops, keep_betas=keep_betas)
    judge.add(rows, estimate, [picture.shape for picture in shown])
    return estimate


def _batches(count: int, cancel: CancelToken | None) -> Iterator[range]:
    """Rows of the people, some at a time; raises ``Cancelled`` between them when asked to stop."""
    for first in range(0, count, BATCH_SIZE):
        if cancel is not None:
            cancel.raise_if_cancelled()
        yield range(first, min(first + BATCH_SIZE, count))


def _mean_shape_note(regressor: Regressor) -> str:
    return (
        f"The regressor belongs to another body ({regressor.body_name or 'unknown'}): everyone got "
        "the mean shape."
    )


def _crops(pictures: list[NDArray[np.uint8]], boxes: list[Box], size_px: int) -> Tensor:
    cut = [
        crop_picture(one, box, size_px=size_px) for one, box in zip(pictures, boxes, strict=True)
    ]
    return torch.from_numpy(np.stack(cut))
