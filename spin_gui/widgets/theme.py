"""Light and dark, in the calm look of Fusion with the program's own palettes.

``QStyleHints.setColorScheme`` tells the platform (title bars, native dialogs), but on plain X11 and
offscreen Qt 6.11 it changes nothing, so the palettes are set here and look the same everywhere.
Only the chrome follows the theme; colours of annotations and verdicts never do.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

MINIMUM_POINT_SIZE = 10


class Theme(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_Role = QPalette.ColorRole

_LIGHT = {
    _Role.Window: "#f4f5f7",
    _Role.WindowText: "#1d2126",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f4f5f7",
    _Role.Text: "#1d2126",
    _Role.PlaceholderText: "#5f6772",
    _Role.Button: "#eceef1",
    _Role.ButtonText: "#1d2126",
    _Role.BrightText: "#ffffff",
    _Role.ToolTipBase: "#ffffff",
    _Role.ToolTipText: "#1d2126",
    _Role.Highlight: "#2f6fb5",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#2f6fb5",
    _Role.Link: "#1f5fa8",
    _Role.LinkVisited: "#5d4b9c",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#e3e6ea",
    _Role.Mid: "#c3c8cf",
    _Role.Dark: "#a2a9b3",
    _Role.Shadow: "#7d858f",
}

# Fields are lighter than their ground: Fusion draws outlines darker than the ground, and an
# unchecked box on a dark field would not be seen.
_DARK = {
    _Role.Window: "#1f2226",
    _Role.WindowText: "#e4e7eb",
    _Role.Base: "#2b2f35",
    _Role.AlternateBase: "#31363d",
    _Role.Text: "#e4e7eb",
    _Role.PlaceholderText: "#a0a8b2",
    _Role.Button: "#363b43",
    _Role.ButtonText: "#e4e7eb",
    _Role.BrightText: "#ffffff",
    _Role.ToolTipBase: "#363b43",
    _Role.ToolTipText: "#e4e7eb",
    _Role.Highlight: "#3876ba",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#5b9be0",
    _Role.Link: "#7db4ee",
    _Role.LinkVisited: "#b3a2e6",
    _Role.Light: "#454b54",
    _Role.Midlight: "#2e3238",
    _Role.Mid: "#4d545d",
    _Role.Dark: "#121417",
    _Role.Shadow: "#0b0c0e",
}

_DISABLED_TEXT = {Theme.LIGHT: "#8f969f", Theme.DARK: "#717985"}
_DISABLED_ROLES = (_Role.WindowText, _Role.Text, _Role.ButtonText)


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Show the whole application in a theme, now and in windows opened later."""
    hints = app.styleHints()
    if theme is Theme.SYSTEM:
        hints.unsetColorScheme()
    else:
        dark = theme is Theme.DARK
        hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
    app.setPalette(palette_of(resolved_theme(app, theme)))


def resolved_theme(app: QApplication, theme: Theme) -> Theme:
    """Light or dark: the theme itself, or what the system asks for (light if nothing)."""
    if theme is not Theme.SYSTEM:
        return theme
    dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return Theme.DARK if dark else Theme.LIGHT


def palette_of(theme: Theme) -> QPalette:
    """The palette of the light or the dark theme."""
    palette = QPalette()
    for role, color in (_DARK if theme is Theme.DARK else _LIGHT).items():
        palette.setColor(role, QColor(color))
    disabled = QColor(_DISABLED_TEXT[theme])
    for role in _DISABLED_ROLES:
        palette.setColor(QPalette.ColorGroup.Disabled, role, disabled)
    return palette


def prepare_look(app: QApplication) -> None:
    """Fusion on every platform, and a font no smaller than is read with ease."""
    app.setStyle("Fusion")
    font = app.font()
    if font.pointSize() < MINIMUM_POINT_SIZE:
        font.setPointSize(MINIMUM_POINT_SIZE)
        app.setFont(font)
