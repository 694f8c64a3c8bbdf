"""Step kinds and repayers: registered by the floors above, looked up by name when a row says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from apps.workflows.plans import Done, Outcome

if TYPE_CHECKING:
    from apps.workflows.context import Context
    from apps.workflows.models import Borrowed

Repayer = Callable[["Context", "Borrowed"], Outcome]

_kinds: dict[str, StepKind] = {}
_repayers: dict[str, Repayer] = {}


class Unknown(Exception):
    """A row names what only another release knows: another worker may, or a person must look; nothing is undone."""

    retryable = True

    def __init__(self, what: str) -> None:
        super().__init__(f"The worker that looked does not know {what}, which another release may")


class StepKind:
    """One kind of step. `run` and `undo` look, act at most once, and answer; they never sleep.

    Either may be called again at any point after a crash: describe first, then act.
    """

    slug: ClassVar[str]
    skippable: ClassVar[bool] = False  # whether the steps after it can do without it

    def run(self, context: Context) -> Outcome:
        raise NotImplementedError

    def undo(self, context: Context) -> Outcome:
        """Puts back what `run` did, if it did anything. By default there is nothing to put back."""
        return Done()

    def afresh(self, memory: Mapping[str, Any]) -> dict[str, Any]:
        """What stands of its memory when a person has it tried again: `elapsed` begins anew, intents stay."""
        return dict(memory)


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
    """The step kind called `slug`. Raises Unknown if this release does not know it."""
    if slug not in _kinds:
        raise Unknown(f"step kind {slug}")
    return _kinds[slug]


def repay_with(slug: str) -> Repayer:
    """The repayer of `slug`. Raises Unknown if this release does not know it."""
    if slug not in _repayers:
        raise Unknown(f"a way to give back {slug}")
    return _repayers[slug]


def slugs() -> frozenset[str]:
    """The slugs of all step kinds, derived from what is registered."""
    return frozenset(_kinds)
