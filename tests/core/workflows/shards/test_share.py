"""Shares of a job: everything falls to one of them, in whole batches."""

from __future__ import annotations

import pytest

from core.errors import StudioError
from core.workflows.shards.share import Share, share_from_environment, share_from_text


@pytest.mark.parametrize(("items", "count", "together"), [(23, 4, 3), (2, 5, 1), (64, 2, 64)])
def test_every_item_falls_to_one_share_in_the_batches_of_the_whole(items, count, together):
    whole = list(range(items))
    batches = [whole[first : first + together] for first in range(0, items, together)]
    shares = [Share(index, count).of(whole, together=together) for index in range(count)]
    assert sorted(item for share in shares for item in share) == whole
    found = [
        share[first : first + together]
        for share in shares
        for first in range(0, len(share), together)
    ]
    assert sorted(found) == batches


@pytest.mark.parametrize("text", ["4/4", "-1/4", "0/0", "1", "a/b", "1/", ""])
def test_what_names_no_shard_is_refused(text):
    with pytest.raises(StudioError):
        share_from_text(text)


def test_torchrun_and_slurm_tell_the_share_and_both_together_too():
    assert share_from_environment({}) is None
    torchrun = {"RANK": "1", "WORLD_SIZE": "2"}
    assert share_from_environment(torchrun) == Share(1, 2)
    array = {
        "SLURM_ARRAY_TASK_ID": "13",
        "SLURM_ARRAY_TASK_MIN": "10",
        "SLURM_ARRAY_TASK_COUNT": "5",
    }
    assert share_from_environment(array) == Share(3, 5)
    assert share_from_environment(array | torchrun) == Share(7, 10)
    with pytest.raises(StudioError, match="RANK=one"):
        share_from_environment({"RANK": "one", "WORLD_SIZE": "2"})
