"""How processes share the tests: which stay together, and in what order they begin.

Tests of a file stay together, as its fixtures are costly. Those that have a whole product or a browser to themselves
run one after another in one process, beside all others, and begin first: they take longest.
"""

from __future__ import annotations

from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling

WHOLE = ("demo", "acceptance", "test_stopping", "browser")  # folders, or files, in the order in which they run
LONG = ("faults", "services", "deployments")  # folders that come next


class Sharing(LoadScopeScheduling):
    """xdist's own groups are not used: with pytest 9.2 `--dist loadgroup` has no effect (pytest-xdist 1386)."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePath(nodeid.split("::")[0])
        return "whole" if _part(path) in WHOLE else str(path)


def turn(path: PurePath) -> tuple[bool, int, bool]:
    """By which the tests of a file are put in order."""
    part = _part(path)
    whole = part in WHOLE
    return not whole, WHOLE.index(part) if whole else 0, path.parent.name not in LONG


def _part(path: PurePath) -> str:
    """What of WHOLE a file belongs to, or else the name of its folder."""
    return path.stem if path.stem in WHOLE else path.parent.name
