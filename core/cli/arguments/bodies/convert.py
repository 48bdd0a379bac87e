"""Arguments of ``convert``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``convert PROJECT OUT (--body FILE | --open-body) [--limit-mm MM]``."""
    parser.add_argument("project", type=Path, help="project folder, which stays as it is")
    parser.add_argument("out", type=Path, help="folder of the new project")
    to = parser.add_mutually_exclusive_group(required=True)
    to.add_argument("--body", type=Path, metavar="FILE", help="to this SMPL body (.pkl or .npz)")
    to.add_argument(
        "--open-body",
        action="store_const",
        dest="body",
        const=None,
        help="to the open body that ships with the program",
    )
    parser.add_argument(
        "--limit-mm",
        type=float,
        default=10.0,
        metavar="MM",
        help="count fits that lie farther off than this (default: 10)",
    )
    parser.epilog = (
        "Verdicts, history, groups, comments and keypoints are copied as they are; every body is "
        "converted, through the mesh where both bodies have the same, else through the joints, and "
        "measured again. OUT is a project when all of it is done."
    )
