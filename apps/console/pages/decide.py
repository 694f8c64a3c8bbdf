"""What a person may decide about a deployment, each choice with what it would do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChoiceCard:
    """One choice. `steps` are what it would do, in their order; `why_not` is empty where it can be chosen now."""

    slug: str
    title: str
    says: str
    button: str
    why_not: str = ""
    primary: bool = False
    danger: bool = False
    steps: tuple[str, ...] = ()
