"""Which samples a run trains on: the filter of a list, as a configuration stores it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.query_json import Rules, query_from_rules, rules_of
from core.errors import StudioError


@dataclass(frozen=True)
class DataSelection:
    """The filters of a query, without its order."""

    filters: SampleQuery = field(default_factory=SampleQuery)

    @classmethod
    def of(cls, query: SampleQuery) -> Self:
        """Take the filters of a query."""
        return cls(query.filters)

    def query(self) -> SampleQuery:
        """The query for the selected samples, in the order of their ids."""
        return self.filters

    def to_rules(self) -> Rules:
        """The filters as values of JSON."""
        return rules_of(self.filters)

    @classmethod
    def from_rules(cls, rules: object) -> Self:
        """The inverse of ``to_rules``.

        It also reads the rules of older programs, which wrote empty filters as well.

        Raises:
            StudioError: ``rules`` holds a filter that this program does not know.
        """
        try:
            return cls.of(query_from_rules(rules))
        except StudioError as error:
            raise StudioError(f"where: {error.message}", remedy=error.remedy) from error
