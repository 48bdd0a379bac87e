"""The max-mixture prior against its formula written out, and the files it is read from."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from core.engine.smplify.pose_prior import PosePrior
from core.errors import ShapeError, UnsafePickleError, UserFileError


def random_mixture(count: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    factors = rng.normal(0, 0.2, (count, 69, 69))
    return {
        "means": rng.normal(0, 0.5, (count, 69)),
        "covariances": factors @ factors.transpose(0, 2, 1) + 0.05 * np.eye(69),
        "weights": np.array([0.5, 0.3, 0.2])[:count],
    }


def slow_energy(mixture: dict[str, np.ndarray], pose: np.ndarray) -> float:
    """Facts of SPIN, 3.4, letter by letter."""
    roots = [math.sqrt(math.exp(np.linalg.slogdet(c)[1] + 150)) for c in mixture["covariances"]]
    energies = []
    for mean, covariance, weight, root in zip(
        mixture["means"], mixture["covariances"], mixture["weights"], roots, strict=True
    ):
        offset = pose - mean
        distance = offset @ np.linalg.solve(covariance, offset) / 2
        norm = (2 * math.pi) ** (69 / 2) * root / min(roots)
        energies.append(distance - math.log(weight / norm))
    return min(energies)


def test_energy_equals_the_formula() -> None:
    mixture = random_mixture()
    prior = PosePrior(**mixture)
    poses = np.random.default_rng(1).normal(0, 0.5, (6, 69))
    expected = [slow_energy(mixture, pose) for pose in poses]
    found = prior.energy(torch.from_numpy(poses)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert found[0] > 69 / 2 * math.log(2 * math.pi) - 1


def test_single_precision_is_enough(prior: PosePrior) -> None:
    poses = prior.sample(20, np.random.default_rng(0))
    precise = prior.energy(torch.from_numpy(poses))
    rough = prior.energy(torch.from_numpy(poses).float())
    torch.testing.assert_close(rough.double(), precise, rtol=1e-4, atol=1e-2)


def test_evaluation_equals_energy_and_its_autograd_gradient(prior: PosePrior) -> None:
    poses = torch.from_numpy(prior.sample(8, np.random.default_rng(3))).requires_grad_()
    energy = prior.energy(poses)
    (gradient,) = torch.autograd.grad(energy.sum(), poses)
    found = prior.evaluate(poses.detach())
    torch.testing.assert_close(found.energy, energy.detach())
    torch.testing.assert_close(found.gradient, gradient)


def test_samples_follow_the_mixture() -> None:
    mixture = random_mixture(1)
    mixture["weights"] = np.array([1.0])
    samples = PosePrior(**mixture).sample(6_000, np.random.default_rng(0))
    np.testing.assert_allclose(samples.mean(0), mixture["means"][0], atol=0.15)
    deviation = np.abs(np.cov(samples.T) - mixture["covariances"][0]).max()
    assert deviation < 0.2 * mixture["covariances"][0].max()


def test_the_shipped_prior_finds_everyday_poses_likelier_than_twisted_ones(
    prior: PosePrior,
) -> None:
    generator = np.random.default_rng(0)
    everyday = prior.energy(torch.from_numpy(prior.sample(50, generator)))
    twisted = prior.energy(torch.from_numpy(generator.normal(0, 1.0, (50, 69))))
    assert everyday.max() < twisted.min()


def test_gmm_08_is_read_and_its_mean_pose_is_the_mixture_mean(tmp_path: Path) -> None:
    mixture = random_mixture()
    path = tmp_path / "gmm_08.pkl"
    path.write_bytes(
        pickle.dumps(
            {
                "means": mixture["means"],
                "covars": mixture["covariances"],
                "weights": mixture["weights"],
            },
            protocol=2,
        )
    )
    prior = PosePrior.load(path)
    np.testing.assert_allclose(prior.mean_pose, mixture["weights"] @ mixture["means"])
    np.testing.assert_array_equal(prior.covariances, mixture["covariances"])


class _RunsCode:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("code from a pickle ran",))


def test_a_pickle_that_runs_code_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gmm_08.pkl"
    path.write_bytes(pickle.dumps({"means": _RunsCode()}, protocol=2))
    with pytest.raises(UnsafePickleError):
        PosePrior.load(path)
    assert "ran" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"means": np.zeros((3, 63))}, "means"),
        ({"weights": np.array([0.5, 0.6, -0.1])}, "positive"),
        ({"covariances": -np.stack([np.eye(69)] * 3)}, "positive definite"),
        ({"covariances": np.full((3, 69, 69), np.nan)}, "covariances"),
    ],
)
def test_wrong_arrays_are_named(
    tmp_path: Path, change: dict[str, np.ndarray], message: str
) -> None:
    path = tmp_path / "prior.npz"
    np.savez(path, **{**random_mixture(), **change})
    with pytest.raises(UserFileError, match=message):
        PosePrior.load(path)


def test_a_missing_array_and_a_broken_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "prior.npz"
    np.savez(path, means=np.zeros((1, 69)))
    with pytest.raises(UserFileError, match="covariances"):
        PosePrior.load(path)
    path.write_bytes(b"no archive")
    with pytest.raises(UserFileError, match="npz"):
        PosePrior.load(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.npz", b""), ("cut.npz", b"PK\x03\x04"), ("empty.pkl", b""), ("text.txt", b"hello")],
)
def test_rubbish_is_no_prior(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserFileError, match=name) as refused:
        PosePrior.load(tmp_path / name)
    assert refused.value.remedy


@pytest.mark.parametrize("weights", [np.array(1.0), np.array(["a", "b", "c"]), np.ones((3, 1))])
def test_weights_that_are_no_list_of_numbers_are_refused(
    tmp_path: Path, weights: np.ndarray
) -> None:
    np.savez(tmp_path / "prior.npz", **{**random_mixture(), "weights": weights})
    with pytest.raises(UserFileError) as refused:
        PosePrior.load(tmp_path / "prior.npz")
    assert refused.value.remedy


def test_poses_of_another_size_are_refused(prior: PosePrior) -> None:
    with pytest.raises(ShapeError, match="body_pose"):
        prior.energy(torch.zeros(2, 72))
