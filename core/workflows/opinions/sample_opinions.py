"""What is thought of the bodies of stored samples besides their fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.failure_detection.head_alternative import head_alternative
from core.engine.failure_detection.inputs import AlternativeEstimate
from core.engine.failure_detection.lifter_alternative import lifter_alternative
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.regression.seen_people import seen_people
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.types.bodies import BodyParameters
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import Fit
from core.types.predictions import Prediction
from core.types.samples import Sample
from core.workflows.opinions.other_views import OtherViews
from core.workflows.predictions.head_predictor import seen_with

PREDICTION = "the prediction"
MOST_SETS = 3
"""The latest imported sets that are asked: each costs as much as the lifter."""


class SampleOpinions:
    """Opinions on samples of one dictionary; the networks are loaded once.

    Args:
        dictionary: of the project.
        model: the project's body.
        body: the same, for keypoints.
        like: of the same project, through another object; its networks are asked.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        model: BodyModel,
        body: KeypointBody,
        *,
        like: SampleOpinions | None = None,
    ) -> None:
        self._dictionary, self._body = dictionary, body
        self.lifter: Lifter = Lifter.load() if like is None else like.lifter
        self.head: DetectorHead = load_detector_head() if like is None else like.head
        self._lifter_has_betas = self.lifter.body_name == model.name
        self._head_has_betas = self.head.body_name == model.name
        self._other_views = OtherViews(dictionary, self.head, body)

    def of(
        self,
        samples: Sequence[Sample],
        keypoints: Keypoints2D,
        fits: Sequence[Fit],
        predictions: Mapping[int, Prediction],
        detections: Mapping[int, DetectedLandmarks],
    ) -> tuple[AlternativeEstimate, ...]:
        """All opinions that there are of at least one of B samples; the lifter's always.

        Args:
            samples: B of them.
            keypoints: theirs.
            fits: their current fits.
            predictions: the latest, by sample id.
            detections: what the detector measured, with features of the trunk, by sample id.
        """
        ids = [sample.id for sample in samples]
        lifted = lifter_alternative(
            self.lifter, self._body, keypoints, has_betas=self._lifter_has_betas
        )
        of_predictions = {key: prediction.parameters for key, prediction in predictions.items()}
        opinions = [
            self._seen(samples, keypoints, detections),
            self._stored(PREDICTION, ids, of_predictions, keypoints),
            *(
                self._stored(f"the set '{name}'", ids, bodies, keypoints, sees_picture=True)
                for name, bodies in self._imported(ids).items()
            ),
            self._other_views.of(samples, keypoints, fits),
        ]
        heard = [opinion for opinion in opinions if opinion and bool(opinion.present.any())]
        return (lifted, *heard)

    def _seen(
        self,
        samples: Sequence[Sample],
        keypoints: Keypoints2D,
        detections: Mapping[int, DetectedLandmarks],
    ) -> AlternativeEstimate | None:
        if not detections:
            return None
        return head_alternative(
            self.head,
            self._body,
            seen_people(seen_with(samples, detections)),
            keypoints,
            has_betas=self._head_has_betas,
        )

    def _imported(self, ids: Sequence[int]) -> dict[str, dict[int, BodyParameters]]:
        sets = self._dictionary.prediction_sets
        imported = [each for each in sets.all() if each.kind is SetKind.IMPORTED]
        return {each.name: sets.bodies(each.id, ids) for each in imported[-MOST_SETS:]}

    def _stored(
        self,
        who: str,
        ids: Sequence[int],
        bodies: Mapping[int, BodyParameters],
        keypoints: Keypoints2D,
        *,
        sees_picture: bool = False,
    ) -> AlternativeEstimate | None:
        """Stored bodies; those whom there is none of lie at rest."""
        present = [sample_id in bodies for sample_id in ids]
        if not any(present):
            return None
        some = next(iter(bodies.values()))
        estimate = BodyEstimate.from_parameters(
            [bodies.get(sample_id, some) for sample_id in ids],
            keypoints.cameras,
            root_joints=self._body.root_joint_like,
        )
        there: Tensor = torch.tensor(present)
        return AlternativeEstimate(who, estimate, there, sees_picture=sees_picture)
