"""Holding a group that stands by at its size: the processes that could shrink it are suspended, and resumed later."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from apps.cloud.aws import autoscaling
from apps.cloud.aws.guard import refuse_while_looking
from apps.cloud.values import GroupState
from apps.deployments.ledger import PROCESSES, SIZE, fitting, going_back, resized
from apps.deployments.place import Place, find
from apps.deployments.steps.base import READ_GROUPS, CloudStep, tell
from apps.deployments.steps.size_group import OWN, keep_min
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.models import Borrowed
from apps.workflows.plans import Done, Outcome

HOLD = ("autoscaling:ResumeProcesses", "autoscaling:SuspendProcesses")


def hold(context: Context, place: Place, group: GroupState) -> None:
    """The last thing before a group's traffic leaves, or the first once it has none: nothing shrinks it from now on.

    So its min, held while a part of its traffic was elsewhere, goes back. Only in a step that says which `processes`.
    """
    if "processes" in context.params:
        _suspend(context, place, group, context.params["processes"])
        _with_own_bounds(context, place, group)


def scales_again(context: Context, place: Place, name: str, given: Done) -> Done:
    """The end of giving a group its traffic back: it scales by itself from now on, as far as this run held it.

    Only upwards: until the other group has gone, the alarms of either see a part of the load, so its min is held.
    """
    item = context.owed(PROCESSES, place.resource(name))
    if item is None or item.run_id != context.run_id:
        return given
    group = find(context, place, name).get(name)
    if group and not group.status:
        keep_min(context, place, group)
    resumed = _release(place, name, group, item)
    return replace(given, changes=(*given.changes, *resumed.changes), repaid=(*given.repaid, *resumed.repaid))


def _suspend(context: Context, place: Place, group: GroupState, processes: Sequence[str]) -> None:
    """Suspends those of the processes that run, entering them in the ledger first; kept while the group stands by."""
    item = context.owed(PROCESSES, place.resource(group.name))
    ours = item.original if item else [process for process in processes if process not in group.suspended]
    running = [process for process in ours if process not in group.suspended]
    if not running and (item is None or item.run_id == context.run_id):
        return
    if running:
        refuse_while_looking("SuspendProcesses")  # before anything is written of a call that is not sent
    _borrow(context, place, group, ours)
    if running:
        _suspended(context, place, group, ours)
        autoscaling.suspend(place.target, group.name, running)


def _borrow(context: Context, place: Place, group: GroupState, ours: Sequence[str]) -> None:
    says = f"{', '.join(ours)} of {group.name} held"
    context.borrow(PROCESSES, place.resource(group.name), list(ours), says=says, keep=True)


def _suspended(context: Context, place: Place, group: GroupState, ours: Sequence[str]) -> None:
    summary = f"{', '.join(ours)} of {group.name} suspended"
    tell(context, place.change("processes_suspended", group.name, summary, after={"suspended": list(ours)}))


def _with_own_bounds(context: Context, place: Place, group: GroupState) -> None:
    item = context.owed(SIZE, place.resource(group.name))
    if item is None:
        return
    back, but = going_back(item, group)
    after = {member: value for member, value in fitting(back, group.desired).items() if member != "desired"}
    ours = {member: values for member, values in (item.changed_to or {}).items() if member in after and values}
    before = {member: values[-1] for member, values in ours.items()}
    refuse_while_looking("UpdateAutoScalingGroup")
    given = {group.name: {member: [after[member], values] for member, values in ours.items()}}
    context.remember(**{OWN: {"at": time.time(), "of": given}})
    tell(context, resized(place, group.name, before, {member: after[member] for member in before}, but))
    autoscaling.update_group(place.target, group.name, min_size=after["min"], max_size=after["max"])
    context.repaid(item)


def _release(place: Place, name: str, group: GroupState | None, item: Borrowed) -> Done:
    """Resumes what we suspended, and nothing else."""
    if group is None or group.status:
        return Done(f"{name} is gone", repaid=(item.pk,))
    autoscaling.resume(place.target, name, item.original)  # whatever a read shows that may be behind
    says = f"resumed {', '.join(item.original)}"
    change = place.change("processes_resumed", name, f"{name}: {says}", before={"suspended": item.original})
    return Done(says, changes=(change,), repaid=(item.pk,))


@register
class ReleaseSize(CloudStep):
    """The way back: a group that serves again scales by its own processes again."""

    slug = "release-size"
    calls = (*READ_GROUPS, *HOLD)
    undo_title = "Hold {group} at its size again"

    def act(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        item = context.owed(PROCESSES, place.resource(name))
        if item is None:
            return Done("nothing was held")
        context.remember(resumed=item.original)
        return _release(place, name, find(context, place, name).get(name), item)

    def revert(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        group, resumed = find(context, place, name).get(name), context.memory.get("resumed")
        if not resumed:
            return Done("nothing was resumed")
        if group is None or group.status:
            return Done(f"{name} is gone")
        _borrow(context, place, group, resumed)
        _suspended(context, place, group, resumed)
        autoscaling.suspend(place.target, name, resumed)  # whatever a read shows that may be behind
        return Done(f"{name} is held at its size")
