"""The regressor: from a crop to a body and its camera, in three steps.

Names and shapes of all tensors are those of SPIN's released checkpoints where the backbone is
``resnet50``: the backbone's tensors bear no prefix in the state dict. Kanazawa et al. 2018, section
3.2; docs/method.md, "The regressor".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from core.engine.regression.backbones import make_backbone
from core.engine.regression.mean_parameters import CAMERA_SIZE, POSE_SIZE, MeanParameters
from core.errors import ShapeError
from core.geometry.crop_camera import CROP_SIZE_PX, CropCameras, weak_perspective_to_translation
from core.geometry.sixd import sixd_to_matrix
from core.types.arrays import NUM_BETAS, NUM_JOINTS

HIDDEN_SIZE = 1024
DROPOUT = 0.5
INITIAL_GAIN = 0.01
"""An untrained regressor gives the mean parameters, nearly."""

_BACKBONE = "backbone."
_STATE_SIZE = POSE_SIZE + NUM_BETAS + CAMERA_SIZE


@dataclass(frozen=True, eq=False)
class RegressorOutput:
    """B bodies, each in its crop's camera.

    rotations: (B, 24, 3, 3), root first, the root in the camera frame; betas: (B, 10);
    camera: (B, 3) weak perspective, scale, tx, ty.
    """

    rotations: Tensor
    betas: Tensor
    camera: Tensor

    @property
    def camera_translation(self) -> Tensor:
        """``(B, 3)`` metres before the long lens: 5000 px on the 224 px crop."""
        return weak_perspective_to_translation(self.camera)

    def translation_before(self, cameras: CropCameras[Tensor]) -> Tensor:
        """``(B, 3)`` metres before B cameras, where the weak perspective sees the same."""
        return weak_perspective_to_translation(self.camera, cameras)


class Regressor(nn.Module):
    """A backbone and the iterative head.

    Args:
        backbone: name of a network of ``timm``.
        mean: what the iterations begin with; saved with the weights.
        iterations: how often the head corrects its estimate.
        input_size_px: side of the crops it is trained on; others work too, but less well.
        body_name: the body whose betas it gives; empty where unknown.
        pretrained: ImageNet weights, as for ``make_backbone``.

    Raises:
        StudioError: as ``make_backbone``.
    """

    init_pose: Tensor
    init_shape: Tensor
    init_cam: Tensor

    def __init__(
        self,
        backbone: str = "resnet50",
        *,
        mean: MeanParameters,
        iterations: int = 3,
        input_size_px: int = CROP_SIZE_PX,
        body_name: str = "",
        pretrained: bool | Path = False,
    ) -> None:
        super().__init__()
        self.backbone_name, self.input_size_px = backbone, input_size_px
        self.iterations, self.body_name = iterations, body_name
        self._frozen = False
        network: Any = make_backbone(backbone, pretrained=pretrained)
        self.backbone = network
        features = int(network.num_features)
        self.fc1 = nn.Linear(features + _STATE_SIZE, HIDDEN_SIZE)
        self.drop1 = nn.Dropout(DROPOUT)
        self.fc2 = nn.Linear(HIDDEN_SIZE, HIDDEN_SIZE)
        self.drop2 = nn.Dropout(DROPOUT)
        self.decpose = nn.Linear(HIDDEN_SIZE, POSE_SIZE)
        self.decshape = nn.Linear(HIDDEN_SIZE, NUM_BETAS)
        self.deccam = nn.Linear(HIDDEN_SIZE, CAMERA_SIZE)
        for layer in (self.decpose, self.decshape, self.deccam):
            nn.init.xavier_uniform_(layer.weight, gain=INITIAL_GAIN)
        self.register_buffer("init_pose", mean.pose_sixd.clone()[None])
        self.register_buffer("init_shape", mean.betas.clone()[None])
        self.register_buffer("init_cam", mean.camera.clone()[None])
        self.register_state_dict_post_hook(_without_backbone_prefix)  # type: ignore[no-untyped-call]
        self.register_load_state_dict_pre_hook(_with_backbone_prefix)  # type: ignore[no-untyped-call]

    def forward(self, pictures: Tensor) -> RegressorOutput:
        """Crops ``(B, 3, H, W)`` from ``normalise_pictures`` to bodies."""
        if pictures.ndim != 4 or pictures.shape[1] != 3:
            raise ShapeError("pictures", actual=pictures.shape, expected="(B, 3, H, W)")
        features = self.backbone(pictures)
        batch = len(pictures)
        pose = self.init_pose.expand(batch, -1)
        betas = self.init_shape.expand(batch, -1)
        camera = self.init_cam.expand(batch, -1)
        for _ in range(self.iterations):
            state = torch.cat([features, pose, betas, camera], dim=1)
            # No ReLU between the two: so it is in the published code.
            hidden = self.drop2(self.fc2(self.drop1(self.fc1(state))))
            pose = pose + self.decpose(hidden)
            betas = betas + self.decshape(hidden)
            camera = camera + self.deccam(hidden)
        # Gram-Schmidt in half precision would lose what Adam's small steps change.
        rotations = sixd_to_matrix(pose.float().view(batch, NUM_JOINTS, 6))
        return RegressorOutput(rotations, betas.float(), camera.float())

    def freeze_normalisation(self, *, frozen: bool = True) -> Self:
        """While frozen, batch normalisation and dropout behave in training as in use.

        For small sets, whose batches say little of the statistics.
        Weights and biases of the normalisation are still trained.
        """
        self._frozen = frozen
        return self.train(self.training)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - torch's own signature
        """As in torch, but what is frozen stays in evaluation mode."""
        super().train(mode)
        if self._frozen:
            for module in self.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm | nn.Dropout):  # noqa: SLF001
                    module.eval()
        return self


def _without_backbone_prefix(
    _module: nn.Module, state: dict[str, Any], prefix: str, _metadata: object
) -> None:
    """Tensors of the backbone under their bare names, as in SPIN's files, in the same order."""
    for key in list(state):
        value = state.pop(key)
        state[_renamed(key, prefix + _BACKBONE, prefix)] = value


def _with_backbone_prefix(
    module: nn.Module, state: dict[str, Any], prefix: str, *_rest: object
) -> None:
    own = {prefix + name for name, _ in module.named_parameters() if not name.startswith(_BACKBONE)}
    own |= {prefix + name for name, _ in module.named_buffers() if not name.startswith(_BACKBONE)}
    for key in list(state):
        if key.startswith(prefix) and key not in own and not key.startswith(prefix + _BACKBONE):
            state[_renamed(key, prefix, prefix + _BACKBONE)] = state.pop(key)


def _renamed(key: str, old_start: str, new_start: str) -> str:
    return new_start + key.removeprefix(old_start) if key.startswith(old_start) else key
