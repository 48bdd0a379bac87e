"""Every number of a training in one record, with what each of them means.

The help texts are data: the command line and the window's form are both made from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self, get_type_hints

from core.errors import StudioError
from core.files.foreign_files import foreign_content, reason_of
from core.files.foreign_json import parse_json
from core.runs.data_selection import DataSelection
from core.types.limits import VALID_COMPARISON_LOSS_PX2

START_RANDOM = "random"
START_IMAGENET = "imagenet"
START_DEMO = "demo"

HEAD_BACKBONE = "detector"
"""In the place of a backbone's name: the head behind the frozen detector, which needs no GPU."""

FITTED_SETS_FREEZE_BELOW = 2000
"""On fewer samples batch statistics and dropout do more harm than good."""

USUAL_GRADIENT_NORM_LIMIT = 100.0
"""Three times the longest gradient of 30 batches of the demo from the shipped regressor (13 to 33);
random weights begin with up to 215. Adam does not mind a common scale, only an odd one out."""

VALUES_BEFORE_THERE_WAS_A_CHOICE: Mapping[str, object] = {
    "improvement_rule": "reprojection",
    "evidence_rule": "plain",
    "refit_every": 1,
    "gradient_norm_limit": 0.0,
}
"""What runs did whose stored configuration does not name these: they are resumed as they began."""

LOOSE_FIELDS = frozenset({"iterations", "workers", "checkpoint_every", "device", "allow_download"})
"""What may differ when a run is resumed: nothing of it changes what an iteration computes."""


def _number(default: float, text: str, *, low: float = 0, high: float = 1e9, unit: str = "") -> Any:
    return field(
        default=default, metadata={"help": text, "minimum": low, "maximum": high, "unit": unit}
    )


