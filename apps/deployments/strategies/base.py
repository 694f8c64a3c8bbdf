"""What a strategy is: options, and a pure function from a situation to a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.workflows.options import OptionSpec, json_schema, specs

if TYPE_CHECKING:
    from apps.deployments.requests import Preview
    from apps.deployments.situation import Situation

_strategies: dict[str, Strategy] = {}


@dataclass(frozen=True)
class Strategy:
    """A way to push. `plan(situation, options)` reads nothing and changes nothing; `summary` is one line for people.

    `check(options)` answers errors that concern several options at once: field to sentence.
    """

    slug: str
    title: str
    summary: str
    options_type: type
    plan: Callable[[Situation, Any], Preview]
    check: Callable[[Any], dict[str, str]] = lambda _options: {}

    @property
    def options(self) -> tuple[OptionSpec, ...]:
        return specs(self.options_type)

    @property
    def schema(self) -> dict[str, Any]:
        return json_schema(self.options_type)


def register(strategy: Strategy) -> Strategy:
    """Makes a strategy known by its slug."""
    _strategies[strategy.slug] = strategy
    return strategy


def known() -> dict[str, Strategy]:
    """Every strategy by slug, in the order of their slugs."""
    return dict(sorted(_strategies.items()))
