"""Trains the critic: a network that is shown labels alone and says which of them are wrong."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.label_checks.critic import HEADS, INPUTS, critic_input
from core.body.label_checks.places import PAIRS
from core.types.arrays import FloatArray
from resources.label_checks.build.made_errors import (
    MadeError,
    drop_joints,
    exchange_pair,
    exchange_sides,
    mix_people,
    move_joint,
    pile_joints,
)
from resources.label_checks.build.people import LabelledPeople

WIDTH = 320
_BATCH = 1024
_RATE = 2e-3
_KIND_SHARES = (0.28, 0.13, 0.15, 0.16, 0.03, 0.12, 0.13)
"""Right labels; sides, a pair exchanged, people mixed, joints piled, left out, moved."""


@dataclass(frozen=True, eq=False)
class CriticData:
    """Inputs ``(N, 75)``, and targets ``(N, 87)`` with what they count for, 0 or 1."""

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]


def critic_data(people: LabelledPeople, *, seed: int) -> CriticData:
    """People with right labels and with errors of every kind, and what is wrong with each."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(len(_KIND_SHARES), len(people), p=_KIND_SHARES)
    labels = people.labels.copy()
    targets = {name: np.zeros((len(people), size), np.float32) for name, size in HEADS.items()}
    for kind in range(1, len(_KIND_SHARES)):
        rows = np.flatnonzero(kinds == kind)
        made = _made(kind, people, rows, rng)
        labels[rows] = made.labels
        _mark(targets, kind, rows, made)
    return CriticData(
        critic_input(labels),
        np.concatenate([targets[name] for name in HEADS], axis=1),
        np.concatenate(list(_weights(labels, people.convention).values()), axis=1),
    )


def _made(
    kind: int, people: LabelledPeople, rows: NDArray[np.intp], rng: np.random.Generator
) -> MadeError:
    labels = people.labels[rows]
    if kind == 3:
        return mix_people(labels, neighbours_of(people, rows, rng), rng)
    if kind == 5:
        return drop_joints(labels, people.visible[rows], rng)
    plain = {1: exchange_sides, 2: exchange_pair, 4: pile_joints, 6: move_joint}
    return plain[kind](labels, rng)


def neighbours_of(
    people: LabelledPeople, rows: NDArray[np.intp], rng: np.random.Generator
) -> FloatArray:
    """Other people ``(N, 25, 3)`` next to those of the rows, about as large."""
    others = people.labels[rng.permutation(len(people))[: len(rows)]].copy()
    count = len(rows)
    spread = extent_of(people.labels[rows])
    scale = rng.uniform(0.75, 1.3, count)
    aside = rng.uniform(0.15, 0.8, count) * rng.choice((-1, 1), count) * spread
    down = rng.normal(0, 0.08, count) * spread
    middle = np.array([112.0, 112.0])
    moved = (others[..., :2] - middle) * scale[:, None, None] + middle
    moved += np.stack([aside, down], axis=1)[:, None]
    others[..., :2] = np.where(others[..., 2:] > 0, moved, 0)
    return others


def extent_of(labels: FloatArray) -> NDArray[np.float64]:
    """The height ``(N,)`` of labels, px."""
    present = labels[..., 2] > 0
    low = np.where(present, labels[..., 1], np.inf).min(axis=1)
    high = np.where(present, labels[..., 1], -np.inf).max(axis=1)
    return np.where(np.isfinite(high - low), high - low, 0.0)


def _mark(
    targets: Mapping[str, NDArray[np.float32]], kind: int, rows: NDArray[np.intp], made: MadeError
) -> None:
    head = {1: "sides", 2: "pair", 3: "mixed", 4: "moved", 5: "missing", 6: "moved"}[kind]
    if head == "sides":
        targets[head][rows] = made.changed[:, None]
    elif head == "pair":
        targets[head][rows] = made.places[:, [left for left, _ in PAIRS]]
    else:
        targets[head][rows] = made.places


def _weights(labels: FloatArray, convention: NDArray[np.bool_]) -> dict[str, NDArray[np.float32]]:
    present = labels[..., 2] > 0
    pairs = present[:, np.array(PAIRS)].all(axis=2)
    known = {
        "sides": np.ones((len(labels), 1), bool),
        "pair": pairs,
        "mixed": present,
        "moved": present,
        "missing": convention & ~present,
    }
    return {name: np.asarray(known[name], np.float32) for name in HEADS}


def train_critic(data: CriticData, *, epochs: int, seed: int) -> dict[str, NDArray[np.float32]]:
    """Weights and biases by name, as ``core.body.label_checks.critic`` reads them."""
    torch.manual_seed(seed)
    inputs, targets, weights = (
        torch.from_numpy(array) for array in (data.inputs, data.targets, data.weights)
    )
    outputs = sum(HEADS.values())
    network = torch.nn.Sequential(
        torch.nn.Linear(INPUTS, WIDTH), torch.nn.ReLU(),
        torch.nn.Linear(WIDTH, WIDTH), torch.nn.ReLU(),
        torch.nn.Linear(WIDTH, WIDTH), torch.nn.ReLU(),
        torch.nn.Linear(WIDTH, outputs),
    )  # fmt: skip
    scale = _balance()
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=1e-3)
    steps = epochs * -(-len(inputs) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(inputs)).split(_BATCH):
            likelihood = torch.nn.functional.binary_cross_entropy_with_logits(
                network(inputs[rows]), targets[rows], weights[rows] * scale, reduction="sum"
            )
            loss = likelihood / len(rows)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            total += float(loss.detach()) * len(rows)
        sys.stderr.write(f"epoch {epoch + 1} of {epochs}: {total / len(inputs):.4f}\n")
    layers = [layer for layer in network if isinstance(layer, torch.nn.Linear)]
    return {
        f"{name}_{number}": getattr(layer, name).detach().numpy()
        for number, layer in enumerate(layers)
        for name in ("weight", "bias")
    }


def _balance() -> Tensor:
    """The sides are one output, and count as much as all pairs together."""
    counts = {"sides": 4.0, "pair": 1.0, "mixed": 1.0, "moved": 1.0, "missing": 1.0}
    return torch.cat([torch.full((size,), counts[name]) for name, size in HEADS.items()])
