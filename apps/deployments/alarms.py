"""Alarms that we made for a group: AWS deletes with it only those that do nothing else, so we do, and only ours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from apps.cloud.aws import alarms
from apps.cloud.aws.session import changing_calls_before
from apps.cloud.values import AlarmState
from apps.deployments.carry.policies import ACTIONS
from apps.deployments.ledger import owed_by, standing
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place
from apps.workflows.context import Context
from apps.workflows.kinds import repayer
from apps.workflows.models import Borrowed
from apps.workflows.plans import Change, Done, NeedsPerson, Outcome

ALARMS = "alarms"  # original: the names of the alarms that we made for the group
# what deleting a group calls beside that, where we gave it alarms or protection
GIVEN = ("autoscaling:UpdateAutoScalingGroup", "cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms")


def is_of(alarm: AlarmState, group: str) -> bool:
    """Whether an alarm triggers a scaling policy of a group of this name."""
    return any(_named(group) in action for action in _scaling(alarm))


def note(context: Context, place: Place, group: str, names: Collection[str]) -> None:
    """Enters in the ledger that these alarms are about to be made; they stay as long as the group does."""
    resource = place.resource(group)
    owed = context.owed(ALARMS, resource)
    everything = sorted({*names, *(owed.original if owed else ())})
    if owed and owed.original != everything:
        context.repaid(owed)  # its names are in the new entry
    context.borrow(ALARMS, resource, everything, says=f"alarms {', '.join(everything)} made for {group}", keep=True)


@dataclass(frozen=True)
class Buried:
    """What goes with a group that is gone: the keys of all that is owed to it, and what was deleted for it."""

    repaid: tuple[int, ...]
    changes: tuple[Change, ...] = ()


def buried(context: Context, place: Place, group: str) -> Buried:
    """Deletes the alarms that we made for a group that is gone. Raises LookAgain while AWS may be late to show one."""
    item = context.owed(ALARMS, place.resource(group))
    if item is None:
        return Buried(owed_by(place.resource(group)))
    known = context.memory.get("alarms", {})
    deleted: list[str] = known.get("deleted", []) if known.get("item") == item.pk else []
    found = _deletable(place, group, item)
    if found:
        deleted = sorted({*deleted, *found})
        context.remember(alarms={"item": item.pk, "deleted": deleted})
        alarms.delete_alarms(place.target, found)
    if not set(deleted) >= set(item.original) and context.elapsed < APPEARS_WITHIN:
        raise LookAgain(f"Making sure that none of the alarms of {group} is left.")
    return Buried(owed_by(place.resource(group)), (_deleted(place, group, deleted),) if deleted else ())


@repayer(ALARMS)
def repay_alarms(context: Context, item: Borrowed) -> Outcome:
    """Deletes the alarms of a group that is gone; those of one that stands stay."""
    place, group = standing(context, item)
    if group:
        return NeedsPerson(f"{group.name} stands, and its alarms with it.")
    name = item.resource.split("/")[-1]
    gone = _deletable(place, name, item)
    if gone:
        with changing_calls_before(context.fence):
            alarms.delete_alarms(place.target, gone)
    return Done(changes=(_deleted(place, name, gone),) if gone else ())


def _deleted(place: Place, group: str, names: Collection[str]) -> Change:
    listed = list(names)
    return place.change("alarms_deleted", group, f"{', '.join(listed)} deleted with {group}", before={"alarms": listed})


def _deletable(place: Place, group: str, item: Borrowed) -> list[str]:
    """The names of those of the alarms that are still there.

    With the group its policies went, and out of the actions of its alarms. One that triggers another group's by now is
    somebody else's.
    """
    return [alarm.name for alarm in alarms.describe_alarms(place.target, item.original) if not _others(alarm, group)]


def _others(alarm: AlarmState, group: str) -> bool:
    return any(_named(group) not in action for action in _scaling(alarm))


def _scaling(alarm: AlarmState) -> list[str]:
    """The alarm's actions that are scaling policies."""
    actions = [action for member in ACTIONS for action in alarm.raw.get(member) or ()]
    return [action for action in actions if ":scalingPolicy:" in action]


def _named(group: str) -> str:
    return f":autoScalingGroupName/{group}:"
