"""Arguments of ``import-predictions``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.formats.bodies.options import BoxLayout, CameraKind, RootFrame, ScaleUnit
from core.formats.bodies.prediction_formats import FORMAT_HELP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import-predictions PROJECT NAME FILE [--betas auto|keep|mean]``, and how to read it."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument("name", help="of the prediction set; the same file again replaces it")
    parser.add_argument("source", type=Path, help=FORMAT_HELP)
    add_reading(parser)


def add_reading(parser: argparse._ActionsContainer) -> None:
    """How a file is to be read, and what becomes of its shapes."""
    parser.add_argument(
        "--betas",
        choices=("auto", "keep", "mean"),
        default="auto",
        help="keep the file's shapes, or give everyone the mean one; auto keeps them where they "
        "belong to the project's body, and finds like ones where their own body's file is at hand",
    )
    parser.add_argument(
        "--source-body",
        type=Path,
        metavar="FILE",
        help="your file of the body that the betas belong to (SMPL_NEUTRAL.pkl, …); such files are "
        "also found beside the project's own body file",
    )
    parser.add_argument(
        "--frame",
        choices=tuple(RootFrame),
        default=RootFrame.CAMERA,
        help="frame of the roots: the camera's (y down), or y-up as AMASS, OpenGL and world frames "
        "have it",
    )
    parser.add_argument(
        "--boxes",
        choices=tuple(BoxLayout),
        default=BoxLayout.CENTER_SIZE,
        help="what the four numbers of 'bboxes' are: centre and size, left, top and size, or two "
        "corners",
    )
    parser.add_argument(
        "--scale",
        choices=tuple(ScaleUnit),
        default=ScaleUnit.UNITS,
        help="what 'scale' counts: units of 200 px, as SPIN does, or pixels",
    )
    parser.add_argument(
        "--camera",
        choices=tuple(CameraKind),
        default=CameraKind.AUTO,
        help="what cameras are: weak perspective (s, tx, ty); a translation in the crop's camera "
        "of 5000 px; one in the full picture's camera, with a focal length. auto decides by names, "
        "values and focal lengths",
    )
