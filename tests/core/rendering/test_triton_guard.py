"""PyTorch's compiler stack and Mesa's software OpenGL in one process, in every order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

STEPS = """
import sys
from importlib.util import find_spec


def draw():
    from core.rendering.probe import opengl_description
    assert opengl_description()


def load_torch():
    import torch


def compile_nothing():
    import torch._dynamo
    import torchvision
    weight = torch.nn.Parameter(torch.ones(3))
    adam = torch.optim.Adam([weight], lr=0.5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        (weight * 2).sum().backward()
    adam.step()
    assert torch.allclose(weight, torch.tensor(0.5))
    assert torch.bmm(torch.ones(2, 3, 1), torch.ones(2, 1, 3)).sum() == 18


def guard():
    from core.rendering.triton_guard import keep_triton_out
    keep_triton_out()


def tell():
    print("triton", "loaded" if sys.modules.get("triton") else "kept out")


def ask_torch():
    import torch
    from torch.utils._triton import has_triton_package
    print("torch sees triton:", has_triton_package())
    native = find_spec("torch._native") and find_spec("torch._native.triton_utils")
    if native:
        from torch._native.triton_utils import runtime_available
        print("torch has kernels of it:", runtime_available())


for step in sys.argv[1:]:
    globals()[step]()
"""


def steps(*names: str) -> list[str]:
    """What a Python of its own said that took these steps on software OpenGL."""
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", STEPS, *names],
        cwd=ROOT,
        env={
            **os.environ,
            "PYOPENGL_PLATFORM": "egl",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout.splitlines()


def test_after_something_was_drawn_optimisers_and_the_compiler_stack_load_without_triton():
    assert steps("draw", "compile_nothing", "draw", "tell") == ["triton kept out"]


def test_torch_that_came_first_gets_its_triton_before_something_is_drawn():
    """Its kernels may import triton when they are first used; afterwards would be too late."""
    pytest.importorskip("triton")
    assert steps("load_torch", "draw", "compile_nothing", "draw", "tell") == ["triton loaded"]


def test_torch_registers_no_kernel_that_it_could_not_load_later():
    said = steps("guard", "ask_torch", "compile_nothing", "tell")
    assert said[0] == "torch sees triton: False"
    assert said[-1] == "triton kept out"
    assert "torch has kernels of it: True" not in said
