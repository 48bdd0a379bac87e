"""What the window says it would compute on, before and after PyTorch is there."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from spin_gui.training import computing_device as module
from spin_gui.training.computing_device import CPU, computing_device, is_torch_loaded


@pytest.fixture
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A driver that lists one card, and a build of PyTorch that could use it."""
    folder = tmp_path / "0000:01:00.0"
    folder.mkdir()
    (folder / "information").write_text("Model: \t\t NVIDIA Made Up\nIRQ: 1\n")
    monkeypatch.setattr(module, "torch_version", lambda: "9.9+cu999")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """PyTorch as it looks while another thread imports it."""
    made = ModuleType("torch")
    made.__spec__ = ModuleSpec("torch", None)
    made.__spec__._initializing = True
    made.cuda = SimpleNamespace(is_available=lambda: False)
    monkeypatch.setitem(sys.modules, "torch", made)
    return made


def test_without_pytorch_the_drivers_list_is_believed(cards, torch, tmp_path):
    assert not is_torch_loaded()
    assert computing_device(cards) == "NVIDIA Made Up"
    assert computing_device(tmp_path / "none") == CPU


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_cards_hidden_from_pytorch_do_not_count(cards, torch, monkeypatch, hidden):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert computing_device(cards) == CPU


def test_a_build_without_cuda_computes_on_the_cpu(cards, torch, monkeypatch):
    monkeypatch.setattr(module, "torch_version", lambda: "9.9+cpu")
    assert computing_device(cards) == CPU


def test_pytorch_is_asked_once_it_is_loaded_whole(cards, torch):
    torch.__spec__._initializing = False
    assert is_torch_loaded()
    assert computing_device(cards) == CPU
