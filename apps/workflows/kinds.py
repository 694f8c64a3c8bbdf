"""Step kinds and repayers: registered by the floors above, looked up by name when a row says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from apps.workflows.plans import Done, Outcome

if TYPE_CHECKING:
    from apps.workflows.context import Context
    from apps.workflows.models import Borrowed

Repayer = Callable[["Context", "Borrowed"], Outcome]

_kinds: dict[str, StepKind] = {}
_repayers: dict[str, Repayer] = {}


class StepKind:
    """One kind of step. `run` and `undo` look, act at most once, and answer; they never sleep.

    Either may be called again at any point after a crash: describe first, then act.
    """

    slug: ClassVar[str]

    def run(self, context: Context) -> Outcome:
        raise NotImplementedError

    def undo(self, context: Context) -> Outcome:
        """Puts back what `run` did, if it did anything. By default there is nothing to put back."""
        return Done()


def register(kind: type[StepKind]) -> type[StepKind]:
    """Class decorator: makes a step kind known by its slug."""
    if kind.slug in _kinds and type(_kinds[kind.slug]) is not kind:
        raise ValueError(f"two step kinds are called {kind.slug}")
    _kinds[kind.slug] = kind()
    return kind


def repayer(slug: str) -> Callable[[Repayer], Repayer]:
    """Decorator: makes a function known as the way to repay what was borrowed as `slug`."""

    def decorate(function: Repayer) -> Repayer:
        _repayers[slug] = function
        return function

    return decorate


def kind(slug: str) -> StepKind:
    """The step kind called `slug`. Raises KeyError if this release does not know it."""
    return _kinds[slug]


def repay_with(slug: str) -> Repayer:
    """The repayer of `slug`. Raises KeyError if this release does not know it."""
    return _repayers[slug]


def slugs() -> frozenset[str]:
    """The slugs of all step kinds, derived from what is registered."""
    return frozenset(_kinds)
