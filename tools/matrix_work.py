"""Which cell of the matrix is carried out next, and where."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Generic, TypeVar

from tests.faults.calls import lateness, parse

Lab = TypeVar("Lab")


class Work(Generic[Lab]):
    """The cells that are still to be carried out, by operation: a lab prepares the one that it is at only once.

    Those that strike late come last, so that a lab goes once through what comes before.
    """

    def __init__(self, cells: Iterable[str]) -> None:
        self._left: dict[str, list[str]] = {}
        for cell in sorted(cells, key=lambda cell: lateness(parse(cell.split(":")[1])), reverse=True):
            self._left.setdefault(cell.split(":")[0], []).append(cell)
        self._at: dict[Lab, str] = {}
        self._lock = threading.Lock()

    def next(self, lab: Lab) -> str | None:
        """One of the operation that this lab is at, else of the longest that none is at, else of the longest."""
        with self._lock:
            if self._at.get(lab) not in self._left:
                self._at.pop(lab, None)
                if not self._left:
                    return None
                others = self._at.values()
                self._at[lab] = max(self._left, key=lambda name: (name not in others, len(self._left[name]), name))
            operation = self._at[lab]
            cell = self._left[operation].pop()
            if not self._left[operation]:
                del self._left[operation]
            return cell
