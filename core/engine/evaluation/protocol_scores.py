"""Judges predictions by what a protocol knows: joints, bodies, or masks."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol as TypingProtocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.safe_npz import load_restricted_npy
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.evaluation.joint_metrics import (
    about_root,
    aligned_distances,
    auc,
    joint_distances,
    mean_error,
    pck,
)
from core.engine.evaluation.joint_sets import (
    GROUND_TRUTH_24_TO_EVALUATED,
    H36M_PELVIS,
    H36M_REGRESSOR_JOINT_NAMES,
    H36M_REGRESSOR_TO_EVALUATED,
)
from core.engine.evaluation.masks import MaskCounts
from core.engine.evaluation.part_segmentation import (
    NUM_PART_CLASSES,
    face_parts,
    part_map,
    textured_face_parts,
)
from core.engine.evaluation.protocol_files import ProtocolFiles, ProtocolPeople
from core.engine.evaluation.protocols import Protocol, ProtocolTruth
from core.engine.smplify.inputs import BodyEstimate
from core.errors import ShapeError, StudioError, UserFileError
from core.files.foreign_files import foreign_file
from core.pictures.decoding import load_picture
from core.rendering.render_thread import RenderService
from core.types.genders import Gender

_OWN_PARTS = (
    "Without SPIN's cube_parts.npy and vertex_texture.npy parts come from skin weights, in this "
    "program's own order (1 head, 2 torso, 3 and 4 left and right arm, 5 and 6 left and right "
    "leg): part scores mean something only against maps labelled alike."
)


class ProtocolScore(TypingProtocol):
    """Collects what a protocol compares, batch by batch."""

    notes: tuple[str, ...]

    def add(self, rows: range, estimate: BodyEstimate, shapes: list[tuple[int, ...]]) -> None:
        """Judge a batch; ``shapes`` are those of the pictures."""

    def metrics(self) -> dict[str, float]:
        """Over all people added."""

    def joints(self) -> NDArray[np.float64] | None:
        """Predicted joints, where there are any."""


def judge_of(
    protocol: Protocol,
    files: ProtocolFiles,
    people: ProtocolPeople,
    body: BodyModel,
    stack: ExitStack,
) -> ProtocolScore:
    """The judge for a protocol's truth; ``stack`` closes what it draws with."""
    if protocol.truth is ProtocolTruth.MASKS:
        rendering = stack.enter_context(RenderService(body.faces))
        return _MaskJudge(people, body, files, rendering)
    return _JointJudge(protocol, files, people, body)


@dataclass
class _CollectedScores:
    """Parts of the batches: (b, K) distances in mm, and joints."""

    plain: list[Tensor] = field(default_factory=list)
    aligned: list[Tensor] = field(default_factory=list)
    skin: list[Tensor] = field(default_factory=list)
    joints: list[Tensor] = field(default_factory=list)


class _JointJudge:
    """3D joints by the Human3.6M regressor, against given joints or against true bodies."""

    notes: tuple[str, ...] = ()

    def __init__(
        self, protocol: Protocol, files: ProtocolFiles, people: ProtocolPeople, body: BodyModel
    ) -> None:
        self._protocol, self._people, self._body = protocol, people, body
        self._regressor = _joint_regressor(files.joint_regressor, body)
        self._gendered = {Gender.NEUTRAL: body} | {
            gender: load_body(path)
            for gender, path in ((Gender.MALE, files.male_body), (Gender.FEMALE, files.female_body))
            if path is not None
        }
        self._collected = _CollectedScores()

    def add(self, rows: range, estimate: BodyEstimate, _shapes: list[tuple[int, ...]]) -> None:
        """Joints and, against bodies, vertices, both about their own pelvis."""
        vertices = self._body(estimate.rotations, estimate.betas).vertices
        joints, pelvis = self._evaluated(vertices)
        kept = list(range(self._protocol.joints))
        if self._people.joints is not None:
            annotated = torch.from_numpy(self._people.joints[rows.start : rows.stop, :, :3])
            true = annotated[:, list(GROUND_TRUTH_24_TO_EVALUATED)]
        else:
            true_vertices = self._true_vertices(rows)
            true, true_pelvis = self._evaluated(true_vertices)
            skin = joint_distances(
                about_root(vertices, pelvis), about_root(true_vertices, true_pelvis)
            )
            self._collected.skin.append(mean_error(skin))
        predicted_joints, true_joints = joints[:, kept].double(), true[:, kept].double()
        self._collected.plain.append(joint_distances(predicted_joints, true_joints))
        self._collected.aligned.append(aligned_distances(predicted_joints, true_joints))
        self._collected.joints.append(joints)

    def metrics(self) -> dict[str, float]:
        """Means over people."""
        plain, aligned = torch.cat(self._collected.plain), torch.cat(self._collected.aligned)
        metrics = {
            "MPJPE, mm": mean_error(plain),
            "reconstruction error, mm": mean_error(aligned),
        }
        if self._collected.skin:
            metrics["PVE, mm"] = torch.cat(self._collected.skin)
        if self._protocol.threshold_metrics:
            metrics |= {
                "PCK at 150 mm, %": 100 * pck(plain),
                "AUC, %": 100 * auc(plain),
                "PCK at 150 mm, aligned, %": 100 * pck(aligned),
                "AUC, aligned, %": 100 * auc(aligned),
            }
        return {name: float(values.mean()) for name, values in metrics.items()}

    def joints(self) -> NDArray[np.float64]:
        """``(N, 17, 3)``."""
        return torch.cat(self._collected.joints).double().numpy()

    def _evaluated(self, vertices: Tensor) -> tuple[Tensor, Tensor]:
        """Joints ``(B, 17, 3)`` about the pelvis, and the pelvis ``(B, 3)``."""
        regressed = torch.einsum("jv,bvc->bjc", self._regressor, vertices.double())
        pelvis = regressed[:, H36M_PELVIS]
        return about_root(regressed, pelvis)[:, list(H36M_REGRESSOR_TO_EVALUATED)], pelvis

    def _true_vertices(self, rows: range) -> Tensor:
        """Posed by the model of each person's gender, in the order of the rows."""
        people = self._people
        if people.pose is None or people.betas is None or people.genders is None:
            raise StudioError("The protocol has neither joints nor bodies.")
        chosen = np.array(rows)
        vertices = torch.zeros(len(chosen), self._body.arrays.num_vertices, 3)
        genders = np.array([people.genders[row] for row in rows])
        for gender, model in self._gendered.items():
            of_gender = np.flatnonzero(genders == gender)
            pose, betas = (
                torch.from_numpy(person[chosen[of_gender]]).float()
                for person in (people.pose, people.betas)
            )
            if len(of_gender):
                vertices[torch.from_numpy(of_gender)] = model.posed(pose, betas).vertices
        return vertices


