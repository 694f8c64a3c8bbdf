"""What is told in words of everything that has a run: what it waits for, how it ended, and what to do now."""

from __future__ import annotations

from typing import Any, Protocol

from apps.workflows.models import Run


class Told(Protocol):
    """What a progress says: what is going on or how it ended, and what to do now."""

    @property
    def sentence(self) -> str: ...

    @property
    def next_hint(self) -> str: ...


class Briefly:
    """Of a row in a list: as its run says, without its steps."""

    def get_waiting_for(self, row: Any) -> str:
        run = self._run(row)
        return "" if run.ended else run.says

    def _run(self, row: Any) -> Run:
        """The run that tells how it is."""
        run: Run = row.run
        return run


class InWords(Briefly):
    """Of one in full, by its progress."""

    def get_waiting_for(self, row: Any) -> str:
        return "" if self._run(row).ended else self._progress(row).sentence

    def get_outcome(self, row: Any) -> str:
        return self._progress(row).sentence if self._run(row).ended else ""

    def get_next_hint(self, row: Any) -> str:
        return self._progress(row).next_hint

    def _progress(self, row: Any) -> Told:
        raise NotImplementedError
