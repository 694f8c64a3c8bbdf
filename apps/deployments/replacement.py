"""Replacing a group's instances in place, a few at a time, the new before the old. Pure: a look in, the next act out.

`surge` is how many instances the group has been given beyond what Auto Scaling wants of it. Each termination takes one
of them back (it lowers desired by one), so that what Auto Scaling wants is `desired - surge` at any time, whatever the
group's own policies do meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from apps.cloud.values import GroupState, MemberState


@dataclass(frozen=True)
class Wanted:
    """What each instance shall have been launched from: a template's id and a version's number as text."""

    template: str
    version: str


@dataclass(frozen=True)
class Raise:
    """Give the group this many instances, the surge among them."""

    desired: int
    surge: int


@dataclass(frozen=True)
class Terminate:
    """End this instance and lower desired by one."""

    member: MemberState


@dataclass(frozen=True)
class GiveBack:
    """Nothing is left to replace: lower desired to what Auto Scaling wants."""

    desired: int


@dataclass(frozen=True)
class Look:
    """Wait for instances to be healthy."""


@dataclass(frozen=True)
class Complete:
    """Every instance is of the wanted version, and healthy."""


Act = Raise | Terminate | GiveBack | Look | Complete


def next_act(group: GroupState, good: Collection[str], wanted: Wanted, surge: int, batch: int) -> Act:
    """What to do now. `good` are the instances in service and healthy wherever they serve; `batch` is at least 1.

    An instance that serves is ended only while more are healthy than Auto Scaling wants.
    """
    wish = group.desired - surge
    left = list(old(group, wanted))
    if not left:
        if surge:
            return GiveBack(wish) if _whole(group, good, wish) else Look()
        return Complete() if _whole(group, good, wish) else Look()
    if not surge:
        added = min(batch, len(left))
        return Raise(wish + added, added)
    victim = _victim(group, left, good, len(good) - wish)
    return Terminate(victim) if victim else Look()


def old(group: GroupState, wanted: Wanted) -> Iterator[MemberState]:
    """The instances still to be replaced; those that are going already are not among them."""
    return (member for member in present(group) if not launched_from(member, wanted))


def present(group: GroupState) -> Iterator[MemberState]:
    """The instances that are not going."""
    return (member for member in group.members if not is_going(member))


def is_going(member: MemberState) -> bool:
    return member.lifecycle_state.startswith(("Terminat", "Detach"))


def launched_from(member: MemberState, wanted: Wanted) -> bool:
    source = member.launch_template
    return source is not None and (source.id, source.version) == (wanted.template, wanted.version)


def _whole(group: GroupState, good: Collection[str], wish: int) -> bool:
    return len(good) >= wish > 0 and all(member.id in good for member in group.in_service)


def _victim(group: GroupState, left: list[MemberState], good: Collection[str], spare: int) -> MemberState | None:
    """One that does not serve; else, if any can be spared, one of the zone that has most, so that zones stay even."""
    idle = [member for member in left if member.id not in good]
    if idle:
        return min(idle, key=lambda member: member.id)
    if spare < 1:
        return None
    crowd = Counter(member.zone for member in present(group))
    return max(left, key=lambda member: (crowd[member.zone], member.id))
