"""The page of fits: who has one and from where, who waits for one, and how they are made."""

from __future__ import annotations

from collections.abc import Sequence

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.work_facts import WorkFacts
from core.types.counted_nouns import counted
from spin_gui.session.review_counts import ReviewCounts
from spin_gui.session.wording import origin_title
from spin_gui.tabs.stage_counts import waiting_for_fit
from spin_gui.tabs.stage_page import Fact, NextStep, StagePage
from spin_gui.widgets.stage import Stage

WITHOUT_FIT = SampleQuery(only_without_fit=True)


class FitPage(StagePage):
    """Fits by where they come from, and who has none."""

    title = "Fits"
    what_it_is = (
        "A fit is the pose, the shape and the place of one body that lies on the keypoints of one "
        "person. The best one is the current fit; every former one stays in its history."
    )
    commands = ("fitting.fit", "fitting.refit", "fitting.detect")

    def facts(self, counts: ReviewCounts, facts: WorkFacts) -> Sequence[Fact]:
        """With and without a fit."""
        waiting = waiting_for_fit(counts, facts)
        have = "person has" if waiting == 1 else "people have"
        lines = [Fact(waiting, f"{have} no fit yet", WITHOUT_FIT)]
        if facts.unfittable:
            lack = "person lacks" if facts.unfittable == 1 else "people lack"
            lines.append(
                Fact(
                    facts.unfittable,
                    f"{lack} the keypoints for one: place more of them (E)",
                    WITHOUT_FIT,
                )
            )
        for origin, number in sorted(facts.by_origin.items(), key=lambda item: -item[1]):
            fits = "fit comes" if number == 1 else "fits come"
            of_origin = SampleQuery(origins=frozenset({origin}))
            lines.append(Fact(number, f"{fits} from: {origin_title(origin)}", of_origin))
        unmeasured = counts.total - facts.measured
        if unmeasured > 0:
            were = "person was" if unmeasured == 1 else "people were"
            lines.append(
                Fact(unmeasured, f"{were} not measured in the picture; measured ones fit better")
            )
        return lines

    def next_step(self, counts: ReviewCounts, facts: WorkFacts) -> NextStep | None:
        """Fit who waits, then review; import where there is no one."""
        if not counts.total:
            return NextStep("bring people in", Stage.IMPORT)
        waiting, left = waiting_for_fit(counts, facts), counts.left_to_review
        if waiting:
            return NextStep(f"fit {counted(waiting, 'person', 'people')}…", "fitting.fit")
        if left:
            return NextStep(f"review {counted(left, 'fit', 'fits')}", Stage.REVIEW)
        return NextStep("export", Stage.EXPORT)
