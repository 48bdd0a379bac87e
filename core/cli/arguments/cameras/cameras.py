"""Arguments of ``cameras``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``cameras PROJECT [FILE] [--focal-length-px F] … [--where FILTER]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        help="calibration as OpenCV or ROS writes it, or JSON with a camera for each name of a "
        "camera, folder or picture; without it and without an option the cameras are listed",
    )
    given = parser.add_mutually_exclusive_group()
    given.add_argument(
        "--focal-length-px", type=float, metavar="F", help="focal length in pixels of the picture"
    )
    given.add_argument(
        "--focal-length-35mm", type=float, metavar="MM", help="focal length as on 35 mm film"
    )
    given.add_argument(
        "--field-of-view-deg", type=float, metavar="A", help="angle across the picture's width"
    )
    given.add_argument(
        "--look",
        action="store_true",
        help="what EXIF tells, and where it tells nothing an assumed camera: also for the pictures "
        "of a project made before cameras were kept",
    )
    given.add_argument(
        "--find",
        action="store_true",
        help="one focal length for the pictures of a camera (of one size, and of one camera by "
        "the command group, or in one folder), from the fits of a dozen people or more; used "
        "where it is clearly better than the assumed one",
    )
    given.add_argument("--assume", action="store_true", help="the assumed camera")
    given.add_argument(
        "--long-lens", action="store_true", help="SPIN's camera, 5000 px on every crop"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    add_where(parser)
