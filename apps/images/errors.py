"""Why something about images was not done. Nothing was created or changed when one of these is raised."""

from __future__ import annotations

from apps.workflows.options import Invalid

__all__ = ["CannotCancel", "Invalid", "Refused"]


class Refused(Exception):
    """The request is well-formed, but things as they are do not allow it; the text says why and what to do."""


class CannotCancel(Exception):
    """The bake or promotion is past what was asked of it; the text says why."""
