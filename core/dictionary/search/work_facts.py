"""How far the work on a project is, from import to export, in numbers.

Some of them look at every fit: a large project is asked on a thread with a connection of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.dictionary.storage.connection import Connection
from core.types.fits import Origin, Verdict
from core.types.limits import MIN_USABLE_KEYPOINTS
from core.types.runs import TRAINING_KIND

_PICTURES_BY_CAMERA = """
SELECT coalesce(source, 'assumed'), count(*)
FROM (SELECT DISTINCT picture_path FROM samples) AS pictures
    LEFT JOIN cameras ON cameras.picture_path = pictures.picture_path
GROUP BY 1"""

_TOO_POOR = """
SELECT count(*) FROM samples JOIN fits ON fits.id = samples.current_fit_id
WHERE NOT fits.pose_valid AND samples.current_verdict NOT IN (?, ?)"""

_UNFITTABLE = """
SELECT count(*) FROM samples WHERE current_fit_id IS NULL AND usable_keypoints < ?"""

_EMPTY_PICTURES = """
SELECT count(*) FROM searched_pictures
WHERE video IS NULL AND picture_path NOT IN (SELECT picture_path FROM samples)"""


@dataclass(frozen=True, kw_only=True)
class WorkFacts:
    """What a project holds at each stage of the work.

    people: all samples. pictures: that show them; empty_pictures: that were looked at and show no
    one. by_dataset: samples; by_camera: pictures by where their cameras come from. unusable:
    samples with too few keypoints for a fit. measured: samples that the detector looked at.
    by_origin, by_verdict: current fits. too_poor: current fits whose pose was found too poor to
    learn from, without those that people accepted or rejected. corrected: samples whose keypoints
    or box people changed. trainings: runs that train a regressor. with_truth: samples whose current
    fit can be measured in 3D.
    """

    people: int
    pictures: int
    empty_pictures: int
    by_dataset: Mapping[str, int]
    by_camera: Mapping[str, int]
    unfittable: int
    measured: int
    by_origin: Mapping[Origin, int]
    by_verdict: Mapping[Verdict, int]
    too_poor: int
    corrected: int
    trainings: int
    with_truth: int

    @property
    def fits(self) -> int:
        """Samples with a current fit."""
        return sum(self.by_verdict.values())

    @property
    def without_fit(self) -> int:
        """Samples without one."""
        return self.people - self.fits

    @property
    def exportable(self) -> int:
        """Fits that are written as valid: accepted, or neither rejected nor too poor."""
        return self.fits - self.by_verdict.get(Verdict.REJECTED, 0) - self.too_poor


def work_facts(connection: Connection) -> WorkFacts:
    """The numbers of one moment."""

    def count(select: str, *parameters: object) -> int:
        return int(connection.scalar(select, parameters))

    def counts(column: str) -> dict[str, int]:
        return dict(
            connection.execute(
                f"SELECT {column}, count(*) FROM samples "  # noqa: S608 - own words
                f"WHERE {column} IS NOT NULL GROUP BY {column}"
            )
        )

    with connection.reading():
        return WorkFacts(
            people=count("SELECT count(*) FROM samples"),
            pictures=count("SELECT count(DISTINCT picture_path) FROM samples"),
            empty_pictures=count(_EMPTY_PICTURES),
            by_dataset=counts("dataset"),
            by_camera=dict(connection.execute(_PICTURES_BY_CAMERA)),
            unfittable=count(_UNFITTABLE, MIN_USABLE_KEYPOINTS),
            measured=count("SELECT count(*) FROM detections"),
            by_origin={
                Origin(origin): number for origin, number in counts("current_origin").items()
            },
            by_verdict={
                Verdict(verdict): number for verdict, number in counts("current_verdict").items()
            },
            too_poor=count(_TOO_POOR, Verdict.ACCEPTED, Verdict.REJECTED),
            corrected=count("SELECT count(*) FROM samples WHERE corrections > 0"),
            trainings=count("SELECT count(*) FROM runs WHERE kind = ?", TRAINING_KIND),
            with_truth=count("SELECT count(*) FROM samples WHERE error_3d_mm IS NOT NULL"),
        )
