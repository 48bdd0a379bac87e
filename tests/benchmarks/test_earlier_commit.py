"""What benchmarks compare with: the program at an earlier commit, where the history holds it."""

from __future__ import annotations

from benchmarks.common.earlier_commit import worktree_of


def test_a_commit_that_the_history_lacks_is_left_out(tmp_path):
    with worktree_of("0" * 40, tmp_path) as tree:
        assert tree is None
    assert not list(tmp_path.iterdir())