def _choice(default: object, text: str, *options: str, is_open: bool = False) -> Any:
    """A value out of ``options`` where there are any, or also another one if ``is_open``."""
    metadata = {"help": text, "options": options, "is_open": is_open}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class TrainingConfiguration:
    """One training; ``field.metadata`` holds ``help``, and limits or options where it has any."""

    profile: str = _choice(
        "studio", "which set of values this one began as", "paper", "studio", "cpu", "cpu-demo"
    )
    backbone: str = _choice(
        "resnet50",
        "timm's name of the network that looks at the picture; detector: a small head on what the "
        "frozen detector saw, for machines without a GPU",
    )
    input_size_px: int = _number(
        224, "side of the crop that the network sees", low=32, high=1024, unit="px"
    )
    start_from: str = _choice(
        START_IMAGENET,
        "where the network's weights begin: random, imagenet (needs permission to download), demo "
        "(what ships: the head behind the detector for that, else the demo regressor, or random "
        "where there is none), or a checkpoint file",
        START_RANDOM,
        START_IMAGENET,
        START_DEMO,
        is_open=True,
    )
    allow_download: bool = _choice(
        default=False, text="whether timm may fetch ImageNet weights from the internet"
    )
    iterations: int = _number(100_000, "how many batches the whole run takes", low=1)
    batch_size: int = _number(64, "people in one iteration, on each device", low=1, high=4096)
    learning_rate: float = _number(5e-5, "step of Adam", low=1e-9, high=1.0)
    anchor: float = _number(
        0.0,
        "share of the way back to the weights that the run began with, which each iteration goes; "
        "so that a few people do not cost what others taught; 0: none",
        high=0.5,
    )
    share_in_use: float = _number(
        1.0,
        "share of the way from the weights that the run began with to those it has come to, at "
        "which they are used by predictions; the run itself goes on with the latter",
        high=1.0,
    )
    seed: int = _number(0, "of the order, the augmentation and dropout: same seed, same run")
    keypoints_2d_weight: float = _number(5.0, "weight of the 2D joint error")
    keypoints_3d_weight: float = _number(5.0, "weight of the 3D joint error, where 3D is known")
    pose_weight: float = _number(1.0, "weight of the error in joint rotations")
    betas_weight: float = _number(0.001, "weight of the error in betas")
    camera_weight: float = _number(1.0, "weight of what keeps the camera's scale positive")
    gradient_norm_limit: float = _number(
        USUAL_GRADIENT_NORM_LIMIT,
        "gradients longer than this are shortened to it, so that one odd batch cannot throw the "
        "weights off; 0: never, as in the paper",
    )
    loss_scale: float = _number(60.0, "what the sum of all losses is multiplied by")
    openpose_weight: float = _number(
        1.0, "how much OpenPose's joints count in the 2D error (0 in the paper)"
    )
    annotated_weight: float = _number(1.0, "how much annotated joints count in the 2D error")
    fit_in_loop: bool = _choice(
        default=True,
        text="fit from every prediction by SMPLify, and keep the fit where it is better than the "
        "current one",
    )
    fitting_profile: str = _choice("studio", "how SMPLify fits while training", "paper", "studio")
    fit_iterations: int = _number(
        0, "SMPLify's iterations of the body while training; 0: as its profile says", high=1000
    )
    pull: bool = _choice(
        default=True,
        text="keep fits near to the prediction, joint by joint, closest where it has lately proved "
        "right",
    )
    pull_keypoint_noise_px: float = _number(
        2.0,
        "how far keypoints are thought to be off where fits are held to the prediction; more "
        "trusts the regressor more",
        unit="px",
    )
    acceptance_keypoint_noise_px: float = _number(
        2.0,
        "how far keypoints are thought to be off where a new fit is compared with the current one; "
        "more asks for a clearer gain",
        unit="px",
    )
    replayed_people: int = _number(
        0,
        "made people with known bodies that each batch of the detector's head is trained on "
        "besides, so that it does not forget them",
        high=4096,
    )
    pull_largest_weight: float = _number(
        300.0, "the largest weight that keeps a joint near to the prediction", unit="px²/rad²"
    )
    improvement_rule: str = _choice(
        "likelier",
        "when a new fit replaces the current one: where keypoints and prediction together make it "
        "clearly likelier, or where its 2D error alone is lower (reprojection, the paper's way)",
        "likelier",
        "reprojection",
    )
    evidence_rule: str = _choice(
        "calibrated",
        "how far the regressor is thought to be off: by its disagreement with fits alone (plain), "
        "or together with what fits themselves are off, and weighed against what current fits from "
        "lifted poses, by people or other programs know besides (calibrated), and, of the head "
        "behind the detector, by its error on made people that it is not trained on (judged)",
        "calibrated",
        "plain",
        "judged",
    )
    keep_predictions: bool = _choice(
        default=False,
        text="let the prediction itself become the fit where it is clearly likelier than what "
        "SMPLify makes of it",
    )
    refit_every: int = _number(
        4,
        "fit a person whose fit no longer improves only at every this many visits; 1: always",
        low=1,
        high=1000,
    )
    well_fitting_loss_px2: float = _number(
        25.0,
        "below this loss a fit is evidence of what the regressor should say",
        unit="px²",
    )
    valid_loss_px2: float = _number(
        VALID_COMPARISON_LOSS_PX2,
        "the network learns the pose from a fit only below this loss",
        unit="px²",
    )
    validity_rule: str = _choice(
        "studio",
        "what that loss is divided by: confident joints (studio) or all 49 (paper)",
        "studio",
        "paper",
    )
    paired: bool = _choice(default=False, text="use 3D ground truth where a sample has it")
    static: bool = _choice(
        default=False, text="train on the current fits as they are, without fitting"
    )
    final: bool = _choice(
        default=False,
        text="train on finished fits: only on accepted or valid ones, without fitting",
    )
    augment: bool = _choice(default=True, text="flip, turn, scale and tint the pictures")
    freeze_normalisation: bool | None = _choice(
        None,
        "keep BatchNorm and dropout as in use while training; not set: below "
        f"{FITTED_SETS_FREEZE_BELOW} samples, except in the paper's profile",
    )
    workers: int = _number(1, "processes that load pictures; 0: none, the training itself", high=64)
    device: str = _choice("auto", "auto, cpu, cuda, or another name that torch knows")
    checkpoint_every: int = _number(500, "iterations between checkpoints", low=1)
    where: DataSelection = field(
        default_factory=DataSelection, metadata={"help": "which samples are trained on"}
    )

    def __post_init__(self) -> None:
        for described in fields(self):
            _check_allowed(described.name, getattr(self, described.name), described.metadata)

    @property
    def trains_head(self) -> bool:
        """Whether the head behind the detector is trained, and no network that sees pictures."""
        return self.backbone == HEAD_BACKBONE

    @property
    def fits_in_loop(self) -> bool:
        """Whether SMPLify runs at all."""
        return self.fit_in_loop and not (self.static or self.final)

    def freezes_normalisation(self, samples: int) -> bool:
        """Whether BatchNorm and dropout stand still with this number of samples."""
        if self.freeze_normalisation is not None:
            return self.freeze_normalisation
        return self.profile != "paper" and samples < FITTED_SETS_FREEZE_BELOW

    def to_json(self) -> str:
        """All values, readable."""
        return json.dumps(self.to_dict(), indent=1)

    def to_dict(self) -> dict[str, object]:
        """All values as JSON knows them."""
        values: dict[str, object] = {
            field_.name: getattr(self, field_.name)
            for field_ in fields(self)
            if field_.name != "where"
        }
        return {**values, "where": self.where.to_rules()}

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of ``to_json``; raises ``StudioError`` for anything else."""
        return cls.from_dict(_read_json(text))

    @classmethod
    def from_stored(cls, text: str) -> Self:
        """Of a run that began when some values were not yet to be chosen; as ``from_json``."""
        values = _read_json(text)
        if isinstance(values, Mapping):
            # One number was both before.
            noise_px = values.get("pull_keypoint_noise_px", 2.0)
            values = {
                **VALUES_BEFORE_THERE_WAS_A_CHOICE,
                "acceptance_keypoint_noise_px": noise_px,
                **values,
            }
        return cls.from_dict(values)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Self:
        """From JSON's values; unknown names and wrong kinds are refused, missing ones default."""
        if not isinstance(values, Mapping):
            raise StudioError(
                f"A training configuration is an object, got {type(values).__name__}."
            )
        types = field_types()
        unknown = sorted(map(str, set(values) - set(types)))
        if unknown:
            raise StudioError(f"A training configuration has no {', '.join(unknown)}.")
        with foreign_content(
            lambda error: StudioError(
                f"The training configuration cannot be understood ({reason_of(error)})."
            )
        ):
            taken: dict[str, Any] = {
                name: _of_type(name, types[name], value) for name, value in values.items()
            }
            return cls(**taken)


