"""What people may choose: a way to push, to install a package, or to change a group by hand; all there are of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from apps.workflows.options import OptionSpec, json_schema, specs


@dataclass(frozen=True)
class Offered:
    """`title` is what a button says, `summary` one line for people; the options describe themselves."""

    slug: str
    title: str
    summary: str
    options_type: type

    @property
    def options(self) -> tuple[OptionSpec, ...]:
        return specs(self.options_type)

    @property
    def schema(self) -> dict[str, Any]:
        return json_schema(self.options_type)


T = TypeVar("T", bound=Offered)


class Register(Generic[T]):
    """All that is offered of one kind."""

    def __init__(self) -> None:
        self._known: dict[str, T] = {}

    def add(self, offered: T) -> T:
        """Makes it known by its slug."""
        self._known[offered.slug] = offered
        return offered

    def all(self) -> dict[str, T]:
        """Every one by slug, in the order of their slugs."""
        return dict(sorted(self._known.items()))
