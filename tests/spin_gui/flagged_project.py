"""A small project with flags, predictions and a prediction set."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.dictionary.assessment.assessments import Assessment, RaisedFlag
from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.store import Dictionary
from core.types.bodies import BodyParameters
from core.types.flags import FlagName
from core.types.predictions import NewPrediction
from tests.spin_gui.small_project import make_project, new_fit

PEOPLE = 6


def prediction(sample_id: int, turn_rad: float) -> NewPrediction:
    pose = np.zeros(72, np.float32)
    pose[0], pose[4] = np.pi, turn_rad
    camera = np.array([0, 0.2, 40], np.float32)
    return NewPrediction(
        sample_id=sample_id, parameters=BodyParameters(pose, np.zeros(10, np.float32), camera)
    )


def make_flagged_project(tmp_path: Path) -> Path:
    """Orientation: 3 worse than 1; depth: 5. Predictions for all, the set 'Other' for 1 to 3."""
    folder = make_project(tmp_path, people=PEOPLE)
    with Dictionary.open(folder) as dictionary:
        dictionary.fits.offer([new_fit(2, 5.0, turn_rad=1.0)])
        dictionary.predictions.store(prediction(index, 0.1) for index in range(1, PEOPLE + 1))
        sets = dictionary.prediction_sets
        made = sets.open("Other", SetKind.IMPORTED, source="other.npz")
        sets.add(made, [prediction(number, 0.6) for number in (1, 2, 3)])
        bases = dictionary.assessments.inputs(range(1, PEOPLE + 1))
        raised = {
            1: (FlagName.ORIENTATION, 0.4, "turned by 70°"),
            3: (FlagName.ORIENTATION, 0.9, "turned by 160°"),
            5: (FlagName.DEPTH, 0.7, "far too near"),
        }
        dictionary.assessments.store(
            [
                Assessment(
                    basis=bases[base],
                    suspicion=raised[base][1] if base in raised else 0.1,
                    informativeness=0.5,
                    flags=(RaisedFlag(*raised[base]),) if base in raised else (),
                )
                for base in bases
            ]
        )
    return folder
