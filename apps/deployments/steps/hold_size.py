"""Holding a group that stands by at its size: the processes that could shrink it are suspended, and resumed later."""

from __future__ import annotations

from dataclasses import replace

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState
from apps.deployments.ledger import PROCESSES, SIZE, fitting, going_back, resized, sizes
from apps.deployments.place import Place, find
from apps.deployments.steps.base import READ_GROUPS, CloudStep, pause, tell
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.models import Borrowed
from apps.workflows.plans import Done, Outcome, Wait

SCALES_AGAIN_AFTER = 10.0  # seconds for which a group that is held may have to wait for the one that takes its traffic


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


def goes_on_serving(context: Context, place: Place, group: GroupState, says: str) -> Wait:
    """A held group cannot leave yet: where that lasts, it scales by itself again, for it carries the load."""
    item = context.owed(PROCESSES, place.resource(group.name))
    held = [process for process in item.original if process in group.suspended] if item else []
    if held and context.elapsed >= SCALES_AGAIN_AFTER:
        words = f"{group.name}: resumed {', '.join(held)}, for it goes on serving"
        tell(context, place.change("processes_resumed", group.name, words, before={"suspended": held}))
        autoscaling.resume(place.target, group.name, held)
    return Wait(pause(context), says)


def scales_again(context: Context, place: Place, name: str) -> None:
    """A group that serves alone again scales by itself from now on, whatever is still to be put back."""
    item = context.owed(PROCESSES, place.resource(name))
    group = find(context, place, name).get(name) if item else None
    if item is None or group is None or group.status:
        return
    words = f"{name}: resumed {', '.join(item.original)}"
    tell(context, place.change("processes_resumed", name, words, before={"suspended": item.original}))
    autoscaling.resume(place.target, name, [process for process in item.original if process in group.suspended])
    context.repaid(item)


def held_again(context: Context, place: Place, group: GroupState) -> Wait | None:
    """A group that is about to leave is held as it was, if it has scaled by itself since; None when it is held."""
    item = context.owed(PROCESSES, place.resource(group.name))
    runs = [process for process in item.original if process not in group.suspended] if item else []
    if not runs:
        return None
    words = f"{', '.join(runs)} of {group.name} suspended again"
    tell(context, place.change("processes_suspended", group.name, words, after={"suspended": runs}))
    autoscaling.suspend(place.target, group.name, runs)
    return Wait(pause(context), f"{group.name} is held at its size again before it leaves.")


def release(context: Context, place: Place, name: str) -> Outcome:
    """Resumes what we suspended, and nothing else."""
    item = context.owed(PROCESSES, place.resource(name))
    if item is None:
        return Done("nothing was held")
    group = find(context, place, name).get(name)
    if group is None or group.status:
        return Done(f"{name} is gone", repaid=(item.pk,))
    autoscaling.resume(place.target, name, [process for process in item.original if process in group.suspended])
    says = f"resumed {', '.join(item.original)}"
    change = place.change("processes_resumed", name, f"{name}: {says}", before={"suspended": item.original})
    return Done(says, changes=(change,), repaid=(item.pk,))


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
