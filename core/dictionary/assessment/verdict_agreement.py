"""How people's verdicts agree with what the program suspects: live precision of its flags.

A fit counts by the flags and the suspicion that it has; one that was judged and then replaced, by
those that it had when it was judged (``judged_fits``). A fit that a person corrected was wrong, as
a rejected one is, and counts by what it had before the correction. The body that the person made of
it says nothing of flags unless it is rejected: that its maker accepts it is no trial of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from core.dictionary.storage.connection import Connection
from core.proportions import wilson_interval
from core.types.fits import Verdict

SUSPICIOUS = 0.5
"""From here on a suspicion counts as saying that the fit is wrong."""

BANDS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""Ends of the bands of suspicion that verdicts are counted in."""

_MADE_BY_HAND = """
(current_verdict <> 'rejected'
    AND current_fit_id IN (SELECT id FROM fits WHERE made_by IS NOT NULL))"""

_BY_FLAG = f"""
SELECT flags.name, current_verdict, count(*) FROM flags
JOIN samples ON samples.id = flags.sample_id
WHERE current_verdict IS NOT NULL AND NOT {_MADE_BY_HAND}
GROUP BY flags.name, current_verdict"""  # noqa: S608 - own words

_UNFLAGGED = f"""
SELECT current_verdict, count(*) FROM samples
WHERE current_verdict IS NOT NULL AND NOT {_MADE_BY_HAND}
    AND id NOT IN (SELECT sample_id FROM flags)
GROUP BY current_verdict"""  # noqa: S608 - own words

_BY_SUSPICION = f"""
SELECT suspicion, current_verdict FROM samples
WHERE suspicion IS NOT NULL AND current_verdict IN ('accepted', 'rejected')
    AND NOT {_MADE_BY_HAND}"""  # noqa: S608 - own words

_REPLACED = """
FROM judged_fits JOIN fits ON fits.id = judged_fits.fit_id
JOIN samples ON samples.id = fits.sample_id AND samples.current_fit_id IS NOT fits.id"""

_REPLACED_BY_FLAG = f"""
SELECT value, fits.verdict, count(*) {_REPLACED}, json_each(judged_fits.flag_names)
WHERE fits.verdict <> 'none' GROUP BY value, fits.verdict"""

_REPLACED_UNFLAGGED = f"""
SELECT fits.verdict, count(*) {_REPLACED}
WHERE fits.verdict <> 'none' AND judged_fits.flag_names = '[]' GROUP BY 1"""

_REPLACED_BY_SUSPICION = f"""
SELECT judged_fits.suspicion, fits.verdict {_REPLACED}
WHERE judged_fits.suspicion IS NOT NULL
    AND fits.verdict IN ('accepted', 'rejected')"""

CORRECTED = "corrected"
"""In place of a verdict, of fits that a person corrected."""

# Where the correction was undone the fit is current again, and is not among these.
_IS_CORRECTED = """fits.verdict IN ('none', 'unsure') AND EXISTS (SELECT 1 FROM fits AS made
    WHERE made.made_from_fit_id = fits.id AND made.sample_id = fits.sample_id
        AND made.made_by IS NOT NULL AND made.verdict <> 'rejected')"""

_CORRECTED_BY_FLAG = f"""
SELECT value, '{CORRECTED}', count(*) {_REPLACED}, json_each(judged_fits.flag_names)
WHERE {_IS_CORRECTED} GROUP BY value"""

_CORRECTED_UNFLAGGED = f"""
SELECT '{CORRECTED}', count(*) {_REPLACED}
WHERE {_IS_CORRECTED} AND judged_fits.flag_names = '[]'"""

_CORRECTED_BY_SUSPICION = f"""
SELECT judged_fits.suspicion, '{CORRECTED}' {_REPLACED}
WHERE {_IS_CORRECTED} AND judged_fits.suspicion IS NOT NULL"""

_Counts = dict[str, int]


