"""What the janitor looks after: one file for each kind of resource in `kinds`, here and in apps above, found by being
there.
"""

from apps.images.janitor.base import Kind, Thing, Waits, all_kinds, kind, register

__all__ = ["Kind", "Thing", "Waits", "all_kinds", "kind", "register"]
