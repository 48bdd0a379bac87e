"""What several subcommands do with a project folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.body.files import load_body
from core.dictionary.store import Dictionary
from core.fitting.pose_prior import PosePrior


def add_tool_arguments(parser: argparse.ArgumentParser) -> None:
    """``--body`` and ``--pose-prior``: remembered in the project's settings."""
    parser.add_argument("--body", type=Path, help="your SMPL file instead of the open body")
    parser.add_argument("--pose-prior", type=Path, help="your gmm_08.pkl instead of ours")


def open_or_create(options: argparse.Namespace) -> Dictionary:
    """The project's dictionary, made where there is none, with the tools named on the line."""
    exists = (options.project / "dictionary.db").is_file()
    dictionary = Dictionary.open(options.project) if exists else Dictionary.create(options.project)
    return _remember_tools(dictionary, options)


def open_existing(options: argparse.Namespace) -> Dictionary:
    """The project's dictionary, which must exist, with the tools named on the line."""
    return _remember_tools(Dictionary.open(options.project), options)


def _remember_tools(dictionary: Dictionary, options: argparse.Namespace) -> Dictionary:
    """Files are read before they are remembered, so that a wrong one is refused here."""
    if getattr(options, "body", None) is not None:
        load_body(options.body)
        dictionary.set_setting("body_file", str(options.body.resolve()))
    if getattr(options, "pose_prior", None) is not None:
        PosePrior.load(options.pose_prior)
        dictionary.set_setting("pose_prior_file", str(options.pose_prior.resolve()))
    return dictionary