def field_types() -> dict[str, Any]:
    """The type of each field of a ``TrainingConfiguration``, by its name."""
    return get_type_hints(TrainingConfiguration)


def _check_allowed(name: str, value: Any, limits: Mapping[str, Any]) -> None:
    if "minimum" in limits and not limits["minimum"] <= value <= limits["maximum"]:
        raise StudioError(
            f"{name} is {value}, expected {limits['minimum']:g} to {limits['maximum']:g}."
        )
    options = limits.get("options")
    if options and not limits["is_open"] and value not in options:
        raise StudioError(f"{name} is {value!r}, expected one of {', '.join(options)}.")


def _read_json(text: str) -> Any:
    def no_json(error: Exception) -> StudioError:
        return StudioError(f"The training configuration is no JSON ({reason_of(error)}).")

    with foreign_content(no_json):
        return parse_json(text.encode("utf-8", "backslashreplace"))


def _of_type(name: str, expected: Any, value: object) -> object:
    """A value of JSON as the field's type."""
    if expected is DataSelection:
        return DataSelection.from_rules(value)
    if expected is float and type(value) is int:
        return float(value)
    is_flag_as_number = isinstance(value, bool) and expected is int
    if is_flag_as_number or not isinstance(value, expected):
        raise StudioError(
            f"{name} is {value!r}, expected {getattr(expected, '__name__', expected)}."
        )
    return value


PAPER = TrainingConfiguration(
    profile="paper",
    learning_rate=3e-5,
    iterations=300_000,
    openpose_weight=0.0,
    gradient_norm_limit=0.0,
    fitting_profile="paper",
    pull=False,
    improvement_rule="reprojection",
    evidence_rule="plain",
    refit_every=1,
    validity_rule="paper",
    paired=True,
    workers=4,
    checkpoint_every=1000,
)

STUDIO = TrainingConfiguration(profile="studio", workers=2)

CPU_DEMO = TrainingConfiguration(
    profile="cpu-demo",
    backbone="regnetx_002",
    input_size_px=128,
    start_from=START_DEMO,
    iterations=1000,
    batch_size=64,
    learning_rate=1e-4,
    workers=1,
    checkpoint_every=50,
)

CPU = TrainingConfiguration(
    profile="cpu",
    backbone=HEAD_BACKBONE,
    start_from=START_DEMO,
    iterations=200,
    batch_size=64,
    learning_rate=1e-4,
    anchor=0.005,
    share_in_use=0.5,
    pull_keypoint_noise_px=10.0,
    pull_largest_weight=4000.0,
    replayed_people=32,
    keep_predictions=True,
    evidence_rule="judged",
    workers=0,
    checkpoint_every=50,
)

_PROFILES = {
    training_configuration.profile: training_configuration
    for training_configuration in (PAPER, STUDIO, CPU, CPU_DEMO)
}
PROFILE_NAMES: tuple[str, ...] = tuple(_PROFILES)


def profile_configuration(name: str) -> TrainingConfiguration:
    """The values of ``paper``, ``studio``, ``cpu`` or ``cpu-demo``; ``StudioError`` otherwise."""
    if name not in _PROFILES:
        raise StudioError(
            f"There is no training profile {name!r}.",
            remedy=f"Choose one of {', '.join(PROFILE_NAMES)}.",
        )
    return _PROFILES[name]


def resumed_configuration(
    stored: TrainingConfiguration, requested: TrainingConfiguration | None
) -> TrainingConfiguration:
    """What a resumed run continues with: its own values, and the loose ones of ``requested``.

    Raises:
        StudioError: ``requested`` differs in anything that would make it another run.
    """
    if requested is None:
        return stored
    loose = {name: getattr(requested, name) for name in LOOSE_FIELDS}
    merged = replace(stored, **loose)
    for field_ in fields(merged):
        if getattr(merged, field_.name) != getattr(requested, field_.name):
            raise StudioError(
                f"The run was begun with {field_.name} {getattr(stored, field_.name)!r} and cannot "
                f"go on with {getattr(requested, field_.name)!r}.",
                remedy="Resume it unchanged, or start a new run from its checkpoint.",
            )
    return merged