@dataclass(frozen=True, kw_only=True)
class VerdictShares:
    """Fits of one kind by verdict."""

    accepted: int = 0
    rejected: int = 0
    unsure: int = 0
    open: int = 0
    corrected: int = 0

    @property
    def wrong(self) -> int:
        """Rejected, or corrected."""
        return self.rejected + self.corrected

    @property
    def decided(self) -> int:
        """Accepted, rejected or corrected."""
        return self.accepted + self.wrong

    @property
    def wrong_share(self) -> float | None:
        """Of the decided ones; None where nothing was decided."""
        return self.wrong / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """What the share of all such fits may be, by Wilson, if these are a fair sample."""
        return wilson_interval(self.wrong, self.decided)


@dataclass(frozen=True)
class SuspicionBand:
    """Decided fits with a suspicion from ``low`` to below ``high``; expected: its mean in them."""

    low: float
    high: float
    shares: VerdictShares
    expected: float


@dataclass(frozen=True)
class Agreement:
    """Verdicts against suspicions.

    by_flag: fits that bear each flag. unflagged: fits that bear none.
    suspicious, trusted: decided fits with a suspicion of ``SUSPICIOUS`` or more, and below.
    bands: decided fits by their suspicion, empty bands left out.
    """

    by_flag: dict[str, VerdictShares]
    unflagged: VerdictShares
    suspicious: VerdictShares
    trusted: VerdictShares
    bands: tuple[SuspicionBand, ...] = field(default=())

    @classmethod
    def read(cls, connection: Connection) -> Agreement:
        """As it stands now."""
        by_flag: defaultdict[str, _Counts] = defaultdict(dict)
        unflagged: _Counts = {}
        with connection.reading():
            for select in (_BY_FLAG, _REPLACED_BY_FLAG, _CORRECTED_BY_FLAG):
                for name, verdict, count in connection.execute(select):
                    _add(by_flag[name], verdict, count)
            for select in (_UNFLAGGED, _REPLACED_UNFLAGGED, _CORRECTED_UNFLAGGED):
                for verdict, count in connection.execute(select):
                    _add(unflagged, verdict, count)
            decided = [
                *connection.execute(_BY_SUSPICION),
                *connection.execute(_REPLACED_BY_SUSPICION),
                *connection.execute(_CORRECTED_BY_SUSPICION),
            ]
        return cls(
            {name: _shares(counts) for name, counts in by_flag.items()},
            _shares(unflagged),
            suspicious=_counted(verdict for value, verdict in decided if value >= SUSPICIOUS),
            trusted=_counted(verdict for value, verdict in decided if value < SUSPICIOUS),
            bands=_bands(decided),
        )

    @property
    def precision(self) -> float | None:
        """How many of the suspicious fits were wrong; None while none was decided."""
        return self.suspicious.wrong_share

    @property
    def recall(self) -> float | None:
        """How many of the wrong fits were suspicious; None while none was."""
        wrong = self.suspicious.wrong + self.trusted.wrong
        return self.suspicious.wrong / wrong if wrong else None


def wrong_text(shares: VerdictShares) -> str:
    """``8 of 10 wrong, 49 to 94 %``: the interval of the share; empty without verdicts."""
    if not shares.decided:
        return ""
    low, high = shares.interval
    return f"{shares.wrong} of {shares.decided} wrong, {100 * low:.0f} to {100 * high:.0f} %"


def _bands(decided: Sequence[tuple[float, str]]) -> tuple[SuspicionBand, ...]:
    found = []
    for low, high in pairwise(BANDS):
        # The last band holds the certain ones, too.
        inside = [
            pair for pair in decided if low <= pair[0] and (pair[0] < high or high == BANDS[-1])
        ]
        if inside:
            expected = sum(value for value, _ in inside) / len(inside)
            shares = _counted(verdict for _, verdict in inside)
            found.append(SuspicionBand(low, high, shares, expected))
    return tuple(found)


def _counted(verdicts: Iterable[str]) -> VerdictShares:
    return _shares(Counter(verdicts))


def _add(counts: _Counts, verdict: str, count: int) -> None:
    counts[verdict] = counts.get(verdict, 0) + count


def _shares(counts: Mapping[str, int]) -> VerdictShares:
    return VerdictShares(
        accepted=counts.get(Verdict.ACCEPTED, 0),
        rejected=counts.get(Verdict.REJECTED, 0),
        unsure=counts.get(Verdict.UNSURE, 0),
        open=counts.get(Verdict.NONE, 0),
        corrected=counts.get(CORRECTED, 0),
    )
