"""A source whose people are in the project in part: who is new, who is there, who changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.dictionary.samples.state_changes import Compare
from core.dictionary.store import Dictionary
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters, CropCamera
from core.types.fits import Verdict
from core.types.flags import FlagName
from core.types.samples import NewSample
from core.workflows.annotations.person_identity import Identified, identify


@dataclass(frozen=True, eq=False)
class MetAgain:
    """samples: all of the source, those that are there under the keys they have there.

    different, kept_by_hand, updated: as in ``ImportReport``. judged: of the updated, those whose
    fit a person judged against the joints before.
    """

    samples: Sequence[NewSample]
    different: int
    kept_by_hand: int
    updated: int
    judged: int = 0

    def notice(self) -> str | None:
        """What a person should look at again; None where there is nothing."""
        if not self.judged:
            return None
        people = (
            "1 updated person has" if self.judged == 1 else f"{self.judged} updated people have"
        )
        return f"{people} a fit that was judged against the joints before: look at it again."


NO_ONE_MET = MetAgain(samples=(), different=0, kept_by_hand=0, updated=0)


def meet_again(dictionary: Dictionary, samples: Sequence[NewSample], *, update: bool) -> MetAgain:
    """Tell the people of a source from those of the project, and update them where wanted.

    Args:
        dictionary: of the project.
        samples: all of the source.
        update: give people who changed their new joints and boxes, in one transaction.
    """
    met = _identified(dictionary, samples)
    changed = [person for person in met if person.known is not None and person.differs]
    updated: list[int] = []
    if update and changed:
        annotations = {
            person.known.sample_id: person.sample for person in changed if person.known is not None
        }
        compare = _ComparisonOnDemand(dictionary)
        updated = dictionary.known_people.replace_annotations(annotations, compare=compare)
    by_hand = sum(person.known is not None and person.known.by_hand for person in changed)
    return MetAgain(
        samples=[person.sample for person in met],
        different=len(changed) - len(updated),
        kept_by_hand=by_hand,
        updated=len(updated),
        judged=sum(row.verdict is not Verdict.NONE for row in dictionary.search.rows(updated)),
    )


def annotated_twice(dictionary: Dictionary, added_ids: Sequence[int]) -> str | None:
    """A notice of new people whom the project has twice; None where there are none."""
    flagged = dictionary.flags.sample_ids([FlagName.ANNOTATED_TWICE])
    ids = flagged[np.isin(flagged, added_ids)]
    if not len(ids):
        return None
    example = dictionary.samples.get(int(ids.min()))
    (reason,) = [
        flag.reason
        for flag in dictionary.flags.of(example.id)
        if flag.name is FlagName.ANNOTATED_TWICE
    ]
    people = "1 new person seems" if len(ids) == 1 else f"{len(ids)} new people seem"
    return (
        f"{people} to be annotated twice (flag '{FlagName.ANNOTATED_TWICE}'), such as "
        f"{example.name}: {reason}. Both would be trained on."
    )


def _identified(dictionary: Dictionary, samples: Sequence[NewSample]) -> list[Identified]:
    """Every sample, in the order of the source."""
    rows: dict[tuple[Path, str], list[int]] = defaultdict(list)
    for row, sample in enumerate(samples):
        rows[sample.picture_path, sample.dataset].append(row)
    met: dict[int, Identified] = {}
    anyone = dictionary.known_people.are_there()
    for (picture, dataset), here in rows.items():
        known = dictionary.known_people.of_picture(picture, dataset) if anyone else []
        found = identify([samples[row] for row in here], known)
        met.update(zip(here, found, strict=True))
    return [met[row] for row in range(len(samples))]


class _ComparisonOnDemand:
    """Measures fits against new joints; the engine is loaded only where there is a fit."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._compare: Compare | None = None

    def __call__(
        self, keypoints_crop_px: FloatArray, bodies: Sequence[BodyParameters], camera: CropCamera
    ) -> Sequence[float] | None:
        if self._compare is None:
            # Late: it loads PyTorch, and most people that are updated have no fit yet.
            from core.workflows.correct_sample import Corrector  # noqa: PLC0415

            self._compare = Corrector.of_project(self._dictionary).compare
        return self._compare(keypoints_crop_px, bodies, camera)
