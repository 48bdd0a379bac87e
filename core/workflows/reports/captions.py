"""What the captions of a sheet say of a fit, a flag and a difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.body.body_difference import BodyDifference
from core.dictionary.assessment.assessments import RaisedFlag
from core.types.bodies import BodyParameters
from core.types.fits import ORIGIN_TITLES, Fit, Origin, Verdict, error_words
from core.types.flags import FlagName, flag_words


def fit_line(fit: Fit) -> str:
    """Error, largest beta, depth, origin and verdict of a fit in one line."""
    largest = max(abs(float(beta)) for beta in fit.parameters.betas)
    parts = [
        f"error {error_words(fit.losses.comparison)}",
        f"largest |β| {largest:.1f}",
        _camera_words(fit.parameters),
        f"origin: {ORIGIN_TITLES[Origin(fit.origin)]}",
    ]
    if fit.verdict is not Verdict.NONE:
        parts.append(fit.verdict)
    return " · ".join(parts)


def _camera_words(body: BodyParameters) -> str:
    distance_m, focal_px = float(body.camera_translation[2]), body.camera.focal_length_px
    return f"{distance_m:.1f} m before a lens of {focal_px:.0f} px on the crop"


def flag_line(flags: Iterable[RaisedFlag], *, first: FlagName | None = None) -> str:
    """Every flag with its reason, the one that the section is about first."""
    ordered = sorted(flags, key=lambda flag: (flag.name != first, flag.name))
    return "; ".join(_flag_text(flag) for flag in ordered)


def difference_line(difference: BodyDifference) -> str:
    """How far two bodies are apart."""
    return " · ".join(
        [
            f"joints {difference.mean_joint_mm:.0f} mm apart",
            f"{difference.mean_joint_aligned_mm:.0f} mm after Procrustes",
            f"root turned by {difference.joint_angles_deg[0]:.0f}°",
            f"other joints by {difference.mean_joint_angle_deg:.0f}° on average",
            depth_words(difference.depth_m),
        ]
    )


def depth_words(depth_m: float) -> str:
    """How much nearer or farther the second body is."""
    return f"the second {abs(depth_m):.1f} m {'farther' if depth_m > 0 else 'nearer'}"


def listed(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _flag_text(flag: RaisedFlag) -> str:
    words = flag_words(flag.name)
    return f"{words.title}: {flag.reason or words.meaning}"
