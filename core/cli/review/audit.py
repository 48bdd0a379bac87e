"""``audit PROJECT``: how often flags and suspicion are right, and how many wrong fits are left."""

from __future__ import annotations

import argparse
import secrets
from dataclasses import asdict

from core.cli.console import Console
from core.dictionary.assessment.audits import LARGEST_SEED
from core.dictionary.assessment.verdict_agreement import (
    Agreement,
    SuspicionBand,
    VerdictShares,
    wrong_text,
)
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.audits import DEFAULT_SHARE, Audit, estimate_text
from core.types.flags import flag_words
from core.types.samples import SampleRow

_NO_FLAG = "No flag"


def run(options: argparse.Namespace, console: Console) -> int:
    """Begin or end random checks, or tell what verdicts say; the latter writes nothing."""
    if options.share is not None and not options.begin:
        raise StudioError(
            "The share is a part of the draw.",
            remedy=f"Draw again: main.py audit {options.project} --begin --share {options.share:g}",
        )
    share = DEFAULT_SHARE if options.share is None else options.share
    with Dictionary.open(options.project) as dictionary:
        if options.begin:
            seed = secrets.randbelow(LARGEST_SEED + 1) if options.seed is None else options.seed
            dictionary.audits.begin(seed=seed, share=share)
        elif options.end:
            dictionary.audits.end()
        audit, agreement = dictionary.audits.latest(), dictionary.verdicts.agreement()
        rows = _next(dictionary, audit, options.next) if options.next else []
        estimate = None if audit is None else dictionary.audits.estimate(audit)
    if options.json:
        found = {
            "audit": None if audit is None else asdict(audit),
            "estimate": None if estimate is None else asdict(estimate),
            "next": [{"sample": row.id, "name": row.name} for row in rows],
        }
        console.json(found | _as_json(agreement))
        return 0
    for line in _table(agreement):
        console.result(line)
    if audit is not None and estimate is not None:
        console.result(f"{_named(audit)} {estimate_text(estimate)}")
    else:
        console.note(
            "Verdicts on suspicious fits say nothing of the others. To mix random ones into the "
            f"queues of the window: main.py audit {options.project} --begin"
        )
    for row in rows:
        console.result(f"#{row.id}  {row.name}")
    return 0


def _next(dictionary: Dictionary, audit: Audit | None, count: int) -> list[SampleRow]:
    if audit is None:
        raise StudioError(
            "No order of fits was drawn yet.",
            remedy=f"Draw one: main.py audit {dictionary.project} --begin",
        )
    return dictionary.search.rows(dictionary.audits.next_waiting(audit, count).values())


def _named(audit: Audit) -> str:
    state = "run since" if audit.ended_at is None else "ended, begun"
    return (
        f"Random checks ({100 * audit.share:.0f} % of the queues, seed {audit.seed}, {state} "
        f"{audit.started_at[:10]}):"
    )


def _as_json(agreement: Agreement) -> dict[str, object]:
    return {
        "flags": {name: _shares_json(shares) for name, shares in agreement.by_flag.items()},
        "no_flag": _shares_json(agreement.unflagged),
        "suspicious": _shares_json(agreement.suspicious),
        "trusted": _shares_json(agreement.trusted),
        "by_suspicion": [
            {"from": band.low, "to": band.high, "expected": round(band.expected, 4)}
            | _shares_json(band.shares)
            for band in agreement.bands
        ],
    }


def _shares_json(shares: VerdictShares) -> dict[str, object]:
    low, high = shares.interval
    return asdict(shares) | {
        "wrong_share": shares.wrong_share,
        "lowest": round(low, 4),
        "highest": round(high, 4),
    }


def _table(agreement: Agreement) -> list[str]:
    """A line for each flag and band of suspicion of which fits were judged."""
    flags = [(flag_words(name).title, shares) for name, shares in agreement.by_flag.items()]
    flags.sort(key=lambda pair: -pair[1].decided)
    lines = [
        f"{title:32s} {wrong_text(shares)}"
        for title, shares in (*flags, (_NO_FLAG, agreement.unflagged))
        if shares.decided
    ]
    lines += [
        f"{_band_title(band):32s} {wrong_text(band.shares)}, {100 * band.expected:.0f} % expected"
        for band in agreement.bands
    ]
    return lines or ["No fit was accepted, rejected or corrected yet."]


def _band_title(band: SuspicionBand) -> str:
    return f"Suspicion {100 * band.low:.0f} to {100 * band.high:.0f} %"
