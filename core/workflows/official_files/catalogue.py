"""The files of SMPL and SPIN that the program may use and must not ship.

Nothing is downloaded: the pages below ask for an account and for consent to their licences. Names
and pages are those of SPIN's README and fetch_data.sh, <https://github.com/nkolot/SPIN>, and of
<https://github.com/vchoutas/smplx>.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class OfficialKind(Enum):
    """What an official file is, in the words that the program uses for it."""

    SMPL_NEUTRAL = "SMPL neutral"
    SMPL_FEMALE = "SMPL female"
    SMPL_MALE = "SMPL male"
    POSE_PRIOR = "pose prior"
    EXTRA_REGRESSOR = "extra joints"
    H36M_REGRESSOR = "H36M joints"
    SPIN_CHECKPOINT = "SPIN checkpoint"


@dataclass(frozen=True, kw_only=True)
class OfficialFile:
    """One file: its official name, licence and page, what it is for, and what serves without it.

    stored_name: what it is called where it is put in place, without its suffix.
    """

    kind: OfficialKind
    file_name: str
    stored_name: str
    licence: str
    page: str
    purpose: str
    without: str


_SMPL_LICENCE = "SMPL Model License: non-commercial research, no redistribution"
_SMPL_PAGE = "https://smpl.is.tue.mpg.de"
_SMPLIFY_PAGE = "https://smplify.is.tue.mpg.de"
_SPIN_PAGE = "https://github.com/nkolot/SPIN"
_SPIN_LICENCE = "fetched by SPIN's scripts; see the licences of SPIN and SMPL before passing it on"

OFFICIAL_FILES = (
    OfficialFile(
        kind=OfficialKind.SMPL_NEUTRAL,
        file_name="basicModel_neutral_lbs_10_207_0_v1.0.0.pkl (SMPL_NEUTRAL.pkl)",
        stored_name="SMPL_NEUTRAL",
        licence=_SMPL_LICENCE,
        page=_SMPLIFY_PAGE,
        purpose="the body of a project, and of SPIN's fits and checkpoint",
        without="the open body serves",
    ),
    OfficialFile(
        kind=OfficialKind.SMPL_FEMALE,
        file_name="basicModel_f_lbs_10_207_0_v1.0.0.pkl (SMPL_FEMALE.pkl)",
        stored_name="SMPL_FEMALE",
        licence=_SMPL_LICENCE,
        page=_SMPL_PAGE,
        purpose="converting other methods' female bodies; truth of 3DPW",
        without="female bodies keep their numbers unconverted, or get the mean shape",
    ),
    OfficialFile(
        kind=OfficialKind.SMPL_MALE,
        file_name="basicmodel_m_lbs_10_207_0_v1.0.0.pkl (SMPL_MALE.pkl)",
        stored_name="SMPL_MALE",
        licence=_SMPL_LICENCE,
        page=_SMPL_PAGE,
        purpose="converting other methods' male bodies; truth of 3DPW",
        without="male bodies keep their numbers unconverted, or get the mean shape",
    ),
    OfficialFile(
        kind=OfficialKind.POSE_PRIOR,
        file_name="gmm_08.pkl",
        stored_name="gmm_08",
        licence="SMPLify's licence: non-commercial research, no redistribution",
        page=_SMPLIFY_PAGE,
        purpose="the pose prior of SMPLify, in place of the shipped one",
        without="the shipped prior serves",
    ),
    OfficialFile(
        kind=OfficialKind.EXTRA_REGRESSOR,
        file_name="J_regressor_extra.npy",
        stored_name="J_regressor_extra",
        licence=_SPIN_LICENCE,
        page=_SPIN_PAGE,
        purpose="nine of the 49 keypoints, where it lies beside an SMPL body",
        without="weighted sums of nearby joints serve",
    ),
    OfficialFile(
        kind=OfficialKind.H36M_REGRESSOR,
        file_name="J_regressor_h36m.npy",
        stored_name="J_regressor_h36m",
        licence=_SPIN_LICENCE,
        page=_SPIN_PAGE,
        purpose="the published protocols of evaluation",
        without="the published protocols cannot run",
    ),
    OfficialFile(
        kind=OfficialKind.SPIN_CHECKPOINT,
        file_name="model_checkpoint.pt",
        stored_name="model_checkpoint",
        licence=_SPIN_LICENCE,
        page=_SPIN_PAGE,
        purpose="SPIN's regressor, for predictions and first fits",
        without="the demo regressor serves",
    ),
)
