"""What a user may say about a file of predictions that the file does not say itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RootFrame(StrEnum):
    """Which frame roots, and translations of a whole picture's camera, are in."""

    CAMERA = "camera"
    Y_UP = "y-up"


class BoxLayout(StrEnum):
    """What the four numbers of a box are."""

    CENTER_SIZE = "cxcywh"
    CORNER_SIZE = "ltwh"
    CORNERS = "xyxy"


class ScaleUnit(StrEnum):
    """What the number beside a box's centre counts: units of 200 px, or pixels."""

    UNITS = "200"
    PIXELS = "px"


class CameraKind(StrEnum):
    """What three numbers of a camera are; ``AUTO`` decides by names, values and focal lengths."""

    AUTO = "auto"
    WEAK = "weak"
    CROP = "crop"
    FULL = "full"


@dataclass(frozen=True, kw_only=True)
class PredictionOptions:
    """What a user says about a file.

    frame: roots in a y-up frame (OpenGL's, AMASS's) are turned about x by 180°.
    boxes, scale: how boxes are written. camera: weak perspective (s, tx, ty); a translation in
    metres with focal length 5000 px on the 224 px crop; or one of the whole picture's camera.
    """

    frame: RootFrame = RootFrame.CAMERA
    boxes: BoxLayout = BoxLayout.CENTER_SIZE
    scale: ScaleUnit = ScaleUnit.UNITS
    camera: CameraKind = CameraKind.AUTO

    def given(self) -> frozenset[str]:
        """The names of what a user says that differs from what it is by itself."""
        return frozenset(
            name for name in vars(self) if getattr(self, name) != getattr(PredictionOptions, name)
        )


NO_PREDICTION_OPTIONS = PredictionOptions()
