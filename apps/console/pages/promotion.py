"""Promotions on an AMI's page, and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import Action, State
from apps.console.pages.deployment import RunPage


@dataclass(frozen=True)
class PromotionLine:
    """A promotion in a list; `says` is what it waits for, or why it did not go well."""

    id: int
    standing: State
    source: str
    target: str
    actor: str
    reason: str
    at: datetime
    revoked: str = ""  # who took it back, or is about to, and why
    what: str = ""
    image: str = ""
    says: str = ""


@dataclass(frozen=True)
class PromotionsPart:
    """What an AMI's page says of promotions: those that were, and buttons for those that can be."""

    lines: tuple[PromotionLine, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What speaks for a promotion, in words; `gates` are name, state and link, `serves` sentences."""

    facts: tuple[tuple[str, str], ...]
    gates: tuple[tuple[str, State, str], ...]
    serves: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PromotionPage(RunPage):
    """`images` are region, AMI id and the snapshots that go with it."""

    image: str
    images: tuple[tuple[str, str, str], ...]
    evidence: Evidence
    standing: State
