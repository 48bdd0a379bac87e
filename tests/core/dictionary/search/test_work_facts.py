"""How far the work is: the numbers of the tabs and of ``info``."""

from __future__ import annotations

from core.dictionary.store import Dictionary
from core.types.fits import Origin, Verdict


def test_the_facts_of_an_empty_project_are_all_zero(dictionary: Dictionary):
    facts = dictionary.search.work_facts()
    assert (facts.people, facts.pictures, facts.fits, facts.exportable) == (0, 0, 0, 0)
    assert facts.by_dataset == {}


def test_people_pictures_and_fits_are_counted(dictionary: Dictionary, make_sample, make_fit):
    ids = dictionary.samples.add(
        make_sample(number, dataset="lsp" if number % 2 else "coco", picture=f"{number // 2}.jpg")
        for number in range(6)
    ).added_ids
    dictionary.fits.offer([make_fit(sample_id, origin=Origin.MEAN) for sample_id in ids[:4]])
    dictionary.verdicts.set({ids[0]: Verdict.ACCEPTED, ids[1]: Verdict.REJECTED}, "maria")
    facts = dictionary.search.work_facts()
    assert (facts.people, facts.pictures) == (6, 3)
    assert facts.by_dataset == {"coco": 3, "lsp": 3}
    assert (facts.fits, facts.without_fit) == (4, 2)
    assert facts.by_verdict == {Verdict.ACCEPTED: 1, Verdict.REJECTED: 1, Verdict.NONE: 2}
    assert facts.by_origin == {Origin.MEAN: 4}


def test_exportable_fits_are_neither_rejected_nor_too_poor_unless_accepted(
    dictionary: Dictionary, make_sample, make_fit
):
    ids = dictionary.samples.add(make_sample(number) for number in range(4)).added_ids
    poor = 5000.0
    dictionary.fits.offer(
        [
            make_fit(ids[0]),
            make_fit(ids[1]),
            make_fit(ids[2], loss=poor),
            make_fit(ids[3], loss=poor),
        ]
    )
    current = dictionary.fits.current(ids)
    assert [current[sample_id].pose_valid for sample_id in ids] == [True, True, False, False]
    dictionary.verdicts.set({ids[1]: Verdict.REJECTED, ids[3]: Verdict.ACCEPTED}, "maria")
    facts = dictionary.search.work_facts()
    assert (facts.too_poor, facts.exportable) == (1, 2)
    assert dictionary.info()["samples_exportable"] == 2
