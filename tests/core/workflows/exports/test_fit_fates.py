"""Counts that are told before an export are those of the export."""

from __future__ import annotations

from collections import Counter

from core.workflows.exports.collected_people import people_of
from core.workflows.exports.supervising_fits import REJECTED, TOO_POOR, WITHOUT_FIT


def test_counts_are_those_of_the_rules_that_exports_follow(people):
    search, ids = people.dictionary.search, [1, 2, 3, 4, 5]
    for asked, among in ((None, ids), ([2, 4], [2, 4]), ([], [])):
        fates = search.fit_fates(asked)
        reasons = Counter(person.left_out for person in people_of(people.dictionary, among))
        assert fates.people == len(among)
        assert fates.good == reasons[""]
        assert fates.rejected == reasons[REJECTED]
        assert fates.too_poor == reasons[TOO_POOR]
        assert fates.without_fit == reasons[WITHOUT_FIT]
