"""Weighted maximum likelihood of a Gaussian mixture with full covariances, by EM.

The spread is a variance in rad² added to every covariance in each M step: it stands for the poses
between and around the recorded ones and keeps joints that never move from becoming certain.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

FloatArray = NDArray[np.float64]

CONVERGED = 1e-4
"""EM ends when an iteration adds less than this to the mean log-likelihood (nats a pose)."""

MAX_ITERATIONS = 300


@dataclass(frozen=True, eq=False)
class Mixture:
    """weights (K,), means (K, D), covariances (K, D, D); how EM ended is kept beside them."""

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    iterations: int = 0
    converged: bool = False
    train_log_likelihood: float = -np.inf

    def log_densities(self, poses: FloatArray) -> FloatArray:
        """Weighted log-density of each component, ``(N, K)``, at poses ``(N, D)``."""
        columns = [
            _log_gaussian(poses, mean, covariance)
            for mean, covariance in zip(self.means, self.covariances, strict=True)
        ]
        return np.stack(columns, axis=1) + np.log(self.weights)

    def log_likelihood(self, poses: FloatArray) -> FloatArray:
        """Log-likelihood ``(N,)`` in nats."""
        return np.asarray(logsumexp(self.log_densities(poses), axis=1))


def _log_gaussian(poses: FloatArray, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    factor = np.linalg.cholesky(covariance)
    whitened = solve_triangular(factor, (poses - mean).T, lower=True)
    log_volume = np.log(np.diag(factor)).sum() + 0.5 * len(mean) * np.log(2 * np.pi)
    return -0.5 * (whitened**2).sum(axis=0) - log_volume


def fit_pose_prior(
    poses: FloatArray,
    *,
    components: int,
    spread: float,
    seed: int,
    sample_weights: FloatArray | None = None,
) -> Mixture:
    """Fit the mixture to poses ``(N, D)`` in radians.

    Args:
        poses: one row a pose.
        components: number of Gaussians.
        spread: variance in rad² added to each covariance.
        seed: of the k-means++ start; the same seed gives the same mixture.
        sample_weights: ``(N,)``, any positive scale; all alike where left out.
    """
    weights = np.ones(len(poses)) if sample_weights is None else sample_weights
    weights = weights / weights.sum()
    responsibilities = _kmeans_start(poses, weights, components, np.random.default_rng(seed))
    previous, converged, iterations = -np.inf, False, 0
    while not converged and iterations < MAX_ITERATIONS:
        mixture = _maximise(poses, weights[:, None] * responsibilities, spread)
        log_densities = mixture.log_densities(poses)
        log_likelihoods = logsumexp(log_densities, axis=1)
        current = float(weights @ log_likelihoods)
        converged = abs(current - previous) < CONVERGED
        previous, iterations = current, iterations + 1
        responsibilities = np.exp(log_densities - log_likelihoods[:, None])
    return replace(
        mixture, iterations=iterations, converged=converged, train_log_likelihood=previous
    )


def _maximise(poses: FloatArray, masses: FloatArray, spread: float) -> Mixture:
    """The M step for joint weights ``(N, K)`` that sum to one."""
    totals = masses.sum(axis=0) + 1e-12
    means = (masses.T @ poses) / totals[:, None]
    covariances = np.empty((len(totals), poses.shape[1], poses.shape[1]))
    for index, mean in enumerate(means):
        offsets = poses - mean
        scatter = (offsets * masses[:, index : index + 1]).T @ offsets / totals[index]
        covariances[index] = scatter + spread * np.eye(poses.shape[1])
    return Mixture(totals / totals.sum(), means, covariances)


def _kmeans_start(
    poses: FloatArray, weights: FloatArray, components: int, generator: np.random.Generator
) -> FloatArray:
    """Hard responsibilities ``(N, K)`` from ten rounds of k-means after a k-means++ seeding."""
    centers = poses[[generator.choice(len(poses), p=weights)]]
    while len(centers) < components:
        distances = _squared_distances(poses, centers).min(axis=1) * weights
        pick = generator.choice(len(poses), p=distances / distances.sum())
        centers = np.concatenate([centers, poses[pick][None]])
    for _ in range(10):
        nearest = np.eye(components)[_squared_distances(poses, centers).argmin(axis=1)]
        masses = weights[:, None] * nearest
        filled = masses.sum(axis=0) > 0
        centers[filled] = (masses.T @ poses)[filled] / masses.sum(axis=0)[filled, None]
    return nearest


def _squared_distances(poses: FloatArray, centers: FloatArray) -> FloatArray:
    cross = poses @ centers.T
    squared = (poses**2).sum(axis=1)[:, None] - 2 * cross + (centers**2).sum(axis=1)
    return np.maximum(squared, 0)
