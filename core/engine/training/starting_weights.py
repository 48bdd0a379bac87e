"""Where a regressor's weights come from: chance, ImageNet, the shipped demo, or a file."""

from __future__ import annotations

from pathlib import Path

import torch

from core.engine.body.smpl_body import BodyModel
from core.engine.regression.checkpoints import demo_regressor_path, load_regressor
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import detector_head_path, load_detector_head
from core.engine.regression.mean_parameters import MeanParameters
from core.engine.regression.regressor import Regressor
from core.engine.regression.untrained_head import untrained_head
from core.engine.smplify.pose_prior import PosePrior
from core.errors import StudioError
from core.runs.training_configuration import (
    START_DEMO,
    START_IMAGENET,
    START_RANDOM,
    TrainingConfiguration,
)


def new_head(
    configuration: TrainingConfiguration, prior: PosePrior, body: BodyModel
) -> tuple[DetectorHead, str]:
    """The head behind the detector that a new run begins with, and where its weights come from.

    Random weights are drawn from the configuration's seed.

    Raises:
        StudioError: the weights cannot be had.
    """
    start = configuration.start_from
    if start == START_IMAGENET:
        raise StudioError(
            "The head behind the detector cannot begin with imagenet weights.",
            remedy="Begin with the shipped one (--start-from demo), with random weights, or with "
            "a checkpoint.",
        )
    if start == START_RANDOM:
        mean = MeanParameters.of_body_pose(prior.mean_pose)
        head = untrained_head(_shipped_head(), mean_sixd=mean.pose_sixd, seed=configuration.seed)
        origin = "random weights"
    elif start == START_DEMO:
        head, origin = load_detector_head(_shipped_head()), "the shipped head"
    else:
        head, origin = load_detector_head(Path(start)), f"weights of {start}"
    # A pose means nearly the same on another body; betas do not, and are learned again.
    head.body_name = body.name
    return head, origin


def _shipped_head() -> Path:
    path = detector_head_path()
    if path is None:
        raise StudioError(
            "This copy of the program has no head to begin with.",
            remedy="Get a complete copy, or begin with a checkpoint (--start-from FILE).",
        )
    return path


def new_regressor(
    configuration: TrainingConfiguration, prior: PosePrior, body: BodyModel
) -> tuple[Regressor, str]:
    """The regressor a new run begins with, and a few words on where its weights come from.

    The head's weights are drawn from the configuration's seed.

    Raises:
        StudioError: the weights cannot be had, or belong to another network or body.
    """
    start = configuration.start_from
    if start == START_DEMO:
        shipped = demo_regressor_path()
        if shipped is None:
            return _untrained(configuration, prior, body, pretrained=False), "random weights"
        return _checked(load_regressor(shipped), configuration, body), "the shipped demo regressor"
    if start == START_RANDOM:
        return _untrained(configuration, prior, body, pretrained=False), "random weights"
    if start == START_IMAGENET:
        if not configuration.allow_download:
            raise StudioError(
                "The training is to begin with ImageNet weights, which must be downloaded, and "
                "downloading was not allowed.",
                remedy="Allow it (--allow-download), or begin with random weights, the demo "
                "regressor or a file (--start-from).",
            )
        regressor = _untrained(configuration, prior, body, pretrained=True)
        return regressor, "ImageNet weights of timm"
    return _checked(load_regressor(Path(start)), configuration, body), f"weights of {start}"


def _untrained(
    configuration: TrainingConfiguration, prior: PosePrior, body: BodyModel, *, pretrained: bool
) -> Regressor:
    torch.manual_seed(configuration.seed)
    return Regressor(
        configuration.backbone,
        mean=MeanParameters.of_body_pose(prior.mean_pose),
        input_size_px=configuration.input_size_px,
        body_name=body.name,
        pretrained=pretrained,
    )


def _checked(
    regressor: Regressor, configuration: TrainingConfiguration, body: BodyModel
) -> Regressor:
    if regressor.backbone_name != configuration.backbone:
        raise StudioError(
            f"The weights to begin with belong to the backbone {regressor.backbone_name}, but the "
            f"training asks for {configuration.backbone}.",
            remedy=f"Choose the backbone {regressor.backbone_name}, or other weights.",
        )
    if regressor.body_name and regressor.body_name != body.name:
        # A pose means nearly the same on another body; betas do not, and are learned again.
        regressor.body_name = body.name
    regressor.input_size_px = configuration.input_size_px
    return regressor
