"""The program's words and symbols explained: one table for marks, the dialog and docs/glossary.md.

Knows nothing of Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.types.fits import ORIGIN_MEANINGS, ORIGIN_TITLES, Origin
from core.types.flags import FlagName, flag_words
from spin_gui.session.error_scale import ERROR_MEANING
from spin_gui.session.wording import KEYPOINTS_MEANING, LOSS_TERMS


@dataclass(frozen=True)
class Term:
    """A word or symbol as it stands on the screen, and what it means, in whole sentences."""

    word: str
    meaning: str


@dataclass(frozen=True)
class GlossarySection:
    """Terms under one heading."""

    title: str
    terms: Sequence[Term]


_WORDS = (
    Term("sample", "One person in one picture: a box, keypoints, and all fits made for them."),
    Term("keypoint", f"A point of the body in the picture, such as an ankle. {KEYPOINTS_MEANING}"),
    Term("crop", "The square around a person, scaled to 224 × 224 px. Errors in px are of it."),
    Term(
        "SMPL body",
        "A mesh of a person that a pose (the rotations of 24 joints) and a shape (ten β) describe.",
    ),
    Term(
        "β, beta",
        "A shape coefficient of the SMPL body. 0 is the average person; few people lie beyond ±3.",
    ),
    Term("SMPLify", "The solver that moves a body onto the keypoints."),
    Term(
        "fit", "A body found for a sample: pose, shape and distance from the camera, with losses."
    ),
    Term("first fit", "The oldest fit of a sample that SMPLify made."),
    Term(
        "current fit",
        "The best fit of a sample so far: what is shown, exported and trained on. A new fit takes "
        "its place only where it is better, and never that of an accepted fit.",
    ),
    Term("history", "Every fit that a sample ever had. Nothing is thrown away."),
    Term(
        "dictionary",
        "The current fit and the history of every sample, as the paper calls them together. "
        "It is the file dictionary.db of a project. To offer a fit to it is to compare the fit "
        "with the current one and to keep the better one as current.",
    ),
    Term(
        "runner-up",
        "A different body that fits the keypoints nearly as well, such as one that faces the "
        "other way. It is kept in the history and never becomes current by itself.",
    ),
    Term("refit", "To fit again, usually from several starts. The best result is kept."),
    Term("start", "The body with which SMPLify begins."),
    Term("mean pose", "An average standing pose, the usual start where nothing is known."),
    Term(
        "lifted body, lifter",
        "The lifter is a small network that estimates a 3D pose from the 2D keypoints alone, "
        "without the picture: it “lifts” them from 2D to 3D. The lifted body is its estimate.",
    ),
    Term(
        "run",
        "One fitting or training from its start to its end, with its settings. Every fit says "
        "which run made it.",
    ),
    Term("regressor", "The network that estimates a body directly from the picture."),
    Term(
        "prediction",
        "The regressor's latest estimate of a sample. It is no fit and has no verdict.",
    ),
    Term(
        "training, in the loop",
        "While the regressor trains, SMPLify starts from each of its predictions; better fits "
        "become current, and the regressor learns from them in turn. Fits made in this way are "
        "called in-loop in filters and in the database.",
    ),
    Term(
        "what training uses, supervision",
        "What the regressor learns from: the pose of a fit whose loss is small enough, the shape "
        "of one without an extreme β. It learns nothing from a rejected fit.",
    ),
    Term(
        "estimate prior, pull",
        "A term of the objective that keeps a fit near to a given body (lifted, predicted or "
        "edited), most where that body is thought to be right.",
    ),
    Term(
        "moment, subject",
        "A moment is one person at one time, seen by several cameras: its pictures have one body. "
        "A subject is one person at any time: their pictures have one shape.",
    ),
    Term(
        "place of a camera",
        "Where a calibration says that a camera stood and looked (its extrinsics). A moment whose "
        "cameras have places has one root in their world.",
    ),
    Term("objective", "The sum of weighted terms that SMPLify makes as small as it can."),
    Term(
        "loss",
        "What fits are compared by: the squared distance from the keypoints in px² of the crop, "
        "per fully confident joint. Its root, marked r.m.s., is in px.",
    ),
    Term("error", ERROR_MEANING.removeprefix("Error: ").capitalize()),
    Term("origin", "Where a fit comes from: the body that SMPLify began with, or who made it."),
    Term(
        "losses by part",
        "The weighted terms of the objective in px², as they were when the fit was made or came "
        "in: what pulls at the body, and how much. They are of all joints together, the error is "
        "of one.",
    ),
    Term(
        "shape",
        "The ten β of the body: tall or short, heavy or slim. Bars are standard deviations from "
        "the average person.",
    ),
    Term(
        "camera distance",
        "How far the body is from its camera. It is as true as the camera's focal length: where "
        "that is assumed, so is the distance. Bodies of SPIN's long lens (5000 px on every crop) "
        "are often 40 m or more away, which says how large the person is in the picture and not "
        "where the photographer stood.",
    ),
    Term(
        "studio, paper",
        "Two ways of fitting: studio is the program's own and recommended, paper follows the "
        "publication and is there for comparison.",
    ),
    Term("verdict", "What a person says of a fit: accepted, rejected or unsure."),
    Term("flag", "What the program suspects of a fit. Flags suggest; only people give verdicts."),
    Term("suspicion", "How probable it is that a fit is wrong, from 0 to 1."),
    Term(
        "doubt in the keypoints",
        "How probable it is that the keypoints hold an error, from 0 to 1. No fit takes part.",
    ),
    Term(
        "informativeness",
        "How much a verdict would tell, from 0 to 1: large where the program cannot decide "
        "between two different bodies.",
    ),
    Term("disagreement", "How far the fit is from the prediction and the lifted body, in mm."),
    Term("2D error", "How far the joints lie from the keypoints, in px of the crop."),
    Term("3D error", "How far the joints lie from the true ones, where the truth is known."),
    Term(
        "reconstruction error",
        "The 3D error after the best turn, shift and scale (Procrustes alignment, PA-MPJPE).",
    ),
)

_SIGNS = (
    Term("●", "In the history: the current fit."),
    Term("2", "In the history: a runner-up."),
    Term("✓ in a disc, green", "Accepted."),
    Term("✕ in a square, red", "Rejected."),
    Term("? in a diamond, amber", "Unsure."),
    Term("dot in a thin ring, grey", "Not reviewed."),
    Term("number in a speech bubble, blue", "Comments on the person: Shift+C shows them."),
    Term("–", "No value. In the list of keypoints: not annotated, and it may stay empty."),
)


def _flags() -> tuple[Term, ...]:
    words = [flag_words(name) for name in FlagName]
    return tuple(Term(flag.badge, f"{flag.title}: {flag.meaning}.") for flag in words)


def _origins() -> tuple[Term, ...]:
    return tuple(
        Term(f"{ORIGIN_TITLES[origin]} (origin:{_query_value(origin)})", _sentence(meaning))
        for origin, meaning in ORIGIN_MEANINGS.items()
    )


def _query_value(origin: Origin) -> str:
    """As the search box reads it."""
    return f"'{origin}'" if " " in origin else origin


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


GLOSSARY: tuple[GlossarySection, ...] = (
    GlossarySection("Symbols of flags", _flags()),
    GlossarySection("Other signs", _SIGNS),
    GlossarySection("Words", _WORDS),
    GlossarySection("Where a fit comes from", _origins()),
    GlossarySection(
        "Losses by part",
        tuple(Term(title, _sentence(meaning)) for _field, title, meaning in LOSS_TERMS),
    ),
)
"""What is looked up most stands first."""


def meaning_of(word: str) -> str:
    """What a word of the program means. Raises ``KeyError`` for a word that nothing explains."""
    return _MEANINGS[word]


_MEANINGS = {
    word: term.meaning
    for section in GLOSSARY
    for term in section.terms
    for word in term.word.split(", ")
}
