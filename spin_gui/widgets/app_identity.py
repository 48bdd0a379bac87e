"""What the program is called, which version it is, and its icon."""

from __future__ import annotations

from PySide6.QtGui import QIcon

from core.resource_files import resource_path
from core.system.installed_versions import installed_version

APPLICATION_NAME = "SPIN Studio"


def application_icon() -> QIcon:
    """The icon of windows and task bars."""
    return QIcon(str(resource_path("icons/spin_studio.svg")))


def version() -> str:
    """The installed version, or words for a checkout that was not installed."""
    return installed_version("spin-studio") or "(not installed, run from its folder)"
