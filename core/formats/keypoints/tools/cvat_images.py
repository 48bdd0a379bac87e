"""What CVAT's files hold of one picture, its numbers still texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from core.formats.reader_results import shown

NO_GROUP = "0"

Attributes = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class CvatSkeleton:
    """A person. key: of the track that it belongs to; empty where it belongs to none."""

    group: str
    points: Sequence[Attributes]
    key: str = ""


@dataclass(frozen=True, eq=False)
class CvatImage:
    """A picture by its name and size, or a frame of a video by its number."""

    name: str = ""
    size: tuple[str, str] = ("", "")
    frame: int | None = None
    skeletons: list[CvatSkeleton] = field(default_factory=list)
    points: list[Attributes] = field(default_factory=list)
    boxes: list[Attributes] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def add(self, shape: ET.Element) -> None:
        """Add a shape as it stands in the file."""
        points = [dict(point.attrib) for point in shape if point.tag == "points"]
        self.put(str(shape.tag), dict(shape.attrib), points)

    def put(self, kind: str, attributes: Attributes, points: Sequence[Attributes]) -> None:
        """Add a shape by its tag; points: those of a skeleton."""
        if kind == "skeleton":
            group = attributes.get("group_id") or NO_GROUP
            self.skeletons.append(CvatSkeleton(group, points, attributes.get("track", "")))
        elif kind == "points":
            self.points.append(attributes)
        elif kind == "box":
            self.boxes.append(attributes)
        else:
            self.others.append(f"shapes of type {shown(kind)}")
