"""Arguments of ``prediction-sets``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``prediction-sets PROJECT [--keep NAME | --rename OLD NEW | --delete NAME]``."""
    parser.add_argument("project", type=Path, help="project folder")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--keep", metavar="NAME", help="keep the latest predictions as a set")
    action.add_argument("--rename", nargs=2, metavar=("OLD", "NEW"), help="give a set another name")
    action.add_argument("--delete", metavar="NAME", help="delete a set with its predictions")
