"""Checkpoints from outside: what torch.save wrote comes through, nothing runs, nothing grows."""

from __future__ import annotations

import collections
import io
import os
import resource
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.engine.regression.checkpoints import demo_regressor_path, regressor_from_state
from core.engine.regression.weight_files import read_weight_file, write_weight_file
from core.errors import UserFileError


def saved(folder: Path, value: Any, *, old: bool = False) -> Path:
    path = folder / "weights.pt"
    torch.save(value, path, _use_new_zipfile_serialization=not old)
    return path


def rewritten(path: Path, **changed: bytes) -> Path:
    """The same archive with other content of some members, named by their last part."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, changed.get(name.rsplit("/")[-1].replace(".", "_"), content))
    return path


def description(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(
            next(member for member in archive.namelist() if member.endswith("data.pkl"))
        )


def same(first: Any, second: Any) -> bool:
    if isinstance(first, torch.Tensor):
        return first.dtype == second.dtype and torch.equal(first.detach(), second)
    if isinstance(first, dict):
        return list(first) == list(second) and all(same(first[k], second[k]) for k in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(first, second)
    return bool(first == second)


@pytest.fixture
def state() -> dict[str, Any]:
    """A training's checkpoint with most of what people keep in one."""
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.ones(1, 3, 5, 5)).sum().backward()
    optimiser.step()
    numbers = torch.arange(30.0).reshape(5, 6)
    return {
        "model": network.state_dict(),
        "optimizer": optimiser.state_dict(),
        "column": numbers[:, 2],
        "turned": numbers.T,
        "half": torch.ones(3, dtype=torch.float16),
        "bfloat": torch.ones(3, dtype=torch.bfloat16),
        "flags": torch.tensor([True, False]),
        "empty": torch.empty(0, 3),
        "scalar": torch.tensor(7),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "counted": collections.Counter("aab"),
        "size": torch.Size([2, 3]),
        "dtype": torch.float32,
        "epoch": 4,
        "name": "run",
    }


@pytest.mark.parametrize("old", [False, True], ids=["zip archive", "before PyTorch 1.6"])
def test_all_that_torch_reads_is_read_alike(
    tmp_path: Path, state: dict[str, Any], *, old: bool
) -> None:
    path = saved(tmp_path, state, old=old)
    read = read_weight_file(path)
    assert same(state, read)
    assert same(torch.load(path, weights_only=True), read)
    read["model"]["0.weight"] += 1  # may be trained on


@pytest.mark.parametrize("core", [b"numpy.core", b"numpy._core"], ids=["numpy 1", "numpy 2"])
@pytest.mark.parametrize("old", [False, True], ids=["zip archive", "before PyTorch 1.6"])
def test_numpy_numbers_beside_the_weights_are_read(
    tmp_path: Path, core: bytes, *, old: bool
) -> None:
    """As checkpoints of the SPIN family hold them: the best error, an epoch, a mean shape."""
    path = saved(
        tmp_path,
        {
            "model": {"w": torch.ones(2)},
            "mpjpe": np.float64(59.2),
            "epoch": np.int64(12),
            "mean": np.arange(3.0),
            "kind": np.dtype("float32"),
        },
        old=old,
    )
    other = b"numpy._core" if core == b"numpy.core" else b"numpy.core"
    if old:
        path.write_bytes(path.read_bytes().replace(other, core))
    else:
        rewritten(path, data_pkl=description(path).replace(other, core))
    read = read_weight_file(path)
    assert (read["mpjpe"], read["epoch"], read["kind"]) == (59.2, 12, np.float32)
    np.testing.assert_array_equal(read["mean"], [0, 1, 2])
    np.testing.assert_array_equal(read["model"]["w"], [1, 1])


class RunsCode:
    """An object whose unpickling calls a function."""

    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, ...]:
        return self.call[0], self.call[1:]


@pytest.mark.parametrize("old", [False, True], ids=["zip archive", "before PyTorch 1.6"])
def test_other_names_are_refused_by_name_and_nothing_runs(tmp_path: Path, *, old: bool) -> None:
    witness = tmp_path / "witness"
    path = saved(tmp_path, {"a": RunsCode(os.mkdir, str(witness))}, old=old)
    with pytest.raises(UserFileError, match=r"asks for (posix|nt)\.mkdir") as caught:
        read_weight_file(path)
    assert not witness.exists()
    assert not {"weights_only", "\x1b", "safe_globals"} & set(str(caught.value).split())


def test_nothing_is_allowed_for_the_rest_of_the_process(tmp_path: Path) -> None:
    path = saved(tmp_path, {"epoch": np.int64(3)})
    before = torch.serialization.get_safe_globals()
    read_weight_file(path)
    assert torch.serialization.get_safe_globals() == before


def test_tensors_larger_than_what_the_file_holds_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, {"w": torch.ones(4).expand(1000, 4)})
    with pytest.raises(UserFileError, match="does not fit its 4 numbers"):
        read_weight_file(path)


def test_a_storage_of_another_size_than_stated_is_refused(tmp_path: Path) -> None:
    path = rewritten(saved(tmp_path, {"w": torch.ones(4)}), **{"0": b"1234"})
    with pytest.raises(UserFileError, match="should have 16 bytes, found 4"):
        read_weight_file(path)


def test_many_tensors_of_the_same_numbers_count_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.engine.regression.torch_files.LEAST_BUDGET_BYTES", 100_000)
    numbers = torch.ones(10_000)
    tied = {"first": numbers, "second": numbers}
    assert same(tied, read_weight_file(saved(tmp_path, tied)))
    with pytest.raises(UserFileError, match="more memory"):
        read_weight_file(
            saved(tmp_path, {str(index): numbers.view(100, 100) for index in range(50)})
        )


@pytest.mark.parametrize("old", [False, True], ids=["zip archive", "before PyTorch 1.6"])
def test_a_file_cut_anywhere_is_refused(
    tmp_path: Path, state: dict[str, Any], *, old: bool
) -> None:
    content = saved(tmp_path, state, old=old).read_bytes()
    for length in range(0, len(content), 97):
        path = tmp_path / "cut.pt"
        path.write_bytes(content[:length])
        with pytest.raises(UserFileError, match=r"cut\.pt: "):
            read_weight_file(path)


def test_an_archive_that_unpacks_to_more_than_itself_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", b"]" * 1_000_000)
    path = tmp_path / "weights.pt"
    path.write_bytes(packed.getvalue())
    with pytest.raises(UserFileError, match="unpacks to"):
        read_weight_file(path)


def test_the_network_that_a_small_file_names_is_compared_before_it_is_built() -> None:
    path = demo_regressor_path()
    assert path is not None
    state = {**read_weight_file(path), "backbone": "vit_gigantic_patch14_224"}  # 7 GB of weights
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserFileError, match=r"is not there, expected of shape"):
        regressor_from_state(state, path)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 1000


@pytest.fixture
def small_files() -> Iterator[None]:
    """The system refuses files above 64 kB, as a full disk does."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, former[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, former)


@pytest.mark.usefixtures("small_files")
def test_a_disk_that_takes_no_more_is_told_in_the_systems_words(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    path.write_bytes(b"former")
    with pytest.raises(
        UserFileError, match=r"cannot be written \(File too large\): it takes 0\.4 MB, and \d"
    ):
        write_weight_file(path, {"w": torch.ones(100_000)})
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]
