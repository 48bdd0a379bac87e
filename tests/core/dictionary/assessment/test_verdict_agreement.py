import pytest

from core.dictionary.assessment.assessments import Assessment, RaisedFlag
from core.dictionary.assessment.verdict_agreement import VerdictShares
from core.types.fits import Origin, Verdict
from core.types.flags import FlagName


@pytest.fixture
def extreme_ids(dictionary, make_sample, make_fit):
    """Four samples whose fits bear the flag of extreme betas, and two that bear none."""
    ids = dictionary.samples.add([make_sample(number) for number in range(6)]).added_ids
    dictionary.fits.offer(
        [make_fit(sample_id, beta=4.0 if row < 4 else 0.5) for row, sample_id in enumerate(ids)]
    )
    return ids


def test_verdicts_are_counted_by_the_flags_that_fits_bear(dictionary, extreme_ids):
    dictionary.verdicts.set({extreme_ids[0]: Verdict.REJECTED, extreme_ids[1]: Verdict.ACCEPTED})
    agreement = dictionary.verdicts.agreement()
    assert agreement.by_flag[FlagName.BETAS] == VerdictShares(accepted=1, rejected=1, open=2)
    assert agreement.unflagged == VerdictShares(open=2)


def test_a_rejected_fit_counts_by_its_flags_after_it_was_replaced(
    dictionary, extreme_ids, make_fit
):
    dictionary.verdicts.set({extreme_ids[0]: Verdict.REJECTED, extreme_ids[4]: Verdict.REJECTED})
    dictionary.fits.offer(
        [
            make_fit(sample_id, pose=1.0, origin=Origin.REFIT)
            for sample_id in (extreme_ids[0], extreme_ids[4])
        ]
    )
    agreement = dictionary.verdicts.agreement()
    assert agreement.by_flag[FlagName.BETAS] == VerdictShares(rejected=1, open=3)
    assert agreement.unflagged == VerdictShares(rejected=1, open=3)


def test_a_verdict_that_is_cleared_counts_no_more_when_the_fit_was_replaced(
    dictionary, extreme_ids, make_fit
):
    fit_id = dictionary.fits.current_ids([extreme_ids[0]])[extreme_ids[0]]
    dictionary.verdicts.set_on_fits({fit_id: Verdict.REJECTED})
    dictionary.fits.offer([make_fit(extreme_ids[0], pose=1.0, origin=Origin.REFIT)])
    dictionary.verdicts.set_on_fits({fit_id: Verdict.NONE})
    assert dictionary.verdicts.agreement().by_flag[FlagName.BETAS].decided == 0


def test_a_flagged_fit_that_a_person_corrected_was_rightly_flagged(
    dictionary, extreme_ids, make_fit
):
    flagged, unflagged = extreme_ids[0], extreme_ids[4]
    before = dictionary.fits.current_ids([flagged, unflagged])
    for sample_id in (flagged, unflagged):
        made = make_fit(sample_id, pose=0.4, beta=3.5, origin=Origin.CORRECTED)
        dictionary.corrections.keep_fit(made, made_from_fit_id=before[sample_id])
    agreement = dictionary.verdicts.agreement()
    corrected = VerdictShares(corrected=1, open=3)
    assert agreement.by_flag[FlagName.BETAS] == corrected
    assert (corrected.wrong, corrected.decided) == (1, 1)
    assert agreement.unflagged == VerdictShares(corrected=1, open=1)
    dictionary.verdicts.set({flagged: Verdict.ACCEPTED})
    assert dictionary.verdicts.agreement().by_flag[FlagName.BETAS] == corrected, (
        "the flag that the corrected body still bears is not tried by who made it"
    )
    dictionary.verdicts.set({flagged: Verdict.REJECTED})
    rejected = VerdictShares(rejected=1, open=3)
    assert dictionary.verdicts.agreement().by_flag[FlagName.BETAS] == rejected
    dictionary.fits.make_all_current(before)
    assert dictionary.verdicts.agreement().by_flag[FlagName.BETAS].corrected == 0


def test_flags_count_as_they_were_before_keypoints_were_corrected(
    dictionary, extreme_ids, make_fit
):
    sample_id = extreme_ids[0]
    (basis,) = dictionary.assessments.inputs([sample_id]).values()
    flag = RaisedFlag(FlagName.DEPTH, 0.9)
    dictionary.assessments.store(
        [Assessment(basis=basis, suspicion=0.9, informativeness=0.5, flags=(flag,))]
    )
    keypoints_px = dictionary.samples.get(sample_id).keypoints_px.copy()
    keypoints_px[30] = [50, 60, 1]
    former = dictionary.fits.current_ids([sample_id])[sample_id]
    dictionary.corrections.set_keypoints(
        sample_id, keypoints_px, compare=lambda _keypoints, bodies, _camera: [1.0] * len(bodies)
    )
    assert dictionary.verdicts.agreement().by_flag.get(FlagName.DEPTH) is None, "not corrected yet"
    refitted = make_fit(sample_id, pose=0.6, origin=Origin.REFIT)
    dictionary.corrections.keep_fit(refitted, made_from_fit_id=former)
    dictionary.verdicts.set({sample_id: Verdict.ACCEPTED})
    agreement = dictionary.verdicts.agreement()
    assert agreement.by_flag[FlagName.DEPTH] == VerdictShares(corrected=1)
    assert agreement.precision == 1
    assert agreement.recall == 1


def test_shares_tell_between_what_they_may_be():
    low, high = VerdictShares(accepted=2, rejected=8).interval
    assert low == pytest.approx(0.490, abs=1e-3)
    assert high == pytest.approx(0.943, abs=1e-3)
