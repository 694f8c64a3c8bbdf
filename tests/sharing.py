"""How processes share the tests: which stay together, and in what order they begin.

Tests of a file stay together, as its fixtures are costly. Those that share a running demo, and those that share a
browser, run one after another in one process each, beside all others, and begin first: they take longest.
"""

from __future__ import annotations

from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling

# what runs in one process: files and folders, in the order in which they run; the demo is killed in the last of its own
TOGETHER = {"demo": ("test_demo", "acceptance", "test_stopping"), "browser": ("browser",)}
LONG = ("faults", "services", "house", "deployments")  # folders that come next


class Sharing(LoadScopeScheduling):
    """xdist's own groups are not used: with pytest 9.2 `--dist loadgroup` has no effect (pytest-xdist 1386)."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePath(nodeid.split("::")[0])
        return next((name for name, parts in TOGETHER.items() if _part(path, parts)), str(path))


def turn(path: PurePath) -> tuple[int, int]:
    """By which the tests of a file are put in order."""
    for place, parts in enumerate(TOGETHER.values()):
        if part := _part(path, parts):
            return place, parts.index(part)
    folder = path.parent.name
    return len(TOGETHER), LONG.index(folder) if folder in LONG else len(LONG)


def _part(path: PurePath, parts: tuple[str, ...]) -> str:
    """Which of the parts a file belongs to; empty for none."""
    return next((part for part in parts if part in (path.stem, path.parent.name)), "")
