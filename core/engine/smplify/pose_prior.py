"""The max-mixture prior over body poses.

    E_θ(θ)  = min_k [ ½ (θ − μ_k)ᵀ Σ_k⁻¹ (θ − μ_k) + const_k ]
    const_k = (69/2) log 2π + ½ log|Σ_k| − min_m ½ log|Σ_m| − log g_k

θ is ``body_pose``, 69 axis-angle numbers in radians; g_k, μ_k and Σ_k are ``weights``, ``means``
and ``covariances``. This is −log of a mixture of Gaussians, up to a constant, with the sum replaced
by its largest term: a quadratic in θ as long as the same component is the least, whose curvature is
then exact. Source: Bogo et al. 2016, section 3.2; docs/method.md, "The pose prior".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.restricted_unpickler import load_restricted_pickle
from core.body.safe_npz import load_restricted_npz
from core.errors import ShapeError, UserFileError
from core.files.foreign_files import foreign_file
from core.resource_files import resource_path

BODY_POSE_SIZE = 69
_AROUND_BODY_POSE = (3, 13)
"""Unknowns of a step before and after the body pose: the root; the betas and the translation."""
_SHIPPED_PRIOR = "pose_prior/pose_prior.npz"
_PICKLE_NAMES = {"means": "means", "covars": "covariances", "weights": "weights"}
"""From the names in SMPLify's ``gmm_08.pkl`` to those of our own file."""
_REMEDY = "Use a mixture over 69 axis-angle numbers, such as gmm_08.pkl."


@dataclass(frozen=True, eq=False)
class PriorComponents:
    """Tensors of the mixture in one precision, on one device.

    means: (K, 69) radians, μ_k; precisions: (K, 69, 69), Σ_k⁻¹; constants: (K,), const_k, which is
    the energy of component k at its mean. precisions_of_steps: (K, 85, 85), Σ_k⁻¹ where the body
    pose is among the unknowns of a solver's step (``state.moved_state``), zero elsewhere.
    """

    means: Tensor
    precisions: Tensor
    constants: Tensor
    precisions_of_steps: Tensor


@dataclass(frozen=True, eq=False)
class PriorEvaluation:
    """The prior at B poses.

    energy: (B,) E_θ. gradient: (B, 69) per radian. component: (B,) the k that is least.
    """

    energy: Tensor
    gradient: Tensor
    component: Tensor


