"""The quick check of a package: installed in a throwaway root, asked whether it is well, and gone again."""

from __future__ import annotations

from apps.images.checks.base import NAME, Asked, Result, Way, choose, known

__all__ = ["NAME", "Asked", "Result", "Way", "choose", "known"]
