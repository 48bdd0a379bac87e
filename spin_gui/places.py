"""The places of an open project: one of them fills the window at a time."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtWidgets import QWidget


class Place(StrEnum):
    """What an open project shows. The samples come first; the others are made when first shown."""

    SAMPLES = "samples"
    TRAINING = "training"


class PlacePanel(QWidget):
    """The panel of a place other than the samples."""

    def close_place(self) -> None:
        """The project closes: stop what runs and ask the dictionary for nothing any more."""


PLACE_ACTIONS = {
    "training.cockpit": Place.TRAINING,
}
"""The switch that leads to each place but the samples, which are shown when none is on."""
