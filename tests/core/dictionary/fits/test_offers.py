"""A batch of offers, stored with a few statements, against the same offers one by one."""

from __future__ import annotations

import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.types.fits import NewFit, OfferOutcome, Origin, Verdict


@pytest.fixture
def two_alike(tmp_path, make_sample, make_fit):
    """Two dictionaries of four samples: without a fit, with one, with an accepted, a rejected."""
    opened = []
    for name in ("batch", "one by one"):
        dictionary = Dictionary.create(tmp_path / name)
        dictionary.samples.add([make_sample(number) for number in range(4)])
        run = dictionary.runs.start("training", configuration={}, versions={})
        first = [
            make_fit(2, loss=30.0, run_id=run, iteration=7),
            make_fit(3, loss=30.0, pose=0.2),
            make_fit(4, loss=30.0, pose=0.4),
        ]
        _, accepted, rejected = dictionary.fits.offer(first)
        verdicts = {accepted.fit_id: Verdict.ACCEPTED, rejected.fit_id: Verdict.REJECTED}
        dictionary.verdicts.set({3: verdicts[accepted.fit_id], 4: verdicts[rejected.fit_id]}, "me")
        opened.append(dictionary)
    yield opened
    for dictionary in opened:
        dictionary.close()


def offers_of_every_kind(make_fit) -> list[NewFit]:
    """Better, worse, the same again, made again, refused, locked, extreme: several a sample."""
    fits = [
        make_fit(1, loss=80.0, beta=4.0),
        make_fit(1, loss=150.0),
        make_fit(1, loss=80.0, beta=4.0),
        make_fit(1, loss=20.0, pose=0.7),
        make_fit(1, loss=10.0, pose=0.9, runner_up=True),
        make_fit(2, loss=30.0, run_id=1, iteration=3),
        make_fit(2, loss=30.0, run_id=1, iteration=9),
        make_fit(2, loss=25.0, run_id=1, iteration=9, origin=Origin.REFIT),
        make_fit(2, loss=25.0, run_id=1, iteration=9, origin=Origin.REFIT),
        make_fit(3, loss=1.0, pose=0.5),
        make_fit(4, loss=1.0, pose=0.4),
        make_fit(4, loss=400.0, pose=-2.0),
        make_fit(4, loss=float("nan"), pose=1.0),
    ]
    rng = np.random.default_rng(0)
    fits += [
        make_fit(int(rng.integers(1, 5)), loss=float(rng.uniform(5, 200)), pose=float(pose))
        for pose in rng.normal(size=30)
    ]
    return fits


def test_a_batch_is_stored_as_its_fits_one_by_one(two_alike, make_fit):
    batch, single = two_alike
    offered = offers_of_every_kind(make_fit)
    together = batch.fits.offer(offered)
    in_turn = [single.fits.offer([fit])[0] for fit in offered]
    assert together == in_turn
    assert {result.outcome for result in together} == set(OfferOutcome)
    for table in ("fits", "samples", "flags", "events"):
        assert rows_of(batch, table) == rows_of(single, table), table
    assert batch.problems() == []


def test_a_chosen_fit_is_current_in_every_column(two_alike, make_fit):
    batch, single = two_alike
    for dictionary in two_alike:
        dictionary.fits.offer(offers_of_every_kind(make_fit))
    chosen = {1: batch.fits.history(1)[-1].id, 2: None, 3: batch.fits.current_of(3).id}
    before = batch.fits.make_all_current(chosen, "me")
    assert before == {
        sample_id: single.fits.make_current(sample_id, fit_id, "me")
        for sample_id, fit_id in chosen.items()
    }
    for table in ("fits", "samples", "flags", "events"):
        assert rows_of(batch, table) == rows_of(single, table), table
    assert batch.problems() == []


def rows_of(dictionary: Dictionary, table: str) -> list[dict[str, object]]:
    """All but what differs between two ways of offering: the moment, and sums that it is in."""
    order = "sample_id, name" if table == "flags" else "id"
    rows = dictionary._connection.rows(f"SELECT * FROM {table} ORDER BY {order}")
    return [
        {name: row[name] for name in row if not name.endswith("at") and name != "checksum"}
        for row in rows
    ]
