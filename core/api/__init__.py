"""SPIN Studio from scripts and notebooks: a project opened, its people fitted, judged, exported.

Example::

    from core.api import Project

    with Project.create("people") as project:
        project.find_people("photographs")
        project.fit()
        project.flag()
        for person in project.people("suspicion:0.8.."):
            print(person.name, person.suspicion, person.keypoint_error_px)
        project.export("spin-fits", "fits.npz", where="verdict:accepted")
"""

from core.api.person import Person
from core.api.project import Project

__all__ = ["Person", "Project"]
