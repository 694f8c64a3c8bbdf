"""Replacing a group's instances in place, a few at a time, the new before the old. Pure: a look in, the next act out.

`surge` is how many instances the group has been given beyond what Auto Scaling wants of it. Each termination takes one
of them back (it lowers desired by one), so that what Auto Scaling wants is `desired - surge` as long as nobody else
sets desired. Whoever does sets all of it, so all of it counts as wanted then, and surge starts at 0 again.
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


@dataclass(frozen=True)
class Healthy:
    """Ids of instances: those in service and healthy in every target group, and those healthy in any (they serve)."""

    everywhere: Collection[str]
    anywhere: Collection[str]


def next_act(group: GroupState, healthy: Healthy, wanted: Wanted, surge: int, batch: int) -> Act:
    """What to do now; `batch` is at least 1.

    An instance that is wholly healthy is ended only while more are so than Auto Scaling wants; any other, which may be
    sick for a moment only, once a wholly healthy new one stands in its place.
    """
    good, wish = healthy.everywhere, wish_of(group, surge)
    surge = group.desired - wish
    left = list(old(group, wanted))
    if not left:
        if surge:
            return GiveBack(wish) if _whole(group, good, wish) else Look()
        return Complete() if _whole(group, good, wish) else Look()
    if not surge:
        added = min(batch, len(left))
        return Raise(wish + added, added)
    victim = _victim(group, left, healthy, wish)
    return Terminate(victim) if victim else Look()


def next_for_one(group: GroupState, healthy: Healthy, surge: int, *, instance: str, stood: Collection[str]) -> Act:
    """What to do now so that one instance is replaced; `stood` are the ids of those that were there before.

    It is ended once one that was launched since is wholly healthy; if it may serve itself, only while so many others
    are wholly healthy as Auto Scaling wants. One that a person puts in Standby meanwhile is left alone.
    """
    wish = wish_of(group, surge)
    surge = group.desired - wish
    member = next((one for one in present(group) if one.id == instance), None)
    if member is None:
        return GiveBack(wish) if surge else Complete()
    if in_standby(member):
        return Look()
    if not surge:
        return Raise(wish + 1, 1)
    others = set(healthy.everywhere) - {instance}
    spared = instance not in healthy.anywhere or len(others) >= wish
    return Terminate(member) if spared and others - set(stood) else Look()


def back_from_one(group: GroupState, healthy: Healthy, surge: int, *, stood: Collection[str]) -> Act:
    """What to do now so that a group has its size again; of those launched since, one that serves nowhere goes first.

    Only where none was launched Auto Scaling is told the size alone: it would end one of its own choice.
    """
    wish = wish_of(group, surge)
    if group.desired == wish:
        return Complete()
    members = [one for one in present(group) if not in_standby(one)]
    new = [one for one in members if one.id not in stood]
    if not new or len(members) <= wish:
        return GiveBack(wish)
    good, serving = healthy.everywhere, healthy.anywhere
    return Terminate(min(new, key=lambda one: (one.id in good, one.id in serving, one.id)))


def wish_of(group: GroupState, surge: int) -> int:
    """How many instances Auto Scaling wants without the surge: never fewer than min, whoever raised that."""
    return max(group.desired - surge, group.min_size)


def surge_in(group: GroupState, own_max: int) -> int:
    """How much of a desired that somebody else set is still surge: what is above the group's own max, else nothing."""
    return max(group.desired - own_max, 0)


def old(group: GroupState, wanted: Wanted) -> Iterator[MemberState]:
    """The instances still to be replaced: not those that are going already, nor those a person has in Standby."""
    staying = (member for member in present(group) if not in_standby(member))
    return (member for member in staying if not launched_from(member, wanted))


def present(group: GroupState) -> Iterator[MemberState]:
    """The instances that are not going."""
    return (member for member in group.members if not is_going(member))


def is_going(member: MemberState) -> bool:
    return member.lifecycle_state.startswith(("Terminat", "Detach"))


def in_standby(member: MemberState) -> bool:
    return member.lifecycle_state in {"EnteringStandby", "Standby"}


def launched_from(member: MemberState, wanted: Wanted) -> bool:
    source = member.launch_template
    return source is not None and (source.id, source.version) == (wanted.template, wanted.version)


def _whole(group: GroupState, good: Collection[str], wish: int) -> bool:
    return len(good) >= wish > 0 and all(member.id in good for member in group.in_service)


def _victim(group: GroupState, left: list[MemberState], healthy: Healthy, wish: int) -> MemberState | None:
    """One that is not wholly healthy, those that serve nowhere first; else one that can be spared.

    It is of the zone that has most then, so that zones stay even.
    """
    good = set(healthy.everywhere)
    ailing = [member for member in left if member.id not in good]
    if ailing and len(good | {member.id for member in left}) > wish:
        return min(ailing, key=lambda member: (member.id in healthy.anywhere, member.id))
    sound = [member for member in left if member.id in good]
    if not sound or len(good) <= wish:
        return None
    crowd = Counter(member.zone for member in present(group))
    return max(sound, key=lambda member: (crowd[member.zone], member.id))
