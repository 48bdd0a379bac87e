"""Names of ``core.project_tools`` handed on; what trains needs them, too, and lies below."""

from __future__ import annotations

from core.project_tools import project_body, project_prior

__all__ = ["project_body", "project_prior"]
