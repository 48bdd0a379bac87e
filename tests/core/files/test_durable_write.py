"""What was written is put on the disk, on every file system that lets itself be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.files.durable_write import put_on_disk

KERNEL = Path("/proc/self")
"""A folder of a file system that syncs nothing, and says so."""


def test_files_and_folders_are_put_on_the_disk(tmp_path):
    file = tmp_path / "a"
    file.write_text("a")
    put_on_disk(file)
    put_on_disk(tmp_path)


@pytest.mark.skipif(not KERNEL.is_dir(), reason="no such file system")
def test_a_file_system_that_syncs_no_folders_is_no_reason_to_fail():
    put_on_disk(KERNEL)
