"""The body and the pose prior that a project is worked on with.

Betas of different bodies are not interchangeable: the body of the first fit is recorded with the
project, and another one is refused from then on.
"""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

from core.dictionary.store import Dictionary
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.pose_prior import PosePrior
from core.runs.project_body import POSE_PRIOR_FILE, body_file, pose_prior_file

_PACKAGES = ("torch", "numpy", "smplx")


def project_body(dictionary: Dictionary) -> BodyModel:
    """The body of a project: its ``body_file``, or the open body where it names none.

    Raises:
        BodyFileError: the file is missing or no SMPL body.
        DictionaryError: the project's fits were made with another body.
    """
    body = load_body(body_file(dictionary))
    dictionary.body.refuse_other(body.name)
    return body


def project_prior(dictionary: Dictionary) -> PosePrior:
    """The pose prior of a project: its ``pose_prior_file``, or the shipped one.

    Raises:
        UserFileError: the file is missing or no pose prior.
    """
    return PosePrior.load(pose_prior_file(dictionary))


def tool_files(dictionary: Dictionary) -> tuple[Path | None, Path | None]:
    """Body file and pose prior file of a project; None for the shipped ones."""
    return body_file(dictionary), pose_prior_file(dictionary)


def choose_prior(dictionary: Dictionary, path: Path | None) -> PosePrior:
    """Work on a project with another pose prior; None means the shipped one.

    Raises:
        UserFileError: the file is no pose prior; the project keeps the one it has.
    """
    prior = PosePrior.load(path)
    for key, value in _settings_of(path).items():
        dictionary.settings.set(key, value)
    return prior


def prior_settings(path: Path) -> dict[str, str]:
    """The settings of a project that works with a pose prior of the user's own.

    Raises:
        UserFileError: the file is no pose prior.
    """
    PosePrior.load(path)
    return _settings_of(path)


def _settings_of(path: Path | None) -> dict[str, str]:
    return {POSE_PRIOR_FILE: "" if path is None else str(path.resolve())}


def record_body(dictionary: Dictionary, body: BodyModel) -> None:
    """Note before the first fits whose betas they will be.

    Raises:
        DictionaryError: another process did so, with another body, since this one was loaded.
    """
    dictionary.body.claim(body.name)


def program_versions() -> dict[str, str]:
    """Versions of what decides on numbers, stored with each run."""
    versions = {package: metadata.version(package) for package in _PACKAGES}
    return {"python": platform.python_version(), **versions}
