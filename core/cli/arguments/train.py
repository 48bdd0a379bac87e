"""Arguments of ``train``."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from core.cli.arguments.common import add_tool_arguments, add_where
from core.runs.training_configuration import (
    PROFILE_NAMES,
    TrainingConfiguration,
    field_types,
)

CONFIGURATION_OPTIONS = (
    "iterations", "batch_size", "learning_rate", "backbone", "input_size_px", "start_from",
    "allow_download", "seed", "device", "workers", "checkpoint_every", "paired", "static", "final",
    "fit_in_loop", "fitting_profile", "fit_iterations", "pull", "improvement_rule",
    "evidence_rule", "refit_every",
    "augment", "freeze_normalisation", "gradient_norm_limit",
)  # fmt: skip
"""Fields of the configuration that have an option of the same name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``train PROJECT [--profile P] [--resume RUN] [--iterations N] …``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "--profile", choices=PROFILE_NAMES, default=None, help="where all values begin (studio)"
    )
    parser.add_argument(
        "--resume", type=int, metavar="RUN", help="go on with a run from its newest checkpoint"
    )
    add_where(parser, default=None)
    helps = {field_.name: field_.metadata["help"] for field_ in fields(TrainingConfiguration)}
    types = field_types()
    for name in CONFIGURATION_OPTIONS:
        _add_option(parser, name, types[name], helps[name])
    add_tool_arguments(parser)


def _add_option(parser: argparse.ArgumentParser, name: str, kind: Any, text: str) -> None:
    flag = f"--{name.replace('_', '-')}"
    if kind in (bool, bool | None):
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=text)
    else:
        parser.add_argument(flag, type=kind, default=None, help=text)
