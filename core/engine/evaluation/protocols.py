"""The benchmarks' protocols as SPIN runs them.

A protocol is data: which annotation file, which joints, and what the truth is made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.errors import StudioError


class ProtocolTruth(StrEnum):
    """What a data set knows of its people."""

    JOINTS = "3D joints"
    BODIES = "bodies of men and women"
    MASKS = "silhouettes and parts"


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One protocol.

    annotation_file: SPIN's npz. joints: how many of the evaluated joints count. threshold_metrics:
    whether PCK and AUC belong to it. published: SPIN's own numbers with their source, to compare
    with.
    """

    name: str
    title: str
    annotation_file: str
    truth: ProtocolTruth
    joints: int = 14
    threshold_metrics: bool = False
    published: str = ""


_PROTOCOLS = (
    Protocol(
        name="h36m-p1",
        title="Human3.6M, protocol 1 (S9 and S11, all cameras)",
        annotation_file="h36m_valid_protocol1.npz",
        truth=ProtocolTruth.JOINTS,
    ),
    Protocol(
        name="h36m-p2",
        title="Human3.6M, protocol 2 (S9 and S11, frontal camera)",
        annotation_file="h36m_valid_protocol2.npz",
        truth=ProtocolTruth.JOINTS,
        published="reconstruction error 41.1 mm (paper)",
    ),
    Protocol(
        name="mpi-inf-3dhp",
        title="MPI-INF-3DHP, test set",
        annotation_file="mpi_inf_3dhp_valid.npz",
        truth=ProtocolTruth.JOINTS,
        joints=17,
        threshold_metrics=True,
        published="MPJPE 105.2 mm, reconstruction error 67.5 mm (recalled)",
    ),
    Protocol(
        name="3dpw",
        title="3DPW, test set",
        annotation_file="3dpw_test.npz",
        truth=ProtocolTruth.BODIES,
        published="reconstruction error 59.2 mm, MPJPE 96.9 mm (recalled); an independent run of "
        "the released checkpoint: 60.1 mm, 102.4 mm, PVE 129.2 mm "
        "(https://github.com/mkocabas/VIBE/issues/135)",
    ),
    Protocol(
        name="lsp",
        title="LSP, test set: silhouettes and six parts",
        annotation_file="lsp_dataset_test.npz",
        truth=ProtocolTruth.MASKS,
        published="silhouettes: accuracy 91.83 %, F1 0.87; parts: 89.41 %, 0.68 (recalled)",
    ),
)
PROTOCOL_NAMES: tuple[str, ...] = tuple(protocol.name for protocol in _PROTOCOLS)


def protocol_named(name: str) -> Protocol:
    """One of ``PROTOCOL_NAMES``; raises ``StudioError`` for another name."""
    for protocol in _PROTOCOLS:
        if protocol.name == name:
            return protocol
    raise StudioError(
        f"There is no protocol {name!r}.", remedy=f"Choose one of {', '.join(PROTOCOL_NAMES)}."
    )
