"""What a kind of resource must be able to tell and do, and who else may say that something is needed or has to wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone

from apps.images.janitor.afresh import Looks
from apps.images.models import JanitorRules, Keep, Mark
from apps.inventory.models import Environment

TAG = "keep"  # on AWS: whatever its value, but for those in NOT
NOT = frozenset({"", "false", "no", "0"})
# In a mark's memory: a call that deletes may have been sent; what is left of a resource that is gone, and why
ACTED, LEFT = "acted", "left"


class Waits(Exception):
    """A deletion cannot go on now, through nobody's fault; the text says why. It is tried again."""


@dataclass(frozen=True)
class Thing:
    """A resource that was looked at, as rows tell of it."""

    region: str
    resource: str
    called: str
    application: str
    since: datetime | None  # from when on it was of no use, as far as is known
    because: str  # why it may go
    stays: str = ""  # why it stays; empty: it may go


class Kind:
    """A kind of resource. `things` reads rows alone; `objection` reads AWS; only `delete` changes anything."""

    slug: ClassVar[str]
    title: ClassVar[str]
    shape: ClassVar[str] = r".+"  # of a name, as a regular expression
    example: ClassVar[str] = ""  # of a name
    calls: ClassVar[tuple[str, ...]] = ()  # changing calls on AWS, as IAM names them

    def things(self, environment: Environment, rules: JanitorRules, now: datetime) -> Iterable[Thing]:
        """Every resource of the kind, whether it may go or not. The queries do not grow with the resources."""
        raise NotImplementedError

    def knows(self, environment: Environment, region: str, resource: str) -> bool:
        """Whether rows tell of a resource of this name there, also of one that need not be looked after now."""
        rules = JanitorRules.objects.filter(environment=environment).first() or JanitorRules(environment=environment)
        found = self.things(environment, rules, timezone.now())
        return any((each.region, each.resource) == (region, resource) for each in found)

    def objection(self, mark: Mark, rules: JanitorRules, looks: Looks) -> str:
        """By fresh reads, or those of `looks`, why it stays after all; empty if it may go. Raises CloudError where AWS
        cannot be read.
        """
        raise NotImplementedError

    def prepare(self, mark: Mark) -> Mapping[str, Any]:
        """By fresh reads, what `delete` must know once the resource is gone; it is kept before the first effect."""
        del mark
        return {}

    def standing(self, mark: Mark) -> bool:
        """Whether AWS shows it. Raises CloudError."""
        raise NotImplementedError

    def delete(self, mark: Mark) -> bool:
        """Looks, acts, and answers whether nothing of it is left. May be repeated after any end. Raises CloudError and
        Waits.
        """
        raise NotImplementedError


_kinds: dict[str, Kind] = {}


def register(cls: type[Kind]) -> type[Kind]:
    """Class decorator: makes a kind known."""
    _kinds[cls.slug] = cls()
    return cls


def all_kinds() -> dict[str, Kind]:
    """Every kind by its slug, in their order."""
    return dict(sorted(_kinds.items()))


def kind(slug: str) -> Kind:
    """Raises KeyError."""
    return _kinds[slug]


Needs = Callable[[], Mapping[str, str]]
Holds = Callable[[str, str], str]

_needs: list[Needs] = []
_holds: list[Holds] = []


def needs(function: Needs) -> Needs:
    """Registers who needs AMIs beside what runs: by id, why, in a sentence."""
    _needs.append(function)
    return function


def holds(function: Holds) -> Holds:
    """Registers who holds deletions back: of an environment and an application, by name, why; empty if nobody does."""
    _holds.append(function)
    return function


def needed() -> dict[str, str]:
    """The AMIs that something needs, by id, with why."""
    found: dict[str, str] = {}
    for each in _needs:
        found |= each()
    return found


def held(environment: str, application: str) -> str:
    """Why nothing of an application is deleted in an environment now; empty if it may be."""
    return next((why for each in _holds if (why := each(environment, application))), "")


def kept(environment: Environment, slug: str) -> dict[tuple[str, str], str]:
    """What people keep of a kind, by region and resource, with who does; also by another environment of the account."""
    rows = Keep.objects.filter(environment__account_id=environment.account_id, kind=slug)
    return {
        (row.region, row.resource): f"{row.actor} keeps it{f': {row.reason}' if row.reason else '.'}" for row in rows
    }


def tagged(tags: Mapping[str, str]) -> str:
    """That a tag on AWS says that it is to be kept; empty where none does."""
    value = tags.get(TAG)
    return f"It has the tag {TAG}={value}." if value is not None and value.strip().lower() not in NOT else ""


def too_young(since: datetime, days: int, now: datetime, what: str) -> str:
    """That so many days are not over; empty when they are. `what` begins the sentence: "It was last used"."""
    if now - since >= timedelta(days=days):
        return ""
    return f"{what} {since:%Y-%m-%d %H:%M} UTC, less than {days} days ago."
