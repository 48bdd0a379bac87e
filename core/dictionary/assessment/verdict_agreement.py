"""How people's verdicts agree with what the program suspects.

Counts current fits only: a rejected fit that a better one has replaced is no longer among them.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.dictionary.storage.connection import Connection
from core.types.fits import Verdict

SUSPICIOUS = 0.5
"""From here on a suspicion counts as saying that the fit is wrong."""

_BY_FLAG = """
SELECT flags.name, current_verdict, count(*) FROM flags
JOIN samples ON samples.id = flags.sample_id
WHERE current_verdict IS NOT NULL GROUP BY flags.name, current_verdict"""

_UNFLAGGED = """
SELECT current_verdict, count(*) FROM samples
WHERE current_verdict IS NOT NULL AND id NOT IN (SELECT sample_id FROM flags)
GROUP BY current_verdict"""

_BY_SUSPICION = """
SELECT suspicion >= ?, current_verdict, count(*) FROM samples
WHERE suspicion IS NOT NULL AND current_verdict IN ('accepted', 'rejected')
GROUP BY 1, current_verdict"""


@dataclass(frozen=True, kw_only=True)
class VerdictShares:
    """Current fits of one kind by verdict."""

    accepted: int = 0
    rejected: int = 0
    unsure: int = 0
    open: int = 0

    @property
    def decided(self) -> int:
        """Accepted or rejected."""
        return self.accepted + self.rejected

    @property
    def rejected_share(self) -> float | None:
        """Of the decided ones; None where nothing was decided."""
        return self.rejected / self.decided if self.decided else None


@dataclass(frozen=True)
class Agreement:
    """Verdicts against suspicions.

    by_flag: fits that bear each flag. unflagged: fits that bear none.
    suspicious, trusted: decided fits with a suspicion of ``SUSPICIOUS`` or more, and below.
    """

    by_flag: dict[str, VerdictShares]
    unflagged: VerdictShares
    suspicious: VerdictShares
    trusted: VerdictShares

    @classmethod
    def read(cls, connection: Connection) -> Agreement:
        """As it stands now."""
        with connection.reading():
            by_flag: dict[str, dict[str, int]] = {}
            for name, verdict, count in connection.execute(_BY_FLAG):
                by_flag.setdefault(name, {})[verdict] = count
            unflagged = dict(connection.execute(_UNFLAGGED))
            halves: tuple[dict[str, int], dict[str, int]] = ({}, {})
            for suspicious, verdict, count in connection.execute(_BY_SUSPICION, (SUSPICIOUS,)):
                halves[suspicious][verdict] = count
        return cls(
            {name: _shares(counts) for name, counts in by_flag.items()},
            _shares(unflagged),
            suspicious=_shares(halves[1]),
            trusted=_shares(halves[0]),
        )

    @property
    def precision(self) -> float | None:
        """How many of the suspicious fits people rejected; None while none was decided."""
        return self.suspicious.rejected_share

    @property
    def recall(self) -> float | None:
        """How many of the rejected fits were suspicious; None while none was rejected."""
        rejected = self.suspicious.rejected + self.trusted.rejected
        return self.suspicious.rejected / rejected if rejected else None


def _shares(counts: dict[str, int]) -> VerdictShares:
    return VerdictShares(
        accepted=counts.get(Verdict.ACCEPTED, 0),
        rejected=counts.get(Verdict.REJECTED, 0),
        unsure=counts.get(Verdict.UNSURE, 0),
        open=counts.get(Verdict.NONE, 0),
    )
