"""Runs a regressor through a protocol: crops, bodies, joints or masks, errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass
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
from core.engine.regression.checkpoints import load_regressor, shares_betas
from core.engine.regression.regressor import Regressor
from core.engine.smplify.inputs import BodyEstimate
from core.errors import UserFileError
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.geometry.crop_camera import translation_to_weak_perspective
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
        body_name: whose betas and whose origin these are.
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
                    body_name=np.array(self.body),
                    imgname=np.array([str(picture) for picture in self.pictures], dtype=np.str_),
                    center=np.array([(box.center_x_px, box.center_y_px) for box in self.boxes]),
                    scale=np.array([box.side_px / BOX_SCALE_PX for box in self.boxes]),
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
        limit: only this many people, from the beginning.
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
    with ExitStack() as stack:
        judge = judge_of(protocol, files, people, body, stack)
        crops = _PredictedCrops(people, regressor, keep_betas=keep_betas)
        meter = ProgressMeter(PHASE, count, progress)
        bodies = _judged(crops, judge, _batches(count, cancel), meter)
        metrics, notes = judge.metrics(), (*judge.notes, *crops.notes)
    return ProtocolResult(
        protocol=protocol,
        checkpoint=checkpoint,
        body=body.name,
        people=count,
        available=len(people),
        metrics=metrics,
        notes=notes,
        bodies=bodies,
        pictures=people.pictures[:count],
        boxes=people.boxes[:count],
        joints=judge.joints(),
    )


@dataclass(frozen=True)
class _PredictedCrops:
    """What a regressor says of the people's crops.

    keep_betas: False gives everyone the mean shape: the regressor knows another body's betas.
    """

    people: ProtocolPeople
    regressor: Regressor
    _: KW_ONLY
    keep_betas: bool

    def of(self, rows: range) -> tuple[BodyEstimate, list[tuple[int, ...]]]:
        """Bodies of some people, and the shapes of their pictures."""
        people = self.people
        shown = [load_picture(people.pictures[row]) for row in rows]
        boxes = [people.boxes[row] for row in rows]
        crops = _crops(shown, boxes, self.regressor.input_size_px)
        estimate = predicted_bodies(self.regressor, crops, keep_betas=self.keep_betas)
        return estimate, [picture.shape for picture in shown]

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known to compare the numbers."""
        if self.keep_betas:
            return ()
        owner = self.regressor.body_name or "unknown"
        return (f"The regressor belongs to another body ({owner}): everyone got the mean shape.",)


def _judged(
    crops: _PredictedCrops, judge: ProtocolScore, batches: Iterator[range], meter: ProgressMeter
) -> BodyEstimate:
    """The predictions of all people, after the judge has seen them."""
    bodies = []
    for rows in batches:
        estimate, shapes = crops.of(rows)
        judge.add(rows, estimate, shapes)
        bodies.append(estimate)
        meter.advance(len(rows))
    return BodyEstimate.joined(bodies)


def _batches(count: int, cancel: CancelToken | None) -> Iterator[range]:
    """Rows of the people, some at a time; raises ``Cancelled`` between them when asked to stop."""
    for first in range(0, count, BATCH_SIZE):
        if cancel is not None:
            cancel.raise_if_cancelled()
        yield range(first, min(first + BATCH_SIZE, count))


def _crops(pictures: list[NDArray[np.uint8]], boxes: list[Box], size_px: int) -> Tensor:
    cut = [
        crop_picture(one, box, size_px=size_px) for one, box in zip(pictures, boxes, strict=True)
    ]
    return torch.from_numpy(np.stack(cut))
