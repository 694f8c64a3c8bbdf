"""What a strategy is: options, and a pure function from a situation to a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.workflows.offered import Offered, Register

if TYPE_CHECKING:
    from apps.deployments.requests import Preview
    from apps.deployments.situation import Situation


@dataclass(frozen=True)
class Strategy(Offered):
    """A way to push. `plan(situation, options)` reads nothing and changes nothing.

    `check(options)` answers errors that concern several options at once: field to sentence.
    """

    plan: Callable[[Situation, Any], Preview]
    check: Callable[[Any], dict[str, str]] = lambda _options: {}


strategies = Register[Strategy]()
register, known = strategies.add, strategies.all
