"""Both networks, loaded once, and the shipped people with the truth about them."""

from __future__ import annotations

import pytest

from core.dictionary.store import Dictionary
from core.engine.detection.people_finder import PeopleFinder
from core.types.samples import Sample
from core.workflows.shipped_demo import copy_demo_project


@pytest.fixture(scope="session")
def people_finder() -> PeopleFinder:
    return PeopleFinder.load()


@pytest.fixture(scope="session")
def demo_samples(tmp_path_factory) -> list[Sample]:
    """The 60 rendered people of the demo, by number."""
    project = tmp_path_factory.mktemp("detector") / "demo"
    copy_demo_project(project)
    with Dictionary.open(project) as dictionary:
        return dictionary.samples.get_many(dictionary.search.ids().tolist())
