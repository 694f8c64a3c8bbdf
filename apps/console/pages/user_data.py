"""The user data of an application: who wrote which version, and how far places differ. Its text is read apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.inventory.user_data import Known
from apps.inventory.user_data.lines import Row


@dataclass(frozen=True)
class SpotLine:
    """A place. `size` is what comes out for it, or why nothing does; `differs` from the first of them, in words."""

    key: str
    environment: str
    region: str
    cluster: str
    size: str
    differs: str
    problem: bool = False


@dataclass(frozen=True)
class VersionLine:
    """A version of the template; `variables` are names by environment, in words."""

    number: int
    actor: str
    at: datetime
    reason: str
    size: str
    variables: str


@dataclass(frozen=True)
class UserDataPage:
    """`state` says which version holds, in a sentence; `number` is 0 where there is no template."""

    application: str
    state: str
    number: int
    warnings: tuple[str, ...]
    spots: tuple[SpotLine, ...]
    versions: tuple[VersionLine, ...]
    known: tuple[Known, ...]


@dataclass(frozen=True)
class Compared:
    """Two texts beside each other, and what they are called."""

    title: str
    before: str
    after: str
    rows: tuple[Row, ...]
    words: str  # how much differs

    @property
    def text(self) -> str:
        """Of the one after."""
        return "\n".join(row.after for row in self.rows if row.after_number)
