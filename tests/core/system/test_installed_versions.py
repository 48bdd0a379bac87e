"""Versions by folder names are those that the packages say themselves."""

from __future__ import annotations

from importlib import metadata

import pytest

from core.system.installed_versions import installed_version


@pytest.mark.parametrize("package", ["torch", "numpy", "spin-studio", "import-linter"])
def test_it_is_what_the_package_says(package):
    assert installed_version(package) == metadata.version(package)


def test_what_is_not_installed_has_none():
    assert installed_version("no-such-package") is None
