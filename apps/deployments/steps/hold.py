"""Holding a group that stands by at its size: the processes that could shrink it are suspended, and resumed later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState
from apps.deployments.ledger import PROCESSES, SIZE, fitting, going_back, resized, sizes
from apps.deployments.place import Place, find
from apps.deployments.steps.base import READ_GROUPS, CloudStep, tell
from apps.deployments.steps.size_group import keep_min
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.models import Borrowed
from apps.workflows.plans import Done, Outcome

HOLD = ("autoscaling:ResumeProcesses", "autoscaling:SuspendProcesses")


def hold(context: Context, place: Place, group: GroupState, processes: Sequence[str]) -> None:
    """Suspends those of the processes that run, entering them in the ledger first; kept while the group stands by."""
    item = context.owed(PROCESSES, place.resource(group.name))
    running = item.original if item else [process for process in processes if process not in group.suspended]
    if not running:
        return
    context.borrow(PROCESSES, place.resource(group.name), running, says=f"{_held(running, group)} held", keep=True)
    summary = f"{_held(running, group)} suspended"
    tell(context, place.change("processes_suspended", group.name, summary, after={"suspended": running}))
    autoscaling.suspend(place.target, group.name, [process for process in running if process not in group.suspended])


def stands_by(context: Context, place: Place, name: str, taken: Done) -> Done:
    """The end of taking a group's traffic: it is held, whoever took the traffic, and its min is its own again.

    The min was held while the group had a part of the traffic; from now on nothing shrinks it anyway.
    """
    group = find(context, place, name).get(name)
    if group is None or group.status:
        return taken
    hold(context, place, group, context.params.get("processes", ()))
    item = context.owed(SIZE, place.resource(name))
    if item is None:
        return taken
    back, but = going_back(item, group)
    after = fitting(back, group.desired)
    autoscaling.update_group(place.target, name, min_size=after["min"], max_size=after["max"])
    return _and(taken, Done(changes=(resized(place, name, sizes(group), after, but),), repaid=(item.pk,)))


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
    return _and(given, _release(place, name, group, item))


def _release(place: Place, name: str, group: GroupState | None, item: Borrowed) -> Done:
    """Resumes what we suspended, and nothing else."""
    if group is None or group.status:
        return Done(f"{name} is gone", repaid=(item.pk,))
    autoscaling.resume(place.target, name, item.original)  # whatever a read shows that may be behind
    says = f"resumed {', '.join(item.original)}"
    change = place.change("processes_resumed", name, f"{name}: {says}", before={"suspended": item.original})
    return Done(says, changes=(change,), repaid=(item.pk,))


def _and(first: Done, then: Done) -> Done:
    return replace(first, changes=(*first.changes, *then.changes), repaid=(*first.repaid, *then.repaid))


def _held(running: Sequence[str], group: GroupState) -> str:
    return f"{', '.join(running)} of {group.name}"


@register
class ReleaseSize(CloudStep):
    """The way back: a group that serves again scales by its own processes again."""

    slug = "release-size"
    calls = (*READ_GROUPS, *HOLD)
    undo_title = "Hold {group} at its size again"

    def act(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        item = context.owed(PROCESSES, place.resource(name))
        return _release(place, name, find(context, place, name).get(name), item) if item else Done("nothing was held")

    def revert(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        group = find(context, place, name).get(name)
        if group is None or group.status:
            return Done(f"{name} is gone")
        hold(context, place, group, context.params["processes"])
        return Done(f"{name} is held at its size")
