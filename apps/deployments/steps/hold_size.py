"""Holding a group that stands by at its size: the processes that could shrink it are suspended, and resumed later."""

from __future__ import annotations

from dataclasses import replace

from apps.cloud.aws import autoscaling
from apps.deployments.ledger import PROCESSES, SIZE, fitting, going_back, resized, sizes
from apps.deployments.place import Place, find
from apps.deployments.steps.base import READ_GROUPS, CloudStep
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.models import Borrowed
from apps.workflows.plans import Done, Outcome


def hold(context: Context, place: Place, name: str, processes: list[str]) -> Done:
    """Suspends those of the processes that run, entering them in the ledger first; kept while the group stands by."""
    group = find(context, place, name).get(name)
    if group is None or group.status:
        return Done(f"{name} is gone")
    item = context.owed(PROCESSES, place.resource(name))
    running = item.original if item else [process for process in processes if process not in group.suspended]
    context.borrow(PROCESSES, place.resource(name), running, says=f"{', '.join(running)} of {name} held", keep=True)
    autoscaling.suspend(place.target, name, [process for process in running if process not in group.suspended])
    summary = f"{', '.join(running)} of {name} suspended"
    return Done(changes=(place.change("processes_suspended", name, summary, after={"suspended": running}),))


def release(context: Context, place: Place, name: str) -> Outcome:
    """Resumes what we suspended, and nothing else."""
    item = context.owed(PROCESSES, place.resource(name))
    if item is None:
        return Done("nothing was held")
    group = find(context, place, name).get(name)
    if group is None or group.status:
        return Done(f"{name} is gone", repaid=(item.pk,))
    autoscaling.resume(place.target, name, item.original)  # whatever a read shows that may be behind
    says = f"resumed {', '.join(item.original)}"
    change = place.change("processes_resumed", name, f"{name}: {says}", before={"suspended": item.original})
    return Done(says, changes=(change,) if item.original else (), repaid=(item.pk,))


@register
class HoldSize(CloudStep):
    slug = "hold-size"
    calls = (
        *READ_GROUPS,
        "autoscaling:ResumeProcesses",
        "autoscaling:SuspendProcesses",
        "autoscaling:UpdateAutoScalingGroup",
    )
    undo_title = "Let {group} scale by itself again, once it serves alone"

    def act(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        held, item = hold(context, place, name, context.params["processes"]), context.owed(SIZE, place.resource(name))
        return _with_own_bounds(context, place, name, held, item) if item else held

    def revert(self, context: Context, place: Place) -> Outcome:
        """The ledger gives the processes back at the end: while two groups serve, a group's own alarms would mislead.

        Between the return of its traffic and the leaving of the new group nothing may shrink it.
        """
        del place
        return Done(f"{context.params['group']} scales by itself again once everything else is put back")


def _with_own_bounds(context: Context, place: Place, name: str, held: Done, item: Borrowed) -> Done:
    """Its min, held while a part of its traffic was elsewhere, goes back: from now on nothing shrinks it anyway."""
    group = find(context, place, name).get(name)
    if group is None or group.status:
        return replace(held, repaid=(item.pk,))
    back, but = going_back(item, group)
    after = fitting(back, group.desired)
    autoscaling.update_group(place.target, name, min_size=after["min"], max_size=after["max"])
    return replace(held, changes=(*held.changes, resized(place, name, sizes(group), after, but)), repaid=(item.pk,))


@register
class ReleaseSize(CloudStep):
    """The way back: a group that serves again scales by its own processes again."""

    slug = "release-size"
    calls = (*READ_GROUPS, "autoscaling:ResumeProcesses", "autoscaling:SuspendProcesses")
    undo_title = "Hold {group} at its size again"

    def act(self, context: Context, place: Place) -> Outcome:
        return release(context, place, context.params["group"])

    def revert(self, context: Context, place: Place) -> Outcome:
        return hold(context, place, context.params["group"], context.params["processes"])
