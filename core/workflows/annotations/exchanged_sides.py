"""Notices of whole data sets whose left and right seem to be exchanged.

At import the keypoints alone are asked, and the notice is a question: keypoints that were projected
from a body, rather than seen, have eyes on people seen from behind, too. Once the detector has seen
the pictures it is asked instead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.body.compared_keypoints.exchanged_sides import face_from_behind, torso_from_behind
from core.dictionary.store import Dictionary
from core.types.flags import FlagName
from core.types.samples import NewSample

FEWEST_PEOPLE = 3
PEOPLE_LOOKED_AT = 1000
"""At most, evenly over a source."""
MOST_FACES = 0.8
"""Share of the people whose faces are given. Of annotated real people it is 0 as they are and 1
with their sides exchanged; joints projected from all sides lie at one half."""
MOST_SEEN = 0.5
"""Share of the people whom the detector saw."""


def sides_asked_of_keypoints(samples: Sequence[NewSample]) -> list[str]:
    """A notice where nearly all faces of a source, or their torsos, lie as seen from behind."""
    if not samples:
        return []
    looked_at = samples[:: -(-len(samples) // PEOPLE_LOOKED_AT)]
    keypoints = np.stack([sample.keypoints_px for sample in looked_at])
    faces = face_from_behind(keypoints)
    torsos = np.where(np.isfinite(faces), torso_from_behind(keypoints), np.nan)
    for verdicts, what in ((faces, "the eyes lie"), (torsos, "shoulders and hips lie")):
        behind, told = int(np.nansum(verdicts)), _told(verdicts)
        if told >= FEWEST_PEOPLE and behind >= MOST_FACES * told:
            return [_question(what, behind, told)]
    return []


def sides_seen_in_pictures(dictionary: Dictionary) -> list[str]:
    """A notice for each data set most of whose people the detector sees the other way round."""
    return [
        f"Left and right seem to be exchanged in the data set '{dataset}': the detector sees them "
        f"the other way round for {flagged} of {seen} people (flag '{FlagName.SIDES_EXCHANGED}'). "
        "Exchange them in the source and import it again with --update."
        for dataset, (flagged, seen) in dictionary.assessments.sides_exchanged().items()
        if seen >= FEWEST_PEOPLE and flagged > MOST_SEEN * seen
    ]


def _question(what: str, behind: int, told: int) -> str:
    return (
        f"{what} as those of people seen from behind for {behind} of {told} people whose faces "
        "are marked; are left and right exchanged? 'detect' looks at the pictures and raises the "
        f"flag '{FlagName.SIDES_EXCHANGED}' for each person whose sides are."
    )


def _told(verdicts: NDArray[np.float64]) -> int:
    return int(np.isfinite(verdicts).sum())
