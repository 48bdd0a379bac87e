"""Colours that are painted by hand are told apart as well as those of labels (WCAG 2.2, AA)."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QPalette

from core.types.fits import Verdict
from spin_gui.viewer.surroundings_painter import CAMERA_LINE, SCALE_LINE, SCALE_TEXT
from spin_gui.viewer.view_canvas import BACKDROP, LABEL_BACK, LABEL_TEXT
from spin_gui.widgets.flag_badge import BADGE_FILL, BADGE_TEXT
from spin_gui.widgets.theme import Theme, palette_of
from spin_gui.widgets.verdict_marks import VERDICT_COLORS
from tests.spin_gui.window.readability import LEAST_CONTRAST, LEAST_CONTRAST_LARGE, contrast

Role = QPalette.ColorRole
TEXTS = [
    *[(Role.WindowText, ground) for ground in (Role.Window, Role.Midlight)],
    *[(Role.Text, ground) for ground in (Role.Base, Role.AlternateBase)],
    *[
        (Role.PlaceholderText, ground)
        for ground in (Role.Window, Role.Base, Role.AlternateBase, Role.Midlight)
    ],
    *[(Role.Link, ground) for ground in (Role.Window, Role.Base)],
    (Role.ButtonText, Role.Button),
    (Role.HighlightedText, Role.Highlight),
    (Role.ToolTipText, Role.ToolTipBase),
]


def over(layer: QColor, ground: QColor) -> QColor:
    """A translucent colour as it looks on another one."""
    share = layer.alphaF()
    mixed = (
        share * top + (1 - share) * below
        for top, below in (
            (layer.redF(), ground.redF()),
            (layer.greenF(), ground.greenF()),
            (layer.blueF(), ground.blueF()),
        )
    )
    return QColor.fromRgbF(*mixed)


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_texts_of_both_themes_are_read_on_every_ground(theme, text, ground):
    palette = palette_of(theme)
    assert contrast(palette.color(text), palette.color(ground)) >= LEAST_CONTRAST


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("ground", [Role.Window, Role.Base])
def test_marks_of_verdicts_are_seen_on_every_ground(theme, verdict, ground):
    ground_color = palette_of(theme).color(ground)
    assert contrast(VERDICT_COLORS[verdict], ground_color) >= LEAST_CONTRAST_LARGE


def test_signs_on_marks_and_badges_are_read():
    white = QColor("white")
    for verdict in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE):
        assert contrast(white, VERDICT_COLORS[verdict]) >= LEAST_CONTRAST_LARGE
    assert contrast(BADGE_TEXT, BADGE_FILL) >= LEAST_CONTRAST


def test_what_is_written_over_pictures_is_read_on_the_brightest_of_them():
    assert contrast(LABEL_TEXT, over(LABEL_BACK, QColor("white"))) >= LEAST_CONTRAST
    assert contrast(SCALE_TEXT, BACKDROP) >= LEAST_CONTRAST
    for line in (SCALE_LINE, CAMERA_LINE):
        assert contrast(line, BACKDROP) >= LEAST_CONTRAST_LARGE