class PosePrior:
    """A mixture of Gaussians over the 69 axis-angle numbers of a body pose, root excluded.

    means: (K, 69) radians. covariances: (K, 69, 69) rad². weights: (K,), made to sum to 1.
    mean_pose: (69,) radians, the mean of all poses, where fits without any estimate start; that of
        the mixture where a file has none of its own.

    Raises:
        UserFileError: an array has the wrong shape or is not finite, a weight is not positive, or a
            covariance is not positive definite.
    """

    def __init__(
        self,
        *,
        means: NDArray[np.floating],
        covariances: NDArray[np.floating],
        weights: NDArray[np.floating],
        mean_pose: NDArray[np.floating] | None = None,
        path: Path = Path("pose prior"),
    ) -> None:
        self.means = np.asarray(means, dtype=np.float64)
        self.covariances = np.asarray(covariances, dtype=np.float64)
        self.weights = np.asarray(weights, dtype=np.float64)
        self._check(path)
        self.weights = self.weights / self.weights.sum()
        mixture_mean = self.weights @ self.means
        self.mean_pose = mixture_mean if mean_pose is None else np.asarray(mean_pose, np.float64)
        if self.mean_pose.shape != (BODY_POSE_SIZE,):
            raise UserFileError(
                f"'mean_pose' has shape {self.mean_pose.shape}, expected (69,).",
                path=path,
                remedy=_REMEDY,
            )
        self._components: dict[tuple[torch.dtype, torch.device], PriorComponents] = {}

    def _check(self, path: Path) -> None:
        count = self.weights.size
        expected = {
            "weights": (count,),
            "means": (count, BODY_POSE_SIZE),
            "covariances": (count, BODY_POSE_SIZE, BODY_POSE_SIZE),
        }
        for name, shape in expected.items():
            actual = getattr(self, name)
            if actual.shape != shape or not np.isfinite(actual).all():
                raise UserFileError(
                    f"{name!r} must be finite and of shape {shape}, found {actual.shape}.",
                    path=path,
                    remedy=_REMEDY,
                )
        if count == 0 or (self.weights <= 0).any():
            raise UserFileError(
                f"the weights must be positive: {self.weights}.", path=path, remedy=_REMEDY
            )
        if min(np.linalg.eigvalsh(covariance)[0] for covariance in self.covariances) <= 0:
            raise UserFileError("a covariance is not positive definite.", path=path, remedy=_REMEDY)

    @classmethod
    def load(cls, path: Path | None = None) -> PosePrior:
        """Read the shipped prior, or a user's: an npz with the same arrays, or ``gmm_08.pkl``.

        Raises:
            UserFileError: an array is missing, or is none that the class accepts.
            UnsafePickleError: the pickle asks for more than arrays.
        """
        chosen = resource_path(_SHIPPED_PRIOR) if path is None else path
        is_npz = chosen.suffix.lower() == ".npz"
        with foreign_file(chosen, expected="a pose prior", remedy=_REMEDY):
            arrays = _as_numbers(load_restricted_npz(chosen) if is_npz else _read_pickle(chosen))
            missing = [name for name in _PICKLE_NAMES.values() if name not in arrays]
            if missing:
                raise UserFileError(
                    f"the arrays {missing} are missing.", path=chosen, remedy=_REMEDY
                )
            return cls(**arrays, path=chosen)

    def components(self, *, dtype: torch.dtype, device: torch.device) -> PriorComponents:
        """The mixture as tensors, kept after the first call because every iteration asks for it."""
        key = (dtype, device)
        if key not in self._components:
            precisions = np.linalg.inv(self.covariances)
            of_steps = np.pad(precisions, ((0, 0), _AROUND_BODY_POSE, _AROUND_BODY_POSE))
            arrays = (self.means, precisions, self._constants(), of_steps)
            # What is kept serves gradients, too, even where the first to ask is a solver.
            with torch.inference_mode(mode=False):
                self._components[key] = PriorComponents(
                    *(torch.tensor(array, dtype=dtype, device=device) for array in arrays)
                )
        return self._components[key]

    def _constants(self) -> NDArray[np.float64]:
        # log|Σ_k| by ``slogdet``: the determinant of 69 small variances may underflow itself.
        half_log_det = np.linalg.slogdet(self.covariances)[1] / 2
        # Minus the smallest of them, as in the published code: it shifts all components alike, so
        # neither the choice of k nor the gradient depends on it, and the energy stays positive.
        relative = half_log_det - half_log_det.min()
        norm = BODY_POSE_SIZE / 2 * math.log(2 * math.pi)
        constants: NDArray[np.float64] = norm + relative - np.log(self.weights)
        return constants

    def energy(self, body_pose: Tensor) -> Tensor:
        """E_θ ``(B,)`` of body poses ``(B, 69)`` in radians; differentiable.

        The constants keep it from reaching zero: it is some 65 at the means and 100 to 170 for
        everyday poses.

        Raises:
            ShapeError: the poses have another shape.
        """
        offsets, scaled, mixture = self._scaled_offsets(body_pose)
        energies = 0.5 * (offsets * scaled).sum(-1) + mixture.constants[:, None]
        least: Tensor = energies.min(0).values
        return least

    def evaluate(self, body_pose: Tensor) -> PriorEvaluation:
        """Energy, gradient and component of poses ``(B, 69)`` in radians, outside autograd.

        Raises:
            ShapeError: the poses have another shape.
        """
        offsets, scaled, mixture = self._scaled_offsets(body_pose)
        energies = 0.5 * (offsets * scaled).sum(-1) + mixture.constants[:, None]
        energy, component = energies.min(0)
        # ∂E_θ = Σ_k⁻¹ (θ − μ_k) of the least component; const_k has no part in it.
        rows = torch.arange(len(body_pose), device=body_pose.device)
        return PriorEvaluation(energy, scaled[component, rows], component)

    def _scaled_offsets(self, body_pose: Tensor) -> tuple[Tensor, Tensor, PriorComponents]:
        if body_pose.ndim != 2 or body_pose.shape[1] != BODY_POSE_SIZE:
            raise ShapeError("body_pose", actual=body_pose.shape, expected="(B, 69)")
        mixture = self.components(dtype=body_pose.dtype, device=body_pose.device)
        # θ − μ_k and Σ_k⁻¹ (θ − μ_k), by rows since Σ_k⁻¹ is symmetric:
        # (B, 69) − (K, 1, 69) -> (K, B, 69), then @ (K, 69, 69) -> (K, B, 69)
        offsets = body_pose - mixture.means[:, None]
        return offsets, offsets @ mixture.precisions, mixture

    def sample(self, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """Draw body poses ``(count, 69)`` in radians from the mixture."""
        component = generator.choice(len(self.weights), size=count, p=self.weights)
        # μ_k + L_k z with L_k L_kᵀ = Σ_k and z of unit variance has covariance Σ_k.
        factors = np.linalg.cholesky(self.covariances)
        noise = generator.standard_normal((count, BODY_POSE_SIZE))
        spread = (factors[component] @ noise[..., None])[..., 0]
        poses: NDArray[np.float64] = self.means[component] + spread
        return poses


def _read_pickle(path: Path) -> Mapping[str, object]:
    content = load_restricted_pickle(path)
    if not isinstance(content, Mapping):
        raise UserFileError(
            f"holds a {type(content).__name__}, expected a dictionary of arrays.",
            path=path,
            remedy=_REMEDY,
        )
    named = {_PICKLE_NAMES.get(str(name)): value for name, value in content.items()}
    return {name: value for name, value in named.items() if name is not None}


def _as_numbers(entries: Mapping[str, object]) -> dict[str, NDArray[np.float64]]:
    """The entries that a prior is made of; others that a file may hold are left out."""
    names = [*_PICKLE_NAMES.values(), "mean_pose"]
    return {name: np.asarray(entries[name], dtype=np.float64) for name in names if name in entries}
