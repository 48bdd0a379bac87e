"""Arguments that several subcommands take."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.workflows.choices import FITTED_TOGETHER

WHERE_HELP = (
    "only some samples: words of the name, verdict:rejected, origin:mean (docs/glossary.md has "
    "all), flag:betas (flag:any, flag:none), dataset:NAME, run:3, loss:10..50, and "
    "in the same way error2d, error3d, beta, depth, prior, disagreement, suspicion, "
    "informativeness, touch and keypoints, fitted:2026-11-01.., with:corrections, "
    "without:fit, moment:NAME, subject:NAME, group:NAME (any, none; group:left-out), "
    "camera:given (typed, exif, found, assumed, 'long lens'), like:12 (12,mirrored) and same:12 by "
    "a sample's number, assigned:NAME, waiting:NAME, reviewer:NAME, with:disagreement, "
    "comment:WORD; several values with commas, in "
    "quotes as one argument"
)


def add_where(parser: argparse.ArgumentParser, *, default: str | None = "") -> None:
    """``--where FILTER``, which ``core.dictionary.search.query_parser`` reads."""
    parser.add_argument("--where", default=default, metavar="FILTER", help=WHERE_HELP)


def counting_number(text: str) -> int:
    """A whole number of 1 or more, as ``--count`` and ``--limit`` take it."""
    return _whole_number(text, least=1)


def seed_number(text: str) -> int:
    """A whole number of 0 or more, as ``--seed`` takes it: NumPy knows no others."""
    return _whole_number(text, least=0)


def _whole_number(text: str, *, least: int) -> int:
    try:
        number = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from error
    if number < least:
        raise argparse.ArgumentTypeError(f"found {number}, expected {least} or more")
    return number


def add_tool_arguments(parser: argparse.ArgumentParser) -> None:
    """``--body`` and ``--pose-prior``: remembered in the project's settings."""
    parser.add_argument("--body", type=Path, help="your SMPL file instead of the open body")
    parser.add_argument("--pose-prior", type=Path, help="your gmm_08.pkl instead of ours")


def add_fitting_profile(parser: argparse.ArgumentParser) -> None:
    """``--profile`` of a fit or refit."""
    parser.add_argument(
        "--profile",
        choices=("studio", "paper"),
        default="studio",
        help="studio: second order, several starts; paper: as published",
    )


def add_batch_size(parser: argparse.ArgumentParser) -> None:
    """``--batch-size`` of a fit or refit."""
    parser.add_argument(
        "--batch-size",
        type=int,
        default=FITTED_TOGETHER,
        help=f"people fitted together ({FITTED_TOGETHER})",
    )


def add_reviewer(parser: argparse.ArgumentParser) -> None:
    """``--reviewer NAME``: under whose name edits are kept."""
    parser.add_argument(
        "--reviewer",
        default="",
        metavar="NAME",
        help="under whose name verdicts and edits are kept (default: the user's)",
    )