class _MaskJudge:
    """Silhouettes and part maps over whole pictures."""

    def __init__(
        self,
        people: ProtocolPeople,
        body: BodyModel,
        files: ProtocolFiles,
        rendering: RenderService,
    ) -> None:
        self._people, self._body, self._rendering = people, body, rendering
        self._labels, self.notes = _part_labels(body, files)
        self._silhouettes = MaskCounts.none(2)
        self._parts = MaskCounts.none(NUM_PART_CLASSES)

    def add(self, rows: range, estimate: BodyEstimate, shapes: list[tuple[int, ...]]) -> None:
        """Draw each body, and compare with the true maps."""
        people = self._people
        if people.masks is None or people.part_maps is None:
            raise StudioError("The protocol has no masks.")
        vertices = self._body(estimate.rotations, estimate.betas).vertices.numpy()
        for index, row in enumerate(rows):
            height, width = shapes[index][:2]
            drawn = part_map(
                self._rendering,
                self._labels,
                vertices[index],
                estimate.camera_translation[index].numpy(),
                box=people.boxes[row],
                picture_size_px=(width, height),
            )
            mask, parts = (_true_map(person[row]) for person in (people.masks, people.part_maps))
            self._silhouettes += _counts(drawn > 0, mask > 0, 2, people.masks[row])
            self._parts += _counts(drawn, parts, NUM_PART_CLASSES, people.part_maps[row])

    def metrics(self) -> dict[str, float]:
        """Over all pixels."""
        silhouettes, parts = self._silhouettes.scores(), self._parts.scores()
        return {
            "silhouette accuracy, %": 100 * silhouettes.accuracy,
            "silhouette F1": silhouettes.f1,
            "part accuracy, %": 100 * parts.accuracy,
            "part F1": parts.f1,
        }

    def joints(self) -> None:
        """LSP has no 3D joints."""


def _part_labels(
    body: BodyModel, files: ProtocolFiles
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if files.parts is None:
        return face_parts(body.arrays), (_OWN_PARTS,)
    arrays = [load_restricted_npy(path, kind=UserFileError) for path in files.parts]
    try:
        return textured_face_parts(*arrays, faces=len(body.faces)), ()
    except ShapeError as error:
        raise UserFileError(
            str(error), path=files.parts[1], remedy="Both files must belong to SMPL's mesh."
        ) from error


def _joint_regressor(path: Path | None, body: BodyModel) -> Tensor:
    """``(17, V)`` from SMPL's vertices to Human3.6M's joints."""
    if path is None:
        raise StudioError("The protocol needs a joint regressor.")
    regressor = load_restricted_npy(path, kind=UserFileError)
    expected = (len(H36M_REGRESSOR_JOINT_NAMES), body.arrays.num_vertices)
    if regressor.shape != expected:
        raise UserFileError(
            f"has shape {regressor.shape}, expected {expected} for the body {body.name}.",
            path=path,
            remedy="Use SPIN's J_regressor_h36m.npy with an SMPL body.",
        )
    with foreign_file(path, expected="numbers"):
        return torch.from_numpy(regressor.astype(np.float64))


def _true_map(path: Path) -> NDArray[np.uint8]:
    """``(H, W)``: the first channel of a mask picture, whose values are labels."""
    return np.ascontiguousarray(load_picture(path)[..., 0])


def _counts(
    drawn: NDArray[np.generic], true: NDArray[np.generic], classes: int, path: Path
) -> MaskCounts:
    if drawn.shape != true.shape:
        raise UserFileError(
            f"the map has {true.shape[1]}×{true.shape[0]} px, expected "
            f"{drawn.shape[1]}×{drawn.shape[0]} as its picture has.",
            path=path,
        )
    return MaskCounts.of(drawn.astype(np.int64), true.astype(np.int64), classes=classes)
