"""The page of imports: who and what is in the project, and how more comes in."""

from __future__ import annotations

from collections.abc import Sequence

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.work_facts import WorkFacts
from core.types.cameras import CameraSource
from core.types.counted_nouns import counted
from spin_gui.session.review_counts import ReviewCounts
from spin_gui.tabs.stage_counts import waiting_for_fit
from spin_gui.tabs.stage_page import Fact, NextStep, StagePage
from spin_gui.widgets.stage import Stage

MOST_DATASETS, LONGEST_NAME = 8, 40


class ImportPage(StagePage):
    """People, pictures, data sets and cameras."""

    title = "People and their pictures"
    what_it_is = (
        "A sample is one person in one picture. Pictures stay where they are; what is found or "
        "imported is added, and nothing that is there is lost."
    )
    commands = (
        "file.import",
        "correct.without_people",
        "file.imports",
        "file.find_pictures",
    )

    def facts(self, counts: ReviewCounts, facts: WorkFacts) -> Sequence[Fact]:
        """Everyone, by data set, and what is missing."""
        pictures = counted(facts.pictures, "picture", "pictures")
        everyone = "person" if counts.total == 1 else "people"
        lines = [Fact(counts.total, f"{everyone} in {pictures}", SampleQuery())]
        if len(facts.by_dataset) > 1:
            lines += _datasets(facts)
        assumed = facts.by_camera.get(CameraSource.ASSUMED, 0)
        if assumed:
            of_assumed = SampleQuery(cameras=frozenset({CameraSource.ASSUMED}))
            have = "picture has" if assumed == 1 else "pictures have"
            lines.append(
                Fact(assumed, f"{have} an assumed camera: nothing is known of the lens", of_assumed)
            )
        if facts.empty_pictures:
            shows = "picture shows" if facts.empty_pictures == 1 else "pictures show"
            lines.append(Fact(facts.empty_pictures, f"searched {shows} no one, as far as was seen"))
        return lines

    def next_step(self, counts: ReviewCounts, facts: WorkFacts) -> NextStep | None:
        """Fits, where there is someone to fit."""
        waiting = waiting_for_fit(counts, facts)
        if waiting:
            return NextStep(f"fit {counted(waiting, 'person', 'people')}", Stage.FIT)
        if not counts.total:
            return NextStep("import pictures, annotations or bodies…", "file.import")
        return NextStep("review the fits", Stage.REVIEW)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def _datasets(facts: WorkFacts) -> list[Fact]:
    """The largest data sets, and one line for the others."""
    ordered = sorted(facts.by_dataset.items(), key=lambda item: (-item[1], item[0]))
    lines = [
        Fact(people, f"in the data set “{_short(name)}”", SampleQuery(datasets=frozenset({name})))
        for name, people in ordered[:MOST_DATASETS]
    ]
    rest = ordered[MOST_DATASETS:]
    if rest:
        others = frozenset(name for name, _people in rest)
        people = sum(people for _name, people in rest)
        words = f"in {counted(len(rest), 'other data set', 'other data sets')}"
        lines.append(Fact(people, words, SampleQuery(datasets=others)))
    return lines
