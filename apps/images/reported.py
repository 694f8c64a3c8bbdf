"""What CI tells of a build, as plain values: the same whether it came by REST or through a webhook of any format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ReportedGate:
    """What CI says of one gate. `at` is when it came to be so, where CI tells: an older word never replaces a newer."""

    name: str
    outcome: str  # a `Gate.Outcome`
    url: str = ""
    says: str = ""  # e.g. "412 passed, 3 failed"
    at: datetime | None = None


@dataclass(frozen=True)
class Reported:
    """A build. An empty `package` is the one of the application's recipe, else called as the application.

    Without a `number` it tells of the newest build of that package and version; of a new one where there is none.
    """

    application: str
    version: str
    package: str = ""
    number: str = ""
    commit: str = ""
    branch: str = ""
    url: str = ""  # of the build at CI
    changelog: str = ""
    gates: tuple[ReportedGate, ...] = ()


@dataclass(frozen=True)
class ReportedOfCommit:
    """Gates of whatever is built of a commit: told by who knows the commit, and not what it became."""

    application: str
    commit: str
    gates: tuple[ReportedGate, ...]
