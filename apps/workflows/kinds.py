"""Step kinds, repayers, keepers and planners: registered by the floors above, looked up by name when a row says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from apps.workflows.plans import Change, Done, Failed, Outcome, Planned
from apps.workflows.states import RunState

if TYPE_CHECKING:
    from apps.workflows.context import Context
    from apps.workflows.models import Borrowed

Repayer = Callable[["Context", "Borrowed"], Outcome]
Keeper = Callable[["Borrowed"], str]
Planner = Callable[["Context"], "Planned | Outcome"]

_kinds: dict[str, StepKind] = {}
_repayers: dict[str, Repayer] = {}
_keepers: dict[str, Keeper] = {}
_planners: dict[str, Planner] = {}


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

    def given_up(self, context: Context, failed: Failed) -> Outcome:
        """What a step answers that failed, raised what does not pass, or took too long. By default: that it failed."""
        del context
        return failed

    def untold(self, memory: Mapping[str, Any]) -> tuple[Change, ...]:
        """What it changed by now, as its memory says, of which no event tells yet."""
        del memory
        return ()

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


def keeper(*slugs: str) -> Callable[[Keeper], Keeper]:
    """Decorator: makes a function known as the judge of whether what is borrowed so rightly outlives its owner.

    It is asked of what its owner did not leave so by its plan. It answers why, in a sentence, or an empty one where
    the item is to be given back; it reads rows only.
    """

    def decorate(function: Keeper) -> Keeper:
        _keepers.update(dict.fromkeys(slugs, function))
        return function

    return decorate


def planner(kind: str) -> Callable[[Planner], Planner]:
    """Decorator: makes a function known as the one that plans runs of a kind which waited for their lock.

    It is called by a worker under the run's lease, and may read the world outside. It answers Planned; Wait, to be
    called again; or Failed, which ends the run before its first effect.
    """

    def decorate(function: Planner) -> Planner:
        _planners[kind] = function
        return function

    return decorate


def why_kept(item: Borrowed) -> str:
    """Why something borrowed rightly outlives its owner, in a sentence; empty where it is to be given back."""
    if item.keep and item.run.state == (RunState.UNDONE if item.undoing else RunState.SUCCEEDED):
        return "it stays so, as planned"
    return _keepers.get(item.kind, _never)(item)


def has_planner(kind: str) -> bool:
    return kind in _planners


def plan_with(kind: str) -> Planner:
    """The planner of a kind of run. Raises Unknown if this release does not know it."""
    if kind not in _planners:
        raise Unknown(f"how to plan a {kind}")
    return _planners[kind]


def kind(slug: str) -> StepKind:
    """The step kind called `slug`. Raises Unknown if this release does not know it."""
    if slug not in _kinds:
        raise Unknown(f"step kind {slug}")
    return _kinds[slug]


def given_up(slug: str, context: Context, failed: Failed) -> Outcome:
    """What a step of this kind makes of its failure; a kind that this release does not know, nothing."""
    return _kinds[slug].given_up(context, failed) if slug in _kinds else failed


def untold(slug: str, memory: Mapping[str, Any]) -> tuple[Change, ...]:
    """What a step of this kind changed, which nobody was told of yet."""
    return _kinds[slug].untold(memory) if slug in _kinds else ()


def repay_with(slug: str) -> Repayer:
    """The repayer of `slug`. Raises Unknown if this release does not know it."""
    if slug not in _repayers:
        raise Unknown(f"a way to give back {slug}")
    return _repayers[slug]


def slugs() -> frozenset[str]:
    """The slugs of all step kinds, derived from what is registered."""
    return frozenset(_kinds)


def _never(item: Borrowed) -> str:
    del item
    return ""
