"""The benchmark of GPUs runs where there is none: it says so, or tries its code on the CPU."""

from __future__ import annotations

import json

import pytest

from benchmarks.cuda import __main__ as cuda
from benchmarks.cuda import fits_on_device
from benchmarks.cuda.regressor_step import StepSizes


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_machine_without_a_gpu_is_told_so_and_that_is_no_failure(capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert cuda.main(["--json"]) == 0
    assert told(capsys)["device"] == "no CUDA device"


def test_the_same_code_runs_on_the_cpu_and_finds_no_difference_there(capsys, monkeypatch):
    monkeypatch.setattr(cuda, "CPU_BATCHES", [1, 2])
    monkeypatch.setattr(cuda, "CPU_STEP", StepSizes(crops=1, warm_up=0, steps=1))
    monkeypatch.setattr(fits_on_device, "REPEATS", 1)
    assert cuda.main(["--device", "cpu", "--json"]) == 0
    found = told(capsys)
    assert found["fits_per_second_2"] > 0
    assert (found["batches_left_out"], found["compared_people"]) == ("none", 2)
    assert found["joint_difference_deg_largest"] < 1e-2
    assert found["loss_over_cpu_median"] == pytest.approx(1, abs=1e-4)
    assert found["step_single_from_cpu_deg"] <= found["step_mixed_from_cpu_deg"] < 5
    assert found["step_single_crops_per_second"] > 0
    assert found["step_mixed_crops_per_second"] > 0


def test_batches_that_would_take_too_long_are_left_out_and_named(capsys, monkeypatch):
    monkeypatch.setattr(cuda, "CPU_BATCHES", [1, 2])
    monkeypatch.setattr(cuda, "measured_steps", lambda *_: {})
    monkeypatch.setattr(fits_on_device, "REPEATS", 1)
    assert cuda.main(["--device", "cpu", "--minutes", "0", "--json"]) == 0
    assert told(capsys)["batches_left_out"] == "2"
