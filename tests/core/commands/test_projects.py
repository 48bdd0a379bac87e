"""What the subcommands do with a project folder before their work."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from core.commands.projects import open_or_create
from core.errors import BodyFileError


def test_a_body_that_cannot_be_used_leaves_the_project_closed(tmp_path: Path) -> None:
    options = argparse.Namespace(
        project=tmp_path / "project", body=tmp_path / "none.pkl", pose_prior=None
    )
    with pytest.raises(BodyFileError, match=r"none\.pkl") as refused:
        open_or_create(options)
    assert refused.value.remedy
    # SQLite removes its log when the last connection is closed.
    assert {path.name for path in options.project.iterdir()} == {
        "dictionary.db", "cache", "checkpoints",
    }  # fmt: skip
